//! Sets of code units and code points, as the engines ask for them.

use crate::unicode::CodePointSet;

/// A set of code units: a bitmap for Latin-1, sorted ranges above it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct UnitSet {
    latin1: [u64; 4],
    above: Box<[(u16, u16)]>,
}

impl UnitSet {
    pub(crate) fn from_ranges(ranges: impl IntoIterator<Item = (u16, u16)>) -> Self {
        let mut latin1 = [0; 4];
        let mut above = Vec::new();
        for (from, to) in ranges {
            for unit in from..=to.min(0xFF) {
                latin1[usize::from(unit >> 6)] |= 1 << (unit & 63);
            }
            if to > 0xFF {
                above.push((from.max(0x100), to));
            }
        }
        UnitSet { latin1, above: above.into() }
    }

    /// The code units of a set, of which those above U+FFFF are left out.
    pub(crate) fn of(set: &CodePointSet) -> Self {
        let units = set.ranges().iter().filter(|range| range.0 <= 0xFFFF);
        UnitSet::from_ranges(units.map(|&(from, to)| (from as u16, to.min(0xFFFF) as u16)))
    }

    #[inline]
    pub(crate) fn contains(&self, unit: u16) -> bool {
        if unit < 0x100 { self.contains_latin1(unit as u8) } else { self.contains_above(unit) }
    }

    #[inline]
    pub(crate) fn contains_latin1(&self, unit: u8) -> bool {
        self.latin1[usize::from(unit >> 6)] >> (unit & 63) & 1 != 0
    }

    fn contains_above(&self, unit: u16) -> bool {
        let after = self.above.partition_point(|range| range.0 <= unit);
        after > 0 && self.above[after - 1].1 >= unit
    }

    /// Whether it has all units above U+00FF or none of them.
    pub(crate) fn treats_all_above_alike(&self) -> bool {
        matches!(*self.above, [] | [(0x100, 0xFFFF)])
    }

    /// All ranges, in order.
    pub(crate) fn ranges(&self) -> Vec<(u16, u16)> {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        let latin1 = (0..=0xFF).filter(|&unit| self.contains_latin1(unit as u8)).map(|unit| (unit, unit));
        for (from, to) in latin1.chain(self.above.iter().copied()) {
            match ranges.last_mut() {
                Some(last) if last.1.checked_add(1) == Some(from) => last.1 = to,
                _ => ranges.push((from, to)),
            }
        }
        ranges
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.latin1 == [0; 4] && self.above.is_empty()
    }
}

/// A set of code points: its code units, lone surrogates among them, and the rest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CodePoints {
    pub(crate) units: UnitSet,
    pub(crate) astral: Box<[(u32, u32)]>,
}

impl CodePoints {
    pub(crate) fn of(set: &CodePointSet) -> Self {
        let astral = set.ranges().iter().filter(|range| range.1 > 0xFFFF);
        let astral = astral.map(|&(from, to)| (from.max(0x10000), to)).collect();
        CodePoints { units: UnitSet::of(set), astral }
    }

    pub(crate) fn contains_astral(&self, c: u32) -> bool {
        let after = self.astral.partition_point(|range| range.0 <= c);
        after > 0 && self.astral[after - 1].1 >= c
    }
}
