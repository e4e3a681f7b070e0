//! The instructions.

use std::sync::Arc;

use crate::syntax::Assertion;

/// Jump targets are indices into the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inst {
    /// One code unit. `..Back`: the one before the position, and the position moves back.
    Unit(u16),
    UnitBack(u16),
    Set(u32),
    SetBack(u32),
    /// One code point; backtracking programs only.
    CodePoint(u32),
    CodePointBack(u32),
    /// A set, as often as it goes; backtracking programs only.
    Run(u32),
    Jump(u32),
    /// `first` is preferred.
    Fork {
        first: u32,
        second: u32,
    },
    Save(u32),
    /// Slots `from..to` become unset.
    Reset {
        from: u32,
        to: u32,
    },
    /// An iteration begins that must not be empty.
    BeginLoop(u32),
    /// An iteration begins that may be empty.
    EnterLoop(u32),
    /// Fails if the iteration must not be empty and is.
    EndLoop(u32),
    Assert(Assertion),
    /// Automata only: whether a lookaround holds here.
    Oracle {
        look: u32,
        negative: bool,
    },
    /// Backtracking programs only: the lookaround's program follows and ends in `LookEnd`.
    Look {
        look: u32,
        negative: bool,
        next: u32,
    },
    LookEnd {
        look: u32,
    },
    BackRef(u32),
    Accept,
    Fail,
}

/// A repeated set, forwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) set: u32,
    /// Whether `set` is one of code points.
    pub(crate) code_points: bool,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) greedy: bool,
    /// Nothing of the run need be given back: what follows begins with a unit that is not in the set.
    pub(crate) possessive: bool,
    /// The unit that what follows begins with, if there is one.
    pub(crate) next_unit: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BackRef {
    pub(crate) groups: Arc<[u32]>,
    pub(crate) ignore_case: bool,
    pub(crate) unicode: bool,
    pub(crate) backward: bool,
}
