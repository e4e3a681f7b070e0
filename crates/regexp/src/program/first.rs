//! With which code units a match can begin.

use super::compiler::Code;
use super::inst::Inst;
use super::unit_set::UnitSet;
use super::utf16::split;
use crate::syntax::Assertion;

/// A superset of the code units that can be at a place of a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FirstUnits {
    ranges: Vec<(u16, u16)>,
}

/// How many instructions are looked at: the analysis must not be quadratic over all runs of a program.
const LIMIT: usize = 64;

/// Places of a match that are looked at.
const PLACES: usize = 8;

/// What can be read first from `start` on; `None` if a match may be empty or too much would have to be looked at.
pub(crate) fn first_units(code: &Code, start: u32) -> Option<FirstUnits> {
    let mut ranges = Vec::new();
    for (pc, _) in heads(code, vec![(start, 0)])? {
        units_of(code, pc, &mut ranges);
    }
    Some(FirstUnits::from_ranges(ranges))
}

/// For the first places of every match what can be there, as far as it is known that a match is that long.
pub(crate) fn leading_units(code: &Code) -> Vec<FirstUnits> {
    let mut places = Vec::new();
    let mut states = vec![(0, 0)];
    while places.len() < PLACES {
        let Some(heads) = heads(code, std::mem::take(&mut states)) else { break };
        let (mut ranges, mut is_wide) = (Vec::new(), false);
        for (pc, taken) in heads {
            is_wide |= units_of(code, pc, &mut ranges);
            match &code.insts[pc as usize] {
                Inst::Run(run) => {
                    let run = &code.runs[*run as usize];
                    let is_last = run.min == run.max && taken + 1 >= run.max;
                    states.push(if is_last { (pc + 1, 0) } else { (pc, run.min.min(taken + 1)) });
                }
                _ => states.push((pc + 1, 0)),
            }
        }
        places.push(FirstUnits::from_ranges(ranges));
        if is_wide {
            // One or two units: what follows is at either place.
            break;
        }
    }
    places
}

/// Whether a match can begin at the subject's beginning only.
pub(crate) fn is_anchored(code: &Code) -> bool {
    // Whatever can be read or reached without passing the assertion shows up as a head.
    reach(code, vec![(0, 0)], true).is_some_and(|heads| heads.is_empty())
}

/// An assertion that holds wherever a match begins.
pub(crate) fn leading_assertion(code: &Code) -> Option<Assertion> {
    code.insts.iter().find(|inst| !matches!(inst, Inst::Save(_))).and_then(|inst| match inst {
        Inst::Assert(assertion) => Some(*assertion),
        _ => None,
    })
}

/// The instructions that read next, each with how often a run has done so, at most as often as it must. `None` if the end can be reached.
fn heads(code: &Code, states: Vec<(u32, u32)>) -> Option<Vec<(u32, u32)>> {
    reach(code, states, false)
}

fn reach(code: &Code, mut stack: Vec<(u32, u32)>, ends_at_start: bool) -> Option<Vec<(u32, u32)>> {
    let mut seen: Vec<(u32, u32)> = Vec::new();
    let mut heads = Vec::new();
    while let Some((pc, taken)) = stack.pop() {
        if seen.contains(&(pc, taken)) {
            continue;
        }
        if seen.len() == LIMIT {
            return None;
        }
        seen.push((pc, taken));
        match &code.insts[pc as usize] {
            Inst::Unit(_) | Inst::Set(_) | Inst::CodePoint(_) => heads.push((pc, taken)),
            Inst::Run(run) => {
                heads.push((pc, taken));
                if taken >= code.runs[*run as usize].min {
                    stack.push((pc + 1, 0));
                }
            }
            Inst::Jump(target) => stack.push((*target, 0)),
            Inst::Fork { first, second } => stack.extend([(*second, 0), (*first, 0)]),
            Inst::Assert(Assertion::Start) if ends_at_start => {}
            Inst::Save(_)
            | Inst::Reset { .. }
            | Inst::BeginLoop(_)
            | Inst::EnterLoop(_)
            | Inst::EndLoop(_)
            | Inst::Assert(_) => stack.push((pc + 1, 0)),
            Inst::Look { next, .. } => stack.push((*next, 0)),
            Inst::Fail => {}
            _ => return None,
        }
    }
    Some(heads)
}

/// What an instruction reads first; true if it can read a second unit for the same character.
fn units_of(code: &Code, pc: u32, ranges: &mut Vec<(u16, u16)>) -> bool {
    let (set, is_code_points) = match &code.insts[pc as usize] {
        Inst::Unit(unit) => {
            ranges.push((*unit, *unit));
            return false;
        }
        Inst::Set(set) => (*set, false),
        Inst::CodePoint(set) => (*set, true),
        Inst::Run(run) => (code.runs[*run as usize].set, code.runs[*run as usize].code_points),
        _ => return false,
    };
    if !is_code_points {
        ranges.extend(code.sets[set as usize].ranges());
        return false;
    }
    let set = &code.code_points[set as usize];
    ranges.extend(set.units.ranges());
    ranges.extend(set.astral.iter().map(|&(from, to)| (split(from).0 as u16, split(to).0 as u16)));
    !set.astral.is_empty()
}

impl FirstUnits {
    pub(crate) fn from_ranges(mut ranges: Vec<(u16, u16)>) -> Self {
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

    /// In order, with gaps between them.
    pub(crate) fn ranges(&self) -> &[(u16, u16)] {
        &self.ranges
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
