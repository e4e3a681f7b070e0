//! Code units of either alphabet, and what holds between two of them.

use std::sync::OnceLock;

use super::prefilter::{Needle, Prefilter, Prefilters};
use crate::syntax::Assertion;

/// A code unit: of a Latin-1 subject, or of UTF-16.
pub(crate) trait Unit: Copy + Eq {
    /// Whether there are no surrogates.
    const LATIN1: bool;
    fn get(self) -> u16;
    /// The unit of this number, which the alphabet has.
    fn truncate(unit: u16) -> Self;
    /// Whether it is one of a range, given as its first unit and the distance to its last.
    fn within(self, range: (Self, Self)) -> bool;
    fn find(needle: &Needle, subject: &[Self]) -> Option<usize>;
    fn prefilter(prefilters: &Prefilters) -> &OnceLock<Prefilter<Self>>;
}

impl Unit for u8 {
    const LATIN1: bool = true;
    #[inline(always)]
    fn get(self) -> u16 {
        u16::from(self)
    }
    fn truncate(unit: u16) -> u8 {
        unit as u8
    }
    #[inline(always)]
    fn within(self, (first, span): (u8, u8)) -> bool {
        self.wrapping_sub(first) <= span
    }
    fn find(needle: &Needle, subject: &[u8]) -> Option<usize> {
        needle.find_latin1(subject)
    }
    fn prefilter(prefilters: &Prefilters) -> &OnceLock<Prefilter<u8>> {
        &prefilters.latin1
    }
}

impl Unit for u16 {
    const LATIN1: bool = false;
    #[inline(always)]
    fn get(self) -> u16 {
        self
    }
    fn truncate(unit: u16) -> u16 {
        unit
    }
    #[inline(always)]
    fn within(self, (first, span): (u16, u16)) -> bool {
        self.wrapping_sub(first) <= span
    }
    fn find(needle: &Needle, subject: &[u16]) -> Option<usize> {
        needle.find_utf16(subject)
    }
    fn prefilter(prefilters: &Prefilters) -> &OnceLock<Prefilter<u16>> {
        &prefilters.utf16
    }
}

#[inline(always)]
pub(crate) fn is_high(unit: u16) -> bool {
    unit & 0xFC00 == 0xD800
}

#[inline(always)]
pub(crate) fn is_low(unit: u16) -> bool {
    unit & 0xFC00 == 0xDC00
}

/// Whether a position is not within a surrogate pair.
#[inline]
pub(crate) fn is_boundary<U: Unit>(subject: &[U], at: usize) -> bool {
    U::LATIN1
        || at == 0
        || at >= subject.len()
        || !is_low(subject[at].get())
        || !is_high(subject[at - 1].get())
}

/// Whether an assertion holds.
#[inline]
pub(crate) fn holds<U: Unit>(assertion: Assertion, subject: &[U], at: usize) -> bool {
    let before = || at.checked_sub(1).map(|before| subject[before].get());
    let after = || subject.get(at).map(|unit| unit.get());
    match assertion {
        Assertion::Start => at == 0,
        Assertion::End => at == subject.len(),
        Assertion::LineStart => before().is_none_or(is_line_terminator),
        Assertion::LineEnd => after().is_none_or(is_line_terminator),
        Assertion::Word { negative, extended } => {
            let is_word = |unit: Option<u16>| unit.is_some_and(|unit| is_word(unit, extended));
            (is_word(before()) == is_word(after())) == negative
        }
        Assertion::CodePointBoundary => is_boundary(subject, at),
    }
}

pub(crate) fn is_line_terminator(unit: u16) -> bool {
    matches!(unit, 0x0A | 0x0D | 0x2028 | 0x2029)
}

pub(crate) fn is_word(unit: u16, extended: bool) -> bool {
    const WORD: [u64; 2] = [0x03FF_0000_0000_0000, 0x07FF_FFFE_87FF_FFFE];
    match unit {
        0..128 => WORD[usize::from(unit >> 6)] >> (unit & 63) & 1 != 0,
        0x17F | 0x212A => extended,
        _ => false,
    }
}
