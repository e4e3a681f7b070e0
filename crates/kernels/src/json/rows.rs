//! The way back: columns as JSON text, a row for each position. What `JSON.stringify` writes of such rows, byte for byte.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Error;
use crate::{Checkpoint, Threads};

/// Cells of one piece: 1 ms, the share of one thread.
const PIECE: usize = 32 << 10;
/// Rows, or code units of one string, between two polls.
const POLL_ROWS: usize = 256;
const POLL_UNITS: usize = 64 << 10;

/// A column and its name, which is written as it is: a string of JSON with its quotes.
#[derive(Debug, Clone, Copy)]
pub struct Column<'c> {
    /// The name.
    pub name: &'c str,
    /// Its values.
    pub cells: Cells<'c>,
}

/// Values, as the machine has them in memory, wherever that is: no alignment is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'c> {
    /// Integers.
    I8(&'c [[u8; 1]]),
    /// Integers.
    U8(&'c [[u8; 1]]),
    /// Integers.
    I16(&'c [[u8; 2]]),
    /// Integers.
    U16(&'c [[u8; 2]]),
    /// Integers.
    I32(&'c [[u8; 4]]),
    /// Integers.
    U32(&'c [[u8; 4]]),
    /// Integers.
    I64(&'c [[u8; 8]]),
    /// Integers.
    U64(&'c [[u8; 8]]),
    /// Numbers; those that are not finite are written as null.
    F32(&'c [[u8; 4]]),
    /// Numbers; those that are not finite are written as null.
    F64(&'c [[u8; 8]]),
    /// Strings.
    Text(Texts<'c>),
    /// A kind for each value, and what there is of numbers and texts, at the same positions.
    Mixed {
        /// Bytes of [`Kind`]; others count as [`Kind::Missing`].
        kinds: &'c [u8],
        /// Doubles.
        numbers: &'c [[u8; 8]],
        /// Strings and digits.
        texts: Texts<'c>,
    },
}

/// Strings, one behind the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Texts<'c> {
    /// UTF-16, lone surrogates and all.
    pub units: &'c [[u8; 2]],
    /// For each string where it ends in `units`, 32 bits; it begins where the one before ends.
    pub ends: &'c [[u8; 4]],
}

/// What a value of [`Cells::Mixed`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The row has no such member.
    Missing = 0,
    /// null.
    Null = 1,
    /// false.
    False = 2,
    /// true.
    True = 3,
    /// A double.
    Number = 4,
    /// A string.
    Text = 5,
    /// Digits that are written without quotes; they are ASCII.
    Digits = 6,
}

/// How rows stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As one array.
    Array,
    /// Each on a line of its own.
    Lines,
}

/// Rows as text, in pieces that belong one behind the other. There are as many as the shortest column has values. All `threads` take part.
///
/// # Errors
///
/// [`Error::TooLarge`] for a text of more than `max_output` bytes, [`Error::Interrupted`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::json::rows::{Cells, Column, Shape, write};
/// use sidelane_kernels::{Threads, Uninterruptible};
///
/// let numbers = [1.5_f64, -0.0, f64::NAN].map(f64::to_ne_bytes);
/// let columns = [Column { name: "\"n\"", cells: Cells::F64(&numbers) }];
/// let pieces = write(&columns, Shape::Array, 1 << 20, &Uninterruptible, Threads::One)?;
/// assert_eq!(pieces.concat(), br#"[{"n":1.5},{"n":0},{"n":null}]"#);
/// # Ok::<(), sidelane_kernels::json::Error>(())
/// ```
pub fn write(
    columns: &[Column<'_>],
    shape: Shape,
    max_output: usize,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Vec<Vec<u8>>, Error> {
    let count = columns.iter().map(|column| column.cells.len()).min().unwrap_or(0);
    if count == 0 {
        return Ok(if shape == Shape::Array { vec![b"[]".to_vec()] } else { Vec::new() });
    }
    let names: Vec<String> = columns.iter().map(|column| format!(",{}:", column.name)).collect();
    let step = (PIECE / columns.len()).max(1);
    let ranges: Vec<Range<usize>> =
        (0..count).step_by(step).map(|start| start..(start + step).min(count)).collect();
    let written = AtomicUsize::new(0);
    let mut pieces: Vec<Vec<u8>> = ranges.iter().map(|_| Vec::new()).collect();
    threads.for_each(ranges.iter().zip(&mut pieces), |(range, piece)| {
        let mut rows = Rows { columns, names: &names, shape, max_output, checkpoint, out: Vec::new() };
        rows.write(range)?;
        if range.end == count && shape == Shape::Array {
            rows.out.push(b']');
        }
        *piece = rows.out;
        let all = written.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
        if all > max_output { Err(Error::TooLarge { what: "bytes", limit: max_output }) } else { Ok(()) }
    })?;
    Ok(pieces)
}

struct Rows<'r> {
    columns: &'r [Column<'r>],
    /// With a comma and a colon.
    names: &'r [String],
    shape: Shape,
    max_output: usize,
    checkpoint: &'r dyn Checkpoint,
    out: Vec<u8>,
}

impl Rows<'_> {
    fn write(&mut self, rows: &Range<usize>) -> Result<(), Error> {
        for row in rows.clone() {
            if row.is_multiple_of(POLL_ROWS) {
                self.checkpoint.poll()?;
            }
            if self.shape == Shape::Array {
                self.out.push(if row == 0 { b'[' } else { b',' });
            }
            let start = self.out.len();
            for (column, name) in self.columns.iter().zip(self.names) {
                self.cell(&column.cells, name, row)?;
            }
            // The first member's comma; a row can be without members.
            match self.out.get_mut(start) {
                Some(comma) => *comma = b'{',
                None => self.out.push(b'{'),
            }
            self.out.push(b'}');
            if self.shape == Shape::Lines {
                self.out.push(b'\n');
            }
            if self.out.len() > self.max_output {
                return Err(Error::TooLarge { what: "bytes", limit: self.max_output });
            }
        }
        Ok(())
    }

    #[inline]
    fn cell(&mut self, cells: &Cells<'_>, name: &str, row: usize) -> Result<(), Error> {
        let Cells::Mixed { kinds, numbers, texts } = cells else {
            self.out.extend_from_slice(name.as_bytes());
            return self.plain(cells, row);
        };
        let kind = kinds[row];
        if kind == Kind::Missing as u8 || kind > Kind::Digits as u8 {
            return Ok(());
        }
        self.out.extend_from_slice(name.as_bytes());
        if kind == Kind::Number as u8 {
            number(&mut self.out, numbers.get(row).map_or(f64::NAN, |bytes| f64::from_ne_bytes(*bytes)));
        } else if kind == Kind::Text as u8 {
            self.string(texts.at(row))?;
        } else if kind == Kind::Digits as u8 {
            self.out.extend(texts.at(row).iter().map(|unit| unit_of(unit) as u8));
        } else {
            let literal = [&b"null"[..], b"false", b"true"][usize::from(kind) - 1];
            self.out.extend_from_slice(literal);
        }
        Ok(())
    }

    #[inline]
    fn plain(&mut self, cells: &Cells<'_>, row: usize) -> Result<(), Error> {
        let out = &mut self.out;
        match cells {
            Cells::I8(values) => signed(out, i8::from_ne_bytes(values[row]).into()),
            Cells::U8(values) => unsigned(out, u8::from_ne_bytes(values[row]).into()),
            Cells::I16(values) => signed(out, i16::from_ne_bytes(values[row]).into()),
            Cells::U16(values) => unsigned(out, u16::from_ne_bytes(values[row]).into()),
            Cells::I32(values) => signed(out, i32::from_ne_bytes(values[row]).into()),
            Cells::U32(values) => unsigned(out, u32::from_ne_bytes(values[row]).into()),
            Cells::I64(values) => signed(out, i64::from_ne_bytes(values[row])),
            Cells::U64(values) => unsigned(out, u64::from_ne_bytes(values[row])),
            Cells::F32(values) => number(out, f32::from_ne_bytes(values[row]).into()),
            Cells::F64(values) => number(out, f64::from_ne_bytes(values[row])),
            Cells::Text(texts) => return self.string(texts.at(row)),
            Cells::Mixed { .. } => {}
        }
        Ok(())
    }

    /// As `JSON.stringify` quotes: lone surrogates are escaped, all else beyond ASCII is not.
    fn string(&mut self, units: &[[u8; 2]]) -> Result<(), Error> {
        self.out.push(b'"');
        let mut rest = units;
        let mut next_poll = POLL_UNITS;
        while let Some((first, after)) = rest.split_first() {
            let plain = plain_len(rest);
            if plain > 0 {
                self.out.extend(rest[..plain].iter().map(|unit| unit_of(unit) as u8));
                rest = &rest[plain..];
            } else {
                rest = self.special(unit_of(first), after);
            }
            if units.len() - rest.len() >= next_poll {
                next_poll += POLL_UNITS;
                self.checkpoint.poll()?;
            }
        }
        self.out.push(b'"');
        Ok(())
    }

    /// One character that is not simply a byte; `after` is what follows its first unit.
    fn special<'u>(&mut self, unit: u16, after: &'u [[u8; 2]]) -> &'u [[u8; 2]] {
        let short = match unit {
            0x08 => b'b',
            0x09 => b't',
            0x0a => b'n',
            0x0c => b'f',
            0x0d => b'r',
            0x22 => b'"',
            0x5c => b'\\',
            _ => 0,
        };
        if short != 0 {
            self.out.extend_from_slice(&[b'\\', short]);
            return after;
        }
        let mut units = [unit, after.first().map_or(0, unit_of)];
        let pair = matches!(units, [0xd800..0xdc00, 0xdc00..0xe000]);
        if !pair {
            units[1] = 0;
        }
        match char::decode_utf16(units).next() {
            Some(Ok(char)) if unit >= 0x20 => {
                self.out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digit = |shift: u16| HEX[usize::from(unit >> shift & 15)];
                self.out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
            }
        }
        if pair { &after[1..] } else { after }
    }
}

impl Cells<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::I8(values) | Self::U8(values) => values.len(),
            Self::I16(values) | Self::U16(values) => values.len(),
            Self::I32(values) | Self::U32(values) | Self::F32(values) => values.len(),
            Self::I64(values) | Self::U64(values) | Self::F64(values) => values.len(),
            Self::Text(texts) => texts.ends.len(),
            Self::Mixed { kinds, .. } => kinds.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'c> Texts<'c> {
    fn at(&self, row: usize) -> &'c [[u8; 2]] {
        let end = |row: usize| self.ends.get(row).map_or(0, |bytes| u32::from_ne_bytes(*bytes) as usize);
        let start = row.checked_sub(1).map_or(0, end);
        self.units.get(start..end(row)).unwrap_or_default()
    }
}

fn unit_of(unit: &[u8; 2]) -> u16 {
    u16::from_ne_bytes(*unit)
}

fn is_plain(unit: u16) -> bool {
    (0x20..0x80).contains(&unit) && unit != 0x22 && unit != 0x5c
}

/// Units from the beginning that are written as they are, up to [`POLL_UNITS`].
fn plain_len(units: &[[u8; 2]]) -> usize {
    const STEP: usize = 16;
    let units = &units[..units.len().min(POLL_UNITS)];
    let mut plain = 0;
    // Without a way out in the middle, the compiler looks at all of a step at once.
    for step in units.as_chunks::<STEP>().0 {
        if !step.iter().fold(true, |all, unit| all & is_plain(unit_of(unit))) {
            break;
        }
        plain += STEP;
    }
    plain + units[plain..].iter().take_while(|unit| is_plain(unit_of(unit))).count()
}

/// As JavaScript writes it.
fn number(out: &mut Vec<u8>, value: f64) {
    // Integers are the commonest, and -0 is 0.
    if value.abs() < 9_007_199_254_740_992.0 && value.trunc() == value {
        return signed(out, value as i64);
    }
    if value.is_finite() {
        out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

fn signed(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    unsigned(out, value.unsigned_abs());
}

fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return out.extend_from_slice(&digits[at..]);
        }
    }
}
