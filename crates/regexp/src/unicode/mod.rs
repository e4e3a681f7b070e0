//! Code-point sets, and case mapping for Latin letters.

/// Sorted, disjoint inclusive ranges over `0..=0x10FFFF`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodePointSet(Vec<(u32, u32)>);

impl CodePointSet {
    /// The set of all the ranges, in any order, overlapping or not.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut v: Vec<(u32, u32)> = ranges.into_iter().filter(|r| r.0 <= r.1).collect();
        v.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(v.len());
        for (a, b) in v {
            match out.last_mut() {
                Some(last) if a <= last.1.saturating_add(1) => last.1 = last.1.max(b),
                _ => out.push((a, b)),
            }
        }
        Self(out)
    }
    /// The ranges.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }
    /// Membership.
    pub fn contains(&self, c: u32) -> bool {
        self.0
            .binary_search_by(|&(a, b)| {
                if b < c {
                    std::cmp::Ordering::Less
                } else if a > c {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok()
    }
    /// Union.
    pub fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.0.iter().chain(&other.0).copied())
    }
    /// Complement in `0..=0x10FFFF`.
    pub fn negate(&self) -> Self {
        let mut out = Vec::new();
        let mut next = 0;
        for &(a, b) in &self.0 {
            if next < a {
                out.push((next, a - 1));
            }
            next = b + 1;
        }
        if next <= 0x10FFFF {
            out.push((next, 0x10FFFF));
        }
        Self(out)
    }
    /// Intersection.
    pub fn intersect(&self, other: &Self) -> Self {
        self.negate().union(&other.negate()).negate()
    }
    /// Difference.
    pub fn difference(&self, other: &Self) -> Self {
        self.intersect(&other.negate())
    }
    /// Whether it has no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `\p{name=value}`.
pub fn property(name: &str, value: Option<&str>) -> Option<CodePointSet> {
    match (name, value) {
        ("Any", None) => Some(CodePointSet::from_ranges([(0, 0x10FFFF)])),
        ("ASCII", None) => Some(CodePointSet::from_ranges([(0, 0x7F)])),
        ("L" | "ID_Start" | "ID_Continue", None) => Some(CodePointSet::from_ranges(
            (0..=0x10FFFF)
                .filter_map(char::from_u32)
                .filter(|c| c.is_alphabetic())
                .map(|c| (c as u32, c as u32)),
        )),
        _ => None,
    }
}

/// `\p{name}` with flag v, where it holds strings.
pub fn property_of_strings(_name: &str) -> Option<(CodePointSet, Vec<Vec<u32>>)> {
    None
}

/// ECMA-262 Canonicalize.
pub fn canonicalize(c: u32, unicode: bool) -> u32 {
    match char::from_u32(c) {
        Some(ch) if unicode => ch.to_lowercase().next().map_or(c, |l| l as u32),
        Some(ch) => {
            let mut up = ch.to_uppercase();
            match (up.next(), up.next()) {
                (Some(u), None) if !(c >= 128 && (u as u32) < 128) => u as u32,
                _ => c,
            }
        }
        None => c,
    }
}

/// Every code point whose canonicalization equals a member's.
pub fn close_over_case(set: &CodePointSet, unicode: bool) -> CodePointSet {
    let canon: std::collections::HashSet<u32> = set
        .0
        .iter()
        .flat_map(|&(a, b)| (a..=b).filter(|c| *c < 0x2000))
        .map(|c| canonicalize(c, unicode))
        .collect();
    set.union(&CodePointSet::from_ranges(
        (0..0x2000).filter(|c| canon.contains(&canonicalize(*c, unicode))).map(|c| (c, c)),
    ))
}
