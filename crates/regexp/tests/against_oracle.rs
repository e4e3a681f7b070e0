//! Every engine against a slow, obvious matcher, on patterns and subjects out of random bytes. `PROPTEST_CASES=100000` for more; the same runs as
//! a fuzz target, `fuzz/fuzz_targets/regexp_oracle.rs`.

mod oracle;

use proptest::prelude::*;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

#[test]
fn engines_answer_as_the_slow_matcher() {
    // It recurses where a subject is long; a test's own stack has 2 MiB.
    let cases = || {
        proptest!(config(), |(bytes in prop::collection::vec(any::<u8>(), 0..80))| {
            oracle::check(&bytes);
        });
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(cases).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
