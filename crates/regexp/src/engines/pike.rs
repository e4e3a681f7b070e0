//! All threads at once, in order of priority (Pike's machine; Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009), with
//! lookarounds answered by their oracles: for the groups of a lookaround, from the position at which it held.
//!
//! A position costs at most one visit of each state, so that it takes O(|r| x n) steps. A step that keeps groups copies their slots.

use super::oracle::{DecideSets, Oracles};
use super::position::{Unit, holds};
use super::sparse_set::SparseSet;
use crate::checkpoint::Checkpoint;
use crate::error::ExecError;
use crate::program::{Nfa, NfaPrograms, State};

/// A slot that holds no offset.
pub(crate) const NONE: usize = usize::MAX;

/// Counts steps and polls the checkpoint.
pub(crate) struct Ticker<'a> {
    checkpoint: &'a dyn Checkpoint,
    pub(crate) steps: u64,
    next_poll: u64,
}

/// Steps between two polls, about 50 us.
const POLL: u64 = 16_384;

impl<'a> Ticker<'a> {
    pub(crate) fn new(checkpoint: &'a dyn Checkpoint) -> Self {
        Ticker { checkpoint, steps: 0, next_poll: POLL }
    }

    #[inline]
    pub(crate) fn tick(&mut self, steps: u64) -> Result<(), ExecError> {
        self.steps += steps;
        if self.steps < self.next_poll { Ok(()) } else { self.poll() }
    }

    #[cold]
    fn poll(&mut self) -> Result<(), ExecError> {
        self.next_poll = self.steps + POLL;
        self.checkpoint.check().map_err(|_| ExecError::Stopped)
    }
}

/// Memory that searches share.
#[derive(Debug, Default)]
pub(crate) struct PikeScratch {
    current: Threads,
    next: Threads,
    stack: Vec<Follow>,
    slots: Vec<usize>,
    pub(crate) decide: DecideSets,
}

/// Threads in order of priority, and the slots of each.
#[derive(Debug, Default)]
struct Threads {
    set: SparseSet,
    slots: Vec<usize>,
}

#[derive(Debug)]
enum Follow {
    State(u32),
    Restore { slot: u32, value: usize },
}

/// Completes the slots of a match, groups and lookarounds, with the groups within lookarounds.
pub(crate) fn look_groups<U: Unit>(
    programs: &NfaPrograms,
    subject: &[U],
    oracles: &Oracles,
    scratch: &mut PikeScratch,
    found: &mut [usize],
    ticker: &mut Ticker<'_>,
) -> Result<(), ExecError> {
    let width = programs.slots;
    let machine = Machine { nfa: &programs.main, programs, subject, oracles, width };
    machine.look_groups(scratch, found, ticker)
}

struct Machine<'a, U> {
    nfa: &'a Nfa,
    programs: &'a NfaPrograms,
    subject: &'a [U],
    oracles: &'a Oracles,
    /// Slots of a thread.
    width: usize,
}

impl<U: Unit> Machine<'_, U> {
    /// The groups of lookarounds: each one that the winner went through is matched once more, from where it held, the outer ones
    /// before those in them.
    fn look_groups(
        &self,
        scratch: &mut PikeScratch,
        found: &mut [usize],
        ticker: &mut Ticker<'_>,
    ) -> Result<(), ExecError> {
        let base = self.width - self.programs.looks.len();
        for (index, look) in self.programs.looks.iter().enumerate() {
            let at = found[base + index];
            let Some(nfa) = look.capture.as_ref().filter(|_| at != NONE) else { continue };
            let machine = Machine { nfa, ..*self };
            let mut inner = vec![NONE; self.width];
            let matched = if look.behind {
                machine.run::<true>(at, scratch, &mut inner, ticker)?
            } else {
                machine.run::<false>(at, scratch, &mut inner, ticker)?
            };
            debug_assert!(matched, "the oracle said that it holds");
            let groups = look.groups.0 as usize * 2..look.groups.1 as usize * 2;
            found[groups.clone()].copy_from_slice(&inner[groups]);
            for (slot, &value) in found[base..].iter_mut().zip(&inner[base..]) {
                if value != NONE {
                    *slot = value;
                }
            }
        }
        Ok(())
    }

    fn run<const BACKWARD: bool>(
        &self,
        from: usize,
        scratch: &mut PikeScratch,
        found: &mut [usize],
        ticker: &mut Ticker<'_>,
    ) -> Result<bool, ExecError> {
        let PikeScratch { current, next, stack, slots, .. } = scratch;
        for threads in [&mut *current, &mut *next] {
            threads.set.prepare(self.nfa.states.len());
            threads.slots.resize(self.nfa.states.len() * self.width, NONE);
        }
        slots.clear();
        slots.resize(self.width, NONE);
        let (mut at, mut matched) = (from, false);
        stack.push(Follow::State(self.nfa.start));
        self.close(at, current, stack, slots);
        loop {
            ticker.tick(current.set.as_slice().len() as u64 + 1)?;
            let (unit, behind) = match if BACKWARD { at.checked_sub(1) } else { Some(at) } {
                Some(index) => {
                    (self.subject.get(index).map(|unit| unit.get()), if BACKWARD { index } else { at + 1 })
                }
                None => (None, 0),
            };
            for &state in current.set.as_slice() {
                let thread = state as usize * self.width;
                let target = match (&self.nfa.states[state as usize], unit) {
                    (State::Accept, _) => {
                        found.copy_from_slice(&current.slots[thread..thread + self.width]);
                        matched = true;
                        break;
                    }
                    (State::Unit { unit: expected, next }, Some(unit)) if *expected == unit => *next,
                    (State::Set { set, next }, Some(unit)) if self.nfa.sets[*set as usize].contains(unit) => {
                        *next
                    }
                    _ => continue,
                };
                slots.copy_from_slice(&current.slots[thread..thread + self.width]);
                stack.push(Follow::State(target));
                self.close(behind, next, stack, slots);
            }
            current.set.clear();
            std::mem::swap(current, next);
            if unit.is_none() || current.set.is_empty() {
                return Ok(matched);
            }
            at = behind;
        }
    }

    /// Adds what can be reached without reading.
    fn close(&self, at: usize, threads: &mut Threads, stack: &mut Vec<Follow>, slots: &mut [usize]) {
        while let Some(follow) = stack.pop() {
            let mut state = match follow {
                Follow::State(state) => state,
                Follow::Restore { slot, value } => {
                    slots[slot as usize] = value;
                    continue;
                }
            };
            while threads.set.insert(state) {
                state = match self.nfa.states[state as usize] {
                    State::Fork { first, second } => {
                        stack.push(Follow::State(second));
                        first
                    }
                    State::Save { slot, next } => {
                        stack.push(Follow::Restore { slot, value: slots[slot as usize] });
                        slots[slot as usize] = at;
                        next
                    }
                    State::Reset { from, to, next } => {
                        for slot in from..to {
                            let value = std::mem::replace(&mut slots[slot as usize], NONE);
                            if value != NONE {
                                stack.push(Follow::Restore { slot, value });
                            }
                        }
                        next
                    }
                    State::Assert { assertion, next } if holds(assertion, self.subject, at) => next,
                    State::Oracle { look, negative, next } if self.oracles.holds(look, at) != negative => {
                        next
                    }
                    State::Unit { .. } | State::Set { .. } | State::Accept => {
                        let thread = state as usize * self.width;
                        threads.slots[thread..thread + self.width].copy_from_slice(slots);
                        break;
                    }
                    _ => break,
                };
            }
        }
    }
}
