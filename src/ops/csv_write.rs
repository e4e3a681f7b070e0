//! `csv.stringify` of typed columns.

use bytemuck::Pod;
use napi::sys::napi_value;
use sidelane_kernels::csv::{Cells, Style, Written, write};
use sidelane_kernels::{Checkpoint, Threads};

use super::csv::failure;
use super::plan::Plan;
use super::task::{BytesTask, PlannedTask, submit_planned};
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown};
use crate::typed::{Element, with_element, with_numbers};

/// Picoseconds per byte of columns, for the scheduler: 0.2 GB/s (one core of a Zen 4 server, 2026-11).
const PACE: u64 = 5_000;

/// `submitCsvWrite(..., bytes, plan)`: the bytes are all arrays of the columns, in order.
pub(crate) struct SubmitCsvWrite;

impl Callback for SubmitCsvWrite {
    const NAME: &'static str = "submitCsvWrite";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit_planned::<Task>(call)
    }
}

struct Task {
    style: Style,
    rows: usize,
    most: usize,
    columns: Vec<Column>,
}

/// A column, by the lengths of its arrays in bytes.
struct Column {
    name: String,
    kind: Kind,
    element: Element,
    validity: Option<usize>,
    lengths: [usize; 3],
}

/// Positions of `KINDS` in `lib/csv-write.js`, and the arrays of each.
#[derive(Clone, Copy)]
enum Kind {
    Numbers,
    Bools,
    Dates,
    Texts,
    Dictionary,
}

impl BytesTask for Task {
    const NAME: &'static str = "csvWrite";

    fn cost(&self, len: usize) -> u64 {
        1_000 + len as u64 * PACE / 1000
    }

    fn run(&self, mut data: &[u8], checkpoint: &dyn Checkpoint, _: Threads<'_>) -> Result<Value, Failure> {
        let mut next = |length: usize| {
            let (array, rest) = data.split_at(length.min(data.len()));
            data = rest;
            array
        };
        let columns: Vec<Written<'_>> = self
            .columns
            .iter()
            .map(|column| {
                let validity = column.validity.map(&mut next);
                let arrays = column.lengths.map(&mut next);
                Written { name: column.name.clone(), validity, cells: column.cells(arrays) }
            })
            .collect();
        let text = write(&columns, self.rows, self.style, self.most, checkpoint).map_err(failure)?;
        Ok(Value::Page(Page::copy_of(&text)?))
    }
}

impl PlannedTask for Task {
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown> {
        let style = Style {
            delimiter: plan.byte()?,
            quote: plan.byte()?,
            crlf: plan.flag()?,
            header: plan.flag()?,
            escape_formulas: plan.flag()?,
        };
        let (rows, most) = (plan.count()?, plan.count()?);
        let mut columns = Vec::new();
        for _ in 0..plan.count()? {
            let name = plan.text()?;
            let kind = match plan.byte()? {
                0 => Kind::Numbers,
                1 => Kind::Bools,
                2 => Kind::Dates,
                3 => Kind::Texts,
                _ => Kind::Dictionary,
            };
            let element = Element::numbered(plan.byte()?.into())?;
            let validity = if plan.flag()? { Some(plan.count()?) } else { None };
            let lengths = [plan.count()?, plan.count()?, plan.count()?];
            columns.push(Column { name, kind, element, validity, lengths });
        }
        Ok(Self { style, rows, most, columns })
    }
}

impl Column {
    fn cells<'d>(&self, [first, second, third]: [&'d [u8]; 3]) -> Cells<'d> {
        match self.kind {
            Kind::Numbers => match self.element {
                Element::BigInt64 => Cells::Longs(numbers(first)),
                Element::BigUint64 => Cells::UnsignedLongs(numbers(first)),
                element => with_element!(element, T => Cells::Doubles(doubles::<T>(first))),
            },
            Kind::Bools => Cells::Bools(first),
            Kind::Dates => Cells::Dates(numbers(first)),
            Kind::Texts => Cells::Texts(second, numbers(first)),
            Kind::Dictionary => Cells::Dictionary(numbers(first), third, numbers(second)),
        }
    }
}

fn numbers<T: Pod>(bytes: &[u8]) -> Vec<T> {
    with_numbers(bytes, <[T]>::to_vec)
}

/// A number that a double holds, but for those of 64 bits.
trait ToDouble: Pod {
    fn to_double(self) -> f64;
}

macro_rules! to_double {
    ($($type:ty)*) => {
        $(impl ToDouble for $type {
            fn to_double(self) -> f64 {
                self as f64
            }
        })*
    };
}

to_double!(i8 u8 i16 u16 i32 u32 f32 f64 i64 u64);

fn doubles<T: ToDouble>(bytes: &[u8]) -> Vec<f64> {
    with_numbers(bytes, |numbers: &[T]| numbers.iter().map(|number| number.to_double()).collect())
}
