//! Patterns and subjects out of the bytes: every engine answers as the slow matcher of crates/regexp/tests/oracle.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/regexp/tests/oracle/mod.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    oracle::check(bytes);
});
