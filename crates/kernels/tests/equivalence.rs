//! However a message is cut, and however many threads work on it, the digest is the same.

#![allow(clippy::unwrap_used)]

mod common;

use proptest::prelude::*;
use sidelane_kernels::hash::{
    Algorithm, Hasher, Offsets, Params, digest, digest_with, hash_many, hash_packed,
};
use sidelane_kernels::{Threads, Uninterruptible};

use common::several;

fn sequence(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8).collect()
}

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(&Algorithm::ALL[..])
}

proptest! {
    #[test]
    fn any_chunking(
        algorithm in algorithm(),
        data in prop::collection::vec(any::<u8>(), 0..5000),
        cuts in prop::collection::vec(0usize..700, 0..20),
    ) {
        let mut hasher = Hasher::new(algorithm, &Params::default()).unwrap();
        let mut rest = &data[..];
        for cut in cuts {
            let (piece, others) = rest.split_at(cut.min(rest.len()));
            hasher.update(piece);
            rest = others;
        }
        // A fork does not disturb the original.
        hasher.clone().update(b"other");
        hasher.update(rest);
        prop_assert_eq!(hasher.finalize(), digest(algorithm, &Params::default(), &data).unwrap());
    }

    #[test]
    fn many_equals_one_by_one(
        algorithm in algorithm(),
        lens in prop::collection::vec(prop_oneof![8 => 0usize..300, 1 => 1000usize..1100], 0..300),
        seed in any::<u8>(),
    ) {
        let mut offsets = vec![0u32];
        for len in &lens {
            offsets.push(offsets[offsets.len() - 1] + *len as u32);
        }
        let data: Vec<u8> = (0..*offsets.last().unwrap()).map(|i| (i as u8).wrapping_mul(seed)).collect();
        let params = Params::default();
        let one_by_one: Vec<u8> = offsets
            .windows(2)
            .flat_map(|w| digest(algorithm, &params, &data[w[0] as usize..w[1] as usize]).unwrap().to_vec())
            .collect();
        let mut out = vec![0; one_by_one.len()];
        let offsets_u32 = Offsets::U32(&offsets);
        hash_packed(algorithm, &params, &data, offsets_u32, &mut out, &Uninterruptible, Threads::One).unwrap();
        prop_assert_eq!(&out, &one_by_one);
        out.fill(0);
        let wide: Vec<u64> = offsets.iter().map(|offset| u64::from(*offset)).collect();
        let offsets_u64 = Offsets::U64(&wide);
        hash_packed(algorithm, &params, &data, offsets_u64, &mut out, &Uninterruptible, several()).unwrap();
        prop_assert_eq!(&out, &one_by_one);
    }
}

/// Cut around the borders of BLAKE3's subtrees (256 KiB), some pieces by several threads: against the crate itself, that knows the whole message.
#[test]
fn blake3_of_any_mix_of_pieces_and_threads() {
    let data = sequence(3 << 20);
    let pieces = [0, 1, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, 512 << 10, 1 << 20, 700_001];
    let key = [7; 32];
    for run in 0..400_usize {
        let keyed = run % 2 == 0;
        let params = Params { key: keyed.then_some(&key[..]), output_length: Some(run % 100) };
        let mut hasher = Hasher::new(Algorithm::Blake3, &params).unwrap();
        let mut len = 0;
        // Digits of the run's number choose the pieces.
        for digit in [run % 8, run / 8 % 8, run / 64 % 8] {
            let piece = &data[len..len + pieces[digit]];
            let threads = if (digit + run) % 3 == 0 { Threads::One } else { several() };
            hasher.update_with(piece, &Uninterruptible, threads).unwrap();
            len += piece.len();
        }
        let mut whole = if keyed { blake3::Hasher::new_keyed(&key) } else { blake3::Hasher::new() };
        let mut expected = vec![0; run % 100];
        whole.update(&data[..len]).finalize_xof().fill(&mut expected);
        assert_eq!(hasher.finalize()[..], expected, "run {run}, {len} bytes");
    }
}

#[test]
fn large_messages_with_and_without_a_pool() {
    for len in [128 << 10, (128 << 10) + 1, (512 << 10) - 1, 512 << 10, (9 << 20) + 77] {
        let data = sequence(len);
        for algorithm in [Algorithm::Blake3, Algorithm::Sha256, Algorithm::Xxh3_128, Algorithm::Crc32c] {
            let params = Params::default();
            let expected = digest(algorithm, &params, &data).unwrap();
            for threads in [Threads::One, several()] {
                let actual = digest_with(algorithm, &params, &data, &Uninterruptible, threads);
                assert_eq!(actual, Ok(expected.clone()), "{algorithm}, {len} bytes, {threads:?}");
            }
        }
    }
}

#[test]
fn parallel_many_of_every_algorithm() {
    // 900 KB in messages of very unequal size: several pool pieces for every algorithm, one message larger than a piece.
    let data = sequence(300 << 10);
    let len = |i: usize| if i == 250 { 300 << 10 } else { i * 7919 % 3000 };
    for algorithm in Algorithm::ALL {
        let params = Params::default();
        let expected: Vec<u8> =
            (0..400).flat_map(|i| digest(algorithm, &params, &data[..len(i)]).unwrap().to_vec()).collect();
        let mut out = vec![0; expected.len()];
        hash_many(algorithm, &params, 400, |i| &data[..len(i)], &mut out, &Uninterruptible, several())
            .unwrap();
        assert!(out == expected, "{algorithm}");
    }
}

#[test]
fn checksums_agree_with_other_implementations() {
    let crc32 = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let crc32c = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI);
    let crc64 = crc::Crc::<u64>::new(&crc::CRC_64_NVME);
    for len in (0..600).chain([4095, 65_537]) {
        let data = &sequence(len);
        let hex = |algorithm| digest(algorithm, &Params::default(), data).unwrap().to_string();
        assert_eq!(hex(Algorithm::Crc32), format!("{:08x}", crc32.checksum(data)));
        assert_eq!(hex(Algorithm::Crc32c), format!("{:08x}", crc32c.checksum(data)));
        assert_eq!(hex(Algorithm::Crc64Nvme), format!("{:016x}", crc64.checksum(data)));
        assert_eq!(hex(Algorithm::Xxh64), format!("{:016x}", xxhash_rust::xxh64::xxh64(data, 0)));
        assert_eq!(hex(Algorithm::Xxh3_64), format!("{:016x}", xxhash_rust::xxh3::xxh3_64(data)));
        assert_eq!(hex(Algorithm::Xxh3_128), format!("{:032x}", xxhash_rust::xxh3::xxh3_128(data)));
    }
}
