//! The one automaton that knows JSON's grammar.

use super::error::{Error, Reason};
use super::plain::Plain;
use super::{Limits, string};
use crate::Checkpoint;

/// Bytes between two polls: about 40 us.
const POLL_BYTES: usize = 64 << 10;

/// A place in a text, and the brackets that are open there.
pub(crate) struct Scanner<'d> {
    pub(super) data: &'d [u8],
    plain: Plain<'d>,
    pub(crate) at: usize,
    nesting: Nesting,
    max_depth: usize,
    checkpoint: &'d dyn Checkpoint,
    next_poll: usize,
}

/// A string of the text, without its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it has escapes.
    pub(crate) escaped: bool,
}

/// Is told what a scanner comes by, in the order of the text; what it is told of may turn out to be wrong.
pub(super) trait Observer {
    /// A value begins here.
    fn value(&mut self, at: usize);
    /// It is an object, or an array.
    fn open(&mut self, at: usize, object: bool);
    /// A member's name begins here.
    fn key(&mut self, at: usize);
    /// The innermost object or array has ended before `end`.
    fn close(&mut self, end: usize) -> Result<(), Error>;
}

struct Nobody;

impl Observer for Nobody {
    #[inline(always)]
    fn value(&mut self, _: usize) {}
    #[inline(always)]
    fn open(&mut self, _: usize, _: bool) {}
    #[inline(always)]
    fn key(&mut self, _: usize) {}
    #[inline(always)]
    fn close(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }
}

impl<'d> Scanner<'d> {
    pub(crate) fn new(data: &'d [u8], limits: Limits, checkpoint: &'d dyn Checkpoint) -> Self {
        let nesting = Nesting::default();
        Self {
            data,
            plain: Plain(data),
            at: 0,
            nesting,
            max_depth: limits.max_depth,
            checkpoint,
            next_poll: 0,
        }
    }

    /// Begins anew with the line of `data` from `start` to `end`, where the data ends or a line feed stands.
    pub(crate) fn restart(&mut self, data: &'d [u8], start: usize, end: usize) {
        self.data = &data[..end];
        self.plain = Plain(data);
        self.at = start;
        self.nesting.clear();
    }

    /// The byte here; 0, which can stand nowhere outside of a string, at the end.
    #[inline(always)]
    pub(crate) fn byte(&self) -> u8 {
        self.data.get(self.at).copied().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn space(&mut self) {
        // Mostly there is none.
        while self.byte() <= b' ' && matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    #[cold]
    pub(crate) fn expected(&self, what: &'static str) -> Error {
        self.wrong(Reason::Expected(what))
    }

    #[cold]
    fn wrong(&self, reason: Reason) -> Error {
        let mark = self.at == 0 && self.data.starts_with(b"\xef\xbb\xbf");
        Error::Syntax { offset: self.at, reason: if mark { Reason::ByteOrderMark } else { reason } }
    }

    /// Nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.space();
        if self.at == self.data.len() { Ok(()) } else { Err(self.expected("the end of the text")) }
    }

    /// A value has ended here, not only its beginning: `01` is none.
    pub(super) fn delimited(&mut self) -> Result<(), Error> {
        self.space();
        let ends = matches!(self.byte(), b',' | b'}' | b']') || self.at >= self.data.len();
        if ends { Ok(()) } else { Err(self.expected("',' or a closing bracket")) }
    }

    #[inline(always)]
    pub(super) fn poll(&mut self) -> Result<(), Error> {
        if self.at >= self.next_poll {
            self.next_poll = self.at + POLL_BYTES;
            self.checkpoint.poll()?;
        }
        Ok(())
    }

    /// Steps behind the bracket here, one level deeper.
    #[inline(always)]
    pub(super) fn enter(&mut self, object: bool) -> Result<(), Error> {
        if self.nesting.depth >= self.max_depth {
            return Err(Error::TooDeep { offset: self.at, limit: self.max_depth });
        }
        self.nesting.push(object);
        self.at += 1;
        Ok(())
    }

    /// Steps behind the closing bracket here.
    #[inline(always)]
    pub(super) fn leave(&mut self) {
        self.nesting.pop();
        self.at += 1;
    }

    /// What of the text is plain; unless it is time to poll.
    #[inline(always)]
    pub(super) fn plain(&self, at: usize) -> Option<Plain<'d>> {
        (at < self.next_poll).then_some(self.plain)
    }

    /// Steps over the value here, and the space before it, and checks every byte of it.
    pub(crate) fn value(&mut self) -> Result<(), Error> {
        match self.plain(self.at).and_then(|plain| plain.scalar(self.at)) {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            None => self.observed(&mut Nobody),
        }
    }

    /// As [`value`](Self::value), telling what it comes by.
    #[inline(always)]
    pub(super) fn observed(&mut self, observer: &mut impl Observer) -> Result<(), Error> {
        let outside = self.nesting.depth;
        'value: loop {
            self.space();
            self.poll()?;
            observer.value(self.at);
            match self.byte() {
                b'"' => {
                    self.string()?;
                }
                b'{' => {
                    observer.open(self.at, true);
                    self.enter(true)?;
                    self.space();
                    if self.byte() != b'}' {
                        observer.key(self.at);
                        self.key()?;
                        continue;
                    }
                    self.leave();
                    observer.close(self.at)?;
                }
                b'[' => {
                    observer.open(self.at, false);
                    self.enter(false)?;
                    self.space();
                    if self.byte() != b']' {
                        continue;
                    }
                    self.leave();
                    observer.close(self.at)?;
                }
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => return Err(self.expected("a value")),
            }
            while self.nesting.depth > outside {
                if self.nesting.in_object() && self.plain_members(observer) {
                    continue 'value;
                }
                self.space();
                match (self.byte(), self.nesting.in_object()) {
                    (b',', true) => {
                        self.at += 1;
                        self.space();
                        observer.key(self.at);
                        self.key()?;
                        continue 'value;
                    }
                    (b',', false) => {
                        self.at += 1;
                        continue 'value;
                    }
                    (b'}', true) | (b']', false) => {
                        self.leave();
                        observer.close(self.at)?;
                    }
                    (_, true) => return Err(self.expected("',' or '}'")),
                    (_, false) => return Err(self.expected("',' or ']'")),
                }
            }
            return Ok(());
        }
    }

    /// Steps over the plain members that follow. `true`: a name was the last, and a value is next.
    #[inline(always)]
    fn plain_members(&mut self, observer: &mut impl Observer) -> bool {
        let mut at = self.at;
        let mut named = false;
        while let Some(plain) = self.plain(at)
            && let Some((key, value)) = plain.member(at)
        {
            observer.key(key.start - 1);
            let Some(end) = plain.scalar(value) else {
                (at, named) = (value, true);
                break;
            };
            observer.value(value);
            at = end;
        }
        self.at = at;
        named
    }

    /// Steps over a member's name and its colon.
    #[inline(always)]
    pub(super) fn key(&mut self) -> Result<Text, Error> {
        match self.plain.key(self.at) {
            Some((key, value)) => {
                self.at = value;
                Ok(key)
            }
            None => self.any_key(),
        }
    }

    #[inline(never)]
    fn any_key(&mut self) -> Result<Text, Error> {
        if self.byte() != b'"' {
            return Err(self.expected("a member's name in double quotes"));
        }
        let key = self.string()?;
        self.space();
        if self.byte() != b':' {
            return Err(self.expected("':'"));
        }
        self.at += 1;
        Ok(key)
    }

    /// Steps over the string here.
    #[inline(never)]
    fn string(&mut self) -> Result<Text, Error> {
        let start = self.at + 1;
        self.at = start;
        let (mut high, mut escaped) = (0, false);
        loop {
            self.at = string::find_special(self.data, self.at, &mut high);
            match self.byte() {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ if self.at >= self.data.len() => return Err(self.expected("'\"' at a string's end")),
                0..0x20 => return Err(self.wrong(Reason::ControlCharacter)),
                // A long string: the search ends now and then, so that it is polled.
                _ => {}
            }
            self.poll()?;
        }
        let end = self.at;
        if string::has_high(high) {
            self.utf8(start, end)?;
        }
        self.at = end + 1;
        Ok(Text { start, end, escaped })
    }

    fn escape(&mut self) -> Result<(), Error> {
        self.at += 1;
        match self.byte() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
            b'u' => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.byte().is_ascii_hexdigit() {
                        return Err(self.expected("a hexadecimal digit"));
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.expected("a character that can be escaped")),
        }
        Ok(())
    }

    fn utf8(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let mut from = start;
        while from < end {
            let to = (from + POLL_BYTES).min(end);
            match std::str::from_utf8(&self.data[from..to]) {
                Ok(_) => from = to,
                // A character may be cut at the end of a piece; in a piece that begins with it, it is whole.
                Err(error) if error.error_len().is_none() && to < end => from += error.valid_up_to(),
                Err(error) => {
                    self.at = from + error.valid_up_to();
                    return Err(self.wrong(Reason::InvalidUtf8));
                }
            }
            self.at = from;
            self.poll()?;
        }
        Ok(())
    }

    #[inline(always)]
    fn number(&mut self) -> Result<(), Error> {
        if self.byte() == b'-' {
            self.at += 1;
        }
        if self.byte() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if self.byte() | 0x20 == b'e' {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    #[inline(always)]
    fn digits(&mut self) -> Result<(), Error> {
        if !self.byte().is_ascii_digit() {
            return Err(self.expected("a digit"));
        }
        loop {
            let stop = self.data.len().min(self.at + POLL_BYTES);
            while self.at < stop && self.data[self.at].is_ascii_digit() {
                self.at += 1;
            }
            if self.at < stop || stop == self.data.len() {
                return Ok(());
            }
            self.poll()?;
        }
    }

    fn literal(&mut self, text: &'static [u8]) -> Result<(), Error> {
        for byte in text {
            if self.byte() != *byte {
                return Err(self.expected("'true', 'false' or 'null'"));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Steps over the value here without a look at more than its quotes and brackets: for text that is known to be JSON. Wrong
    /// text ends somewhere, and no later than the data.
    pub(super) fn skip_trusted(&mut self) -> Result<(), Error> {
        self.space();
        self.poll()?;
        match self.byte() {
            b'"' => self.skip_string(),
            b'{' | b'[' => {
                let mut depth = 0_usize;
                loop {
                    self.at = string::find_structure(self.data, self.at);
                    match self.byte() {
                        b'"' => self.skip_string()?,
                        b'{' | b'[' => {
                            depth += 1;
                            self.at += 1;
                        }
                        b'}' | b']' => {
                            depth -= 1;
                            self.at += 1;
                        }
                        _ if self.at >= self.data.len() => return Err(self.expected("a closing bracket")),
                        _ => {}
                    }
                    self.poll()?;
                    if depth == 0 {
                        return Ok(());
                    }
                }
            }
            _ => {
                let start = self.at;
                while !matches!(self.byte(), b',' | b'}' | b']' | 0..=b' ') {
                    self.at += 1;
                }
                if self.at == start { Err(self.expected("a value")) } else { Ok(()) }
            }
        }
    }

    pub(super) fn skip_string(&mut self) -> Result<(), Error> {
        self.at += 1;
        let mut high = 0;
        loop {
            self.at = string::find_special(self.data, self.at, &mut high);
            match self.byte() {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.at += 2,
                _ if self.at >= self.data.len() => return Err(self.expected("'\"' at a string's end")),
                0..0x20 => self.at += 1,
                _ => {}
            }
            self.poll()?;
        }
    }
}

/// Which of the open brackets are objects', one bit each.
#[derive(Default)]
struct Nesting {
    depth: usize,
    /// The innermost 1 to 64; the lowest bit is the innermost.
    top: u64,
    below: Vec<u64>,
}

impl Nesting {
    #[inline]
    fn push(&mut self, object: bool) {
        if self.depth.is_multiple_of(64) && self.depth > 0 {
            self.below.push(self.top);
        }
        self.top = self.top << 1 | u64::from(object);
        self.depth += 1;
    }

    #[inline]
    fn pop(&mut self) {
        self.depth -= 1;
        self.top >>= 1;
        if self.depth.is_multiple_of(64) {
            self.top = self.below.pop().unwrap_or(0);
        }
    }

    fn clear(&mut self) {
        self.depth = 0;
        self.below.clear();
    }

    #[inline]
    fn in_object(&self) -> bool {
        self.top & 1 == 1
    }
}
