//! Code units that no state and no assertion of an automaton tells apart.

use std::collections::HashMap;

use super::position::{is_line_terminator, is_word};
use crate::program::{Nfa, State};
use crate::syntax::Assertion;

/// Classes at most; the end of the subject is one more.
const MOST: usize = 255;
/// Sets times ranges at most: a bound on the time to build the table.
const MOST_WORK: usize = 1 << 20;

/// The class of each code unit.
#[derive(Debug)]
pub(crate) struct UnitClasses {
    pub(crate) table: Box<[u8; 1 << 16]>,
    /// By class, one of its units.
    units: Vec<u16>,
}

impl UnitClasses {
    /// `None` if there are too many. Of Latin-1 only the first 256 count.
    pub(crate) fn new(nfa: &Nfa, unicode: bool, latin1: bool) -> Option<UnitClasses> {
        let mut sets: Vec<Vec<(u16, u16)>> = nfa.sets.iter().map(|set| set.ranges()).collect();
        let mut singles: Vec<u16> = Vec::new();
        let mut asked = unicode.then_some(Assertion::CodePointBoundary).into_iter().collect::<Vec<_>>();
        for state in &nfa.states {
            match *state {
                State::Unit { unit, .. } => singles.push(unit),
                State::Assert { assertion, .. } if !asked.contains(&assertion) => asked.push(assertion),
                _ => {}
            }
        }
        singles.sort_unstable();
        singles.dedup();
        sets.extend(singles.into_iter().map(|unit| vec![(unit, unit)]));
        for assertion in asked {
            match assertion {
                Assertion::Start | Assertion::End => {}
                Assertion::LineStart | Assertion::LineEnd => sets.push(ranges(is_line_terminator)),
                Assertion::Word { extended, .. } => sets.push(ranges(|unit| is_word(unit, extended))),
                Assertion::CodePointBoundary => sets.extend([vec![(0xD800, 0xDBFF)], vec![(0xDC00, 0xDFFF)]]),
            }
        }
        let last = if latin1 { 0xFF } else { 0xFFFF };
        // Where a set begins, and behind where it ends.
        let mut turns: Vec<(u32, usize)> = Vec::new();
        for (index, set) in sets.iter().enumerate() {
            let ends = set.iter().flat_map(|&(from, to)| [u32::from(from), u32::from(to) + 1]);
            turns.extend(ends.filter(|unit| *unit <= last).map(|unit| (unit, index)));
        }
        turns.sort_unstable();
        let words = sets.len().div_ceil(64);
        if turns.len().saturating_mul(words) > MOST_WORK {
            return None;
        }
        let mut table: Box<[u8; 1 << 16]> = vec![0; 1 << 16].into_boxed_slice().try_into().ok()?;
        let mut units = Vec::new();
        let mut ids: HashMap<Vec<u64>, u8> = HashMap::new();
        let (mut members, mut from, mut turns) = (vec![0_u64; words], 0, turns.into_iter().peekable());
        while from <= last {
            while let Some((_, set)) = turns.next_if(|turn| turn.0 == from) {
                members[set / 64] ^= 1 << (set % 64);
            }
            let to = turns.peek().map_or(last + 1, |turn| turn.0);
            let class = match ids.get(&members) {
                Some(&class) => class,
                None if units.len() == MOST => return None,
                None => {
                    ids.insert(members.clone(), units.len() as u8);
                    units.push(from as u16);
                    (units.len() - 1) as u8
                }
            };
            table[from as usize..to as usize].fill(class);
            from = to;
        }
        Some(UnitClasses { table, units })
    }

    /// The class that the end of the subject is.
    pub(crate) fn end(&self) -> usize {
        self.units.len()
    }

    /// A unit of a class; `None` for the end.
    pub(crate) fn unit(&self, class: usize) -> Option<u16> {
        self.units.get(class).copied()
    }
}

/// The units that something is true of which line terminators and units of words alone can be.
fn ranges(holds: impl Fn(u16) -> bool) -> Vec<(u16, u16)> {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for unit in (0..=0x7F).chain([0x17F, 0x2028, 0x2029, 0x212A]).filter(|&unit| holds(unit)) {
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == unit => last.1 = unit,
            _ => ranges.push((unit, unit)),
        }
    }
    ranges
}
