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
    /// Slots of a lookaround.
    inner: Vec<usize>,
    pub(crate) decide: DecideSets,
}

/// Threads in order of priority, and the slots of each. There is memory for those that there are: states times slots can be gigabytes.
#[derive(Debug, Default)]
struct Threads {
    set: SparseSet,
    /// The states among `set` that read, or accept.
    alive: Vec<u32>,
    slots: Vec<usize>,
}

impl Threads {
    fn clear(&mut self) {
        self.set.clear();
        self.alive.clear();
        self.slots.clear();
    }
}

/// Slots of a list of threads that are kept from one search to the next: 1 MiB.
const KEPT_SLOTS: usize = 128 << 10;

impl PikeScratch {
    #[inline]
    pub(crate) fn trim(&mut self) {
        for threads in [&mut self.current, &mut self.next] {
            if threads.slots.capacity() > KEPT_SLOTS {
                threads.clear();
                threads.slots.shrink_to(KEPT_SLOTS);
            }
        }
    }
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
    limit: usize,
    found: &mut [usize],
    ticker: &mut Ticker<'_>,
) -> Result<(), ExecError> {
    let looks = programs.slots - programs.looks.len();
    let mut inner = std::mem::take(&mut scratch.inner);
    // The outer ones come before those in them.
    for (index, look) in programs.looks.iter().enumerate() {
        let at = found[looks + index];
        let Some(capture) = look.capture.as_ref().filter(|_| at != NONE) else { continue };
        let machine = Machine { nfa: &capture.nfa, subject, oracles, width: capture.slots, limit };
        inner.clear();
        inner.resize(capture.slots, NONE);
        let matched = if look.behind {
            machine.run::<true>(at, scratch, &mut inner, ticker)?
        } else {
            machine.run::<false>(at, scratch, &mut inner, ticker)?
        };
        debug_assert!(matched, "the oracle said that it holds");
        let (groups, nested) = inner.split_at(capture.groups.1 - capture.groups.0);
        found[capture.groups.0..capture.groups.1].copy_from_slice(groups);
        for (slot, &value) in found[looks + index + 1..].iter_mut().zip(nested) {
            if value != NONE {
                *slot = value;
            }
        }
    }
    scratch.inner = inner;
    Ok(())
}

/// From where a lookaround held, its groups: it is matched once more.
struct Machine<'a, U> {
    nfa: &'a Nfa,
    subject: &'a [U],
    oracles: &'a Oracles,
    /// Slots of a thread.
    width: usize,
    /// Bytes that the slots of all threads may take.
    limit: usize,
}

impl<U: Unit> Machine<'_, U> {
    fn run<const BACKWARD: bool>(
        &self,
        from: usize,
        scratch: &mut PikeScratch,
        found: &mut [usize],
        ticker: &mut Ticker<'_>,
    ) -> Result<bool, ExecError> {
        let PikeScratch { current, next, stack, slots, .. } = scratch;
        stack.clear();
        for threads in [&mut *current, &mut *next] {
            threads.clear();
            threads.set.prepare(self.nfa.states.len());
        }
        slots.clear();
        slots.resize(self.width, NONE);
        let (mut at, mut matched) = (from, false);
        stack.push(Follow::State(self.nfa.start));
        self.close(at, current, stack, slots)?;
        loop {
            // A copied slot takes an eighth of a step.
            ticker.tick((current.set.as_slice().len() + current.slots.len() / 8) as u64 + 1)?;
            let (unit, behind) = match if BACKWARD { at.checked_sub(1) } else { Some(at) } {
                Some(index) => {
                    (self.subject.get(index).map(|unit| unit.get()), if BACKWARD { index } else { at + 1 })
                }
                None => (None, 0),
            };
            for (thread, &state) in current.alive.iter().enumerate() {
                let thread = thread * self.width;
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
                self.close(behind, next, stack, slots)?;
            }
            current.clear();
            std::mem::swap(current, next);
            if unit.is_none() || current.alive.is_empty() {
                return Ok(matched);
            }
            at = behind;
        }
    }

    /// Adds what can be reached without reading.
    fn close(
        &self,
        at: usize,
        threads: &mut Threads,
        stack: &mut Vec<Follow>,
        slots: &mut [usize],
    ) -> Result<(), ExecError> {
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
                        let bytes = (threads.slots.len() + self.width) * size_of::<usize>();
                        if bytes > self.limit {
                            return Err(ExecError::OracleMemory { bytes, limit: self.limit });
                        }
                        threads.alive.push(state);
                        threads.slots.extend_from_slice(slots);
                        break;
                    }
                    _ => break,
                };
            }
        }
        Ok(())
    }
}
