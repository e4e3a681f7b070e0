//! Any pattern, any subject: the engines agree on the first match and on all of them, with and without prefilters, on both alphabets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sidelane_regexp::{ExecError, Flags, Limits, Regex, Scratch, Subject, Unstoppable, Wanted};

fuzz_target!(|input: (u8, &str, Vec<u16>, bool)| {
    let (flags, pattern, subject, sticky) = input;
    let letters: String = "imsu".chars().enumerate().filter(|(bit, _)| flags >> bit & 1 != 0).map(|(_, c)| c).collect();
    let flags = Flags::parse(&letters).expect("flags");
    let source: Vec<u16> = pattern.encode_utf16().collect();
    let subject = &subject[..subject.len().min(200)];
    let bytes: Option<Vec<u8>> = subject.iter().map(|unit| u8::try_from(*unit).ok()).collect();
    let mut expected = None;
    for engine in 0..4 {
        let mut limits = Limits::default();
        (limits.program_size, limits.budget_base, limits.budget_factor) = (2_000, 100_000, 1);
        limits.prefilters = engine % 2 == 0;
        if engine > 1 {
            (limits.linear_after, limits.linear_after_factor) = (0, 0);
        }
        let Ok(regex) = Regex::new(&source, flags, &limits) else { return };
        if !regex.explain().linear {
            return;
        }
        let mut subjects = vec![Subject::Utf16(subject)];
        subjects.extend(bytes.as_deref().map(Subject::Latin1));
        for subject in subjects {
            let (mut all, mut scratch) = (Vec::new(), Scratch::new());
            let mut slots = vec![0; regex.captures_len() * 2];
            let found = regex.exec(subject, 0, sticky, &mut scratch, &mut slots, &Unstoppable).expect("no budget");
            let each = |slots: &[usize]| {
                all.push(slots.to_vec());
                Ok::<(), ExecError>(())
            };
            let wanted = Wanted { sticky, ..Wanted::default() };
            regex.find_all(subject, wanted, &mut scratch, &Unstoppable, each).expect("no budget");
            if !sticky && let Some(answer) = regex.table().and_then(|table| table.is_match(subject)) {
                assert_eq!(answer, found, "{pattern:?} {letters}, the table");
            }
            assert_eq!(all.first(), found.then_some(&slots), "{pattern:?} {letters}, engine {engine}");
            assert_eq!(expected.get_or_insert_with(|| all.clone()), &all, "{pattern:?} {letters}, engine {engine}");
        }
    }
});
