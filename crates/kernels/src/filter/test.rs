use std::borrow::Cow;
use std::cmp::Ordering;

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'v> {
    /// The record has no such field.
    Missing,
    /// It has it, empty.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text: UTF-8, or WTF-8 for what UTF-8 cannot hold.
    Text(Cow<'v, [u8]>),
    /// What no operand is equal to: an array, an object.
    Other,
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Equal to [`Value::Null`].
    Null,
    /// A truth value.
    Bool(bool),
    /// A number; -0 is equal to 0, NaN to nothing.
    Number(f64),
    /// Text.
    Text(String),
}

/// A condition on one field. Values of different kinds are never equal and never in any order.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It is equal.
    Equal(Operand),
    /// It is not equal; missing fields are not.
    NotEqual(Operand),
    /// Numbers by their size; text by code points, which is the order of its bytes.
    Greater(Operand),
    /// Greater or equal.
    GreaterOrEqual(Operand),
    /// The other way.
    Less(Operand),
    /// Less or equal.
    LessOrEqual(Operand),
    /// It is equal to one of these.
    In(Vec<Operand>),
    /// The field is there (null is there), or is not.
    Exists(bool),
    /// It is a text that begins so.
    Prefix(String),
    /// It is a text that ends so.
    Suffix(String),
    /// It is a text with this in it.
    Contains(String),
}

impl Test {
    /// Whether a value meets it.
    #[must_use]
    pub fn matches(&self, value: &Value<'_>) -> bool {
        let order = |operand| compare(value, operand);
        match self {
            Self::Equal(operand) => is_equal(value, operand),
            Self::NotEqual(operand) => !is_equal(value, operand),
            Self::Greater(operand) => order(operand).is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual(operand) => order(operand).is_some_and(Ordering::is_ge),
            Self::Less(operand) => order(operand).is_some_and(Ordering::is_lt),
            Self::LessOrEqual(operand) => order(operand).is_some_and(Ordering::is_le),
            Self::In(operands) => operands.iter().any(|operand| is_equal(value, operand)),
            Self::Exists(wanted) => (*value != Value::Missing) == *wanted,
            Self::Prefix(part) => text(value).is_some_and(|text| text.starts_with(part.as_bytes())),
            Self::Suffix(part) => text(value).is_some_and(|text| text.ends_with(part.as_bytes())),
            Self::Contains(part) => {
                text(value).is_some_and(|text| memchr::memmem::find(text, part.as_bytes()).is_some())
            }
        }
    }
}

fn text<'v>(value: &'v Value<'_>) -> Option<&'v [u8]> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn is_equal(value: &Value<'_>, operand: &Operand) -> bool {
    match (value, operand) {
        (Value::Null, Operand::Null) => true,
        (Value::Bool(value), Operand::Bool(operand)) => value == operand,
        (Value::Number(value), Operand::Number(operand)) => value == operand,
        (Value::Text(value), Operand::Text(operand)) => **value == *operand.as_bytes(),
        _ => false,
    }
}

fn compare(value: &Value<'_>, operand: &Operand) -> Option<Ordering> {
    match (value, operand) {
        (Value::Number(value), Operand::Number(operand)) => value.partial_cmp(operand),
        (Value::Text(value), Operand::Text(operand)) => Some((**value).cmp(operand.as_bytes())),
        _ => None,
    }
}
