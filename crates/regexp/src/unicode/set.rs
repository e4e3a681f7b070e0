//! Sets of code points.

use super::MAX;

/// A set of code points, surrogates included: sorted, disjoint, non-adjacent inclusive ranges over `0..=0x10FFFF`.
///
/// ```
/// use sidelane_regexp::unicode::CodePointSet;
///
/// let vowels = CodePointSet::from_ranges([(0x61, 0x61), (0x65, 0x65), (0x69, 0x69)]);
/// let letters = CodePointSet::from_ranges([(0x61, 0x7A)]);
/// assert_eq!(letters.difference(&vowels).ranges(), [(0x62, 0x64), (0x66, 0x68), (0x6A, 0x7A)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CodePointSet {
    ranges: Vec<(u32, u32)>,
}

impl CodePointSet {
    /// The set of no code point.
    #[must_use]
    pub const fn empty() -> Self {
        Self { ranges: Vec::new() }
    }

    /// The set of all code points.
    #[must_use]
    pub fn all() -> Self {
        Self { ranges: vec![(0, MAX)] }
    }

    /// The union of inclusive ranges, in any order, overlapping or not. What lies above `0x10FFFF` is cut off; a range whose end is
    /// before its start is empty.
    #[must_use]
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut ranges: Vec<_> = ranges
            .into_iter()
            .filter(|&(first, last)| first <= last && first <= MAX)
            .map(|(first, last)| (first, last.min(MAX)))
            .collect();
        if !ranges.is_sorted() {
            ranges.sort_unstable();
        }
        ranges.dedup_by(|next, kept| {
            // Adjacent ranges become one, so that equal sets have equal ranges.
            let joins = next.0 <= kept.1 + 1;
            if joins {
                kept.1 = kept.1.max(next.1);
            }
            joins
        });
        Self { ranges }
    }

    /// The inclusive ranges, sorted, disjoint and not adjacent.
    #[must_use]
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Whether no code point is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether `c` is in the set, in O(log ranges).
    #[must_use]
    pub fn contains(&self, c: u32) -> bool {
        let after = self.ranges.partition_point(|&(first, _)| first <= c);
        after > 0 && c <= self.ranges[after - 1].1
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        Self::from_ranges(self.ranges.iter().chain(&other.ranges).copied())
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut ranges = Vec::new();
        let (mut i, mut j) = (0, 0);
        while let (Some(&a), Some(&b)) = (self.ranges.get(i), other.ranges.get(j)) {
            let (first, last) = (a.0.max(b.0), a.1.min(b.1));
            if first <= last {
                ranges.push((first, last));
            }
            if a.1 < b.1 {
                i += 1;
            } else {
                j += 1;
            }
        }
        Self { ranges }
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.intersect(&other.negate())
    }

    /// All other code points.
    #[must_use]
    pub fn negate(&self) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut from = 0;
        for &(first, last) in &self.ranges {
            if from < first {
                ranges.push((from, first - 1));
            }
            from = last + 1;
        }
        if from <= MAX {
            ranges.push((from, MAX));
        }
        Self { ranges }
    }
}
