//! Strings: finding their end eight bytes at a time, and undoing their escapes.
//!
//! The bit tricks are those of Bit Twiddling Hacks ("Determine if a word has a zero byte", "a byte less than n"): exact for the
//! lowest byte that they find, which is all that is used.

use std::borrow::Cow;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// How far one search goes at most before its caller polls.
const STRETCH: usize = 64 << 10;

/// The first byte from `at` on that ends or escapes within a string, is a control character or, at most [`STRETCH`] bytes away,
/// anything; or the end. The bytes passed are gathered in `high`.
#[inline(always)]
pub(super) fn find_special(data: &[u8], mut at: usize, high: &mut u64) -> usize {
    let stop = data.len().min(at.saturating_add(STRETCH));
    while at + 8 <= stop {
        let Some(word) = data[at..].first_chunk::<8>() else { break };
        let word = u64::from_le_bytes(*word);
        let found = special(word);
        if found != 0 {
            let bits = found.trailing_zeros() & !7;
            *high |= word & ((1 << bits) - 1);
            return at + bits as usize / 8;
        }
        *high |= word;
        at += 8;
    }
    while at < stop && !matches!(data[at], b'"' | b'\\' | 0..0x20) {
        *high |= u64::from(data[at]);
        at += 1;
    }
    at
}

/// The first quote or bracket from `at` on, or what is [`STRETCH`] bytes away, or the end.
#[inline(always)]
pub(super) fn find_structure(data: &[u8], mut at: usize) -> usize {
    let stop = data.len().min(at.saturating_add(STRETCH));
    while at + 8 <= stop {
        let Some(word) = data[at..].first_chunk::<8>() else { break };
        let word = u64::from_le_bytes(*word);
        // Square brackets become curly ones.
        let curly = word | (ONES * 0x20);
        let found = zero_bytes(word ^ (ONES * b'"' as u64))
            | zero_bytes(curly ^ (ONES * b'{' as u64))
            | zero_bytes(curly ^ (ONES * b'}' as u64));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while at < stop && !matches!(data[at], b'"' | b'{' | b'}' | b'[' | b']') {
        at += 1;
    }
    at
}

/// A bit in the lowest byte that cannot simply stand in a string, and perhaps above it.
#[inline(always)]
fn special(word: u64) -> u64 {
    let quote = zero_bytes(word ^ (ONES * b'"' as u64));
    let escape = zero_bytes(word ^ (ONES * b'\\' as u64));
    quote | escape | (word.wrapping_sub(ONES * 0x20) & !word & HIGHS)
}

#[inline(always)]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Whether any of the gathered bytes is not ASCII.
#[inline(always)]
pub(super) fn has_high(gathered: u64) -> bool {
    gathered & HIGHS != 0
}

/// The text of a string: `raw` is what stands between its quotes, which must be valid. Lone surrogates, which UTF-8 cannot hold,
/// become the three bytes that WTF-8 has for them, and so are equal to no other text.
///
/// # Example
///
/// ```
/// use sidelane_kernels::json::decode;
///
/// assert_eq!(&*decode(br"a\n\u00e9\ud83d\ude00"), "a\né😀".as_bytes());
/// assert_eq!(&*decode(br"\ud800"), [0xed, 0xa0, 0x80]);
/// ```
#[must_use]
pub fn decode(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut at) = memchr::memchr(b'\\', raw) else { return Cow::Borrowed(raw) };
    let mut text = Vec::with_capacity(raw.len());
    let mut from = 0;
    loop {
        text.extend_from_slice(&raw[from..at]);
        from = at + 2;
        match raw.get(at + 1) {
            Some(b'u') => {
                let (code, length) = code_point(&raw[at..]);
                push_wtf8(&mut text, code);
                from = at + length;
            }
            Some(b'b') => text.push(8),
            Some(b'f') => text.push(12),
            Some(b'n') => text.push(b'\n'),
            Some(b'r') => text.push(b'\r'),
            Some(b't') => text.push(b'\t'),
            Some(other) => text.push(*other),
            None => return Cow::Owned(text),
        }
        let rest = raw.get(from..).unwrap_or_default();
        match memchr::memchr(b'\\', rest) {
            Some(next) => at = from + next,
            None => {
                text.extend_from_slice(rest);
                return Cow::Owned(text);
            }
        }
    }
}

/// The code point that begins `escape`, and how long its escape is; a lone surrogate is its own.
fn code_point(escape: &[u8]) -> (u32, usize) {
    let first = code_unit(escape).unwrap_or(0xfffd);
    if (0xd800..0xdc00).contains(&first) {
        let second = escape.get(6..).and_then(code_unit);
        if let Some(second @ 0xdc00..0xe000) = second {
            return (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12);
        }
    }
    (first, 6)
}

fn code_unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
}

fn push_wtf8(text: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        None => text.extend_from_slice(&[
            0xe0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]),
    }
}
