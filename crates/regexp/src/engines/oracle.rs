//! Where lookarounds hold: one bit for each lookaround and position (Barrière and Pit-Claudel, "Linear Matching of JavaScript Regular
//! Expressions", PLDI 2024, section 4).
//!
//! A lookaround of ECMAScript is atomic, so that whether it holds depends on the position alone. Each one is decided for all positions
//! in one pass, the inner ones before those around them: a lookahead's program is read backwards, and where it arrives, it holds.

use super::pike::Ticker;
use super::position::{Unit, holds, is_boundary};
use super::sparse_set::SparseSet;
use crate::error::ExecError;
use crate::program::{Nfa, NfaPrograms, State};

/// The tables of one subject.
#[derive(Debug, Default)]
pub(crate) struct Oracles {
    bits: Vec<u64>,
    /// Words of each table.
    stride: usize,
}

/// Words kept from one search to the next: 1 MiB.
const KEPT_WORDS: usize = 128 << 10;

impl Oracles {
    #[inline]
    pub(crate) fn trim(&mut self) {
        if self.bits.capacity() > KEPT_WORDS {
            self.bits.clear();
            self.bits.shrink_to(KEPT_WORDS);
        }
    }

    #[inline]
    pub(crate) fn holds(&self, look: u32, at: usize) -> bool {
        self.bits[look as usize * self.stride + at / 64] >> (at % 64) & 1 != 0
    }

    fn set(&mut self, look: usize, at: usize) {
        self.bits[look * self.stride + at / 64] |= 1 << (at % 64);
    }

    /// Fills the tables.
    pub(crate) fn decide<U: Unit>(
        &mut self,
        programs: &NfaPrograms,
        subject: &[U],
        limit: usize,
        sets: &mut DecideSets,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), ExecError> {
        self.stride = subject.len() / 64 + 1;
        let words = self.stride.saturating_mul(programs.looks.len());
        let bytes = words.saturating_mul(8);
        if bytes > limit {
            return Err(ExecError::OracleMemory { bytes, limit });
        }
        self.bits.clear();
        self.bits.resize(words, 0);
        for (look, program) in programs.looks.iter().enumerate().rev() {
            let mut pass =
                Pass { nfa: &program.decide, subject, look, unicode: programs.unicode, oracles: self };
            if program.behind {
                pass.run::<false>(sets, ticker)?;
            } else {
                pass.run::<true>(sets, ticker)?;
            }
        }
        Ok(())
    }
}

/// What a pass needs besides the tables.
#[derive(Debug, Default)]
pub(crate) struct DecideSets {
    current: SparseSet,
    next: SparseSet,
    stack: Vec<u32>,
}

struct Pass<'a, U> {
    nfa: &'a Nfa,
    subject: &'a [U],
    look: usize,
    unicode: bool,
    oracles: &'a mut Oracles,
}

impl<U: Unit> Pass<'_, U> {
    fn run<const BACKWARD: bool>(
        &mut self,
        sets: &mut DecideSets,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), ExecError> {
        let DecideSets { current, next, stack } = sets;
        let length = self.subject.len();
        current.prepare(self.nfa.states.len());
        next.prepare(self.nfa.states.len());
        for step in 0..=length {
            let at = if BACKWARD { length - step } else { step };
            if !self.unicode || is_boundary(self.subject, at) {
                stack.push(self.nfa.start);
                self.close(at, current, stack);
            }
            ticker.tick(current.as_slice().len() as u64 + 1)?;
            if step == length {
                break;
            }
            let (unit, behind) =
                if BACKWARD { (self.subject[at - 1], at - 1) } else { (self.subject[at], at + 1) };
            let unit = unit.get();
            for &state in current.as_slice() {
                let target = match self.nfa.states[state as usize] {
                    State::Unit { unit: expected, next } if expected == unit => next,
                    State::Set { set, next } if self.nfa.sets[set as usize].contains(unit) => next,
                    _ => continue,
                };
                stack.push(target);
                self.close(behind, next, stack);
            }
            current.clear();
            std::mem::swap(current, next);
        }
        Ok(())
    }

    fn close(&mut self, at: usize, set: &mut SparseSet, stack: &mut Vec<u32>) {
        while let Some(state) = stack.pop() {
            if !set.insert(state) {
                continue;
            }
            match self.nfa.states[state as usize] {
                State::Fork { first, second } => stack.extend([second, first]),
                State::Save { next, .. } | State::Reset { next, .. } => stack.push(next),
                State::Assert { assertion, next } if holds(assertion, self.subject, at) => stack.push(next),
                State::Oracle { look, negative, next } if self.oracles.holds(look, at) != negative => {
                    stack.push(next)
                }
                State::Accept => self.oracles.set(self.look, at),
                _ => {}
            }
        }
    }
}
