//! `json.fromColumns`, `ndjson.fromColumns`.

use napi::sys::napi_value;
use sidelane_kernels::json::Limits;
use sidelane_kernels::json::rows::{Cells, Column, Shape, Texts, write};
use sidelane_kernels::{Checkpoint, Threads};

use super::json::failure;
use super::plan::Plan;
use super::task::{BytesTask, PlannedTask, run_planned, submit_planned};
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown};

/// Picoseconds per byte, for the scheduler: doubles take 30 ns each, text 1 ns a unit (one core of a Zen 4 server, 2026-11).
const PACE: u64 = 3_000;

/// More threads pay from here.
const PARALLEL_LEAST: usize = 512 << 10;

/// `submitRows(..., packed, plan)`.
pub(crate) struct SubmitRows;

impl Callback for SubmitRows {
    const NAME: &'static str = "submitRows";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit_planned::<Task>(call)
    }
}

/// `rowsNow(packed, plan)`: the text, or what [`Failure`] crosses as.
pub(crate) struct RowsNow;

impl Callback for RowsNow {
    const NAME: &'static str = "rowsNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        run_planned::<Task>(call)
    }
}

struct Task {
    shape: Shape,
    columns: Vec<Spec>,
}

/// Where a column is in the packed bytes.
struct Spec {
    name: String,
    kind: u8,
    /// Beginning and length of each of its parts.
    parts: Vec<(usize, usize)>,
}

/// `TEXT` and `MIXED` of `lib/from-columns.js`; below are typed arrays as Node-API numbers them.
const TEXT: u8 = 11;
const MIXED: u8 = 12;

impl BytesTask for Task {
    const NAME: &'static str = "fromColumns";

    fn cost(&self, len: usize) -> u64 {
        1_000 + len as u64 * PACE / 1000
    }

    fn splits(&self, len: usize) -> bool {
        len >= PARALLEL_LEAST
    }

    fn run(&self, data: &[u8], checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Failure> {
        let columns: Option<Vec<Column<'_>>> = self.columns.iter().map(|spec| spec.column(data)).collect();
        let columns =
            columns.ok_or_else(|| Failure::new("ERR_INTERNAL", "columns lie outside of their buffer"))?;
        let limit = Limits::default().max_output;
        let pieces =
            write(&columns, self.shape, limit, checkpoint, threads).map_err(|error| failure(&error, data))?;
        let mut page = Page::with_capacity(pieces.iter().map(Vec::len).sum())?;
        pieces.iter().for_each(|piece| page.extend(piece));
        Ok(Value::Page(page))
    }
}

impl PlannedTask for Task {
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown> {
        let shape = if plan.byte()? == 0 { Shape::Array } else { Shape::Lines };
        let columns = (0..plan.count()?).map(|_| Spec::read(plan)).collect::<Result<_, _>>()?;
        Ok(Self { shape, columns })
    }
}

impl Spec {
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown> {
        let (name, kind) = (plan.text()?, plan.byte()?);
        let parts = match kind {
            TEXT => 2,
            MIXED => 4,
            _ => 1,
        };
        let parts = (0..parts).map(|_| Ok((plan.count()?, plan.count()?))).collect::<Result<_, Thrown>>()?;
        Ok(Self { name, kind, parts })
    }

    fn column<'c>(&'c self, data: &'c [u8]) -> Option<Column<'c>> {
        let part = |index: usize| {
            let (start, length) = *self.parts.get(index)?;
            data.get(start..start.checked_add(length)?)
        };
        let texts = |first: usize| {
            Some(Texts { ends: part(first)?.as_chunks().0, units: part(first + 1)?.as_chunks().0 })
        };
        let bytes = part(0)?;
        let cells = match self.kind {
            0 => Cells::I8(bytes.as_chunks().0),
            1 | 2 => Cells::U8(bytes.as_chunks().0),
            3 => Cells::I16(bytes.as_chunks().0),
            4 => Cells::U16(bytes.as_chunks().0),
            5 => Cells::I32(bytes.as_chunks().0),
            6 => Cells::U32(bytes.as_chunks().0),
            7 => Cells::F32(bytes.as_chunks().0),
            8 => Cells::F64(bytes.as_chunks().0),
            9 => Cells::I64(bytes.as_chunks().0),
            10 => Cells::U64(bytes.as_chunks().0),
            TEXT => Cells::Text(texts(0)?),
            _ => Cells::Mixed { kinds: bytes, numbers: part(1)?.as_chunks().0, texts: texts(2)? },
        };
        Some(Column { name: &self.name, cells })
    }
}
