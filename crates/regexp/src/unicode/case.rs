//! Case-insensitive matching: Canonicalize of ECMA-262, 22.2.2.7.3, and its inverse.

use std::sync::OnceLock;

use super::data::case::{FOLDING, Run, UPPERCASE};
use super::set::CodePointSet;

/// Canonicalize of ECMA-262 for the flag `i`: two characters match if this is the same of both.
///
/// `unicode` is true with the flags `u` and `v`: simple case folding of the code point. Without, `c` is a code unit, and the result
/// its uppercase, unless that is more than one code unit, or ASCII when `c` is not.
///
/// ```
/// use sidelane_regexp::unicode::canonicalize;
///
/// assert_eq!(canonicalize('k' as u32, false), 'K' as u32);
/// assert_eq!(canonicalize('K' as u32, true), 'k' as u32);
/// assert_eq!(canonicalize(0x212A, true), 'k' as u32); // KELVIN SIGN
/// assert_eq!(canonicalize(0x212A, false), 0x212A);
/// ```
#[must_use]
pub fn canonicalize(c: u32, unicode: bool) -> u32 {
    if c < 128 {
        let from = if unicode { b'A' } else { b'a' };
        return if (c as u8).wrapping_sub(from) < 26 { c ^ 0x20 } else { c };
    }
    let runs = if unicode { FOLDING } else { UPPERCASE };
    match runs[..runs.partition_point(|run| run.first <= c)].last() {
        Some(run) if c <= run.last && (c - run.first).is_multiple_of(run.step) => {
            c.wrapping_add_signed(run.delta)
        }
        _ => c,
    }
}

/// Every code point (`unicode`) or code unit (not `unicode`) whose canonicalization equals that of a member of `set`.
///
/// Without `unicode`, members above `0xFFFF`, which no code unit equals, are kept as they are. Costs O(log n) for each range and
/// O(1) for each member that has a case, after 3,000 entries were built once in the process.
///
/// ```
/// use sidelane_regexp::unicode::{close_over_case, CodePointSet};
///
/// let k = CodePointSet::from_ranges([('k' as u32, 'k' as u32)]);
/// assert_eq!(close_over_case(&k, true).ranges(), [(0x4B, 0x4B), (0x6B, 0x6B), (0x212A, 0x212A)]);
/// assert_eq!(close_over_case(&k, false).ranges(), [(0x4B, 0x4B), (0x6B, 0x6B)]);
/// ```
#[must_use]
pub fn close_over_case(set: &CodePointSet, unicode: bool) -> CodePointSet {
    let orbits = Orbits::of(unicode);
    let mut added = Vec::new();
    for &(first, last) in set.ranges() {
        let from = orbits.members.partition_point(|&(c, _)| c < first);
        for &(_, orbit) in orbits.members[from..].iter().take_while(|&&(c, _)| c <= last) {
            // Most are in a large set already: to sort them in once more costs ten times as much as to ask.
            let others = orbits.orbit(orbit).iter().filter(|&&(_, c)| !set.contains(c));
            added.extend(others.map(|&(_, c)| (c, c)));
        }
    }
    if added.is_empty() {
        return set.clone();
    }
    CodePointSet::from_ranges(set.ranges().iter().copied().chain(added))
}

/// The characters that canonicalize to the same one, where that is more than one character.
struct Orbits {
    /// (canonical, member), sorted.
    by_canonical: Vec<(u32, u32)>,
    /// (member, index of its orbit's first entry in `by_canonical`), sorted.
    members: Vec<(u32, u32)>,
}

impl Orbits {
    fn of(unicode: bool) -> &'static Self {
        static FOLDED: OnceLock<Orbits> = OnceLock::new();
        static UPPERCASED: OnceLock<Orbits> = OnceLock::new();
        if unicode {
            FOLDED.get_or_init(|| Self::new(FOLDING))
        } else {
            UPPERCASED.get_or_init(|| Self::new(UPPERCASE))
        }
    }

    fn new(runs: &[Run]) -> Self {
        let mut by_canonical: Vec<(u32, u32)> = runs
            .iter()
            .flat_map(|run| (run.first..=run.last).step_by(run.step as usize).map(move |c| (run, c)))
            .flat_map(|(run, c)| {
                let canonical = c.wrapping_add_signed(run.delta);
                // A canonical character is its own canonicalization: neither mapping leads to a character that it maps on.
                [(canonical, c), (canonical, canonical)]
            })
            .collect();
        by_canonical.sort_unstable();
        by_canonical.dedup();
        let mut members = Vec::with_capacity(by_canonical.len());
        let mut first = 0;
        for (index, &(canonical, c)) in by_canonical.iter().enumerate() {
            if by_canonical[first].0 != canonical {
                first = index;
            }
            members.push((c, first as u32));
        }
        members.sort_unstable();
        Self { by_canonical, members }
    }

    fn orbit(&self, first: u32) -> &[(u32, u32)] {
        let rest = &self.by_canonical[first as usize..];
        let canonical = rest[0].0;
        let len = rest.iter().take_while(|&&(other, _)| other == canonical).count();
        &rest[..len]
    }
}
