//! Automata: programs without jumps and without loop bookkeeping.
//!
//! ECMAScript ends a repetition when an iteration consumes nothing. Whether one has is part of a thread's state: *which* checked loop
//! began its iteration at this very position, or that something has been consumed since. Only loops around an instruction can be
//! meant, so the product of instructions and these states is at most |r| times the depth of nested nullable loops. It is built here,
//! so that no engine has to know about it, and `e+` needs no second copy of `e`.

use std::collections::HashMap;

use super::compiler::{Target, compile};
use super::inst::Inst;
use super::nullable::nullable;
use super::unit_set::UnitSet;
use crate::Limits;
use crate::error::{Error, ErrorKind};
use crate::syntax::{Assertion, Ast, Node};

/// A state; `next`, `first` and `second` are indices of states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Unit { unit: u16, next: u32 },
    Set { set: u32, next: u32 },
    Fork { first: u32, second: u32 },
    Save { slot: u32, next: u32 },
    Reset { from: u32, to: u32, next: u32 },
    Assert { assertion: Assertion, next: u32 },
    Oracle { look: u32, negative: bool, next: u32 },
    Accept,
    Fail,
}

/// An automaton that reads in one direction.
#[derive(Debug)]
pub(crate) struct Nfa {
    pub(crate) states: Vec<State>,
    pub(crate) sets: Vec<UnitSet>,
    pub(crate) start: u32,
}

/// What decides a lookaround, and what finds its groups.
#[derive(Debug)]
pub(crate) struct LookPrograms {
    /// Reads against the lookaround's direction: where it arrives, the lookaround holds.
    pub(crate) decide: Nfa,
    pub(crate) behind: bool,
    /// If it is positive and has groups.
    pub(crate) capture: Option<Capture>,
}

/// What finds the groups of a lookaround: reads in its direction, with slots of its own.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) nfa: Nfa,
    /// Where the slots of its groups are among those of the pattern.
    pub(crate) groups: (usize, usize),
    /// Slots of its groups, then of the lookarounds in it.
    pub(crate) slots: usize,
}

impl Capture {
    /// `slots`: of the pattern's groups; then come those of the lookarounds.
    fn new(mut nfa: Nfa, look: u32, groups: (u32, u32), slots: u32) -> Self {
        let (first, end) = (groups.0 * 2, groups.1 * 2);
        let nested = slots + look + 1;
        let local = |slot: u32| if slot < slots { slot - first } else { end - first + (slot - nested) };
        let mut width = end - first;
        for state in &mut nfa.states {
            match state {
                State::Save { slot, .. } => {
                    *slot = local(*slot);
                    width = width.max(*slot + 1);
                }
                State::Reset { from, to, .. } => {
                    (*from, *to) = (local(*from), local(*to - 1) + 1);
                    width = width.max(*to);
                }
                _ => {}
            }
        }
        Capture { nfa, groups: (first as usize, end as usize), slots: width as usize }
    }
}

/// All automata of a pattern.
#[derive(Debug)]
pub(crate) struct NfaPrograms {
    pub(crate) main: Nfa,
    pub(crate) looks: Vec<LookPrograms>,
    /// Two for each group, then one for each lookaround.
    pub(crate) slots: usize,
    pub(crate) unicode: bool,
}

impl NfaPrograms {
    /// Compiles a pattern without backreferences.
    pub(crate) fn new(ast: &Ast, latin1: bool, limits: &Limits) -> Result<Self, Error> {
        let nullable = nullable(ast);
        let build = |root, whole, backward, captures| {
            let target = Target::Automaton { backward, captures, latin1 };
            let code = compile(ast, &nullable, root, whole, target, limits)?;
            flatten(&code.insts, code.sets, limits)
        };
        let main = build(ast.root, true, false, true)?;
        let mut looks = Vec::new();
        for node in &ast.nodes {
            let Node::Look { body, behind, negative, index, groups } = *node else { continue };
            let decide = build(body, false, !behind, false)?;
            let has_groups = !negative && groups.0 < groups.1;
            let capture = if has_groups {
                Some(Capture::new(build(body, false, behind, true)?, index, groups, ast.groups * 2))
            } else {
                None
            };
            looks.push((index, LookPrograms { decide, behind, capture }));
        }
        looks.sort_by_key(|look| look.0);
        let looks: Vec<_> = looks.into_iter().map(|look| look.1).collect();
        let slots = ast.groups as usize * 2 + looks.len();
        Ok(NfaPrograms { main, looks, slots, unicode: ast.unicode })
    }
}

/// What decides whether there is a match: the automaton of a pattern without backreferences, then those of its lookarounds, by number; and
/// whether they read backwards. All read in one direction, so there are none if some lookarounds look ahead and some behind. With code points for
/// characters they know code units up to U+00FF only.
pub(crate) fn deciders(ast: &Ast, limits: &Limits) -> Option<(Vec<Nfa>, bool)> {
    let mut bodies = vec![(0, ast.root)];
    let mut directions = Vec::new();
    for node in &ast.nodes {
        if let Node::Look { body, behind, index, .. } = *node {
            bodies.push((index + 1, body));
            directions.push(behind);
        }
    }
    if directions.windows(2).any(|pair| pair[0] != pair[1]) {
        return None;
    }
    let backward = directions.first().is_some_and(|behind| !behind);
    bodies.sort_unstable();
    let nullable = nullable(ast);
    let target = Target::Automaton { backward, captures: false, latin1: ast.unicode };
    let build = |&(_, root): &(u32, _)| {
        let code = compile(ast, &nullable, root, false, target, limits)?;
        flatten(&code.insts, code.sets, limits)
    };
    let nfas: Result<Vec<Nfa>, Error> = bodies.iter().map(build).collect();
    let nfas = nfas.ok()?;
    let states: usize = nfas.iter().map(|nfa| nfa.states.len()).sum();
    (states <= limits.program_size).then_some((nfas, backward))
}

/// Something has been consumed since the iteration began.
const CONSUMED: u32 = u32::MAX;

/// Builds the reachable part of the product of instructions and loop states.
fn flatten(insts: &[Inst], sets: Vec<UnitSet>, limits: &Limits) -> Result<Nfa, Error> {
    let mut ids: HashMap<(u32, u32), u32> = HashMap::with_capacity(insts.len());
    let mut pending: Vec<(u32, u32)> = Vec::new();
    let mut states = Vec::with_capacity(insts.len());
    let mut id_of = |key: (u32, u32), pending: &mut Vec<(u32, u32)>| {
        let key = follow(insts, key);
        let next = ids.len() as u32;
        *ids.entry(key).or_insert_with(|| {
            pending.push(key);
            next
        })
    };
    let start = id_of((0, CONSUMED), &mut pending);
    let mut done = 0;
    while done < pending.len() {
        if done >= limits.program_size {
            return Err(Error::new(ErrorKind::ProgramTooLarge { limit: limits.program_size }, 0));
        }
        let (pc, empty) = pending[done];
        done += 1;
        if pc == DEAD {
            states.push(State::Fail);
            continue;
        }
        let mut to = |pc, empty| id_of((pc, empty), &mut pending);
        states.push(match insts[pc as usize] {
            Inst::Unit(unit) => State::Unit { unit, next: to(pc + 1, CONSUMED) },
            Inst::Set(set) => State::Set { set, next: to(pc + 1, CONSUMED) },
            Inst::Fork { first, second } => {
                let first = to(first, empty);
                State::Fork { first, second: to(second, empty) }
            }
            Inst::Save(slot) => State::Save { slot, next: to(pc + 1, empty) },
            Inst::Reset { from, to: end } => State::Reset { from, to: end, next: to(pc + 1, empty) },
            Inst::Assert(assertion) => State::Assert { assertion, next: to(pc + 1, empty) },
            Inst::Oracle { look, negative } => State::Oracle { look, negative, next: to(pc + 1, empty) },
            Inst::Accept => State::Accept,
            _ => State::Fail,
        });
    }
    Ok(Nfa { states, sets, start })
}

const DEAD: u32 = u32::MAX;

/// Skips what is no state: jumps and the marks of loops.
fn follow(insts: &[Inst], (mut pc, mut empty): (u32, u32)) -> (u32, u32) {
    // A loop of jumps alone cannot be: each loop holds a fork.
    loop {
        match insts[pc as usize] {
            Inst::Jump(target) => pc = target,
            Inst::BeginLoop(number) => {
                empty = number;
                pc += 1;
            }
            Inst::EnterLoop(_) => pc += 1,
            Inst::EndLoop(number) if empty == number => return (DEAD, CONSUMED),
            Inst::EndLoop(_) => pc += 1,
            _ => return (pc, empty),
        }
    }
}
