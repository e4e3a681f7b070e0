//! A set gives what its patterns give one by one: the patterns of `testdata/regexp` on its subjects.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use sidelane_regexp::{Flags, Limits, Regex, RegexSet, Scratch, SetPattern, Subject, Unstoppable};

#[derive(Deserialize)]
struct Case {
    pattern: String,
    flags: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    error: bool,
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

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/regexp");
    ["traps.json", "random.json"]
        .into_iter()
        .flat_map(|file| {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            serde_json::from_str::<Vec<Case>>(&text).unwrap()
        })
        .filter(|case| !case.error)
        .collect()
}

#[test]
fn as_one_by_one() {
    let cases = cases();
    let mut found_any = 0;
    for group in cases.chunks(40) {
        let patterns: Vec<SetPattern> = group
            .iter()
            .map(|case| {
                let flags = Flags::parse(&case.flags).unwrap();
                let regex = Regex::new(&units(&case.pattern), flags, &Limits::default()).unwrap();
                SetPattern { regex: Arc::new(regex), sticky: flags.sticky }
            })
            .collect();
        let set = RegexSet::new(patterns.clone());
        let mut scratch = Scratch::new();
        for case in group {
            let wide = units(&case.subject);
            let narrow: Option<Vec<u8>> = wide.iter().map(|unit| u8::try_from(*unit).ok()).collect();
            let subjects =
                [Some(Subject::Utf16(&wide)), narrow.as_ref().map(|narrow| Subject::Latin1(narrow))];
            for subject in subjects.into_iter().flatten() {
                let wanted: Vec<usize> = patterns
                    .iter()
                    .enumerate()
                    .filter(|(_, pattern)| {
                        let regex = &pattern.regex;
                        regex.is_match(subject, 0, pattern.sticky, &mut scratch, &Unstoppable).unwrap()
                    })
                    .map(|(index, _)| index)
                    .collect();
                assert_eq!(
                    set.matches(subject, &mut scratch, &Unstoppable).unwrap(),
                    wanted,
                    "{:?}",
                    case.subject
                );
                assert_eq!(set.is_match(subject, &mut scratch, &Unstoppable).unwrap(), !wanted.is_empty());
                found_any += wanted.len();
            }
        }
    }
    assert!(found_any > 1000);
}

/// Texts that begin alike are looked for by whole vectors: at all places of a chunk, at the ends of the subject, across the filter's
/// cuts, in either case, and where only the low bytes are the same.
#[test]
fn texts_that_begin_alike() {
    let pattern = |index: usize| {
        let source: Vec<u16> = format!(r"(?:warn|err){index}[a-z]+=\d{{2}}").encode_utf16().collect();
        let regex =
            Regex::new(&source, Flags::parse(["", "i"][index % 2]).unwrap(), &Limits::default()).unwrap();
        SetPattern { regex: Arc::new(regex), sticky: false }
    };
    let set = RegexSet::new((0..20).map(pattern).collect());
    let mut scratch = Scratch::new();
    let mut filler: Vec<u8> = b"curl arrow warm eRr10 ".iter().copied().cycle().take(70_000).collect();
    for at in [0, 1, 7, 8, 9, 63, 64, 71].into_iter().chain(65_529..65_538).chain([69_992]) {
        let before = filler[at..at + 8].to_vec();
        for text in [b"err7a=1 ", b"warn4a= ", b"ERR9a=1x", b"err12x=x"] {
            filler[at..at + 8].copy_from_slice(text);
            assert!(
                set.matches(Subject::Latin1(&filler), &mut scratch, &Unstoppable).unwrap().is_empty(),
                "{at}"
            );
        }
        for (text, wanted) in [(b"err7a=12", &[7][..]), (b"ERR9a=12", &[9]), (b"ERR8a=12", &[])] {
            filler[at..at + 8].copy_from_slice(text);
            let mut wide: Vec<u16> = filler.iter().map(|byte| u16::from(*byte)).collect();
            for subject in [Subject::Latin1(&filler), Subject::Utf16(&wide)] {
                assert_eq!(set.matches(subject, &mut scratch, &Unstoppable).unwrap(), wanted, "{at}");
            }
            wide[at] |= 0x100;
            assert!(
                set.matches(Subject::Utf16(&wide), &mut scratch, &Unstoppable).unwrap().is_empty(),
                "{at}"
            );
        }
        filler[at..at + 8].copy_from_slice(&before);
    }
}
