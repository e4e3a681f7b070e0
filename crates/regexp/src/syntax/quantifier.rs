//! Quantifiers.

use super::ast::INFINITE;
use super::parser::Parser;
use crate::error::Error;

impl Parser<'_> {
    /// Applies the quantifier that may stand here to the last term. `first`: groups and lookarounds before that term.
    pub(super) fn quantifier(&mut self, first: (u32, u32)) -> Result<(), Error> {
        let position = self.pos;
        let (min, max) = match self.peek_at(0) {
            Some('*') => (0, INFINITE),
            Some('+') => (1, INFINITE),
            Some('?') => (0, 1),
            Some('{') => match self.try_braces()? {
                Some((min, max, end)) => {
                    self.pos = end - 1;
                    (min, max)
                }
                None if self.unicode => return Err(Error::syntax("Incomplete quantifier", position)),
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        self.pos += 1;
        let greedy = !self.eat('?');
        self.repeat_last(first, min, max, greedy);
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}` at the current position, and where it ends. Consumes nothing.
    pub(super) fn try_braces(&self) -> Result<Option<(u32, u32, usize)>, Error> {
        let Some((min, mut end)) = self.number(self.pos + 1) else { return Ok(None) };
        let mut max = min;
        if self.unit_is(end, ',') {
            (max, end) = self.number(end + 1).unwrap_or((u64::MAX, end + 1));
        }
        if !self.unit_is(end, '}') {
            return Ok(None);
        }
        if min > max {
            return Err(Error::syntax("numbers out of order in {} quantifier", self.pos));
        }
        let clamp = |n: u64| u32::try_from(n).unwrap_or(INFINITE);
        Ok(Some((clamp(min), clamp(max), end + 1)))
    }

    fn number(&self, start: usize) -> Option<(u64, usize)> {
        let digits = self.source.get(start..)?.iter().take_while(|u| (0x30..0x3A).contains(*u));
        let (mut value, mut end) = (0_u64, start);
        for &digit in digits {
            value = value.saturating_mul(10).saturating_add(u64::from(digit) - 0x30);
            end += 1;
        }
        (end > start).then_some((value, end))
    }

    fn unit_is(&self, at: usize, c: char) -> bool {
        self.source.get(at).is_some_and(|&unit| u32::from(unit) == u32::from(c))
    }
}
