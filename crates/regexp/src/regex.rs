//! A compiled pattern and its searches.

use std::sync::OnceLock;

use crate::checkpoint::Checkpoint;
use crate::engines::backtrack::{Attempt, BacktrackScratch, Machine};
use crate::engines::dfa::Dfa;
use crate::engines::pike::{self, Ticker};
use crate::engines::position::{Unit, is_boundary};
use crate::engines::prefilter::{Prefilter, Prefilters};
use crate::error::{Error, ExecError};
use crate::program::{Code, NfaPrograms, facts};
use crate::searches::{SearchState, Searches};
use crate::syntax::{Ast, GroupName, parse};
use crate::{Explanation, Flags, Limits, MostSteps, Scratch, Subject, Table, Wanted};

/// A slot of a group that took no part in the match.
pub const NONE: usize = pike::NONE;

/// A compiled regular expression.
///
/// It is `Send` and `Sync`; searches keep their state in a [`Scratch`].
///
/// # Example
///
/// ```
/// use sidelane_regexp::{Flags, Limits, Regex, Scratch, Subject, Unstoppable};
///
/// let pattern: Vec<u16> = r"(?<year>\d{4})-(\d\d)".encode_utf16().collect();
/// let regex = Regex::new(&pattern, Flags::default(), &Limits::default())?;
/// let mut slots = vec![0; regex.captures_len() * 2];
/// let found = regex.exec(Subject::Latin1(b"on 2024-05"), 0, false, &mut Scratch::new(), &mut slots, &Unstoppable)?;
/// assert!(found);
/// assert_eq!(slots, [3, 10, 3, 7, 8, 10]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Regex {
    ast: Ast,
    code: Code,
    latin1: OnceLock<NfaPrograms>,
    utf16: OnceLock<NfaPrograms>,
    prefilters: Prefilters,
    limits: Limits,
}

impl Regex {
    /// Compiles a pattern, which need not be well-formed UTF-16.
    ///
    /// # Errors
    ///
    /// What `new RegExp` refuses with a `SyntaxError`, and what is above one of the limits.
    pub fn new(source: &[u16], flags: Flags, limits: &Limits) -> Result<Regex, Error> {
        let ast = parse(source, flags, limits)?;
        let code = Code::backtracking(&ast, limits)?;
        let (latin1, utf16) = (OnceLock::new(), OnceLock::new());
        let prefilters = Prefilters::default();
        let regex = Regex { ast, code, latin1, utf16, prefilters, limits: limits.clone() };
        if regex.is_linear() && regex.code.automaton_bound(&regex.ast) > limits.program_size {
            regex.programs::<u16>(limits)?;
        }
        Ok(regex)
    }

    /// Groups, the whole match included.
    pub fn captures_len(&self) -> usize {
        self.ast.groups as usize
    }

    /// Each name in code units with the groups that have it, in source order.
    pub fn group_names(&self) -> &[GroupName] {
        &self.ast.names
    }

    /// Which engine runs, and why.
    pub fn explain(&self) -> Explanation {
        let linear = self.is_linear();
        Explanation {
            engine: if linear { "linear" } else { "backtracking" },
            linear,
            reason: (!linear).then_some("backreference"),
            program_size: self.code.insts.len(),
            lookarounds: self.ast.looks as usize,
            most_steps: self.most_steps(),
        }
    }

    /// Whether there is a match as a table of states, if the pattern is one that has a small one. It is made anew by each call: some ten
    /// microseconds, at most some hundred.
    pub fn table(&self) -> Option<Table> {
        self.is_linear().then(|| Table::new(&self.ast)).flatten()
    }

    /// A code unit that every match has, of all that are known the one that is likely to be the rarest: a subject without it need not be
    /// searched.
    ///
    /// # Example
    ///
    /// ```
    /// use sidelane_regexp::{Flags, Limits, Regex};
    ///
    /// let pattern: Vec<u16> = r"(?:foo|bar)\d+x:".encode_utf16().collect();
    /// let regex = Regex::new(&pattern, Flags::default(), &Limits::default())?;
    /// assert_eq!(regex.required_unit(), Some(u16::from(b':')));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn required_unit(&self) -> Option<u16> {
        facts(&self.ast).required.filter(|_| self.limits.prefilters)
    }

    /// Whether a character is a code point: flag `u` or `v`.
    pub fn is_unicode(&self) -> bool {
        self.ast.unicode
    }

    pub(crate) fn ast(&self) -> &Ast {
        &self.ast
    }

    fn most_steps(&self) -> MostSteps {
        let Limits { linear_after, linear_after_factor, budget_base, budget_factor, .. } = self.limits;
        if self.is_linear() {
            let states = self.code.automaton_bound(&self.ast) as u64;
            return MostSteps { base: linear_after, per_unit: linear_after_factor.saturating_add(states) };
        }
        let per_unit = budget_factor.saturating_mul(self.code.insts.len() as u64);
        MostSteps { base: budget_base, per_unit }
    }

    /// Searches for the first match at or after `start`, exactly at `start` if `sticky`, and writes the offsets of its groups to
    /// `slots`: beginning and end of each, [`NONE`] for a group that took no part.
    ///
    /// With `u` or `v`, a `start` within a surrogate pair stands for the pair's beginning, as in RegExpBuiltinExec.
    ///
    /// # Errors
    ///
    /// [`ExecError`]; then there is no answer, and `slots` hold nothing.
    ///
    /// # Panics
    ///
    /// If `slots` are fewer than `2 * captures_len()`.
    pub fn exec(
        &self,
        subject: Subject<'_>,
        start: usize,
        sticky: bool,
        scratch: &mut Scratch,
        slots: &mut [usize],
        checkpoint: &dyn Checkpoint,
    ) -> Result<bool, ExecError> {
        let slots = &mut slots[..self.captures_len() * 2];
        let mut ticker = Ticker::new(checkpoint);
        let found = match subject {
            Subject::Latin1(units) => self.search(units, start, sticky, scratch, slots, &mut ticker),
            Subject::Utf16(units) => self.search(units, start, sticky, scratch, slots, &mut ticker),
        };
        scratch.steps = ticker.steps;
        found
    }

    /// Whether there is a match at or after `start`, exactly at `start` if `sticky`.
    ///
    /// # Errors
    ///
    /// [`ExecError`]; then there is no answer.
    pub fn is_match(
        &self,
        subject: Subject<'_>,
        start: usize,
        sticky: bool,
        scratch: &mut Scratch,
        checkpoint: &dyn Checkpoint,
    ) -> Result<bool, ExecError> {
        let mut slots = vec![NONE; self.captures_len() * 2];
        self.exec(subject, start, sticky, scratch, &mut slots, checkpoint)
    }

    pub(crate) fn is_linear(&self) -> bool {
        self.code.backrefs.is_empty()
    }

    fn search<U: Unit>(
        &self,
        subject: &[U],
        start: usize,
        sticky: bool,
        scratch: &mut Scratch,
        slots: &mut [usize],
        ticker: &mut Ticker<'_>,
    ) -> Result<bool, ExecError> {
        if start > subject.len() {
            return Ok(false);
        }
        let start = self.character_start(subject, start);
        let steps = if self.is_linear() {
            self.linear_after(subject.len() - start)
        } else {
            self.budget(subject.len())
        };
        let mut searches = self.searches(subject, sticky, &mut scratch.backtrack);
        match searches.next(start, steps, ticker)? {
            Attempt::Match => {
                slots.copy_from_slice(searches.groups());
                Ok(true)
            }
            Attempt::NoMatch => Ok(false),
            Attempt::OutOfSteps if self.is_linear() => {
                self.linear(subject, start, sticky, scratch, slots, ticker)
            }
            Attempt::OutOfSteps => Err(ExecError::Budget { steps }),
        }
    }

    /// With `u` or `v`, a position within a surrogate pair stands for the pair's beginning.
    pub(crate) fn character_start<U: Unit>(&self, subject: &[U], at: usize) -> usize {
        if self.ast.unicode && !is_boundary(subject, at) { at - 1 } else { at }
    }

    /// The backtracking matcher on a subject, for one search after the other.
    pub(crate) fn searches<'a, U: Unit>(
        &'a self,
        subject: &'a [U],
        sticky: bool,
        scratch: &'a mut BacktrackScratch,
    ) -> Searches<'a, U> {
        let looks = self.ast.looks as usize;
        let machine = Machine::new(&self.code, self.captures_len(), looks, subject, scratch);
        let prefilter = if sticky { None } else { self.prefilter::<U>() };
        Searches {
            regex: self,
            machine,
            subject,
            prefilter,
            sticky,
            state: SearchState::new(self.limits.automaton_after),
        }
    }

    fn prefilter<U: Unit>(&self) -> Option<&Prefilter<U>> {
        let cell = U::prefilter(&self.prefilters);
        self.limits.prefilters.then(|| cell.get_or_init(|| Prefilter::new(&self.ast, &self.code)))
    }

    fn linear<U: Unit>(
        &self,
        subject: &[U],
        start: usize,
        sticky: bool,
        scratch: &mut Scratch,
        slots: &mut [usize],
        ticker: &mut Ticker<'_>,
    ) -> Result<bool, ExecError> {
        let mut matched = false;
        let wanted = Wanted { start, sticky, limit: 1, more: false };
        self.two_passes(subject, wanted, scratch, ticker, &mut |found: &[usize]| {
            slots.copy_from_slice(found);
            matched = true;
            Ok::<(), ExecError>(())
        })?;
        Ok(matched)
    }

    /// The automata, whose size was checked at construction.
    pub(crate) fn compiled<U: Unit>(&self) -> Option<&NfaPrograms> {
        self.programs::<U>(&Limits { program_size: usize::MAX, ..self.limits.clone() }).ok()
    }

    /// What says whether there is a match at all. `None` for a pattern that it is not for.
    pub(crate) fn automaton<U: Unit>(&self) -> Option<Dfa<'_>> {
        if !self.is_linear() || self.ast.looks > 0 {
            return None;
        }
        Dfa::new(&self.compiled::<U>()?.main, self.ast.unicode, U::LATIN1)
    }

    pub(crate) fn oracle_bytes(&self) -> usize {
        self.limits.oracle_bytes
    }

    fn programs<U: Unit>(&self, limits: &Limits) -> Result<&NfaPrograms, Error> {
        let cell = if U::LATIN1 { &self.latin1 } else { &self.utf16 };
        if let Some(programs) = cell.get() {
            return Ok(programs);
        }
        let programs = NfaPrograms::new(&self.ast, U::LATIN1, limits)?;
        Ok(cell.get_or_init(|| programs))
    }

    /// Steps that a search may take before the linear engine takes over.
    pub(crate) fn linear_after(&self, length: usize) -> u64 {
        let work = self.limits.linear_after_factor.saturating_mul(length as u64);
        self.limits.linear_after.saturating_add(work)
    }

    /// Steps that the searches of a global operation may take for matches that end `length` units behind its start.
    pub(crate) fn global_allowance(&self, length: usize) -> u64 {
        let factor = self.code.insts.len() as u64 * 2 + self.limits.linear_after_factor;
        self.limits.linear_after.saturating_add(factor.saturating_mul(length as u64))
    }

    /// Steps for a pattern with backreferences.
    pub(crate) fn budget(&self, length: usize) -> u64 {
        let work = (self.code.insts.len() as u64).saturating_mul(length as u64 + 1);
        self.limits.budget_base.saturating_add(self.limits.budget_factor.saturating_mul(work))
    }
}
