//! Steps grow with the subject, for random patterns on subjects made against them: each operation, from n to 10 n.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use sidelane_regexp::{
    ExecError, Flags, Limits, Regex, RegexSet, Scratch, SetPattern, Subject, Unstoppable, Wanted,
};

/// A pattern's generator: no backreferences, everything else.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.below(among.len() as u64) as usize]
    }

    /// Without groups `in_look`: in a global operation each match costs what its lookarounds with groups read, as documented.
    fn pattern(&mut self, depth: u32, in_look: bool) -> String {
        let terms = 1 + self.below(3);
        let mut text: String = (0..terms).map(|_| self.term(depth, in_look)).collect();
        if self.below(3) == 0 {
            text = format!("{text}|{}", self.term(depth, in_look));
        }
        text
    }

    fn term(&mut self, depth: u32, in_look: bool) -> String {
        let atom = if depth == 0 || self.below(3) == 0 {
            let atoms = ["a", "b", ".", "[ab]", "\\w", "[^b]", "[^]", "\\s", "ab", "\\b", "^", "$", "x"];
            self.pick(&atoms).to_string()
        } else {
            let open = self.pick(&["(?:", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!"]);
            let open = if in_look && open == "(" { "(?:" } else { open };
            format!("{open}{})", self.pattern(depth - 1, in_look || open.len() > 1 && open != "(?:"))
        };
        let repeatable =
            !["\\b", "^", "$"].contains(&&*atom) && !atom.starts_with("(?<") && !atom.starts_with("(?!");
        let quantifiers = ["", "", "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{0,5}?", "{3,}"];
        if repeatable { format!("{atom}{}", self.pick(&quantifiers)) } else { atom }
    }
}

fn subject(pump: &str, end: &str, length: usize) -> String {
    pump.repeat(length / pump.len()) + end
}

/// Steps of each operation.
fn steps(regex: &Arc<Regex>, set: &RegexSet, subject: Subject<'_>) -> [u64; 3] {
    let mut scratch = Scratch::new();
    regex.is_match(subject, 0, false, &mut scratch, &Unstoppable).unwrap();
    let single = scratch.steps();
    let all = |_: &[usize]| Ok::<(), ExecError>(());
    regex.find_all(subject, Wanted::default(), &mut scratch, &Unstoppable, all).unwrap();
    let global = scratch.steps();
    set.matches(subject, &mut scratch, &Unstoppable).unwrap();
    [single, global, scratch.steps()]
}

#[test]
fn each_operation_of_random_patterns() {
    let mut random = Random(7);
    let (mut compiled, mut two_passes) = (0, 0);
    while compiled < 60 {
        let pattern = random.pattern(3, false);
        let flags = random.pick(&["", "i", "m", "s", "u", "im"]);
        let source: Vec<u16> = pattern.encode_utf16().collect();
        let Ok(regex) = Regex::new(&source, Flags::parse(flags).unwrap(), &Limits::default()) else {
            continue;
        };
        compiled += 1;
        let regex = Arc::new(regex);
        let set = RegexSet::new(vec![SetPattern { regex: regex.clone(), sticky: false }]);
        for (pump, end) in [("a", ""), ("ab", "!"), ("a b", "x"), ("aab\n", "c")] {
            let [small, large] = [1_000, 10_000].map(|length| {
                let text = subject(pump, end, length);
                let latin1 = steps(&regex, &set, Subject::Latin1(text.as_bytes()));
                let wide: Vec<u16> = text.encode_utf16().collect();
                let wide = steps(&regex, &set, Subject::Utf16(&wide));
                [latin1, wide].concat()
            });
            let most = regex.explain().most_steps;
            // Linear by what the pattern says of itself, with as much again for the attempts of a global operation; or by growth.
            let bound = 2 * (most.base + most.per_unit * 10_001);
            for (way, (small, large)) in small.iter().zip(&large).enumerate() {
                two_passes += u32::from(*large > 100_000);
                let name = format!("/{pattern}/{flags} on {pump:?}, {way}");
                assert!(
                    *large <= bound || *large <= small * 12,
                    "{name}: {small} steps, then {large} of {bound}"
                );
            }
        }
    }
    assert!(two_passes > 20, "{two_passes}");
}

/// With backreferences the budget is what grows linearly, and nothing runs longer than it, by more than one scan.
#[test]
fn budgets_scale_with_the_subject() {
    for pattern in ["^(?:a+)+(b)\\1$", "(a*)*\\1b", "(?:(a)|a)*\\1x", "(a+)\\1+$x", "([^]*)[^]*\\1y"] {
        let source: Vec<u16> = pattern.encode_utf16().collect();
        let regex = Regex::new(&source, Flags::default(), &Limits::default()).unwrap();
        let most = regex.explain().most_steps;
        for length in [2_000_u64, 20_000] {
            let text = vec![b'a'; length as usize];
            let mut scratch = Scratch::new();
            let found = regex.is_match(Subject::Latin1(&text), 0, false, &mut scratch, &Unstoppable);
            assert!(matches!(found, Ok(false) | Err(ExecError::Budget { .. })), "{pattern}: {found:?}");
            let budget = most.base + most.per_unit * (length + 1);
            assert!(scratch.steps() <= budget + length, "{pattern}: {} of {budget}", scratch.steps());
        }
    }
}

/// What explain() promises of linear patterns holds.
#[test]
fn no_search_takes_more_than_it_says() {
    let mut random = Random(11);
    for _ in 0..300 {
        let source: Vec<u16> = random.pattern(3, true).encode_utf16().collect();
        let Ok(regex) = Regex::new(&source, Flags::default(), &Limits::default()) else { continue };
        let most = regex.explain().most_steps;
        for pump in ["a", "ab", "b a"] {
            let text = subject(pump, "!", 3000);
            let mut scratch = Scratch::new();
            regex.is_match(Subject::Latin1(text.as_bytes()), 0, false, &mut scratch, &Unstoppable).unwrap();
            let bound = most.base + most.per_unit * (text.len() as u64 + 1);
            let pattern = String::from_utf16(&source).unwrap();
            assert!(scratch.steps() <= bound, "/{pattern}/ on {pump}: {} of {bound}", scratch.steps());
        }
    }
}
