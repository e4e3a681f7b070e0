//! Any bytes, any pointer: what is accepted has an index, which leads to where a pass through the text does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sidelane_kernels::Uninterruptible;
use sidelane_kernels::json::{Index, Limits, Mode, Pointer, Selection, Span, extract, validate};

fn pass(data: &[u8], pointer: Pointer) -> Vec<Span> {
    let selection = Selection::new(&[pointer]).expect("a selection");
    let columns = extract(data, &selection, Mode::Checked, Limits::default(), &Uninterruptible);
    columns.expect("it was accepted").swap_remove(0)
}

fuzz_target!(|input: (&str, usize, &[u8])| {
    let (text, repeat, data) = input;
    // Repeated, small inputs reach what large texts have.
    let data = match repeat % 256 {
        0 => data.to_vec(),
        many => [b"[", data, &[b",", data].concat().repeat(many), b"]"].concat(),
    };
    let index = Index::new(&data, Limits::default(), &Uninterruptible);
    assert_eq!(index.is_ok(), validate(&data, Limits::default(), &Uninterruptible).is_ok());
    let Ok(index) = index else { return };
    assert!(index.bytes() <= data.len() * 3 + 64, "{} for {}", index.bytes(), data.len());
    let Ok(pointer) = Pointer::parse(text) else { return };
    if pointer.has_wildcard() {
        return;
    }
    let found = index.find(&data, &pointer);
    let length = index.length(&data, &pointer);
    assert_eq!(found, pass(&data, pointer).first().copied());
    if found.and_then(|span| span.of(&data)).is_some_and(|value| value[0] == b'[') {
        let Ok(each) = Pointer::parse(&format!("{text}/*")) else { return };
        assert_eq!(length, Some(pass(&data, each).len()));
    }
});
