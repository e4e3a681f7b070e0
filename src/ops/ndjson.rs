//! `ndjson.count`, `ndjson.filter`, `ndjson.select`, `ndjson.columns`.

use napi::sys::napi_value;
use sidelane_kernels::filter::Filter;
use sidelane_kernels::json::{BigInts, Limits, Mode, Pointer, Selection};
use sidelane_kernels::memory::NoMemory;
use sidelane_kernels::ndjson::{Output, Piece, Query, run};
use sidelane_kernels::{Checkpoint, Threads};

use super::filter::read_filter;
use super::json::{failure, invalid, read_bigints, read_mode};
use super::plan::Plan;
use super::regexp_filter::Beyond;
use super::task::{BytesTask, PlannedTask, check_planned, run_planned, submit_planned};
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown};
use crate::typed::Element;

/// Picoseconds per byte, for the scheduler: 1 GB/s, three times that when trusted (one core of a Zen 4 server, 2026-11).
const PACE: u64 = 1_000;
const TRUSTED_PACE: u64 = 330;

/// More threads pay from here.
const PARALLEL_LEAST: usize = 2 << 20;

/// `submitNdjson(..., bytes, plan)`.
pub(crate) struct SubmitNdjson;

impl Callback for SubmitNdjson {
    const NAME: &'static str = "submitNdjson";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit_planned::<Task>(call)
    }
}

/// `ndjsonNow(bytes, plan)`: the result, or what [`Failure`] crosses as.
pub(crate) struct NdjsonNow;

impl Callback for NdjsonNow {
    const NAME: &'static str = "ndjsonNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        run_planned::<Task>(call)
    }
}

/// `checkNdjson(plan)`: throws if it is none, before anything is submitted.
pub(crate) struct CheckNdjson;

impl Callback for CheckNdjson {
    const NAME: &'static str = "checkNdjson";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        check_planned::<Task>(call)
    }
}

/// What to do with the lines.
struct Task {
    output: Output,
    selection: Selection,
    filter: Option<Filter>,
    filter_at: usize,
    mode: Mode,
    bigints: BigInts,
    limits: Limits,
}

impl BytesTask for Task {
    const NAME: &'static str = "ndjson";

    fn cost(&self, len: usize) -> u64 {
        let pace = if self.mode == Mode::Trusted { TRUSTED_PACE } else { PACE };
        1_000 + len as u64 * pace / 1000
    }

    fn splits(&self, len: usize) -> bool {
        len >= PARALLEL_LEAST
    }

    fn run(&self, data: &[u8], checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Failure> {
        let query = Query {
            mode: self.mode,
            bigints: self.bigints,
            limits: self.limits,
            ..Query::new(&self.selection, self.filter.as_ref(), self.filter_at)
        };
        let pieces =
            run(data, &query, &self.output, checkpoint, threads).map_err(|error| failure(&error, data))?;
        Ok(match &self.output {
            Output::Count => Value::Number(pieces.iter().map(|piece| piece.count).sum::<usize>() as f64),
            Output::Lines => {
                let mut page = Page::with_capacity(pieces.iter().map(|piece| piece.lines.len()).sum())?;
                pieces.iter().for_each(|piece| page.extend(&piece.lines));
                Value::Page(page)
            }
            Output::Values | Output::Rows(_) => texts(pieces),
            Output::Columns(doubles) => columns(pieces, doubles)?,
        })
    }
}

impl PlannedTask for Task {
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown> {
        let kind = plan.byte()?;
        let limits = Limits { max_depth: plan.count()?, ..Limits::default() };
        let (mode, bigints) = (read_mode(plan)?, read_bigints(plan)?);
        let (mut pointers, mut names, mut doubles) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..plan.count()? {
            names.push(plan.text()?);
            pointers.push(read_pointer(plan)?);
            doubles.push(plan.flag()?);
        }
        let filter_at = pointers.len();
        for _ in 0..plan.count()? {
            pointers.push(read_pointer(plan)?);
        }
        let selection = Selection::new(&pointers).map_err(|error| invalid(&error, ""))?;
        let output = match kind {
            0 => Output::Count,
            1 => Output::Lines,
            2 => Output::Values,
            3 => Output::Rows(names),
            _ => Output::Columns(doubles),
        };
        Ok(Self {
            output,
            selection,
            filter: read_filter(plan, Beyond::Surrogates)?,
            filter_at,
            mode,
            bigints,
            limits,
        })
    }
}

fn read_pointer(plan: &mut Plan<'_>) -> Result<Pointer, Thrown> {
    let text = plan.text()?;
    let pointer = Pointer::parse(&text).map_err(|error| invalid(&error, &text))?;
    if !pointer.has_wildcard() {
        return Ok(pointer);
    }
    Err(Thrown {
        code: "ERR_INVALID_ARG_VALUE",
        message: format!("Pointers into lines of NDJSON cannot have '*'. Received '{text}'"),
    })
}

/// Whether anything is marked.
fn marked(pieces: &[Piece]) -> Value {
    Value::Text(if pieces.iter().any(|piece| piece.marked) { "1" } else { "0" }.into())
}

/// `[marked, ...arrays]`.
fn texts(pieces: Vec<Piece>) -> Value {
    let mut values = vec![marked(&pieces)];
    values.extend(pieces.into_iter().map(|piece| Value::text(piece.text)));
    Value::List(values)
}

/// `[marked, ...columns]`, each its doubles or an array of arrays.
fn columns(mut pieces: Vec<Piece>, doubles: &[bool]) -> Result<Value, NoMemory> {
    let mut values = vec![marked(&pieces)];
    let (mut texts, mut typed) = (0, 0);
    for double in doubles {
        if *double {
            let parts: Vec<_> = pieces.iter().map(|piece| &piece.doubles[typed][..]).collect();
            let mut page = Page::with_capacity(parts.iter().map(|part| size_of_val(*part)).sum())?;
            parts.iter().for_each(|part| page.extend(bytemuck::cast_slice(part)));
            values.push(Value::Array(Element::Float64, page));
            typed += 1;
        } else {
            let column =
                pieces.iter_mut().map(|piece| Value::text(std::mem::take(&mut piece.columns[texts])));
            values.push(Value::List(column.collect()));
            texts += 1;
        }
    }
    Ok(Value::List(values))
}
