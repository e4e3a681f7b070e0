//! Sets of live states, each kept once, and remembered transitions between them: the backward pass is a lazily built automaton where
//! it has seen the same before.

use std::collections::HashMap;

use super::oracle::Oracles;
use super::position::{Unit, holds};
use crate::program::{Nfa, State};
use crate::syntax::Assertion;

/// The empty set.
pub(crate) const NOTHING: u32 = 0;

const UNKNOWN: u32 = u32::MAX;
/// Cells of remembered transitions: 8 MiB.
const MAX_CELLS: usize = 2 << 20;
/// Cells of one set. With more, nothing is remembered.
const MAX_STRIDE: usize = 4096;
/// Words of the sets kept from one block to the next: 8 MiB.
const MAX_WORDS: usize = 1 << 20;

#[derive(Debug)]
pub(crate) struct LiveSets {
    words: usize,
    bits: Vec<u64>,
    ids: HashMap<Box<[u64]>, u32>,
    stride: usize,
    /// For each set and key the set that follows.
    rows: Vec<u32>,
    now: Vec<u64>,
}

impl LiveSets {
    pub(crate) fn new(states: usize, stride: usize) -> Self {
        let words = states.div_ceil(64);
        let mut sets = LiveSets {
            words,
            bits: Vec::new(),
            ids: HashMap::new(),
            stride: if stride <= MAX_STRIDE { stride } else { 0 },
            rows: Vec::new(),
            now: vec![0; words],
        };
        sets.intern(&vec![0; words]);
        sets
    }

    /// Words of a set.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    pub(crate) fn copy_to(&self, id: u32, to: &mut [u64]) {
        to.copy_from_slice(&self.bits[id as usize * self.words..][..self.words]);
    }

    #[inline]
    pub(crate) fn has(&self, id: u32, state: u32) -> bool {
        self.bits[id as usize * self.words + state as usize / 64] >> (state % 64) & 1 != 0
    }

    /// Forgets all sets but the empty one if they are too many. Their numbers are others from then on.
    pub(crate) fn trim(&mut self) {
        if self.bits.len() + self.ids.len() * 8 > MAX_WORDS {
            self.bits.clear();
            self.ids.clear();
            self.rows.clear();
            self.intern(&vec![0; self.words]);
        }
    }

    pub(crate) fn intern(&mut self, set: &[u64]) -> u32 {
        if let Some(&id) = self.ids.get(set) {
            return id;
        }
        let id = self.ids.len() as u32;
        self.ids.insert(set.into(), id);
        self.bits.extend(set);
        if self.rows.len() == id as usize * self.stride && self.rows.len() + self.stride <= MAX_CELLS {
            self.rows.resize(self.rows.len() + self.stride, UNKNOWN);
        }
        id
    }

    /// The set that `fill` makes of an empty one.
    pub(crate) fn derive(&mut self, fill: impl FnOnce(&Self, &mut [u64])) -> u32 {
        let mut now = std::mem::take(&mut self.now);
        now.fill(0);
        fill(self, &mut now);
        let id = self.intern(&now);
        self.now = now;
        id
    }

    #[inline]
    pub(crate) fn known(&self, behind: u32, key: usize) -> Option<u32> {
        if self.stride == 0 {
            return None;
        }
        self.rows.get(behind as usize * self.stride + key).copied().filter(|&id| id != UNKNOWN)
    }

    pub(crate) fn remember(&mut self, behind: u32, key: usize, id: u32) {
        if self.stride > 0
            && let Some(cell) = self.rows.get_mut(behind as usize * self.stride + key)
        {
            *cell = id;
        }
    }
}

/// What a transition depends on, as a number: between which two bounds the unit is, and which questions are answered with yes.
#[derive(Debug)]
pub(crate) struct Alphabet {
    /// Units from which on a set of the automaton holds or not.
    bounds: Vec<u16>,
    latin1: Box<[u32; 256]>,
    assertions: Vec<Assertion>,
    looks: Vec<u32>,
}

impl Alphabet {
    pub(crate) fn of(nfa: &Nfa) -> Self {
        let mut bounds = Vec::new();
        let (mut assertions, mut looks) = (Vec::new(), Vec::new());
        for state in &nfa.states {
            match *state {
                State::Unit { unit, .. } => bounds.extend([Some(unit), unit.checked_add(1)]),
                State::Assert { assertion, .. } if !assertions.contains(&assertion) => {
                    assertions.push(assertion)
                }
                State::Oracle { look, .. } => looks.push(look),
                _ => {}
            }
        }
        for set in &nfa.sets {
            bounds.extend(set.ranges().iter().flat_map(|&(from, to)| [Some(from), to.checked_add(1)]));
        }
        let mut bounds: Vec<u16> = bounds.into_iter().flatten().collect();
        bounds.sort_unstable();
        bounds.dedup();
        looks.sort_unstable();
        looks.dedup();
        let latin1 = Box::new(std::array::from_fn(|unit| class(&bounds, unit as u16)));
        Alphabet { bounds, latin1, assertions, looks }
    }

    /// Keys there are.
    pub(crate) fn stride(&self) -> usize {
        let questions = self.assertions.len() + self.looks.len();
        // One class more: the end of the subject.
        if questions < 16 { (self.bounds.len() + 2) << questions } else { usize::MAX }
    }

    #[inline]
    pub(crate) fn key<U: Unit>(
        &self,
        unit: Option<u16>,
        subject: &[U],
        at: usize,
        oracles: &Oracles,
    ) -> usize {
        let class = match unit {
            Some(unit) if unit < 256 => self.latin1[usize::from(unit)],
            Some(unit) => class(&self.bounds, unit),
            None => self.bounds.len() as u32 + 1,
        };
        let mut key = class as usize;
        if self.assertions.len() + self.looks.len() >= 16 {
            return key;
        }
        for &assertion in &self.assertions {
            key = key << 1 | usize::from(holds(assertion, subject, at));
        }
        for &look in &self.looks {
            key = key << 1 | usize::from(oracles.holds(look, at));
        }
        key
    }
}

fn class(bounds: &[u16], unit: u16) -> u32 {
    bounds.partition_point(|&bound| bound <= unit) as u32
}
