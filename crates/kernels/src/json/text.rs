//! JSON text in other white space.

use super::{Error, Limits, Scanner};
use crate::Checkpoint;
use crate::memory::{grow, room};

/// White space of one level of [`format`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indent {
    /// So many spaces, at most 10.
    Spaces(usize),
    /// A tab.
    Tab,
}

impl Indent {
    fn unit(self) -> &'static [u8] {
        match self {
            Self::Spaces(count) => &b"          "[..count.min(10)],
            Self::Tab => b"\t",
        }
    }
}

/// The text without white space between its tokens, which stay as they are written: numbers, escapes and duplicate names too.
///
/// # Errors
///
/// Those of [`validate`](super::validate).
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, json};
///
/// let text = json::minify(b"{ \"a\": [1.0, \"b c\"] }", json::Limits::default(), &Uninterruptible)?;
/// assert_eq!(text, br#"{"a":[1.0,"b c"]}"#);
/// # Ok::<(), json::Error>(())
/// ```
pub fn minify(data: &[u8], limits: Limits, checkpoint: &dyn Checkpoint) -> Result<Vec<u8>, Error> {
    super::validate(data, limits, checkpoint)?;
    let mut tokens = Tokens { scanner: Scanner::new(data, limits, checkpoint) };
    let mut out = room(data.len())?;
    while let Some(token) = tokens.next()? {
        out.extend_from_slice(token);
    }
    Ok(out)
}

/// The text with a line for each member and element, as `JSON.stringify(value, null, indent)` sets it. Tokens stay as they are
/// written.
///
/// # Errors
///
/// Those of [`validate`](super::validate).
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, json};
///
/// let text = json::format(b"[1,{}]", json::Indent::Spaces(2), json::Limits::default(), &Uninterruptible)?;
/// assert_eq!(text, b"[\n  1,\n  {}\n]");
/// # Ok::<(), json::Error>(())
/// ```
pub fn format(
    data: &[u8],
    indent: Indent,
    limits: Limits,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<u8>, Error> {
    let unit = indent.unit();
    // JSON.stringify takes an indent of nothing for none.
    if unit.is_empty() {
        return minify(data, limits, checkpoint);
    }
    super::validate(data, limits, checkpoint)?;
    let mut tokens = Tokens { scanner: Scanner::new(data, limits, checkpoint) };
    let mut out = room(data.len() + data.len() / 2)?;
    let mut depth = 0;
    // Whether the last token opened an array or object: it may be empty.
    let mut opened = false;
    while let Some(token) = tokens.next()? {
        let closes = matches!(token, b"}" | b"]");
        if closes {
            depth -= 1;
        }
        // Two line breaks at most, and a space.
        grow(&mut out, token.len() + 2 * (unit.len() * (depth + 1) + 1) + 1)?;
        if opened != closes {
            new_line(&mut out, unit, depth);
        }
        out.extend_from_slice(token);
        opened = matches!(token, b"{" | b"[");
        match token {
            b"{" | b"[" => depth += 1,
            b"," => new_line(&mut out, unit, depth),
            b":" => out.push(b' '),
            _ => {}
        }
        // A text of 1 MB can ask for gigabytes of indent.
        if out.len() > limits.max_output {
            return Err(Error::TooLarge { what: "bytes", limit: limits.max_output });
        }
    }
    Ok(out)
}

fn new_line(out: &mut Vec<u8>, unit: &[u8], depth: usize) {
    out.push(b'\n');
    for _ in 0..depth {
        out.extend_from_slice(unit);
    }
}

/// The tokens of a text that is known to be JSON.
struct Tokens<'d> {
    scanner: Scanner<'d>,
}

impl<'d> Tokens<'d> {
    fn next(&mut self) -> Result<Option<&'d [u8]>, Error> {
        let scanner = &mut self.scanner;
        scanner.space();
        scanner.poll()?;
        let start = scanner.at;
        if start == scanner.data.len() {
            return Ok(None);
        }
        match scanner.byte() {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => scanner.at += 1,
            _ => scanner.skip_trusted()?,
        }
        Ok(Some(&scanner.data[start..scanner.at]))
    }
}
