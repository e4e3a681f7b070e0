//! Generated tables. Sets are LEB128 pairs of "gap since the last range" and "length of this one, less one".

#[rustfmt::skip]
pub(super) mod case;
#[rustfmt::skip]
pub(super) mod names;

/// All sets of code points, at `names::OFFSETS`.
pub(super) static SETS: &[u8] = include_bytes!("sets.bin");

/// All strings of the properties of strings: for each, the number of code points it shares with its predecessor, the number that
/// follow, and those.
pub(super) static STRINGS: &[u8] = include_bytes!("strings.bin");

/// Reads LEB128 numbers.
pub(super) struct Varints<'a>(pub(super) &'a [u8]);

impl Iterator for Varints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let mut value = 0;
        let mut shift = 0;
        while let Some((&byte, rest)) = self.0.split_first() {
            self.0 = rest;
            value |= u32::from(byte & 127) << shift;
            if byte < 128 {
                return Some(value);
            }
            shift += 7;
        }
        None
    }
}
