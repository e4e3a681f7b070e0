//! NDJSON: in chunks or at once, on one thread or several, the answer is the same.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use sidelane_kernels::filter::{Builder, Filter, Operand, Test};
use sidelane_kernels::json::{Error, Limits, Mode, Pointer, Selection, validate};
use sidelane_kernels::ndjson::{Output, Piece, Query, complete_len, run};
use sidelane_kernels::{Checkpoint, Interrupted, Threads, Uninterruptible};

use common::several;

fn selection() -> Selection {
    let pointers = ["/a", "/n", "/a"].map(|text| Pointer::parse(text).unwrap());
    Selection::new(&pointers).unwrap()
}

fn equals(text: &str) -> Filter {
    let mut builder = Builder::default();
    builder.test(0, Test::Equal(Operand::Text(text.into()))).unwrap();
    builder.finish().unwrap()
}

fn rows() -> Output {
    Output::Rows(vec!["a".into(), "n".into()])
}

fn one(data: &[u8], query: &Query<'_>, output: &Output) -> Result<Vec<Piece>, Error> {
    run(data, query, output, &Uninterruptible, Threads::One)
}

fn values(pieces: &[Piece]) -> Vec<serde_json::Value> {
    pieces.iter().flat_map(|piece| serde_json::from_str::<Vec<_>>(&piece.text).unwrap()).collect()
}

fn lines() -> impl Strategy<Value = String> {
    let value =
        prop::sample::select(vec!["\"x\"", "\"xy\"", "1", "null", "[\"x\"]", "\"é\\n\"", "{\"a\":\"x\"}"]);
    let line = (value, 0..9_u8, prop::sample::select(vec!["\n", "\r\n", "\n \n", " \n"]))
        .prop_map(|(value, n, end)| format!("{{\"a\":{value},\"n\":{n}}}{end}"));
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn chunks_cut_anywhere(text in lines(), trusted: bool, filtered: bool) {
        let (selection, filter) = (selection(), equals("x"));
        let mode = if trusted { Mode::Trusted } else { Mode::Checked };
        let query = Query { mode, ..Query::new(&selection, filtered.then_some(&filter), 2) };
        let data = text.as_bytes();
        let whole = values(&one(data, &query, &rows()).unwrap());
        for cut in 0..=data.len() {
            let head = complete_len(&data[..cut]);
            let mut parts = values(&one(&data[..head], &query, &rows()).unwrap());
            parts.extend(values(&one(&data[head..], &query, &rows()).unwrap()));
            prop_assert_eq!(&parts, &whole, "cut at {}", cut);
        }
    }
}

#[test]
fn a_line_never_takes_in_the_next() {
    let line = r#"{"a":"a text that is not short","n":123456,"b":true,"o":{"c":-1.25,"d":"e"},"z":null}"#;
    let selection = selection();
    let query = Query::new(&selection, None, 0);
    for cut in 1..line.len() {
        let data = format!("{}\n{}\n{line}\n", &line[..cut], &line[cut..]);
        let alone = validate(&line.as_bytes()[..cut], Limits::default(), &Uninterruptible);
        assert!(alone.is_err());
        assert_eq!(one(data.as_bytes(), &query, &rows()).map(|_| ()), alone, "cut at {cut}");
    }
}

/// About 5 MiB: several pieces.
fn large() -> String {
    (0..100_000)
        .map(|n| format!("{{\"a\":\"x{}\",\"n\":{n},\"pad\":\"{}\"}}\n", n % 5, "-".repeat(n % 40)))
        .collect()
}

#[test]
fn threads_do_not_change_the_answer() {
    let (text, selection, filter) = (large(), selection(), equals("x3"));
    for mode in [Mode::Checked, Mode::Trusted] {
        let query = Query { mode, ..Query::new(&selection, Some(&filter), 2) };
        for output in
            [Output::Count, Output::Lines, Output::Values, rows(), Output::Columns(vec![false, true])]
        {
            let serial = one(text.as_bytes(), &query, &output).unwrap();
            let parallel = run(text.as_bytes(), &query, &output, &Uninterruptible, several()).unwrap();
            assert_eq!(serial, parallel);
            assert_eq!(serial.iter().map(|piece| piece.count).sum::<usize>(), 20_000);
            assert!(serial.len() > 3);
        }
    }
}

#[test]
fn the_first_error_counts() {
    let mut text = large();
    let first = text.len();
    text.push_str("{\"a\":}\n");
    text.push_str(&large());
    text.push_str("[\n");
    let selection = selection();
    let query = Query::new(&selection, None, 2);
    for threads in [Threads::One, several()] {
        let result = run(text.as_bytes(), &query, &rows(), &Uninterruptible, threads);
        assert_eq!(result.unwrap_err().offset(), Some(first + 5));
    }
}

#[test]
fn output_is_bounded_over_all_pieces() {
    let (text, selection) = (large(), selection());
    let limits = Limits { max_output: 1 << 20, ..Limits::default() };
    let query = Query { limits, ..Query::new(&selection, None, 2) };
    for output in [Output::Lines, Output::Values, rows(), Output::Columns(vec![false, true])] {
        let result = one(text.as_bytes(), &query, &output);
        assert_eq!(result, Err(Error::TooLarge { what: "bytes", limit: 1 << 20 }));
    }
    assert!(one(text.as_bytes(), &query, &Output::Count).is_ok());
}

struct StopAt(usize, AtomicUsize);

impl Checkpoint for StopAt {
    fn poll(&self) -> Result<(), Interrupted> {
        if self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn polls_and_stops() {
    let (text, selection, filter) = (large(), selection(), equals("not there"));
    for (mode, least) in [(Mode::Checked, 64 << 10), (Mode::Trusted, 256 << 10)] {
        let query = Query { mode, ..Query::new(&selection, Some(&filter), 2) };
        let whole = StopAt(usize::MAX, AtomicUsize::new(0));
        run(text.as_bytes(), &query, &Output::Count, &whole, Threads::One).unwrap();
        assert!(whole.1.into_inner() >= text.len() / least / 2);
        let stopped = StopAt(3, AtomicUsize::new(0));
        let result = run(text.as_bytes(), &query, &Output::Count, &stopped, Threads::One);
        assert_eq!(result, Err(Error::Interrupted));
        assert_eq!(stopped.1.into_inner(), 3);
    }
}
