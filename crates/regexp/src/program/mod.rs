//! Syntax tree to instructions.
//!
//! One compiler emits two kinds of programs: for the backtracking matcher ([`Code`]), in which lookarounds and backreferences are
//! instructions, and for the engines that follow all threads at once ([`Nfa`]), in which a lookaround is a question to its oracle and
//! characters are sequences of code units.

mod compiler;
mod first;
mod inst;
mod literal;
mod nfa;
mod nullable;
mod unit_set;
mod utf16;

pub(crate) use compiler::Code;
pub(crate) use first::{FirstUnits, is_anchored, leading_assertion, leading_units};
pub(crate) use inst::{BackRef, Inst, Run};
pub(crate) use literal::{Literal, facts};
pub(crate) use nfa::{Nfa, NfaPrograms, State, deciders};
pub(crate) use unit_set::CodePoints;
