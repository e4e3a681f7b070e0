//! Pattern text to syntax tree.
//!
//! The parser is our own, on UTF-16 and without recursion. `oxc_regular_expression` 0.146 was tried first, as the best kept library
//! for the task. It takes UTF-8, so a lone surrogate would have to be escaped, which joins it to a `\uDC00` that follows it; its
//! parser recurses once per group; and it is wrong on four kinds of patterns that matter: it counts `(?i:a)` as a capturing group
//! (`/(?i:a)\1/` is an octal escape), accepts `(?:(?<a>x)|b)(?:c|(?<a>y))`, and compares group names before their escapes are
//! resolved, so that `(?<a>.)\k<\u0061>` is refused and `(?<a>.)(?<\u0061>.)` accepted.

mod ast;
mod class;
mod class_set;
mod escape;
mod group;
mod names;
mod parser;
mod quantifier;
mod sets;

pub(crate) use ast::{Assertion, Ast, GroupName, INFINITE, Node, NodeId};
pub(crate) use parser::parse;
