//! Scans over code units that the compiler vectorises, and one that skips.

use super::position::Unit;
use crate::program::FirstUnits;

/// How to find the next position at which a match can begin.
#[derive(Debug)]
pub(crate) enum Scan<U> {
    /// Every position can be one.
    Every,
    /// The unit there is in one of up to three ranges: their beginnings and lengths.
    Ranges(Vec<(U, U)>),
    Skip(Box<Skip>),
}

/// Units at a match's first places, by their low bytes: from the last of them on, what cannot be there is skipped (Horspool, "Practical
/// fast searching in strings", 1980).
#[derive(Debug)]
pub(crate) struct Skip {
    /// Bit `k`: can be at place `k`.
    places: [u8; 256],
    /// How far the match's last place can move if this is what is there now.
    shifts: [u8; 256],
    length: usize,
}

impl<U: Unit> Scan<U> {
    pub(crate) fn new(places: &[FirstUnits]) -> Self {
        let Some(first) = places.first() else { return Scan::Every };
        let lengths = 1..=places.len().min(8);
        let best = lengths
            .map(|length| Skip::new::<U>(&places[..length]))
            .max_by(|a, b| a.expected().total_cmp(&b.expected()));
        let ranges: Vec<(U, U)> = first
            .ranges()
            .iter()
            .filter_map(|&(from, to)| {
                let to = if U::LATIN1 { to.min(0xFF) } else { to };
                Some((U::narrow(from)?, U::narrow(to - from.min(to))?))
            })
            .collect();
        match best {
            Some(skip) if skip.length > 1 && skip.expected() >= 1.8 => Scan::Skip(Box::new(skip)),
            _ if ranges.len() <= 3 => Scan::Ranges(ranges),
            Some(skip) => Scan::Skip(Box::new(skip)),
            None => Scan::Every,
        }
    }

    /// The first candidate at or after `at`.
    #[inline]
    pub(crate) fn next(&self, subject: &[U], at: usize) -> Option<usize> {
        match self {
            Scan::Every => Some(at),
            Scan::Ranges(ranges) => {
                let rest = subject.get(at..)?;
                let found = match ranges[..] {
                    [a] => find(rest, |unit| unit.within(a)),
                    [a, b] => find(rest, |unit| unit.within(a) | unit.within(b)),
                    [a, b, c] => find(rest, |unit| unit.within(a) | unit.within(b) | unit.within(c)),
                    _ => None,
                };
                Some(at + found?)
            }
            Scan::Skip(skip) => skip.next(subject, at),
        }
    }
}

impl Skip {
    fn new<U: Unit>(sets: &[FirstUnits]) -> Skip {
        let length = sets.len();
        let mut places = [0_u8; 256];
        for (place, set) in sets.iter().enumerate() {
            for &(from, to) in set.ranges() {
                let to = if U::LATIN1 { to.min(0xFF) } else { to };
                // 256 of them have all low bytes there are.
                for unit in (from..=to).take(256) {
                    places[usize::from(unit & 0xFF)] |= 1 << place;
                }
            }
        }
        let shift =
            |mask: u8| (0..length).find(|back| mask >> (length - 1 - back) & 1 != 0).unwrap_or(length);
        Skip { places, shifts: places.map(|mask| shift(mask) as u8), length }
    }

    /// Units for each step, in a text of printable ASCII.
    fn expected(&self) -> f64 {
        f64::from(self.shifts[0x20..0x7F].iter().map(|&shift| u32::from(shift.max(1))).sum::<u32>()) / 95.0
    }

    fn next<U: Unit>(&self, subject: &[U], at: usize) -> Option<usize> {
        let low = |unit: U| usize::from(unit.get() & 0xFF);
        let mut last = at + self.length - 1;
        while let Some(&unit) = subject.get(last) {
            let shift = self.shifts[low(unit)];
            if shift != 0 {
                last += usize::from(shift);
                continue;
            }
            let start = last + 1 - self.length;
            let units = &subject[start..=last];
            if units.iter().enumerate().all(|(place, &unit)| self.places[low(unit)] >> place & 1 != 0) {
                return Some(start);
            }
            last += 1;
        }
        None
    }
}

/// The first unit that passes a test without branches.
#[inline(always)]
pub(crate) fn find<U: Unit>(units: &[U], test: impl Fn(U) -> bool) -> Option<usize> {
    const CHUNK: usize = 64;
    // A near one is found without the vectors.
    let near = units.len().min(8);
    if let Some(found) = units[..near].iter().position(|&unit| test(unit)) {
        return Some(found);
    }
    let mut at = near;
    for chunk in units[near..].chunks_exact(CHUNK) {
        if chunk.iter().fold(false, |any, &unit| any | test(unit)) {
            break;
        }
        at += CHUNK;
    }
    Some(at + units[at..].iter().position(|&unit| test(unit))?)
}
