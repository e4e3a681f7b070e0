//! Classes without flag `v`, and the node of any set.

use super::ast::Node;
use super::escape::Strings;
use super::parser::{Parser, char_of};
use crate::error::Error;
use crate::unicode::{CodePointSet, close_over_case};

/// A character or a set, within a class.
enum Atom {
    Char(u32),
    Set(CodePointSet),
}

impl Parser<'_> {
    pub(super) fn class(&mut self) -> Result<Node, Error> {
        if self.unicode_sets {
            let found = self.class_set()?;
            return Ok(self.strings_node(found));
        }
        let position = self.pos;
        self.pos += 1;
        let negative = self.eat('^');
        let mut ranges = Vec::new();
        loop {
            match self.peek().map(char_of) {
                None => return Err(Error::syntax("Unterminated character class", position)),
                Some(']') => break,
                Some(_) => self.class_range(&mut ranges)?,
            }
        }
        self.pos += 1;
        let mut set = CodePointSet::from_ranges(ranges);
        if self.modes.ignore_case {
            self.spend_on_case(set.ranges())?;
            set = close_over_case(&set, self.unicode);
        }
        let set = if negative { set.negate() } else { set };
        Ok(Node::Class(self.intern(set)))
    }

    /// One atom, or two with a hyphen between them.
    fn class_range(&mut self, ranges: &mut Vec<(u32, u32)>) -> Result<(), Error> {
        let position = self.pos;
        let from = self.class_atom()?;
        if self.peek_at(0) != Some('-') || matches!(self.peek_at(1), Some(']') | None) {
            push(ranges, &from);
            return Ok(());
        }
        self.pos += 1;
        let to = self.class_atom()?;
        match (from, to) {
            (Atom::Char(from), Atom::Char(to)) if from > to => {
                return Err(Error::syntax("Range out of order in character class", position));
            }
            (Atom::Char(from), Atom::Char(to)) => ranges.push((from, to)),
            _ if self.unicode => return Err(Error::syntax("Invalid character class", position)),
            (from, to) => {
                push(ranges, &from);
                push(ranges, &Atom::Char(u32::from('-')));
                push(ranges, &to);
            }
        }
        Ok(())
    }

    fn class_atom(&mut self) -> Result<Atom, Error> {
        if self.peek_at(0) != Some('\\') {
            return Ok(Atom::Char(self.next_char().unwrap_or(0)));
        }
        let position = self.pos;
        self.pos += 1;
        if self.eat('b') {
            return Ok(Atom::Char(8));
        }
        if let Some(found) = self.class_escape()? {
            return Ok(Atom::Set(found.singles));
        }
        self.character_escape(position, true).map(Atom::Char)
    }

    /// What matches one of a set: the longest strings first, the empty string last.
    pub(super) fn strings_node(&mut self, found: Strings) -> Node {
        let mut singles = found.singles;
        if self.modes.ignore_case {
            singles = close_over_case(&singles, self.unicode);
        }
        let class = Node::Class(self.intern(singles));
        if found.strings.is_empty() {
            return class;
        }
        let mut strings = found.strings;
        strings.sort_by_key(|string| std::cmp::Reverse(string.len()));
        let has_empty = strings.pop_if(|string| string.is_empty()).is_some();
        let mut alternatives = Vec::with_capacity(strings.len() + 2);
        for string in strings {
            let terms = string.into_iter().map(|c| {
                let node = self.char_node(c);
                self.add_node(node)
            });
            let terms = terms.collect();
            alternatives.push(self.add_node(Node::Seq(terms)));
        }
        alternatives.push(self.add_node(class));
        if has_empty {
            alternatives.push(self.add_node(Node::Empty));
        }
        Node::Alt(alternatives)
    }
}

fn push(ranges: &mut Vec<(u32, u32)>, atom: &Atom) {
    match atom {
        Atom::Char(c) => ranges.push((*c, *c)),
        Atom::Set(set) => ranges.extend_from_slice(set.ranges()),
    }
}
