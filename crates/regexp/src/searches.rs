//! One search after the other: where a match can begin, and whether one does.

use crate::Regex;
use crate::engines::backtrack::{Attempt, Machine};
use crate::engines::dfa::{Dfa, Found};
use crate::engines::pike::Ticker;
use crate::engines::position::{Unit, is_boundary};
use crate::engines::prefilter::{Cursor, Prefilter};
use crate::error::ExecError;

/// See [`Regex::searches`].
pub(crate) struct Searches<'a, U> {
    pub(crate) regex: &'a Regex,
    pub(crate) machine: Machine<'a, U>,
    pub(crate) subject: &'a [U],
    pub(crate) prefilter: Option<&'a Prefilter<U>>,
    pub(crate) sticky: bool,
    pub(crate) state: SearchState<'a>,
}

/// What searches of one subject have found out.
pub(crate) struct SearchState<'a> {
    cursor: Cursor,
    automaton: Automaton<'a>,
    /// Where the first search began.
    first: Option<usize>,
    /// Steps of attempts that found nothing.
    wasted: u64,
    /// So many are worth a thought.
    noticed: u64,
}

impl SearchState<'_> {
    pub(crate) fn new(noticed: u64) -> Self {
        SearchState {
            cursor: Cursor::default(),
            automaton: Automaton::NotYet,
            first: None,
            wasted: 0,
            noticed,
        }
    }
}

/// What says whether there is a match at all.
enum Automaton<'a> {
    NotYet,
    Ready(Box<Dfa<'a>>),
    Never,
}

/// Steps that failed attempts may take for so many units more.
const UNITS_PER_STEP: usize = 8;

impl<'a, U: Unit> Searches<'a, U> {
    /// The groups of the last match.
    pub(crate) fn groups(&self) -> &[usize] {
        self.machine.groups()
    }

    /// Searches from `start`, which only grows from one call to the next, for at most so many steps.
    pub(crate) fn next(
        &mut self,
        start: usize,
        steps: u64,
        ticker: &mut Ticker<'_>,
    ) -> Result<Attempt, ExecError> {
        self.machine.allowance = steps;
        let first = *self.state.first.get_or_insert(start);
        let (mut at, mut is_asked) = (start, false);
        loop {
            if !is_asked && self.is_wasteful(at - first) {
                is_asked = true;
                match self.ask(at, ticker)? {
                    Found::Nothing => return Ok(Attempt::NoMatch),
                    Found::From(begin) => at = begin,
                    Found::GaveUp => self.state.automaton = Automaton::Never,
                }
            }
            if let Some(prefilter) = self.prefilter {
                let Some(next) = prefilter.next(self.subject, at, &mut self.state.cursor) else {
                    return Ok(Attempt::NoMatch);
                };
                // Units that are only scanned.
                ticker.tick((next - at) as u64 / 32)?;
                at = next;
            }
            if at == start || !self.regex.is_unicode() || is_boundary(self.subject, at) {
                let allowance = self.machine.allowance;
                match self.machine.attempt(at, ticker)? {
                    Attempt::NoMatch => self.state.wasted += allowance - self.machine.allowance,
                    ended => return Ok(ended),
                }
            }
            if self.sticky || at >= self.subject.len() {
                return Ok(Attempt::NoMatch);
            }
            at += 1;
        }
    }

    /// Whether to ask the automaton: failed attempts have cost as much as its reading does, and its making.
    #[inline]
    fn is_wasteful(&self, read: usize) -> bool {
        let SearchState { automaton, wasted, noticed, .. } = &self.state;
        wasted >= noticed
            && match automaton {
                Automaton::NotYet => *wasted >= noticed.saturating_add((read / UNITS_PER_STEP) as u64),
                Automaton::Ready(_) => true,
                Automaton::Never => false,
            }
    }

    #[cold]
    #[inline(never)]
    fn ask(&mut self, at: usize, ticker: &mut Ticker<'_>) -> Result<Found, ExecError> {
        let Searches { subject, prefilter, state, .. } = self;
        if let Automaton::NotYet = state.automaton {
            let dfa = if self.sticky { None } else { self.regex.automaton::<U>() };
            state.automaton = dfa.map_or(Automaton::Never, |dfa| Automaton::Ready(Box::new(dfa)));
        }
        let Automaton::Ready(dfa) = &mut state.automaton else { return Ok(Found::GaveUp) };
        let skip = |at| match prefilter {
            Some(prefilter) => prefilter.next(subject, at, &mut state.cursor),
            None => Some(at),
        };
        dfa.find(subject, at, skip, ticker)
    }
}
