//! Filters: conditions on the fields of a record, joined by and, or and not. They know nothing of where the fields come from.
//!
//! Fields have numbers; whoever has records gives the [`Value`] of each when asked, at most once for a test.
//!
//! # Example
//!
//! ```
//! use sidelane_kernels::Uninterruptible;
//! use sidelane_kernels::filter::{Builder, Group, Operand, Test, Value};
//!
//! // Field 0 is "PushEvent", and field 1 above 10 or missing.
//! let mut builder = Builder::default();
//! builder.test(0, Test::Equal(Operand::Text("PushEvent".into())))?;
//! builder.open(Group::Any)?;
//! builder.test(1, Test::Greater(Operand::Number(10.0)))?;
//! builder.test(1, Test::Exists(false))?;
//! builder.close()?;
//! let filter = builder.finish()?;
//!
//! let record = [Value::Text(b"PushEvent".into()), Value::Number(11.0)];
//! assert_eq!(filter.matches(&Uninterruptible, |field| record[field].clone()), Ok(true));
//! # Ok::<(), sidelane_kernels::filter::Error>(())
//! ```

mod test;

pub use test::{Operand, Test, TextTest, Unanswered, Value};

use std::fmt;

use crate::Checkpoint;

/// Groups inside each other, at most: matching recurses so deep.
const MAX_DEPTH: usize = 32;
/// Groups and tests, at most.
const MAX_NODES: usize = 4096;

/// How the parts of a group count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// All must match; an empty one does.
    All,
    /// One must match; an empty one does not.
    Any,
    /// Not all may match: `!(a && b)`.
    Not,
}

/// Why a filter cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// More than 32 groups inside each other.
    TooDeep,
    /// More than 4,096 groups and tests.
    TooLong,
    /// A group was closed that was not opened, or not closed.
    Unbalanced,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooDeep => "a filter has at most 32 groups inside each other",
            Self::TooLong => "a filter has at most 4096 groups and tests",
            Self::Unbalanced => "a filter's groups are not balanced",
        })
    }
}

impl std::error::Error for Error {}

/// A filter, ready to use from any thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// In the order in which they are read; a group comes before its parts.
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// Its parts end before `end`.
    Group {
        group: Group,
        end: usize,
    },
    Test {
        field: usize,
        test: Test,
    },
}

/// Builds a [`Filter`] from its beginning to its end. What is added at the top must match all.
#[derive(Debug, Default)]
pub struct Builder {
    nodes: Vec<Node>,
    open: Vec<usize>,
}

impl Builder {
    /// Begins a group.
    ///
    /// # Errors
    ///
    /// [`Error::TooDeep`], [`Error::TooLong`].
    pub fn open(&mut self, group: Group) -> Result<(), Error> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.open.push(self.nodes.len());
        self.push(Node::Group { group, end: 0 })
    }

    /// Ends the innermost group.
    ///
    /// # Errors
    ///
    /// [`Error::Unbalanced`].
    pub fn close(&mut self) -> Result<(), Error> {
        let after = self.nodes.len();
        let opened = self.open.pop().ok_or(Error::Unbalanced)?;
        if let Node::Group { end, .. } = &mut self.nodes[opened] {
            *end = after;
        }
        Ok(())
    }

    /// Adds a test of a field.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`].
    pub fn test(&mut self, field: usize, test: Test) -> Result<(), Error> {
        self.push(Node::Test { field, test })
    }

    fn push(&mut self, node: Node) -> Result<(), Error> {
        if self.nodes.len() >= MAX_NODES {
            return Err(Error::TooLong);
        }
        self.nodes.push(node);
        Ok(())
    }

    /// The filter.
    ///
    /// # Errors
    ///
    /// [`Error::Unbalanced`].
    pub fn finish(self) -> Result<Filter, Error> {
        if self.open.is_empty() { Ok(Filter { nodes: self.nodes }) } else { Err(Error::Unbalanced) }
    }
}

impl Filter {
    /// Whether a record matches. Parts are looked at in their order, until the answer is known.
    ///
    /// # Errors
    ///
    /// Those of a [`TextTest`].
    pub fn matches<'v>(
        &self,
        checkpoint: &dyn Checkpoint,
        value: impl Fn(usize) -> Value<'v>,
    ) -> Result<bool, Unanswered> {
        self.all(0, self.nodes.len(), &|field, test: &Test| test.matches(&value(field), checkpoint))
    }

    fn all(
        &self,
        from: usize,
        to: usize,
        holds: &impl Fn(usize, &Test) -> Result<bool, Unanswered>,
    ) -> Result<bool, Unanswered> {
        for at in self.parts(from, to) {
            if !self.node(at, holds)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(
        &self,
        from: usize,
        to: usize,
        holds: &impl Fn(usize, &Test) -> Result<bool, Unanswered>,
    ) -> Result<bool, Unanswered> {
        for at in self.parts(from, to) {
            if self.node(at, holds)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn node(
        &self,
        at: usize,
        holds: &impl Fn(usize, &Test) -> Result<bool, Unanswered>,
    ) -> Result<bool, Unanswered> {
        match &self.nodes[at] {
            Node::Test { field, test } => holds(*field, test),
            Node::Group { group, end } => match group {
                Group::All => self.all(at + 1, *end, holds),
                Group::Any => self.any(at + 1, *end, holds),
                Group::Not => Ok(!self.all(at + 1, *end, holds)?),
            },
        }
    }

    /// The nodes right below a group.
    fn parts(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let next = |at: &usize| match self.nodes.get(*at)? {
            Node::Group { end, .. } => Some(*end),
            Node::Test { .. } => Some(at + 1),
        };
        std::iter::successors(Some(from), next).take_while(move |at| *at < to)
    }

    /// A text that one field of every matching record is equal to: the longest there is. Records can be looked for by it.
    #[must_use]
    pub fn required_text(&self) -> Option<&str> {
        let texts = self.parts(0, self.nodes.len()).filter_map(|at| match &self.nodes[at] {
            Node::Test { test: Test::Equal(Operand::Text(text)), .. } => Some(text.as_str()),
            _ => None,
        });
        texts.max_by_key(|text| text.len())
    }
}
