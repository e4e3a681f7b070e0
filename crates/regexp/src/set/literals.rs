//! Texts of which every match of a pattern must hold one.
//!
//! A text is the low bytes of code units, in lower case as far as they are ASCII: what is found with it is a superset, which is all
//! that a filter must be, and one filter serves both alphabets.

use crate::syntax::{Ast, Node};
use crate::unicode::CodePointSet;

/// Texts of a node, at most, and their length.
const TEXTS: usize = 16;
const LENGTH: usize = 32;
/// Larger patterns are not looked at.
const NODES: usize = 10_000;

type Text = Vec<u8>;

/// One of the texts is in every match, with at most `before` code units of the match before it; none: no bound.
#[derive(Debug, Clone)]
pub(super) struct Required {
    pub(super) texts: Vec<Text>,
    pub(super) before: Option<usize>,
}

/// What is known of a node.
#[derive(Debug, Default, Clone)]
struct Known {
    /// All that it can match, if that is little.
    exact: Option<Vec<Text>>,
    required: Option<Required>,
    /// Code units that it matches at most.
    most: Option<usize>,
}

/// The texts that a match needs, if any are known.
pub(super) fn required(ast: &Ast) -> Option<Required> {
    if ast.nodes.len() > NODES {
        return None;
    }
    // Children come before their parents.
    let mut known: Vec<Known> = Vec::with_capacity(ast.nodes.len());
    for node in &ast.nodes {
        let next = of_node(ast, node, &known);
        known.push(next);
    }
    required_of(known.swap_remove(ast.root as usize))
}

fn of_node(ast: &Ast, node: &Node, known: &[Known]) -> Known {
    match node {
        Node::Empty | Node::Look { .. } | Node::Assert(_) => nothing(),
        Node::Char(c) => {
            let mut units = [0; 2];
            let text = match char::from_u32(*c) {
                Some(c) => c.encode_utf16(&mut units).iter().map(|unit| fold(*unit)).collect(),
                // A lone surrogate.
                None => vec![fold(*c as u16)],
            };
            Known { most: Some(text.len()), exact: Some(vec![text]), required: None }
        }
        Node::Class(set) => of_class(&ast.sets[*set as usize], ast.unicode),
        Node::Seq(terms) => of_sequence(terms.iter().map(|&term| &known[term as usize])),
        Node::Alt(alternatives) => of_alternatives(alternatives.iter().map(|&each| &known[each as usize])),
        Node::Group { body, .. } => known[*body as usize].clone(),
        Node::Repeat { body, min, max, .. } => of_repeat(&known[*body as usize], *min, *max),
        Node::BackRef { .. } => Known::default(),
    }
}

/// Of what takes no room: its neighbours touch each other.
fn nothing() -> Known {
    Known { exact: Some(vec![Text::new()]), required: None, most: Some(0) }
}

fn fold(unit: u16) -> u8 {
    (unit as u8).to_ascii_lowercase()
}

fn of_class(set: &CodePointSet, unicode: bool) -> Known {
    let is_astral = set.ranges().iter().any(|range| range.1 > 0xFFFF);
    let most = Some(if unicode && is_astral { 2 } else { 1 });
    let ranges = set.ranges();
    let count = ranges.iter().map(|(from, to)| (to - from) as usize + 1).fold(0, usize::saturating_add);
    if (unicode && is_astral) || count > TEXTS {
        return Known { most, ..Known::default() };
    }
    let mut texts: Vec<Text> = ranges
        .iter()
        .flat_map(|&(from, to)| from..=to.min(0xFFFF))
        .map(|unit| vec![fold(unit as u16)])
        .collect();
    texts.sort_unstable();
    texts.dedup();
    Known { exact: Some(texts), required: None, most }
}

fn of_repeat(body: &Known, min: u32, max: u32) -> Known {
    match (min, max) {
        (_, 0) => nothing(),
        (1, 1) => body.clone(),
        _ => {
            let most = body.most.and_then(|most| {
                if most == 0 { Some(0) } else { (max != u32::MAX).then(|| most.saturating_mul(max as usize)) }
            });
            // Of the first iteration.
            let required = if min == 0 { None } else { required_of(body.clone()) };
            Known { exact: None, required, most }
        }
    }
}

fn of_alternatives<'k>(alternatives: impl Iterator<Item = &'k Known> + Clone) -> Known {
    let all: Option<Vec<&Vec<Text>>> = alternatives.clone().map(|known| known.exact.as_ref()).collect();
    let exact = all.map(|all| union(all.into_iter().flatten().cloned()));
    let required: Option<Vec<Required>> = alternatives.clone().cloned().map(required_of).collect();
    let required = required.map(|all| Required {
        before: greatest(all.iter().map(|required| required.before)),
        texts: union(all.into_iter().flat_map(|required| required.texts)),
    });
    Known {
        exact: exact.filter(|texts| texts.len() <= TEXTS),
        required: required.filter(|required| required.texts.len() <= TEXTS),
        most: greatest(alternatives.map(|known| known.most)),
    }
}

fn union(texts: impl Iterator<Item = Text>) -> Vec<Text> {
    let mut texts: Vec<Text> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn greatest(lengths: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    lengths.collect::<Option<Vec<_>>>().map(|all| all.into_iter().max().unwrap_or(0))
}

fn of_sequence<'k>(terms: impl Iterator<Item = &'k Known>) -> Known {
    // The run of terms that are known exactly, and what can be before it.
    let mut run = Required { texts: vec![Text::new()], before: Some(0) };
    let mut most = Some(0_usize);
    let mut best: Option<Required> = None;
    let mut is_exact = true;
    for term in terms {
        let joined = term.exact.as_ref().and_then(|texts| product(&run.texts, texts));
        let after = add(most, term.most);
        if let Some(joined) = joined {
            run.texts = joined;
        } else {
            is_exact = false;
            consider(&mut best, run);
            if let Some(texts) = &term.exact {
                run = Required { texts: texts.clone(), before: most };
            } else {
                if let Some(Required { texts, before }) = &term.required {
                    consider(&mut best, Required { texts: texts.clone(), before: add(most, *before) });
                }
                run = Required { texts: vec![Text::new()], before: after };
            }
        }
        most = after;
    }
    if is_exact {
        return Known { exact: Some(run.texts), required: None, most };
    }
    consider(&mut best, run);
    Known { exact: None, required: best, most }
}

fn add(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    a?.checked_add(b?)
}

/// Each text with each of the others behind it, if that is few.
fn product(texts: &[Text], others: &[Text]) -> Option<Vec<Text>> {
    let longest = |texts: &[Text]| texts.iter().map(Vec::len).max().unwrap_or(0);
    if texts.len() * others.len() > TEXTS || longest(texts) + longest(others) > LENGTH {
        return None;
    }
    Some(texts.iter().flat_map(|text| others.iter().map(|other| [&text[..], other].concat())).collect())
}

fn required_of(known: Known) -> Option<Required> {
    match known.exact {
        Some(texts) => Some(Required { texts, before: Some(0) }).filter(|required| score(required).0 > 0),
        None => known.required,
    }
}

/// Longer texts are rarer; then fewer.
fn score(required: &Required) -> (usize, usize) {
    let shortest = required.texts.iter().map(Vec::len).min().unwrap_or(0);
    (shortest, usize::MAX - required.texts.len())
}

fn consider(best: &mut Option<Required>, other: Required) {
    let value = score(&other);
    if value.0 > 0 && best.as_ref().is_none_or(|best| score(best) < value) {
        *best = Some(other);
    }
}
