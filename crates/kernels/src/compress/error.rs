use std::fmt;

use crate::Interrupted;
use crate::memory::NoMemory;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The data is not of its format, or was damaged.
    Corrupt {
        /// Bytes read before that was noticed.
        offset: usize,
        /// zlib's words for it.
        reason: &'static str,
    },
    /// The data ends before its stream does.
    Truncated {
        /// Its length.
        offset: usize,
    },
    /// The result would have more bytes than the limit.
    TooLarge {
        /// How many it may have.
        limit: usize,
    },
    /// The system refuses memory for the result.
    NoMemory(NoMemory),
    /// The checkpoint said stop.
    Interrupted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt { offset, reason } => {
                write!(f, "The compressed data is corrupt: {reason}, found by byte {offset}")
            }
            Self::Truncated { offset } => {
                write!(f, "The compressed data ends too early, after {offset} bytes")
            }
            Self::TooLarge { limit } => write!(f, "The data decompresses to more than {limit} bytes"),
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
