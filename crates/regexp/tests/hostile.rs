//! Patterns made to cost more than their length: each is refused or compiled within bounds, and what a search does is counted.
#![allow(clippy::unwrap_used)]

use sidelane_regexp::{
    ErrorKind, ExecError, Flags, Limits, NONE, Regex, Scratch, Subject, Unstoppable, Wanted,
};

fn compile(pattern: &str, flags: &str) -> Result<Regex, sidelane_regexp::Error> {
    let source: Vec<u16> = pattern.encode_utf16().collect();
    Regex::new(&source, Flags::parse(flags).unwrap(), &Limits::default())
}

fn sets_each_of_many(classes: u32) -> String {
    (0..classes).map(|n| format!("[\\p{{L}}{}]", char::from_u32(0x30000 + n).unwrap())).collect()
}

fn strings(count: usize, between: &str) -> String {
    (0..count).map(|n| format!("ab{n}")).collect::<Vec<_>>().join(between)
}

/// Each took gigabytes, or many seconds, before anything was counted.
#[test]
fn sets_and_strings_are_bounded_while_they_are_read() {
    for (pattern, flags) in [
        ("\\p{RGI_Emoji}".repeat(60_000), "v"),
        (format!("[{}]", "\\p{RGI_Emoji}".repeat(60_000)), "v"),
        ("[\\p{RGI_Emoji}--\\q{a}]".repeat(2000), "iv"),
        ("[!-\u{FFFF}]".repeat(100_000), "iu"),
        (format!("{}\\p{{L}}{}", "[^".repeat(900), "]".repeat(900)).repeat(300), "v"),
        (sets_each_of_many(60_000), "u"),
        (sets_each_of_many(20_000), "iu"),
        (format!("[{}]", "\\p{L}".repeat(190_000)), "u"),
        (format!("[{}]", "[\\p{L}--\\p{Lu}]".repeat(60_000)), "v"),
        (format!("[\\p{{L}}{}]", "--[a]".repeat(100_000)), "v"),
        (format!("[\\q{{{}}}{}]", strings(60_000, "|"), "--a".repeat(100_000)), "v"),
    ] {
        let error = compile(&pattern, flags).unwrap_err();
        let shown: String = pattern.chars().take(30).collect();
        assert!(matches!(error.kind(), ErrorKind::ProgramTooLarge { .. }), "{shown}: {error}");
        // Where it is read, not when all of it was.
        assert!(error.position() > 0, "{shown}: {error}");
    }
}

#[test]
fn what_real_patterns_hold_of_sets_and_strings_is_far_below() {
    for (pattern, flags) in [
        ("[\\p{ID_Start}$_][\\p{ID_Continue}$\\u200C\\u200D]*\\P{L}?".repeat(50), "iu"),
        ("\\p{RGI_Emoji}".repeat(8), "v"),
        (format!("[\\q{{{}}}]", strings(10_000, "|")), "v"),
        (format!("[{}]", strings(10_000, "}\\q{").replacen("ab0", "\\q{ab0", 1) + "}"), "v"),
    ] {
        assert!(compile(&pattern, flags).is_ok(), "{}", &pattern[..20]);
    }
}

/// 3,000 lookarounds, each with a group: slots of all of them were cleared for each, three steps a match.
#[test]
fn a_lookaround_has_slots_of_its_own_groups() {
    let mut linear = Limits::default();
    (linear.linear_after, linear.linear_after_factor) = (0, 0);
    let source: Vec<u16> = "(?=(a)(?=(?:(b)|(.))+))".repeat(1000).encode_utf16().collect();
    let regex = Regex::new(&source, Flags::default(), &linear).unwrap();
    let mut slots = vec![0; regex.captures_len() * 2];
    let found = regex.exec(Subject::Latin1(b"abc"), 0, false, &mut Scratch::new(), &mut slots, &Unstoppable);
    assert_eq!(found, Ok(true));
    for groups in slots[2..].chunks(6) {
        assert_eq!(groups, [0, 1, NONE, NONE, 2, 3]);
    }
}

/// 30,000 groups of one name, and 100,000 references to it: 12 GB when each had a list of its own.
#[test]
fn references_to_a_name_share_its_groups() {
    let pattern = format!("(?:{}){}", "(?<a>)|".repeat(30_000), "\\k<a>".repeat(100_000));
    assert!(compile(&pattern, "").is_ok());
    let repeated = format!("(?:{})(?:\\k<a>){{100000}}", "(?<a>)|".repeat(30_000));
    assert!(compile(&repeated, "").is_ok());
}

/// A scan took at most 4,096 steps, however far it went: n attempts read n x n / 1,024 units before the linear engine was asked.
#[test]
fn steps_of_a_scan_are_counted_in_full() {
    let subject = vec![b'a'; 1_000_000];
    let (mut slots, mut scratch) = ([0; 4], Scratch::new());
    for pattern in ["[a-z]+\\d", "(a+)\\1x", "[^]*b"] {
        let regex = compile(pattern, "").unwrap();
        let result = regex.exec(Subject::Latin1(&subject), 0, true, &mut scratch, &mut slots, &Unstoppable);
        assert!(matches!(result, Ok(false) | Err(ExecError::Budget { .. })), "{pattern}: {result:?}");
        assert!(scratch.steps() >= 200_000 || pattern == "[^]*b", "{pattern}: {} steps", scratch.steps());
    }
}

/// Threads x slots would be 19 GB for each of two lists.
#[test]
fn groups_of_lookarounds_take_memory_for_the_threads_there_are() {
    let mut linear = Limits::default();
    (linear.linear_after, linear.linear_after_factor) = (0, 0);
    let source: Vec<u16> = format!("(?=(?:{})??(a))", "(a)".repeat(20_000)).encode_utf16().collect();
    let regex = Regex::new(&source, Flags::default(), &linear).unwrap();
    let mut slots = vec![0; regex.captures_len() * 2];
    let found = regex.exec(Subject::Latin1(b"a"), 0, false, &mut Scratch::new(), &mut slots, &Unstoppable);
    assert_eq!(found, Ok(true));
    assert_eq!(slots[slots.len() - 4..], [NONE, NONE, 0, 1]);
}

/// Where there are as many threads as that, the limit of what lookarounds may take holds for them too.
#[test]
fn groups_of_lookarounds_are_within_the_limit() {
    let mut linear = Limits::default();
    (linear.linear_after, linear.linear_after_factor) = (0, 0);
    // 6,000 threads with 12,000 slots each.
    let alternatives = vec!["(a)"; 6_000].join("|");
    let source: Vec<u16> = format!("(?=(?:{alternatives})b)a").encode_utf16().collect();
    let regex = Regex::new(&source, Flags::default(), &linear).unwrap();
    let mut slots = vec![0; regex.captures_len() * 2];
    let found = regex.exec(Subject::Latin1(b"ab"), 0, false, &mut Scratch::new(), &mut slots, &Unstoppable);
    assert!(matches!(found, Err(ExecError::OracleMemory { .. })), "{found:?}");
}

/// Of 30,000 groups with one name each reference looks through: that counts as well.
#[test]
fn a_reference_to_many_groups_costs_as_many_steps() {
    let regex = compile(&format!("(?:{}b)\\k<a>", "(?<a>x)|".repeat(30_000)), "").unwrap();
    let (mut scratch, subject) = (Scratch::new(), vec![b'b'; 1000]);
    let wanted = Wanted::default();
    regex
        .find_all(Subject::Latin1(&subject), wanted, &mut scratch, &Unstoppable, |_| Ok::<(), ExecError>(()))
        .unwrap();
    assert!(scratch.steps() > 30_000 * 1000 * 2, "{} steps", scratch.steps());
}
