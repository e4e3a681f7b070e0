//! An index leads to where a pass through the text does.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use sidelane_kernels::json::{Error, Index, Limits, Mode, Pointer, Selection, Span, extract, validate};
use sidelane_kernels::{Checkpoint, Interrupted, Uninterruptible};

fn index(text: &str) -> Index {
    Index::new(text.as_bytes(), Limits::default(), &Uninterruptible).unwrap()
}

fn by_extract(text: &str, pointer: &Pointer) -> Option<Span> {
    let selection = Selection::new(std::slice::from_ref(pointer)).unwrap();
    let data = text.as_bytes();
    extract(data, &selection, Mode::Checked, Limits::default(), &Uninterruptible).unwrap()[0].first().copied()
}

/// Text with duplicate and escaped names, containers on both sides of every threshold, and space.
fn text() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec![
        "1",
        "-0.5e3",
        "true",
        "null",
        "\"\"",
        "\"a\\\"]}b\"",
        "\"é,{\"",
        "[]",
        "{}",
    ]);
    let leaf = prop_oneof![
        3 => scalar.prop_map(String::from),
        1 => (0..600_usize).prop_map(|length| format!("\"{}\"", "[{x".repeat(length / 3))),
        1 => (0..400_usize).prop_map(|count| format!("[{}0]", "1,".repeat(count))),
        1 => (28..80_usize).prop_map(|count| {
            let members: Vec<_> = (0..count).map(|n| format!("\"{}\":{n}", n % 40)).collect();
            format!("{{{}}}", members.join(","))
        }),
    ];
    let name = prop::sample::select(vec!["a", "b", "\\u0061", "0", "é"]);
    leaf.prop_recursive(6, 80, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|parts| format!("[ {} ]", parts.join(" , "))),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\"{name}\" :\n{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn finds_what_a_pass_finds(
        text in text(),
        pointers in prop::collection::vec("(/(a|b|é|[0-7]|3[0-9]|1[0-9]{2})){0,4}", 1..12),
    ) {
        let index = index(&text);
        for pointer in pointers {
            let parsed = Pointer::parse(&pointer).unwrap();
            let found = index.find(text.as_bytes(), &parsed);
            prop_assert_eq!(found, by_extract(&text, &parsed), "{} in {}", pointer, text);
            let value = found.and_then(|span| span.of(text.as_bytes()));
            let wanted = value.and_then(|value| match serde_json::from_slice(value).unwrap() {
                serde_json::Value::Array(elements) => Some(elements.len()),
                serde_json::Value::Object(members) => Some(members.len()),
                _ => None,
            });
            prop_assert_eq!(index.length(text.as_bytes(), &parsed), wanted, "{} in {}", pointer, text);
        }
    }

    #[test]
    fn any_text_is_no_panic(data: Vec<u8>, other: Vec<u8>, pointer in "(/[a0-9]){0,3}") {
        let made = Index::new(&data, Limits::default(), &Uninterruptible);
        prop_assert_eq!(made.is_ok(), validate(&data, Limits::default(), &Uninterruptible).is_ok());
        let pointer = Pointer::parse(&pointer).unwrap();
        if let Ok(index) = made {
            let _ = index.find(&other, &pointer);
            let _ = index.length(&other, &pointer);
        }
    }
}

#[test]
fn large_containers_are_not_walked_through() {
    let elements: Vec<_> =
        (0..50_000).map(|n| format!("{{\"id\":{n},\"pad\":\"{}\"}}", "x".repeat(n % 400))).collect();
    let members: Vec<_> = (0..50_000).map(|n| format!("\"k{}\":[{n}]", n % 40_000)).collect();
    let text = format!("{{\"list\":[{}],\"map\":{{{}}}}}", elements.join(","), members.join(","));
    let index = index(&text);
    let value = |pointer: &str| {
        index.find(text.as_bytes(), &Pointer::parse(pointer).unwrap()).map(|span| &text[span.start..span.end])
    };
    for n in (0..50_000).step_by(997) {
        assert_eq!(value(&format!("/list/{n}/id")), Some(&*n.to_string()));
        let last = if n < 10_000 { n + 40_000 } else { n };
        let name = n % 40_000;
        assert_eq!(value(&format!("/map/k{name}/0")), Some(&*if n < 40_000 { last } else { n }.to_string()));
    }
    assert_eq!(value("/list/50000"), None);
    assert_eq!(value("/map/k40000"), None);
    assert_eq!(index.length(text.as_bytes(), &Pointer::parse("/list").unwrap()), Some(50_000));
    assert_eq!(index.length(text.as_bytes(), &Pointer::parse("/map").unwrap()), Some(40_000));
    assert!(index.bytes() < text.len() / 10, "{} of {}", index.bytes(), text.len());
}

#[test]
fn brackets_do_not_make_it_large() {
    for text in [
        "[".repeat(1000) + &"]".repeat(1000),
        format!("[{}0]", "[[]],".repeat(100_000)),
        format!("[{}0]", "0,".repeat(1 << 20)),
    ] {
        let index = index(&text);
        assert!(index.bytes() <= text.len() / 6, "{} of {}", index.bytes(), text.len());
    }
    let deep = 200_000;
    let limits = Limits { max_depth: deep, ..Limits::default() };
    let text = "[".repeat(deep) + &"]".repeat(deep);
    let index = Index::new(text.as_bytes(), limits, &Uninterruptible).unwrap();
    let pointer = Pointer::parse(&"/0".repeat(128)).unwrap();
    assert_eq!(index.find(text.as_bytes(), &pointer), Some(Span { start: 128, end: 2 * deep - 128 }));
    assert!(index.bytes() < text.len() / 6);
}

#[test]
fn names_are_compared_as_they_mean() {
    let names: HashSet<String> = (0..200).map(|n| format!("é{n}\"\\/")).collect();
    let members: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| format!("{}:{n}", serde_json::to_string(name).unwrap()))
        .collect();
    let text = format!("{{{},\"\\u00e97\\u0022\\\\\\/\":\"last\"}}", members.join(","));
    let index = index(&text);
    let found = index.find(text.as_bytes(), &Pointer::parse("/é7\"\\~1").unwrap()).unwrap();
    assert_eq!(found.of(text.as_bytes()), Some(&b"\"last\""[..]));
    assert_eq!(index.length(text.as_bytes(), &Pointer::parse("").unwrap()), Some(200));
}

struct StopAt(usize, AtomicUsize);

impl Checkpoint for StopAt {
    fn poll(&self) -> Result<(), Interrupted> {
        if self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn polls_also_while_names_are_ordered() {
    let members: Vec<_> = (0..200_000).map(|n| format!("\"{n}\":0")).collect();
    let text = format!("{{{}}}", members.join(","));
    let (checked, indexed) =
        (StopAt(usize::MAX, AtomicUsize::new(0)), StopAt(usize::MAX, AtomicUsize::new(0)));
    validate(text.as_bytes(), Limits::default(), &checked).unwrap();
    Index::new(text.as_bytes(), Limits::default(), &indexed).unwrap();
    let checked = checked.1.into_inner();
    assert!(indexed.1.into_inner() >= checked + 40);
    let stopped = StopAt(checked + 5, AtomicUsize::new(0));
    assert_eq!(Index::new(text.as_bytes(), Limits::default(), &stopped).err(), Some(Error::Interrupted));
}
