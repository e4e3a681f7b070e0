//! ECMAScript 2025 regular expressions, complete, in linear time.
//!
//! `README.md` states the guarantee.

#![forbid(unsafe_code)]

mod checkpoint;
mod engines;
mod error;
mod explain;
mod flags;
mod global;
mod limits;
mod program;
mod regex;
mod scratch;
mod searches;
mod set;
mod subject;
mod syntax;
mod table;
pub mod unicode;

pub use checkpoint::{Checkpoint, Stopped, Unstoppable};
pub use error::{Error, ErrorKind, ExecError};
pub use explain::{Explanation, MostSteps};
pub use flags::Flags;
pub use global::Wanted;
pub use limits::Limits;
pub use regex::{NONE, Regex};
pub use scratch::Scratch;
pub use set::{RegexSet, SetPattern};
pub use subject::Subject;
pub use table::Table;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
