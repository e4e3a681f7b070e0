//! What a backslash begins.

use super::ast::{Assertion, Node};
use super::parser::Parser;
use super::sets;
use crate::error::Error;
use crate::unicode::{CodePointSet, close_over_case, property, property_of_strings};

/// A set of characters and, with flag `v`, of strings.
#[derive(Debug, Clone, Default)]
pub(super) struct Strings {
    pub(super) singles: CodePointSet,
    /// Of length 0 or at least 2.
    pub(super) strings: Vec<Vec<u32>>,
}

impl Parser<'_> {
    /// An escape outside classes.
    pub(super) fn escape(&mut self) -> Result<Node, Error> {
        let position = self.pos;
        self.pos += 1;
        let Some(c) = self.peek_at(0) else { return Err(Error::syntax("\\ at end of pattern", position)) };
        match c {
            'b' | 'B' => {
                self.pos += 1;
                let extended = self.unicode && self.modes.ignore_case;
                Ok(Node::Assert(Assertion::Word { negative: c == 'B', extended }))
            }
            '1'..='9' => self.decimal_escape(position),
            'k' if self.named => {
                self.pos += 1;
                let message = "Invalid named reference";
                if !self.eat('<') {
                    return Err(Error::syntax(message, position));
                }
                let name = self.group_name(message)?;
                Ok(self.refer_to(name, position))
            }
            _ => {
                if let Some(found) = self.class_escape()? {
                    return Ok(self.strings_node(found));
                }
                let c = self.character_escape(position, false)?;
                Ok(self.char_node(c))
            }
        }
    }

    /// `\1`: a reference, or what Annex B makes of it if there is no such group.
    fn decimal_escape(&mut self, position: usize) -> Result<Node, Error> {
        let digits = self.source[self.pos..].iter().take_while(|u| (0x30..0x3A).contains(*u));
        let (number, count) = digits.fold((0_u32, 0), |(number, count), &digit| {
            (number.saturating_mul(10).saturating_add(u32::from(digit) - 0x30), count + 1)
        });
        if number <= self.total_groups {
            self.pos += count;
            return Ok(Node::BackRef { groups: [number].into(), ignore_case: self.modes.ignore_case });
        }
        if self.unicode {
            return Err(Error::syntax("Invalid escape", position));
        }
        let c = self.legacy_octal();
        Ok(self.char_node(c))
    }

    /// Up to three octal digits of at most 0o377, else the digit itself.
    fn legacy_octal(&mut self) -> u32 {
        let mut value = 0;
        let mut count = 0;
        while let Some(digit) = self.peek_at(0).and_then(|c| c.to_digit(8)) {
            if count == 3 || value * 8 + digit > 0o377 {
                break;
            }
            value = value * 8 + digit;
            count += 1;
            self.pos += 1;
        }
        if count > 0 { value } else { self.next_char().unwrap_or(0) }
    }

    /// `\d`, `\p{..}` and their like, behind the backslash.
    pub(super) fn class_escape(&mut self) -> Result<Option<Strings>, Error> {
        let Some(c) = self.peek_at(0) else { return Ok(None) };
        let folded = self.unicode && self.modes.ignore_case;
        let singles = match c.to_ascii_lowercase() {
            'd' => sets::digits(),
            's' => sets::space(),
            'w' => sets::word(folded),
            'p' if self.unicode => return self.property_escape(c == 'P').map(Some),
            _ => return Ok(None),
        };
        self.pos += 1;
        let singles = if c.is_ascii_uppercase() { singles.negate() } else { singles };
        Ok(Some(Strings { singles, strings: Vec::new() }))
    }

    fn property_escape(&mut self, negative: bool) -> Result<Strings, Error> {
        let position = self.pos - 1;
        let invalid = Error::syntax("Invalid property name", position);
        self.pos += 1;
        if !self.eat('{') {
            return Err(invalid);
        }
        let rest = &self.source[self.pos..];
        let Some(length) = rest.iter().position(|&u| u == u16::from(b'}')) else { return Err(invalid) };
        // No name is longer than 100 letters.
        let Some(text) = (length <= 100).then(|| String::from_utf16(&rest[..length]).ok()).flatten() else {
            return Err(invalid);
        };
        self.pos += length + 1;
        let (name, value) = text.split_once('=').map_or((&*text, None), |(name, value)| (name, Some(value)));
        if let Some(mut singles) = property(name, value) {
            self.spend(singles.ranges().len())?;
            // With v, complements are taken among the folded characters.
            if negative && self.unicode_sets && self.modes.ignore_case {
                singles = close_over_case(&singles, true);
            }
            let singles = if negative { singles.negate() } else { singles };
            return Ok(Strings { singles, strings: Vec::new() });
        }
        match property_of_strings(name) {
            Some((singles, strings)) if self.unicode_sets && value.is_none() && !negative => {
                self.spend(singles.ranges().len() + strings.iter().map(Vec::len).sum::<usize>())?;
                Ok(Strings { singles, strings })
            }
            _ => Err(invalid),
        }
    }

    /// The character an escape stands for, behind the backslash.
    pub(super) fn character_escape(&mut self, position: usize, in_class: bool) -> Result<u32, Error> {
        let invalid = |message| Err(Error::syntax(message, position));
        let Some(c) = self.peek_at(0) else { return invalid("\\ at end of pattern") };
        match c {
            'f' | 'n' | 'r' | 't' | 'v' => {
                self.pos += 1;
                Ok(match c {
                    'f' => 0x0C,
                    'n' => 0x0A,
                    'r' => 0x0D,
                    't' => 0x09,
                    _ => 0x0B,
                })
            }
            'c' => self.control_escape(position, in_class),
            '0' if self.unicode => {
                if self.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
                    return invalid(if in_class { "Invalid class escape" } else { "Invalid decimal escape" });
                }
                self.pos += 1;
                Ok(0)
            }
            '0'..='9' if !self.unicode => Ok(self.legacy_octal()),
            'x' => {
                self.pos += 1;
                match self.hex_digits(2) {
                    Some(value) => Ok(value),
                    None if self.unicode => invalid("Invalid escape"),
                    None => Ok(u32::from(c)),
                }
            }
            'u' => {
                self.pos += 1;
                match self.unicode_escape(self.unicode) {
                    Some(value) => Ok(value),
                    None if self.unicode => invalid("Invalid Unicode escape"),
                    None => Ok(u32::from(c)),
                }
            }
            'k' if self.named && !self.unicode => invalid("Invalid escape"),
            _ if !self.unicode => Ok(self.next_char().unwrap_or(0)),
            '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' => {
                self.pos += 1;
                Ok(u32::from(c))
            }
            '-' if in_class => {
                self.pos += 1;
                Ok(u32::from(c))
            }
            _ => invalid("Invalid escape"),
        }
    }

    fn control_escape(&mut self, position: usize, in_class: bool) -> Result<u32, Error> {
        let letter = self.peek_at(1).filter(|c| {
            c.is_ascii_alphabetic() || (in_class && !self.unicode && (c.is_ascii_digit() || *c == '_'))
        });
        if let Some(letter) = letter {
            self.pos += 2;
            return Ok(u32::from(letter) % 32);
        }
        if self.unicode {
            return Err(Error::syntax("Invalid unicode escape", position));
        }
        // Annex B: the backslash is a character, and the `c` is the next one.
        Ok(u32::from('\\'))
    }

    /// Behind `\u`: four digits, in `braced` mode also `{..}` and pairs of surrogates. Consumes nothing if there is none.
    pub(super) fn unicode_escape(&mut self, braced: bool) -> Option<u32> {
        let start = self.pos;
        if braced && self.eat('{') {
            let value = self.braced_digits();
            if value.is_none() {
                self.pos = start;
            }
            return value;
        }
        let high = self.hex_digits(4)?;
        if braced
            && (0xD800..0xDC00).contains(&high)
            && self.peek_at(0) == Some('\\')
            && self.peek_at(1) == Some('u')
        {
            let after = self.pos;
            self.pos += 2;
            match self.hex_digits(4) {
                Some(low @ 0xDC00..0xE000) => return Some(super::parser::join(high, low)),
                _ => self.pos = after,
            }
        }
        Some(high)
    }

    fn braced_digits(&mut self) -> Option<u32> {
        let mut value = 0_u32;
        let start = self.pos;
        while let Some(digit) = self.peek_at(0).and_then(|c| c.to_digit(16)) {
            value = value * 16 + digit;
            if value > 0x10FFFF {
                return None;
            }
            self.pos += 1;
        }
        (self.pos > start && self.eat('}')).then_some(value)
    }

    fn hex_digits(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for offset in 0..count {
            value = value * 16 + self.peek_at(offset).and_then(|c| c.to_digit(16))?;
        }
        self.pos += count;
        Some(value)
    }
}
