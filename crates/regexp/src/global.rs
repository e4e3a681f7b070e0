//! All matches of a subject: what `matchAll`, `replace` and `split` ask for.

use crate::checkpoint::Checkpoint;
use crate::engines::backtrack::Attempt;
use crate::engines::live::Live;
use crate::engines::pike::{self, NONE, Ticker};
use crate::engines::position::{Unit, is_boundary, is_high};
use crate::error::ExecError;
use crate::{Regex, Scratch, Subject};

impl Regex {
    /// Searches for matches one after the other, as `String.prototype.matchAll` does with a global expression: each from the end of
    /// the one before, from one character later if that one was empty, and exactly there if `sticky`. Calls `each` with their slots,
    /// as [`Regex::exec`] writes them.
    ///
    /// All of it together takes O(|program| x |subject|) steps without backreferences: when the searches have taken many more steps
    /// than their matches account for, the others are found in two passes over the rest of the subject. Groups within lookarounds
    /// are the exception: each match costs what the lookaround reads. With backreferences the budget is that of one search.
    ///
    /// It ends after `limit` matches, but gives all that there are once it has gone over to two passes, so that asking for them in
    /// pieces is linear too.
    ///
    /// # Errors
    ///
    /// [`ExecError`]; matches that were given before are right.
    ///
    /// # Example
    ///
    /// ```
    /// use sidelane_regexp::{Flags, Limits, Regex, Scratch, Subject, Unstoppable};
    ///
    /// let pattern: Vec<u16> = ".*[^A-Z]|[A-Z]".encode_utf16().collect();
    /// let regex = Regex::new(&pattern, Flags::default(), &Limits::default())?;
    /// let (text, mut scratch, mut found) = ("A".repeat(100_000), Scratch::new(), 0);
    /// let subject = Subject::Latin1(text.as_bytes());
    /// regex.find_all(subject, 0, false, usize::MAX, &mut scratch, &Unstoppable, &mut |_| found += 1)?;
    /// assert_eq!(found, 100_000);
    /// assert!(scratch.steps() < 2_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[allow(clippy::too_many_arguments)]
    pub fn find_all(
        &self,
        subject: Subject<'_>,
        start: usize,
        sticky: bool,
        limit: usize,
        scratch: &mut Scratch,
        checkpoint: &dyn Checkpoint,
        each: &mut dyn FnMut(&[usize]),
    ) -> Result<(), ExecError> {
        let mut ticker = Ticker::new(checkpoint);
        let order = Order { start, sticky, limit };
        let result = match subject {
            Subject::Latin1(units) => self.all(units, order, scratch, &mut ticker, each),
            Subject::Utf16(units) => self.all(units, order, scratch, &mut ticker, each),
        };
        scratch.steps = ticker.steps;
        result
    }

    fn all<U: Unit>(
        &self,
        subject: &[U],
        Order { start, sticky, limit }: Order,
        scratch: &mut Scratch,
        ticker: &mut Ticker<'_>,
        each: &mut dyn FnMut(&[usize]),
    ) -> Result<(), ExecError> {
        let mut at = start;
        let rest = {
            let mut searches = self.searches(subject, sticky, &mut scratch.backtrack);
            let mut found = 0;
            loop {
                if found == limit || at > subject.len() {
                    return Ok(());
                }
                at = self.character_start(subject, at);
                let steps = if self.is_linear() {
                    self.linear_after(subject.len() - at)
                } else {
                    self.budget(subject.len()).saturating_sub(ticker.steps)
                };
                match searches.next(at, steps, ticker)? {
                    Attempt::NoMatch => return Ok(()),
                    Attempt::Match => each(searches.groups()),
                    Attempt::OutOfSteps if self.is_linear() => break at,
                    Attempt::OutOfSteps => {
                        return Err(ExecError::Budget { steps: self.budget(subject.len()) });
                    }
                }
                found += 1;
                at = self.behind(subject, searches.groups());
                if self.is_linear() && ticker.steps > self.global_allowance(at.saturating_sub(start)) {
                    break at;
                }
            }
        };
        self.two_passes(subject, rest, sticky, scratch, ticker, each)
    }

    fn two_passes<U: Unit>(
        &self,
        subject: &[U],
        start: usize,
        sticky: bool,
        scratch: &mut Scratch,
        ticker: &mut Ticker<'_>,
        each: &mut dyn FnMut(&[usize]),
    ) -> Result<(), ExecError> {
        if start > subject.len() {
            return Ok(());
        }
        let Some(programs) = self.compiled::<U>() else { return Ok(()) };
        let Scratch { oracles, pike, .. } = scratch;
        oracles.decide(programs, subject, self.oracle_bytes(), &mut pike.decide, ticker)?;
        let mut live = Live::new(&programs.main, subject, oracles, programs.unicode, start, ticker)?;
        let mut slots = vec![NONE; programs.slots];
        let mut at = start;
        while at <= subject.len() && live.next_match(at, sticky, &mut slots, ticker)? {
            pike::look_groups(programs, subject, oracles, pike, &mut slots, ticker)?;
            each(&slots[..self.captures_len() * 2]);
            at = self.behind(subject, &slots);
        }
        Ok(())
    }

    /// Where the search after this match begins.
    fn behind<U: Unit>(&self, subject: &[U], slots: &[usize]) -> usize {
        let end = slots[1];
        if slots[0] < end {
            return end;
        }
        let is_pair = self.is_unicode()
            && subject.get(end).is_some_and(|unit| is_high(unit.get()))
            && !is_boundary(subject, end + 1);
        end + 1 + usize::from(is_pair)
    }
}

/// What is asked for.
struct Order {
    start: usize,
    sticky: bool,
    limit: usize,
}
