//! Finding values in a text again and again: what is between is jumped over.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::selection::index_of;
use super::{Error, Limits, Pointer, Scanner, Span, index, string};
use crate::{Checkpoint, Uninterruptible};

/// Where the larger objects and arrays of a text are, and what is needed to get to a member or element without reading those before it.
///
/// It takes 32 bytes for each 256 bytes of text at most, commonly 5 % of the text, and 8 bytes for each member of objects that have 32 or
/// more. Made for texts below 4 GiB.
///
/// # Example
///
/// ```
/// use sidelane_kernels::Uninterruptible;
/// use sidelane_kernels::json::{Index, Limits, Pointer};
///
/// let text = br#"{"a":[1,{"b":true}],"c":{},"c":[]}"#;
/// let index = Index::new(text, Limits::default(), &Uninterruptible)?;
/// let found = index.find(text, &Pointer::parse("/a/1/b")?);
/// assert_eq!(found.and_then(|span| span.of(text)), Some(&b"true"[..]));
/// assert_eq!(index.length(text, &Pointer::parse("/a")?), Some(2));
/// assert_eq!(index.length(text, &Pointer::parse("")?), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Index {
    /// In the order of their beginnings, so that what is inside of one follows it.
    pub(super) containers: Vec<Container>,
    /// Of arrays.
    pub(super) samples: Vec<Sample>,
    /// Tables of objects: where a name begins; 0: nothing.
    pub(super) slots: Vec<u32>,
    /// Seeded, so that nobody can make names that all share a slot.
    hashes: RandomState,
}

/// An object or array that is worth a jump.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Container {
    pub(super) start: u32,
    pub(super) end: u32,
    /// How many of the containers that follow are inside of it.
    pub(super) inside: u32,
    /// Elements; of an object with a table, different names.
    pub(super) count: u32,
    /// Its samples or slots.
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Where an element of an array begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) element: u32,
    pub(super) at: u32,
}

impl Index {
    /// Checks a text as [`validate`](super::validate) does, and makes its index.
    ///
    /// # Errors
    ///
    /// Those of [`validate`](super::validate), and [`Error::TooLarge`] for 4 GiB and more.
    pub fn new(data: &[u8], limits: Limits, checkpoint: &dyn Checkpoint) -> Result<Self, Error> {
        index::build(data, limits, checkpoint)
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&self.containers[..]) + size_of_val(&self.samples[..]) + size_of_val(&self.slots[..])
    }

    /// Where the value is that a pointer leads to; of duplicate names the last counts. `data` must be the text that this was made of: of another
    /// the answer is any. None for pointers with wildcards.
    #[must_use]
    pub fn find(&self, data: &[u8], pointer: &Pointer) -> Option<Span> {
        let mut walker = self.walk(data, pointer)?;
        let start = walker.scanner.at;
        walker.skip()?;
        Some(Span { start, end: walker.scanner.at })
    }

    /// How many elements the array has, or different names the object, that a pointer leads to. None for anything else.
    #[must_use]
    pub fn length(&self, data: &[u8], pointer: &Pointer) -> Option<usize> {
        let mut walker = self.walk(data, pointer)?;
        let object = match walker.scanner.byte() {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        match walker.own() {
            Some(container) if !object || container.first < container.last => {
                return Some(container.count as usize);
            }
            _ => {}
        }
        let mut names: Vec<Cow<'_, [u8]>> = Vec::new();
        let mut elements = 0;
        walker.enter();
        while walker.has_more() {
            if object {
                let name = walker.name()?;
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            elements += 1;
            walker.skip()?;
        }
        Some(if object { names.len() } else { elements })
    }

    /// To the beginning of the value that a pointer leads to.
    fn walk<'w>(&'w self, data: &'w [u8], pointer: &Pointer) -> Option<Walker<'w>> {
        let scanner = Scanner::new(data, Limits::default(), &Uninterruptible);
        let mut walker = Walker { index: self, scanner, next: 0 };
        walker.scanner.space();
        for name in pointer.names() {
            match walker.scanner.byte() {
                b'{' => walker.descend_to_member(name?)?,
                b'[' => walker.descend_to_element(index_of(name?)?)?,
                _ => return None,
            }
        }
        Some(walker)
    }

    /// The name that begins with a quote at `at`.
    pub(super) fn name_at(data: &[u8], at: usize) -> Cow<'_, [u8]> {
        let mut scanner = Scanner::new(data, Limits::default(), &Uninterruptible);
        scanner.at = at;
        match scanner.skip_string() {
            Ok(()) => string::decode(data.get(at + 1..scanner.at - 1).unwrap_or_default()),
            Err(_) => Cow::Borrowed(&[]),
        }
    }

    /// The slot of a name in a table, empty if the name is not there.
    pub(super) fn slot(&self, data: &[u8], first: usize, last: usize, name: &[u8]) -> usize {
        let length = last - first;
        let hash = u64::from(self.hashes.hash_one(name) as u32);
        let mut slot = ((hash * length as u64) >> 32) as usize;
        loop {
            let at = self.slots[first + slot];
            if at == 0 || *Self::name_at(data, at as usize) == *name {
                return first + slot;
            }
            slot = if slot + 1 == length { 0 } else { slot + 1 };
        }
    }
}

/// A place in a text that was checked, and its place in the index.
struct Walker<'w> {
    index: &'w Index,
    scanner: Scanner<'w>,
    /// The first container that begins here or later.
    next: usize,
}

impl<'w> Walker<'w> {
    /// The container that begins here.
    fn own(&self) -> Option<&'w Container> {
        self.index.containers.get(self.next).filter(|container| container.start as usize == self.scanner.at)
    }

    /// Steps behind the value here.
    fn skip(&mut self) -> Option<()> {
        if !matches!(self.scanner.byte(), b'{' | b'[') {
            return self.scanner.skip_trusted().ok();
        }
        let mut depth = 0_usize;
        loop {
            match self.scanner.byte() {
                b'"' => self.scanner.skip_string().ok()?,
                b'{' | b'[' => match self.own() {
                    Some(container) => {
                        self.scanner.at = container.end as usize;
                        self.next += 1 + container.inside as usize;
                    }
                    None => {
                        depth += 1;
                        self.scanner.at += 1;
                    }
                },
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.scanner.at += 1;
                }
                _ if self.scanner.at >= self.scanner.data.len() => return None,
                _ => {}
            }
            if depth == 0 {
                return Some(());
            }
            self.scanner.at = string::find_structure(self.scanner.data, self.scanner.at);
        }
    }

    /// Steps behind the bracket here.
    fn enter(&mut self) {
        self.next += usize::from(self.own().is_some());
        self.scanner.at += 1;
    }

    /// To the next member or element of the innermost container: from behind its bracket, or from behind the one before.
    fn has_more(&mut self) -> bool {
        self.scanner.space();
        if self.scanner.byte() == b',' {
            self.scanner.at += 1;
            self.scanner.space();
        }
        !matches!(self.scanner.byte(), b'}' | b']') && self.scanner.at < self.scanner.data.len()
    }

    /// The member's name here; on to its value.
    fn name(&mut self) -> Option<Cow<'w, [u8]>> {
        let start = self.scanner.at + 1;
        self.scanner.skip_string().ok()?;
        let name = self.scanner.data.get(start..self.scanner.at - 1)?;
        self.over_colon();
        Some(string::decode(name))
    }

    /// Over the colon.
    fn over_colon(&mut self) {
        self.scanner.space();
        self.scanner.at += 1;
        self.scanner.space();
    }

    fn descend_to_member(&mut self, wanted: &[u8]) -> Option<()> {
        if let Some(container) = self.own().filter(|container| container.first < container.last) {
            let data = self.scanner.data;
            let slot = self.index.slot(data, container.first, container.last, wanted);
            self.jump_to(self.index.slots[slot] as usize).filter(|at| *at > 0)?;
            return self.name().map(|_| ());
        }
        self.enter();
        let mut found = None;
        while self.has_more() {
            if *self.name()? == *wanted {
                found = Some((self.scanner.at, self.next));
            }
            self.skip()?;
        }
        (self.scanner.at, self.next) = found?;
        Some(())
    }

    fn descend_to_element(&mut self, wanted: usize) -> Option<()> {
        let mut element = 0;
        match self.own() {
            Some(container) if wanted >= container.count as usize => return None,
            Some(container) => {
                let samples = &self.index.samples[container.first..container.last];
                let before = samples.partition_point(|sample| sample.element as usize <= wanted);
                match before.checked_sub(1).map(|at| samples[at]) {
                    Some(sample) => {
                        element = sample.element as usize;
                        self.jump_to(sample.at as usize);
                    }
                    None => self.enter(),
                }
            }
            None => self.enter(),
        }
        while self.has_more() {
            if element == wanted {
                return Some(());
            }
            element += 1;
            self.skip()?;
        }
        None
    }

    /// To a place further on, outside of strings.
    fn jump_to(&mut self, at: usize) -> Option<usize> {
        self.scanner.at = at;
        let later = self.index.containers.get(self.next..)?;
        self.next += later.partition_point(|container| (container.start as usize) < at);
        Some(at)
    }
}
