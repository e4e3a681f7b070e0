//! Any code units, any flags: a regular expression or an error at a position within the pattern. What compiles searches its own source.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sidelane_regexp::{ErrorKind, Flags, Limits, Regex, Scratch, Subject, Unstoppable};

fuzz_target!(|input: (&str, Vec<u16>)| {
    let (flags, source) = input;
    let Ok(flags) = Flags::parse(flags) else { return };
    let mut limits = Limits::default();
    (limits.program_size, limits.pattern_length, limits.nesting_depth) = (5_000, 2_000, 100);
    (limits.budget_base, limits.budget_factor) = (100_000, 1);
    match Regex::new(&source, flags, &limits) {
        Ok(regex) => {
            assert!(regex.captures_len() >= 1 && regex.explain().program_size <= limits.program_size);
            let _ = regex.is_match(Subject::Utf16(&source), 0, false, &mut Scratch::new(), &Unstoppable);
        }
        Err(error) => assert!(error.kind() != ErrorKind::InvalidFlags && error.position() <= source.len()),
    }
});
