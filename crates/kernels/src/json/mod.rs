//! JSON text (RFC 8259): checked, reshaped and searched without building a value of it.
//!
//! What is accepted is what JavaScript's `JSON.parse` accepts, in UTF-8: no byte-order mark, no comment, nothing behind the
//! value; numbers of any size; lone surrogates in escapes. Beyond that there is a bound on the [depth](Limits::max_depth), and
//! bytes that are no UTF-8 are an error. Nothing recurses: a level of nesting costs one bit.
//!
//! # Example
//!
//! ```
//! use sidelane_kernels::Uninterruptible;
//! use sidelane_kernels::json::{self, Error, Limits};
//!
//! json::validate(br#"{"a":[1,2.5e3]}"#, Limits::default(), &Uninterruptible)?;
//! let wrong = json::validate(br#"{"a":[1,]}"#, Limits::default(), &Uninterruptible);
//! assert_eq!(wrong.unwrap_err().offset(), Some(8));
//! # Ok::<(), Error>(())
//! ```

mod column;
mod document;
mod error;
mod extract;
mod index;
mod plain;
pub mod rows;
mod scanner;
mod selection;
mod split;
mod string;
mod text;

pub use column::{BigInts, Column, Span, Writer, number};
pub use document::Index;
pub use error::{Error, Located, Reason};
pub use extract::{Mode, extract};
pub use selection::{Pointer, Selection, SelectionError};
pub use split::extract_with;
pub use string::decode;
pub use text::{Indent, format, minify};

pub(crate) use extract::Extractor;
pub(crate) use scanner::Scanner;

use crate::Checkpoint;

/// What input may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and objects inside each other, at most; `[[]]` has a depth of 2. Default 1024.
    pub max_depth: usize,
    /// Values that a selection leads to, at most: their places take 16 bytes each. Default 2^24.
    pub max_results: usize,
    /// Bytes of text that is made, at most. Default 536,870,888: the longest string of Node.
    pub max_output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_depth: 1024, max_results: 1 << 24, max_output: (1 << 29) - 24 }
    }
}

/// Checks that `data` is one JSON text. Polls every 64 KiB.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::TooDeep`], [`Error::Interrupted`].
pub fn validate(data: &[u8], limits: Limits, checkpoint: &dyn Checkpoint) -> Result<(), Error> {
    let mut scanner = Scanner::new(data, limits, checkpoint);
    scanner.value()?;
    scanner.end()
}
