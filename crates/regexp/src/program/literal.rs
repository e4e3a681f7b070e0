//! A text that every match contains.

use super::utf16::split;
use crate::syntax::{Ast, INFINITE, Node};

/// A text that every match contains, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) units: Vec<u16>,
    /// Units of the match before it, at least.
    pub(crate) min: usize,
    /// At most, if there is a bound.
    pub(crate) max: Option<usize>,
}

/// What is known of all matches of a node. Nothing of what a lookaround reads counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Units, at least.
    pub(crate) min: usize,
    /// Units, at most, if there is a bound.
    max: Option<usize>,
    /// The only text that it matches.
    exact: Option<Vec<u16>>,
    pub(crate) literal: Option<Literal>,
    /// A unit that is in all of them, of several the one that is likely to be the rarest.
    pub(crate) required: Option<u16>,
}

/// Longer texts are cut.
const LONGEST: usize = 32;

/// What is known of a whole pattern. Children come before their parents, so one pass is enough.
pub(crate) fn facts(ast: &Ast) -> Facts {
    let mut all: Vec<Facts> = Vec::with_capacity(ast.nodes.len());
    for node in &ast.nodes {
        let facts = match node {
            Node::Empty | Node::Look { .. } | Node::Assert(_) => Facts::of_text(Vec::new()),
            Node::Char(c) => Facts::of_char(*c),
            Node::Class(set) => match ast.sets[*set as usize].ranges() {
                &[(from, to)] if from == to && (ast.unicode || from <= 0xFFFF) => Facts::of_char(from),
                ranges => {
                    let is_wide = ast.unicode && ranges.iter().any(|range| range.1 > 0xFFFF);
                    Facts { min: 1, max: Some(1 + usize::from(is_wide)), ..Facts::default() }
                }
            },
            Node::Seq(terms) => sequence(terms.iter().map(|&term| &all[term as usize])),
            Node::Alt(alternatives) => {
                let each = || alternatives.iter().map(|&id| &all[id as usize]);
                Facts {
                    min: each().map(|facts| facts.min).min().unwrap_or(0),
                    max: each().map(|facts| facts.max).try_fold(0, |most, max| Some(most.max(max?))),
                    ..Facts::default()
                }
            }
            Node::Group { body, .. } => all[*body as usize].clone(),
            Node::Repeat { body, min, max, .. } => repeated(&all[*body as usize], *min, *max),
            Node::BackRef { .. } => Facts::default(),
        };
        all.push(facts);
    }
    all.swap_remove(ast.root as usize)
}

impl Facts {
    fn of_text(units: Vec<u16>) -> Facts {
        let literal = (!units.is_empty()).then(|| Literal { units: units.clone(), min: 0, max: Some(0) });
        let required = rarest(units.iter().copied());
        Facts { min: units.len(), max: Some(units.len()), exact: Some(units), literal, required }
    }

    fn of_char(c: u32) -> Facts {
        if c <= 0xFFFF {
            return Facts::of_text(vec![c as u16]);
        }
        let (high, low) = split(c);
        Facts::of_text(vec![high as u16, low as u16])
    }
}

fn sequence<'f>(terms: impl Iterator<Item = &'f Facts>) -> Facts {
    let mut total = Facts { max: Some(0), ..Facts::default() };
    // The exact text that ends here, and its offsets.
    let mut run = Literal { units: Vec::new(), min: 0, max: Some(0) };
    let mut is_exact = true;
    for term in terms {
        match &term.exact {
            Some(text) if run.units.len() + text.len() <= LONGEST => run.units.extend(text),
            exact => {
                is_exact = false;
                let text = exact.clone().unwrap_or_default();
                let inner = term.literal.clone().filter(|_| exact.is_none()).map(|literal| Literal {
                    min: total.min.saturating_add(literal.min),
                    max: add(total.max, literal.max),
                    ..literal
                });
                let next = Literal { units: text, min: total.min, max: total.max };
                total.literal = better(total.literal, Some(std::mem::replace(&mut run, next)));
                total.literal = better(total.literal, inner);
            }
        }
        total.required = rarest(total.required.into_iter().chain(term.required));
        total.min = total.min.saturating_add(term.min);
        total.max = add(total.max, term.max);
        if run.units.is_empty() {
            (run.min, run.max) = (total.min, total.max);
        }
    }
    total.literal = better(total.literal, Some(run.clone()));
    total.exact = is_exact.then_some(run.units);
    total
}

fn repeated(body: &Facts, min: u32, max: u32) -> Facts {
    let at_most = match (body.max, max) {
        (Some(0), _) | (_, 0) => Some(0),
        (_, INFINITE) | (None, _) => None,
        (Some(units), max) => Some(units.saturating_mul(max as usize)),
    };
    let copies = |text: &Vec<u16>| text.repeat((LONGEST / text.len().max(1)).min(min as usize));
    let text = body.exact.as_ref().map(copies);
    let exact = body.exact.as_ref().zip(text.as_ref()).filter(|(one, all)| {
        one.is_empty() || (min == max && all.len() == one.len().saturating_mul(min as usize))
    });
    let literal = match &text {
        Some(units) if !units.is_empty() => Some(Literal { units: units.clone(), min: 0, max: Some(0) }),
        _ => body.literal.clone().filter(|_| min > 0),
    };
    Facts {
        min: body.min.saturating_mul(min as usize),
        max: at_most,
        exact: exact.map(|(_, all)| all.clone()),
        literal,
        required: body.required.filter(|_| min > 0),
    }
}

fn add(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    a?.checked_add(b?)
}

/// The one that is likely to be rarer, or nearer to the match's beginning.
fn better(a: Option<Literal>, b: Option<Literal>) -> Option<Literal> {
    let (a, b) = (a.filter(|a| a.score() > 0), b.filter(|b| b.score() > 0));
    match (&a, &b) {
        (Some(x), Some(y)) if y.score() > x.score() => b,
        (None, _) => b,
        _ => a,
    }
}

impl Literal {
    /// 0: it is everywhere, so that to look for it is a loss.
    fn score(&self) -> u32 {
        let rarity: u32 = self.units.iter().map(|&unit| rarity(unit)).sum();
        match self.max {
            Some(_) => rarity + 3 * u32::from(rarity > 0),
            None if rarity < 3 => 0,
            None => rarity,
        }
    }

    /// The unit of it that is likely to be the rarest.
    pub(crate) fn rarest(&self) -> usize {
        (0..self.units.len()).max_by_key(|&index| rarity(self.units[index])).unwrap_or(0)
    }
}

fn rarity(unit: u16) -> u32 {
    match unit {
        0x20 => 0,
        0x30..=0x39 | 0x61..=0x7A => 2,
        0..=0x7F => 3,
        _ => 4,
    }
}

fn rarest(units: impl Iterator<Item = u16>) -> Option<u16> {
    units.max_by_key(|&unit| rank(unit))
}

/// As [`rarity`], with the letters told apart, and digits among them.
fn rank(unit: u16) -> usize {
    const RANKED: &[u8] = b" etaoinsrhldcum0123456789fpgwybvkxjqz";
    let rank = RANKED.iter().position(|&ranked| u16::from(ranked) == unit);
    rank.unwrap_or(rarity(unit) as usize * RANKED.len())
}
