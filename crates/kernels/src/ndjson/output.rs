//! What becomes of the lines that match.

use super::{Query, records::each_record};
use crate::Checkpoint;
use crate::json::{Error, Mode, Writer, number, validate};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Their number.
    Count,
    /// Their lines, each with a line feed, without white space around them.
    Lines,
    /// A JSON array of their values.
    Values,
    /// A JSON array of objects with these names, one for each of the selection's first columns. What is missing is left out.
    Rows(Vec<String>),
    /// The selection's first columns: `true`, as doubles, in which NaN stands for what is no number; `false`, as a JSON array, in which null
    /// stands for what is missing.
    Columns(Vec<bool>),
}

/// The result of neighbouring lines.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Piece {
    /// How many lines match.
    pub count: usize,
    /// [`Output::Lines`].
    pub lines: Vec<u8>,
    /// The array of [`Output::Values`] or [`Output::Rows`]; ASCII.
    pub text: String,
    /// The arrays of [`Output::Columns`]; ASCII.
    pub columns: Vec<String>,
    /// The doubles of [`Output::Columns`].
    pub doubles: Vec<Vec<f64>>,
    /// Whether any text holds what is [marked](crate::json::BigInts::Marked).
    pub marked: bool,
}

impl Piece {
    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let texts: usize = self.columns.iter().map(String::len).sum();
        let doubles: usize = self.doubles.iter().map(|column| column.len() * size_of::<f64>()).sum();
        self.lines.len() + self.text.len() + texts + doubles
    }
}

/// The result of the lines from `start` to `end`.
pub(super) fn of_lines(
    data: &[u8],
    start: usize,
    end: usize,
    query: &Query<'_>,
    output: &Output,
    checkpoint: &dyn Checkpoint,
) -> Result<Piece, Error> {
    let limit = query.limits.max_output;
    let bounded = |length: usize| {
        if length > limit { Err(Error::TooLarge { what: "bytes", limit }) } else { Ok(()) }
    };
    let mut piece = Piece::default();
    let mut count = 0;
    let mut text = Array::new(query);
    match output {
        Output::Count => each_record(data, start, end, query, checkpoint, |_, _| {
            count += 1;
            Ok(())
        })?,
        Output::Lines => each_record(data, start, end, query, checkpoint, |line, _| {
            count += 1;
            piece.lines.extend_from_slice(&data[line.start..line.end]);
            piece.lines.push(b'\n');
            Ok(())
        })?,
        Output::Values => {
            each_record(data, start, end, query, checkpoint, |line, _| {
                count += 1;
                let line_text = &data[line.start..line.end];
                // It will be parsed, and a trusted line was not read to its end.
                if query.mode == Mode::Trusted {
                    validate(line_text, query.limits, checkpoint)
                        .map_err(|error| error.shifted(line.start))?;
                }
                text.next().value(Some(line_text));
                bounded(text.writer.len())
            })?;
            (piece.text, piece.marked) = text.finish();
        }
        Output::Rows(names) => {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            each_record(data, start, end, query, checkpoint, |_, columns| {
                count += 1;
                let writer = text.next();
                let mut before = "{";
                for (name, column) in names.iter().zip(columns) {
                    if let Some(value) = column.first().and_then(|span| span.of(data)) {
                        writer.push(before);
                        writer.push(name);
                        writer.value(Some(value));
                        before = ",";
                    }
                }
                writer.push(if before == "{" { "{}" } else { "}" });
                bounded(text.writer.len())
            })?;
            (piece.text, piece.marked) = text.finish();
        }
        Output::Columns(doubles) => {
            let mut texts: Vec<Array> =
                doubles.iter().filter(|double| !**double).map(|_| Array::new(query)).collect();
            let mut typed: Vec<Vec<f64>> =
                doubles.iter().filter(|double| **double).map(|_| Vec::new()).collect();
            each_record(data, start, end, query, checkpoint, |_, columns| {
                count += 1;
                let (mut texts, mut typed) = (texts.iter_mut(), typed.iter_mut());
                let mut written = 0;
                for (double, column) in doubles.iter().zip(columns) {
                    let value = column.first().and_then(|span| span.of(data));
                    if *double {
                        typed
                            .next()
                            .into_iter()
                            .for_each(|column| column.push(value.and_then(number).unwrap_or(f64::NAN)));
                    } else if let Some(text) = texts.next() {
                        text.next().value(value);
                        written += text.writer.len();
                    }
                }
                bounded(written)
            })?;
            for text in texts {
                let (text, marked) = text.finish();
                piece.marked |= marked;
                piece.columns.push(text);
            }
            piece.doubles = typed;
        }
    }
    piece.count = count;
    Ok(piece)
}

/// A name and its colon.
fn quoted(name: &str) -> String {
    let mut writer = Writer::default();
    writer.string(name);
    writer.push(":");
    writer.finish().0
}

/// A JSON array that grows.
struct Array {
    writer: Writer,
    started: bool,
}

impl Array {
    fn new(query: &Query<'_>) -> Self {
        Self { writer: Writer::new(query.bigints), started: false }
    }

    /// Where the next element goes.
    fn next(&mut self) -> &mut Writer {
        self.writer.push(if self.started { "," } else { "[" });
        self.started = true;
        &mut self.writer
    }

    fn finish(mut self) -> (String, bool) {
        self.writer.push(if self.started { "]" } else { "[]" });
        self.writer.finish()
    }
}
