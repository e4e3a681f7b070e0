//! A slow, obvious matcher: section 22.2.2 of ECMA-262 word for word, with continuations, on a tree of its own. And patterns and subjects
//! out of arbitrary bytes, which every engine must answer as it does.

mod choices;
mod matcher;
mod tree;

use sidelane_regexp::{ExecError, Flags, Limits, NONE, Regex, Scratch, Subject, Unstoppable, Wanted};

use choices::Choices;
use matcher::{Groups, Matcher};
use tree::Pattern;

/// Steps of the slow matcher, which is exponential, for one case.
const STEPS: u64 = 100_000;

/// Compares all engines with the slow matcher on the case that the bytes stand for. False if that one gave up.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let mut choices = Choices::new(bytes);
    let pattern = Pattern::new(&mut choices);
    let subject = choices.subject();
    let start = if choices.below(3) == 0 { choices.below(subject.len() + 1) } else { 0 };
    let sticky = choices.below(6) == 0;
    let matcher = Matcher::new(&pattern, &subject, STEPS);
    let first = matcher.search(start, sticky);
    let all = matcher.all(start, sticky);
    if matcher.gave_up() {
        return false;
    }
    for limits in engines() {
        let flags = Flags::parse(&pattern.flags()).expect("flags");
        let source = pattern.source();
        let regex = Regex::new(&source.encode_utf16().collect::<Vec<_>>(), flags, &limits)
            .unwrap_or_else(|error| panic!("/{source}/: {error}"));
        let bytes: Option<Vec<u8>> = subject.iter().map(|unit| u8::try_from(*unit).ok()).collect();
        let mut subjects = vec![Subject::Utf16(&subject)];
        subjects.extend(bytes.as_deref().map(Subject::Latin1));
        for subject in subjects {
            let case = format!(
                "/{source}/{} on {subject:?} from {start}, sticky: {sticky}, {limits:?}",
                pattern.flags()
            );
            if start == 0
                && !sticky
                && let Some(answer) = regex.table().and_then(|table| table.is_match(subject))
            {
                assert_eq!(answer, first.is_some(), "the table of {case}");
            }
            let mut slots = vec![0; regex.captures_len() * 2];
            let mut scratch = Scratch::new();
            let found = regex
                .exec(subject, start, sticky, &mut scratch, &mut slots, &Unstoppable)
                .unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(found.then(|| groups(&slots)), first, "{case}");
            let mut every = Vec::new();
            let wanted = Wanted { start, sticky, ..Wanted::default() };
            let each = |slots: &[usize]| {
                every.push(groups(slots));
                Ok::<(), ExecError>(())
            };
            regex
                .find_all(subject, wanted, &mut scratch, &Unstoppable, each)
                .unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(every, all, "all of {case}");
        }
    }
    true
}

fn groups(slots: &[usize]) -> Groups {
    slots.chunks(2).map(|pair| (pair[0] != NONE).then_some((pair[0], pair[1]))).collect()
}

/// As it is, with the linear engines alone, and with the automaton asked first; all also without prefilters.
fn engines() -> Vec<Limits> {
    let mut all = vec![Limits::default(); 6];
    for (index, limits) in all.iter_mut().enumerate() {
        limits.prefilters = index % 2 == 0;
        match index / 2 {
            1 => (limits.linear_after, limits.linear_after_factor) = (0, 0),
            2 => limits.automaton_after = 0,
            _ => {}
        }
    }
    all
}
