use std::fmt;

use super::Type;
use crate::Interrupted;
use crate::filter::Unanswered;
use crate::memory::NoMemory;

/// Where in a text: numbers for people, and an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The record, from 1. A header counts, empty lines and comments do not.
    pub row: usize,
    /// The field in it, from 1.
    pub column: usize,
    /// In bytes.
    pub offset: usize,
}

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It is not what was asked for.
    Syntax {
        /// Where it is not.
        place: Place,
        /// What is wrong there.
        reason: Reason,
    },
    /// There is more of something than its limit.
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
    /// The system refuses memory for the result, or on the way to it.
    NoMemory(NoMemory),
    /// A test of a filter came to no answer; why.
    Untested(&'static str),
    /// The checkpoint said stop.
    Interrupted,
}

/// What was wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A quoted field does not end.
    OpenQuote,
    /// Neither delimiter nor row end stands behind a quoted field.
    AfterQuote,
    /// A quote in a field that does not begin with one.
    StrayQuote,
    /// A row has another number of fields than the first.
    FieldCount {
        /// What the first has.
        expected: usize,
        /// What this one has.
        found: usize,
    },
    /// A field is none of its column's type.
    Invalid(Type),
    /// The header has no column of this name.
    NoColumn(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { place, reason } => {
                match reason {
                    Reason::OpenQuote => f.write_str("A quoted field does not end: it begins"),
                    Reason::AfterQuote => {
                        f.write_str("Expected a delimiter or the row's end behind a quoted field")
                    }
                    Reason::StrayQuote => f.write_str("A quote in a field that is not quoted"),
                    Reason::FieldCount { expected, found } => {
                        write!(f, "Expected {expected} fields, found {found}")
                    }
                    Reason::Invalid(kind) => write!(f, "Expected {}", kind.describe()),
                    Reason::NoColumn(name) => write!(f, "There is no column '{name}'"),
                }?;
                let Place { row, column, offset } = place;
                write!(f, " at row {row}, column {column} (byte {offset})")
            }
            Self::TooLarge { what, limit } => write!(f, "There are more than {limit} {what}"),
            Self::Untested(why) => f.write_str(why),
            Self::NoMemory(refused) => refused.fmt(f),
            Self::Interrupted => Interrupted.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<Interrupted> for Error {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<NoMemory> for Error {
    fn from(refused: NoMemory) -> Self {
        Self::NoMemory(refused)
    }
}

impl From<Unanswered> for Error {
    fn from(error: Unanswered) -> Self {
        match error {
            Unanswered::Interrupted => Self::Interrupted,
            Unanswered::GaveUp(why) => Self::Untested(why),
        }
    }
}
