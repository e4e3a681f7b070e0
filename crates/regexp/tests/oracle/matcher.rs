//! The matcher.

use std::cell::Cell;

use sidelane_regexp::unicode::canonicalize;

use super::tree::{Node, Pattern, WORD};

/// Of each group where it began and ended, if it took part.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

#[derive(Clone)]
struct State {
    end: usize,
    groups: Groups,
}

type Next<'c> = &'c mut dyn FnMut(State) -> Option<State>;

/// Terms within terms and after terms, all on the stack: deeper, it gives up. A level takes some KiB of it in a debug build.
const DEEPEST: u32 = 3000;

pub(crate) struct Matcher<'a> {
    pattern: &'a Pattern,
    subject: &'a [u16],
    left: Cell<u64>,
    depth: Cell<u32>,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(pattern: &'a Pattern, subject: &'a [u16], steps: u64) -> Self {
        Matcher { pattern, subject, left: Cell::new(steps), depth: Cell::new(0) }
    }

    /// Whether the steps are used up, so that no answer counts.
    pub(crate) fn gave_up(&self) -> bool {
        self.left.get() == 0
    }

    /// RegExpBuiltinExec.
    pub(crate) fn search(&self, start: usize, sticky: bool) -> Option<Groups> {
        let mut at = start;
        if self.pattern.unicode && self.is_within_pair(at) {
            at -= 1;
        }
        while at <= self.subject.len() && !self.gave_up() {
            let groups = vec![None; self.pattern.groups];
            if let Some(found) = self.run(&self.pattern.root, State { end: at, groups }, false, &mut Some) {
                let mut groups = found.groups;
                groups[0] = Some((at, found.end));
                return Some(groups);
            }
            if sticky {
                return None;
            }
            at = self.advance(at);
        }
        None
    }

    /// RegExp.prototype[Symbol.match] with the flag `g`.
    pub(crate) fn all(&self, start: usize, sticky: bool) -> Vec<Groups> {
        let (mut found, mut at) = (Vec::new(), start);
        while at <= self.subject.len()
            && let Some(groups) = self.search(at, sticky)
        {
            let (from, to) = groups[0].unwrap_or_default();
            at = if from == to { self.advance(to) } else { to };
            found.push(groups);
        }
        found
    }

    /// AdvanceStringIndex.
    pub(crate) fn advance(&self, at: usize) -> usize {
        at + 1 + usize::from(self.pattern.unicode && self.is_within_pair(at + 1))
    }

    fn is_within_pair(&self, at: usize) -> bool {
        let is =
            |index: usize, first: u16| self.subject.get(index).is_some_and(|unit| unit & 0xFC00 == first);
        at > 0 && is(at - 1, 0xD800) && is(at, 0xDC00)
    }

    /// The character there, and the position behind it.
    fn read(&self, at: usize, backward: bool) -> Option<(u32, usize)> {
        let index = if backward { at.checked_sub(1)? } else { at };
        let unit = u32::from(*self.subject.get(index)?);
        let behind = if backward { index } else { index + 1 };
        if self.pattern.unicode && self.is_within_pair(behind) {
            let low = behind.max(index);
            let c = char::decode_utf16([self.subject[low - 1], self.subject[low]]).next()?.ok()?;
            return Some((u32::from(c), if backward { low - 1 } else { low + 1 }));
        }
        Some((unit, behind))
    }

    fn canonical(&self, c: u32) -> u32 {
        if self.pattern.ignore_case { canonicalize(c, self.pattern.unicode) } else { c }
    }

    fn is_in(&self, ranges: &[(u32, u32)], c: u32) -> bool {
        let c = self.canonical(c);
        ranges.iter().any(|&(from, to)| (from..=to).any(|member| self.canonical(member) == c))
    }

    fn run(&self, node: &Node, x: State, backward: bool, next: Next<'_>) -> Option<State> {
        if self.gave_up() {
            return None;
        }
        let depth = self.depth.get() + 1;
        self.left.set(if depth > DEEPEST { 0 } else { self.left.get() - 1 });
        self.depth.set(depth);
        let found = self.term(node, x, backward, next);
        self.depth.set(depth - 1);
        found
    }

    fn term(&self, node: &Node, x: State, backward: bool, next: Next<'_>) -> Option<State> {
        match node {
            Node::Char(c) => self.one(x, backward, next, |other| self.canonical(*c) == self.canonical(other)),
            Node::Dot => self.one(x, backward, next, |c| self.pattern.dot_all || !is_line_end(c)),
            Node::Class { negated, ranges } => {
                self.one(x, backward, next, |c| self.is_in(ranges, c) != *negated)
            }
            Node::Seq(terms) => self.sequence(terms, x, backward, next),
            Node::Alt(alternatives) => {
                alternatives.iter().find_map(|node| self.run(node, x.clone(), backward, next))
            }
            Node::Group(index, body) => {
                let from = x.end;
                self.run(body, x, backward, &mut |mut y| {
                    y.groups[*index] = Some((from.min(y.end), from.max(y.end)));
                    next(y)
                })
            }
            Node::Repeat { body, min, max, greedy } => {
                let mut inside = Vec::new();
                groups_in(body, &mut inside);
                self.repeat(&Repeat { body, greedy: *greedy, inside }, *min, *max, x, backward, next)
            }
            Node::Look { body, behind, negative } => {
                let found = self.run(body, x.clone(), *behind, &mut Some);
                match (found, negative) {
                    (Some(found), false) => next(State { end: x.end, groups: found.groups }),
                    (None, true) => next(x),
                    _ => None,
                }
            }
            Node::BackRef(group) => self.reference(*group, x, backward, next),
            Node::Start => {
                let holds =
                    x.end == 0 || (self.pattern.multiline && is_line_end(u32::from(self.subject[x.end - 1])));
                if holds { next(x) } else { None }
            }
            Node::End => {
                let holds = x.end == self.subject.len()
                    || (self.pattern.multiline && is_line_end(u32::from(self.subject[x.end])));
                if holds { next(x) } else { None }
            }
            Node::Boundary { negated } => {
                let before = x.end > 0 && self.is_word(self.subject[x.end - 1]);
                let after = self.subject.get(x.end).is_some_and(|unit| self.is_word(*unit));
                if (before != after) != *negated { next(x) } else { None }
            }
        }
    }

    fn is_word(&self, unit: u16) -> bool {
        let extends = self.pattern.ignore_case && self.pattern.unicode;
        let c = u32::from(unit);
        if extends { self.is_in(&WORD, c) } else { WORD.iter().any(|range| (range.0..=range.1).contains(&c)) }
    }

    fn one(&self, x: State, backward: bool, next: Next<'_>, matches: impl Fn(u32) -> bool) -> Option<State> {
        let (c, end) = self.read(x.end, backward)?;
        if matches(c) { next(State { end, ..x }) } else { None }
    }

    fn sequence(&self, terms: &[Node], x: State, backward: bool, next: Next<'_>) -> Option<State> {
        let split = if backward { terms.split_last() } else { terms.split_first() };
        let Some((term, rest)) = split else { return next(x) };
        self.run(term, x, backward, &mut |y| self.sequence(rest, y, backward, next))
    }

    /// RepeatMatcher.
    fn repeat(
        &self,
        repeat: &Repeat<'_>,
        min: usize,
        max: Option<usize>,
        x: State,
        backward: bool,
        next: Next<'_>,
    ) -> Option<State> {
        if max == Some(0) || self.gave_up() {
            return next(x);
        }
        if min == 0
            && !repeat.greedy
            && let Some(found) = next(x.clone())
        {
            return Some(found);
        }
        let mut cleared = x.clone();
        for &group in &repeat.inside {
            cleared.groups[group] = None;
        }
        let found = self.run(repeat.body, cleared, backward, &mut |y| {
            if min == 0 && y.end == x.end {
                return None;
            }
            self.repeat(repeat, min.saturating_sub(1), max.map(|max| max - 1), y, backward, next)
        });
        if found.is_some() || min > 0 || !repeat.greedy {
            return found;
        }
        next(x)
    }

    fn reference(&self, group: usize, x: State, backward: bool, next: Next<'_>) -> Option<State> {
        let Some((from, to)) = x.groups[group] else { return next(x) };
        let (mut text, mut at) = (Vec::new(), from);
        while at < to {
            let (c, behind) = self.read(at, false)?;
            text.push(c);
            at = behind;
        }
        if backward {
            text.reverse();
        }
        let mut end = x.end;
        for c in text {
            let (other, behind) = self.read(end, backward)?;
            if self.canonical(c) != self.canonical(other) {
                return None;
            }
            end = behind;
        }
        next(State { end, ..x })
    }
}

struct Repeat<'a> {
    body: &'a Node,
    greedy: bool,
    inside: Vec<usize>,
}

fn groups_in(node: &Node, found: &mut Vec<usize>) {
    match node {
        Node::Group(index, body) => {
            found.push(*index);
            groups_in(body, found);
        }
        Node::Seq(nodes) | Node::Alt(nodes) => nodes.iter().for_each(|node| groups_in(node, found)),
        Node::Repeat { body, .. } | Node::Look { body, .. } => groups_in(body, found),
        _ => {}
    }
}

fn is_line_end(c: u32) -> bool {
    matches!(c, 0x0A | 0x0D | 0x2028 | 0x2029)
}
