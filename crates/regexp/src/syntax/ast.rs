//! The syntax tree: an arena in which children come before their parents.

use std::sync::Arc;

use crate::unicode::CodePointSet;

pub(crate) type NodeId = u32;

/// A group's name in code units, and the groups that have it, in source order.
pub(crate) type GroupName = (Vec<u16>, Vec<u32>);

/// A pattern with its flags worked in: case folding, `.` and multiline anchors are sets and assertions here.
#[derive(Debug)]
pub(crate) struct Ast {
    pub(crate) nodes: Vec<Node>,
    pub(crate) sets: Vec<CodePointSet>,
    pub(crate) root: NodeId,
    /// Groups, the whole match included.
    pub(crate) groups: u32,
    pub(crate) names: Vec<GroupName>,
    pub(crate) looks: u32,
    /// Whether characters are code points.
    pub(crate) unicode: bool,
}

#[derive(Debug)]
pub(crate) enum Node {
    Empty,
    /// A code point with flag `u` or `v`, else a code unit.
    Char(u32),
    /// Index into [`Ast::sets`].
    Class(u32),
    Seq(Vec<NodeId>),
    Alt(Vec<NodeId>),
    Group {
        index: u32,
        body: NodeId,
    },
    Repeat {
        body: NodeId,
        min: u32,
        /// `u32::MAX`: no bound.
        max: u32,
        greedy: bool,
        /// Groups inside, `first..last`: each iteration resets them.
        groups: (u32, u32),
        /// Lookarounds inside.
        looks: (u32, u32),
    },
    Look {
        body: NodeId,
        behind: bool,
        negative: bool,
        /// Numbered by opening parenthesis: an outer one comes before its inner ones.
        index: u32,
        groups: (u32, u32),
    },
    /// More than one group if several have the name; all references to it share them.
    BackRef {
        groups: Arc<[u32]>,
        ignore_case: bool,
    },
    Assert(Assertion),
}

/// What holds at a position, whatever the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Assertion {
    Start,
    End,
    LineStart,
    LineEnd,
    /// `extended`: `\w` includes U+017F and U+212A (`i` with `u` or `v`).
    Word {
        negative: bool,
        extended: bool,
    },
    /// Not within a surrogate pair.
    CodePointBoundary,
}

/// Larger counts cannot be told from no bound: no string has as many code units.
pub(crate) const INFINITE: u32 = u32::MAX;
