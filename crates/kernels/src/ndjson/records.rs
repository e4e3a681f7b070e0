//! One line after the other.

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::Query;
use crate::Checkpoint;
use crate::filter::{Filter, Value};
use crate::json::{Error, Extractor, Mode, Scanner, Span, decode, number};

/// Bytes that are searched between two polls.
const SEARCH: usize = 256 << 10;

/// Calls `take` with the line of each record that matches, and where its columns are in `data`.
pub(super) fn each_record(
    data: &[u8],
    start: usize,
    end: usize,
    query: &Query<'_>,
    checkpoint: &dyn Checkpoint,
    mut take: impl FnMut(Span, &[Vec<Span>]) -> Result<(), Error>,
) -> Result<(), Error> {
    let literal = literal(query);
    let finder = literal.as_ref().map(Finder::new);
    let mut extractor = Extractor::new(query.selection, query.mode, query.limits.max_results);
    let mut scanner = Scanner::new(data, query.limits, checkpoint);
    let mut at = start;
    while at < end {
        if let Some(finder) = &finder {
            let Some(next) = find_line(data, at, end, finder, checkpoint)? else { return Ok(()) };
            at = next;
        }
        let line_end = memchr::memchr(b'\n', &data[at..end]).map_or(end, |length| at + length);
        scanner.restart(data, at, line_end);
        at = line_end + 1;
        scanner.space();
        let first = scanner.at;
        if first == line_end {
            continue;
        }
        extractor.clear();
        // A trusted line is not read further than to what is asked for.
        let found_early = extractor.run(&mut scanner)?;
        if !found_early && query.mode == Mode::Checked {
            scanner.end()?;
        }
        let counts = match query.filter {
            Some(filter) => filter.matches(checkpoint, |field| {
                let column = extractor.columns.get(query.filter_at + field);
                let span = column.and_then(|column| column.first());
                span.and_then(|span| span.of(data)).map_or(Value::Missing, value)
            })?,
            None => true,
        };
        if counts {
            let last = data[first..line_end].trim_ascii_end().len();
            take(Span { start: first, end: first + last }, &extractor.columns)?;
        }
    }
    Ok(())
}

/// What every matching line holds, where that is certain.
fn literal(query: &Query<'_>) -> Option<Vec<u8>> {
    if query.mode != Mode::Trusted {
        return None;
    }
    let text = query.filter.and_then(Filter::required_text)?;
    // Others are written in more than one way.
    let plain = |byte: u8| {
        (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\' | b'/' | b'<' | b'>' | b'&' | b'\'')
    };
    text.bytes().all(plain).then(|| format!("\"{text}\"").into_bytes())
}

/// The beginning of the next line that holds the literal, from the line at `at` on.
fn find_line(
    data: &[u8],
    mut at: usize,
    end: usize,
    finder: &Finder<'_>,
    checkpoint: &dyn Checkpoint,
) -> Result<Option<usize>, Error> {
    let line = at;
    while at < end {
        checkpoint.poll()?;
        // Stretches overlap, so that nothing lies across a border.
        let stop = (at + SEARCH + finder.needle().len()).min(end);
        if let Some(found) = finder.find(&data[at..stop]) {
            let before = &data[line..at + found];
            return Ok(Some(memchr::memrchr(b'\n', before).map_or(line, |newline| line + newline + 1)));
        }
        at += SEARCH;
    }
    Ok(None)
}

/// A value of a text, which must be valid.
fn value(text: &[u8]) -> Value<'_> {
    match text[0] {
        b'"' => Value::Text(text.get(1..text.len() - 1).map_or(Cow::Borrowed(&[]), decode)),
        b't' => Value::Bool(true),
        b'f' => Value::Bool(false),
        b'n' => Value::Null,
        _ => number(text).map_or(Value::Other, Value::Number),
    }
}
