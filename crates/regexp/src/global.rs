//! All matches of a subject: what `matchAll`, `replace` and `split` ask for.

use crate::checkpoint::Checkpoint;
use crate::engines::backtrack::Attempt;
use crate::engines::live::Live;
use crate::engines::pike::{self, NONE, Ticker};
use crate::engines::position::{Unit, is_boundary, is_high};
use crate::error::ExecError;
use crate::{Regex, Scratch, Subject};

/// Which matches [`Regex::find_all`] gives.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Where the first search begins.
    pub start: usize,
    /// Whether each match must begin exactly where its search does.
    pub sticky: bool,
    /// So many at most.
    pub limit: usize,
    /// Whether more than `limit` are welcome where they come at no cost: in two passes all are found, and whoever asks for the rest in
    /// another call would have them made again.
    pub more: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted { start: 0, sticky: false, limit: usize::MAX, more: false }
    }
}

impl Regex {
    /// Searches for matches one after the other, as `String.prototype.matchAll` does with a global expression: each from the end of
    /// the one before, and from one character later if that one was empty. Calls `each` with their slots, as [`Regex::exec`] writes
    /// them, until it fails.
    ///
    /// All of it together takes O(|program| x |subject|) steps without backreferences: when the searches have taken many more steps
    /// than their matches account for, the others are found in two passes over the rest of the subject. Groups within lookarounds
    /// are the exception: each match costs what the lookaround reads. With backreferences the budget is that of one search.
    ///
    /// # Errors
    ///
    /// [`ExecError`], and what `each` fails with; matches that were given before are right.
    ///
    /// # Example
    ///
    /// ```
    /// use sidelane_regexp::{ExecError, Flags, Limits, Regex, Scratch, Subject, Unstoppable, Wanted};
    ///
    /// let pattern: Vec<u16> = ".*[^A-Z]|[A-Z]".encode_utf16().collect();
    /// let regex = Regex::new(&pattern, Flags::default(), &Limits::default())?;
    /// let (text, mut scratch, mut found) = ("A".repeat(100_000), Scratch::new(), 0);
    /// let subject = Subject::Latin1(text.as_bytes());
    /// regex.find_all(subject, Wanted::default(), &mut scratch, &Unstoppable, |_| {
    ///     found += 1;
    ///     Ok::<(), ExecError>(())
    /// })?;
    /// assert_eq!(found, 100_000);
    /// assert!(scratch.steps() < 2_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find_all<E: From<ExecError>>(
        &self,
        subject: Subject<'_>,
        wanted: Wanted,
        scratch: &mut Scratch,
        checkpoint: &dyn Checkpoint,
        mut each: impl FnMut(&[usize]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut ticker = Ticker::new(checkpoint);
        let result = match subject {
            Subject::Latin1(units) => self.all(units, wanted, scratch, &mut ticker, &mut each),
            Subject::Utf16(units) => self.all(units, wanted, scratch, &mut ticker, &mut each),
        };
        scratch.steps = ticker.steps;
        result
    }

    fn all<U: Unit, E: From<ExecError>>(
        &self,
        subject: &[U],
        wanted: Wanted,
        scratch: &mut Scratch,
        ticker: &mut Ticker<'_>,
        each: &mut impl FnMut(&[usize]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Wanted { start, sticky, limit, more } = wanted;
        let (mut at, mut found) = (start, 0);
        let rest = {
            let mut searches = self.searches(subject, sticky, &mut scratch.backtrack);
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
                    Attempt::Match => each(searches.groups())?,
                    Attempt::OutOfSteps if self.is_linear() => break at,
                    Attempt::OutOfSteps => {
                        return Err(ExecError::Budget { steps: self.budget(subject.len()) }.into());
                    }
                }
                found += 1;
                at = self.behind(subject, searches.groups());
                if self.is_linear() && ticker.steps > self.global_allowance(at.saturating_sub(start)) {
                    break at;
                }
            }
        };
        let limit = if more { usize::MAX } else { limit - found };
        self.two_passes(subject, Wanted { start: rest, limit, ..wanted }, scratch, ticker, each)
    }

    /// The linear engine: the matches from `wanted.start` on.
    pub(crate) fn two_passes<U: Unit, E: From<ExecError>>(
        &self,
        subject: &[U],
        Wanted { start, sticky, limit, .. }: Wanted,
        scratch: &mut Scratch,
        ticker: &mut Ticker<'_>,
        each: &mut impl FnMut(&[usize]) -> Result<(), E>,
    ) -> Result<(), E> {
        if start > subject.len() {
            return Ok(());
        }
        let Some(programs) = self.compiled::<U>() else { return Ok(()) };
        let Scratch { oracles, pike, .. } = scratch;
        oracles.decide(programs, subject, self.oracle_bytes(), &mut pike.decide, ticker)?;
        let mut live = Live::new(&programs.main, subject, oracles, programs.unicode, start, ticker)?;
        let mut slots = vec![NONE; programs.slots];
        let mut at = start;
        for _ in 0..limit {
            if at > subject.len() || !live.next_match(at, sticky, &mut slots, ticker)? {
                break;
            }
            pike::look_groups(programs, subject, oracles, pike, self.oracle_bytes(), &mut slots, ticker)?;
            each(&slots[..self.captures_len() * 2])?;
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
