//! Every case of testdata/hash, in each way a message can be hashed.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;
use sidelane_kernels::hash::{Algorithm, Hasher, Params, digest, digest_with, hash_many};
use sidelane_kernels::{Threads, Uninterruptible};

use common::several;

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    algorithm: String,
    input: Input,
    key: Option<String>,
    output_length: Option<usize>,
    hmac_key: Option<String>,
    digest: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Input {
    Utf8(String),
    Hex(String),
    Repeat(String, usize),
    Sequence(usize),
}

impl Input {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Utf8(text) => text.clone().into_bytes(),
            Self::Hex(digits) => unhex(digits),
            Self::Repeat(byte, count) => unhex(byte).repeat(*count),
            Self::Sequence(count) => (0..*count).map(|i| (i % 251) as u8).collect(),
        }
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}

fn cases() -> Vec<Case> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/hash");
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    files
        .flat_map(|path| serde_json::from_str::<File>(&std::fs::read_to_string(path).unwrap()).unwrap().cases)
        .collect()
}

fn check(case: &Case) {
    let algorithm: Algorithm = case.algorithm.parse().unwrap();
    let data = case.input.bytes();
    let key = case.key.as_deref().map(unhex);
    let params = Params { output_length: case.output_length, key: key.as_deref() };
    let hasher = match &case.hmac_key {
        Some(key) => Hasher::hmac(algorithm, &unhex(key)).unwrap(),
        None => Hasher::new(algorithm, &params).unwrap(),
    };
    let expect = |way: &str, actual: &[u8]| {
        assert_eq!(actual, unhex(&case.digest), "{}, {way}", case.name);
    };

    let mut whole = hasher.clone();
    whole.update(&data);
    expect("streamed at once", &whole.finalize());
    let mut pieces = hasher.clone();
    for piece in data.chunks(37) {
        pieces.update(piece);
    }
    expect("streamed in pieces of 37", &pieces.finalize());
    if case.hmac_key.is_some() {
        return;
    }

    expect("one-shot", &digest(algorithm, &params, &data).unwrap());
    let stopped = digest_with(algorithm, &params, &data, &Uninterruptible, several()).unwrap();
    expect("one-shot with a pool", &stopped);
    // Four lanes and a rest. Long inputs only once: without optimisation they take seconds.
    let count = if data.len() < 10_000 { 5 } else { 1 };
    let mut many = vec![0; stopped.len() * count];
    hash_many(algorithm, &params, count, |_| &data, &mut many, &Uninterruptible, Threads::One).unwrap();
    assert_eq!(many, stopped.repeat(count), "{}, many", case.name);
}

#[test]
fn every_case() {
    let cases = cases();
    let mut seen = HashSet::new();
    let mut names = HashSet::new();
    for case in &cases {
        check(case);
        seen.insert(case.algorithm.as_str());
        assert!(names.insert(case.name.as_str()), "two cases are called {}", case.name);
    }
    for algorithm in Algorithm::ALL {
        assert!(seen.contains(algorithm.name()), "no case for {algorithm}");
    }
}
