//! What texts are mostly made of: no white space, strings of ASCII without escapes, numbers without exponents. Such values are stepped
//! over in some ten instructions, without a place in memory in between; all else, wrong text above all, is left to the scanner.

use wide::u8x16;

use super::scanner::Text;

/// Bytes of a string that are looked at together: most have no more.
const WIDE: usize = 16;
/// How many times at most: what is longer is polled.
const ROUNDS: usize = 32;

const ONES: u64 = 0x0101_0101_0101_0101;

/// A text. It may go on behind its end if a line feed stands there: no plain value holds one.
#[derive(Clone, Copy)]
pub(super) struct Plain<'d>(pub(super) &'d [u8]);

impl Plain<'_> {
    /// The end of the string whose quote is before `at`: where the other one is.
    #[inline(always)]
    pub(super) fn string(self, mut at: usize) -> Option<usize> {
        for _ in 0..ROUNDS {
            let bytes = u8x16::new(*self.0.get(at..)?.first_chunk()?);
            let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
            // Of what is not ASCII the highest bit is set, which is what a mask is made of.
            let other = (bytes.simd_eq(u8x16::splat(b'\\')) | control | bytes).to_bitmask();
            let quotes = bytes.simd_eq(u8x16::splat(b'"')).to_bitmask();
            if quotes != 0 {
                let before = (quotes & quotes.wrapping_neg()) - 1;
                return (other & before == 0).then_some(at + quotes.trailing_zeros() as usize);
            }
            if other != 0 {
                return None;
            }
            at += WIDE;
        }
        None
    }

    /// The member's name at `at`, and where its value is if that stands right behind the colon.
    #[inline(always)]
    pub(super) fn key(self, at: usize) -> Option<(Text, usize)> {
        if *self.0.get(at)? != b'"' {
            return None;
        }
        let end = self.string(at + 1)?;
        if *self.0.get(end + 1)? != b':' {
            return None;
        }
        Some((Text { start: at + 1, end, escaped: false }, end + 2))
    }

    /// The same of the comma at `at` and the name behind it.
    #[inline(always)]
    pub(super) fn member(self, at: usize) -> Option<(Text, usize)> {
        if *self.0.get(at)? == b',' { self.key(at + 1) } else { None }
    }

    /// The end of the string, number or literal at `at`. Behind a number there may still be what makes it none.
    #[inline(always)]
    pub(super) fn scalar(self, at: usize) -> Option<usize> {
        match *self.0.get(at)? {
            b'"' => Some(self.string(at + 1)? + 1),
            b'0'..=b'9' => self.number(at),
            b'-' => self.number(at + 1),
            b't' => self.literal(at, b"true"),
            b'f' => self.literal(at, b"false"),
            b'n' => self.literal(at, b"null"),
            _ => None,
        }
    }

    #[inline(always)]
    fn literal(self, at: usize, text: &[u8]) -> Option<usize> {
        self.0[at..].starts_with(text).then_some(at + text.len())
    }

    #[inline(always)]
    fn number(self, at: usize) -> Option<usize> {
        let end = self.digits(at)?;
        if self.0[at] == b'0' && end > at + 1 {
            return None;
        }
        match *self.0.get(end)? {
            b'.' => {
                let end = self.digits(end + 1)?;
                if *self.0.get(end)? | 0x20 == b'e' { None } else { Some(end) }
            }
            b'e' | b'E' => None,
            _ => Some(end),
        }
    }

    /// The end of one to 23 digits.
    #[inline(always)]
    fn digits(self, start: usize) -> Option<usize> {
        let mut at = start;
        for _ in 0..3 {
            let word = u64::from_le_bytes(*self.0.get(at..)?.first_chunk()?) ^ (ONES * b'0' as u64);
            // Above 9 the highest bit is set, or becomes so; carries only reach higher bytes.
            let others = (word.wrapping_add(ONES * 0x76) | word) & (ONES * 0x80);
            if others != 0 {
                let end = at + others.trailing_zeros() as usize / 8;
                return (end > start).then_some(end);
            }
            at += 8;
        }
        None
    }
}
