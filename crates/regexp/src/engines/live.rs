//! The linear engine: the matches of a subject in two passes (Frisch and Cardelli, "Greedy Regular Expression Matching", ICALP 2004).
//!
//! Backwards it is found for each position which states can still reach the end of a match. Forwards the matches are read off by
//! always following the preferred branch that is alive: that is the path a backtracking matcher ends up with, and nothing behind a match's end
//! is read. So all matches together take O(|r| x n) steps.
//!
//! Memory for a subject of n units: the states alive at every sqrt(n)-th position are kept, those in between are found again block by
//! block. That is at most 2 x sqrt(n) sets of |r| bits, and 8 MiB for remembered transitions.

use super::live_sets::{Alphabet, LiveSets, NOTHING};
use super::oracle::Oracles;
use super::pike::{NONE, Ticker};
use super::position::{Unit, holds, is_boundary};
use crate::error::ExecError;
use crate::program::{Nfa, State};

/// A block is not smaller.
const MIN_BLOCK: usize = 256;

pub(crate) struct Live<'a, U> {
    nfa: &'a Nfa,
    subject: &'a [U],
    oracles: &'a Oracles,
    unicode: bool,
    alphabet: Alphabet,
    /// States, each behind those that it leads to without reading.
    order: Vec<u32>,
    sets: LiveSets,
    /// The first position.
    from: usize,
    /// Positions of a block.
    block: usize,
    /// Of each block what is alive behind its last position.
    marks: Vec<u64>,
    /// The block whose sets are in `ids`.
    loaded: usize,
    ids: Vec<u32>,
}

impl<'a, U: Unit> Live<'a, U> {
    /// The backward pass, over the positions from `from` on.
    pub(crate) fn new(
        nfa: &'a Nfa,
        subject: &'a [U],
        oracles: &'a Oracles,
        unicode: bool,
        from: usize,
        ticker: &mut Ticker<'_>,
    ) -> Result<Self, ExecError> {
        let positions = subject.len() + 1 - from;
        let block = positions.isqrt().max(MIN_BLOCK);
        let blocks = positions.div_ceil(block);
        let alphabet = Alphabet::of(nfa);
        let sets = LiveSets::new(nfa.states.len(), alphabet.stride());
        let words = sets.words();
        let mut live = Live {
            nfa,
            subject,
            oracles,
            unicode,
            alphabet,
            order: order(nfa),
            sets,
            from,
            block,
            marks: vec![0; blocks * words],
            loaded: usize::MAX,
            ids: vec![NOTHING; block],
        };
        let mut id = NOTHING;
        for block in (0..blocks).rev() {
            live.sets.copy_to(id, &mut live.marks[block * words..][..words]);
            if block > 0 {
                id = live.load(block, ticker)?;
            }
        }
        Ok(live)
    }

    /// Fills `ids` for a block and returns the set at its first position.
    fn load(&mut self, block: usize, ticker: &mut Ticker<'_>) -> Result<u32, ExecError> {
        let words = self.sets.words();
        self.sets.trim();
        let mut id = self.sets.intern(&self.marks[block * words..][..words]);
        let first = self.from + block * self.block;
        let last = (first + self.block).min(self.subject.len() + 1);
        for at in (first..last).rev() {
            id = self.step(id, at, ticker)?;
            self.ids[at - first] = id;
        }
        self.loaded = block;
        Ok(id)
    }

    /// What is alive at a position, from what is behind it.
    fn step(&mut self, behind: u32, at: usize, ticker: &mut Ticker<'_>) -> Result<u32, ExecError> {
        let unit = self.subject.get(at).map(|unit| unit.get());
        let key = self.alphabet.key(unit, self.subject, at, self.oracles);
        if let Some(known) = self.sets.known(behind, key) {
            ticker.tick(1)?;
            return Ok(known);
        }
        ticker.tick(self.order.len() as u64)?;
        let (subject, oracles, nfa) = (self.subject, self.oracles, self.nfa);
        let id = self.sets.derive(|sets, now| {
            for &state in &self.order {
                let is_alive = match nfa.states[state as usize] {
                    State::Unit { unit: expected, next } => unit == Some(expected) && sets.has(behind, next),
                    State::Set { set, next } => {
                        sets.has(behind, next)
                            && unit.is_some_and(|unit| nfa.sets[set as usize].contains(unit))
                    }
                    State::Fork { first, second } => bit(now, first) || bit(now, second),
                    State::Save { next, .. } | State::Reset { next, .. } => bit(now, next),
                    State::Assert { assertion, next } => bit(now, next) && holds(assertion, subject, at),
                    State::Oracle { look, negative, next } => {
                        bit(now, next) && oracles.holds(look, at) != negative
                    }
                    State::Accept => true,
                    State::Fail => false,
                };
                now[state as usize / 64] |= u64::from(is_alive) << (state % 64);
            }
        });
        self.sets.remember(behind, key, id);
        Ok(id)
    }

    /// The first match at or after `at`, exactly there if sticky, in `slots`. Positions may only grow from one call to the next.
    pub(crate) fn next_match(
        &mut self,
        at: usize,
        sticky: bool,
        slots: &mut [usize],
        ticker: &mut Ticker<'_>,
    ) -> Result<bool, ExecError> {
        let start = self.nfa.start;
        let mut at = at;
        loop {
            if at > self.subject.len() {
                return Ok(false);
            }
            ticker.tick(1)?;
            if (!self.unicode || is_boundary(self.subject, at)) && self.is_alive(start, at, ticker)? {
                break;
            }
            if sticky {
                return Ok(false);
            }
            at += 1;
        }
        slots.fill(NONE);
        let mut state = start;
        loop {
            ticker.tick(1)?;
            state = match self.nfa.states[state as usize] {
                State::Unit { next, .. } | State::Set { next, .. } => {
                    at += 1;
                    next
                }
                State::Fork { first, second } => {
                    if self.is_alive(first, at, ticker)? {
                        first
                    } else {
                        second
                    }
                }
                State::Save { slot, next } => {
                    slots[slot as usize] = at;
                    next
                }
                State::Reset { from, to, next } => {
                    slots[from as usize..to as usize].fill(NONE);
                    next
                }
                State::Assert { next, .. } | State::Oracle { next, .. } => next,
                State::Accept => return Ok(true),
                State::Fail => return Ok(false),
            };
        }
    }

    fn is_alive(&mut self, state: u32, at: usize, ticker: &mut Ticker<'_>) -> Result<bool, ExecError> {
        let block = (at - self.from) / self.block;
        if block != self.loaded {
            self.load(block, ticker)?;
        }
        Ok(self.sets.has(self.ids[at - self.from - block * self.block], state))
    }
}

fn bit(set: &[u64], state: u32) -> bool {
    set[state as usize / 64] >> (state % 64) & 1 != 0
}

/// What a state leads to without reading comes before it. There are no circles: an iteration that reads nothing is dead.
fn order(nfa: &Nfa) -> Vec<u32> {
    let mut order = Vec::with_capacity(nfa.states.len());
    let mut seen = vec![false; nfa.states.len()];
    let mut stack: Vec<(u32, bool)> = Vec::new();
    for root in 0..nfa.states.len() as u32 {
        stack.push((root, false));
        while let Some((state, done)) = stack.pop() {
            if done {
                order.push(state);
                continue;
            }
            if std::mem::replace(&mut seen[state as usize], true) {
                continue;
            }
            stack.push((state, true));
            match nfa.states[state as usize] {
                State::Fork { first, second } => stack.extend([(first, false), (second, false)]),
                State::Save { next, .. }
                | State::Reset { next, .. }
                | State::Assert { next, .. }
                | State::Oracle { next, .. } => stack.push((next, false)),
                State::Unit { .. } | State::Set { .. } | State::Accept | State::Fail => {}
            }
        }
    }
    order
}
