//! Filters against a plain recursive reading of the same conditions.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::sync::Arc;

use sidelane_kernels::filter::{Builder, Error, Filter, Group, Operand, Test, TextTest, Unanswered, Value};
use sidelane_kernels::{Checkpoint, Interrupted, Uninterruptible};

#[derive(Debug, Clone)]
enum Condition {
    Group(Group, Vec<Condition>),
    Test(usize, Test),
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        Just(Operand::Null),
        any::<bool>().prop_map(Operand::Bool),
        prop_oneof![(-3..3).prop_map(f64::from), Just(f64::NAN), Just(-0.0), Just(f64::INFINITY)]
            .prop_map(Operand::Number),
        "[ab]{0,2}".prop_map(Operand::Text),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        operand().prop_map(Test::Equal),
        operand().prop_map(Test::NotEqual),
        operand().prop_map(Test::Greater),
        operand().prop_map(Test::GreaterOrEqual),
        operand().prop_map(Test::Less),
        operand().prop_map(Test::LessOrEqual),
        prop::collection::vec(operand(), 0..3).prop_map(Test::In),
        any::<bool>().prop_map(Test::Exists),
        "[ab]{0,2}".prop_map(Test::Prefix),
        "[ab]{0,2}".prop_map(Test::Suffix),
        "[ab]{0,2}".prop_map(Test::Contains),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = (0..3_usize, test()).prop_map(|(field, test)| Condition::Test(field, test));
    leaf.prop_recursive(4, 24, 4, |inner| {
        let group = prop::sample::select(vec![Group::All, Group::Any, Group::Not]);
        (group, prop::collection::vec(inner, 0..4)).prop_map(|(group, parts)| Condition::Group(group, parts))
    })
}

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        Just(Value::Missing),
        Just(Value::Other),
        operand().prop_map(|operand| match operand {
            Operand::Null => Value::Null,
            Operand::Bool(value) => Value::Bool(value),
            Operand::Number(value) => Value::Number(value),
            Operand::Text(text) => Value::Text(text.into_bytes().into()),
        }),
    ]
}

fn build(builder: &mut Builder, condition: &Condition) {
    match condition {
        Condition::Test(field, test) => builder.test(*field, test.clone()).unwrap(),
        Condition::Group(group, parts) => {
            builder.open(*group).unwrap();
            parts.iter().for_each(|part| build(builder, part));
            builder.close().unwrap();
        }
    }
}

fn filter(conditions: &[Condition]) -> Filter {
    let mut builder = Builder::default();
    conditions.iter().for_each(|condition| build(&mut builder, condition));
    builder.finish().unwrap()
}

fn holds(condition: &Condition, record: &[Value<'_>]) -> bool {
    match condition {
        Condition::Test(field, test) => test.matches(&record[*field], &Uninterruptible).unwrap(),
        Condition::Group(Group::All, parts) => parts.iter().all(|part| holds(part, record)),
        Condition::Group(Group::Any, parts) => parts.iter().any(|part| holds(part, record)),
        Condition::Group(Group::Not, parts) => !parts.iter().all(|part| holds(part, record)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn groups_are_what_they_say(
        conditions in prop::collection::vec(condition(), 0..4),
        record in prop::collection::vec(value(), 3),
    ) {
        let filter = filter(&conditions);
        let wanted = conditions.iter().all(|condition| holds(condition, &record));
        prop_assert_eq!(filter.matches(&Uninterruptible, |field| record[field].clone()), Ok(wanted));
        // Whatever matches has the text that every match must have.
        if let Some(text) = filter.required_text().filter(|_| wanted) {
            prop_assert!(record.contains(&Value::Text(text.as_bytes().into())));
        }
    }
}

#[test]
fn tests_by_type() {
    let text = |text: &'static str| Value::Text(text.as_bytes().into());
    let ten = || Operand::Number(10.0);
    let cases = [
        (Test::Equal(ten()), Value::Number(10.0), true),
        (Test::Equal(ten()), text("10"), false),
        (Test::Equal(Operand::Number(0.0)), Value::Number(-0.0), true),
        (Test::Equal(Operand::Number(f64::NAN)), Value::Number(f64::NAN), false),
        (Test::Equal(Operand::Null), Value::Null, true),
        (Test::Equal(Operand::Null), Value::Missing, false),
        (Test::NotEqual(ten()), Value::Missing, true),
        (Test::NotEqual(ten()), Value::Other, true),
        (Test::Greater(ten()), Value::Number(11.0), true),
        (Test::Greater(ten()), Value::Number(10.0), false),
        (Test::Greater(ten()), text("11"), false),
        (Test::GreaterOrEqual(ten()), Value::Number(f64::NAN), false),
        (Test::Less(Operand::Text("b".into())), text("ab"), true),
        (Test::LessOrEqual(Operand::Text("é".into())), text("z"), true),
        (Test::Less(Operand::Bool(true)), Value::Bool(false), false),
        (Test::In(vec![Operand::Null, ten()]), Value::Number(10.0), true),
        (Test::In(vec![]), Value::Number(10.0), false),
        (Test::Exists(true), Value::Null, true),
        (Test::Exists(true), Value::Missing, false),
        (Test::Exists(false), Value::Missing, true),
        (Test::Prefix("ab".into()), text("abc"), true),
        (Test::Suffix("bc".into()), text("abc"), true),
        (Test::Contains("".into()), text(""), true),
        (Test::Contains("x".into()), text("abc"), false),
        (Test::Prefix("".into()), Value::Number(1.0), false),
    ];
    for (test, value, wanted) in cases {
        assert_eq!(test.matches(&value, &Uninterruptible), Ok(wanted), "{test:?} of {value:?}");
    }
}

/// Texts of an even length; gives up on empty ones.
#[derive(Debug)]
struct Even;

impl TextTest for Even {
    fn matches(&self, text: &[u8], checkpoint: &dyn Checkpoint) -> Result<bool, Unanswered> {
        checkpoint.poll()?;
        if text.is_empty() { Err(Unanswered::GaveUp("empty")) } else { Ok(text.len().is_multiple_of(2)) }
    }
}

struct Stopped;

impl Checkpoint for Stopped {
    fn poll(&self) -> Result<(), Interrupted> {
        Err(Interrupted)
    }
}

#[test]
fn a_test_that_was_brought_along() {
    let even = Test::Matches(Arc::new(Even));
    assert_eq!(even, even.clone());
    let other = Test::Equal(Operand::Text("xy".into()));
    let build = |group| {
        let mut builder = Builder::default();
        builder.open(group).unwrap();
        builder.test(0, other.clone()).unwrap();
        builder.test(1, even.clone()).unwrap();
        builder.close().unwrap();
        builder.finish().unwrap()
    };
    let (xy, empty): (Value<'_>, Value<'_>) = (Value::Text(b"xy".into()), Value::Text(b"".into()));
    let ask = |group, first: &Value<'_>, second: &Value<'_>, checkpoint: &dyn Checkpoint| {
        build(group).matches(checkpoint, |field| if field == 0 { first.clone() } else { second.clone() })
    };
    assert_eq!(ask(Group::All, &xy, &xy, &Uninterruptible), Ok(true));
    assert_eq!(ask(Group::Not, &xy, &Value::Number(2.0), &Uninterruptible), Ok(true));
    // What is not needed for the answer is not asked.
    assert_eq!(ask(Group::Any, &xy, &empty, &Stopped), Ok(true));
    assert_eq!(ask(Group::All, &empty, &empty, &Stopped), Ok(false));
    // No answer is none, also when it is turned round.
    for group in [Group::All, Group::Not] {
        assert_eq!(ask(group, &xy, &empty, &Uninterruptible), Err(Unanswered::GaveUp("empty")));
        assert_eq!(ask(group, &xy, &xy, &Stopped), Err(Unanswered::Interrupted));
    }
}

#[test]
fn bounds() {
    let mut deep = Builder::default();
    (0..32).for_each(|_| deep.open(Group::Not).unwrap());
    assert_eq!(deep.open(Group::Not), Err(Error::TooDeep));
    assert_eq!(deep.finish(), Err(Error::Unbalanced));
    let mut long = Builder::default();
    (0..4096).for_each(|_| long.test(0, Test::Exists(true)).unwrap());
    assert_eq!(long.test(0, Test::Exists(true)), Err(Error::TooLong));
    assert_eq!(Builder::default().close(), Err(Error::Unbalanced));
}
