//! CSV: cut anywhere, on one thread or several, the rows are the same.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use sidelane_kernels::csv::{
    Chunks, Dialect, Error, Header, Invalid, Limits, Place, Query, Ragged, Reason, Selected, Table, Type,
    Values, parse,
};
use sidelane_kernels::filter::{Builder, Operand, Test};
use sidelane_kernels::{Checkpoint, Interrupted, Threads, Uninterruptible};

use common::several;

type Rows = Result<Vec<Vec<Vec<u8>>>, Error>;

fn chunked(parts: &[&[u8]], dialect: Dialect) -> Rows {
    let quote = dialect.quote.unwrap_or_default();
    let mut chunks = Chunks::new(dialect, Limits::default());
    let mut rows = Vec::new();
    let mut take = |data: &[u8], record: sidelane_kernels::csv::Record<'_>| {
        let texts = record.fields.iter().map(|field| field.text(data, quote).into_owned());
        rows.push(texts.collect());
        Ok(())
    };
    for part in parts {
        chunks.push(part, &mut take)?;
    }
    chunks.finish(&mut take)?;
    Ok(rows)
}

/// The table's texts, one row after the other.
fn texts(table: &Table) -> Vec<Vec<Vec<u8>>> {
    let mut rows = Vec::new();
    for piece in &table.pieces {
        let columns: Vec<Vec<&[u8]>> = piece
            .columns
            .iter()
            .map(|column| match &column.values {
                Values::Text(texts) => texts.iter().collect(),
                _ => unreachable!(),
            })
            .collect();
        rows.extend((0..piece.rows).map(|row| columns.iter().map(|texts| texts[row].to_vec()).collect()));
    }
    rows
}

fn everything() -> Query<'static> {
    Query { header: Header::None, others: true, ragged: Ragged::Pad, ..Query::default() }
}

/// The simplest reader there is: one byte after the other.
fn reference(data: &[u8]) -> Option<Vec<Vec<Vec<u8>>>> {
    let (mut rows, mut row, mut at) = (Vec::new(), Vec::new(), 0);
    while at < data.len() {
        if row.is_empty() && matches!(data[at], b'\n' | b'\r') {
            at += 1;
            continue;
        }
        if row.is_empty() && data[at] == b'#' {
            while at < data.len() && !matches!(data[at], b'\n' | b'\r') {
                at += 1;
            }
            continue;
        }
        loop {
            let mut field = Vec::new();
            if data.get(at) == Some(&b'"') {
                at += 1;
                loop {
                    match (data.get(at)?, data.get(at + 1)) {
                        (b'"', Some(b'"')) => {
                            field.push(b'"');
                            at += 2;
                        }
                        (b'"', _) => break,
                        (byte, _) => {
                            field.push(*byte);
                            at += 1;
                        }
                    }
                }
                at += 1;
            } else {
                while at < data.len() && !matches!(data[at], b',' | b'\n' | b'\r') {
                    if data[at] == b'"' {
                        return None;
                    }
                    field.push(data[at]);
                    at += 1;
                }
            }
            row.push(field);
            match data.get(at) {
                Some(b',') => at += 1,
                None | Some(b'\n' | b'\r') => break,
                Some(_) => return None,
            }
        }
        at += 1;
        rows.push(std::mem::take(&mut row));
    }
    Some(rows)
}

fn texts_of_csv() -> impl Strategy<Value = Vec<u8>> {
    let part = prop::sample::select(vec![
        "a",
        "bcdefghij",
        ",",
        ",",
        "\n",
        "\r",
        "\r\n",
        "\"",
        "\"\"",
        "\"a,\n\"",
        "#",
        "é",
        "\0",
        " ",
        "\"x\"",
    ]);
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat().into_bytes())
}

const COMMENTED: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), comment: Some(b'#') };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn equal_to_the_simplest_reader_cut_anywhere(data in texts_of_csv()) {
        let whole = chunked(&[&data], COMMENTED);
        prop_assert_eq!(whole.clone().ok(), reference(&data));
        for cut in 0..=data.len() {
            prop_assert_eq!(&chunked(&[&data[..cut], &data[cut..]], COMMENTED), &whole, "cut at {}", cut);
        }
        let bytes: Vec<&[u8]> = data.chunks(1).collect();
        prop_assert_eq!(&chunked(&bytes, COMMENTED), &whole);
    }

    #[test]
    fn tables_hold_the_rows(data in texts_of_csv()) {
        let query = Query { dialect: COMMENTED, ..everything() };
        let table = parse(&data, &query, &Uninterruptible, Threads::One);
        prop_assert_eq!(table.is_ok(), reference(&data).is_some());
        if let (Ok(table), Some(mut rows)) = (table, reference(&data)) {
            let width = rows.first().map_or(0, Vec::len);
            rows.iter_mut().for_each(|row| row.resize(width, Vec::new()));
            prop_assert_eq!(texts(&table), rows);
        }
    }
}

/// Some MiB, so that there are pieces; `field(row)` is the second one.
fn large(rows: usize, end: &str, field: impl Fn(usize) -> String) -> Vec<u8> {
    (0..rows)
        .map(|row| format!("{row},{},{}{end}", field(row), row as f64 / 8.0))
        .collect::<String>()
        .into_bytes()
}

fn same_on_threads(data: &[u8], query: &Query<'_>) -> Result<Table, Error> {
    let one = parse(data, query, &Uninterruptible, Threads::One);
    let more = parse(data, query, &Uninterruptible, several());
    match (&one, &more) {
        (Ok(one), Ok(more)) => {
            assert_eq!(one.skipped, more.skipped);
            assert!(texts(one) == texts(more));
        }
        (one, more) => assert_eq!(one.as_ref().err(), more.as_ref().err()),
    }
    more
}

#[test]
fn threads_do_not_change_the_rows() {
    for end in ["\n", "\r", "\r\n"] {
        let quoted = large(60_000, end, |row| format!("\"a{end}\"\"{}\"", "x,".repeat(row % 60)));
        assert!(same_on_threads(&quoted, &everything()).unwrap().pieces.len() > 2);
        // One field that spans several pieces.
        let mut long = large(20_000, end, |_| "x".into());
        long.extend_from_slice(b"1,\"");
        long.extend(std::iter::repeat_n(b"\n,".as_slice(), 2 << 20).flatten());
        long.extend_from_slice(b"\",2\n");
        long.extend(large(20_000, end, |_| "\"y\"".into()));
        assert_eq!(same_on_threads(&long, &everything()).unwrap().rows(), 40_001);
    }
}

#[test]
fn wrong_guesses_do_not_count() {
    // Quotes in comments: every guess behind them is wrong.
    let mut data = b"# 5\" pipes\n".to_vec();
    data.extend(large(60_000, "\n", |row| if row % 3 == 0 { "\"q\n,\"".into() } else { "x".into() }));
    let query = Query { dialect: COMMENTED, ..everything() };
    assert_eq!(same_on_threads(&data, &query).unwrap().rows(), 60_000);
    let plain = Query { dialect: Dialect { quote: None, ..Dialect::default() }, ..everything() };
    assert!(same_on_threads(&data, &plain).is_ok());
}

#[test]
fn the_first_error_counts() {
    let mut data = large(100_000, "\n", |_| "x".into());
    let offset = data.len() + 2;
    data.extend_from_slice(b"1,a\"b,2\n");
    data.extend(large(100_000, "\n", |_| "x".into()));
    data.extend_from_slice(b"\"open");
    let error = same_on_threads(&data, &everything()).unwrap_err();
    let place = Place { row: 100_001, column: 2, offset: offset + 1 };
    assert_eq!(error, Error::Syntax { place, reason: Reason::StrayQuote });
    let open = [&large(100_000, "\n", |_| "x".into())[..], b"1,\"open\n".repeat(99_999).as_slice()].concat();
    assert!(same_on_threads(&open, &everything()).is_err());
}

#[test]
fn ragged_rows() {
    let data = b"a,b\n1\n1,2\n1,2,3\n";
    let table = |ragged| {
        parse(data, &Query { ragged, others: true, ..Query::default() }, &Uninterruptible, Threads::One)
    };
    let padded = table(Ragged::Pad).unwrap();
    assert_eq!((padded.rows(), padded.skipped), (3, 0));
    assert_eq!(padded.pieces[0].columns[1].nulls, [0]);
    let skipped = table(Ragged::Skip).unwrap();
    assert_eq!((skipped.rows(), skipped.skipped), (1, 2));
    let place = Place { row: 2, column: 2, offset: 4 };
    let reason = Reason::FieldCount { expected: 2, found: 1 };
    assert_eq!(table(Ragged::Error).unwrap_err(), Error::Syntax { place, reason });
}

#[test]
fn what_is_no_number() {
    let data = b"n,t\n1,x\n 2 ,y\n\n,z\nabc,w\n";
    let columns = vec![Selected::new("n", Type::I32)];
    let query = Query { columns, invalid: Invalid::Null, ..Query::default() };
    let table = parse(data, &query, &Uninterruptible, Threads::One).unwrap();
    let column = &table.pieces[0].columns[0];
    assert!(matches!(&column.values, Values::I32(values) if values == &[1, 2, 0, 0]));
    assert_eq!((&column.nulls[..], column.invalid), (&[2, 3][..], 1));
    let error = parse(data, &Query { invalid: Invalid::Error, ..query }, &Uninterruptible, Threads::One);
    let place = Place { row: 5, column: 1, offset: 18 };
    assert_eq!(error.unwrap_err(), Error::Syntax { place, reason: Reason::Invalid(Type::I32) });
}

#[test]
fn types_that_fit() {
    let data = b"f,b,d,i,t,z,e\n1,true,2024-01-01,9007199254740993,x,007,\n1e3,FALSE,2024-01-01T10:00Z,1,2,8,\n,,,,,,\n";
    let query = Query { infer: true, others: true, ..Query::default() };
    let types = parse(data, &query, &Uninterruptible, Threads::One).unwrap().types;
    let iso = Type::Date(sidelane_kernels::csv::DateFormat::Iso);
    assert_eq!(types, [Type::F64, Type::Bool, iso, Type::I64, Type::Text, Type::Text, Type::Text]);
}

#[test]
fn names() {
    let table = |data: &[u8], query: &Query<'_>| parse(data, query, &Uninterruptible, Threads::One);
    let all = Query { others: true, ..Query::default() };
    assert_eq!(table(b"\xef\xbb\xbfa,a,a_2,a\n", &all).unwrap().names, ["a", "a_3", "a_2", "a_4"]);
    assert_eq!(table(b"", &all).unwrap().names, [""; 0]);
    assert_eq!(table(b"\"a\"", &all).unwrap().rows(), 0);
    let missing = Query { columns: vec![Selected::new("x", Type::F64)], ..Query::default() };
    assert!(matches!(table(b"a\n1\n", &missing), Err(Error::Syntax { reason: Reason::NoColumn(_), .. })));
}

#[test]
fn a_filter_sees_types() {
    let mut builder = Builder::default();
    builder.test(0, Test::Greater(Operand::Number(1.0))).unwrap();
    builder.test(1, Test::Equal(Operand::Text("x\"".into()))).unwrap();
    let filter = builder.finish().unwrap();
    let tested = vec![("n".into(), Type::F64), ("t".into(), Type::Text)];
    let query = Query { filter: Some(&filter), tested, others: true, ..Query::default() };
    let table = parse(b"n,t\n2,\"x\"\"\"\n1,\"x\"\"\"\nabc,x\n3,x\n", &query, &Uninterruptible, Threads::One);
    assert_eq!(texts(&table.unwrap()), [[b"2".to_vec(), b"x\"".to_vec()]]);
}

#[test]
fn limits_hold() {
    let try_with = |data: &[u8], limits: Limits| {
        parse(data, &Query { limits, ..everything() }, &Uninterruptible, several()).unwrap_err()
    };
    let limits = Limits::default();
    let too_large = |what, limit| Error::TooLarge { what, limit };
    let wide = vec![b','; 100_000];
    assert_eq!(try_with(&wide, limits), too_large("columns", 16_384));
    let mut open = b"a,b\n1,\"".to_vec();
    open.resize(40 << 20, b'\n');
    assert_eq!(try_with(&open, limits), too_large("bytes in a field", 16 << 20));
    let rows = b"1\n".repeat(1 << 20);
    assert_eq!(try_with(&rows, Limits { rows: 1000, ..limits }), too_large("rows", 1000));
    // Short rows of a wide table: 2 bytes become 64 KiB.
    let mut short = vec![b','; 16_383];
    short.extend(b"\n1".repeat(100_000));
    assert_eq!(try_with(&short, Limits { bytes: 1 << 22, ..limits }), too_large("bytes of columns", 1 << 22));
}

struct StopAt(usize, AtomicUsize);

impl Checkpoint for StopAt {
    fn poll(&self) -> Result<(), Interrupted> {
        if self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn polls_and_stops() {
    let data = large(100_000, "\n", |_| "x".into());
    let whole = StopAt(usize::MAX, AtomicUsize::new(0));
    parse(&data, &everything(), &whole, Threads::One).unwrap();
    assert!(whole.1.into_inner() >= data.len() / (128 << 10));
    let stopped = StopAt(3, AtomicUsize::new(0));
    assert_eq!(parse(&data, &everything(), &stopped, Threads::One).unwrap_err(), Error::Interrupted);
    assert_eq!(stopped.1.into_inner(), 3);
}
