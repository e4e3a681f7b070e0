//! The machine that finds fields. Its state is kept between chunks, so that a text may be cut anywhere.

use std::borrow::Cow;

use super::{Dialect, Error, Limits, Place, Reason};

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// In quotes, with doubled quotes in it.
    Escaped,
    /// Not at all: its row is too short.
    Missing,
}

/// The place of a field in a text, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its first byte.
    pub start: usize,
    /// Its bytes.
    pub len: u32,
    /// How it is written.
    pub kind: Kind,
}

impl Field {
    /// That of a row that is too short.
    pub const MISSING: Self = Self { start: 0, len: 0, kind: Kind::Missing };

    /// As it is written.
    #[inline]
    #[must_use]
    pub fn raw<'d>(&self, data: &'d [u8]) -> &'d [u8] {
        &data[self.start..self.start + self.len as usize]
    }

    /// What it says.
    #[must_use]
    pub fn text<'d>(&self, data: &'d [u8], quote: u8) -> Cow<'d, [u8]> {
        let raw = self.raw(data);
        if self.kind != Kind::Escaped {
            return Cow::Borrowed(raw);
        }
        let mut text = Vec::with_capacity(raw.len());
        unescape(raw, quote, &mut text);
        Cow::Owned(text)
    }
}

/// Adds a text in which each quote is doubled, with single ones.
pub(super) fn unescape(mut raw: &[u8], quote: u8, out: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(quote, raw) {
        out.extend_from_slice(&raw[..=at]);
        raw = raw.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(raw);
}

/// A row.
#[derive(Debug, Clone, Copy)]
pub struct Record<'r> {
    /// Its fields, at least one.
    pub fields: &'r [Field],
    /// Its number, from 1.
    pub row: usize,
    /// Its first byte, from the beginning of all chunks.
    pub offset: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A row begins.
    Row,
    /// A field begins.
    Field,
    /// In a field without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// Behind a quote that ends the field, or is the first of two.
    Quote,
    Comment,
}

/// Finds the fields of a text that grows.
#[derive(Debug)]
pub struct Reader {
    dialect: Dialect,
    limits: Limits,
    /// The bytes that end a field or are wrong in it, eight times each.
    patterns: [u64; 4],
    state: State,
    /// What comes next.
    at: usize,
    /// Where the row begins.
    row_start: usize,
    /// Where the field begins, behind its quote.
    field_start: usize,
    escaped: bool,
    fields: Vec<Field>,
    row: usize,
    /// Bytes that were dropped before those at hand.
    dropped: usize,
    paused: bool,
}

/// Each byte of a word.
const EACH: u64 = u64::from_ne_bytes([1; 8]);
const LOW: u64 = EACH * 0x7f;
const HIGH: u64 = EACH * 0x80;

impl Reader {
    /// At the beginning of a text; of one without byte-order mark.
    #[must_use]
    pub fn new(dialect: Dialect, limits: Limits) -> Self {
        Self::from(dialect, limits, 0, 0)
    }

    /// At byte `at`, where a row begins that has `rows` before it.
    pub(super) fn from(dialect: Dialect, limits: Limits, at: usize, rows: usize) -> Self {
        let Dialect { delimiter, quote, .. } = dialect;
        let patterns =
            [delimiter, quote.unwrap_or(delimiter), b'\n', b'\r'].map(|byte| EACH * u64::from(byte));
        Self {
            dialect,
            limits,
            patterns,
            state: State::Row,
            at,
            row_start: at,
            field_start: at,
            escaped: false,
            fields: Vec::new(),
            row: rows,
            dropped: 0,
            paused: false,
        }
    }

    /// Goes on to the end of `data`, which is what it was before and more. `take` is given each row that has ended; `false` pauses behind it.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] and [`Error::TooLarge`], and those of `take`.
    pub fn advance(
        &mut self,
        data: &[u8],
        take: &mut impl FnMut(Record<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        self.paused = false;
        while self.at < data.len() && !self.paused {
            match self.state {
                State::Row => self.begin_row(data[self.at]),
                State::Field => {
                    if Some(data[self.at]) == self.dialect.quote {
                        self.at += 1;
                        self.escaped = false;
                        self.state = State::Quoted;
                    } else {
                        self.state = State::Plain;
                    }
                    self.field_start = self.at;
                }
                State::Plain => self.plain(data, take)?,
                State::Quoted => {
                    let quote = self.dialect.quote.unwrap_or_default();
                    let most = self.field_start + self.limits.field_bytes + 1;
                    let end = data.len().min(most.max(self.at));
                    match memchr::memchr(quote, &data[self.at..end]) {
                        Some(found) => {
                            self.at += found + 1;
                            self.state = State::Quote;
                        }
                        None if end < data.len() => return Err(self.too_long()),
                        None => self.at = end,
                    }
                }
                State::Quote => self.behind_quote(data[self.at], take)?,
                State::Comment => match memchr::memchr2(b'\n', b'\r', &data[self.at..]) {
                    None => self.at = data.len(),
                    Some(found) => {
                        self.at += found + 1;
                        self.row_start = self.at;
                        self.state = State::Row;
                    }
                },
            }
        }
        let open = matches!(self.state, State::Plain | State::Quoted);
        if open && self.at - self.field_start > self.limits.field_bytes {
            return Err(self.too_long());
        }
        Ok(())
    }

    /// The text ends: its last row needs no end.
    ///
    /// # Errors
    ///
    /// As [`advance`](Self::advance), and [`Reason::OpenQuote`].
    pub fn finish(&mut self, take: &mut impl FnMut(Record<'_>) -> Result<bool, Error>) -> Result<(), Error> {
        match self.state {
            State::Row | State::Comment => return Ok(()),
            State::Field => self.push(self.at, self.at, Kind::Plain)?,
            State::Plain => self.push(self.field_start, self.at, Kind::Plain)?,
            State::Quote => self.push_quoted(self.at - 1)?,
            State::Quoted => return Err(self.wrong(self.field_start - 1, Reason::OpenQuote)),
        }
        self.end_row(take)
    }

    /// Where the row begins that has not ended. What is before it is not looked at any more.
    #[must_use]
    pub fn complete(&self) -> usize {
        self.row_start
    }

    /// Whether the text so far ends with a row or a comment.
    pub(super) fn is_between_rows(&self) -> bool {
        self.state == State::Row
    }

    /// The rows so far.
    pub(super) fn rows(&self) -> usize {
        self.row
    }

    /// The first `count` bytes are dropped, none of them behind [`complete`](Self::complete).
    pub fn drop_front(&mut self, count: usize) {
        self.at -= count;
        self.row_start -= count;
        self.field_start = self.field_start.saturating_sub(count);
        self.fields.iter_mut().for_each(|field| field.start -= count);
        self.dropped += count;
    }

    fn begin_row(&mut self, byte: u8) {
        // An empty line, or the second byte of a row end.
        if byte == b'\n' || byte == b'\r' {
            self.at += 1;
            self.row_start = self.at;
            return;
        }
        self.row_start = self.at;
        self.state = if Some(byte) == self.dialect.comment { State::Comment } else { State::Field };
    }

    /// Fields without quotes, to the end of the row, to a quote or to the end of the data.
    fn plain(
        &mut self,
        data: &[u8],
        take: &mut impl FnMut(Record<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let Dialect { delimiter, quote, .. } = self.dialect;
        let mut start = self.field_start;
        let mut base = self.at;
        while base < data.len() {
            let mut found = self.special(word(data, base));
            while found != 0 {
                let at = base + (found.trailing_zeros() / 8) as usize;
                found &= found - 1;
                let byte = data[at];
                if byte == delimiter {
                    self.push(start, at, Kind::Plain)?;
                    start = at + 1;
                    // A quote begins a field, or nobody knows yet.
                    if quote.is_some() && data.get(start).is_none_or(|next| Some(*next) == quote) {
                        self.at = start;
                        self.field_start = start;
                        self.state = State::Field;
                        return Ok(());
                    }
                } else if byte == b'\n' || byte == b'\r' {
                    self.push(start, at, Kind::Plain)?;
                    self.at = at + 1;
                    return self.end_row(take);
                } else {
                    return Err(self.wrong(at, Reason::StrayQuote));
                }
            }
            base += 8;
        }
        self.at = data.len();
        self.field_start = start;
        Ok(())
    }

    /// The high bits of the bytes that are special.
    #[inline(always)]
    fn special(&self, word: u64) -> u64 {
        let mut others = HIGH;
        for pattern in self.patterns {
            let differs = word ^ pattern;
            others &= ((differs & LOW) + LOW) | differs;
        }
        !others & HIGH
    }

    fn behind_quote(
        &mut self,
        byte: u8,
        take: &mut impl FnMut(Record<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        if Some(byte) == self.dialect.quote {
            self.at += 1;
            self.escaped = true;
            self.state = State::Quoted;
            return Ok(());
        }
        self.push_quoted(self.at - 1)?;
        if byte == self.dialect.delimiter {
            self.at += 1;
            self.field_start = self.at;
            self.state = State::Field;
            return Ok(());
        }
        if byte == b'\n' || byte == b'\r' {
            self.at += 1;
            return self.end_row(take);
        }
        self.fields.pop();
        Err(self.wrong(self.at, Reason::AfterQuote))
    }

    fn push_quoted(&mut self, end: usize) -> Result<(), Error> {
        self.push(self.field_start, end, if self.escaped { Kind::Escaped } else { Kind::Quoted })
    }

    #[inline]
    fn push(&mut self, start: usize, end: usize, kind: Kind) -> Result<(), Error> {
        let len = end - start;
        if len > self.limits.field_bytes {
            return Err(self.too_long());
        }
        if self.fields.len() >= self.limits.columns {
            return Err(Error::TooLarge { what: "columns", limit: self.limits.columns });
        }
        // A limit is below 2^32.
        self.fields.push(Field { start, len: len as u32, kind });
        Ok(())
    }

    fn end_row(&mut self, take: &mut impl FnMut(Record<'_>) -> Result<bool, Error>) -> Result<(), Error> {
        self.row += 1;
        let offset = self.row_start + self.dropped;
        self.state = State::Row;
        self.row_start = self.at;
        self.paused = !take(Record { fields: &self.fields, row: self.row, offset })?;
        self.fields.clear();
        Ok(())
    }

    fn wrong(&self, at: usize, reason: Reason) -> Error {
        let place = Place { row: self.row + 1, column: self.fields.len() + 1, offset: at + self.dropped };
        Error::Syntax { place, reason }
    }

    fn too_long(&self) -> Error {
        Error::TooLarge { what: "bytes in a field", limit: self.limits.field_bytes }
    }
}

/// Eight bytes, the first the lowest; zeros behind the end, which are never special.
#[inline(always)]
fn word(data: &[u8], at: usize) -> u64 {
    let rest = &data[at..];
    if let Some(bytes) = rest.first_chunk::<8>() {
        return u64::from_le_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    bytes[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(bytes)
}
