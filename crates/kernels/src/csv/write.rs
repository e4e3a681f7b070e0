//! Columns as CSV text.

use std::io::Write as _;

use super::Error;
use super::date::civil;
use crate::Checkpoint;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields with a delimiter, a quote or a line break in them.
    pub quote: u8,
    /// Rows end with CRLF, not with LF.
    pub crlf: bool,
    /// The first row are the names.
    pub header: bool,
    /// Texts that a spreadsheet would take for formulas are quoted, with a `'` in front.
    pub escape_formulas: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { delimiter: b',', quote: b'"', crlf: false, header: true, escape_formulas: false }
    }
}

/// Values to write. What is not there (a row too many, offsets that lead nowhere) is written as nothing.
#[derive(Debug, Clone)]
pub enum Cells<'d> {
    /// Numbers, as JavaScript writes them.
    Doubles(Vec<f64>),
    /// Integers.
    Longs(Vec<i64>),
    /// Integers.
    UnsignedLongs(Vec<u64>),
    /// Truth values: 1 is true.
    Bools(&'d [u8]),
    /// Milliseconds since 1970, as `Date.prototype.toISOString` writes them; nothing for what is no date.
    Dates(Vec<f64>),
    /// Texts: text `i` is from `offsets[i]` to `offsets[i + 1]`.
    Texts(&'d [u8], Vec<u32>),
    /// For each row, which of such texts it has.
    Dictionary(Vec<u32>, &'d [u8], Vec<u32>),
}

/// A column to write.
#[derive(Debug, Clone)]
pub struct Written<'d> {
    /// Its name.
    pub name: String,
    /// A bit for each row, the lowest first: 0 where there is no value.
    pub validity: Option<&'d [u8]>,
    /// Its values.
    pub cells: Cells<'d>,
}

/// Rows between two polls.
const POLL: usize = 1024;

/// The text of `rows` rows.
///
/// # Errors
///
/// [`Error::TooLarge`] above `most` bytes, [`Error::Interrupted`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::Uninterruptible;
/// use sidelane_kernels::csv::{Cells, Style, Written, write};
///
/// let columns = [
///     Written { name: "n".into(), validity: None, cells: Cells::Doubles(vec![1.5, 1e21]) },
///     Written { name: "t".into(), validity: Some(&[0b01]), cells: Cells::Texts(b"a,b", vec![0, 3, 3]) },
/// ];
/// let text = write(&columns, 2, Style::default(), 1000, &Uninterruptible)?;
/// assert_eq!(text, b"n,t\n1.5,\"a,b\"\n1e+21,\n");
/// # Ok::<(), sidelane_kernels::csv::Error>(())
/// ```
pub fn write(
    columns: &[Written<'_>],
    rows: usize,
    style: Style,
    most: usize,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<u8>, Error> {
    let mut writer = Writer { out: Vec::new(), scratch: Vec::new(), style };
    if columns.is_empty() {
        return Ok(writer.out);
    }
    if style.header {
        writer.row(columns, |writer, column| writer.text(column.name.as_bytes()));
    }
    for row in 0..rows {
        if row % POLL == 0 {
            checkpoint.poll()?;
        }
        writer.row(columns, |writer, column| {
            let valid = |bits: &[u8]| bits.get(row / 8).is_some_and(|bits| bits >> (row % 8) & 1 == 1);
            if column.validity.is_none_or(valid) {
                writer.cell(&column.cells, row);
            }
        });
        if writer.out.len() > most {
            return Err(Error::TooLarge { what: "bytes of text", limit: most });
        }
    }
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    scratch: Vec<u8>,
    style: Style,
}

impl Writer {
    fn row(&mut self, columns: &[Written<'_>], mut write: impl FnMut(&mut Self, &Written<'_>)) {
        let start = self.out.len();
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.out.push(self.style.delimiter);
            }
            write(self, column);
        }
        // An empty line would be no row.
        if self.out.len() == start {
            self.out.extend_from_slice(&[self.style.quote; 2]);
        }
        self.out.extend_from_slice(if self.style.crlf { b"\r\n" } else { b"\n" });
    }

    fn cell(&mut self, cells: &Cells<'_>, row: usize) {
        match cells {
            Cells::Doubles(values) => {
                values.get(row).into_iter().for_each(|value| self.literal(|out| number(*value, out)));
            }
            Cells::Longs(values) => {
                values.get(row).into_iter().for_each(|value| self.literal(|out| display(value, out)));
            }
            Cells::UnsignedLongs(values) => {
                values.get(row).into_iter().for_each(|value| self.literal(|out| display(value, out)));
            }
            Cells::Bools(values) => {
                values
                    .get(row)
                    .into_iter()
                    .for_each(|value| self.literal(|out| display(&(*value == 1), out)));
            }
            Cells::Dates(values) => {
                if let Some(text) = values.get(row).and_then(|value| iso(*value)) {
                    self.text(text.as_bytes());
                }
            }
            Cells::Texts(bytes, offsets) => self.text(text_at(bytes, offsets, row)),
            Cells::Dictionary(codes, bytes, offsets) => {
                let code = codes.get(row).map_or(usize::MAX, |code| *code as usize);
                self.text(text_at(bytes, offsets, code));
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        let Style { delimiter, quote, escape_formulas, .. } = self.style;
        if escape_formulas && matches!(text.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r')) {
            self.out.extend_from_slice(&[quote, b'\'']);
            self.double_quotes(text);
            self.out.push(quote);
            return;
        }
        // A byte-order mark at the beginning would be dropped.
        let special = text.iter().any(|byte| [delimiter, quote, b'\n', b'\r'].contains(byte))
            || text.starts_with(b"\xef\xbb\xbf");
        if special {
            self.out.push(quote);
            self.double_quotes(text);
            self.out.push(quote);
        } else {
            self.out.extend_from_slice(text);
        }
    }

    fn double_quotes(&mut self, mut text: &[u8]) {
        while let Some(at) = memchr::memchr(self.style.quote, text) {
            self.out.extend_from_slice(&text[..=at]);
            self.out.push(self.style.quote);
            text = &text[at + 1..];
        }
        self.out.extend_from_slice(text);
    }

    /// What is no text: never a formula, but a delimiter may be a point or a digit.
    fn literal(&mut self, write: impl Fn(&mut Vec<u8>)) {
        let Style { delimiter, quote, .. } = self.style;
        let occurs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
        if !occurs(delimiter) && !occurs(quote) {
            return write(&mut self.out);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        write(&mut scratch);
        if scratch.iter().any(|byte| *byte == delimiter || *byte == quote) {
            self.out.push(quote);
            self.double_quotes(&scratch);
            self.out.push(quote);
        } else {
            self.out.extend_from_slice(&scratch);
        }
        self.scratch = scratch;
    }
}

fn text_at<'d>(bytes: &'d [u8], offsets: &[u32], row: usize) -> &'d [u8] {
    let offset = |row: usize| offsets.get(row).map(|offset| *offset as usize);
    let range = offset(row).zip(row.checked_add(1).and_then(offset));
    range.and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default()
}

fn display(value: &dyn std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = write!(out, "{value}");
}

/// As `Number.prototype.toString`.
fn number(value: f64, out: &mut Vec<u8>) {
    if value.trunc() == value && value.abs() < 1e15 {
        return display(&(value as i64), out);
    }
    out.extend_from_slice(ryu_js::Buffer::new().format(value).as_bytes());
}

/// As `Date.prototype.toISOString`; none for what is no date.
fn iso(milliseconds: f64) -> Option<String> {
    if milliseconds.is_nan() || milliseconds.abs() > 8.64e15 {
        return None;
    }
    let milliseconds = milliseconds.trunc() as i64;
    let (days, rest) = (milliseconds.div_euclid(86_400_000), milliseconds.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, rest) = (rest / 1000 % 60, rest % 1000);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{year:+07}"),
    };
    Some(format!("{year}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{rest:03}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_javascript_writes_them() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (6_743_880.5 / 8192.0, "823.2276000976562"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
            (-1.25, "-1.25"),
            (f64::MAX, "1.7976931348623157e+308"),
        ];
        for (value, text) in cases {
            let mut out = Vec::new();
            number(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }

    #[test]
    fn dates_as_javascript_writes_them() {
        assert_eq!(iso(0.0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(iso(-1.0).as_deref(), Some("1969-12-31T23:59:59.999Z"));
        assert_eq!(iso(8.64e15).as_deref(), Some("+275760-09-13T00:00:00.000Z"));
        assert_eq!(iso(-8.64e15).as_deref(), Some("-271821-04-20T00:00:00.000Z"));
        assert_eq!(iso(8.64e15 + 2.0), None);
    }
}
