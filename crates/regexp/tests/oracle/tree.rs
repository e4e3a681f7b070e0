//! Patterns as trees, and how they are written.

use std::fmt::Write;

use super::choices::Choices;

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Char(u32),
    Dot,
    Class { negated: bool, ranges: Vec<(u32, u32)> },
    Seq(Vec<Node>),
    Alt(Vec<Node>),
    Group(usize, Box<Node>),
    Repeat { body: Box<Node>, min: usize, max: Option<usize>, greedy: bool },
    Look { body: Box<Node>, behind: bool, negative: bool },
    BackRef(usize),
    Start,
    End,
    Boundary { negated: bool },
}

pub(crate) struct Pattern {
    pub(crate) root: Node,
    /// The whole match included.
    pub(crate) groups: usize,
    pub(crate) ignore_case: bool,
    pub(crate) multiline: bool,
    pub(crate) dot_all: bool,
    pub(crate) unicode: bool,
}

pub(crate) const WORD: [(u32, u32); 4] = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];
const SPACE: [(u32, u32); 3] = [(0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0)];

impl Pattern {
    pub(crate) fn new(choices: &mut Choices<'_>) -> Self {
        let flags = choices.below(32);
        let mut pattern = Pattern {
            root: Node::Start,
            groups: 1,
            ignore_case: flags & 1 != 0 && flags & 16 != 0,
            multiline: flags & 2 != 0,
            dot_all: flags & 4 != 0,
            unicode: flags & 8 != 0,
        };
        pattern.root = pattern.alternatives(choices, 4);
        let groups = pattern.groups;
        settle(&mut pattern.root, groups);
        pattern
    }

    fn alternatives(&mut self, choices: &mut Choices<'_>, depth: usize) -> Node {
        let count = [1, 1, 2, 3][choices.below(4)];
        Node::Alt((0..count).map(|_| self.sequence(choices, depth)).collect())
    }

    fn sequence(&mut self, choices: &mut Choices<'_>, depth: usize) -> Node {
        Node::Seq((0..choices.below(5)).map(|_| self.term(choices, depth)).collect())
    }

    fn term(&mut self, choices: &mut Choices<'_>, depth: usize) -> Node {
        let atom = self.atom(choices, depth);
        let (min, max) = match choices.below(12) {
            0 => (0, None),
            1 => (1, None),
            2 => (0, Some(1)),
            3 => (2, Some(3)),
            4 => (choices.below(3), None),
            _ => return atom,
        };
        Node::Repeat { body: Box::new(atom), min, max, greedy: choices.below(3) != 0 }
    }

    fn atom(&mut self, choices: &mut Choices<'_>, depth: usize) -> Node {
        let kinds = if depth == 0 || choices.is_over() { 9 } else { 16 };
        match choices.below(kinds) {
            0..=3 => self.char(choices),
            4 => Node::Dot,
            5 => {
                let mut ranges: Vec<_> = (0..=choices.below(2)).map(|_| self.range(choices)).collect();
                match choices.below(6) {
                    0 => ranges.extend(WORD),
                    1 => ranges.extend(SPACE),
                    _ => {}
                }
                Node::Class { negated: choices.below(3) == 0, ranges }
            }
            6 => Node::Class { negated: choices.below(4) == 0, ranges: vec![(0x30, 0x39)] },
            7 => Node::Class { negated: choices.below(4) == 0, ranges: WORD.to_vec() },
            8 => {
                [Node::Start, Node::End, Node::Boundary { negated: false }, Node::Boundary { negated: true }]
                    [choices.below(4)]
                .clone()
            }
            9 | 10 => {
                let index = self.groups;
                self.groups += 1;
                Node::Group(index, Box::new(self.alternatives(choices, depth - 1)))
            }
            11 | 12 => self.alternatives(choices, depth - 1),
            13 | 14 => {
                let (behind, negative) = (choices.below(2) == 1, choices.below(3) == 1);
                Node::Look { body: Box::new(self.alternatives(choices, depth - 1)), behind, negative }
            }
            _ => Node::BackRef(1 + choices.below(4)),
        }
    }

    fn char(&mut self, choices: &mut Choices<'_>) -> Node {
        if self.unicode && choices.below(8) == 1 {
            return Node::Char(0x1F600);
        }
        Node::Char(u32::from(choices.unit()))
    }

    fn range(&mut self, choices: &mut Choices<'_>) -> (u32, u32) {
        let (a, b) = (u32::from(choices.unit()), u32::from(choices.unit()));
        if a.abs_diff(b) > 0x40 {
            return if self.unicode && choices.below(3) == 0 { (0x1F5FE, 0x1F603) } else { (a, a) };
        }
        (a.min(b), a.max(b))
    }

    pub(crate) fn flags(&self) -> String {
        let flags =
            [(self.ignore_case, 'i'), (self.multiline, 'm'), (self.dot_all, 's'), (self.unicode, 'u')];
        flags.iter().filter(|flag| flag.0).map(|flag| flag.1).collect()
    }

    pub(crate) fn source(&self) -> String {
        let mut text = String::new();
        self.write(&self.root, &mut text);
        text
    }

    fn write(&self, node: &Node, text: &mut String) {
        match node {
            Node::Char(c) => self.write_char(*c, text),
            Node::Dot => text.push('.'),
            Node::Class { negated, ranges } => {
                text.push_str(if *negated { "[^" } else { "[" });
                for &(from, to) in ranges {
                    self.write_char(from, text);
                    text.push('-');
                    self.write_char(to, text);
                }
                text.push(']');
            }
            Node::Seq(terms) => terms.iter().for_each(|term| self.write(term, text)),
            Node::Alt(alternatives) => {
                text.push_str("(?:");
                self.write_all(alternatives, text);
                text.push(')');
            }
            Node::Group(_, body) => self.wrapped("(", body, text),
            Node::Repeat { body, min, max, greedy } => {
                self.wrapped("(?:", body, text);
                let written = match max {
                    Some(max) => write!(text, "{{{min},{max}}}"),
                    None => write!(text, "{{{min},}}"),
                };
                written.expect("a String takes everything");
                text.push_str(if *greedy { "" } else { "?" });
            }
            Node::Look { body, behind, negative } => {
                let open = match (behind, negative) {
                    (false, false) => "(?=",
                    (false, true) => "(?!",
                    (true, false) => "(?<=",
                    (true, true) => "(?<!",
                };
                self.wrapped(open, body, text);
            }
            Node::BackRef(group) => write!(text, "(?:\\{group})").expect("a String takes everything"),
            Node::Start => text.push('^'),
            Node::End => text.push('$'),
            Node::Boundary { negated } => text.push_str(if *negated { "\\B" } else { "\\b" }),
        }
    }

    fn wrapped(&self, open: &str, body: &Node, text: &mut String) {
        text.push_str(open);
        match body {
            Node::Alt(alternatives) => self.write_all(alternatives, text),
            other => self.write(other, text),
        }
        text.push(')');
    }

    fn write_all(&self, alternatives: &[Node], text: &mut String) {
        for (index, node) in alternatives.iter().enumerate() {
            if index > 0 {
                text.push('|');
            }
            self.write(node, text);
        }
    }

    fn write_char(&self, c: u32, text: &mut String) {
        let written = match c {
            0x30..=0x39 | 0x41..=0x5A | 0x61..=0x7A => write!(text, "{}", c as u8 as char),
            _ if self.unicode => write!(text, "\\u{{{c:x}}}"),
            _ => write!(text, "\\u{c:04x}"),
        };
        written.expect("a String takes everything");
    }
}

/// References are to groups there are.
fn settle(node: &mut Node, groups: usize) {
    match node {
        Node::BackRef(group) => {
            if groups == 1 {
                *node = Node::Seq(Vec::new());
            } else {
                *group = 1 + (*group - 1) % (groups - 1);
            }
        }
        Node::Seq(nodes) | Node::Alt(nodes) => nodes.iter_mut().for_each(|node| settle(node, groups)),
        Node::Group(_, body) | Node::Repeat { body, .. } | Node::Look { body, .. } => settle(body, groups),
        _ => {}
    }
}
