//! Any filter on any records, as lines of NDJSON: those that match are those of which the filter, read slowly, holds. And any steps of a builder end in a filter or an error.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sidelane_kernels::filter::{Builder, Error, Group, Operand, Test, Value};
use sidelane_kernels::json::{Mode, Pointer, Selection};
use sidelane_kernels::ndjson::{Output, Query, run};
use sidelane_kernels::{Threads, Uninterruptible};

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Arbitrary, Debug)]
enum Node<'d> {
    All(Vec<Node<'d>>),
    Any(Vec<Node<'d>>),
    Not(Vec<Node<'d>>),
    Test(u8, Check<'d>),
}

#[derive(Arbitrary, Debug)]
enum Check<'d> {
    Equal(Scalar<'d>),
    NotEqual(Scalar<'d>),
    Greater(Scalar<'d>),
    GreaterOrEqual(Scalar<'d>),
    Less(Scalar<'d>),
    LessOrEqual(Scalar<'d>),
    In(Vec<Scalar<'d>>),
    Exists(bool),
    Prefix(&'d str),
    Suffix(&'d str),
    Contains(&'d str),
}

#[derive(Arbitrary, Debug, Clone, Copy, PartialEq)]
enum Scalar<'d> {
    Null,
    Bool(bool),
    Number(f64),
    Small(i8),
    Text(&'d str),
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Field<'d> {
    Missing,
    Scalar(Scalar<'d>),
    List,
}

impl Scalar<'_> {
    fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Small(number) => Some(number.into()),
            _ => None,
        }
    }

    fn operand(self) -> Operand {
        match self {
            Self::Null => Operand::Null,
            Self::Bool(value) => Operand::Bool(value),
            Self::Number(number) => Operand::Number(number),
            Self::Small(number) => Operand::Number(number.into()),
            Self::Text(text) => Operand::Text(text.into()),
        }
    }

    fn json(self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => format!("{number:?}"),
            Self::Small(number) => number.to_string(),
            Self::Text(text) => quoted(text),
        }
    }

    fn equals(self, other: Self) -> bool {
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => one == two,
            (None, None) => self == other,
            _ => false,
        }
    }

    /// Which comes first; none if they have no order.
    fn order(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => Some(one.cmp(two)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }
}

fn quoted(text: &str) -> String {
    let characters = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        '\0'..' ' => format!("\\u{:04x}", u32::from(c)),
        _ => c.into(),
    });
    format!("\"{}\"", characters.collect::<String>())
}

impl Check<'_> {
    fn test(&self) -> Test {
        match self {
            Self::Equal(operand) => Test::Equal(operand.operand()),
            Self::NotEqual(operand) => Test::NotEqual(operand.operand()),
            Self::Greater(operand) => Test::Greater(operand.operand()),
            Self::GreaterOrEqual(operand) => Test::GreaterOrEqual(operand.operand()),
            Self::Less(operand) => Test::Less(operand.operand()),
            Self::LessOrEqual(operand) => Test::LessOrEqual(operand.operand()),
            Self::In(operands) => Test::In(operands.iter().map(|operand| operand.operand()).collect()),
            Self::Exists(wanted) => Test::Exists(*wanted),
            Self::Prefix(part) => Test::Prefix((*part).into()),
            Self::Suffix(part) => Test::Suffix((*part).into()),
            Self::Contains(part) => Test::Contains((*part).into()),
        }
    }

    fn holds(&self, field: Field<'_>) -> bool {
        let value = if let Field::Scalar(value) = field { Some(value) } else { None };
        let order = |operand: &Scalar<'_>| value.and_then(|value| value.order(*operand));
        let equals = |operand: &Scalar<'_>| value.is_some_and(|value| value.equals(*operand));
        let text = if let Some(Scalar::Text(text)) = value { Some(text) } else { None };
        match self {
            Self::Equal(operand) => equals(operand),
            Self::NotEqual(operand) => !equals(operand),
            Self::Greater(operand) => order(operand).is_some_and(|order| order.is_gt()),
            Self::GreaterOrEqual(operand) => order(operand).is_some_and(|order| order.is_ge()),
            Self::Less(operand) => order(operand).is_some_and(|order| order.is_lt()),
            Self::LessOrEqual(operand) => order(operand).is_some_and(|order| order.is_le()),
            Self::In(operands) => operands.iter().any(equals),
            Self::Exists(wanted) => !matches!(field, Field::Missing) == *wanted,
            Self::Prefix(part) => text.is_some_and(|text| text.starts_with(part)),
            Self::Suffix(part) => text.is_some_and(|text| text.ends_with(part)),
            Self::Contains(part) => text.is_some_and(|text| text.contains(part)),
        }
    }
}

fn build(builder: &mut Builder, nodes: &[Node<'_>]) -> Result<(), Error> {
    nodes.iter().try_for_each(|node| {
        let (group, parts) = match node {
            Node::Test(field, check) => return builder.test(usize::from(*field) % NAMES.len(), check.test()),
            Node::All(parts) => (Group::All, parts),
            Node::Any(parts) => (Group::Any, parts),
            Node::Not(parts) => (Group::Not, parts),
        };
        builder.open(group)?;
        build(builder, parts)?;
        builder.close()
    })
}

fn holds(node: &Node<'_>, record: &[Field<'_>; 3]) -> bool {
    match node {
        Node::Test(field, check) => check.holds(record[usize::from(*field) % NAMES.len()]),
        Node::All(parts) => parts.iter().all(|part| holds(part, record)),
        Node::Any(parts) => parts.iter().any(|part| holds(part, record)),
        Node::Not(parts) => !parts.iter().all(|part| holds(part, record)),
    }
}

fn line(record: &[Field<'_>; 3]) -> String {
    let members = NAMES.iter().zip(record).filter_map(|(name, field)| match field {
        Field::Missing => None,
        Field::Scalar(value) => Some(format!("\"{name}\":{}", value.json())),
        Field::List => Some(format!("\"{name}\":[1]")),
    });
    format!("{{{}}}\n", members.collect::<Vec<_>>().join(","))
}

fn steps(steps: &[(u8, Check<'_>)]) {
    let mut builder = Builder::default();
    for (step, check) in steps {
        let done = match step % 5 {
            0 => builder.close(),
            1 => builder.open(Group::All),
            2 => builder.open(Group::Any),
            3 => builder.open(Group::Not),
            _ => builder.test(usize::from(*step), check.test()),
        };
        if done.is_err() {
            return;
        }
    }
    if let Ok(filter) = builder.finish() {
        let _ = filter.matches(&Uninterruptible, |field| {
            if field % 2 == 0 { Value::Missing } else { Value::Number(field as f64) }
        });
    }
}

fuzz_target!(|input: (Vec<Node<'_>>, Vec<[Field<'_>; 3]>, Vec<(u8, Check<'_>)>)| {
    let (nodes, mut records, wild) = input;
    steps(&wild);
    // JSON has no such numbers.
    for field in records.as_flattened_mut() {
        if matches!(field, Field::Scalar(Scalar::Number(number)) if !number.is_finite()) {
            *field = Field::Missing;
        }
    }
    let mut builder = Builder::default();
    if build(&mut builder, &nodes).is_err() {
        return;
    }
    let filter = builder.finish().expect("groups are closed");
    let pointers = NAMES.map(|name| Pointer::parse(&format!("/{name}")).expect("a pointer"));
    let selection = Selection::new(&pointers).expect("a selection");
    let data: String = records.iter().map(line).collect();
    let wanted: String =
        records.iter().filter(|record| nodes.iter().all(|node| holds(node, record))).map(line).collect();
    for mode in [Mode::Checked, Mode::Trusted] {
        let query = Query { mode, ..Query::new(&selection, Some(&filter), 0) };
        let pieces = run(data.as_bytes(), &query, &Output::Lines, &Uninterruptible, Threads::One)
            .expect("lines of JSON");
        let lines: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.lines).collect();
        assert_eq!(std::str::from_utf8(&lines), Ok(&*wanted), "{mode:?}");
    }
});
