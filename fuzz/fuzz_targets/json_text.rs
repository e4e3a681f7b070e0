//! Any bytes, any pointer: what is accepted minifies to what is accepted, and trusted or not, nothing panics. Accepted text gives the same values in both modes unless names are there twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sidelane_kernels::Uninterruptible;
use sidelane_kernels::json::{Limits, Mode, Pointer, Selection, extract, minify, validate};

fuzz_target!(|input: (&str, &[u8])| {
    let (pointer, data) = input;
    let limits = Limits::default();
    let valid = validate(data, limits, &Uninterruptible).is_ok();
    match minify(data, limits, &Uninterruptible) {
        Ok(small) => {
            assert!(valid && validate(&small, limits, &Uninterruptible).is_ok());
            assert_eq!(minify(&small, limits, &Uninterruptible).as_deref(), Ok(&small[..]));
        }
        Err(_) => assert!(!valid),
    }
    let Ok(selection) = Pointer::parse(pointer).and_then(|pointer| Selection::new(&[pointer])) else {
        return;
    };
    let checked = extract(data, &selection, Mode::Checked, limits, &Uninterruptible);
    assert_eq!(checked.is_ok(), valid);
    let _ = extract(data, &selection, Mode::Trusted, limits, &Uninterruptible);
});
