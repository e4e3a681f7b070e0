//! What to look for in a text: JSON Pointers (RFC 6901), together in one tree.

use std::fmt;

/// Pointers of one selection, at most, and tokens of one pointer.
const MAX_POINTERS: usize = 1024;
const MAX_TOKENS: usize = 128;

/// A JSON Pointer (RFC 6901) in which the token `*` stands for every element of an array.
///
/// # Example
///
/// ```
/// use sidelane_kernels::json::Pointer;
///
/// assert!(Pointer::parse("/items/*/id").is_ok());
/// assert!(Pointer::parse("items").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(Vec<u8>),
    Each,
}

/// Why pointers make no selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectionError {
    /// It is not empty and does not begin with a slash.
    NoSlash,
    /// A `~` without a 0 or 1.
    Escape,
    /// More than 1024 pointers, or one of more than 128 tokens.
    TooLong,
    /// One pointer takes every element of an array of which another takes one by its index.
    Overlap,
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSlash => "a JSON Pointer is empty or begins with '/'",
            Self::Escape => "in a JSON Pointer '~' is written '~0', and '/' in a name '~1'",
            Self::TooLong => "a selection has at most 1024 pointers of 128 tokens",
            Self::Overlap => "a selection cannot have both '*' and an index for the same array",
        })
    }
}

impl std::error::Error for SelectionError {}

impl Pointer {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// [`SelectionError::NoSlash`], [`SelectionError::Escape`], [`SelectionError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, SelectionError> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let rest = text.strip_prefix('/').ok_or(SelectionError::NoSlash)?;
        let tokens: Vec<_> =
            rest.split('/').take(MAX_TOKENS + 1).map(Token::parse).collect::<Result<_, _>>()?;
        if tokens.len() > MAX_TOKENS { Err(SelectionError::TooLong) } else { Ok(Self(tokens)) }
    }

    /// Names and indices, in order; none for a wildcard.
    pub(super) fn names(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.0.iter().map(|token| match token {
            Token::Name(name) => Some(&name[..]),
            Token::Each => None,
        })
    }

    /// Whether it can lead to several values.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        self.0.contains(&Token::Each)
    }
}

impl Token {
    fn parse(text: &str) -> Result<Self, SelectionError> {
        if text == "*" {
            return Ok(Self::Each);
        }
        let mut name = Vec::with_capacity(text.len());
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            name.push(match (byte, byte == b'~') {
                (other, false) => other,
                _ => match bytes.next() {
                    Some(b'0') => b'~',
                    Some(b'1') => b'/',
                    _ => return Err(SelectionError::Escape),
                },
            });
        }
        Ok(Self::Name(name))
    }
}

/// Pointers that are followed together, in one pass. Each has a column of results, in the order in which they were given.
#[derive(Debug)]
pub struct Selection {
    nodes: Vec<Node>,
    columns: usize,
    wildcards: Vec<bool>,
}

/// A place that some pointer leads to or through.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) children: Vec<Child>,
    /// The node of an array's elements.
    pub(super) each: Option<usize>,
    /// Columns whose pointer ends here.
    pub(super) ends: Vec<usize>,
    /// Columns whose last wildcard leads here, with their positions in `under`: each has one result for every element.
    pub(super) rows: Vec<(usize, usize)>,
    /// Columns whose pointer ends here or below. Those of each child stand together, at its `under`.
    pub(super) under: Vec<usize>,
    /// Where those of `each` begin.
    pub(super) each_under: usize,
}

#[derive(Debug)]
pub(super) struct Child {
    name: Vec<u8>,
    /// The name as an array's index, if it is one.
    index: Option<usize>,
    pub(super) node: usize,
    pub(super) under: usize,
}

impl Selection {
    /// Joins pointers.
    ///
    /// # Errors
    ///
    /// [`SelectionError::TooLong`], [`SelectionError::Overlap`].
    pub fn new(pointers: &[Pointer]) -> Result<Self, SelectionError> {
        if pointers.len() > MAX_POINTERS {
            return Err(SelectionError::TooLong);
        }
        let wildcards = pointers.iter().map(Pointer::has_wildcard).collect();
        let mut selection = Self { nodes: vec![Node::default()], columns: pointers.len(), wildcards };
        for (column, Pointer(tokens)) in pointers.iter().enumerate() {
            let mut at = 0;
            let mut row = None;
            for token in tokens {
                at = selection.child_for(at, token);
                if *token == Token::Each {
                    row = Some(at);
                }
            }
            selection.nodes[at].ends.push(column);
            if let Some(row) = row {
                selection.nodes[row].rows.push((column, 0));
            }
        }
        let overlaps = |node: &Node| node.each.is_some() && node.children.iter().any(|c| c.index.is_some());
        if selection.nodes.iter().any(overlaps) {
            return Err(SelectionError::Overlap);
        }
        selection.gather();
        Ok(selection)
    }

    fn child_for(&mut self, at: usize, token: &Token) -> usize {
        let next = self.nodes.len();
        let node = &mut self.nodes[at];
        let found = match token {
            Token::Each => *node.each.get_or_insert(next),
            Token::Name(name) => match node.children.iter().find(|child| child.name == *name) {
                Some(child) => child.node,
                None => {
                    node.children.push(Child {
                        index: index_of(name),
                        name: name.clone(),
                        node: next,
                        under: 0,
                    });
                    next
                }
            },
        };
        if found == next {
            self.nodes.push(Node::default());
        }
        found
    }

    /// Fills `under`. A node's children were made after it, so the last come first.
    fn gather(&mut self) {
        for at in (0..self.nodes.len()).rev() {
            let mut node = std::mem::take(&mut self.nodes[at]);
            node.under.clone_from(&node.ends);
            for child in &mut node.children {
                child.under = node.under.len();
                node.under.extend_from_slice(&self.nodes[child.node].under);
            }
            node.each_under = node.under.len();
            if let Some(each) = node.each {
                node.under.extend_from_slice(&self.nodes[each].under);
            }
            for (column, position) in &mut node.rows {
                *position = node.under.iter().position(|under| under == column).unwrap_or(0);
            }
            self.nodes[at] = node;
        }
    }

    /// The number of pointers.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Whether a column's pointer has a wildcard, and so any number of results; else it has one or none.
    #[must_use]
    pub fn is_list(&self, column: usize) -> bool {
        self.wildcards.get(column).copied().unwrap_or(false)
    }

    pub(super) fn has_lists(&self) -> bool {
        self.wildcards.contains(&true)
    }

    /// The node of the outermost array's elements, if all pointers lead to those.
    pub(super) fn only_elements(&self) -> Option<usize> {
        let root = &self.nodes[0];
        root.each.filter(|_| root.children.is_empty() && root.ends.is_empty())
    }

    #[inline]
    pub(super) fn node(&self, at: usize) -> &Node {
        &self.nodes[at]
    }
}

impl Node {
    #[inline]
    pub(super) fn leads_on(&self) -> bool {
        !self.children.is_empty() || self.each.is_some()
    }

    #[inline]
    pub(super) fn named(&self, name: &[u8]) -> Option<&Child> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn indexed(&self, index: usize) -> Option<&Child> {
        self.children.iter().find(|child| child.index == Some(index))
    }
}

/// RFC 6901: digits without a leading zero.
pub(super) fn index_of(name: &[u8]) -> Option<usize> {
    if name.len() > 1 && name[0] == b'0' || !name.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(name).ok()?.parse().ok()
}
