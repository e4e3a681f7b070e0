//! NDJSON: a JSON text on each line, filtered and projected without building a value of it.
//!
//! A line ends with LF (a CR before it is white space); empty lines do not count, and the last line needs no end. A chunk of a
//! longer text is worked on up to [`complete_len`]; the rest belongs before the next chunk.
//!
//! # Example
//!
//! ```
//! use sidelane_kernels::json::{Limits, Pointer, Selection};
//! use sidelane_kernels::ndjson::{Query, Output, run};
//! use sidelane_kernels::{Threads, Uninterruptible};
//!
//! let selection = Selection::new(&[Pointer::parse("/a")?])?;
//! let query = Query::new(&selection, None, 0);
//! let data = b"{\"a\":1}\n\n{\"b\":2}\r\n{\"a\":[3]}";
//! let pieces = run(data, &query, &Output::Rows(vec!["x".into()]), &Uninterruptible, Threads::One)?;
//! assert_eq!(pieces[0].text, r#"[{"x":1},{},{"x":[3]}]"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod output;
mod records;

pub use output::{Output, Piece};

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::filter::Filter;
use crate::json::{BigInts, Error, Limits, Mode, Selection};
use crate::{Checkpoint, Threads};

/// Lines are worked on so many bytes at a time: 1 ms, the share of one thread.
const PIECE: usize = 1 << 20;

/// What to look for in each line.
#[derive(Debug, Clone, Copy)]
pub struct Query<'q> {
    /// The pointers of the output, then those of the filter. None has a wildcard.
    pub selection: &'q Selection,
    /// Which lines count. None: all.
    pub filter: Option<&'q Filter>,
    /// The column of the filter's field 0.
    pub filter_at: usize,
    /// How much of each line is checked. When trusted, a line may be passed over unread if it does not hold a text that the filter asks
    /// for, so that texts must not be written with needless escapes.
    pub mode: Mode,
    /// For integers beyond 2^53 - 1.
    pub bigints: BigInts,
    /// For each line; `max_output` is for all together.
    pub limits: Limits,
}

impl<'q> Query<'q> {
    /// With defaults for the rest.
    #[must_use]
    pub fn new(selection: &'q Selection, filter: Option<&'q Filter>, filter_at: usize) -> Self {
        let (mode, bigints, limits) = (Mode::default(), BigInts::default(), Limits::default());
        Self { selection, filter, filter_at, mode, bigints, limits }
    }
}

/// How much of `chunk` is whole lines.
#[must_use]
pub fn complete_len(chunk: &[u8]) -> usize {
    memchr::memrchr(b'\n', chunk).map_or(0, |at| at + 1)
}

/// Runs a query over all lines. The pieces of the result belong one behind the other. All `threads` take part.
///
/// Polls every 64 KiB on each thread.
///
/// # Errors
///
/// The first of the lines' errors: those of [`validate`](crate::json::validate), with offsets in `data`, and [`Error::Untested`]. [`Error::TooLarge`] if the
/// result has more bytes than `max_output`.
pub fn run(
    data: &[u8],
    query: &Query<'_>,
    output: &Output,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Vec<Piece>, Error> {
    let ranges = pieces(data);
    let written = AtomicUsize::new(0);
    let piece = |&(start, end): &(usize, usize)| {
        checkpoint.poll()?;
        let piece = output::of_lines(data, start, end, query, output, checkpoint)?;
        let bytes = piece.bytes();
        let limit = query.limits.max_output;
        if written.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > limit {
            return Err(Error::TooLarge { what: "bytes", limit });
        }
        Ok(piece)
    };
    // After an error no more pieces are begun, but all before it were: which one counts does not depend on the threads.
    let mut done: Vec<Option<Result<Piece, Error>>> = ranges.iter().map(|_| None).collect();
    let _ = threads.for_each(ranges.iter().zip(&mut done), |(range, done)| {
        let result = done.insert(piece(range));
        if result.is_err() { Err(()) } else { Ok(()) }
    });
    done.into_iter().flatten().collect()
}

/// Ranges of whole lines.
fn pieces(data: &[u8]) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < data.len() {
        let from = (start + PIECE).min(data.len());
        let end = memchr::memchr(b'\n', &data[from..]).map_or(data.len(), |at| from + at + 1);
        ranges.push((start, end));
        start = end;
    }
    ranges
}
