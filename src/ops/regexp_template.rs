//! Replacement by a text with `$` references: GetSubstitution of ECMA-262, for all matches of a subject.

use sidelane_regexp::{NONE, Regex, Subject};

use crate::outcome::{Failure, Value};

/// Code units of V8's longest string on 64-bit systems.
const MOST_UNITS: usize = (1 << 29) - 24;

/// A replacement text, read once.
pub(super) struct Template {
    parts: Vec<Part>,
    /// Whether no literal has a unit above U+00FF.
    is_narrow: bool,
}

enum Part {
    Literal(Vec<u16>),
    Match,
    Before,
    After,
    /// The group that took part, of those with a name; or the only one.
    Group(Vec<usize>),
}

impl Template {
    pub(super) fn parse(units: &[u16], regex: &Regex) -> Self {
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut at = 0;
        while at < units.len() {
            match (units[at] == DOLLAR).then(|| reference(&units[at + 1..], regex)).flatten() {
                Some((part, length)) => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(part);
                    at += 1 + length;
                }
                None => {
                    literal.push(units[at]);
                    at += 1;
                }
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Self { parts, is_narrow: units.iter().all(|unit| *unit <= 0xFF) }
    }

    /// The subject with its matches replaced, which `find` calls its argument with; undefined if there is none.
    pub(super) fn replace(
        &self,
        subject: Subject<'_>,
        find: impl FnOnce(&mut dyn FnMut(&[usize]) -> Result<(), Failure>) -> Result<(), Failure>,
    ) -> Result<Value, Failure> {
        Ok(match subject {
            Subject::Latin1(units) if self.is_narrow => {
                self.build(units, |unit| unit as u8, find)?.map_or(Value::Undefined, Value::latin1)
            }
            Subject::Latin1(units) => {
                self.build(units, |unit| unit, find)?.map_or(Value::Undefined, Value::utf16)
            }
            Subject::Utf16(units) => {
                self.build(units, |unit| unit, find)?.map_or(Value::Undefined, Value::utf16)
            }
        })
    }

    fn build<S: Copy + Into<O>, O: Copy>(
        &self,
        subject: &[S],
        narrow: impl Fn(u16) -> O,
        find: impl FnOnce(&mut dyn FnMut(&[usize]) -> Result<(), Failure>) -> Result<(), Failure>,
    ) -> Result<Option<Vec<O>>, Failure> {
        let literals: Vec<Vec<O>> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(units) => units.iter().map(|unit| narrow(*unit)).collect(),
                _ => Vec::new(),
            })
            .collect();
        let mut out: Vec<O> = Vec::new();
        let mut from = None;
        find(&mut |slots| {
            let (begin, end) = (slots[0], slots[1]);
            push(&mut out, &subject[from.unwrap_or(0)..begin])?;
            for (part, literal) in self.parts.iter().zip(&literals) {
                match part {
                    Part::Literal(_) => push(&mut out, literal)?,
                    Part::Match => push(&mut out, &subject[begin..end])?,
                    Part::Before => push(&mut out, &subject[..begin])?,
                    Part::After => push(&mut out, &subject[end..])?,
                    Part::Group(groups) => {
                        let group = groups.iter().find(|group| slots[**group * 2] != NONE);
                        if let Some(group) = group {
                            push(&mut out, &subject[slots[group * 2]..slots[group * 2 + 1]])?;
                        }
                    }
                }
            }
            from = Some(end);
            Ok(())
        })?;
        let Some(from) = from else { return Ok(None) };
        push(&mut out, &subject[from..])?;
        Ok(Some(out))
    }
}

fn push<S: Copy + Into<O>, O>(out: &mut Vec<O>, units: &[S]) -> Result<(), Failure> {
    let length = out.len() + units.len();
    if length > MOST_UNITS {
        return Err(Failure::new(
            "ERR_TOO_LARGE",
            format!("The result has more code units than a string can hold, {MOST_UNITS}"),
        )
        .with_number("limit", MOST_UNITS as f64)
        .with_number("received", length as f64));
    }
    out.extend(units.iter().map(|unit| (*unit).into()));
    Ok(())
}

const DOLLAR: u16 = b'$' as u16;

/// What follows a `$`, and its length; `None`: the `$` stands for itself.
fn reference(rest: &[u16], regex: &Regex) -> Option<(Part, usize)> {
    let next = u8::try_from(*rest.first()?).ok()?;
    match next {
        b'$' => Some((Part::Literal(vec![DOLLAR]), 1)),
        b'&' => Some((Part::Match, 1)),
        b'`' => Some((Part::Before, 1)),
        b'\'' => Some((Part::After, 1)),
        b'<' if !regex.group_names().is_empty() => {
            let close = rest.iter().position(|unit| *unit == u16::from(b'>'))?;
            let name = regex.group_names().iter().find(|(name, _)| name[..] == rest[1..close]);
            let groups = name
                .map_or_else(Vec::new, |(_, groups)| groups.iter().map(|group| *group as usize).collect());
            Some((Part::Group(groups), close + 1))
        }
        b'0'..=b'9' => [2, 1].into_iter().find_map(|digits| {
            let group = number(rest.get(..digits)?)?;
            (1..regex.captures_len()).contains(&group).then(|| (Part::Group(vec![group]), digits))
        }),
        _ => None,
    }
}

fn number(digits: &[u16]) -> Option<usize> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = digit.checked_sub(u16::from(b'0')).filter(|digit| *digit <= 9)?;
        Some(number * 10 + usize::from(digit))
    })
}
