//! Any pattern, any subject: the engines agree on the first match and on all of them, found at once, some at a time, one by one and by a set, with and without prefilters, on both alphabets.
#![no_main]

use std::sync::Arc;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sidelane_regexp::{
    ExecError, Flags, Limits, NONE, Regex, RegexSet, Scratch, SetPattern, Subject, Unstoppable, Wanted,
};

#[derive(Arbitrary, Debug)]
struct Input<'d> {
    flags: u8,
    pattern: &'d str,
    subject: Subjects<'d>,
    start: u8,
    sticky: bool,
    chunk: u8,
}

#[derive(Arbitrary, Debug)]
enum Subjects<'d> {
    Latin1(&'d [u8]),
    Utf16(Vec<u16>),
    /// A long one.
    Repeated(&'d [u8], u8, &'d [u8]),
}

impl Subjects<'_> {
    fn units(self) -> Vec<u16> {
        let mut units: Vec<u16> = match self {
            Self::Latin1(bytes) => bytes.iter().map(|byte| u16::from(*byte)).collect(),
            Self::Utf16(units) => units,
            Self::Repeated(part, times, end) => {
                part.repeat(times.into()).iter().chain(end).map(|byte| u16::from(*byte)).collect()
            }
        };
        units.truncate(600);
        units
    }
}

/// The engines, by the limits that bring each to the fore: two passes alone, and the automaton first.
fn limits(engine: usize) -> Limits {
    let mut limits = Limits::default();
    (limits.program_size, limits.budget_base, limits.budget_factor) = (2_000, 100_000, 1);
    limits.prefilters = engine.is_multiple_of(2);
    match engine / 2 {
        1 => (limits.linear_after, limits.linear_after_factor) = (0, 0),
        2 => limits.automaton_after = 0,
        _ => {}
    }
    limits
}

fn find_all(regex: &Regex, subject: Subject<'_>, wanted: Wanted, scratch: &mut Scratch) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    let each = |slots: &[usize]| {
        all.push(slots.to_vec());
        Ok::<(), ExecError>(())
    };
    regex.find_all(subject, wanted, scratch, &Unstoppable, each).expect("no budget");
    all
}

/// Where the search after a match begins.
fn behind(slots: &[usize], units: &[u16], unicode: bool) -> usize {
    let end = slots[1];
    if slots[0] < end {
        return end;
    }
    let is_pair = |rest: &[u16]| rest.len() > 1 && rest[0] & 0xFC00 == 0xD800 && rest[1] & 0xFC00 == 0xDC00;
    end + 1 + usize::from(unicode && is_pair(&units[end..]))
}

fuzz_target!(|input: Input<'_>| {
    let Input { flags, pattern, subject, start, sticky, chunk } = input;
    let letters: String =
        "imsuv".chars().enumerate().filter(|(bit, _)| flags >> bit & 1 != 0).map(|(_, c)| c).collect();
    let Ok(flags) = Flags::parse(&letters) else { return };
    let source: Vec<u16> = pattern.encode_utf16().collect();
    let units = subject.units();
    let bytes: Option<Vec<u8>> = units.iter().map(|unit| u8::try_from(*unit).ok()).collect();
    // Few chunks, as each may be searched to the end of the subject.
    let (start, chunk) =
        (usize::from(start) % (units.len() + 1), 1 + usize::from(chunk % 4) + units.len() / 4);
    let mut expected = None;
    for engine in 0..6 {
        let Ok(regex) = Regex::new(&source, flags, &limits(engine)) else { return };
        if !regex.explain().linear {
            return;
        }
        let regex = Arc::new(regex);
        let table = regex.table().filter(|_| engine == 0 && !sticky);
        let set = RegexSet::new(vec![SetPattern { regex: regex.clone(), sticky }]);
        for subject in
            [Some(Subject::Utf16(&units)), bytes.as_deref().map(Subject::Latin1)].into_iter().flatten()
        {
            let case = format!("{pattern:?} {letters}, engine {engine}, {subject:?} from {start}");
            let mut scratch = Scratch::new();
            let wanted = Wanted { start, sticky, ..Wanted::default() };
            let all = find_all(&regex, subject, wanted, &mut scratch);
            let mut one_by_one = Vec::new();
            let (mut slots, mut at) = (vec![NONE; regex.captures_len() * 2], start);
            while regex.exec(subject, at, sticky, &mut scratch, &mut slots, &Unstoppable).expect("no budget")
            {
                at = behind(&slots, &units, regex.is_unicode());
                one_by_one.push(slots.clone());
            }
            assert_eq!(one_by_one, all, "{case}");
            let mut in_chunks: Vec<Vec<usize>> = Vec::new();
            let mut wanted = Wanted { limit: chunk, more: true, ..wanted };
            loop {
                let some = find_all(&regex, subject, wanted, &mut scratch);
                let is_last = some.len() < chunk;
                in_chunks.extend(some);
                if is_last {
                    break;
                }
                wanted.start = behind(&in_chunks[in_chunks.len() - 1], &units, regex.is_unicode());
            }
            assert_eq!(in_chunks, all, "{case}, by {chunk}");
            let found = regex.is_match(subject, 0, sticky, &mut scratch, &Unstoppable).expect("no budget");
            let found_by_set = set.is_match(subject, &mut scratch, &Unstoppable).expect("no budget");
            assert_eq!(found_by_set, found, "{case}, the set");
            if let Some(answer) = table.as_ref().and_then(|table| table.is_match(subject)) {
                assert_eq!(answer, found, "{case}, the table");
            }
            assert_eq!(expected.get_or_insert_with(|| all.clone()), &all, "{case}");
        }
    }
});
