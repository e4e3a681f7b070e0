//! A message fed in any pieces, forked on the way, has the digest it has at once. Any parameters are accepted or refused,
//! the same by both ways.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sidelane_kernels::hash::{Algorithm, Hasher, Params, digest};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    algorithm: u8,
    output_length: Option<u16>,
    key: Option<&'a [u8]>,
    hmac: bool,
    pieces: Vec<&'a [u8]>,
}

fuzz_target!(|input: Input<'_>| {
    let algorithm = Algorithm::ALL[usize::from(input.algorithm) % Algorithm::ALL.len()];
    let whole = input.pieces.concat();
    if input.hmac {
        let Ok(hasher) = Hasher::hmac(algorithm, input.key.unwrap_or_default()) else {
            assert!(!algorithm.supports_hmac());
            return;
        };
        let mut at_once = hasher.clone();
        at_once.update(&whole);
        assert_eq!(in_pieces(hasher, &input.pieces), at_once.finalize());
        return;
    }
    let params = Params { output_length: input.output_length.map(usize::from), key: input.key };
    match (Hasher::new(algorithm, &params), digest(algorithm, &params, &whole)) {
        (Ok(hasher), Ok(at_once)) => {
            assert_eq!(hasher.output_len(), at_once.len());
            assert_eq!(in_pieces(hasher, &input.pieces), at_once);
        }
        (Err(streaming), Err(at_once)) => assert_eq!(streaming, at_once),
        (streaming, at_once) => panic!("{algorithm}: {streaming:?}, but {at_once:?}"),
    }
});

fn in_pieces(mut hasher: Hasher, pieces: &[&[u8]]) -> sidelane_kernels::hash::Digest {
    for piece in pieces {
        let mut fork = hasher.clone();
        fork.update(b"another end");
        hasher.update(piece);
    }
    hasher.finalize()
}
