use std::fmt;

use crate::Interrupted;
use crate::memory::NoMemory;

/// Why a computation gave no result.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// It was told to stop.
    Interrupted,
    /// Positions are 32 bits: there are more numbers than that.
    TooMany {
        /// The most.
        limit: usize,
        /// How many came.
        received: usize,
    },
    /// The system refuses memory for the result, or on the way to it.
    NoMemory(NoMemory),
    /// Two inputs that belong together differ in length.
    Length {
        /// That of the first.
        expected: usize,
        /// That of the second.
        received: usize,
    },
}

impl Error {
    /// The code that Sidelane reports it under.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Interrupted => "ERR_INTERNAL",
            Self::TooMany { .. } | Self::NoMemory(_) => "ERR_TOO_LARGE",
            Self::Length { .. } => "ERR_INVALID_ARG_VALUE",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => Interrupted.fmt(f),
            Self::NoMemory(refused) => refused.fmt(f),
            Self::TooMany { limit, received } => {
                write!(f, "positions are 32 bits: expected at most {limit} numbers, received {received}")
            }
            Self::Length { expected, received } => {
                write!(f, "expected as many values as keys, {expected}, received {received}")
            }
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

/// Whether every position fits 32 bits.
pub(super) fn check_positions(len: usize) -> Result<(), Error> {
    let limit = u32::MAX as usize;
    if len > limit { Err(Error::TooMany { limit, received: len }) } else { Ok(()) }
}
