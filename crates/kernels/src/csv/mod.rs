//! CSV (RFC 4180, and what files are like): columns of numbers, dates and texts, without a value for each field.
//!
//! A row ends with LF, CR or CRLF, mixed as they come; empty lines do not count, and the last row needs no end. A field that begins with a quote
//! ends with one; two stand for one. A quote elsewhere is an error. Bytes that are no UTF-8 are passed on.
//!
//! # Example
//!
//! ```
//! use sidelane_kernels::csv::{Query, Selected, Type, Values, parse};
//! use sidelane_kernels::{Threads, Uninterruptible};
//!
//! let query = Query { columns: vec![Selected::new("price", Type::F64)], ..Query::default() };
//! let data = b"name,price\r\n\"a \"\"b\"\"\",1.5\n,\n";
//! let table = parse(data, &query, &Uninterruptible, Threads::One)?;
//! let Values::F64(prices) = &table.pieces[0].columns[0].values else { unreachable!() };
//! assert_eq!(prices[0], 1.5);
//! assert_eq!(table.pieces[0].columns[0].nulls, [1]);
//! # Ok::<(), sidelane_kernels::csv::Error>(())
//! ```

mod build;
mod chunks;
mod column;
mod date;
mod encoding;
mod error;
mod infer;
mod names;
mod number;
mod reader;
mod split;
mod write;

pub use chunks::Chunks;
pub use column::{Column, Dictionary, Texts, Type, Values};
pub use date::DateFormat;
pub use encoding::{from_latin1, from_utf16};
pub use error::{Error, Place, Reason};
pub use reader::{Field, Kind, Reader, Record};

pub use write::{Cells, Style, Written, write};

use std::sync::atomic::AtomicUsize;

use crate::filter::Filter;
use crate::{Checkpoint, Threads};
use build::{Build, Plan};
use infer::Guesser;
use split::{Body, Sink};

/// The bytes that have a meaning: ASCII, all different, none a row end or NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields. None: quotes are bytes as others.
    pub quote: Option<u8>,
    /// At the beginning of a line that does not count.
    pub comment: Option<u8>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), comment: None }
    }
}

/// What input may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of the result, at most. Default 2^31.
    pub rows: usize,
    /// Fields of a row, at most. Default 16,384.
    pub columns: usize,
    /// Bytes of a field, at most; below 2^32. Default 16 MiB.
    pub field_bytes: usize,
    /// Bytes of all columns, at most; below 2^32. Default 1 GiB.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 1 << 31, columns: 16_384, field_bytes: 16 << 20, bytes: 1 << 30 }
    }
}

/// What becomes of rows with more or fewer fields than the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ragged {
    /// An error.
    #[default]
    Error,
    /// Fields that are missing are null; those that are too many do not count.
    Pad,
    /// The row does not count.
    Skip,
}

/// What becomes of fields that are none of their column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Invalid {
    /// An error.
    #[default]
    Error,
    /// Null, and counted.
    Null,
}

/// Where the names of columns come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Header {
    /// The first row. Of equal names the second is `name_2`, and so on.
    #[default]
    First,
    /// They are numbers from 0.
    None,
    /// They are these, and the first row is one of data.
    Names(Vec<String>),
}

/// A column that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its name.
    pub name: String,
    /// What it is. None: text, or what fits its fields if [`Query::infer`] is set.
    pub kind: Option<Type>,
}

impl Selected {
    /// A column of this type.
    #[must_use]
    pub fn new(name: &str, kind: Type) -> Self {
        Self { name: name.into(), kind: Some(kind) }
    }
}

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct Query<'q> {
    /// How the text is written.
    pub dialect: Dialect,
    /// What it may ask for.
    pub limits: Limits,
    /// Where names come from.
    pub header: Header,
    /// The columns of the result, and their types.
    pub columns: Vec<Selected>,
    /// Whether all other columns come behind those.
    pub others: bool,
    /// Whether a column without a type gets the one that fits all its fields.
    pub infer: bool,
    /// Which rows count. None: all.
    pub filter: Option<&'q Filter>,
    /// The filter's fields, and what each is compared as. A field that is no such thing is compared as text.
    pub tested: Vec<(String, Type)>,
    /// For rows of another length.
    pub ragged: Ragged,
    /// For fields of another type.
    pub invalid: Invalid,
}

/// The columns of neighbouring rows.
#[derive(Debug, Clone)]
pub struct Piece {
    /// How many there are.
    pub rows: usize,
    /// In the order of [`Table::names`].
    pub columns: Vec<Column>,
}

/// The result: pieces that belong one behind the other.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns' names.
    pub names: Vec<String>,
    /// The columns' types.
    pub types: Vec<Type>,
    /// One at least.
    pub pieces: Vec<Piece>,
    /// Rows that were left out by [`Ragged::Skip`].
    pub skipped: usize,
}

impl Table {
    /// Rows of all pieces.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.pieces.iter().map(|piece| piece.rows).sum()
    }
}

/// Reads a text, but for a byte-order mark at its beginning. Polls every 128 KiB, on each thread.
///
/// # Errors
///
/// The first of the text's errors, whatever the threads; [`Error::TooLarge`] for a limit, [`Error::Untested`], [`Error::Interrupted`].
pub fn parse(
    data: &[u8],
    query: &Query<'_>,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Table, Error> {
    let start = if data.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let found = names::find(data, start, query, checkpoint)?;
    let selection = names::select(&found.names, query)?;
    let tested = names::tested(&found.names, query)?;
    let body = Body { query, start: found.body, rows: found.rows, width: found.names.len() };
    let types = if query.infer {
        let unknown: Vec<usize> =
            selection.iter().filter(|(_, kind)| kind.is_none()).map(|(source, _)| *source).collect();
        let (guessers, _) = split::run(data, &body, || Guesser::new(&unknown), checkpoint, threads)?;
        let guesses = guessers.into_iter().map(|guesser| guesser.guesses);
        let all =
            guesses.reduce(|all, more| all.iter().zip(more).map(|(one, other)| one.and(other)).collect());
        all.unwrap_or_default().into_iter().map(infer::Guess::kind).collect()
    } else {
        Vec::new()
    };
    let mut inferred = types.into_iter();
    let typed = selection.into_iter().map(|(source, kind)| {
        let kind = kind.or_else(|| inferred.next()).unwrap_or(Type::Text);
        (source, kind)
    });
    let plan = Plan {
        outputs: typed.collect(),
        filter: query.filter,
        tested,
        invalid: query.invalid,
        quote: query.dialect.quote.unwrap_or_default(),
        max_rows: query.limits.rows,
        max_bytes: query.limits.bytes,
        bytes: AtomicUsize::new(0),
    };
    let (builds, skipped) = split::run(data, &body, || Build::new(&plan, checkpoint), checkpoint, threads)?;
    let pieces = builds.into_iter().map(|build| Piece { rows: build.rows, columns: build.columns });
    let table = Table {
        names: plan.outputs.iter().map(|(source, _)| found.names[*source].clone()).collect(),
        types: plan.outputs.iter().map(|(_, kind)| *kind).collect(),
        pieces: pieces.collect(),
        skipped,
    };
    if table.rows() > query.limits.rows {
        return Err(Error::TooLarge { what: "rows", limit: query.limits.rows });
    }
    Ok(table)
}
