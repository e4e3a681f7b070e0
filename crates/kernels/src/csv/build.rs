//! Rows become columns, a batch at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::column::{Column, Type};
use super::reader::Field;
use super::{Error, Invalid, Place, Reason, Sink};
use crate::Checkpoint;
use crate::filter::Filter;

/// Fields of a batch: what fits the first cache.
const BATCH: usize = 2048;

/// What to build, with columns by their position in the text.
pub(super) struct Plan<'q> {
    pub(super) outputs: Vec<(usize, Type)>,
    pub(super) filter: Option<&'q Filter>,
    /// The filter's fields, and what each is compared as.
    pub(super) tested: Vec<(usize, Type)>,
    pub(super) invalid: Invalid,
    pub(super) quote: u8,
    pub(super) max_rows: usize,
    pub(super) max_bytes: usize,
    /// Bytes of all pieces so far.
    pub(super) bytes: AtomicUsize,
}

/// The columns of neighbouring rows.
pub(super) struct Build<'q> {
    plan: &'q Plan<'q>,
    checkpoint: &'q dyn Checkpoint,
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
    bytes: usize,
    batch: Vec<Field>,
    numbers: Vec<usize>,
}

impl<'q> Build<'q> {
    pub(super) fn new(plan: &'q Plan<'q>, checkpoint: &'q dyn Checkpoint) -> Self {
        let columns = plan.outputs.iter().map(|(_, kind)| Column::new(*kind)).collect();
        Self { plan, checkpoint, columns, rows: 0, bytes: 0, batch: Vec::new(), numbers: Vec::new() }
    }

    fn matches(&self, data: &[u8], fields: &[Field]) -> Result<bool, Error> {
        let Some(filter) = self.plan.filter else { return Ok(true) };
        let matches = filter.matches(self.checkpoint, |index| {
            let (source, kind) = self.plan.tested[index];
            let field = fields.get(source).copied().unwrap_or(Field::MISSING);
            kind.value(field, data, self.plan.quote)
        });
        Ok(matches?)
    }

    fn flush(&mut self, data: &[u8]) -> Result<(), Error> {
        let width = self.plan.outputs.len();
        let rows = self.numbers.len();
        if rows == 0 {
            return Ok(());
        }
        let mut bytes = 0;
        for (position, (_, kind)) in self.plan.outputs.iter().enumerate() {
            bytes += kind.width() * rows;
            if matches!(kind, Type::Text | Type::Dict) {
                let fields = self.batch[position..].iter().step_by(width);
                bytes += fields.map(|field| field.len as usize).sum::<usize>();
            }
        }
        let limit = self.plan.max_bytes;
        self.bytes += bytes;
        if self.plan.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > limit {
            return Err(Error::TooLarge { what: "bytes of columns", limit });
        }
        let mut wrong: Option<(usize, usize)> = None;
        for (position, column) in self.columns.iter_mut().enumerate() {
            let fields = self.batch[position..].iter().step_by(width);
            if let Some(row) = column.extend(fields, data, self.plan.quote) {
                let found = (row, position);
                wrong = Some(wrong.map_or(found, |first| first.min(found)));
            }
        }
        if let (Some((row, position)), Invalid::Error) = (wrong, self.plan.invalid) {
            let (source, kind) = self.plan.outputs[position];
            let offset = self.batch[row * width + position].start;
            let place = Place { row: self.numbers[row], column: source + 1, offset };
            return Err(Error::Syntax { place, reason: Reason::Invalid(kind) });
        }
        self.batch.clear();
        self.numbers.clear();
        Ok(())
    }
}

impl Sink for Build<'_> {
    fn row(&mut self, data: &[u8], fields: &[Field], number: usize) -> Result<(), Error> {
        if !self.matches(data, fields)? {
            return Ok(());
        }
        self.rows += 1;
        if self.rows > self.plan.max_rows {
            return Err(Error::TooLarge { what: "rows", limit: self.plan.max_rows });
        }
        if self.plan.outputs.is_empty() {
            return Ok(());
        }
        for (source, _) in &self.plan.outputs {
            self.batch.push(fields.get(*source).copied().unwrap_or(Field::MISSING));
        }
        self.numbers.push(number);
        if self.batch.len() >= BATCH { self.flush(data) } else { Ok(()) }
    }

    fn end(&mut self, data: &[u8]) -> Result<(), Error> {
        self.flush(data)
    }

    fn forget(&self) {
        self.plan.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
