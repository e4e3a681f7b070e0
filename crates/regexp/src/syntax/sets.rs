//! The sets that a pattern names by a letter.

use crate::unicode::{CodePointSet, close_over_case};

pub(crate) fn digits() -> CodePointSet {
    CodePointSet::from_ranges([(0x30, 0x39)])
}

/// `\w`; `folded` is flag `i` with `u` or `v`.
pub(crate) fn word(folded: bool) -> CodePointSet {
    let basic = CodePointSet::from_ranges([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]);
    if folded { close_over_case(&basic, true) } else { basic }
}

/// ECMA-262 WhiteSpace and LineTerminator.
pub(crate) fn space() -> CodePointSet {
    CodePointSet::from_ranges([
        (0x09, 0x0D),
        (0x20, 0x20),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x2000, 0x200A),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
        (0xFEFF, 0xFEFF),
    ])
}

pub(crate) fn dot(dot_all: bool) -> CodePointSet {
    let all = CodePointSet::from_ranges([(0, 0x10FFFF)]);
    if dot_all { all } else { all.difference(&line_terminators()) }
}

fn line_terminators() -> CodePointSet {
    CodePointSet::from_ranges([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)])
}
