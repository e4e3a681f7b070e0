//! Many messages in one call have the digests they have one by one. Wrong offsets are refused.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sidelane_kernels::hash::{Algorithm, Error, Offsets, Params, digest, hash_packed};
use sidelane_kernels::{Threads, Uninterruptible};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    algorithm: u8,
    /// Lengths of the messages, or, if `raw`, the offsets as they are.
    numbers: Vec<u16>,
    raw: bool,
    data: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let algorithm = Algorithm::ALL[usize::from(input.algorithm) % Algorithm::ALL.len()];
    let params = Params::default();
    let (data, offsets) = if input.raw {
        (input.data.to_vec(), input.numbers.iter().map(|offset| u32::from(*offset)).collect::<Vec<_>>())
    } else {
        packed(&input)
    };
    let count = offsets.len().saturating_sub(1);
    let mut out = vec![0; count * algorithm.output_len()];
    let result = hash_packed(
        algorithm,
        &params,
        &data,
        Offsets::U32(&offsets),
        &mut out,
        &Uninterruptible,
        Threads::One,
    );
    let valid = offsets.is_sorted() && offsets.last().is_some_and(|last| *last as usize <= data.len());
    if !valid {
        assert!(matches!(result, Err(Error::Offsets { .. })));
        return;
    }
    assert_eq!(result, Ok(()));
    for (i, actual) in out.chunks(algorithm.output_len()).enumerate() {
        let message = &data[offsets[i] as usize..offsets[i + 1] as usize];
        let expected = digest(algorithm, &params, message).expect("default parameters");
        assert_eq!(actual, expected.as_bytes(), "{algorithm}, message {i}, {} bytes", message.len());
    }
});

/// At most 2000 messages of up to 1023 bytes, most of them short, out of the repeated data.
fn packed(input: &Input<'_>) -> (Vec<u8>, Vec<u32>) {
    let mut offsets = vec![0];
    for number in input.numbers.iter().take(2000) {
        let len = if number % 16 == 0 { number % 1024 } else { number % 300 };
        offsets.push(offsets[offsets.len() - 1] + u32::from(len));
    }
    let len = offsets[offsets.len() - 1] as usize;
    let data = if input.data.is_empty() { &[0x80][..] } else { input.data };
    (data.iter().copied().cycle().take(len).collect(), offsets)
}
