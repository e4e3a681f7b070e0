//! A slow, obvious matcher: section 22.2.2 of ECMA-262 word for word, with continuations, on a tree of its own. And patterns and subjects
//! out of arbitrary bytes, which every engine must answer as it does.

mod choices;
mod matcher;
mod tree;

use std::sync::Arc;

use sidelane_regexp::{
    ExecError, Flags, Limits, NONE, Regex, RegexSet, Scratch, SetPattern, Subject, Unstoppable, Wanted,
};

use choices::Choices;
use matcher::{Groups, Matcher};
use tree::Pattern;

/// Steps of the slow matcher, which is exponential, for one case.
const STEPS: u64 = 100_000;

struct Case {
    pattern: Pattern,
    subject: Vec<u16>,
    start: usize,
    sticky: bool,
    /// So many matches are asked for at a time.
    chunk: usize,
    /// What is in a set beside the pattern, and whether it matches.
    others: Vec<(Pattern, bool)>,
}

impl Case {
    fn new(bytes: &[u8]) -> Self {
        let mut choices = Choices::new(bytes);
        let pattern = Pattern::new(&mut choices);
        let subject = choices.subject();
        let start = if choices.below(3) == 0 { choices.below(subject.len() + 1) } else { 0 };
        let sticky = choices.below(6) == 0;
        // So that there are few: each reads to the end.
        let chunk = 1 + choices.below(3) + subject.len() / 4;
        let mut others = Vec::new();
        for _ in 0..2 {
            let other = Pattern::new(&mut choices);
            let matcher = Matcher::new(&other, &subject, STEPS / 50);
            let matches = matcher.search(0, false).is_some();
            if !matcher.gave_up() {
                others.push((other, matches));
            }
        }
        Case { pattern, subject, start, sticky, chunk, others }
    }
}

/// What the slow matcher says.
struct Answers {
    first: Option<Groups>,
    all: Vec<Groups>,
    /// The patterns of the set that match.
    set: Vec<usize>,
}

impl Answers {
    /// `None`: it gave up.
    fn new(case: &Case) -> Option<Self> {
        let Case { subject, start, sticky, .. } = case;
        let matcher = Matcher::new(&case.pattern, subject, STEPS);
        let (first, all) = (matcher.search(*start, *sticky), matcher.all(*start, *sticky));
        let by_itself = matcher.search(0, *sticky).is_some();
        if matcher.gave_up() {
            return None;
        }
        let mut set: Vec<usize> = (0..usize::from(by_itself)).collect();
        set.extend((1..).zip(&case.others).filter(|(_, other)| other.1).map(|(index, _)| index));
        Some(Answers { first, all, set })
    }
}

/// Compares all engines with the slow matcher on the case that the bytes stand for. False if that one gave up.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let case = Case::new(bytes);
    let Some(answers) = Answers::new(&case) else { return false };
    let units = &case.subject;
    let bytes: Option<Vec<u8>> = units.iter().map(|unit| u8::try_from(*unit).ok()).collect();
    let mut subjects = vec![Subject::Utf16(units)];
    subjects.extend(bytes.as_deref().map(Subject::Latin1));
    for limits in engines() {
        let regex = Arc::new(compile(&case.pattern, &limits));
        // They do not depend on the limits.
        let is_first = limits == Limits::default();
        let table = if is_first && case.start == 0 && !case.sticky { regex.table() } else { None };
        let set = is_first.then(|| set(&case, &regex, &limits));
        for &subject in &subjects {
            let name = name(&case, subject, &limits);
            if let Some(answer) = table.as_ref().and_then(|table| table.is_match(subject)) {
                assert_eq!(answer, answers.first.is_some(), "the table of {name}");
            }
            check_searches(&case, &answers, &regex, &limits, subject);
            if let Some(set) = &set {
                let mut scratch = Scratch::new();
                let found = set.matches(subject, &mut scratch, &Unstoppable);
                assert_eq!(found.as_deref(), Ok(&answers.set[..]), "the set of {name}");
                let any = set.is_match(subject, &mut scratch, &Unstoppable);
                assert_eq!(any, Ok(!answers.set.is_empty()), "any of the set of {name}");
            }
        }
    }
    true
}

fn set(case: &Case, regex: &Arc<Regex>, limits: &Limits) -> RegexSet {
    let others =
        case.others.iter().map(|other| SetPattern { regex: compile(&other.0, limits).into(), sticky: false });
    let pattern = SetPattern { regex: regex.clone(), sticky: case.sticky };
    RegexSet::new(std::iter::once(pattern).chain(others).collect())
}

fn check_searches(case: &Case, answers: &Answers, regex: &Regex, limits: &Limits, subject: Subject<'_>) {
    let Case { pattern, start, sticky, .. } = case;
    let name = name(case, subject, limits);
    let (mut slots, mut scratch) = (vec![0; regex.captures_len() * 2], Scratch::new());
    let found = regex
        .exec(subject, *start, *sticky, &mut scratch, &mut slots, &Unstoppable)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found.then(|| groups(&slots)).as_ref(), answers.first.as_ref(), "{name}");
    let mut find_all = |wanted| {
        let mut every = Vec::new();
        let each = |slots: &[usize]| {
            every.push(groups(slots));
            Ok::<(), ExecError>(())
        };
        regex
            .find_all(subject, wanted, &mut scratch, &Unstoppable, each)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        every
    };
    let wanted = Wanted { start: *start, sticky: *sticky, ..Wanted::default() };
    assert_eq!(find_all(wanted), answers.all, "all of {name}");
    if limits.automaton_after == 0 {
        // It is made anew for each search, which takes most of the time; where it begins, `start` says.
        return;
    }
    for more in [false, true] {
        // As an iterator asks for them: some at a time, from behind the last one.
        let (matcher, mut every) = (Matcher::new(pattern, &case.subject, STEPS), Vec::new());
        let mut wanted = Wanted { limit: case.chunk, more, ..wanted };
        loop {
            let some = find_all(wanted);
            assert!(more || some.len() <= case.chunk, "too many of {name}");
            let is_last = some.len() < case.chunk;
            every.extend(some);
            let Some((from, to)) = every.last().and_then(|groups: &Groups| groups[0]) else { break };
            wanted.start = if from == to { matcher.advance(to) } else { to };
            if is_last {
                break;
            }
        }
        assert_eq!(every, answers.all, "all by {} of {name}, more: {more}", case.chunk);
    }
}

fn compile(pattern: &Pattern, limits: &Limits) -> Regex {
    let flags = Flags::parse(&pattern.flags()).expect("flags");
    let source = pattern.source();
    Regex::new(&source.encode_utf16().collect::<Vec<_>>(), flags, limits)
        .unwrap_or_else(|error| panic!("/{source}/: {error}"))
}

fn name(case: &Case, subject: Subject<'_>, limits: &Limits) -> String {
    let Case { pattern, start, sticky, others, .. } = case;
    let others: Vec<String> =
        others.iter().map(|other| format!("/{}/{}", other.0.source(), other.0.flags())).collect();
    format!(
        "/{}/{} on {subject:?} from {start}, sticky: {sticky}, {limits:?}, beside {others:?}",
        pattern.source(),
        pattern.flags()
    )
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
