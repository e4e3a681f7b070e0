//! The compiler: an assembler with labels, driven by a stack of tasks instead of recursion.

use std::collections::HashMap;

use super::first::first_units;
use super::inst::{BackRef, Inst, Run};
use super::nullable::nullable;
use super::unit_set::{CodePoints, UnitSet};
use super::utf16::{sequences, split};
use crate::Limits;
use crate::error::{Error, ErrorKind};
use crate::syntax::{Assertion, Ast, INFINITE, Node, NodeId};
use crate::unicode::CodePointSet;

/// A program and what its instructions refer to.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) insts: Vec<Inst>,
    pub(crate) sets: Vec<UnitSet>,
    pub(crate) code_points: Vec<CodePoints>,
    pub(crate) runs: Vec<Run>,
    pub(crate) backrefs: Vec<BackRef>,
    /// How many loops have an empty check.
    pub(crate) loops: u32,
    /// How many of them are within each other, at most.
    pub(crate) loop_depth: u32,
}

impl Code {
    /// The program of a whole pattern for the backtracking matcher.
    pub(crate) fn backtracking(ast: &Ast, limits: &Limits) -> Result<Code, Error> {
        compile(ast, &nullable(ast), ast.root, true, Target::Backtracking, limits)
    }

    /// An upper bound for the states of all the pattern's automata.
    pub(crate) fn automaton_bound(&self, ast: &Ast) -> usize {
        let of_set = |index: u32| {
            let set = &self.code_points[index as usize];
            4 * (set.astral.len() * 3 + 2)
        };
        let states = self.insts.iter().map(|inst| match inst {
            Inst::CodePoint(set) | Inst::CodePointBack(set) => of_set(*set),
            Inst::Run(run) => {
                let run = &self.runs[*run as usize];
                let copies = if run.max == INFINITE { run.min as usize + 2 } else { run.max as usize * 2 };
                copies.saturating_mul(if run.code_points { of_set(run.set) } else { 1 })
            }
            _ => 1,
        });
        let states = states.fold(0_usize, usize::saturating_add).saturating_mul(self.loop_depth as usize + 1);
        // A lookaround is no part of what is around it, and has two automata.
        states.saturating_mul(if ast.looks > 0 { 3 } else { 1 })
    }
}

/// For which engine, and what of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Everything in one program.
    Backtracking,
    /// One direction; lookarounds are asked for. Without captures only the existence of a match counts.
    Automaton { backward: bool, captures: bool, latin1: bool },
}

/// Compiles the part of the tree below `root`.
pub(crate) fn compile(
    ast: &Ast,
    nullable: &[bool],
    root: NodeId,
    whole: bool,
    target: Target,
    limits: &Limits,
) -> Result<Code, Error> {
    let mut compiler = Compiler {
        ast,
        nullable,
        target,
        limit: limits.program_size,
        work: 0,
        code: Code::default(),
        labels: Vec::new(),
        tasks: Vec::new(),
        set_ids: HashMap::new(),
        code_point_ids: HashMap::new(),
        depth: 0,
    };
    compiler.program(root, whole)
}

type Label = u32;

#[derive(Debug)]
enum Task {
    Visit {
        node: NodeId,
        backward: bool,
    },
    Emit(Inst),
    Bind(Label),
    Alternatives {
        node: NodeId,
        from: usize,
        end: Label,
        backward: bool,
    },
    /// Iterations that must be made.
    Required {
        node: NodeId,
        left: u32,
        first: bool,
        backward: bool,
    },
    /// Iterations that may be made, up to a number.
    Optional {
        node: NodeId,
        left: u32,
        first: bool,
        exit: Label,
        backward: bool,
    },
    Leave,
}

struct Compiler<'a> {
    ast: &'a Ast,
    nullable: &'a [bool],
    target: Target,
    limit: usize,
    /// Tasks so far: a repeated group may emit nothing and still cost time.
    work: usize,
    code: Code,
    labels: Vec<u32>,
    tasks: Vec<Task>,
    set_ids: HashMap<UnitSet, u32>,
    code_point_ids: HashMap<u32, u32>,
    depth: u32,
}

impl Compiler<'_> {
    fn program(&mut self, root: NodeId, whole: bool) -> Result<Code, Error> {
        let backward = matches!(self.target, Target::Automaton { backward: true, .. });
        if whole && self.captures() {
            self.code.insts.push(Inst::Save(0));
        }
        self.tasks.push(Task::Visit { node: root, backward });
        while let Some(task) = self.tasks.pop() {
            self.work += 1;
            if self.code.insts.len() > self.limit || self.work > self.limit.saturating_mul(8) {
                return Err(Error::new(ErrorKind::ProgramTooLarge { limit: self.limit }, 0));
            }
            self.perform(task);
        }
        if whole && self.captures() {
            self.code.insts.push(Inst::Save(1));
        }
        self.code.insts.push(Inst::Accept);
        let mut code = std::mem::take(&mut self.code);
        resolve(&mut code.insts, &self.labels);
        refine_runs(&mut code);
        Ok(code)
    }

    fn captures(&self) -> bool {
        !matches!(self.target, Target::Automaton { captures: false, .. })
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Visit { node, backward } => self.visit(node, backward),
            Task::Emit(inst) => self.code.insts.push(inst),
            Task::Bind(label) => self.bind(label),
            Task::Alternatives { node, from, end, backward } => self.alternatives(node, from, end, backward),
            Task::Required { node, left, first, backward } => self.required(node, left, first, backward),
            Task::Optional { node, left, first, exit, backward } => {
                self.optional(node, left, first, exit, backward)
            }
            Task::Leave => self.depth -= 1,
        }
    }

    fn label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        (self.labels.len() - 1) as Label
    }

    fn bind(&mut self, label: Label) {
        self.labels[label as usize] = self.code.insts.len() as u32;
    }

    /// Has these done next, in this order.
    fn next(&mut self, tasks: impl IntoIterator<Item = Task, IntoIter: DoubleEndedIterator>) {
        self.tasks.extend(tasks.into_iter().rev());
    }

    fn visit(&mut self, id: NodeId, backward: bool) {
        let ast = self.ast;
        match &ast.nodes[id as usize] {
            Node::Empty => {}
            Node::Char(c) => self.char(*c, backward),
            Node::Class(set) => self.class(*set, backward),
            Node::Seq(terms) => {
                let visit = |&node: &NodeId| Task::Visit { node, backward };
                if backward {
                    self.next(terms.iter().rev().map(visit));
                } else {
                    self.next(terms.iter().map(visit));
                }
            }
            Node::Alt(_) => {
                let end = self.label();
                self.next([Task::Alternatives { node: id, from: 0, end, backward }, Task::Bind(end)]);
            }
            Node::Group { index, body } => {
                let (open, close) =
                    if backward { (index * 2 + 1, index * 2) } else { (index * 2, index * 2 + 1) };
                let visit = Task::Visit { node: *body, backward };
                if self.captures() {
                    self.next([Task::Emit(Inst::Save(open)), visit, Task::Emit(Inst::Save(close))]);
                } else {
                    self.next([visit]);
                }
            }
            Node::Repeat { .. } => self.repeat(id, backward),
            Node::Look { body, behind, negative, index, groups } => {
                self.look(*body, *behind, *negative, *index, groups.0 < groups.1);
            }
            Node::BackRef { groups, ignore_case } => {
                self.code.insts.push(Inst::BackRef(self.code.backrefs.len() as u32));
                self.code.backrefs.push(BackRef {
                    groups: groups.clone(),
                    ignore_case: *ignore_case,
                    unicode: ast.unicode,
                    backward,
                });
            }
            Node::Assert(assertion) => self.code.insts.push(Inst::Assert(*assertion)),
        }
    }

    fn look(&mut self, body: NodeId, behind: bool, negative: bool, look: u32, has_groups: bool) {
        match self.target {
            Target::Backtracking => {
                let next = self.label();
                self.next([
                    Task::Emit(Inst::Look { look, negative, next }),
                    Task::Visit { node: body, backward: behind },
                    Task::Emit(Inst::LookEnd { look }),
                    Task::Bind(next),
                ]);
            }
            Target::Automaton { captures, .. } => {
                self.code.insts.push(Inst::Oracle { look, negative });
                if captures && has_groups && !negative {
                    // Where it held: from there its groups are found once the match is known.
                    self.code.insts.push(Inst::Save(self.ast.groups * 2 + look));
                }
            }
        }
    }

    fn alternatives(&mut self, node: NodeId, from: usize, end: Label, backward: bool) {
        let ast = self.ast;
        let Node::Alt(alternatives) = &ast.nodes[node as usize] else { return };
        let Some(&body) = alternatives.get(from) else { return };
        let visit = Task::Visit { node: body, backward };
        if from + 1 == alternatives.len() {
            self.next([visit]);
            return;
        }
        let (first, second) = (self.label(), self.label());
        self.next([
            Task::Emit(Inst::Fork { first, second }),
            Task::Bind(first),
            visit,
            Task::Emit(Inst::Jump(end)),
            Task::Bind(second),
            Task::Alternatives { node, from: from + 1, end, backward },
        ]);
    }

    fn repeat(&mut self, id: NodeId, backward: bool) {
        let ast = self.ast;
        let Node::Repeat { body, min, max, greedy, .. } = ast.nodes[id as usize] else { return };
        if max == 0 {
            return;
        }
        if min >= INFINITE / 4 && !self.nullable[body as usize] {
            // Longer than any string.
            self.code.insts.push(Inst::Fail);
            return;
        }
        let min = if min >= INFINITE / 4 { 1 } else { min };
        if !backward
            && self.target == Target::Backtracking
            && (min, max) != (0, 1)
            && self.run(body, min, max, greedy)
        {
            return;
        }
        let infinite = max == INFINITE;
        let required = if infinite { min.saturating_sub(1) } else { min };
        let mut tasks = vec![Task::Required { node: id, left: required, first: true, backward }];
        if infinite {
            self.unbounded(id, min > 0, backward, &mut tasks);
        } else if max > min {
            let exit = self.label();
            let first = required == 0;
            tasks.push(Task::Optional { node: id, left: max - min, first, exit, backward });
            tasks.push(Task::Bind(exit));
        }
        self.next(tasks);
    }

    /// `e*`, or `e+` without a second copy of `e`.
    fn unbounded(&mut self, id: NodeId, plus: bool, backward: bool, tasks: &mut Vec<Task>) {
        let ast = self.ast;
        let Node::Repeat { body, greedy, .. } = ast.nodes[id as usize] else { return };
        let (again, iterate, exit) = (self.label(), self.label(), self.label());
        let fork = |iterate, exit| {
            if greedy {
                Inst::Fork { first: iterate, second: exit }
            } else {
                Inst::Fork { first: exit, second: iterate }
            }
        };
        let checked = self.checked_loop(body);
        let begin = checked.map(|number| Task::Emit(Inst::BeginLoop(number)));
        let end = checked.map(|number| Task::Emit(Inst::EndLoop(number)));
        let leave = checked.map(|_| Task::Leave);
        let visit = Task::Visit { node: body, backward };
        let resets = self.resets(id, false);
        if plus {
            tasks.extend(checked.map(|number| Task::Emit(Inst::EnterLoop(number))));
            tasks.push(Task::Bind(again));
            tasks.extend(resets);
            tasks.push(visit);
            tasks.extend(end);
            tasks.extend([Task::Emit(fork(iterate, exit)), Task::Bind(iterate)]);
            tasks.extend(begin);
        } else {
            tasks.extend([Task::Bind(again), Task::Emit(fork(iterate, exit)), Task::Bind(iterate)]);
            tasks.extend(begin);
            tasks.extend(resets);
            tasks.push(visit);
            tasks.extend(end);
        }
        tasks.push(Task::Emit(Inst::Jump(again)));
        tasks.push(Task::Bind(exit));
        tasks.extend(leave);
    }

    fn required(&mut self, node: NodeId, left: u32, first: bool, backward: bool) {
        let ast = self.ast;
        let Node::Repeat { body, .. } = ast.nodes[node as usize] else { return };
        if left == 0 {
            return;
        }
        let mut tasks = self.resets(node, first);
        tasks.push(Task::Visit { node: body, backward });
        tasks.push(Task::Required { node, left: left - 1, first: false, backward });
        self.next(tasks);
    }

    fn optional(&mut self, node: NodeId, left: u32, first_iteration: bool, exit: Label, backward: bool) {
        let ast = self.ast;
        let Node::Repeat { body, greedy, .. } = ast.nodes[node as usize] else { return };
        if left == 0 {
            return;
        }
        let iterate = self.label();
        let (first, second) = if greedy { (iterate, exit) } else { (exit, iterate) };
        let mut tasks = vec![Task::Emit(Inst::Fork { first, second }), Task::Bind(iterate)];
        let checked = self.checked_loop(body);
        tasks.extend(checked.map(|number| Task::Emit(Inst::BeginLoop(number))));
        tasks.extend(self.resets(node, first_iteration));
        tasks.push(Task::Visit { node: body, backward });
        tasks.extend(checked.map(|number| Task::Emit(Inst::EndLoop(number))));
        tasks.extend(checked.map(|_| Task::Leave));
        tasks.push(Task::Optional { node, left: left - 1, first: false, exit, backward });
        self.next(tasks);
    }

    /// The number of a loop whose iterations could be empty. For existence alone an empty iteration changes nothing.
    fn checked_loop(&mut self, body: NodeId) -> Option<u32> {
        if !self.nullable[body as usize] || !self.captures() {
            return None;
        }
        self.depth += 1;
        self.code.loop_depth = self.code.loop_depth.max(self.depth);
        self.code.loops += 1;
        Some(self.code.loops - 1)
    }

    /// Each iteration begins with its groups unset; before the first one they are.
    fn resets(&self, node: NodeId, first: bool) -> Vec<Task> {
        let ast = self.ast;
        let mut tasks = Vec::new();
        let Node::Repeat { groups, looks, .. } = ast.nodes[node as usize] else { return tasks };
        if first || !self.captures() || groups.0 == groups.1 {
            return tasks;
        }
        tasks.push(Task::Emit(Inst::Reset { from: groups.0 * 2, to: groups.1 * 2 }));
        if looks.0 < looks.1 && self.target != Target::Backtracking {
            let base = ast.groups * 2;
            tasks.push(Task::Emit(Inst::Reset { from: base + looks.0, to: base + looks.1 }));
        }
        tasks
    }

    fn char(&mut self, c: u32, backward: bool) {
        let automaton = self.target != Target::Backtracking;
        let unit =
            |c: u32| if backward && !automaton { Inst::UnitBack(c as u16) } else { Inst::Unit(c as u16) };
        if c > 0xFFFF {
            let (high, low) = split(c);
            let (one, two) = if backward { (low, high) } else { (high, low) };
            self.code.insts.extend([unit(one), unit(two)]);
            return;
        }
        self.code.insts.push(unit(c));
        if self.ast.unicode && (0xD800..0xE000).contains(&c) {
            self.code.insts.push(Inst::Assert(Assertion::CodePointBoundary));
        }
    }

    fn class(&mut self, index: u32, backward: bool) {
        let ast = self.ast;
        let set = &ast.sets[index as usize];
        match self.target {
            Target::Backtracking if ast.unicode && is_wide(set) => {
                let id = self.code_points(index);
                self.code.insts.push(if backward { Inst::CodePointBack(id) } else { Inst::CodePoint(id) });
            }
            Target::Backtracking => {
                let id = self.unit_set(UnitSet::of(set));
                self.code.insts.push(if backward { Inst::SetBack(id) } else { Inst::Set(id) });
            }
            Target::Automaton { latin1, .. } if latin1 || !ast.unicode || !is_wide(set) => {
                let id = self.unit_set(UnitSet::of(set));
                self.code.insts.push(Inst::Set(id));
            }
            Target::Automaton { .. } => self.wide_class(set, backward),
        }
    }

    /// One alternative for each shape in UTF-16.
    fn wide_class(&mut self, set: &CodePointSet, backward: bool) {
        let sequences = sequences(set, backward);
        let mut alternatives: Vec<Vec<Inst>> = Vec::new();
        if !sequences.units.is_empty() {
            alternatives.push(vec![Inst::Set(self.unit_set(sequences.units))]);
        }
        if !sequences.lone.is_empty() {
            let set = Inst::Set(self.unit_set(sequences.lone));
            alternatives.push(vec![set, Inst::Assert(Assertion::CodePointBoundary)]);
        }
        for (high, low) in sequences.pairs {
            let (high, low) = (Inst::Set(self.unit_set(high)), Inst::Set(self.unit_set(low)));
            alternatives.push(if backward { vec![low, high] } else { vec![high, low] });
        }
        if alternatives.is_empty() {
            self.code.insts.push(Inst::Fail);
        }
        let end = self.label();
        let last = alternatives.len().saturating_sub(1);
        for (index, insts) in alternatives.into_iter().enumerate() {
            if index == last {
                self.code.insts.extend(insts);
                continue;
            }
            let (first, second) = (self.label(), self.label());
            self.code.insts.push(Inst::Fork { first, second });
            self.bind(first);
            self.code.insts.extend(insts);
            self.code.insts.push(Inst::Jump(end));
            self.bind(second);
        }
        self.bind(end);
    }

    /// A repeated set as one instruction. False if the body is something else.
    fn run(&mut self, body: NodeId, min: u32, max: u32, greedy: bool) -> bool {
        let ast = self.ast;
        let (set, code_points) = match &ast.nodes[body as usize] {
            Node::Char(c) if *c > 0xFFFF || (ast.unicode && (0xD800..0xE000).contains(c)) => return false,
            Node::Char(c) => (self.unit_set(UnitSet::from_ranges([(*c as u16, *c as u16)])), false),
            Node::Class(set) if ast.unicode && is_wide(&ast.sets[*set as usize]) => {
                (self.code_points(*set), true)
            }
            Node::Class(set) => (self.unit_set(UnitSet::of(&ast.sets[*set as usize])), false),
            _ => return false,
        };
        self.code.insts.push(Inst::Run(self.code.runs.len() as u32));
        self.code.runs.push(Run { set, code_points, min, max, greedy, possessive: false, next_unit: None });
        true
    }

    fn unit_set(&mut self, set: UnitSet) -> u32 {
        let next = self.code.sets.len() as u32;
        if let Some(&id) = self.set_ids.get(&set) {
            return id;
        }
        self.code.sets.push(set.clone());
        self.set_ids.insert(set, next);
        next
    }

    fn code_points(&mut self, index: u32) -> u32 {
        let next = self.code.code_points.len() as u32;
        let id = *self.code_point_ids.entry(index).or_insert(next);
        if id == next {
            self.code.code_points.push(CodePoints::of(&self.ast.sets[index as usize]));
        }
        id
    }
}

/// Whether a set holds surrogates or what takes two of them.
fn is_wide(set: &CodePointSet) -> bool {
    set.ranges().iter().any(|&(from, to)| to >= 0xD800 && !(from >= 0xE000 && to <= 0xFFFF))
}

fn resolve(insts: &mut [Inst], labels: &[u32]) {
    for inst in insts {
        match inst {
            Inst::Jump(target) => *target = labels[*target as usize],
            Inst::Fork { first, second } => {
                *first = labels[*first as usize];
                *second = labels[*second as usize];
            }
            Inst::Look { next, .. } => *next = labels[*next as usize],
            _ => {}
        }
    }
}

/// Tells each run what follows it.
fn refine_runs(code: &mut Code) {
    for pc in 0..code.insts.len() {
        let Inst::Run(index) = code.insts[pc] else { continue };
        let Some(first) = first_units(code, pc as u32 + 1) else { continue };
        let run = &code.runs[index as usize];
        let set = if run.code_points {
            &code.code_points[run.set as usize].units
        } else {
            &code.sets[run.set as usize]
        };
        let possessive = first.is_disjoint_from(set) && !(run.code_points && first.has_surrogates());
        let run = &mut code.runs[index as usize];
        run.possessive = possessive;
        run.next_unit = first.single();
    }
}
