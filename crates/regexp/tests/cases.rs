//! The cases of `testdata/regexp`, which V8's own answers were written to, through every engine that accepts them, on both alphabets.
//!
//! `REGEXP_CASES=FILE` adds a file: see `testdata/regexp/generate.mjs`.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sidelane_regexp::{Flags, Limits, NONE, Regex, Scratch, Subject, Unstoppable};

#[derive(Deserialize)]
struct Case {
    pattern: String,
    flags: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    start: usize,
    #[serde(default)]
    sticky: bool,
    #[serde(default)]
    expected: Option<Vec<Option<(usize, usize)>>>,
    #[serde(default)]
    error: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/regexp")
}

fn cases(path: &Path) -> Vec<Case> {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Code units of a text in which what is not printable ASCII is written `\uXXXX`.
fn units(text: &str) -> Vec<u16> {
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        units.extend(rest[..at].encode_utf16());
        units.push(u16::from_str_radix(&rest[at + 2..at + 6], 16).unwrap());
        rest = &rest[at + 6..];
    }
    units.extend(rest.encode_utf16());
    units
}

/// As it is, and with the linear engine alone.
fn engines() -> [(&'static str, Limits); 2] {
    let mut linear = Limits::default();
    (linear.linear_after, linear.linear_after_factor) = (0, 0);
    [("backtracking, then linear", Limits::default()), ("linear", linear)]
}

fn check(case: &Case, engine: &str, limits: &Limits) {
    let name =
        format!("/{}/{} on {:?} from {}, {engine}", case.pattern, case.flags, case.subject, case.start);
    let regex = Regex::new(&units(&case.pattern), Flags::parse(&case.flags).unwrap(), limits)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let subject = units(&case.subject);
    let bytes: Option<Vec<u8>> = subject.iter().map(|unit| u8::try_from(*unit).ok()).collect();
    let mut subjects = vec![Subject::Utf16(&subject)];
    subjects.extend(bytes.as_deref().map(Subject::Latin1));
    for subject in subjects {
        let mut slots = vec![0; regex.captures_len() * 2];
        let found = regex
            .exec(subject, case.start, case.sticky, &mut Scratch::new(), &mut slots, &Unstoppable)
            .unwrap();
        let groups: Vec<_> =
            slots.chunks(2).map(|pair| (pair[0] != NONE).then_some((pair[0], pair[1]))).collect();
        assert_eq!(found.then_some(groups), case.expected, "{name}, {subject:?}");
    }
}

fn check_file(path: &Path) -> usize {
    let cases = cases(path);
    for case in &cases {
        for (engine, limits) in engines() {
            check(case, engine, &limits);
        }
    }
    cases.len()
}

#[test]
fn traps() {
    assert!(check_file(&folder().join("traps.json")) > 300);
}

#[test]
fn random_patterns() {
    assert!(check_file(&folder().join("random.json")) >= 1000);
    if let Ok(path) = std::env::var("REGEXP_CASES") {
        check_file(Path::new(&path));
    }
}

#[test]
fn early_errors() {
    let cases = cases(&folder().join("errors.json"));
    assert!(cases.len() > 50 && cases.iter().all(|case| case.error));
    for Case { pattern, flags, .. } in cases {
        let error = Flags::parse(&flags)
            .and_then(|flags| Regex::new(&units(&pattern), flags, &Limits::default()))
            .expect_err(&pattern);
        assert!(error.kind().is_syntax(), "/{pattern}/{flags}: {error}");
    }
}

#[test]
fn construction_ends_soon_whatever_is_asked_for() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    for pattern in [
        "a".repeat(10_000_000),
        nested(100_000),
        "[".repeat(100_000),
        "(?:".repeat(100_000),
        "(?=".repeat(100_000),
        "((a{100}){100}){100}".into(),
        "(?:a{0,1000}){0,1000}".into(),
        "()".repeat(40_000),
        "a{99999999999}b{2147483648}c{1000000}".into(),
    ] {
        for flags in ["", "u", "v"] {
            let source: Vec<u16> = pattern.encode_utf16().collect();
            assert!(
                Regex::new(&source, Flags::parse(flags).unwrap(), &Limits::default()).is_err(),
                "{:.40}",
                pattern
            );
        }
    }
    let small = Regex::new(
        &"(?:a{0,50}){0,50}".encode_utf16().collect::<Vec<_>>(),
        Flags::default(),
        &Limits::default(),
    );
    assert!(small.is_ok());
}

/// Steps, not time: known attacks at the size where V8 takes more than a second, and at ten times that.
#[test]
fn attacks_take_linear_steps() {
    let attacks = [
        ("^(a+)+$", "", "a", 30, "!"),
        ("(a|a)*b", "", "a", 30, ""),
        ("(a*)*b", "", "a", 30, ""),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "", "a", 30, ""),
        ("x*x*x*x*y", "", "x", 3000, ""),
        ("(?=(a+)+b)a", "", "a", 300, ""),
        ("(?<=(a+)+b)c", "", "a", 300, "c"),
        ("(.*a){20}", "", "a", 40, "b"),
        ("^(?=.*[a-z])(?=.*\\d)(?=(a+)+$).{8,}$", "", "a", 300, "!"),
        ("(\\w+\\s?)*$", "", "aa ", 300, "!"),
    ];
    for (pattern, flags, pump, count, end) in attacks {
        let regex = Regex::new(
            &pattern.encode_utf16().collect::<Vec<_>>(),
            Flags::parse(flags).unwrap(),
            &Limits::default(),
        )
        .unwrap();
        let size = regex.explain().program_size as u64;
        for count in [count, count * 10] {
            let subject = format!("{}{end}", pump.repeat(count));
            let mut scratch = Scratch::new();
            regex
                .is_match(Subject::Latin1(subject.as_bytes()), 0, false, &mut scratch, &Unstoppable)
                .unwrap();
            let allowed = 10_000 + 40 * size * (subject.len() as u64 + 1);
            assert!(
                scratch.steps() <= allowed,
                "/{pattern}/ on {} units: {} steps, {allowed} allowed",
                subject.len(),
                scratch.steps()
            );
        }
    }
}
