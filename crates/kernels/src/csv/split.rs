//! One text, several threads. Where a row begins is guessed from the quotes before it; a guess counts only if the rows before end there.

use super::reader::{Field, Reader};
use super::{Error, Place, Query, Ragged, Reason};
use crate::{Checkpoint, Threads};

/// What rows are given to.
pub(super) trait Sink: Send {
    /// A row, and its number.
    fn row(&mut self, data: &[u8], fields: &[Field], number: usize) -> Result<(), Error>;
    /// There are no more.
    fn end(&mut self, data: &[u8]) -> Result<(), Error>;
    /// The rows were none.
    fn forget(&self) {}
}

/// Bytes of a piece: about 2 ms of one thread.
const PIECE: usize = 1 << 20;
/// Bytes between two polls.
const POLL: usize = 128 << 10;

/// Where the rows are.
pub(super) struct Body<'q> {
    pub(super) query: &'q Query<'q>,
    /// The first row's first byte.
    pub(super) start: usize,
    /// Rows before it.
    pub(super) rows: usize,
    /// Fields of each.
    pub(super) width: usize,
}

/// What came of a piece.
struct Done<S> {
    sink: S,
    /// Where its last row ends, or the piece did.
    end: usize,
    rows: usize,
    skipped: usize,
    result: Result<(), Error>,
}

/// What the pieces' sinks have, in the order of the text, and how many rows were skipped.
pub(super) fn run<S: Sink>(
    data: &[u8],
    body: &Body<'_>,
    sink: impl Fn() -> S + Sync,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<(Vec<S>, usize), Error> {
    let starts =
        if threads.are_several() { starts(data, body, checkpoint, threads)? } else { vec![body.start] };
    let ends = starts.iter().skip(1).copied().chain([data.len()]);
    let ranges: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
    let mut done: Vec<Option<Done<S>>> = ranges.iter().map(|_| None).collect();
    let _ = threads.for_each(ranges.iter().zip(&mut done), |(&(start, end), done)| {
        let piece = read(data, start, end, body, sink(), checkpoint);
        let failed = piece.result.is_err();
        *done = Some(piece);
        if failed { Err(()) } else { Ok(()) }
    });
    let (mut sinks, mut skipped, mut rows, mut at) = (Vec::new(), 0, body.rows, body.start);
    let mut guessed = ranges.into_iter().zip(done).fuse();
    while at < data.len() {
        let piece = match guessed.next() {
            Some(((start, _), Some(piece))) if start == at => piece,
            // A guess was wrong, so that nothing from here on counts; or another piece has failed, and the cause may be this one.
            other => {
                other
                    .into_iter()
                    .chain(&mut guessed)
                    .filter_map(|(_, piece)| piece)
                    .for_each(|piece| piece.sink.forget());
                read(data, at, data.len(), body, sink(), checkpoint)
            }
        };
        piece.result.map_err(|error| later(error, rows))?;
        rows += piece.rows;
        skipped += piece.skipped;
        sinks.push(piece.sink);
        at = piece.end;
    }
    if sinks.is_empty() {
        sinks.push(sink());
    }
    Ok((sinks, skipped))
}

/// The error of a piece that has `rows` before it.
fn later(error: Error, rows: usize) -> Error {
    match error {
        Error::Syntax { place, reason } => {
            Error::Syntax { place: Place { row: place.row + rows, ..place }, reason }
        }
        other => other,
    }
}

fn read<S: Sink>(
    data: &[u8],
    start: usize,
    end: usize,
    body: &Body<'_>,
    mut sink: S,
    checkpoint: &dyn Checkpoint,
) -> Done<S> {
    let query = body.query;
    let mut reader = Reader::from(query.dialect, query.limits, start, 0);
    let mut skipped = 0;
    let mut each = || {
        let mut take = |record: super::Record<'_>| {
            let found = record.fields.len();
            if found != body.width {
                match query.ragged {
                    Ragged::Pad => {}
                    Ragged::Skip => {
                        skipped += 1;
                        return Ok(true);
                    }
                    Ragged::Error => {
                        let column = found.min(body.width) + 1;
                        let place = Place { row: record.row, column, offset: record.offset };
                        let reason = Reason::FieldCount { expected: body.width, found };
                        return Err(Error::Syntax { place, reason });
                    }
                }
            }
            sink.row(data, record.fields, record.row).map(|()| true)
        };
        let mut until = start;
        while until < end {
            checkpoint.poll()?;
            until = (until + POLL).min(end);
            reader.advance(&data[..until], &mut take)?;
        }
        if end == data.len() {
            reader.finish(&mut take)?;
        }
        Ok(())
    };
    let result = each().and_then(|()| sink.end(data));
    let reached = if end == data.len() { end } else { reader.complete() };
    Done { sink, end: reached, rows: reader.rows(), skipped, result }
}

/// Where pieces begin: at the first row of each stretch, if a quote is in quotes or not by the number of quotes before it.
fn starts(
    data: &[u8],
    body: &Body<'_>,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Vec<usize>, Error> {
    let stretches: Vec<&[u8]> = data[body.start..].chunks(PIECE).collect();
    let mut quotes = vec![0; stretches.len()];
    if let Some(quote) = body.query.dialect.quote {
        threads.for_each(stretches.iter().zip(&mut quotes), |(stretch, count)| {
            checkpoint.poll()?;
            *count = memchr::memchr_iter(quote, stretch).count();
            Ok::<(), Error>(())
        })?;
    }
    let mut starts = vec![body.start];
    let mut before = 0;
    for (index, stretch) in stretches.iter().enumerate() {
        if index > 0 {
            // None: all of it is one field. Then the piece before goes on through it.
            let first = first_row(stretch, body.query.dialect.quote, before % 2 == 1);
            let start = first.map(|first| body.start + index * PIECE + first);
            starts.extend(start.filter(|start| *start < data.len()));
        }
        before += quotes[index];
    }
    Ok(starts)
}

fn first_row(stretch: &[u8], quote: Option<u8>, mut quoted: bool) -> Option<usize> {
    for (at, byte) in stretch.iter().enumerate() {
        if Some(*byte) == quote {
            quoted = !quoted;
        } else if !quoted && *byte == b'\n' {
            return Some(at + 1);
        } else if !quoted && *byte == b'\r' {
            return Some(at + 1 + usize::from(stretch.get(at + 1) == Some(&b'\n')));
        }
    }
    None
}
