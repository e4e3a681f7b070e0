//! What is refused, and with which error.

#![allow(clippy::unwrap_used)]

mod common;

use sidelane_kernels::hash::{
    Algorithm, Error, Hasher, MAX_OUTPUT_LENGTH, Offsets, Params, digest, hash_many, hash_packed,
};
use sidelane_kernels::{Threads, Uninterruptible};

use common::several;

fn with_length(len: usize) -> Params<'static> {
    Params { output_length: Some(len), ..Params::default() }
}

#[test]
fn output_length() {
    for algorithm in Algorithm::ALL {
        let default = algorithm.output_len();
        assert_eq!(digest(algorithm, &with_length(default), b"").unwrap().len(), default);
        for len in [0, default + 1, MAX_OUTPUT_LENGTH] {
            let result = digest(algorithm, &with_length(len), b"");
            if algorithm.has_variable_output() {
                assert_eq!(result.unwrap().len(), len);
            } else {
                assert_eq!(result, Err(Error::OutputLength { algorithm, received: len }));
            }
        }
        let received = MAX_OUTPUT_LENGTH + 1;
        assert!(matches!(
            Hasher::new(algorithm, &with_length(received)),
            Err(Error::OutputLength { algorithm: a, received: r }) if (a, r) == (algorithm, received)
        ));
    }
}

#[test]
fn a_longer_output_begins_with_the_shorter() {
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| algorithm.has_variable_output()) {
        let long = digest(algorithm, &with_length(MAX_OUTPUT_LENGTH), b"x").unwrap();
        let mut hasher = Hasher::new(algorithm, &Params::default()).unwrap();
        hasher.update(b"x");
        for len in [0, 1, 64, 65, 70_000] {
            let mut fork = hasher.clone();
            fork.set_output_length(Some(len)).unwrap();
            assert_eq!(fork.finalize()[..], long[..len]);
        }
        assert!(hasher.set_output_length(Some(MAX_OUTPUT_LENGTH + 1)).is_err());
        assert_eq!(hasher.finalize()[..], long[..algorithm.output_len()]);
    }
}

#[test]
fn keys() {
    for algorithm in Algorithm::ALL {
        for len in [0, 31, 32, 33] {
            let key = vec![1; len];
            let params = Params { key: Some(&key), ..Params::default() };
            let result = digest(algorithm, &params, b"").map(|digest| digest.len());
            match (algorithm.key_len(), len) {
                (None, _) => assert_eq!(result, Err(Error::KeyNotSupported { algorithm })),
                (Some(expected), len) if len != expected => {
                    assert_eq!(result, Err(Error::KeyLength { algorithm, expected, received: len }));
                }
                _ => assert_eq!(result, Ok(32)),
            }
        }
        assert_eq!(Hasher::hmac(algorithm, b"key").is_ok(), algorithm.supports_hmac(), "{algorithm}");
    }
}

#[test]
fn offsets_and_output() {
    let mut out = [0; 64];
    let mut run = |offsets: Offsets<'_>, out_len: usize| {
        let params = Params::default();
        let out = &mut out[..out_len];
        hash_packed(Algorithm::Sha256, &params, &[0; 10], offsets, out, &Uninterruptible, Threads::One)
    };
    let wrong = |index| Err(Error::Offsets { index, data_len: 10 });
    assert_eq!(run(Offsets::U32(&[]), 0), wrong(0));
    assert_eq!(run(Offsets::U32(&[11]), 0), wrong(0));
    assert_eq!(run(Offsets::U32(&[0, 5, 4]), 64), wrong(2));
    assert_eq!(run(Offsets::U32(&[0, 5, 11]), 64), wrong(2));
    assert_eq!(run(Offsets::U64(&[0, u64::MAX]), 32), wrong(1));
    assert_eq!(run(Offsets::U32(&[7]), 0), Ok(()));
    assert_eq!(run(Offsets::U64(&[0, 0, 10]), 64), Ok(()));
    assert_eq!(run(Offsets::U32(&[0, 5]), 64), Err(Error::OutputBuffer { expected: 32, received: 64 }));
}

#[test]
fn many_empty_outputs() {
    let params = with_length(0);
    let message = |_| &b"x"[..];
    let result = hash_many(Algorithm::Shake128, &params, 3, message, &mut [], &Uninterruptible, several());
    assert_eq!(result, Ok(()));
}
