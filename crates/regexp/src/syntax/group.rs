//! Groups: what is open, and what closes it.

use super::ast::{Node, NodeId};
use super::parser::{Modes, Parser};
use crate::error::{Error, ErrorKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Capture(u32),
    Look { behind: bool, negative: bool, index: u32 },
}

/// An open group, or the pattern itself.
#[derive(Debug)]
pub(super) struct Frame {
    kind: Kind,
    /// Of the opening parenthesis.
    pub(super) position: usize,
    pub(super) terms: Vec<NodeId>,
    pub(super) alternatives: Vec<NodeId>,
    /// Modes outside.
    modes: Modes,
    /// Groups and lookarounds before this one.
    first: (u32, u32),
    /// Names in the current alternative, those of closed groups included, and names in the alternatives before it. Two groups may
    /// have one name if they are never in one alternative together.
    current_names: Vec<u32>,
    parted_names: Vec<u32>,
    newly_parted: Vec<u32>,
}

impl Frame {
    pub(super) fn root(modes: Modes) -> Self {
        Frame::new(Kind::Plain, 0, modes, (1, 0))
    }

    fn new(kind: Kind, position: usize, modes: Modes, first: (u32, u32)) -> Self {
        Frame {
            kind,
            position,
            terms: Vec::new(),
            alternatives: Vec::new(),
            modes,
            first,
            current_names: Vec::new(),
            parted_names: Vec::new(),
            newly_parted: Vec::new(),
        }
    }

    pub(super) fn next_alternative_names(&mut self) {
        self.newly_parted = std::mem::take(&mut self.current_names);
        self.parted_names.extend_from_slice(&self.newly_parted);
    }

    pub(super) fn take_parted_names(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.newly_parted)
    }
}

impl Parser<'_> {
    pub(super) fn open_group(&mut self) -> Result<(), Error> {
        let position = self.pos;
        if self.frames.len() > self.limits.nesting_depth {
            return Err(Error::new(ErrorKind::NestingTooDeep { limit: self.limits.nesting_depth }, position));
        }
        let outer = self.modes;
        let first = (self.next_group, self.next_look);
        self.pos += 1;
        let kind = if self.eat('?') { self.special_group(position)? } else { self.capture() };
        self.frames.push(Frame::new(kind, position, outer, first));
        Ok(())
    }

    fn capture(&mut self) -> Kind {
        self.next_group += 1;
        Kind::Capture(self.next_group - 1)
    }

    fn look(&mut self, behind: bool, negative: bool) -> Kind {
        self.next_look += 1;
        Kind::Look { behind, negative, index: self.next_look - 1 }
    }

    fn special_group(&mut self, position: usize) -> Result<Kind, Error> {
        let (c, next) = (self.peek_at(0), self.peek_at(1));
        match c {
            Some(':') => {
                self.pos += 1;
                Ok(Kind::Plain)
            }
            Some(c @ ('=' | '!')) => {
                self.pos += 1;
                Ok(self.look(false, c == '!'))
            }
            Some('<') if matches!(next, Some('=' | '!')) => {
                self.pos += 2;
                Ok(self.look(true, next == Some('!')))
            }
            Some('<') => {
                self.pos += 1;
                let name = self.group_name("Invalid capture group name")?;
                let kind = self.capture();
                self.name_group(name, self.next_group - 1, position)?;
                Ok(kind)
            }
            _ => {
                self.modifiers(position)?;
                Ok(Kind::Plain)
            }
        }
    }

    /// `ims-ims:`
    fn modifiers(&mut self, position: usize) -> Result<(), Error> {
        let (mut on, mut off, mut disabling) = ([false; 3], [false; 3], false);
        loop {
            let c = self.peek_at(0);
            self.pos += 1;
            let letter = match c {
                Some('i') => 0,
                Some('m') => 1,
                Some('s') => 2,
                Some('-') if !disabling => {
                    disabling = true;
                    continue;
                }
                Some(':') if !disabling || on.contains(&true) || off.contains(&true) => break,
                Some(':') | Some('-') => return Err(Error::syntax("Invalid flag group", position)),
                _ => return Err(Error::syntax("Invalid group", position)),
            };
            if on[letter] || off[letter] {
                return Err(Error::syntax("Repeated flag in modifiers", position));
            }
            let set = if disabling { &mut off } else { &mut on };
            set[letter] = true;
        }
        let pick = |mode: bool, letter: usize| (mode || on[letter]) && !off[letter];
        self.modes = Modes {
            ignore_case: pick(self.modes.ignore_case, 0),
            multiline: pick(self.modes.multiline, 1),
            dot_all: pick(self.modes.dot_all, 2),
        };
        Ok(())
    }

    fn name_group(&mut self, name: Vec<u16>, group: u32, position: usize) -> Result<(), Error> {
        let next = self.names.len() as u32;
        let id = *self.name_ids.entry(name.clone()).or_insert(next);
        if id == next {
            self.names.push((name, Vec::new()));
            self.active_names.push(0);
        }
        if self.active_names[id as usize] > 0 {
            return Err(Error::syntax("Duplicate capture group name", position));
        }
        self.names[id as usize].1.push(group);
        self.active_names[id as usize] += 1;
        self.frame().current_names.push(id);
        Ok(())
    }

    pub(super) fn close_group(&mut self) -> Result<(), Error> {
        if self.frames.len() == 1 {
            return Err(Error::syntax("Unmatched ')'", self.pos));
        }
        self.pos += 1;
        let body = self.finish_disjunction();
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        self.modes = frame.modes;
        for &name in &frame.parted_names {
            self.active_names[name as usize] += 1;
        }
        let outer = self.frame();
        outer.current_names.extend(frame.current_names);
        outer.current_names.extend(frame.parted_names);
        match frame.kind {
            Kind::Plain => outer.terms.push(body),
            Kind::Capture(index) => self.push_node(Node::Group { index, body }),
            Kind::Look { behind, negative, index } => {
                let groups = (frame.first.0, self.next_group);
                self.push_node(Node::Look { body, behind, negative, index, groups });
                // Annex B lets lookaheads be repeated, without `u` and `v`.
                if behind || self.unicode {
                    return Ok(());
                }
            }
        }
        self.quantifier(frame.first)
    }
}
