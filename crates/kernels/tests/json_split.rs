//! One array on several threads: the answer is that of one pass, however the guesses are.

#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write;

use sidelane_kernels::Uninterruptible;
use sidelane_kernels::json::{Column, Error, Limits, Mode, Pointer, Selection, extract, extract_with};

use common::several;

const POINTERS: [&str; 5] = ["/*/id", "/*/tags/*/id", "/*/gone", "/*", "/*/tags/1/id"];

fn both(text: &str, pointers: &[&str], mode: Mode, limits: Limits) -> [Result<Vec<Column>, Error>; 2] {
    let pointers: Vec<_> = pointers.iter().map(|pointer| Pointer::parse(pointer).unwrap()).collect();
    let selection = Selection::new(&pointers).unwrap();
    let data = text.as_bytes();
    [
        extract(data, &selection, mode, limits, &Uninterruptible),
        extract_with(data, &selection, mode, limits, &Uninterruptible, several()),
    ]
}

fn same(text: &str, pointers: &[&str]) {
    for mode in [Mode::Checked, Mode::Trusted] {
        let [one, several] = both(text, pointers, mode, Limits::default());
        assert!(one.is_ok());
        // Not assert_eq, which would print megabytes.
        assert!(one == several, "{mode:?} {:.60}", text);
    }
}

/// About 2.5 MiB of records, with `separator` between them.
fn records(separator: &str, record: impl Fn(usize) -> String) -> String {
    let mut text = String::from(" [ ");
    for n in 0.. {
        text.push_str(if n == 0 { "" } else { separator });
        text.push_str(&record(n));
        if text.len() > 5 << 19 {
            return text + "\n] ";
        }
    }
    text
}

fn plain(n: usize) -> String {
    format!("{{\"id\":{n},\"text\":\"{}\",\"tags\":[{{\"id\":1}},{{\"x\":0}},3]}}", "é\\\"".repeat(n % 50))
}

#[test]
fn right_guesses() {
    for separator in [",", " ,\n  "] {
        let text = records(separator, plain);
        same(&text, &POINTERS[..4]);
        same(&text, &["/*/tags/1/id", "/*/id"]);
        same(&text, &["/*/tags/*/id"]);
    }
}

#[test]
fn wrong_guesses() {
    // Inside of other elements, of strings, of elements longer than a piece.
    let nested =
        |n: usize| format!("{{\"id\":{n},\"tags\":[{{\"id\":0}},{{\"id\":[{{\"id\":2}},{{\"id\":3}}]}}]}}");
    same(&records(",", nested), &POINTERS[..4]);
    let quoted = |n: usize| format!("{{\"id\":{n},\"text\":\"{}\"}}", "},{\\\"id\\\":".repeat(20));
    same(&records(",", quoted), &POINTERS[..4]);
    let raw = |n: usize| {
        let mut text = format!("{{\"id\":{n},\"tags\":[");
        for id in 0..if n == 3 { 300_000 } else { 20 } {
            write!(text, "{{\"id\":{id}}},").unwrap();
        }
        text + "{\"id\":7}]}"
    };
    same(&records(",", raw), &POINTERS[..4]);
}

#[test]
fn other_texts_are_read_by_one() {
    same(&records(",", |n| n.to_string()), &["/*"]);
    same(&records(",", |n| format!("[{n}]")), &["/*/0"]);
    same(&format!("{{\"a\":{}}}", records(",", plain)), &["/a/*/id"]);
    same(&records(",", plain), &["/*/id", ""]);
}

#[test]
fn the_first_error_counts() {
    let text = records(",", plain);
    let places: Vec<_> = text.match_indices(",{\"id\"").map(|(at, _)| at).collect();
    let place = |part: usize| places[places.len() * part / 8];
    for part in [0, 3, 4, 6] {
        for wrong in ["x", ",", "]", "{\"id\":01},"] {
            let mut broken = text.clone();
            broken.insert(place(7), '?');
            broken.insert_str(place(part) + 1, wrong);
            let [one, several] = both(&broken, &["/*/id"], Mode::Checked, Limits::default());
            assert_eq!(one.unwrap_err(), several.unwrap_err(), "{wrong} at {part}");
        }
    }
    for end in [text.len() - 1, text.len() - 2, text.len() - 30, text.len() / 2] {
        let end = (0..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap();
        let [one, several] = both(&text[..end], &["/*/id"], Mode::Checked, Limits::default());
        assert!(one == several, "cut at {end}");
    }
    for limits in
        [Limits { max_depth: 2, ..Limits::default() }, Limits { max_results: 10_000, ..Limits::default() }]
    {
        let [one, several] = both(&text, &["/*/id"], Mode::Checked, limits);
        assert_eq!(one.unwrap_err(), several.unwrap_err());
    }
}
