//! Columns as text: what is written is JSON, and reads back as the values.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use sidelane_kernels::json::rows::{Cells, Column, Kind, Shape, Texts, write};
use sidelane_kernels::json::{Error, decode};
use sidelane_kernels::{Checkpoint, Interrupted, Threads, Uninterruptible};

use common::several;

const LIMIT: usize = 1 << 30;

struct Strings {
    units: Vec<[u8; 2]>,
    ends: Vec<[u8; 4]>,
}

fn strings<'s>(all: impl IntoIterator<Item = &'s [u16]>) -> Strings {
    let (mut units, mut ends) = (Vec::new(), Vec::new());
    for text in all {
        units.extend(text.iter().map(|unit| unit.to_ne_bytes()));
        ends.push((units.len() as u32).to_ne_bytes());
    }
    Strings { units, ends }
}

impl Strings {
    fn texts(&self) -> Texts<'_> {
        Texts { units: &self.units, ends: &self.ends }
    }
}

fn one(columns: &[Column<'_>], shape: Shape) -> String {
    String::from_utf8(write(columns, shape, LIMIT, &Uninterruptible, Threads::One).unwrap().concat()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn doubles_read_back(bits: u64) {
        let value = f64::from_bits(bits);
        let cells = [value.to_ne_bytes()];
        let text = one(&[Column { name: "\"n\"", cells: Cells::F64(&cells) }], Shape::Lines);
        let digits = text.strip_prefix("{\"n\":").unwrap().strip_suffix("}\n").unwrap();
        if value.is_finite() {
            prop_assert_eq!(digits.parse::<f64>().unwrap(), value);
        } else {
            prop_assert_eq!(digits, "null");
        }
    }

    #[test]
    fn strings_read_back(all in prop::collection::vec(prop::collection::vec(prop_oneof![0..0x80_u16, any::<u16>(), 0xd7ff..0xe001_u16], 0..60), 1..5)) {
        let column = strings(all.iter().map(Vec::as_slice));
        let text = one(&[Column { name: "\"\"", cells: Cells::Text(column.texts()) }], Shape::Lines);
        prop_assert_eq!(text.lines().count(), all.len());
        for (line, units) in text.lines().zip(&all) {
            let quoted = line.strip_prefix("{\"\":\"").unwrap().strip_suffix("\"}").unwrap();
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok() || quoted.contains("\\ud"));
            // Lone surrogates as WTF-8 has them.
            let wanted: Vec<u8> = char::decode_utf16(units.iter().copied()).flat_map(|char| match char {
                Ok(char) => char.to_string().into_bytes(),
                Err(lone) => {
                    let unit = lone.unpaired_surrogate();
                    vec![0xe0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3f) as u8, 0x80 | (unit & 0x3f) as u8]
                }
            }).collect();
            prop_assert_eq!(&*decode(quoted.as_bytes()), &wanted[..]);
        }
    }
}

#[test]
fn every_kind() {
    let texts = strings([&[][..], &[], &[], &[], &[], &[0xd800, 0x22], &[0x31, 0x32]]);
    let numbers = [[0; 8], [0; 8], [0; 8], [0; 8], 1e21_f64.to_ne_bytes(), [0; 8], [0; 8]];
    let kinds = [Kind::Missing, Kind::Null, Kind::False, Kind::True, Kind::Number, Kind::Text, Kind::Digits]
        .map(|kind| kind as u8);
    let mixed = Cells::Mixed { kinds: &kinds, numbers: &numbers, texts: texts.texts() };
    let small = [[0xff_u8], [1], [2], [3], [4], [5], [6]];
    let columns =
        [Column { name: "\"a\"", cells: mixed }, Column { name: "\"b\"", cells: Cells::I8(&small) }];
    let wanted = "[{\"b\":-1},{\"a\":null,\"b\":1},{\"a\":false,\"b\":2},{\"a\":true,\"b\":3},{\"a\":1e+21,\"b\":4},{\"a\":\"\\ud800\\\"\",\"b\":5},{\"a\":12,\"b\":6}]";
    assert_eq!(one(&columns, Shape::Array), wanted);
    assert_eq!(one(&columns[..1], Shape::Lines).lines().next(), Some("{}"));
    assert_eq!(one(&[], Shape::Array), "[]");
    assert_eq!(one(&[], Shape::Lines), "");
    // Whatever does not fit is left out.
    let short = Cells::Mixed { kinds: &[4, 5, 9], numbers: &[], texts: Texts::default() };
    assert_eq!(
        one(&[Column { name: "\"a\"", cells: short }], Shape::Array),
        "[{\"a\":null},{\"a\":\"\"},{}]"
    );
}

struct StopAt(usize, AtomicUsize);

impl Checkpoint for StopAt {
    fn poll(&self) -> Result<(), Interrupted> {
        if self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn threads_limits_and_polls() {
    let numbers: Vec<_> = (0..200_000).map(|n| (f64::from(n) / 7.0).to_ne_bytes()).collect();
    let column = Column { name: "\"n\"", cells: Cells::F64(&numbers) };
    for shape in [Shape::Array, Shape::Lines] {
        let serial = write(&[column], shape, LIMIT, &Uninterruptible, Threads::One).unwrap();
        let parallel = write(&[column], shape, LIMIT, &Uninterruptible, several()).unwrap();
        assert!(serial.len() > 3);
        assert_eq!(serial, parallel);
        let bytes = serial.concat().len();
        assert!(write(&[column], shape, bytes, &Uninterruptible, several()).is_ok());
        let refused = write(&[column], shape, bytes - 1, &Uninterruptible, several());
        assert_eq!(refused, Err(Error::TooLarge { what: "bytes", limit: bytes - 1 }));
    }
    let long = vec![0xe9; 1 << 20];
    let long = strings([&long[..]]);
    for column in [column, Column { name: "\"s\"", cells: Cells::Text(long.texts()) }] {
        let whole = StopAt(usize::MAX, AtomicUsize::new(0));
        write(&[column], Shape::Array, LIMIT, &whole, Threads::One).unwrap();
        assert!(whole.1.into_inner() >= 16);
        let stopped = StopAt(3, AtomicUsize::new(0));
        assert_eq!(write(&[column], Shape::Array, LIMIT, &stopped, Threads::One), Err(Error::Interrupted));
        assert_eq!(stopped.1.into_inner(), 3);
    }
}
