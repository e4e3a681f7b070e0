//! The backtracking matcher: an explicit stack, and an allowance of steps.
//!
//! It has the whole language, backreferences included, and is the fastest engine for the searches that stay within their allowance.
//! Those that do not are left to [`live`](super::live), or end in [`ExecError::Budget`] if they need backreferences.

use super::pike::{NONE, Ticker};
use super::position::{Unit, holds, is_boundary, is_high, is_low};
use crate::error::ExecError;
use crate::program::{BackRef, Code, CodePoints, Inst, Run};
use crate::unicode::canonicalize;

/// Memory that searches share.
#[derive(Debug, Default)]
pub(crate) struct BacktrackScratch {
    stack: Vec<Frame>,
    /// Two for each group, then one for each loop: where its iteration began.
    pub(crate) slots: Vec<usize>,
    /// By lookaround: the height of the stack at its beginning.
    bases: Vec<usize>,
}

/// Backtracking points kept from one search to the next: 1.5 MB.
const KEPT_STACK: usize = 64 << 10;

impl BacktrackScratch {
    #[inline]
    pub(crate) fn trim(&mut self) {
        if self.stack.capacity() > KEPT_STACK {
            self.stack.clear();
            self.stack.shrink_to(KEPT_STACK);
        }
    }
}

/// What to do when the current path fails.
#[derive(Debug, Clone, Copy)]
enum Frame {
    Branch {
        pc: u32,
        at: usize,
    },
    Restore {
        slot: u32,
        value: usize,
    },
    /// A greedy run gives back, down to `low`.
    GiveBack {
        pc: u32,
        at: usize,
        low: usize,
    },
    /// A lazy run takes one more, `left` at most.
    TakeMore {
        pc: u32,
        at: usize,
        left: u32,
    },
    Look {
        pc: u32,
        at: usize,
    },
}

/// Backtracking points kept at a time: 200 MB.
const MAX_STACK: usize = 8 << 20;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    Match,
    NoMatch,
    /// The allowance is used up; nothing is known.
    OutOfSteps,
}

pub(crate) struct Machine<'a, U> {
    code: &'a Code,
    subject: &'a [U],
    scratch: &'a mut BacktrackScratch,
    groups: usize,
    /// Steps left.
    pub(crate) allowance: u64,
}

impl<'a, U: Unit> Machine<'a, U> {
    pub(crate) fn new(
        code: &'a Code,
        groups: usize,
        looks: usize,
        subject: &'a [U],
        scratch: &'a mut BacktrackScratch,
    ) -> Self {
        // Every attempt sets them.
        scratch.slots.resize(groups * 2 + code.loops as usize, NONE);
        if scratch.bases.len() < looks {
            scratch.bases.resize(looks, 0);
        }
        Machine { code, subject, scratch, groups, allowance: 0 }
    }

    /// The groups of the last match.
    pub(crate) fn groups(&self) -> &[usize] {
        &self.scratch.slots[..self.groups * 2]
    }

    /// Matches from exactly `start`.
    pub(crate) fn attempt(&mut self, start: usize, ticker: &mut Ticker<'_>) -> Result<Attempt, ExecError> {
        self.scratch.slots.fill(NONE);
        self.scratch.stack.clear();
        let (mut pc, mut at) = (0_u32, start);
        loop {
            if self.allowance == 0 || self.scratch.stack.len() > MAX_STACK {
                return Ok(Attempt::OutOfSteps);
            }
            // A slice of steps without a look at the checkpoint. A scan can take more than are left of it.
            let slice = self.allowance.min(4096) as i64;
            let mut left = slice;
            let done = self.steps(&mut pc, &mut at, &mut left);
            let used = (slice - left) as u64;
            self.allowance -= used.min(self.allowance);
            ticker.tick(used)?;
            if let Some(attempt) = done {
                return Ok(attempt);
            }
        }
    }

    fn steps(&mut self, pc: &mut u32, at: &mut usize, left: &mut i64) -> Option<Attempt> {
        let subject = self.subject;
        let code = self.code;
        while *left > 0 {
            *left -= 1;
            let proceeds = match code.insts[*pc as usize] {
                Inst::Unit(unit) => advance(at, subject.get(*at).is_some_and(|u| u.get() == unit)),
                Inst::Set(set) => {
                    let set = &code.sets[set as usize];
                    advance(at, subject.get(*at).is_some_and(|u| set.contains(u.get())))
                }
                Inst::CodePoint(set) => match code_point(&code.code_points[set as usize], subject, *at) {
                    0 => false,
                    length => {
                        *at += length;
                        true
                    }
                },
                Inst::Run(run) => self.run(&code.runs[run as usize], *pc, at, left),
                Inst::Jump(target) => {
                    *pc = target;
                    continue;
                }
                Inst::Fork { first, second } => {
                    self.scratch.stack.push(Frame::Branch { pc: second, at: *at });
                    *pc = first;
                    continue;
                }
                Inst::Save(slot) => {
                    self.set_slot(slot as usize, *at);
                    true
                }
                Inst::Reset { from, to } => {
                    for slot in from..to {
                        self.set_slot(slot as usize, NONE);
                    }
                    true
                }
                Inst::BeginLoop(number) => {
                    self.set_slot(self.groups * 2 + number as usize, *at);
                    true
                }
                Inst::EnterLoop(number) => {
                    self.set_slot(self.groups * 2 + number as usize, NONE);
                    true
                }
                Inst::EndLoop(number) => self.scratch.slots[self.groups * 2 + number as usize] != *at,
                Inst::Assert(assertion) => holds(assertion, subject, *at),
                Inst::Look { look, .. } => {
                    self.scratch.bases[look as usize] = self.scratch.stack.len();
                    self.scratch.stack.push(Frame::Look { pc: *pc, at: *at });
                    true
                }
                Inst::LookEnd { look } => match self.end_look(look) {
                    Some(next) => {
                        (*pc, *at) = next;
                        continue;
                    }
                    None => false,
                },
                Inst::BackRef(index) => self.back_reference(&code.backrefs[index as usize], at, left),
                Inst::UnitBack(unit) => retreat(at, |before| subject[before].get() == unit),
                Inst::SetBack(set) => {
                    retreat(at, |before| code.sets[set as usize].contains(subject[before].get()))
                }
                Inst::CodePointBack(set) => {
                    match code_point_before(&code.code_points[set as usize], subject, *at) {
                        0 => false,
                        length => {
                            *at -= length;
                            true
                        }
                    }
                }
                Inst::Accept => return Some(Attempt::Match),
                Inst::Fail | Inst::Oracle { .. } => false,
            };
            if proceeds {
                *pc += 1;
            } else {
                match self.backtrack(left) {
                    Some(next) => (*pc, *at) = next,
                    None => return Some(Attempt::NoMatch),
                }
            }
        }
        None
    }

    #[inline]
    fn set_slot(&mut self, slot: usize, value: usize) {
        let old = std::mem::replace(&mut self.scratch.slots[slot], value);
        // At the bottom there is nothing to go back to.
        if old != value && !self.scratch.stack.is_empty() {
            self.scratch.stack.push(Frame::Restore { slot: slot as u32, value: old });
        }
    }

    /// Where to go on; `None` if no path is left.
    fn backtrack(&mut self, left: &mut i64) -> Option<(u32, usize)> {
        loop {
            match self.scratch.stack.pop()? {
                Frame::Branch { pc, at } => return Some((pc, at)),
                Frame::Restore { slot, value } => self.scratch.slots[slot as usize] = value,
                Frame::GiveBack { pc, at, low } => {
                    if let Some(found) = self.give_back(pc, at, low, left) {
                        return Some(found);
                    }
                }
                Frame::TakeMore { pc, at, left: more } => {
                    if let Some(found) = self.take_more(pc, at, more) {
                        return Some(found);
                    }
                }
                Frame::Look { pc, at } => {
                    if let Inst::Look { negative: true, next, .. } = self.code.insts[pc as usize] {
                        return Some((next, at));
                    }
                }
            }
        }
    }

    /// Takes a repeated set as often as it goes; false if that is not often enough.
    fn run(&mut self, run: &Run, pc: u32, at: &mut usize, left: &mut i64) -> bool {
        let wanted = if run.greedy { run.max } else { run.min };
        let start = *at;
        let mut low = start;
        let (end, count) = if run.code_points {
            let set = &self.code.code_points[run.set as usize];
            let (mut end, mut count) = (start, 0);
            while count < wanted {
                let length = code_point(set, self.subject, end);
                if length == 0 {
                    break;
                }
                end += length;
                count += 1;
                if count == run.min {
                    low = end;
                }
            }
            (end, count)
        } else {
            let set = &self.code.sets[run.set as usize];
            let most = self.subject.len().saturating_sub(start).min(wanted as usize);
            let rest = &self.subject[start..start + most];
            let count = rest.iter().position(|unit| !set.contains(unit.get())).unwrap_or(most);
            low = start + (run.min as usize).min(count);
            (start + count, count as u32)
        };
        *left -= i64::from(count) / 4;
        if count < run.min {
            return false;
        }
        *at = end;
        if run.greedy {
            if end > low && !run.possessive {
                self.scratch.stack.push(Frame::GiveBack { pc, at: end, low });
            }
        } else if run.max > run.min {
            self.scratch.stack.push(Frame::TakeMore { pc, at: end, left: run.max - run.min });
        }
        true
    }

    /// One less of a greedy run, or as many as it takes for the unit that must follow.
    fn give_back(&mut self, pc: u32, at: usize, low: usize, left: &mut i64) -> Option<(u32, usize)> {
        let Inst::Run(index) = self.code.insts[pc as usize] else { return None };
        let run = &self.code.runs[index as usize];
        let at = match run.next_unit {
            Some(unit) if !run.code_points => {
                let found = self.subject[low..at].iter().rposition(|u| u.get() == unit);
                *left -= (at - low - found.unwrap_or(0)) as i64 / 4;
                low + found?
            }
            _ if run.code_points => at - length_before(self.subject, at),
            _ => at - 1,
        };
        if at > low {
            self.scratch.stack.push(Frame::GiveBack { pc, at, low });
        }
        Some((pc + 1, at))
    }

    fn take_more(&mut self, pc: u32, at: usize, more: u32) -> Option<(u32, usize)> {
        let Inst::Run(index) = self.code.insts[pc as usize] else { return None };
        let run = &self.code.runs[index as usize];
        let length = if run.code_points {
            code_point(&self.code.code_points[run.set as usize], self.subject, at)
        } else {
            let set = &self.code.sets[run.set as usize];
            usize::from(self.subject.get(at).is_some_and(|unit| set.contains(unit.get())))
        };
        if length == 0 {
            return None;
        }
        let more = if run.max == u32::MAX { more } else { more - 1 };
        if more > 0 {
            self.scratch.stack.push(Frame::TakeMore { pc, at: at + length, left: more });
        }
        Some((pc + 1, at + length))
    }

    /// A lookaround's body has matched. Its paths are cut; what is left of them are the groups' old values.
    fn end_look(&mut self, look: u32) -> Option<(u32, usize)> {
        let base = self.scratch.bases[look as usize];
        let Frame::Look { pc, at } = self.scratch.stack[base] else { return None };
        let Inst::Look { negative, next, .. } = self.code.insts[pc as usize] else { return None };
        if negative {
            while self.scratch.stack.len() > base {
                if let Some(Frame::Restore { slot, value }) = self.scratch.stack.pop() {
                    self.scratch.slots[slot as usize] = value;
                }
            }
            return None;
        }
        let mut kept = base;
        for index in base + 1..self.scratch.stack.len() {
            if let frame @ Frame::Restore { .. } = self.scratch.stack[index] {
                self.scratch.stack[kept] = frame;
                kept += 1;
            }
        }
        self.scratch.stack.truncate(kept);
        Some((next, at))
    }

    /// The text of the group, if one took part.
    fn back_reference(&mut self, reference: &BackRef, at: &mut usize, left: &mut i64) -> bool {
        let slots = &self.scratch.slots;
        *left -= reference.groups.len() as i64 - 1;
        let set =
            reference.groups.iter().map(|&group| (slots[group as usize * 2], slots[group as usize * 2 + 1]));
        let Some((from, to)) = set.into_iter().find(|range| range.0 != NONE && range.1 != NONE) else {
            return true;
        };
        let length = to - from;
        let found = if reference.backward { at.checked_sub(length) } else { Some(*at) };
        let Some(start) = found.filter(|start| start + length <= self.subject.len()) else { return false };
        *left -= length as i64 / 4;
        let (text, here) = (&self.subject[from..to], &self.subject[start..start + length]);
        let same = match (reference.ignore_case, reference.unicode) {
            (false, _) => text == here,
            (true, unicode) => same_ignoring_case(text, here, unicode),
        };
        // Code points are compared: the end must not cut a pair in two.
        let whole = !reference.unicode
            || is_boundary(self.subject, if reference.backward { start } else { start + length });
        if same && whole {
            *at = if reference.backward { start } else { start + length };
        }
        same && whole
    }
}

#[inline(always)]
fn advance(at: &mut usize, proceeds: bool) -> bool {
    *at += usize::from(proceeds);
    proceeds
}

#[inline(always)]
fn retreat(at: &mut usize, matches: impl Fn(usize) -> bool) -> bool {
    match at.checked_sub(1) {
        Some(before) if matches(before) => {
            *at = before;
            true
        }
        _ => false,
    }
}

/// The length of the code point at a position if it is in the set, else 0.
#[inline]
fn code_point<U: Unit>(set: &CodePoints, subject: &[U], at: usize) -> usize {
    let Some(unit) = subject.get(at).map(|unit| unit.get()) else { return 0 };
    if !U::LATIN1
        && is_high(unit)
        && let Some(low) = subject.get(at + 1).map(|unit| unit.get()).filter(|&low| is_low(low))
    {
        return if set.contains_astral(join(unit, low)) { 2 } else { 0 };
    }
    usize::from(set.units.contains(unit))
}

fn code_point_before<U: Unit>(set: &CodePoints, subject: &[U], at: usize) -> usize {
    let Some(before) = at.checked_sub(1) else { return 0 };
    let unit = subject[before].get();
    if length_before(subject, at) == 2 {
        return if set.contains_astral(join(subject[before - 1].get(), unit)) { 2 } else { 0 };
    }
    usize::from(set.units.contains(unit))
}

/// The length of the code point before a position, which is not 0.
fn length_before<U: Unit>(subject: &[U], at: usize) -> usize {
    1 + usize::from(at > 1 && !is_boundary(subject, at - 1))
}

fn join(high: u16, low: u16) -> u32 {
    0x10000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(low) - 0xDC00)
}

fn same_ignoring_case<U: Unit>(a: &[U], b: &[U], unicode: bool) -> bool {
    if !unicode {
        return a.iter().zip(b).all(|(a, b)| {
            a == b || canonicalize(u32::from(a.get()), false) == canonicalize(u32::from(b.get()), false)
        });
    }
    // Simple case folding never leaves or enters the supplementary planes, so both have the same lengths.
    let decode = |text: &[U]| {
        let units: Vec<u16> = text.iter().map(|unit| unit.get()).collect();
        char::decode_utf16(units)
            .map(|c| c.map_or_else(|e| u32::from(e.unpaired_surrogate()), u32::from))
            .collect::<Vec<_>>()
    };
    let (a, b) = (decode(a), decode(b));
    a.len() == b.len() && a.iter().zip(&b).all(|(&a, &b)| canonicalize(a, true) == canonicalize(b, true))
}
