//! Columns that grow by the fields of a batch of rows.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::date::{DateFormat, date};
use super::number::{boolean, double, int, long};
use super::reader::{Field, Kind, unescape};
use crate::filter;

/// What the fields of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Doubles.
    F64,
    /// Integers of 32 bits.
    I32,
    /// Integers of 64 bits.
    I64,
    /// Truth values, as 0 and 1.
    Bool,
    /// Text.
    Text,
    /// Text with few different values, each kept once.
    Dict,
    /// Milliseconds since 1970.
    Date(DateFormat),
}

impl Type {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::F64 => "a number",
            Self::I32 => "an integer of 32 bits",
            Self::I64 => "an integer of 64 bits",
            Self::Bool => "true, false, 1 or 0",
            Self::Text | Self::Dict => "text",
            Self::Date(_) => "a date",
        }
    }

    /// Bytes of a value, but for those of its text.
    pub(super) fn width(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::Date(_) => 8,
            Self::I32 | Self::Text | Self::Dict => 4,
            Self::Bool => 1,
        }
    }

    /// What a filter compares.
    pub(super) fn value<'d>(self, field: Field, data: &'d [u8], quote: u8) -> filter::Value<'d> {
        if field.kind == Kind::Missing {
            return filter::Value::Missing;
        }
        let trimmed = field.raw(data).trim_ascii();
        let number = match self {
            Self::Text | Self::Dict => None,
            _ if trimmed.is_empty() => return filter::Value::Null,
            Self::Bool => {
                if let Some(value) = boolean(trimmed) {
                    return filter::Value::Bool(value == 1);
                }
                None
            }
            Self::F64 => double(trimmed),
            Self::I32 => int(trimmed).map(f64::from),
            Self::I64 => long(trimmed).map(|value| value as f64),
            Self::Date(format) => date(trimmed, format),
        };
        number.map_or_else(|| filter::Value::Text(field.text(data, quote)), filter::Value::Number)
    }
}

/// Texts, one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// All of them.
    pub bytes: Vec<u8>,
    /// Where each ends.
    pub ends: Vec<u32>,
}

impl Texts {
    fn end(&mut self) {
        // There are fewer than 2^32 bytes: `Limits::bytes`.
        self.ends.push(self.bytes.len() as u32);
    }

    /// Each text.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| *end as usize));
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end as usize])
    }
}

/// Texts of which each is kept once.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    /// For each row the number of its text.
    pub codes: Vec<u32>,
    /// The texts, by number.
    pub texts: Texts,
    numbers: HashMap<Box<[u8]>, u32, RandomState>,
}

impl Dictionary {
    /// The number of a text, which is new or not.
    pub fn number(&mut self, text: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.ends.len() as u32;
        self.numbers.insert(text.into(), number);
        self.texts.bytes.extend_from_slice(text);
        self.texts.end();
        number
    }
}

/// The values of a column.
#[derive(Debug, Clone)]
pub enum Values {
    /// [`Type::F64`], [`Type::Date`]; NaN where there is none.
    F64(Vec<f64>),
    /// [`Type::I32`]; 0 where there is none.
    I32(Vec<i32>),
    /// [`Type::I64`]; 0 where there is none.
    I64(Vec<i64>),
    /// [`Type::Bool`]; 0 where there is none.
    Bool(Vec<u8>),
    /// [`Type::Text`]; empty where there is none.
    Text(Texts),
    /// [`Type::Dict`]; that of the empty text where there is none.
    Dict(Dictionary),
}

/// A column of neighbouring rows.
#[derive(Debug, Clone)]
pub struct Column {
    kind: Type,
    /// Its values.
    pub values: Values,
    /// Which rows have none, ascending.
    pub nulls: Vec<u32>,
    /// How many of those have a field that is none of the column's type.
    pub invalid: usize,
}

impl Column {
    pub(super) fn new(kind: Type) -> Self {
        let values = match kind {
            Type::F64 | Type::Date(_) => Values::F64(Vec::new()),
            Type::I32 => Values::I32(Vec::new()),
            Type::I64 => Values::I64(Vec::new()),
            Type::Bool => Values::Bool(Vec::new()),
            Type::Text => Values::Text(Texts::default()),
            Type::Dict => Values::Dict(Dictionary::default()),
        };
        Self { kind, values, nulls: Vec::new(), invalid: 0 }
    }

    /// Adds fields. The position of the first that is none of the type, if there is one.
    pub(super) fn extend<'f>(
        &mut self,
        fields: impl Iterator<Item = &'f Field>,
        data: &[u8],
        quote: u8,
    ) -> Option<usize> {
        let Self { kind, values, nulls, invalid } = self;
        let mut holes = Holes { nulls, invalid, first: None };
        match (values, *kind) {
            (Values::F64(values), Type::Date(format)) => {
                fixed(values, fields, data, &mut holes, f64::NAN, |text| date(text, format))
            }
            (Values::F64(values), _) => fixed(values, fields, data, &mut holes, f64::NAN, double),
            (Values::I32(values), _) => fixed(values, fields, data, &mut holes, 0, int),
            (Values::I64(values), _) => fixed(values, fields, data, &mut holes, 0, long),
            (Values::Bool(values), _) => fixed(values, fields, data, &mut holes, 0, boolean),
            (Values::Text(texts), _) => {
                for field in fields {
                    match field.kind {
                        Kind::Missing => holes.nulls.push(texts.ends.len() as u32),
                        Kind::Escaped => unescape(field.raw(data), quote, &mut texts.bytes),
                        Kind::Plain | Kind::Quoted => texts.bytes.extend_from_slice(field.raw(data)),
                    }
                    texts.end();
                }
            }
            (Values::Dict(dictionary), _) => {
                for field in fields {
                    if field.kind == Kind::Missing {
                        holes.nulls.push(dictionary.codes.len() as u32);
                    }
                    let number = dictionary.number(&field.text(data, quote));
                    dictionary.codes.push(number);
                }
            }
        }
        holes.first
    }
}

/// Where there are no values.
struct Holes<'c> {
    nulls: &'c mut Vec<u32>,
    invalid: &'c mut usize,
    first: Option<usize>,
}

fn fixed<'f, T: Copy>(
    values: &mut Vec<T>,
    fields: impl Iterator<Item = &'f Field>,
    data: &[u8],
    holes: &mut Holes<'_>,
    none: T,
    parse: impl Fn(&[u8]) -> Option<T>,
) {
    for (position, field) in fields.enumerate() {
        let raw = field.raw(data);
        // The common case first: no space around it.
        let value = parse(raw).or_else(|| {
            let trimmed = raw.trim_ascii();
            let value = if trimmed.len() < raw.len() { parse(trimmed) } else { None };
            if value.is_none() {
                holes.nulls.push(values.len() as u32);
                if !trimmed.is_empty() {
                    *holes.invalid += 1;
                    holes.first.get_or_insert(position);
                }
            }
            value
        });
        values.push(value.unwrap_or(none));
    }
}
