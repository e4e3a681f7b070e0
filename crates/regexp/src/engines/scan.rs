//! Scans over code units, written so that the compiler vectorises them.

use super::position::Unit;
use crate::program::FirstUnits;

/// How to find the next position at which a match can begin.
#[derive(Debug)]
pub(crate) enum Scan<U> {
    /// Every position can be one.
    Every,
    Places(Box<Places<U>>),
}

/// What can be at the first places of a match.
#[derive(Debug)]
pub(crate) struct Places<U> {
    /// The places that tell most.
    tests: Vec<(usize, Test<U>)>,
    /// The share of a text that they let through together.
    passing: f64,
    /// By the low byte of a unit, bit `k`: can be at place `k`.
    masks: [u8; 256],
    /// How many places are known.
    length: usize,
}

/// A superset of what can be at a place. A range is its first unit and the distance to its last.
#[derive(Debug, Clone, Copy)]
enum Test<U> {
    One(U),
    Two(U, U),
    Range((U, U)),
    Ranges([(U, U); RANGES]),
}

/// Ranges of a test.
const RANGES: usize = 3;
/// Tests at most.
const TESTS: usize = 3;
/// Units that are looked at in one go.
const CHUNK: usize = 64;
/// Tests that let more than this share of a text through are not worth it.
const USELESS: f64 = 0.9;
/// And no further one is if those before let less than this through.
const ENOUGH: f64 = 0.004;
/// One candidate in a hundred units, at most.
const SELECTIVE: f64 = 0.01;

impl<U: Unit> Scan<U> {
    /// `places`: at most eight.
    pub(crate) fn new(places: &[FirstUnits]) -> Self {
        let mut masks = [0_u8; 256];
        let mut tests = Vec::new();
        for (place, set) in places.iter().enumerate() {
            let mut ranges = set.ranges().to_vec();
            if U::LATIN1 {
                ranges.retain(|range| range.0 <= 0xFF);
                ranges.iter_mut().for_each(|range| range.1 = range.1.min(0xFF));
            }
            for &(from, to) in &ranges {
                // 256 of them have all low bytes there are.
                for unit in (from..=to).take(256) {
                    masks[usize::from(unit & 0xFF)] |= 1 << place;
                }
            }
            let ranges = joined(ranges);
            tests.push((share(&ranges), place, Test::of(&ranges)));
        }
        tests.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut passing = 1.0;
        tests.retain(|test| {
            let is_of_use = test.0 <= USELESS && passing > ENOUGH;
            passing *= test.0;
            is_of_use
        });
        if tests.is_empty() {
            return Scan::Every;
        }
        tests.truncate(TESTS);
        let passing = tests.iter().map(|test| test.0).product();
        let tests = tests.into_iter().map(|(_, place, test)| (place, test)).collect();
        Scan::Places(Box::new(Places { tests, passing, masks, length: places.len() }))
    }

    /// Whether candidates are so rare that most of a text is passed by whole vectors.
    pub(crate) fn is_selective(&self) -> bool {
        matches!(self, Scan::Places(places) if places.passing <= SELECTIVE)
    }

    /// The first candidate at or after `at`.
    #[inline]
    pub(crate) fn next(&self, subject: &[U], at: usize) -> Option<usize> {
        match self {
            Scan::Every => Some(at),
            Scan::Places(places) => places.next(subject, at),
        }
    }
}

impl<U: Unit> Places<U> {
    #[inline]
    fn next(&self, subject: &[U], at: usize) -> Option<usize> {
        // Positions with a unit at every known place.
        let end = (subject.len() + 1).checked_sub(self.length)?;
        // A near one is found without the vectors.
        let near = end.min(at.saturating_add(8));
        for position in at..near {
            if self.fits(subject, position) {
                return Some(position);
            }
        }
        if near < end { self.far(subject, near, end) } else { None }
    }

    #[inline]
    fn fits(&self, subject: &[U], at: usize) -> bool {
        let can_be =
            |place: usize| self.masks[usize::from(subject[at + place].get() & 0xFF)] >> place & 1 != 0;
        can_be(0) && (1..self.length).all(can_be)
    }

    #[inline(never)]
    fn far(&self, subject: &[U], from: usize, end: usize) -> Option<usize> {
        let mut at = from;
        let Some(((first_place, first), others)) = self.tests.split_first() else { return Some(from) };
        while at + CHUNK <= end {
            // Where nothing passes the first test, which is the common case, that costs half as much as all of them.
            if !first.any(&subject[at + first_place..][..CHUNK]) {
                at += CHUNK;
                continue;
            }
            let mut passes = [U::truncate(0xFFFF); CHUNK];
            first.apply(&subject[at + first_place..][..CHUNK], &mut passes);
            for (place, test) in others {
                test.apply(&subject[at + place..][..CHUNK], &mut passes);
            }
            if passes.iter().fold(0, |any, pass| any | pass.get()) != 0 {
                let passing = |offset: &usize| passes[*offset].get() != 0 && self.fits(subject, at + offset);
                if let Some(offset) = (0..CHUNK).find(passing) {
                    return Some(at + offset);
                }
            }
            at += CHUNK;
        }
        (at..end).find(|&position| self.fits(subject, position))
    }
}

impl<U: Unit> Test<U> {
    /// Of at most three ranges. Of none it is a test that something passes, which the masks refuse.
    fn of(ranges: &[(u16, u16)]) -> Self {
        let range = |(from, to): (u16, u16)| (U::truncate(from), U::truncate(to - from));
        match *ranges {
            [(a, b)] if a == b => Test::One(U::truncate(a)),
            [(a, b), (c, d)] if a == b && c == d => Test::Two(U::truncate(a), U::truncate(c)),
            [a] => Test::Range(range(a)),
            [a, b, c] => Test::Ranges([range(a), range(b), range(c)]),
            [a, b] => Test::Ranges([range(a), range(b), range(b)]),
            _ => Test::Range(range((0, 0))),
        }
    }

    /// Whether anything passes.
    #[inline]
    fn any(&self, units: &[U]) -> bool {
        match *self {
            Test::One(a) => any(units, |unit| unit == a),
            Test::Two(a, b) => any(units, |unit| (unit == a) | (unit == b)),
            Test::Range(a) => any(units, |unit| unit.within(a)),
            Test::Ranges([a, b, c]) => any(units, |unit| unit.within(a) | unit.within(b) | unit.within(c)),
        }
    }

    /// Zeroes what does not pass.
    #[inline]
    fn apply(&self, units: &[U], passes: &mut [U; CHUNK]) {
        match *self {
            Test::One(a) => keep(units, passes, |unit| unit == a),
            Test::Two(a, b) => keep(units, passes, |unit| (unit == a) | (unit == b)),
            Test::Range(a) => keep(units, passes, |unit| unit.within(a)),
            Test::Ranges([a, b, c]) => {
                keep(units, passes, |unit| unit.within(a) | unit.within(b) | unit.within(c))
            }
        }
    }
}

#[inline(always)]
fn any<U: Unit>(units: &[U], test: impl Fn(U) -> bool) -> bool {
    units.iter().fold(false, |any, &unit| any | test(unit))
}

#[inline(always)]
fn keep<U: Unit>(units: &[U], passes: &mut [U; CHUNK], test: impl Fn(U) -> bool) {
    for (pass, &unit) in passes.iter_mut().zip(units) {
        *pass = if test(unit) { *pass } else { U::truncate(0) };
    }
}

/// At most three ranges that hold all of these: the smallest gaps are closed.
fn joined(mut ranges: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    while ranges.len() > RANGES {
        let gap = |index: &usize| share(&[(ranges[*index].1 + 1, ranges[*index + 1].0 - 1)]);
        let closed = (0..ranges.len() - 1).min_by(|a, b| gap(a).total_cmp(&gap(b))).unwrap_or(0);
        ranges[closed].1 = ranges[closed + 1].1;
        ranges.remove(closed + 1);
    }
    ranges
}

/// The share of a text, English or a log, that is in the ranges.
fn share(ranges: &[(u16, u16)]) -> f64 {
    let weights = [
        ((0x20, 0x20), 0.12),
        ((0x2E, 0x2F), 0.03),
        ((0x30, 0x39), 0.12),
        ((0x41, 0x5A), 0.05),
        ((0x61, 0x7A), 0.6),
        ((0x00, 0x7F), 0.05),
        ((0x80, 0xFF), 0.01),
        ((0x100, 0xFFFF), 0.3),
    ];
    let of = |&(from, to): &(u16, u16)| -> f64 {
        let part = |&((first, last), weight): &((u16, u16), f64)| {
            let common = f64::from((u32::from(to.min(last)) + 1).saturating_sub(u32::from(from.max(first))));
            weight * common / (f64::from(last - first) + 1.0)
        };
        weights.iter().map(part).sum()
    };
    ranges.iter().map(of).sum()
}
