//! With which code units a match can begin.

use super::compiler::Code;
use super::inst::Inst;
use super::unit_set::UnitSet;
use super::utf16::split;

/// A superset of the code units a match can begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FirstUnits {
    ranges: Vec<(u16, u16)>,
}

/// How many instructions are looked at: the analysis must not be quadratic over all runs of a program.
const LIMIT: usize = 64;

/// What can be read first from `start` on; `None` if a match may be empty or too much would have to be looked at.
pub(crate) fn first_units(code: &Code, start: u32) -> Option<FirstUnits> {
    let mut ranges = Vec::new();
    let mut seen: Vec<u32> = Vec::new();
    let mut stack = vec![start];
    while let Some(pc) = stack.pop() {
        if seen.contains(&pc) {
            continue;
        }
        if seen.len() == LIMIT {
            return None;
        }
        seen.push(pc);
        match &code.insts[pc as usize] {
            Inst::Unit(unit) => ranges.push((*unit, *unit)),
            Inst::Set(set) => ranges.extend(code.sets[*set as usize].ranges()),
            Inst::CodePoint(set) => code_points(code, *set, &mut ranges),
            Inst::Run(run) => {
                let run = &code.runs[*run as usize];
                if run.code_points {
                    code_points(code, run.set, &mut ranges);
                } else {
                    ranges.extend(code.sets[run.set as usize].ranges());
                }
                if run.min == 0 {
                    stack.push(pc + 1);
                }
            }
            Inst::Jump(target) => stack.push(*target),
            Inst::Fork { first, second } => stack.extend([*second, *first]),
            Inst::Save(_)
            | Inst::Reset { .. }
            | Inst::BeginLoop(_)
            | Inst::EnterLoop(_)
            | Inst::EndLoop(_)
            | Inst::Assert(_) => stack.push(pc + 1),
            Inst::Look { next, .. } => stack.push(*next),
            Inst::Fail => {}
            _ => return None,
        }
    }
    Some(FirstUnits::from_ranges(ranges))
}

fn code_points(code: &Code, set: u32, ranges: &mut Vec<(u16, u16)>) {
    let set = &code.code_points[set as usize];
    ranges.extend(set.units.ranges());
    ranges.extend(set.astral.iter().map(|&(from, to)| (split(from).0 as u16, split(to).0 as u16)));
}

impl FirstUnits {
    fn from_ranges(mut ranges: Vec<(u16, u16)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match merged.last_mut() {
                Some(last) if u32::from(from) <= u32::from(last.1) + 1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        FirstUnits { ranges: merged }
    }

    /// The only unit, if there is one.
    pub(crate) fn single(&self) -> Option<u16> {
        match self.ranges[..] {
            [(from, to)] if from == to => Some(from),
            _ => None,
        }
    }

    pub(crate) fn is_disjoint_from(&self, set: &UnitSet) -> bool {
        let other = set.ranges();
        let (mut a, mut b) = (self.ranges.iter().peekable(), other.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            if x.0 <= y.1 && y.0 <= x.1 {
                return false;
            }
            if x.1 < y.1 {
                a.next()
            } else {
                b.next()
            };
        }
        true
    }

    pub(crate) fn has_surrogates(&self) -> bool {
        self.ranges.iter().any(|&(from, to)| from < 0xE000 && to >= 0xD800)
    }
}
