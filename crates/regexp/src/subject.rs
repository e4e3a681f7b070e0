//! What is searched.

/// A string as JavaScript has it, in either of the forms engines keep.
///
/// Offsets are in code units in both. A UTF-16 subject need not be well-formed.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'s> {
    /// One byte per code unit, U+0000 to U+00FF.
    Latin1(&'s [u8]),
    /// UTF-16.
    Utf16(&'s [u16]),
}

impl Subject<'_> {
    /// Code units.
    pub fn len(&self) -> usize {
        match self {
            Subject::Latin1(units) => units.len(),
            Subject::Utf16(units) => units.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
