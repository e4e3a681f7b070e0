//! The parser's state and its main loop.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Assertion, Ast, GroupName, INFINITE, Node, NodeId};
use super::group::Frame;
use super::sets;
use crate::error::{Error, ErrorKind};
use crate::unicode::{CodePointSet, close_over_case};
use crate::{Flags, Limits};

/// Parses `source`, which need not be well-formed UTF-16.
pub(crate) fn parse(source: &[u16], flags: Flags, limits: &Limits) -> Result<Ast, Error> {
    if source.len() > limits.pattern_length {
        let kind = ErrorKind::PatternTooLong { limit: limits.pattern_length };
        return Err(Error::new(kind, limits.pattern_length));
    }
    let mut parser = Parser::new(source, flags, limits);
    parser.count_groups();
    parser.pattern()
}

/// A million by default: 8 MB, and 100 ms if the case has to be folded. It is 1,400 times `\p{L}`, or 40 times `\p{RGI_Emoji}`, which is itself 23,000 instructions.
const RANGES_PER_INSTRUCTION: usize = 4;

/// The flags that modifiers change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Modes {
    pub(super) ignore_case: bool,
    pub(super) multiline: bool,
    pub(super) dot_all: bool,
}

/// A `\k<name>`, whose groups are known at the end of the pattern.
struct NamedReference {
    node: NodeId,
    name: Vec<u16>,
    position: usize,
}

pub(super) struct Parser<'a> {
    pub(super) source: &'a [u16],
    pub(super) pos: usize,
    /// `u` or `v`
    pub(super) unicode: bool,
    pub(super) unicode_sets: bool,
    pub(super) limits: &'a Limits,
    pub(super) modes: Modes,
    /// Whether `\k` begins a reference.
    pub(super) named: bool,
    pub(super) total_groups: u32,
    pub(super) next_group: u32,
    pub(super) next_look: u32,
    pub(super) frames: Vec<Frame>,
    pub(super) names: Vec<GroupName>,
    pub(super) name_ids: HashMap<Vec<u16>, u32>,
    /// By name: in how many lists of names that take part together with what follows.
    pub(super) active_names: Vec<u32>,
    /// Ranges and characters of strings that sets may still be made of.
    room: usize,
    nodes: Vec<Node>,
    sets: Vec<CodePointSet>,
    references: Vec<NamedReference>,
}

impl<'a> Parser<'a> {
    fn new(source: &'a [u16], flags: Flags, limits: &'a Limits) -> Self {
        Parser {
            source,
            pos: 0,
            unicode: flags.is_unicode(),
            unicode_sets: flags.unicode_sets,
            limits,
            modes: Modes {
                ignore_case: flags.ignore_case,
                multiline: flags.multiline,
                dot_all: flags.dot_all,
            },
            named: flags.is_unicode(),
            total_groups: 0,
            next_group: 1,
            next_look: 0,
            frames: Vec::new(),
            names: Vec::new(),
            name_ids: HashMap::new(),
            active_names: Vec::new(),
            room: limits.program_size.saturating_mul(RANGES_PER_INSTRUCTION),
            nodes: Vec::with_capacity(source.len() + 4),
            sets: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Annex B asks for the number of groups, and whether one has a name, before the first escape is read.
    fn count_groups(&mut self) {
        let (mut at, mut classes) = (0, 0_u32);
        while let Some(&unit) = self.source.get(at) {
            match char_of(unit) {
                '\\' => at += 1,
                '[' if classes == 0 || self.unicode_sets => classes += 1,
                ']' => classes = classes.saturating_sub(1),
                '(' if classes == 0 => {
                    let is = |offset: usize, c: char| {
                        self.source.get(at + offset).is_some_and(|&u| char_of(u) == c)
                    };
                    if !is(1, '?') {
                        self.total_groups += 1;
                    } else if is(2, '<') && !is(3, '=') && !is(3, '!') {
                        self.total_groups += 1;
                        self.named = true;
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn pattern(mut self) -> Result<Ast, Error> {
        if self.total_groups as usize > self.limits.captures {
            return Err(Error::new(ErrorKind::TooManyCaptures { limit: self.limits.captures }, 0));
        }
        self.frames.push(Frame::root(self.modes));
        while let Some(unit) = self.peek() {
            self.term(char_of(unit))?;
        }
        if self.frames.len() > 1 {
            return Err(Error::syntax("Unterminated group", self.frames[self.frames.len() - 1].position));
        }
        let body = self.finish_disjunction();
        self.resolve_references()?;
        Ok(Ast {
            nodes: self.nodes,
            sets: self.sets,
            root: body,
            groups: self.next_group,
            names: self.names,
            looks: self.next_look,
            unicode: self.unicode,
        })
    }

    fn term(&mut self, c: char) -> Result<(), Error> {
        let position = self.pos;
        let first = (self.next_group, self.next_look);
        match c {
            '|' => {
                self.pos += 1;
                self.finish_alternative();
                self.frame().next_alternative_names();
                for name in self.frame().take_parted_names() {
                    self.active_names[name as usize] -= 1;
                }
                return Ok(());
            }
            '(' => return self.open_group(),
            ')' => return self.close_group(),
            '^' | '$' => {
                self.pos += 1;
                let assertion = match (c, self.modes.multiline) {
                    ('^', true) => Assertion::LineStart,
                    ('^', false) => Assertion::Start,
                    (_, true) => Assertion::LineEnd,
                    (_, false) => Assertion::End,
                };
                self.push_node(Node::Assert(assertion));
                return Ok(());
            }
            '*' | '+' | '?' => return Err(Error::syntax("Nothing to repeat", position)),
            '{' if self.unicode || self.try_braces()?.is_some() => {
                return Err(Error::syntax("Nothing to repeat", position));
            }
            '}' | ']' if self.unicode => {
                return Err(Error::syntax("Lone quantifier brackets", position));
            }
            '\\' => match self.escape()? {
                Node::Assert(assertion) => {
                    self.push_node(Node::Assert(assertion));
                    return Ok(());
                }
                node => self.push_node(node),
            },
            '[' => {
                let node = self.class()?;
                self.push_node(node);
            }
            '.' => {
                self.pos += 1;
                let set = self.intern(sets::dot(self.modes.dot_all));
                self.push_node(Node::Class(set));
            }
            _ => {
                let c = self.next_char().unwrap_or(0);
                let node = self.char_node(c);
                self.push_node(node);
            }
        }
        self.quantifier(first)
    }

    fn resolve_references(&mut self) -> Result<(), Error> {
        let mut shared: HashMap<u32, Arc<[u32]>> = HashMap::new();
        for reference in std::mem::take(&mut self.references) {
            let Some(&id) = self.name_ids.get(&reference.name) else {
                return Err(Error::syntax("Invalid named capture referenced", reference.position));
            };
            if let Node::BackRef { groups, .. } = &mut self.nodes[reference.node as usize] {
                let of_name = shared.entry(id).or_insert_with(|| self.names[id as usize].1[..].into());
                groups.clone_from(of_name);
            }
        }
        Ok(())
    }

    pub(super) fn refer_to(&mut self, name: Vec<u16>, position: usize) -> Node {
        // The caller pushes the node next.
        self.references.push(NamedReference { node: self.nodes.len() as NodeId, name, position });
        Node::BackRef { groups: Arc::default(), ignore_case: self.modes.ignore_case }
    }

    /// The node that matches one character in the current modes.
    pub(super) fn char_node(&mut self, c: u32) -> Node {
        if !self.modes.ignore_case || is_caseless(c) {
            return Node::Char(c);
        }
        let set = close_over_case(&CodePointSet::from_ranges([(c, c)]), self.unicode);
        if set.ranges() == [(c, c)] { Node::Char(c) } else { Node::Class(self.intern(set)) }
    }

    /// Counts what a set is made of. A property is a few letters, and thousands of ranges or strings.
    pub(super) fn spend(&mut self, ranges: usize) -> Result<(), Error> {
        let kind = ErrorKind::ProgramTooLarge { limit: self.limits.program_size };
        self.room = self.room.checked_sub(ranges).ok_or_else(|| Error::new(kind, self.pos))?;
        Ok(())
    }

    /// What closing over case costs: the 3,000 characters that have one are looked up by range. That of all of them takes some 50 us.
    pub(super) fn spend_on_case(&mut self, ranges: &[(u32, u32)]) -> Result<(), Error> {
        let members = ranges.iter().map(|&(from, to)| (to - from).min(3000) as usize).sum::<usize>();
        self.spend(ranges.len() + members.min(3000) / 8)
    }

    /// The index of a set, the same for sets that were used shortly before.
    pub(super) fn intern(&mut self, set: CodePointSet) -> u32 {
        let recent = self.sets.len().saturating_sub(16);
        let known = self.sets[recent..].iter().position(|other| *other == set);
        let index = known.map_or(self.sets.len(), |offset| recent + offset);
        if known.is_none() {
            self.sets.push(set);
        }
        index as u32
    }

    pub(super) fn add_node(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        (self.nodes.len() - 1) as NodeId
    }

    pub(super) fn push_node(&mut self, node: Node) {
        let id = self.add_node(node);
        self.frame().terms.push(id);
    }

    /// Takes the last term of the current alternative.
    pub(super) fn repeat_last(&mut self, first: (u32, u32), min: u32, max: u32, greedy: bool) {
        let groups = (first.0, self.next_group);
        let looks = (first.1, self.next_look);
        let Some(body) = self.frame().terms.pop() else { return };
        self.push_node(Node::Repeat {
            body,
            min,
            max: if max >= INFINITE / 4 { INFINITE } else { max },
            greedy,
            groups,
            looks,
        });
    }

    pub(super) fn finish_alternative(&mut self) {
        let terms = std::mem::take(&mut self.frame().terms);
        let id = match terms[..] {
            [] => self.add_node(Node::Empty),
            [one] => one,
            _ => self.add_node(Node::Seq(terms)),
        };
        self.frame().alternatives.push(id);
    }

    pub(super) fn finish_disjunction(&mut self) -> NodeId {
        self.finish_alternative();
        let alternatives = std::mem::take(&mut self.frame().alternatives);
        match alternatives[..] {
            [one] => one,
            _ => self.add_node(Node::Alt(alternatives)),
        }
    }

    pub(super) fn frame(&mut self) -> &mut Frame {
        // The root frame is pushed first and popped by nobody.
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    pub(super) fn peek(&self) -> Option<u16> {
        self.source.get(self.pos).copied()
    }

    pub(super) fn peek_at(&self, offset: usize) -> Option<char> {
        self.source.get(self.pos + offset).map(|&unit| char_of(unit))
    }

    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.peek_at(0) == Some(c);
        self.pos += usize::from(found);
        found
    }

    /// The next code point or, without `u` and `v`, code unit.
    pub(super) fn next_char(&mut self) -> Option<u32> {
        let unit = u32::from(self.peek()?);
        self.pos += 1;
        if self.unicode
            && (0xD800..0xDC00).contains(&unit)
            && let Some(low @ 0xDC00..0xE000) = self.peek()
        {
            self.pos += 1;
            return Some(join(unit, u32::from(low)));
        }
        Some(unit)
    }
}

pub(super) fn join(high: u32, low: u32) -> u32 {
    0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
}

/// A code unit to match on; surrogates become U+FFFD, which no rule of the grammar names.
pub(super) fn char_of(unit: u16) -> char {
    char::from_u32(u32::from(unit)).unwrap_or('\u{FFFD}')
}

/// ASCII without a case, which most patterns with flag `i` hold a lot of.
fn is_caseless(c: u32) -> bool {
    c < 128 && !char::from_u32(c).is_some_and(|c| c.is_ascii_alphabetic())
}
