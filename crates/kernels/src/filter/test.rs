use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::{Checkpoint, Interrupted};

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
    /// It is a text that this says yes to.
    Matches(Arc<dyn TextTest>),
}

/// A test of texts that whoever builds the filter brings along, such as a regular expression. Several threads ask at once.
///
/// # Example
///
/// ```
/// use sidelane_kernels::filter::{TextTest, Unanswered};
/// use sidelane_kernels::Checkpoint;
///
/// #[derive(Debug)]
/// struct Ascii;
///
/// impl TextTest for Ascii {
///     fn matches(&self, text: &[u8], checkpoint: &dyn Checkpoint) -> Result<bool, Unanswered> {
///         for part in text.chunks(64 << 10) {
///             checkpoint.poll()?;
///             if !part.is_ascii() {
///                 return Ok(false);
///             }
///         }
///         Ok(true)
///     }
/// }
/// ```
pub trait TextTest: fmt::Debug + Send + Sync {
    /// Whether a text, as in [`Value::Text`], is one of those. A long search polls.
    ///
    /// # Errors
    ///
    /// [`Unanswered`], which ends the work on all records.
    fn matches(&self, text: &[u8], checkpoint: &dyn Checkpoint) -> Result<bool, Unanswered>;
}

/// The same one.
impl PartialEq for dyn TextTest {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(self, other)
    }
}

/// Why a test came to no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The checkpoint said stop.
    Interrupted,
    /// The test gave up; why.
    GaveUp(&'static str),
}

impl From<Interrupted> for Unanswered {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl Test {
    /// Whether a value meets it.
    ///
    /// # Errors
    ///
    /// Those of a [`TextTest`].
    pub fn matches(&self, value: &Value<'_>, checkpoint: &dyn Checkpoint) -> Result<bool, Unanswered> {
        let order = |operand| compare(value, operand);
        Ok(match self {
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
            Self::Matches(test) => match text(value) {
                Some(text) => test.matches(text, checkpoint)?,
                None => false,
            },
        })
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
