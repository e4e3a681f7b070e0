//! `csv.parse`.

use std::borrow::Cow;

use bytemuck::{Pod, Zeroable};
use napi::sys::napi_value;
use sidelane_kernels::csv::{
    Column, DateFormat, Dialect, Dictionary, Error, Header, Invalid, Limits, Place, Query, Ragged, Selected,
    Table, Type, Values, from_latin1, from_utf16, parse,
};
use sidelane_kernels::filter::Filter;
use sidelane_kernels::json::Writer;
use sidelane_kernels::memory::{NoMemory, filled};
use sidelane_kernels::{Checkpoint, Interrupted, Threads};

use super::filter::read_filter;
use super::plan::Plan;
use super::regexp_filter::Beyond;
use super::task::{BytesTask, PlannedTask, check_planned, run_planned, submit_planned};
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown};
use crate::typed::Element;

/// Picoseconds per byte, for the scheduler: 0.4 GB/s (one core of a Zen 4 server, 2026-11).
const PACE: u64 = 2_500;

/// More threads pay from here.
const PARALLEL_LEAST: usize = 2 << 20;

/// `submitCsv(..., bytes, plan)`.
pub(crate) struct SubmitCsv;

impl Callback for SubmitCsv {
    const NAME: &'static str = "submitCsv";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit_planned::<Task>(call)
    }
}

/// `csvNow(bytes, plan)`: the result, or what [`Failure`] crosses as.
pub(crate) struct CsvNow;

impl Callback for CsvNow {
    const NAME: &'static str = "csvNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        run_planned::<Task>(call)
    }
}

/// `checkCsv(plan)`: throws if it is none, before anything is submitted.
pub(crate) struct CheckCsv;

impl Callback for CheckCsv {
    const NAME: &'static str = "checkCsv";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        check_planned::<Task>(call)
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16Le,
    Latin1,
    Utf16Be,
}

/// What to do with a text.
struct Task {
    encoding: Encoding,
    query: Query<'static>,
    filter: Option<Filter>,
}

impl BytesTask for Task {
    const NAME: &'static str = "csv";

    fn cost(&self, len: usize) -> u64 {
        1_000 + len as u64 * PACE / 1000
    }

    fn splits(&self, len: usize) -> bool {
        len >= PARALLEL_LEAST
    }

    fn run(&self, data: &[u8], checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Failure> {
        let query = Query { filter: self.filter.as_ref(), ..self.query.clone() };
        let text = match self.encoding {
            Encoding::Utf8 => Ok(Cow::Borrowed(data)),
            Encoding::Utf16Le => from_utf16(data, u16::from_le_bytes, checkpoint).map(Cow::Owned),
            Encoding::Utf16Be => from_utf16(data, u16::from_be_bytes, checkpoint).map(Cow::Owned),
            Encoding::Latin1 => from_latin1(data, checkpoint).map(Cow::Owned),
        };
        let table = text.and_then(|text| parse(&text, &query, checkpoint, threads));
        to_value(&table.map_err(failure)?, checkpoint, threads).map_err(failure)
    }
}

impl PlannedTask for Task {
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown> {
        let dialect = Dialect {
            delimiter: plan.byte()?,
            quote: optional(plan.byte()?),
            comment: optional(plan.byte()?),
        };
        let ragged = match plan.byte()? {
            0 => Ragged::Error,
            1 => Ragged::Pad,
            _ => Ragged::Skip,
        };
        let invalid = if plan.byte()? == 0 { Invalid::Error } else { Invalid::Null };
        let encoding = match plan.byte()? {
            0 => Encoding::Utf8,
            1 => Encoding::Utf16Le,
            2 => Encoding::Latin1,
            _ => Encoding::Utf16Be,
        };
        let (infer, others) = (plan.flag()?, plan.flag()?);
        let limits = Limits {
            rows: plan.count()?,
            columns: plan.count()?,
            field_bytes: plan.count()?,
            bytes: plan.count()?,
        };
        let header = match plan.byte()? {
            0 => Header::First,
            1 => Header::None,
            _ => Header::Names((0..plan.count()?).map(|_| plan.text()).collect::<Result<_, _>>()?),
        };
        let mut columns = Vec::new();
        for _ in 0..plan.count()? {
            columns.push(Selected { name: plan.text()?, kind: read_type(plan)? });
        }
        let mut tested = Vec::new();
        for _ in 0..plan.count()? {
            tested.push((plan.text()?, read_type(plan)?.unwrap_or(Type::Text)));
        }
        let filter = read_filter(plan, Beyond::Replaced)?;
        let query =
            Query { dialect, limits, header, columns, others, infer, filter: None, tested, ragged, invalid };
        Ok(Self { encoding, query, filter })
    }
}

fn optional(byte: u8) -> Option<u8> {
    (byte != 0).then_some(byte)
}

/// Positions of `TYPES` in `lib/csv.js`.
const TYPES: [Type; 10] = [
    Type::F64,
    Type::I32,
    Type::I64,
    Type::Bool,
    Type::Text,
    Type::Dict,
    Type::Date(DateFormat::Iso),
    Type::Date(DateFormat::DayMonthYear),
    Type::Date(DateFormat::MonthDayYear),
    Type::Date(DateFormat::Unix),
];

fn read_type(plan: &mut Plan<'_>) -> Result<Option<Type>, Thrown> {
    Ok(TYPES.get(usize::from(plan.byte()?)).copied())
}

/// What `lib/errors.js` makes a `CsvSyntaxError` or `TooLargeError` of.
pub(super) fn failure(error: Error) -> Failure {
    let message = error.to_string();
    match error {
        Error::Interrupted => Interrupted.into(),
        Error::NoMemory(refused) => refused.into(),
        Error::Untested(_) => Failure::new("ERR_REGEXP_BUDGET", message),
        Error::TooLarge { limit, .. } => Failure::new("ERR_TOO_LARGE", message)
            .with_number("limit", limit as f64)
            .with_number("received", limit as f64 + 1.0),
        Error::Syntax { place: Place { row, column, offset }, .. } => Failure::new("ERR_CSV_SYNTAX", message)
            .with_number("row", row as f64)
            .with_number("column", column as f64)
            .with_number("offset", offset as f64),
    }
}

/// `[rows, skipped, description, ...columns]`; the description is JSON, a column `[validity, ...arrays]`.
fn to_value(table: &Table, checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Error> {
    let mut columns: Vec<Option<Value>> = table.names.iter().map(|_| None).collect();
    threads.for_each(columns.iter_mut().enumerate(), |(index, value)| {
        checkpoint.poll()?;
        *value = Some(Joined { table, index, rows: table.rows() }.value()?);
        Ok::<(), Error>(())
    })?;
    let mut values = vec![
        Value::Number(table.rows() as f64),
        Value::Number(table.skipped as f64),
        Value::Text(describe(table)),
    ];
    values.extend(columns.into_iter().flatten());
    Ok(Value::List(values))
}

fn describe(table: &Table) -> String {
    let mut writer = Writer::default();
    let mut before = "{\"names\":[";
    for name in &table.names {
        writer.push(before);
        writer.string(name);
        before = ",";
    }
    writer.push(if before == "," { "],\"types\":[" } else { "{\"names\":[],\"types\":[" });
    let types = table.types.iter().map(|kind| TYPES.iter().position(|each| each == kind).unwrap_or_default());
    writer.push(&numbers(types));
    writer.push("],\"invalid\":[");
    let invalid = (0..table.names.len())
        .map(|index| table.pieces.iter().map(|piece| piece.columns[index].invalid).sum());
    writer.push(&numbers(invalid));
    writer.push("]}");
    writer.finish().0
}

fn numbers(numbers: impl Iterator<Item = usize>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

/// A column of all pieces.
struct Joined<'t> {
    table: &'t Table,
    index: usize,
    rows: usize,
}

impl<'t> Joined<'t> {
    fn parts(&self) -> impl Iterator<Item = (usize, &'t Column)> {
        let index = self.index;
        self.table.pieces.iter().map(move |piece| (piece.rows, &piece.columns[index]))
    }

    fn value(&self) -> Result<Value, NoMemory> {
        let mut values = vec![self.validity()?];
        match self.table.types[self.index] {
            Type::F64 | Type::Date(_) => {
                values.push(self.numbers(Element::Float64, |values| match values {
                    Values::F64(values) => values,
                    _ => &[],
                })?)
            }
            Type::I32 => values.push(self.numbers(Element::Int32, |values| match values {
                Values::I32(values) => values,
                _ => &[],
            })?),
            Type::I64 => values.push(self.numbers(Element::BigInt64, |values| match values {
                Values::I64(values) => values,
                _ => &[],
            })?),
            Type::Bool => values.push(self.numbers(Element::Uint8, |values| match values {
                Values::Bool(values) => values,
                _ => &[],
            })?),
            Type::Text => values.extend(self.texts()?),
            Type::Dict => values.extend(self.dictionary()?),
        }
        Ok(Value::List(values))
    }

    fn numbers<T: Pod>(&self, element: Element, of: impl Fn(&Values) -> &[T]) -> Result<Value, NoMemory> {
        let parts = self.parts().map(|(_, column)| of(&column.values));
        Ok(Value::Array(element, joined(self.rows, parts)?))
    }

    fn texts(&self) -> Result<[Value; 2], NoMemory> {
        let texts = || {
            self.parts().filter_map(|(_, column)| match &column.values {
                Values::Text(texts) => Some(texts),
                _ => None,
            })
        };
        let bytes = texts().map(|texts| texts.bytes.len()).sum();
        let mut base = 0;
        let offsets = mapped(self.rows + 1, |next| {
            next(0);
            for texts in texts() {
                texts.ends.iter().for_each(|end| next(base + end));
                base += texts.bytes.len() as u32;
            }
        })?;
        let bytes = joined(bytes, texts().map(|texts| &texts.bytes[..]))?;
        Ok([Value::Page(bytes), Value::Array(Element::Uint32, offsets)])
    }

    fn dictionary(&self) -> Result<[Value; 3], NoMemory> {
        let mut all = Dictionary::default();
        let codes = mapped(self.rows, |next| {
            for (_, column) in self.parts() {
                let Values::Dict(dictionary) = &column.values else { continue };
                let numbers: Vec<u32> = dictionary.texts.iter().map(|text| all.number(text)).collect();
                dictionary.codes.iter().for_each(|code| next(numbers[*code as usize]));
            }
        })?;
        let offsets = mapped(all.texts.ends.len() + 1, |next| {
            next(0);
            all.texts.ends.iter().for_each(|end| next(*end));
        })?;
        Ok([
            Value::Array(Element::Uint32, codes),
            Value::Page(Page::copy_of(&all.texts.bytes)?),
            Value::Array(Element::Uint32, offsets),
        ])
    }

    /// A bit for each row, the lowest first: 0 where there is no value. Undefined if each has one.
    fn validity(&self) -> Result<Value, NoMemory> {
        if self.parts().all(|(_, column)| column.nulls.is_empty()) {
            return Ok(Value::Undefined);
        }
        let mut bits = filled(0xff, self.rows.div_ceil(8))?;
        let mut base = 0;
        for (rows, column) in self.parts() {
            for null in &column.nulls {
                let row = base + *null as usize;
                bits[row / 8] &= !(1_u8 << (row % 8));
            }
            base += rows;
        }
        Value::array(Element::Uint8, &bits)
    }
}

/// The parts, one behind the other.
fn joined<'p, T: Pod>(len: usize, parts: impl Iterator<Item = &'p [T]>) -> Result<Page, NoMemory> {
    let mut page = Page::with_capacity(len * size_of::<T>())?;
    parts.for_each(|part| page.extend(bytemuck::cast_slice(part)));
    Ok(page)
}

/// Of `len` numbers that `write` gives one by one.
fn mapped<T: Pod + Zeroable>(len: usize, write: impl FnOnce(&mut dyn FnMut(T))) -> Result<Page, NoMemory> {
    Page::filled_as(len, |numbers: &mut [T]| {
        let mut places = numbers.iter_mut();
        write(&mut |number| places.by_ref().take(1).for_each(|place| *place = number));
        Ok(())
    })
}
