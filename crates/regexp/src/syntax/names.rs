//! Names of groups: ECMA-262 GroupName.

use super::parser::{Parser, join};
use crate::error::Error;
use crate::unicode::property;

impl Parser<'_> {
    /// A name and its `>`, behind the `<`. Escapes are resolved.
    pub(super) fn group_name(&mut self, message: &'static str) -> Result<Vec<u16>, Error> {
        let position = self.pos;
        let mut name = Vec::new();
        loop {
            let Some(c) = self.name_char() else { return Err(Error::syntax(message, position)) };
            if c == u32::from('>') {
                break;
            }
            let property_name = if name.is_empty() { "ID_Start" } else { "ID_Continue" };
            if !is_name_char(c, name.is_empty(), property_name) {
                return Err(Error::syntax(message, position));
            }
            match char::from_u32(c) {
                Some(c) => name.extend_from_slice(c.encode_utf16(&mut [0; 2])),
                None => return Err(Error::syntax(message, position)),
            }
        }
        if name.is_empty() { Err(Error::syntax(message, position)) } else { Ok(name) }
    }

    /// Surrogate pairs are one character here, with and without flag `u`.
    fn name_char(&mut self) -> Option<u32> {
        let unit = u32::from(self.peek()?);
        self.pos += 1;
        if (0xD800..0xDC00).contains(&unit)
            && let Some(low @ 0xDC00..0xE000) = self.peek()
        {
            self.pos += 1;
            return Some(join(unit, u32::from(low)));
        }
        if unit != u32::from('\\') {
            return Some(unit);
        }
        // An escaped `>` is not the end: it is no name character either.
        if !self.eat('u') {
            return None;
        }
        self.unicode_escape(true).filter(|&c| c != u32::from('>'))
    }
}

fn is_name_char(c: u32, first: bool, property_name: &str) -> bool {
    match char::from_u32(c) {
        Some('$' | '_') => true,
        Some(c) if c.is_ascii() => c.is_ascii_alphabetic() || (!first && c.is_ascii_digit()),
        Some('\u{200C}' | '\u{200D}') => !first,
        _ => property(property_name, None).is_some_and(|set| set.contains(c)),
    }
}
