//! The cases of `testdata/regexp`, which V8's own answers were written to, through every engine that accepts them, on both alphabets.
//!
//! `REGEXP_CASES=FILE` adds a file: see `testdata/regexp/generate.mjs`.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sidelane_regexp::{ExecError, Flags, Limits, NONE, Regex, Scratch, Subject, Unstoppable, Wanted};

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

/// As it is, with the linear engines alone, and with the automaton asked first; all also without prefilters.
fn engines() -> [(&'static str, Limits); 6] {
    let mut linear = Limits::default();
    (linear.linear_after, linear.linear_after_factor) = (0, 0);
    let (mut plain, mut plain_linear) = (Limits::default(), linear.clone());
    (plain.prefilters, plain_linear.prefilters) = (false, false);
    let (mut automaton, mut plain_automaton) = (Limits::default(), plain.clone());
    (automaton.automaton_after, plain_automaton.automaton_after) = (0, 0);
    [
        ("backtracking, then linear", Limits::default()),
        ("linear", linear),
        ("backtracking, then linear, no prefilters", plain),
        ("linear, no prefilters", plain_linear),
        ("automaton", automaton),
        ("automaton, no prefilters", plain_automaton),
    ]
}

/// All matches by one search each, as ECMA-262 has it.
fn one_by_one(
    regex: &Regex,
    subject: Subject<'_>,
    start: usize,
    sticky: bool,
    unicode: bool,
) -> Vec<Vec<usize>> {
    let (mut found, mut at, mut scratch) = (Vec::new(), start, Scratch::new());
    let mut slots = vec![0; regex.captures_len() * 2];
    while regex.exec(subject, at, sticky, &mut scratch, &mut slots, &Unstoppable).unwrap() {
        found.push(slots.clone());
        at = slots[1];
        if slots[0] == at {
            let is_pair = match subject {
                Subject::Utf16(units) if unicode => char::decode_utf16(units[at..].iter().copied())
                    .next()
                    .is_some_and(|c| c.is_ok_and(|c| c > '\u{FFFF}')),
                _ => false,
            };
            at += 1 + usize::from(is_pair);
        }
    }
    found
}

fn all(
    regex: &Regex,
    subject: Subject<'_>,
    start: usize,
    sticky: bool,
    scratch: &mut Scratch,
) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let wanted = Wanted { start, sticky, ..Wanted::default() };
    let each = |slots: &[usize]| {
        found.push(slots.to_vec());
        Ok::<(), ExecError>(())
    };
    regex.find_all(subject, wanted, scratch, &Unstoppable, each).unwrap();
    found
}

/// How many answers the table gave.
fn check(case: &Case, engine: &str, limits: &Limits) -> usize {
    let name =
        format!("/{}/{} on {:?} from {}, {engine}", case.pattern, case.flags, case.subject, case.start);
    let regex = Regex::new(&units(&case.pattern), Flags::parse(&case.flags).unwrap(), limits)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let subject = units(&case.subject);
    let bytes: Option<Vec<u8>> = subject.iter().map(|unit| u8::try_from(*unit).ok()).collect();
    let mut subjects = vec![Subject::Utf16(&subject)];
    subjects.extend(bytes.as_deref().map(Subject::Latin1));
    // Once is enough: it does not depend on the limits.
    let has_use = case.start == 0 && !case.sticky && *limits == Limits::default();
    let table = if has_use { regex.table() } else { None };
    let mut answers = 0;
    for subject in subjects {
        if let Some(answer) = table.as_ref().and_then(|table| table.is_match(subject)) {
            assert_eq!(answer, case.expected.is_some(), "the table of {name}, {subject:?}");
            answers += 1;
        }
        let mut slots = vec![0; regex.captures_len() * 2];
        let found = regex
            .exec(subject, case.start, case.sticky, &mut Scratch::new(), &mut slots, &Unstoppable)
            .unwrap();
        let groups: Vec<_> =
            slots.chunks(2).map(|pair| (pair[0] != NONE).then_some((pair[0], pair[1]))).collect();
        assert_eq!(found.then_some(groups), case.expected, "{name}, {subject:?}");
        let unicode = case.flags.contains(['u', 'v']);
        assert_eq!(
            all(&regex, subject, case.start, case.sticky, &mut Scratch::new()),
            one_by_one(&regex, subject, case.start, case.sticky, unicode),
            "all of {name}, {subject:?}"
        );
    }
    answers
}

/// How many cases there are, and how many answers tables gave.
fn check_file(path: &Path) -> (usize, usize) {
    let cases = cases(path);
    let mut answers = 0;
    for case in &cases {
        for (engine, limits) in engines() {
            answers += check(case, engine, &limits);
        }
    }
    (cases.len(), answers)
}

#[test]
fn traps() {
    let (cases, by_table) = check_file(&folder().join("traps.json"));
    assert!(cases > 300 && by_table > 200, "{cases} cases, {by_table} answers of tables");
}

#[test]
fn random_patterns() {
    let (cases, by_table) = check_file(&folder().join("random.json"));
    assert!(cases >= 1000 && by_table > 500, "{cases} cases, {by_table} answers of tables");
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

/// Steps, not time: matches whose attempts read far past their ends, all of them, at two sizes. `(pump, end)` make the subject.
#[test]
fn global_operations_take_linear_steps() {
    let operations = [
        (".*[^A-Z]|[A-Z]", "A", ""),
        ("(?:.*x)?a", "a", ""),
        ("(?:a+)+b|a", "a", "c"),
        ("a*b|a", "a", ""),
        ("a{1,20}.*z|a", "a", ""),
        ("(a|b)*c|(a)|b", "ab", ""),
        ("(?:[^]*?y)?a??", "a", ""),
        ("a(?=.*b)|a", "a", ""),
        ("a(?!.*b)", "a", ""),
        ("(?<=x.*)a|a", "a", ""),
        ("(?<!b.*)a", "a", ""),
        ("(?=.*[^A-Z])A|(?<!.*[0-9])A", "A", ""),
        ("\\b\\w+\\b(?:.*\\d)|\\w+", "word ", ""),
        ("^.*;|$|a", "a", ""),
        ("(?:a?){30}a{30}b|a", "a", ""),
        ("(?:(?:a|)*?b)?a", "a", ""),
    ];
    for (pattern, pump, end) in operations {
        let source = pattern.encode_utf16().collect::<Vec<_>>();
        let regex = Regex::new(&source, Flags::default(), &Limits::default()).unwrap();
        let mut scratch = Scratch::new();
        let steps = [1_000, 10_000].map(|count| {
            let subject = format!("{}{end}", pump.repeat(count));
            let found = all(&regex, Subject::Latin1(subject.as_bytes()), 0, false, &mut scratch);
            assert!(found.len() >= count, "/{pattern}/g found {}", found.len());
            // In pieces, as an iterator asks for them.
            let (mut pieces, mut at, mut in_pieces) = (0, 0, 0);
            loop {
                let before = pieces;
                let wanted = Wanted { start: at, limit: 16, more: true, ..Wanted::default() };
                let each = |slots: &[usize]| {
                    pieces += 1;
                    at = slots[1] + usize::from(slots[0] == slots[1]);
                    Ok::<(), ExecError>(())
                };
                let subject = Subject::Latin1(subject.as_bytes());
                regex.find_all(subject, wanted, &mut scratch, &Unstoppable, each).unwrap();
                in_pieces += scratch.steps();
                if pieces == before {
                    break;
                }
            }
            assert_eq!(pieces, found.len(), "/{pattern}/g in pieces");
            all(&regex, Subject::Latin1(subject.as_bytes()), 0, false, &mut scratch);
            [scratch.steps(), in_pieces]
        });
        for (way, (small, large)) in steps[0].iter().zip(&steps[1]).enumerate() {
            assert!(*large <= small * 12 + 100_000, "/{pattern}/g, {way}: {small} steps, then {large}");
        }
    }
}

/// Blocks of the backward pass, more of them than one, give what single searches give.
#[test]
fn two_passes_over_many_blocks_agree_with_single_searches() {
    let mut linear = Limits::default();
    (linear.linear_after, linear.linear_after_factor) = (0, 0);
    let text: String =
        (0..800_u32).map(|n| ["ab", "b c", "\n", "xa1", "é", "aaaa"][(n * n % 37 % 6) as usize]).collect();
    let subject: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let wide: Vec<u16> =
        text.encode_utf16().flat_map(|unit| [unit, if unit % 3 == 0 { 0xD83D } else { 0xDE00 }]).collect();
    for (pattern, flags) in [
        ("(a+)(b)?|(\\s)", ""),
        ("^(?:.*?)(a)(?=(.))", "m"),
        ("(?<=(\\w))(?:b|)*c??", ""),
        ("[^]", "u"),
        ("(?<!a)\\b(?:\\p{L}|.)*?$", "mu"),
    ] {
        let source = pattern.encode_utf16().collect::<Vec<_>>();
        let flags = Flags::parse(flags).unwrap();
        let [two_passes, single] =
            [&linear, &Limits::default()].map(|limits| Regex::new(&source, flags, limits).unwrap());
        for subject in [Subject::Latin1(&subject), Subject::Utf16(&wide)] {
            let found = all(&two_passes, subject, 0, false, &mut Scratch::new());
            assert!(found == one_by_one(&single, subject, 0, false, flags.is_unicode()), "/{pattern}/");
        }
    }
}

/// Attempts that find nothing are not made at each position: the automaton reads past them, at a quarter of a step a unit.
#[test]
fn the_automaton_passes_what_attempts_do_not_find() {
    for (pattern, flags, pump, end, matches) in [
        ("[a-z]+\\d+[a-z]+x", "", "agent12curl ", "a1bx", 1),
        ("\\b(?:cat|dog)s?\\b.*\\d$", "m", "hot dog, catsup, cats\n", "dog 1", 1),
        ("(\\w+)=(\\w+)", "", "some words of no value, ", "k=v", 1),
        ("^\\s*[^#\\s]\\w*!", "m", "  # a1b\n\n", "  b!", 1),
        ("\\p{Lu}\\p{Ll}+\\d", "u", "Abc Def ghi ", "Xy9", 1),
    ] {
        let source = pattern.encode_utf16().collect::<Vec<_>>();
        let regex = Regex::new(&source, Flags::parse(flags).unwrap(), &Limits::default()).unwrap();
        let mut never = Limits::default();
        never.automaton_after = u64::MAX;
        let attempts = Regex::new(&source, Flags::parse(flags).unwrap(), &never).unwrap();
        let subject = format!("{}{end}", pump.repeat(5000));
        let wide: Vec<u16> = subject.encode_utf16().collect();
        for subject in [Subject::Latin1(subject.as_bytes()), Subject::Utf16(&wide)] {
            let mut scratch = Scratch::new();
            let found = all(&regex, subject, 0, false, &mut scratch);
            let steps = scratch.steps();
            assert_eq!(found, all(&attempts, subject, 0, false, &mut scratch), "/{pattern}/");
            assert_eq!(found.len(), matches, "/{pattern}/");
            assert!(steps < subject.len() as u64 / 3 + 8_000, "/{pattern}/: {steps} steps");
            assert!(scratch.steps() > steps, "/{pattern}/: {} steps by attempts", scratch.steps());
        }
    }
}

/// An automaton of 2^15 states, more than are kept: they are forgotten, and it gives up.
#[test]
fn an_automaton_with_too_many_states_gives_up() {
    let mut automaton = Limits::default();
    automaton.automaton_after = 0;
    let source: Vec<u16> = "[ab]*a[ab]{14}c".encode_utf16().collect();
    let [first, default] =
        [&automaton, &Limits::default()].map(|limits| Regex::new(&source, Flags::default(), limits).unwrap());
    let mut seed = 1_u32;
    let mut text: Vec<u8> = (0..300_000)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"ab"[(seed >> 31) as usize]
        })
        .collect();
    text[150_000] = b' ';
    for (end, matches) in [(&b"abbbbbbbbbbbbbbc"[..], 1), (b"bbbbbbbbbbbbbbbc", 0)] {
        let subject = [&text[..], end].concat();
        let found = all(&first, Subject::Latin1(&subject), 0, false, &mut Scratch::new());
        assert_eq!(found, all(&default, Subject::Latin1(&subject), 0, false, &mut Scratch::new()));
        assert!(found.len() == matches && found.iter().all(|found| found[0] == 150_001), "{found:?}");
    }
}

#[test]
fn a_limit_holds_in_two_passes_too_and_a_failure_ends_them() {
    let mut linear = Limits::default();
    (linear.linear_after, linear.linear_after_factor) = (0, 0);
    let regex = Regex::new(&[0x61], Flags::default(), &linear).unwrap();
    for (limit, more, expected) in [(0, false, 0), (2, false, 2), (2, true, 5), (9, false, 5)] {
        let (mut found, mut scratch) = (0, Scratch::new());
        let wanted = Wanted { limit, more, ..Wanted::default() };
        let each = |_: &[usize]| {
            found += 1;
            Ok::<(), ExecError>(())
        };
        regex.find_all(Subject::Latin1(b"a ba aa a"), wanted, &mut scratch, &Unstoppable, each).unwrap();
        assert_eq!(found, expected, "{limit} {more}");
    }
    let failing =
        regex.find_all(Subject::Latin1(b"aaa"), Wanted::default(), &mut Scratch::new(), &Unstoppable, |_| {
            Err(ExecError::Stopped)
        });
    assert_eq!(failing, Err(ExecError::Stopped));
}
