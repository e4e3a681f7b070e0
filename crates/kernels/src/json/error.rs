use std::fmt;

use crate::Interrupted;
use crate::filter::Unanswered;
use crate::memory::NoMemory;

/// Why a JSON text was refused. Offsets are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// It is no JSON.
    Syntax {
        /// Of the first byte that cannot be there; the length of the text if it ends too early.
        offset: usize,
        /// What is wrong with it.
        reason: Reason,
    },
    /// Arrays and objects are nested deeper than the limit.
    TooDeep {
        /// Of the bracket that is one too many.
        offset: usize,
        /// [`Limits::max_depth`](super::Limits::max_depth).
        limit: usize,
    },
    /// There is more of something than its limit.
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
    /// The system refuses memory for the result.
    NoMemory(NoMemory),
    /// A test of a filter came to no answer; why.
    Untested(&'static str),
    /// The checkpoint said stop.
    Interrupted,
}

/// What was wrong at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Something else should stand here.
    Expected(&'static str),
    /// A control character (below U+0020) in a string, where only its escape may be.
    ControlCharacter,
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// A byte-order mark, which JSON does not allow.
    ByteOrderMark,
}

impl Error {
    /// Where.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Syntax { offset, .. } | Self::TooDeep { offset, .. } => Some(*offset),
            Self::TooLarge { .. } | Self::NoMemory(_) | Self::Untested(_) | Self::Interrupted => None,
        }
    }

    /// The same error of a text that begins `by` bytes later.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        match self {
            Self::Syntax { offset, reason } => Self::Syntax { offset: offset + by, reason },
            Self::TooDeep { offset, limit } => Self::TooDeep { offset: offset + by, limit },
            Self::TooLarge { .. } | Self::NoMemory(_) | Self::Untested(_) | Self::Interrupted => self,
        }
    }

    /// Where that is in `data`, for people. `None` for what has no offset.
    #[must_use]
    pub fn locate(&self, data: &[u8]) -> Option<Located> {
        self.offset().map(|offset| Located::new(data, offset))
    }

    /// What to tell about it, with what stands in `data` instead.
    #[must_use]
    pub fn describe(&self, data: &[u8]) -> String {
        match self {
            Self::Syntax { offset, reason } => {
                let found = describe_byte(data.get(*offset).copied());
                match reason {
                    Reason::Expected(what) => format!("Expected {what}, found {found}"),
                    Reason::ControlCharacter => format!("A string holds {found} unescaped"),
                    Reason::InvalidUtf8 => format!("The text is not UTF-8: {found}"),
                    Reason::ByteOrderMark => "The text begins with a byte-order mark".into(),
                }
            }
            Self::TooDeep { limit, .. } => format!("Arrays and objects are nested deeper than {limit}"),
            Self::TooLarge { .. } | Self::NoMemory(_) | Self::Untested(_) | Self::Interrupted => {
                self.to_string()
            }
        }
    }
}

fn describe_byte(byte: Option<u8>) -> String {
    match byte {
        None => "the end of the text".into(),
        Some(byte @ b'!'..=b'~') => format!("'{}'", char::from(byte)),
        Some(b' ') => "a space".into(),
        Some(b'\n') => "a line feed".into(),
        Some(b'\r') => "a carriage return".into(),
        Some(b'\t') => "a tab".into(),
        Some(byte) => format!("byte 0x{byte:02x}"),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { offset, reason: Reason::Expected(what) } => {
                write!(f, "expected {what} at byte {offset}")
            }
            Self::Syntax { offset, reason: Reason::ControlCharacter } => {
                write!(f, "control character in a string at byte {offset}")
            }
            Self::Syntax { offset, reason: Reason::InvalidUtf8 } => {
                write!(f, "invalid UTF-8 at byte {offset}")
            }
            Self::Syntax { offset, reason: Reason::ByteOrderMark } => {
                write!(f, "byte-order mark at byte {offset}")
            }
            Self::TooDeep { offset, limit } => write!(f, "nested deeper than {limit} at byte {offset}"),
            Self::TooLarge { what, limit } => write!(f, "The result has more than {limit} {what}"),
            Self::Untested(why) => f.write_str(why),
            Self::NoMemory(refused) => refused.fmt(f),
            Self::Interrupted => Interrupted.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<Interrupted> for Error {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<NoMemory> for Error {
    fn from(refused: NoMemory) -> Self {
        Self::NoMemory(refused)
    }
}

impl From<Unanswered> for Error {
    fn from(error: Unanswered) -> Self {
        match error {
            Unanswered::Interrupted => Self::Interrupted,
            Unanswered::GaveUp(why) => Self::Untested(why),
        }
    }
}

/// A place in a text.
///
/// # Example
///
/// ```
/// use sidelane_kernels::json::Located;
///
/// let place = Located::new(b"{\n  \"a\": tru\n}", 9);
/// assert_eq!((place.line, place.column), (2, 8));
/// assert_eq!(place.excerpt, "  \"a\": tru\n       ^");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// From 1; a line ends with a line feed.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Up to 60 characters of the line around the place, and a caret below it.
    pub excerpt: String,
}

/// Characters of an excerpt before the place, and from it on.
const BEFORE: usize = 40;
const AFTER: usize = 20;

impl Located {
    /// The place `offset` bytes into `data`.
    #[must_use]
    pub fn new(data: &[u8], offset: usize) -> Self {
        let offset = offset.min(data.len());
        let (before, after) = data.split_at(offset);
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        // Continuation bytes belong to the character before them.
        let column = before[start..].iter().filter(|byte| !is_continuation(**byte)).count() + 1;
        let shown_before = last_characters(&before[start..], BEFORE);
        let shown_after = first_characters(after, AFTER);
        let indent = " ".repeat(shown_before.chars().count());
        Self { line, column, excerpt: format!("{shown_before}{shown_after}\n{indent}^") }
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

fn last_characters(line: &[u8], most: usize) -> String {
    // A character has at most four bytes.
    let mut tail = &line[line.len().saturating_sub(most * 4)..];
    while tail.first().is_some_and(|byte| is_continuation(*byte)) {
        tail = &tail[1..];
    }
    let text = printable(tail);
    let count = text.chars().count();
    text.chars().skip(count.saturating_sub(most)).collect()
}

fn first_characters(rest: &[u8], most: usize) -> String {
    let end = rest.iter().take(most * 4).position(|byte| *byte == b'\n');
    let head = &rest[..end.unwrap_or_else(|| rest.len().min(most * 4))];
    printable(head).chars().take(most).collect()
}

/// One column for each character: what a terminal would act on is shown as a replacement character.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if c.is_control() {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
