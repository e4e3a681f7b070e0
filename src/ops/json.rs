//! `json.validate`, `json.minify`, `json.format`, `json.query`.

use napi::sys::napi_value;
use sidelane_kernels::json::{
    BigInts, Column, Error, Indent, Limits, Mode, Pointer, Selection, SelectionError, Writer, extract_with,
    format, minify, number, validate,
};
use sidelane_kernels::memory::{NoMemory, collected};
use sidelane_kernels::{Checkpoint, Threads};

use super::plan::Plan;
use super::task::{BytesTask, PlannedTask, check_planned, run_planned, submit_planned};
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown};

/// Picoseconds per byte, for the scheduler: 0.9 GB/s (one core of a Zen 4 server, 2026-11).
const PACE: u64 = 1_100;

/// More threads pay from here.
const PARALLEL_LEAST: usize = 2 << 20;

/// `submitJson(..., bytes, plan)`.
pub(crate) struct SubmitJson;

impl Callback for SubmitJson {
    const NAME: &'static str = "submitJson";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit_planned::<Task>(call)
    }
}

/// `jsonNow(bytes, plan)`: the result, or what [`Failure`] crosses as.
pub(crate) struct JsonNow;

impl Callback for JsonNow {
    const NAME: &'static str = "jsonNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        run_planned::<Task>(call)
    }
}

/// `checkJson(plan)`: throws if it is none, before anything is submitted.
pub(crate) struct CheckJson;

impl Callback for CheckJson {
    const NAME: &'static str = "checkJson";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        check_planned::<Task>(call)
    }
}

/// What to do with a text.
struct Task {
    kind: Kind,
    limits: Limits,
}

enum Kind {
    Validate,
    Minify,
    Format(Indent),
    Query(Query),
}

struct Query {
    selection: Selection,
    fields: Vec<Field>,
    mode: Mode,
    bigints: BigInts,
}

impl BytesTask for Task {
    const NAME: &'static str = "json";

    fn cost(&self, len: usize) -> u64 {
        1_000 + len as u64 * PACE / 1000
    }

    fn splits(&self, len: usize) -> bool {
        matches!(self.kind, Kind::Query(_)) && len >= PARALLEL_LEAST
    }

    fn run(&self, data: &[u8], checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Failure> {
        let limits = self.limits;
        let result = match &self.kind {
            Kind::Validate => validate(data, limits, checkpoint).map(|()| Value::Undefined),
            Kind::Minify => minify(data, limits, checkpoint).and_then(to_buffer),
            Kind::Format(indent) => format(data, *indent, limits, checkpoint).and_then(to_buffer),
            Kind::Query(query) => query.run(data, limits, checkpoint, threads),
        };
        result.map_err(|error| failure(&error, data))
    }
}

impl PlannedTask for Task {
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown> {
        let kind = plan.byte()?;
        let limits = Limits { max_depth: plan.count()?, ..Limits::default() };
        let kind = match kind {
            0 => Kind::Validate,
            1 => Kind::Minify,
            2 => Kind::Format(match plan.byte()? {
                255 => Indent::Tab,
                spaces => Indent::Spaces(spaces.into()),
            }),
            _ => Kind::Query(Query::read(plan)?),
        };
        Ok(Self { kind, limits })
    }
}

impl Query {
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown> {
        let (mode, bigints) = (read_mode(plan)?, read_bigints(plan)?);
        let (selection, fields) = read_fields(plan)?;
        Ok(Self { selection, fields, mode, bigints })
    }

    /// `[values, flags, ...columns]`: the JSON text of an array with an element for each plain field; a character for each, 1 if it is there, and one more, 1 if something is marked; the doubles of each
    /// typed field.
    fn run(
        &self,
        data: &[u8],
        limits: Limits,
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<Value, Error> {
        let columns = extract_with(data, &self.selection, self.mode, limits, checkpoint, threads)?;
        let mut parts: Vec<Part> = columns.iter().map(|_| Part::default()).collect();
        threads.for_each(columns.iter().enumerate().zip(&mut parts), |((index, column), part)| {
            checkpoint.poll()?;
            if self.fields[index] == Field::Double {
                part.doubles = to_doubles(column, data)?;
                return Ok(());
            }
            let mut writer = Writer::new(self.bigints);
            if self.selection.is_list(index) {
                write_list(&mut writer, column, data, limits, checkpoint)?;
            } else {
                let value = column.first().and_then(|span| span.of(data));
                // What is written is no shorter.
                check_length(value.map_or(0, <[u8]>::len), limits)?;
                writer.value(value);
            }
            (part.text, part.marked) = writer.finish();
            check_length(part.text.len(), limits)
        })?;
        let (mut text, mut flags, mut doubles) = (String::from("["), String::new(), Vec::new());
        let mut marked = false;
        for (index, (part, field)) in parts.iter().zip(&self.fields).enumerate() {
            if *field == Field::Double {
                doubles.push(Value::doubles(&part.doubles)?);
                continue;
            }
            if !flags.is_empty() {
                text.push(',');
            }
            text.push_str(&part.text);
            marked |= part.marked;
            let there = self.selection.is_list(index) || !columns[index].is_empty();
            flags.push(if there { '1' } else { '0' });
            check_length(text.len(), limits)?;
        }
        text.push(']');
        flags.push(if marked { '1' } else { '0' });
        let mut values = vec![Value::text(text), Value::Text(flags)];
        values.append(&mut doubles);
        Ok(Value::List(values))
    }
}

/// A large one is JavaScript's without another copy, which would be the event loop's.
fn to_buffer(text: Vec<u8>) -> Result<Value, Error> {
    Ok(Value::Page(Page::copy_of(&text)?))
}

/// A field's result: text, or doubles.
#[derive(Default)]
struct Part {
    text: String,
    marked: bool,
    doubles: Vec<f64>,
}

/// As what a field is returned. Positions of `TYPES` in `lib/selection.js`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Plain,
    Double,
}

pub(super) fn read_mode(plan: &mut Plan<'_>) -> Result<Mode, Thrown> {
    Ok(if plan.flag()? { Mode::Trusted } else { Mode::Checked })
}

pub(super) fn read_bigints(plan: &mut Plan<'_>) -> Result<BigInts, Thrown> {
    Ok(match plan.byte()? {
        0 => BigInts::Round,
        1 => BigInts::Text,
        _ => BigInts::Marked,
    })
}

/// Pointers and how each is returned.
pub(super) fn read_fields(plan: &mut Plan<'_>) -> Result<(Selection, Vec<Field>), Thrown> {
    let (mut pointers, mut fields) = (Vec::new(), Vec::new());
    for _ in 0..plan.count()? {
        let text = plan.text()?;
        pointers.push(Pointer::parse(&text).map_err(|error| invalid(&error, &text))?);
        fields.push(if plan.byte()? == 0 { Field::Plain } else { Field::Double });
    }
    Ok((Selection::new(&pointers).map_err(|error| invalid(&error, ""))?, fields))
}

pub(super) fn invalid(error: &SelectionError, pointer: &str) -> Thrown {
    let received = if pointer.is_empty() { String::new() } else { format!(". Received '{pointer}'") };
    Thrown {
        code: "ERR_INVALID_ARG_VALUE",
        message: format!("The \"selection\" argument is invalid: {error}{received}"),
    }
}

/// NaN for what is no number.
fn to_doubles(column: &Column, data: &[u8]) -> Result<Vec<f64>, NoMemory> {
    collected(column.iter().map(|span| span.of(data).and_then(number).unwrap_or(f64::NAN)))
}

fn write_list(
    writer: &mut Writer,
    column: &Column,
    data: &[u8],
    limits: Limits,
    checkpoint: &dyn Checkpoint,
) -> Result<(), Error> {
    writer.push("[");
    for (index, span) in column.iter().enumerate() {
        if index > 0 {
            writer.push(",");
        }
        check_length(writer.len() + (span.end - span.start), limits)?;
        writer.value(span.of(data));
        if index % 1024 == 0 {
            checkpoint.poll()?;
        }
    }
    writer.push("]");
    Ok(())
}

fn check_length(length: usize, limits: Limits) -> Result<(), Error> {
    if length < limits.max_output {
        return Ok(());
    }
    Err(Error::TooLarge { what: "characters", limit: limits.max_output })
}

/// What `lib/errors.js` makes a `JsonSyntaxError` or `TooLargeError` of.
pub(super) fn failure(error: &Error, data: &[u8]) -> Failure {
    let mut message = error.describe(data);
    let place = error.locate(data);
    if let Some(place) = &place {
        let offset = error.offset().unwrap_or(0);
        message = format!("{message} at line {}, column {} (byte {offset})", place.line, place.column);
    }
    match (error, place) {
        (Error::Interrupted, _) => sidelane_kernels::Interrupted.into(),
        (Error::NoMemory(refused), _) => (*refused).into(),
        (Error::Untested(_), _) => Failure::new("ERR_REGEXP_BUDGET", message),
        (Error::TooDeep { limit, .. } | Error::TooLarge { limit, .. }, _) => {
            let limit = *limit as f64;
            Failure::new("ERR_TOO_LARGE", message)
                .with_number("limit", limit)
                .with_number("received", limit + 1.0)
        }
        (Error::Syntax { offset, .. }, place) => {
            let failure = Failure::new("ERR_JSON_SYNTAX", message).with_number("offset", *offset as f64);
            match place {
                Some(place) => failure
                    .with_number("line", place.line as f64)
                    .with_number("column", place.column as f64)
                    .with_text("excerpt", place.excerpt),
                None => failure,
            }
        }
    }
}
