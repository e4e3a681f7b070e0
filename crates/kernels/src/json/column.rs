//! Results of a selection, and what is made of them: numbers, or one compact text.

use super::{Limits, Scanner};
use crate::Uninterruptible;

/// The place of a value in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first byte.
    pub start: usize,
    /// Behind its last.
    pub end: usize,
}

/// The results of one pointer, in the order of the text.
pub type Column = Vec<Span>;

impl Span {
    /// No value.
    pub const MISSING: Self = Self { start: 0, end: 0 };

    /// The value's text; none if it is missing.
    #[must_use]
    pub fn of<'d>(&self, data: &'d [u8]) -> Option<&'d [u8]> {
        data.get(self.start..self.end).filter(|text| !text.is_empty())
    }
}

/// The number that a value is; none if it is none. Rounded to the nearest double, ties to even, as `JSON.parse` does.
///
/// # Example
///
/// ```
/// use sidelane_kernels::json::number;
///
/// assert_eq!(number(b"-12.5e1"), Some(-125.0));
/// assert_eq!(number(b"1e999"), Some(f64::INFINITY));
/// assert_eq!(number(b"\"12\""), None);
/// ```
#[must_use]
pub fn number(value: &[u8]) -> Option<f64> {
    if !matches!(value.first(), Some(b'-' | b'0'..=b'9')) {
        return None;
    }
    // Ids and counts: faster than the general way, and exact.
    if value.len() <= 15 && value.iter().all(u8::is_ascii_digit) {
        return Some(value.iter().fold(0_u64, |n, digit| n * 10 + u64::from(digit - b'0')) as f64);
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// What becomes of integers beyond 2^53 - 1, which a double cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BigInts {
    /// Numbers, rounded, as `JSON.parse` makes of them.
    #[default]
    Round,
    /// Strings of their digits.
    Text,
    /// Strings of U+0000, `n` and their digits. A string of the text that begins with U+0000 is given U+0000 and `s` before it, so
    /// that the reader can tell them apart.
    Marked,
}

/// Writes JSON that is ASCII, whatever it is made of.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    bigints: BigInts,
    marked: bool,
}

impl Writer {
    /// An empty text.
    #[must_use]
    pub fn new(bigints: BigInts) -> Self {
        Self { out: Vec::new(), bigints, marked: false }
    }

    /// Bytes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// The text, and whether it holds anything that is [marked](BigInts::Marked).
    #[must_use]
    pub fn finish(self) -> (String, bool) {
        // All that was pushed is ASCII.
        (String::from_utf8(self.out).unwrap_or_default(), self.marked)
    }

    /// Adds punctuation or a literal: ASCII.
    pub fn push(&mut self, ascii: &str) {
        debug_assert!(ascii.is_ascii());
        self.out.extend_from_slice(ascii.as_bytes());
    }

    /// Adds a string of this text.
    pub fn string(&mut self, text: &str) {
        self.out.push(b'"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.out.extend_from_slice(&[b'\\', c as u8]),
                ' '..='~' => self.out.push(c as u8),
                _ => self.escape(c),
            }
        }
        self.out.push(b'"');
    }

    /// Adds a value of a text, which must be valid; `None` becomes `null`.
    pub fn value(&mut self, value: Option<&[u8]>) {
        let Some(value) = value else { return self.push("null") };
        if self.bigints == BigInts::Round {
            return self.ascii(value);
        }
        match value[0] {
            b'-' | b'0'..=b'9' => self.number(value),
            b'"' => self.text(value),
            b'{' | b'[' => self.tokens(value),
            _ => self.ascii(value),
        }
    }

    /// A container, with its numbers and strings one by one.
    fn tokens(&mut self, value: &[u8]) {
        let mut scanner = Scanner::new(value, Limits::default(), &Uninterruptible);
        while scanner.at < value.len() {
            let start = scanner.at;
            match scanner.byte() {
                b'"' => {
                    if scanner.skip_string().is_err() {
                        return;
                    }
                    let end = scanner.at;
                    scanner.space();
                    // A name stays as it is.
                    if scanner.byte() == b':' {
                        self.ascii(&value[start..end]);
                    } else {
                        self.text(&value[start..end]);
                    }
                }
                b'-' | b'0'..=b'9' => {
                    if scanner.skip_trusted().is_err() {
                        return;
                    }
                    self.number(&value[start..scanner.at]);
                }
                other => {
                    self.out.push(other);
                    scanner.at += 1;
                }
            }
        }
    }

    fn number(&mut self, number: &[u8]) {
        if !is_beyond_safe(number) {
            return self.out.extend_from_slice(number);
        }
        self.push(if self.bigints == BigInts::Marked { "\"\\u0000n" } else { "\"" });
        self.marked |= self.bigints == BigInts::Marked;
        self.out.extend_from_slice(number);
        self.push("\"");
    }

    fn text(&mut self, quoted: &[u8]) {
        if self.bigints == BigInts::Marked && quoted.starts_with(b"\"\\u0000") {
            self.push("\"\\u0000s");
            self.marked = true;
            return self.ascii(&quoted[1..]);
        }
        self.ascii(quoted);
    }

    /// Text of a JSON text, with escapes for what is not ASCII: that stands in strings only.
    fn ascii(&mut self, text: &[u8]) {
        if text.is_ascii() {
            return self.out.extend_from_slice(text);
        }
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_ascii() { self.out.push(c as u8) } else { self.escape(c) }
            }
        }
    }

    fn escape(&mut self, c: char) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        for unit in c.encode_utf16(&mut [0; 2]) {
            let digit = |shift: u16| HEX[usize::from(*unit >> shift & 15)];
            self.out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
        }
    }
}

/// Whether a number is an integer, written as one, beyond 2^53 - 1.
fn is_beyond_safe(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let integer = digits.iter().all(u8::is_ascii_digit);
    integer && (digits.len() > 16 || digits.len() == 16 && digits > b"9007199254740991")
}
