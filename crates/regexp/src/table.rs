//! The automaton of a small pattern, all of it, as a table: for callers to whom a call of an engine costs more than walking a short subject.

use std::collections::HashMap;

use crate::Limits;
use crate::engines::position::holds;
use crate::engines::sparse_set::SparseSet;
use crate::program::{Nfa, State, deciders};
use crate::syntax::{Assertion, Ast};

/// Says whether a subject has a match, one look-up for each code unit.
///
/// With lookaheads the subject is read backwards, so that at each position it is known whether they hold; with lookbehinds, forwards. A
/// pattern has no table if it has both, or backreferences, or if the table would be large.
///
/// # Example
///
/// ```
/// use sidelane_regexp::{Flags, Limits, Regex, Subject};
/// let pattern: Vec<u16> = r"^(?=.*\d)\w{4,}$".encode_utf16().collect();
/// let table = Regex::new(&pattern, Flags::default(), &Limits::default())?.table().expect("it is small");
/// assert_eq!(table.is_match(Subject::Latin1(b"abc1")), Some(true));
/// assert_eq!(table.is_match(Subject::Latin1(b"abcd")), Some(false));
/// # Ok::<(), sidelane_regexp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    cells: Vec<u16>,
    stride: usize,
}

/// The class of each code unit up to U+00FF is in the cell of its number, that of all others here.
const ABOVE: usize = 256;
/// The state to begin with.
const START: usize = 257;
/// Whether the subject is read backwards: 1, or 0.
const BACKWARD: usize = 258;
/// A state is the cell where its row begins: what the subject's end means, then for each class, from 1 on, the state that follows.
const ROWS: usize = 259;

// In place of a state: there is nothing more to read.
const NO_MATCH: u16 = 0;
const MATCH: u16 = 1;
/// The automaton does not know the unit: an engine must be asked.
const UNKNOWN: u16 = 2;

/// Cells of rows: 8 KiB. With 6 classes, which is typical, that is 585 states.
const MOST_CELLS: usize = 4096;
/// Visits of states in the making, some 20 ns each with what comes of them.
const MOST_VISITS: usize = 10_000;
/// States of all automata, nodes of the tree, lookarounds, and classes and sets of units: what else takes time.
const MOST_STATES: usize = 1000;
const MOST_NODES: usize = 4 * MOST_STATES;
const MOST_LOOKS: u32 = 8;
const MOST_CLASSES: usize = 64;

impl Table {
    pub(crate) fn new(ast: &Ast) -> Option<Table> {
        if ast.nodes.len() > MOST_NODES || ast.looks > MOST_LOOKS {
            return None;
        }
        let limits = Limits { program_size: MOST_STATES, ..Limits::default() };
        let (nfas, backward) = deciders(ast, &limits)?;
        let sets: usize = nfas.iter().map(|nfa| nfa.sets.len()).sum();
        (sets <= MOST_CLASSES).then(|| Builder::new(&nfas, backward, ast.unicode)).flatten()?.build()
    }

    /// Whether there is a match; `None` if the subject has a code unit above U+00FF of which the table does not know.
    pub fn is_match(&self, subject: crate::Subject<'_>) -> Option<bool> {
        let unit = |at: usize| match subject {
            crate::Subject::Latin1(units) => usize::from(units[at]),
            crate::Subject::Utf16(units) => usize::from(units[at]).min(ABOVE),
        };
        let mut state = self.cells[START];
        for step in 0..subject.len() {
            let at = if self.cells[BACKWARD] == 1 { subject.len() - 1 - step } else { step };
            state = self.cells[usize::from(state + self.cells[unit(at)])];
            if state <= UNKNOWN {
                return outcome(state);
            }
        }
        outcome(self.cells[usize::from(state)])
    }

    /// All of it, to be walked elsewhere as [`Table::is_match`] does.
    pub fn cells(&self) -> &[u16] {
        &self.cells
    }

    /// How many states there are.
    pub fn states(&self) -> usize {
        (self.cells.len() - ROWS) / self.stride
    }
}

fn outcome(state: u16) -> Option<bool> {
    (state != UNKNOWN).then_some(state == MATCH)
}

/// A state is where the automata are before what comes without reading is followed: that may depend on the unit read next. Its key is the
/// kind of the unit read last, then the automata's states in order.
type Key = (usize, Vec<u32>);

/// The kind of the subject's edge.
const EDGE: usize = 0;

struct Builder<'a> {
    /// The whole pattern's, then those of its lookarounds: inner ones behind those around them.
    nfas: &'a [Nfa],
    /// The number of each one's first state.
    bases: Vec<u32>,
    backward: bool,
    /// Whether a match may begin (end, if read backwards) behind the subject's edge.
    restarts: bool,
    classes: [u16; ABOVE + 1],
    /// A unit of each class. Without one for the last, if the pattern does not treat all units above U+00FF alike.
    units: Vec<u16>,
    /// The assertions tell only so many kinds of units apart, as the unit read last and as the next one: by class, [`EDGE`] first.
    last_kinds: Vec<usize>,
    next_kinds: Vec<usize>,
    /// The first one of each kind.
    last_units: Vec<Option<u16>>,
    next_units: Vec<Option<u16>>,
    seen: SparseSet,
    stack: Vec<u32>,
    accepts: Vec<bool>,
    visits: usize,
}

impl<'a> Builder<'a> {
    fn new(nfas: &'a [Nfa], backward: bool, unicode: bool) -> Option<Self> {
        let mut bases = vec![0];
        for nfa in nfas {
            bases.push(bases[bases.len() - 1] + nfa.states.len() as u32);
        }
        let mut assertions: Vec<Assertion> = Vec::new();
        for state in nfas.iter().flat_map(|nfa| &nfa.states) {
            if let State::Assert { assertion, .. } = *state
                && !assertions.contains(&assertion)
            {
                assertions.push(assertion);
            }
        }
        let knows_above = !unicode && treats_all_above_alike(nfas, &assertions);
        let (classes, units) = classify(nfas, &assertions, knows_above);
        if units.len() > MOST_CLASSES {
            return None;
        }
        let sides: Vec<Option<u16>> = std::iter::once(None).chain(units.iter().copied().map(Some)).collect();
        let between = |assertion, last, next| {
            if backward { holds_between(assertion, next, last) } else { holds_between(assertion, last, next) }
        };
        let (last_kinds, last_units) = kinds(&sides, &assertions, between);
        let (next_kinds, next_units) =
            kinds(&sides, &assertions, |assertion, one, other| between(assertion, other, one));
        let mut seen = SparseSet::default();
        seen.prepare(bases[nfas.len()] as usize);
        let mut builder = Builder {
            nfas,
            bases,
            backward,
            restarts: false,
            classes,
            units,
            last_kinds,
            next_kinds,
            last_units,
            next_units,
            seen,
            stack: Vec::new(),
            accepts: vec![false; nfas.len()],
            visits: 0,
        };
        builder.restarts = builder.may_restart();
        Some(builder)
    }

    /// The table, unless it becomes too large.
    fn build(mut self) -> Option<Table> {
        let stride = usize::from(self.classes.iter().copied().max().unwrap_or(0)) + 1;
        let mut cells: Vec<u16> = self.classes.to_vec();
        cells.extend([ROWS as u16, u16::from(self.backward)]);
        let start: Key = (EDGE, Vec::new());
        let mut ids = HashMap::from([(start.clone(), ROWS as u16)]);
        let mut pending = vec![start];
        let mut done = 0;
        while done < pending.len() {
            let key = std::mem::take(&mut pending[done]);
            done += 1;
            if done * stride > MOST_CELLS {
                return None;
            }
            let closed: Vec<Option<Vec<u32>>> =
                (0..self.next_units.len()).map(|kind| self.close(&key, self.next_units[kind])).collect();
            cells.push(if closed[EDGE].is_none() { MATCH } else { NO_MATCH });
            for class in 1..stride {
                let Some(unit) = self.units.get(class - 1).copied() else {
                    // Whatever the unit is, the assertions cannot tell it from one of the kinds.
                    let is_match = closed.iter().all(Option::is_none);
                    cells.push(match self.is_over(&key) {
                        _ if is_match => MATCH,
                        true => NO_MATCH,
                        false => UNKNOWN,
                    });
                    continue;
                };
                let Some(closed) = &closed[self.next_kinds[class]] else {
                    cells.push(MATCH);
                    continue;
                };
                let next = self.step(closed, unit, self.last_kinds[class]);
                if self.is_over(&next) {
                    cells.push(NO_MATCH);
                    continue;
                }
                let number = ids.len();
                cells.push(*ids.entry(next).or_insert_with_key(|key| {
                    pending.push(key.clone());
                    (ROWS + number * stride) as u16
                }));
            }
            if self.visits > MOST_VISITS {
                return None;
            }
        }
        Some(Table { cells, stride })
    }

    /// Follows what comes without reading, before a unit of that kind or the subject's end. `None`: there is a match.
    fn close(&mut self, key: &Key, next: Option<u16>) -> Option<Vec<u32>> {
        let last = self.last_units[key.0];
        self.seen.clear();
        for automaton in (0..self.nfas.len()).rev() {
            let (nfa, base) = (&self.nfas[automaton], self.bases[automaton]);
            let range = base..self.bases[automaton + 1];
            self.stack.extend(key.1.iter().filter(|state| range.contains(state)).map(|state| state - base));
            self.stack.push(nfa.start);
            self.accepts[automaton] = false;
            while let Some(state) = self.stack.pop() {
                if !self.seen.insert(base + state) {
                    continue;
                }
                self.visits += 1;
                match nfa.states[state as usize] {
                    State::Fork { first, second } => self.stack.extend([first, second]),
                    State::Save { next, .. } | State::Reset { next, .. } => self.stack.push(next),
                    State::Assert { assertion, next: behind } => {
                        let (before, after) = if self.backward { (next, last) } else { (last, next) };
                        if holds_between(assertion, before, after) {
                            self.stack.push(behind);
                        }
                    }
                    State::Oracle { look, negative, next } => {
                        if self.accepts[look as usize + 1] != negative {
                            self.stack.push(next);
                        }
                    }
                    State::Accept => self.accepts[automaton] = true,
                    State::Unit { .. } | State::Set { .. } | State::Fail => {}
                }
            }
        }
        (!self.accepts[0]).then(|| self.seen.as_slice().to_vec())
    }

    /// Reads a unit.
    fn step(&mut self, closed: &[u32], unit: u16, kind: usize) -> Key {
        let mut key = Vec::new();
        for &state in closed {
            let automaton = self.bases.partition_point(|base| *base <= state) - 1;
            let (nfa, base) = (&self.nfas[automaton], self.bases[automaton]);
            match nfa.states[(state - base) as usize] {
                State::Unit { unit: expected, next } if expected == unit => key.push(base + next),
                State::Set { set, next } if nfa.sets[set as usize].contains(unit) => key.push(base + next),
                _ => {}
            }
        }
        self.visits += closed.len();
        key.sort_unstable();
        key.dedup();
        (kind, key)
    }

    /// Whether nothing can match any more, whatever comes.
    fn is_over(&self, key: &Key) -> bool {
        // The whole pattern's states have the lowest numbers.
        key.0 != EDGE && !self.restarts && key.1.first().is_none_or(|state| *state >= self.bases[1])
    }

    fn may_restart(&mut self) -> bool {
        let edge = if self.backward { Assertion::End } else { Assertion::Start };
        let nfa = &self.nfas[0];
        self.stack.push(nfa.start);
        let mut restarts = false;
        while let Some(state) = self.stack.pop() {
            if !self.seen.insert(state) {
                continue;
            }
            match nfa.states[state as usize] {
                State::Fork { first, second } => self.stack.extend([first, second]),
                State::Assert { assertion, .. } if assertion == edge => {}
                State::Save { next, .. }
                | State::Reset { next, .. }
                | State::Assert { next, .. }
                | State::Oracle { next, .. } => self.stack.push(next),
                State::Unit { .. } | State::Set { .. } | State::Accept => restarts = true,
                State::Fail => {}
            }
        }
        restarts
    }
}

fn holds_between(assertion: Assertion, before: Option<u16>, after: Option<u16>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => holds(assertion, &[before, after], 1),
        (Some(before), None) => holds(assertion, &[before], 1),
        (None, Some(after)) => holds(assertion, &[after], 0),
        (None, None) => holds::<u16>(assertion, &[], 0),
    }
}

fn treats_all_above_alike(nfas: &[Nfa], assertions: &[Assertion]) -> bool {
    let is_alike = |nfa: &Nfa| {
        let units = nfa.states.iter().all(|state| !matches!(state, State::Unit { unit, .. } if *unit > 0xFF));
        units && nfa.sets.iter().all(|set| set.treats_all_above_alike())
    };
    let has_lines = assertions.iter().any(|a| matches!(a, Assertion::LineStart | Assertion::LineEnd));
    !has_lines && nfas.iter().all(is_alike)
}

/// The class of each unit, from 1 on, and a unit of each that the automata know.
fn classify(nfas: &[Nfa], assertions: &[Assertion], knows_above: bool) -> ([u16; ABOVE + 1], Vec<u16>) {
    // Classes that a question splits: those of units with one answer keep their number.
    let mut classes = [0_u16; ABOVE + 1];
    let mut count = 1;
    let mut split = |is_in: &dyn Fn(u16) -> bool| {
        let mut parts = vec![None; count];
        for (unit, class) in classes.iter_mut().enumerate() {
            if is_in(unit as u16) {
                *class = *parts[usize::from(*class)].get_or_insert_with(|| {
                    count += 1;
                    (count - 1) as u16
                });
            }
        }
    };
    let mut singles = [false; 256];
    for nfa in nfas {
        for state in &nfa.states {
            if let State::Unit { unit, .. } = *state
                && let Some(single) = singles.get_mut(usize::from(unit))
            {
                *single = true;
            }
        }
        for set in &nfa.sets {
            split(&|unit| set.contains(unit));
        }
    }
    for &assertion in assertions {
        split(&|unit| holds(assertion, &[unit], 0));
        split(&|unit| holds(assertion, &[unit], 1));
    }
    // Each is a class of its own, and so are those above that the automata do not know.
    let (mut keys, mut units) = (Vec::new(), Vec::new());
    for (unit, class) in classes.iter_mut().enumerate() {
        let is_single = singles.get(unit).copied().unwrap_or(!knows_above);
        let key = if is_single { (0, unit + 1) } else { (*class, 0) };
        let number = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            if unit < ABOVE || knows_above {
                units.push(unit as u16);
            }
            keys.len() - 1
        });
        *class = number as u16 + 1;
    }
    (classes, units)
}

/// Which of the units the assertions cannot tell apart on one side of a position, and the first of each kind.
fn kinds(
    sides: &[Option<u16>],
    assertions: &[Assertion],
    holds: impl Fn(Assertion, Option<u16>, Option<u16>) -> bool,
) -> (Vec<usize>, Vec<Option<u16>>) {
    let mut firsts: Vec<(Vec<bool>, Option<u16>)> = Vec::new();
    let kinds = sides
        .iter()
        .map(|&one| {
            let answers = assertions.iter().flat_map(|a| sides.iter().map(|other| holds(*a, one, *other)));
            let answers: Vec<bool> = answers.collect();
            firsts.iter().position(|first| first.0 == answers).unwrap_or_else(|| {
                firsts.push((answers, one));
                firsts.len() - 1
            })
        })
        .collect();
    (kinds, firsts.into_iter().map(|first| first.1).collect())
}

#[cfg(test)]
mod tests {
    use crate::{Flags, Limits, Regex, Scratch, Subject, Table, Unstoppable};

    fn regex(source: &str, flags: &str) -> Regex {
        let source: Vec<u16> = source.encode_utf16().collect();
        Regex::new(&source, Flags::parse(flags).expect("flags"), &Limits::default()).expect("a pattern")
    }

    fn table(source: &str, flags: &str) -> Table {
        regex(source, flags).table().unwrap_or_else(|| panic!("/{source}/{flags} has no table"))
    }

    #[test]
    fn what_has_no_table() {
        for source in
            [r"(a)\1", "(?=a)(?<=b)", "(?:[ab]*a[ab]{12}){3}", "[ab]*a[ab]{11}c", &"abc".repeat(400)]
        {
            assert_eq!(regex(source, "").table(), None, "{source}");
        }
    }

    #[test]
    fn sizes() {
        for (source, flags, most) in [
            (r"^[\w.+-]+@[\w-]+\.[\w.-]+$", "", 8),
            ("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", "i", 40),
            (r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{8,}$", "", 80),
            (r"\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b", "", 60),
        ] {
            let states = table(source, flags).states();
            assert!(states <= most, "/{source}/: {states} states");
        }
    }

    #[test]
    fn units_above_latin_1_are_known_where_all_of_them_are_alike() {
        let cjk: Vec<u16> = "ab漢\u{2028}".encode_utf16().collect();
        for (source, flags, expected) in [
            (r"^\w+$", "", Some(false)),
            ("[^a-z]$", "", Some(true)),
            (r"^[^]+\B$", "", Some(true)),
            ("^ab.", "", None),
            ("漢", "", None),
            ("^x漢", "", Some(false)),
            ("^ac", "u", Some(false)),
            ("ab[^]", "u", None),
            ("^$", "m", None),
            ("^b", "m", None),
            ("b", "u", Some(true)),
        ] {
            assert_eq!(table(source, flags).is_match(Subject::Utf16(&cjk)), expected, "/{source}/{flags}");
        }
    }

    /// All subjects of up to four units of an alphabet in which everything of these patterns can be told apart.
    #[test]
    fn every_short_subject() {
        const UNITS: [u16; 7] = [0x61, 0x62, 0x31, 0x0A, 0x20, 0xE9, 0x2028];
        for (source, flags) in [
            (r"\bab\b|\B1", ""),
            (r"^a|b$", "m"),
            (r"^(?!.*b)(?=.*1)[^ ]+$", ""),
            (r"(?<!a)b(?<=(?<!1)[ab]b)", ""),
            (r"(?=a(?!b(?=1)))[^]", "s"),
            (r"(?:a|)*1|(?:(?!b)\w)+$", "i"),
            (r"[^a]\b.", "su"),
        ] {
            let (regex, mut scratch, mut answers) = (regex(source, flags), Scratch::new(), 0);
            let table = regex.table().expect(source);
            for number in 0..8_u32.pow(4) {
                let digits = (0..4).map(|place| number >> (3 * place) & 7);
                let subject: Vec<u16> =
                    digits.take_while(|digit| *digit < 7).map(|digit| UNITS[digit as usize]).collect();
                let subject = Subject::Utf16(&subject);
                let expected = regex.is_match(subject, 0, false, &mut scratch, &Unstoppable);
                if let Some(answer) = table.is_match(subject) {
                    assert_eq!(Ok(answer), expected, "/{source}/{flags} on {subject:?}");
                    answers += 1;
                }
            }
            assert!(answers > 2000, "/{source}/{flags}: {answers}");
        }
    }
}
