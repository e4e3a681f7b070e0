//! Whether there is a match, and before where none begins: one pass forwards with an automaton whose states are sets of threads, built as they
//! are met (Thompson's construction, lazily, as in RE2; Cox, "Regular Expression Matching in the Wild", 2010).
//!
//! It stops where the first of all matches ends, so that priorities play no part and nothing is read behind the end of the match that is
//! looked for. What an assertion asks of the unit before a position is part of the state, what it asks of the one behind is part of the
//! step. The last position at which no thread was left is where the match begins, or before it: [`backtrack`](super::backtrack) finds
//! it from there.

use std::collections::HashMap;

use super::pike::Ticker;
use super::position::{Unit, is_high, is_line_terminator, is_low, is_word};
use super::sparse_set::SparseSet;
use super::unit_classes::UnitClasses;
use crate::error::ExecError;
use crate::program::{Nfa, State};
use crate::syntax::Assertion;

/// What a search found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// There is a match, and it begins here or later.
    From(usize),
    /// The automaton has too many states for this subject.
    GaveUp,
}

pub(crate) struct Dfa<'a> {
    nfa: &'a Nfa,
    unicode: bool,
    classes: UnitClasses,
    /// Cells of a state: one for each class, and one for the end.
    stride: usize,
    /// For each state and class the state that follows, as the index of its first cell.
    rows: Vec<u32>,
    /// By state: where its threads are, without what they reach from there, and what was before.
    states: Vec<(Box<[u32]>, u8)>,
    ids: HashMap<(Box<[u32]>, u8), u32>,
    /// Threads of all states.
    threads: usize,
    /// What assertions ask of the unit before.
    asked: u8,
    /// Cells of the states without a thread, which are the first ones.
    empty: u32,
    /// They, by what is before.
    without_threads: [u32; 1 << before::ALL.len()],
    /// Where the states were last forgotten.
    cleared_at: usize,
    seen: SparseSet,
    stack: Vec<u32>,
}

/// What is before a position.
mod before {
    pub(super) const START: u8 = 1;
    pub(super) const LINE: u8 = 2;
    pub(super) const WORD: u8 = 4;
    /// A word's unit with `iu` only.
    pub(super) const EXTENDED: u8 = 8;
    pub(super) const HIGH: u8 = 16;
    pub(super) const ALL: [u8; 5] = [START, LINE, WORD, EXTENDED, HIGH];
}

const UNKNOWN: u32 = u32::MAX;
/// A match ends before the unit.
const MATCH: u32 = u32::MAX - 1;
/// Larger programs are not tried: each step that is not known yet can cost as much.
const MOST_STATES: usize = 10_000;
/// Cells, and threads of states: 1 MiB each. When there are more, all are forgotten.
const MOST_CELLS: usize = 1 << 18;
/// Units read for each state that was built, at least, or it gives up.
const WORTH: usize = 16;
/// Units between two looks at the checkpoint.
const SLICE: usize = 16_384;
/// A skip over fewer units is not worth it: so many are then read without one, twice as many the next time.
const NEAR: usize = 8;
const READ_ON: usize = 64;

impl<'a> Dfa<'a> {
    /// `None` for a program that it is not for.
    pub(crate) fn new(nfa: &'a Nfa, unicode: bool, latin1: bool) -> Option<Self> {
        if nfa.states.len() > MOST_STATES {
            return None;
        }
        let mut asked = if unicode && !latin1 { before::HIGH } else { 0 };
        for state in &nfa.states {
            asked |= match state {
                State::Assert { assertion, .. } => asked_before(*assertion),
                State::Oracle { .. } => return None,
                _ => 0,
            };
        }
        let classes = UnitClasses::new(nfa, unicode, latin1)?;
        let mut dfa = Dfa {
            nfa,
            unicode,
            stride: classes.end() + 1,
            classes,
            rows: Vec::new(),
            states: Vec::new(),
            ids: HashMap::new(),
            threads: 0,
            asked,
            empty: 0,
            without_threads: [0; 1 << before::ALL.len()],
            cleared_at: 0,
            seen: SparseSet::default(),
            stack: Vec::new(),
        };
        dfa.forget();
        Some(dfa)
    }

    fn forget(&mut self) {
        self.rows.clear();
        self.states.clear();
        self.ids.clear();
        self.threads = 0;
        for before in std::iter::once(0).chain(before::ALL) {
            let id = self.intern(Box::default(), before & self.asked);
            self.without_threads[usize::from(before)] = id;
        }
        self.empty = self.rows.len() as u32;
    }

    /// Searches from `start` on. `skip` says of a position where the first match at or after it can begin.
    pub(crate) fn find<U: Unit>(
        &mut self,
        subject: &[U],
        start: usize,
        mut skip: impl FnMut(usize) -> Option<usize>,
        ticker: &mut Ticker<'_>,
    ) -> Result<Found, ExecError> {
        let mut at = start;
        // Without a thread: nothing has begun.
        let mut state = 0;
        let mut begin = start;
        let (mut read_on, mut is_first) = (0, true);
        loop {
            let mut from = at;
            if state < self.empty {
                let Some(next) = skip(at) else { return Ok(Found::Nothing) };
                ticker.tick((next - at) as u64 / 32)?;
                read_on = if next - at < NEAR { (read_on * 2).clamp(READ_ON, SLICE) } else { 0 };
                if next > at || is_first {
                    state = self.without_threads[usize::from(before(subject, next))];
                }
                (at, begin, from, is_first) = (next, next, next, false);
                let stop = subject.len().min(at + read_on);
                self.read::<U, true>(subject, &mut state, &mut at, &mut begin, stop);
            }
            let stop = subject.len().min(from + SLICE);
            self.read::<U, false>(subject, &mut state, &mut at, &mut begin, stop);
            ticker.tick((at - from) as u64 / 4)?;
            let class = subject.get(at).map_or(self.classes.end(), |unit| self.class(*unit));
            let mut next = self.rows[state as usize + class];
            if state < self.empty {
                begin = at;
            }
            if next == UNKNOWN {
                match self.step(state, class, at, ticker)? {
                    Some(found) => next = found,
                    None => return Ok(Found::GaveUp),
                }
            }
            if next == MATCH {
                return Ok(Found::From(begin));
            }
            if at == subject.len() {
                return Ok(Found::Nothing);
            }
            (state, at) = (next, at + 1);
        }
    }

    /// Goes on while all is known and nothing ends. `begin`: the last position without a thread; there it stops unless it reads `ON`.
    #[inline(always)]
    fn read<U: Unit, const ON: bool>(
        &self,
        subject: &[U],
        state: &mut u32,
        at: &mut usize,
        begin: &mut usize,
        stop: usize,
    ) {
        let rows = &self.rows[..];
        let (mut now, mut read) = (*state, 0);
        for unit in subject.get(*at..stop).unwrap_or_default() {
            let next = rows[now as usize + self.class(*unit)];
            if next >= MATCH || (!ON && next < self.empty) {
                break;
            }
            now = next;
            read += 1;
            if ON && next < self.empty {
                *begin = *at + read;
            }
        }
        *at += read;
        *state = now;
    }

    #[inline(always)]
    fn class<U: Unit>(&self, unit: U) -> usize {
        usize::from(self.classes.table[usize::from(unit.get())])
    }

    /// The state behind a unit, or the end, which is not known yet. `None`: it gives up.
    fn step(
        &mut self,
        state: u32,
        class: usize,
        at: usize,
        ticker: &mut Ticker<'_>,
    ) -> Result<Option<u32>, ExecError> {
        let (threads, before) = &self.states[state as usize / self.stride];
        let (nfa, unit) = (self.nfa, self.classes.unit(class));
        self.seen.prepare(nfa.states.len());
        self.stack.clear();
        self.stack.extend(threads.iter());
        if !self.unicode || holds(Assertion::CodePointBoundary, *before, unit) {
            self.stack.push(nfa.start);
        }
        let (mut targets, mut ends) = (Vec::new(), false);
        while let Some(thread) = self.stack.pop() {
            if !self.seen.insert(thread) {
                continue;
            }
            match nfa.states[thread as usize] {
                State::Unit { unit: expected, next } if unit == Some(expected) => targets.push(next),
                State::Set { set, next }
                    if unit.is_some_and(|unit| nfa.sets[set as usize].contains(unit)) =>
                {
                    targets.push(next);
                }
                State::Fork { first, second } => self.stack.extend([first, second]),
                State::Save { next, .. } | State::Reset { next, .. } => self.stack.push(next),
                State::Assert { assertion, next } if holds(assertion, *before, unit) => self.stack.push(next),
                State::Accept => {
                    ends = true;
                    break;
                }
                _ => {}
            }
        }
        ticker.tick(self.seen.as_slice().len() as u64 + 1)?;
        if ends {
            self.rows[state as usize + class] = MATCH;
            return Ok(Some(MATCH));
        }
        targets.sort_unstable();
        targets.dedup();
        if self.rows.len() + self.stride > MOST_CELLS || self.threads > MOST_CELLS {
            if at - self.cleared_at.min(at) < WORTH * self.states.len() {
                return Ok(None);
            }
            self.cleared_at = at;
            self.forget();
            return Ok(Some(self.intern(targets.into(), unit.map_or(0, what_is) & self.asked)));
        }
        let next = self.intern(targets.into(), unit.map_or(0, what_is) & self.asked);
        self.rows[state as usize + class] = next;
        Ok(Some(next))
    }

    fn intern(&mut self, threads: Box<[u32]>, before: u8) -> u32 {
        let key = (threads, before);
        if let Some(&id) = self.ids.get(&key) {
            return id;
        }
        let id = self.rows.len() as u32;
        self.rows.resize(self.rows.len() + self.stride, UNKNOWN);
        self.threads += key.0.len();
        self.states.push(key.clone());
        self.ids.insert(key, id);
        id
    }
}

/// What is before a position.
fn before<U: Unit>(subject: &[U], at: usize) -> u8 {
    at.checked_sub(1).map_or(before::START, |index| what_is(subject[index].get()))
}

/// What a unit is to the position behind it.
fn what_is(unit: u16) -> u8 {
    match unit {
        _ if is_line_terminator(unit) => before::LINE,
        _ if is_word(unit, false) => before::WORD,
        _ if is_word(unit, true) => before::EXTENDED,
        _ if is_high(unit) => before::HIGH,
        _ => 0,
    }
}

/// What an assertion asks of the unit before.
fn asked_before(assertion: Assertion) -> u8 {
    match assertion {
        Assertion::Start => before::START,
        Assertion::LineStart => before::START | before::LINE,
        Assertion::Word { extended, .. } => {
            if extended {
                before::WORD | before::EXTENDED
            } else {
                before::WORD
            }
        }
        Assertion::CodePointBoundary => before::HIGH,
        Assertion::End | Assertion::LineEnd => 0,
    }
}

/// As [`position::holds`](super::position::holds), of what is before and the unit behind.
fn holds(assertion: Assertion, before: u8, after: Option<u16>) -> bool {
    match assertion {
        Assertion::Start => before & before::START != 0,
        Assertion::End => after.is_none(),
        Assertion::LineStart => before & (before::START | before::LINE) != 0,
        Assertion::LineEnd => after.is_none_or(is_line_terminator),
        Assertion::Word { negative, extended } => {
            let is_after = after.is_some_and(|unit| is_word(unit, extended));
            ((before & asked_before(assertion) != 0) == is_after) == negative
        }
        Assertion::CodePointBoundary => before & before::HIGH == 0 || !after.is_some_and(is_low),
    }
}
