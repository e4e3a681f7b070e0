//! What can go wrong: with a pattern, and with a search.

use std::fmt;

/// Why a pattern was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An unknown or repeated flag, or `u` together with `v`.
    InvalidFlags,
    /// An early error of ECMA-262: `new RegExp` throws a `SyntaxError`. The text is V8's where V8 has one.
    Syntax(&'static str),
    /// More code units than [`Limits::pattern_length`](crate::Limits::pattern_length).
    PatternTooLong {
        /// The limit.
        limit: usize,
    },
    /// Deeper than [`Limits::nesting_depth`](crate::Limits::nesting_depth).
    NestingTooDeep {
        /// The limit.
        limit: usize,
    },
    /// More instructions than [`Limits::program_size`](crate::Limits::program_size).
    ProgramTooLarge {
        /// The limit.
        limit: usize,
    },
    /// More capturing groups than [`Limits::captures`](crate::Limits::captures).
    TooManyCaptures {
        /// The limit.
        limit: usize,
    },
}

impl ErrorKind {
    /// Whether ECMA-262 refuses the pattern too; otherwise one of our limits did.
    pub fn is_syntax(self) -> bool {
        matches!(self, ErrorKind::Syntax(_) | ErrorKind::InvalidFlags)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::InvalidFlags => f.write_str("Invalid flags"),
            ErrorKind::Syntax(message) => f.write_str(message),
            ErrorKind::PatternTooLong { limit } => {
                write!(f, "Regular expression too long: more than {limit} code units")
            }
            ErrorKind::NestingTooDeep { limit } => {
                write!(f, "Regular expression nested too deeply: more than {limit} levels")
            }
            ErrorKind::ProgramTooLarge { limit } => {
                write!(
                    f,
                    "Regular expression too large: more than {limit} instructions after its counted repeats are unrolled"
                )
            }
            ErrorKind::TooManyCaptures { limit } => {
                write!(f, "Too many captures: more than {limit} capturing groups")
            }
        }
    }
}

/// Why a pattern was refused, and where.
///
/// # Example
///
/// ```
/// use sidelane_regexp::{Flags, Limits, Regex};
/// let pattern: Vec<u16> = "ab(c".encode_utf16().collect();
/// let error = Regex::new(&pattern, Flags::default(), &Limits::default()).unwrap_err();
/// assert_eq!(error.to_string(), "Unterminated group at 2");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    position: usize,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, position: usize) -> Self {
        Error { kind, position }
    }

    pub(crate) fn syntax(message: &'static str, position: usize) -> Self {
        Error { kind: ErrorKind::Syntax(message), position }
    }

    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The code unit of the pattern (of the flags, for [`ErrorKind::InvalidFlags`]) at which it was found.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind, self.position)
    }
}

impl std::error::Error for Error {}

/// Why a search ended without an answer. It never means "no match".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecError {
    /// The [`Checkpoint`](crate::Checkpoint) said so.
    Stopped,
    /// A pattern with backreferences took more steps than its budget.
    Budget {
        /// The budget, in steps.
        steps: u64,
    },
    /// The tables of the lookarounds would need more than [`Limits::oracle_bytes`](crate::Limits::oracle_bytes).
    OracleMemory {
        /// What they would need.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExecError::Stopped => f.write_str("the search was told to stop"),
            ExecError::Budget { steps } => {
                write!(
                    f,
                    "a pattern with backreferences took more than {steps} steps, its budget for this subject"
                )
            }
            ExecError::OracleMemory { bytes, limit } => {
                write!(
                    f,
                    "the lookarounds of the pattern need {bytes} bytes for this subject, more than {limit}"
                )
            }
        }
    }
}

impl std::error::Error for ExecError {}
