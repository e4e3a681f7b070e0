//! Code points as sequences of code units.

use super::unit_set::UnitSet;
use crate::unicode::CodePointSet;

/// How the members of a set look in UTF-16. The alternatives exclude each other.
#[derive(Debug)]
pub(crate) struct Sequences {
    /// Single units that are a code point wherever they are met.
    pub(crate) units: UnitSet,
    /// Surrogates that are one only if the position behind them, in the direction of reading, is not within a pair.
    pub(crate) lone: UnitSet,
    /// High surrogates, low surrogates.
    pub(crate) pairs: Vec<(UnitSet, UnitSet)>,
}

type Ranges = Vec<(u16, u16)>;

const HIGH: (u32, u32) = (0xD800, 0xDBFF);
const LOW: (u32, u32) = (0xDC00, 0xDFFF);

/// Splits a set. Matching begins between code points, so that forwards a low surrogate, and backwards a high one, is always lone.
pub(crate) fn sequences(set: &CodePointSet, backward: bool) -> Sequences {
    let doubtful = if backward { LOW } else { HIGH };
    let surrogates = CodePointSet::from_ranges([doubtful]);
    let bmp = set.intersect(&CodePointSet::from_ranges([(0, 0xFFFF)]));
    Sequences {
        units: UnitSet::of(&bmp.difference(&surrogates)),
        lone: UnitSet::of(&bmp.intersect(&surrogates)),
        pairs: pairs(set),
    }
}

/// High surrogates that take the same low ones go together.
fn pairs(set: &CodePointSet) -> Vec<(UnitSet, UnitSet)> {
    let mut by_low: Vec<(Ranges, Ranges)> = Vec::new();
    let mut add = |high: (u32, u32), low: Ranges| {
        let high = (high.0 as u16, high.1 as u16);
        match by_low.iter_mut().find(|entry| entry.0 == low) {
            Some(entry) => entry.1.push(high),
            None => by_low.push((low, vec![high])),
        }
    };
    let mut open: Option<(u32, Ranges)> = None;
    for &(from, to) in set.ranges().iter().filter(|range| range.1 > 0xFFFF) {
        let (from, to) = (from.max(0x10000), to);
        let mut at = from;
        while at <= to {
            let (high, low) = split(at);
            let whole_highs = if low == LOW.0 { (to + 1 - at) >> 10 } else { 0 };
            if whole_highs > 0 && open.as_ref().is_none_or(|open| open.0 != high) {
                add((high, high + whole_highs - 1), vec![(LOW.0 as u16, LOW.1 as u16)]);
                at += whole_highs << 10;
                continue;
            }
            let end = to.min(at | 0x3FF);
            let range = (low as u16, split(end).1 as u16);
            match &mut open {
                Some((open_high, ranges)) if *open_high == high => ranges.push(range),
                _ => {
                    if let Some((high, ranges)) = open.replace((high, vec![range])) {
                        add((high, high), ranges);
                    }
                }
            }
            at = end + 1;
        }
    }
    if let Some((high, ranges)) = open {
        add((high, high), ranges);
    }
    by_low.into_iter().map(|(low, high)| (UnitSet::from_ranges(high), UnitSet::from_ranges(low))).collect()
}

/// The surrogates of a code point above U+FFFF.
pub(crate) fn split(c: u32) -> (u32, u32) {
    let offset = c - 0x10000;
    (HIGH.0 + (offset >> 10), LOW.0 + (offset & 0x3FF))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(sequences: &Sequences) -> Vec<(u32, u32)> {
        let mut all = Vec::new();
        for (highs, lows) in &sequences.pairs {
            for (from, to) in highs.ranges() {
                for high in from..=to {
                    for (from, to) in lows.ranges() {
                        let c = |low: u16| {
                            0x10000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(low) - 0xDC00)
                        };
                        all.push((c(from), c(to)));
                    }
                }
            }
        }
        CodePointSet::from_ranges(all).ranges().to_vec()
    }

    #[test]
    fn pairs_cover_exactly_the_astral_part() {
        let sets = [
            vec![(0x10000, 0x10FFFF)],
            vec![(0x10001, 0x10FFFE)],
            vec![(0x1F600, 0x1F64F), (0x1F900, 0x1F9FF)],
            vec![(0x103FF, 0x10800)],
            vec![(0x10000, 0x103FF), (0x10401, 0x10402), (0x10404, 0x10BFF)],
        ];
        for ranges in sets {
            let set = CodePointSet::from_ranges(ranges.clone());
            assert_eq!(members(&sequences(&set, false)), ranges);
        }
    }

    #[test]
    fn the_doubtful_surrogate_depends_on_the_direction() {
        let set = CodePointSet::from_ranges([(0xD800, 0xDFFF)]);
        assert_eq!(sequences(&set, false).lone.ranges(), [(0xD800, 0xDBFF)]);
        assert_eq!(sequences(&set, true).lone.ranges(), [(0xDC00, 0xDFFF)]);
    }
}
