//! A checkpoint that says stop is obeyed within the promised number of bytes.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use sidelane_kernels::hash::{Algorithm, Error, Hasher, MAX_OUTPUT_LENGTH, Params, digest_with, hash_many};
use sidelane_kernels::{Checkpoint, Interrupted, Threads};

use common::several;

/// Says stop at the poll of this number, and ever after.
struct StopAt {
    poll: usize,
    polls: AtomicUsize,
}

impl StopAt {
    fn new(poll: usize) -> Self {
        Self { poll, polls: AtomicUsize::new(0) }
    }

    fn never() -> Self {
        Self::new(usize::MAX)
    }

    fn polls(&self) -> usize {
        self.polls.load(Ordering::Relaxed)
    }
}

impl Checkpoint for StopAt {
    fn poll(&self) -> Result<(), Interrupted> {
        if self.polls.fetch_add(1, Ordering::Relaxed) + 1 >= self.poll { Err(Interrupted) } else { Ok(()) }
    }
}

const STEP: usize = 128 << 10;

#[test]
fn one_message() {
    let data = vec![1; 10 * STEP];
    for algorithm in Algorithm::ALL {
        let params = Params::default();
        let whole = StopAt::never();
        digest_with(algorithm, &params, &data, &whole, Threads::One).unwrap();
        assert!(whole.polls() >= 10, "{algorithm} polls every 128 KiB");
        for k in [1, 2, 10] {
            let checkpoint = StopAt::new(k);
            let result = digest_with(algorithm, &params, &data, &checkpoint, Threads::One);
            assert_eq!(result, Err(Error::Interrupted), "{algorithm}");
            assert_eq!(checkpoint.polls(), k, "{algorithm} stops at once");
        }
    }
}

#[test]
fn a_small_message_is_not_begun_when_already_stopped() {
    let result = digest_with(Algorithm::Md5, &Params::default(), b"", &StopAt::new(1), Threads::One);
    assert_eq!(result, Err(Error::Interrupted));
}

#[test]
fn blake3_on_a_pool() {
    let data = vec![1; 20 << 20];
    let run = |checkpoint: &StopAt| {
        digest_with(Algorithm::Blake3, &Params::default(), &data, checkpoint, several())
    };
    let whole = StopAt::never();
    run(&whole).unwrap();
    assert_eq!(whole.polls(), 79 + 2, "every 256 KiB, and the last, which one thread does, every 128");
    let checkpoint = StopAt::new(3);
    assert_eq!(run(&checkpoint), Err(Error::Interrupted));
    assert!(checkpoint.polls() <= 3 + 2, "each thread is told once: {}", checkpoint.polls());
}

#[test]
fn long_output() {
    let params = Params { output_length: Some(MAX_OUTPUT_LENGTH), ..Params::default() };
    for algorithm in [Algorithm::Shake128, Algorithm::Shake256] {
        let hasher = Hasher::new(algorithm, &params).unwrap();
        let whole = StopAt::never();
        hasher.clone().finalize_with(&whole).unwrap();
        assert_eq!(whole.polls(), 16, "every 64 KiB");
        let checkpoint = StopAt::new(3);
        assert_eq!(hasher.finalize_with(&checkpoint), Err(Interrupted));
        assert_eq!(checkpoint.polls(), 3);
    }
}

#[test]
fn many_messages() {
    let data = vec![1; 300];
    let message = |i: usize| &data[..i * 7919 % 300];
    let count = 6_000;
    let bytes: usize = (0..count).map(|i| message(i).len()).sum();
    for algorithm in Algorithm::ALL {
        let params = Params::default();
        let mut out = vec![0; count * algorithm.output_len()];
        let mut run = |checkpoint: &StopAt| {
            hash_many(algorithm, &params, count, message, &mut out, checkpoint, Threads::One)
        };
        let whole = StopAt::never();
        run(&whole).unwrap();
        assert!(whole.polls() >= bytes / STEP, "{algorithm} polled {} times", whole.polls());
        let checkpoint = StopAt::new(5);
        assert_eq!(run(&checkpoint), Err(Error::Interrupted));
        assert_eq!(checkpoint.polls(), 5, "{algorithm} stops at once");
    }
}

#[test]
fn one_large_among_many() {
    let data = vec![1; 10 * STEP];
    let message = |i: usize| if i == 1 { &data[..] } else { &data[..10] };
    for algorithm in Algorithm::ALL {
        let mut out = vec![0; 3 * algorithm.output_len()];
        let whole = StopAt::never();
        hash_many(algorithm, &Params::default(), 3, message, &mut out, &whole, Threads::One).unwrap();
        assert!(whole.polls() >= 10, "{algorithm} polls within a message");
    }
}

#[test]
fn many_messages_on_a_pool() {
    let data = vec![1; 1 << 20];
    for algorithm in Algorithm::ALL {
        let mut out = vec![0; 16 * algorithm.output_len()];
        let checkpoint = StopAt::new(4);
        let result =
            hash_many(algorithm, &Params::default(), 16, |_| &data, &mut out, &checkpoint, several());
        assert_eq!(result, Err(Error::Interrupted), "{algorithm}");
        assert!(checkpoint.polls() <= 4 + 2, "{algorithm}: {} polls", checkpoint.polls());
    }
}
