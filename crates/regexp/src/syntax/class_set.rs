//! Classes with flag `v`: nested, with intersection, subtraction and strings.

use std::collections::BTreeSet;

use super::escape::Strings;
use super::parser::Parser;
use crate::error::{Error, ErrorKind};
use crate::unicode::{CodePointSet, canonicalize, close_over_case};

const INVALID: &str = "Invalid set operation in character class";

/// An operand; with flag `i` closed over case, its strings canonicalized, so that the operations may compare.
#[derive(Debug, Default)]
struct Operand {
    ranges: Vec<(u32, u32)>,
    strings: BTreeSet<Vec<u32>>,
    /// ECMA-262 MayContainStrings, which does not depend on what is left after the operations.
    may_contain_strings: bool,
    /// A single character may begin a range.
    single: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// One operand, from which any operation may go on.
    First,
    Union,
    Intersection,
    Subtraction,
}

/// An open bracket.
#[derive(Debug)]
struct Level {
    position: usize,
    negative: bool,
    operation: Operation,
    /// No operand yet, or one must follow `&&` or `--`.
    operands: usize,
    expects: bool,
    value: Operand,
}

impl Parser<'_> {
    /// A class and its closing bracket. Strings have length 0 or at least 2.
    pub(super) fn class_set(&mut self) -> Result<Strings, Error> {
        let mut levels = vec![self.open_class()];
        loop {
            let last = levels.len() - 1;
            let level = &mut levels[last];
            let Some(c) = self.peek_at(0) else {
                return Err(Error::syntax("Unterminated character class", level.position));
            };
            match (c, self.peek_at(1)) {
                (']', _) => {
                    let value = self.close_class(levels.pop())?;
                    match levels.last_mut() {
                        Some(outer) => self.operand(outer, value)?,
                        None => return Ok(value.into_strings()),
                    }
                }
                ('[', _) => {
                    if levels.len() + self.frames.len() > self.limits.nesting_depth {
                        return Err(Error::new(
                            ErrorKind::NestingTooDeep { limit: self.limits.nesting_depth },
                            self.pos,
                        ));
                    }
                    levels.push(self.open_class());
                }
                ('&', Some('&')) => self.operator(level, Operation::Intersection)?,
                ('-', Some('-')) => self.operator(level, Operation::Subtraction)?,
                _ => {
                    let value = self.class_set_operand()?;
                    self.operand(level, value)?;
                }
            }
        }
    }

    fn open_class(&mut self) -> Level {
        let position = self.pos;
        self.pos += 1;
        let negative = self.eat('^');
        Level {
            position,
            negative,
            operation: Operation::First,
            operands: 0,
            expects: false,
            value: Operand::default(),
        }
    }

    fn operator(&mut self, level: &mut Level, operation: Operation) -> Result<(), Error> {
        let goes_on =
            level.operation == operation || (level.operation == Operation::First && level.operands == 1);
        if level.expects || !goes_on {
            return Err(Error::syntax(INVALID, self.pos));
        }
        self.pos += 2;
        if operation == Operation::Intersection && self.peek_at(0) == Some('&') {
            return Err(Error::syntax("Invalid character in character class", self.pos));
        }
        level.operation = operation;
        level.expects = true;
        Ok(())
    }

    fn operand(&mut self, level: &mut Level, value: Operand) -> Result<(), Error> {
        let mut value = value;
        if level.operation == Operation::First && level.operands == 1 {
            level.operation = Operation::Union;
        }
        let set_operation = matches!(level.operation, Operation::Intersection | Operation::Subtraction);
        if set_operation && !level.expects {
            return Err(Error::syntax(INVALID, self.pos));
        }
        if let (Some(from), false, Some('-')) = (value.single, set_operation, self.peek_at(0))
            && self.peek_at(1) != Some('-')
        {
            self.pos += 1;
            value = self.range_to(from)?;
            level.operation = Operation::Union;
        }
        if self.modes.ignore_case {
            self.spend_on_case(&value.ranges)?;
            value.fold();
        }
        level.expects = false;
        level.operands += 1;
        let left = &mut level.value;
        if set_operation {
            // They look at all that there is, however little is added or taken.
            self.spend(left.ranges.len() + value.ranges.len() + left.strings.len())?;
        }
        match level.operation {
            Operation::First | Operation::Union => {
                left.ranges.append(&mut value.ranges);
                // One by one: append() rebuilds the set.
                left.strings.extend(value.strings);
                left.may_contain_strings |= value.may_contain_strings;
            }
            Operation::Intersection => {
                left.ranges = left.set().intersect(&value.set()).ranges().to_vec();
                left.strings.retain(|string| value.strings.contains(string));
                left.may_contain_strings &= value.may_contain_strings;
            }
            Operation::Subtraction => {
                left.ranges = left.set().difference(&value.set()).ranges().to_vec();
                left.strings.retain(|string| !value.strings.contains(string));
            }
        }
        Ok(())
    }

    fn range_to(&mut self, from: u32) -> Result<Operand, Error> {
        let position = self.pos;
        let to = if self.peek_at(0) == Some('[') { Operand::default() } else { self.class_set_operand()? };
        match to.single {
            None => Err(Error::syntax("Invalid character class", position)),
            Some(to) if from > to => Err(Error::syntax("Range out of order in character class", position)),
            Some(to) => Ok(Operand { ranges: vec![(from, to)], ..Operand::default() }),
        }
    }

    fn close_class(&mut self, level: Option<Level>) -> Result<Operand, Error> {
        let position = self.pos;
        self.pos += 1;
        let Some(level) = level else { return Ok(Operand::default()) };
        if level.expects {
            return Err(Error::syntax(INVALID, position));
        }
        let mut value = level.value;
        value.single = None;
        if level.negative {
            if value.may_contain_strings {
                return Err(Error::syntax("Negated character class may contain strings", level.position));
            }
            self.spend(value.ranges.len())?;
            value.ranges = value.set().negate().ranges().to_vec();
        }
        Ok(value)
    }

    /// A class escape, `\q{..}`, or a single character.
    fn class_set_operand(&mut self) -> Result<Operand, Error> {
        if self.peek_at(0) == Some('\\') {
            if self.peek_at(1) == Some('q') {
                return self.string_disjunction();
            }
            self.pos += 1;
            let found = self.class_escape()?;
            if let Some(found) = found {
                return Ok(Operand {
                    ranges: found.singles.ranges().to_vec(),
                    may_contain_strings: !found.strings.is_empty(),
                    strings: found.strings.into_iter().collect(),
                    single: None,
                });
            }
            self.pos -= 1;
        }
        let c = self.class_set_character()?;
        Ok(Operand { ranges: vec![(c, c)], single: Some(c), ..Operand::default() })
    }

    fn class_set_character(&mut self) -> Result<u32, Error> {
        let position = self.pos;
        let Some(c) = self.peek_at(0) else {
            return Err(Error::syntax("Unterminated character class", position));
        };
        if c == '\\' {
            self.pos += 1;
            return match self.peek_at(0) {
                Some('b') => {
                    self.pos += 1;
                    Ok(8)
                }
                Some(c) if "&-!#%,:;<=>@`~".contains(c) => {
                    self.pos += 1;
                    Ok(u32::from(c))
                }
                _ => self.character_escape(position, true),
            };
        }
        let doubled = self.peek_at(1) == Some(c) && "&!#$%*+,.:;<=>?@^`~".contains(c);
        if doubled {
            return Err(Error::syntax(INVALID, position));
        }
        if "()[]{}/-|".contains(c) {
            return Err(Error::syntax("Invalid character in character class", position));
        }
        Ok(self.next_char().unwrap_or(0))
    }

    /// `\q{abc|d|}`
    fn string_disjunction(&mut self) -> Result<Operand, Error> {
        let position = self.pos;
        self.pos += 2;
        if !self.eat('{') {
            return Err(Error::syntax("Invalid escape", position));
        }
        let mut value = Operand::default();
        let mut string = Vec::new();
        loop {
            match self.peek_at(0) {
                None => return Err(Error::syntax("Invalid character class", position)),
                Some(c @ ('|' | '}')) => {
                    self.pos += 1;
                    match std::mem::take(&mut string)[..] {
                        [one] => value.ranges.push((one, one)),
                        ref several => {
                            value.may_contain_strings = true;
                            value.strings.insert(several.to_vec());
                        }
                    }
                    if c == '}' {
                        return Ok(value);
                    }
                }
                Some(_) => string.push(self.class_set_character()?),
            }
        }
    }
}

impl Operand {
    fn set(&self) -> CodePointSet {
        CodePointSet::from_ranges(self.ranges.iter().copied())
    }

    fn fold(&mut self) {
        self.ranges = close_over_case(&self.set(), true).ranges().to_vec();
        let strings = std::mem::take(&mut self.strings);
        self.strings =
            strings.into_iter().map(|s| s.into_iter().map(|c| canonicalize(c, true)).collect()).collect();
    }

    fn into_strings(self) -> Strings {
        Strings { singles: self.set(), strings: self.strings.into_iter().collect() }
    }
}
