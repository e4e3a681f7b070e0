//! Where a match can begin, found without an engine.

use std::sync::OnceLock;

use memchr::memmem::Finder;

use super::position::{Unit, holds};
use super::scan::Scan;
use crate::program::{Code, Literal, facts, is_anchored, leading_assertion, leading_units};
use crate::syntax::{Assertion, Ast};

/// What is known of all matches of a pattern, for one alphabet.
#[derive(Debug)]
pub(crate) struct Prefilter<U> {
    /// Matches begin at the subject's beginning.
    anchored: bool,
    /// Holds where a match begins.
    lead: Option<Assertion>,
    /// Units of a match, at least.
    min: usize,
    scan: Scan<U>,
    needle: Option<Needle>,
}

/// A pattern's, of both alphabets, made when they are first needed.
#[derive(Debug, Default)]
pub(crate) struct Prefilters {
    pub(crate) latin1: OnceLock<Prefilter<u8>>,
    pub(crate) utf16: OnceLock<Prefilter<u16>>,
}

/// A literal, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Needle {
    literal: Literal,
    /// `None`: no Latin-1 subject has it.
    bytes: Option<Finder<'static>>,
    rarest: usize,
}

/// What a search has found of the literal: the first one at or after where it was last asked for.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    literal_at: Option<usize>,
}

impl<U: Unit> Prefilter<U> {
    pub(crate) fn new(ast: &Ast, code: &Code) -> Self {
        let facts = facts(ast);
        let anchored = is_anchored(code);
        // A search that makes one attempt has nothing to skip.
        let needle = facts.literal.filter(|_| !anchored).map(Needle::new);
        let is_prefix = needle.as_ref().is_some_and(|needle| needle.literal.max == Some(0));
        let scan = if anchored || is_prefix { Scan::Every } else { Scan::new(&leading_units(code)) };
        Prefilter { anchored, lead: leading_assertion(code), min: facts.min, scan, needle }
    }

    /// The first position at or after `at` at which a match can begin.
    #[inline]
    pub(crate) fn next(&self, subject: &[U], at: usize, cursor: &mut Cursor) -> Option<usize> {
        let last = subject.len().checked_sub(self.min)?;
        if self.anchored {
            return (at == 0).then_some(0);
        }
        let mut at = at;
        while at <= last {
            if let Some(needle) = &self.needle {
                let from = at + needle.literal.min;
                let hit = match cursor.literal_at {
                    Some(hit) if hit >= from => hit,
                    // Never behind the end of a match: the match has one at or after the first.
                    _ => from + U::find(needle, subject.get(from..)?)?,
                };
                cursor.literal_at = Some(hit);
                at = needle.literal.max.map_or(at, |max| at.max(hit.saturating_sub(max)));
            }
            let candidate = self.scan.next(subject, at)?;
            let passes = candidate <= last && self.lead.is_none_or(|lead| holds(lead, subject, candidate));
            if passes && (candidate == at || self.needle.is_none()) {
                return Some(candidate);
            }
            at = if passes { candidate } else { candidate + 1 };
        }
        None
    }
}

impl Needle {
    fn new(literal: Literal) -> Needle {
        let bytes: Option<Vec<u8>> = literal.units.iter().map(|&unit| u8::try_from(unit).ok()).collect();
        let rarest = literal.rarest();
        Needle { literal, bytes: bytes.map(|bytes| Finder::new(&bytes).into_owned()), rarest }
    }

    pub(crate) fn find_latin1(&self, subject: &[u8]) -> Option<usize> {
        self.bytes.as_ref()?.find(subject)
    }

    pub(crate) fn find_utf16(&self, subject: &[u16]) -> Option<usize> {
        let units = &self.literal.units[..];
        let rare = units[self.rarest];
        let mut from = 0;
        // Of a literal whose rarest unit is at `rarest` the first can be found no earlier.
        while let Some(rest) = subject.get(from + self.rarest..) {
            let start = from + find(rest, rare)?;
            if subject[start..].starts_with(units) {
                return Some(start);
            }
            from = start + 1;
        }
        None
    }
}

/// The first such unit, by chunks that the compiler vectorises.
fn find(units: &[u16], wanted: u16) -> Option<usize> {
    const CHUNK: usize = 64;
    let is_in = |chunk: &&[u16]| chunk.iter().fold(false, |any, &unit| any | (unit == wanted));
    let skipped = units.chunks_exact(CHUNK).take_while(|chunk| !is_in(chunk)).count() * CHUNK;
    Some(skipped + units[skipped..].iter().position(|&unit| unit == wanted)?)
}
