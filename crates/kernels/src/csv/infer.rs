//! Types that fit all fields of a column.

use super::date::{DateFormat, date};
use super::number::{boolean, double, long};
use super::reader::{Field, Kind};
use super::{Error, Sink, Type};

/// What the fields of a column may be so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    empty: bool,
    boolean: bool,
    double: bool,
    /// Integers of which one at least is beyond 2^53 - 1.
    long: bool,
    large: bool,
    date: bool,
}

const SAFE: u64 = (1 << 53) - 1;

impl Guess {
    const NONE: Self =
        Self { empty: true, boolean: true, double: true, long: true, large: false, date: true };

    fn see(&mut self, field: Field, data: &[u8]) {
        let text = field.raw(data).trim_ascii();
        if text.is_empty() || field.kind == Kind::Missing {
            return;
        }
        self.empty = false;
        if self.boolean {
            self.boolean = text.len() > 1 && boolean(text).is_some();
        }
        if self.double {
            let digits = text.strip_prefix(b"-").unwrap_or(text);
            // 007 is a name, not a number; nor is +49.
            let written = digits.first().is_some_and(|digit| *digit != b'+')
                && !(digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit());
            self.double = written && double(text).is_some();
            let integer = if self.double { long(text) } else { None };
            let whole = digits.iter().all(u8::is_ascii_digit);
            self.long &= integer.is_some();
            self.large |= whole && integer.is_none_or(|integer| integer.unsigned_abs() > SAFE);
        }
        if self.date {
            self.date = date(text, DateFormat::Iso).is_some();
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            empty: self.empty && other.empty,
            boolean: self.boolean && other.boolean,
            double: self.double && other.double,
            long: self.long && other.long,
            large: self.large || other.large,
            date: self.date && other.date,
        }
    }

    pub(super) fn kind(self) -> Type {
        match self {
            Self { empty: true, .. } => Type::Text,
            Self { boolean: true, .. } => Type::Bool,
            Self { double: true, large: false, .. } => Type::F64,
            Self { double: true, long: true, .. } => Type::I64,
            Self { date: true, .. } => Type::Date(DateFormat::Iso),
            _ => Type::Text,
        }
    }
}

/// Looks at rows that have `sources` as columns.
pub(super) struct Guesser<'q> {
    sources: &'q [usize],
    pub(super) guesses: Vec<Guess>,
}

impl<'q> Guesser<'q> {
    pub(super) fn new(sources: &'q [usize]) -> Self {
        Self { sources, guesses: vec![Guess::NONE; sources.len()] }
    }
}

impl Sink for Guesser<'_> {
    fn row(&mut self, data: &[u8], fields: &[Field], _: usize) -> Result<(), Error> {
        for (guess, source) in self.guesses.iter_mut().zip(self.sources) {
            guess.see(fields.get(*source).copied().unwrap_or(Field::MISSING), data);
        }
        Ok(())
    }

    fn end(&mut self, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}
