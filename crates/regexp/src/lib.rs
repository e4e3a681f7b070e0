//! ECMAScript 2025 regular expressions, complete, in linear time.
//!
//! [`Regex::new`] compiles a pattern, [`Regex::exec`] searches for one match and [`Regex::find_all`] for all, [`RegexSet`] for which of many patterns match. A [`Subject`] is
//! UTF-16 or Latin-1, and a [`Scratch`] the memory that searches share. [`Limits`] bound what a pattern may cost, a [`Checkpoint`] stops a search.
//!
//! Without backreferences one search takes O(|program| x |subject|) steps, and so do all matches together; with backreferences a search has a budget, and ends in
//! [`ExecError::Budget`] where it is used up. `README.md` states it precisely, with what is not linear.

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
