//! Compression: through and back, in pieces or at once, on one thread or several; what is damaged, cut or too large.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use sidelane_kernels::compress::{Decoder, Error, Format, Level, compress, decompress};
use sidelane_kernels::{Checkpoint, Interrupted, Threads, Uninterruptible};

use common::several;

const FORMATS: [Format; 3] = [Format::Gzip, Format::Zlib, Format::Raw];
const NO_LIMIT: usize = 1 << 30;

fn pack(data: &[u8], format: Format, level: u8) -> Vec<u8> {
    compress(data, format, Level::new(level).unwrap(), &Uninterruptible, Threads::One).unwrap().concat()
}

fn unpack(data: &[u8], format: Format, limit: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    decompress(data, format, limit, &mut out, &Uninterruptible).map(|()| out)
}

/// Without libdeflate, in two chunks.
fn unpack_chunks(data: &[u8], cut: usize, format: Format) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(format, NO_LIMIT);
    let mut out = Vec::new();
    for chunk in [&data[..cut], &data[cut..]] {
        decoder.feed(chunk, &mut out, &Uninterruptible)?;
    }
    decoder.finish().map(|()| out)
}

fn text(lines: usize) -> Vec<u8> {
    (0..lines)
        .flat_map(|n| format!("{{\"id\":{n},\"name\":\"n{}\"}}\n", n * 7919 % 1000).into_bytes())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn through_and_back(data in prop::collection::vec(prop_oneof![0_u8..4, any::<u8>()], 0..3000), level in 0_u8..=9) {
        for format in FORMATS {
            let packed = pack(&data, format, level);
            prop_assert_eq!(unpack(&packed, format, data.len()), Ok(data.clone()));
            for cut in [0, 1, packed.len() / 2, packed.len()] {
                prop_assert_eq!(unpack_chunks(&packed, cut, format), Ok(data.clone()));
            }
            if !data.is_empty() {
                prop_assert_eq!(unpack(&packed, format, data.len() - 1), Err(Error::TooLarge { limit: data.len() - 1 }));
            }
        }
    }

    #[test]
    fn any_bytes(data in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in FORMATS {
            let _ = unpack(&data, format, 1 << 20);
        }
        let _ = unpack(&[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &data[..]].concat(), Format::Gzip, 1 << 20);
    }
}

#[test]
fn pieces_are_one_stream_whoever_made_them() {
    // Several pieces of what compresses well, badly, and not at all.
    let mut noise = 1_u32;
    let noise: Vec<u8> = (0..(4 << 20) + 100)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .collect();
    let letters: Vec<u8> = noise.iter().map(|byte| b'a' + byte % 7).collect();
    for data in [text(150_000), vec![0; (5 << 20) + 1], letters, noise, vec![7; 3 << 20]] {
        for level in [0, 1, 6, 9] {
            for format in FORMATS {
                let packed = pack(&data, format, level);
                // A single member: the decoder of one would see no more.
                let whole = unpack(&packed, format, data.len()).unwrap();
                assert!(whole == data);
            }
        }
        let level = Level::default();
        let parallel = compress(&data, Format::Gzip, level, &Uninterruptible, several()).unwrap().concat();
        assert!(parallel == pack(&data, Format::Gzip, 6));
    }
}

#[test]
fn cut_anywhere_it_is_truncated() {
    let data = text(20);
    for format in FORMATS {
        let packed = pack(&data, format, 6);
        for end in 0..packed.len() {
            assert_eq!(
                unpack(&packed[..end], format, NO_LIMIT),
                Err(Error::Truncated { offset: end }),
                "{format:?} {end}"
            );
        }
    }
}

#[test]
fn a_flipped_bit_is_found_or_means_nothing() {
    let data = text(20);
    for format in [Format::Gzip, Format::Zlib] {
        let packed = pack(&data, format, 6);
        for bit in 0..packed.len() * 8 {
            let mut damaged = packed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let result = unpack(&damaged, format, NO_LIMIT);
            assert!(result.is_err() || result == Ok(data.clone()), "{format:?} bit {bit}");
        }
    }
}

#[test]
fn members_of_gzip_are_one_text() {
    let (a, b) = (text(3), text(5));
    let (first, second) = (pack(&a, Format::Gzip, 6), pack(&b, Format::Gzip, 1));
    let both = [a.clone(), b].concat();
    assert_eq!(unpack(&[&first[..], &second].concat(), Format::Gzip, NO_LIMIT), Ok(both.clone()));
    assert_eq!(unpack(&[&first[..], &second, &[0; 9]].concat(), Format::Gzip, NO_LIMIT), Ok(both.clone()));
    // The same twice: their last bytes are equal.
    assert_eq!(
        unpack(&[&first[..], &first].concat(), Format::Gzip, NO_LIMIT),
        Ok([a.clone(), a.clone()].concat())
    );
    assert_eq!(unpack(&[&first[..], &[0, 1, 2]].concat(), Format::Gzip, NO_LIMIT), Ok(a.clone()));
    assert!(matches!(
        unpack(&[&first[..], &[1, 2]].concat(), Format::Gzip, NO_LIMIT),
        Err(Error::Corrupt { .. })
    ));
    assert!(matches!(
        unpack(&[&first[..], &second[..9]].concat(), Format::Gzip, NO_LIMIT),
        Err(Error::Truncated { .. })
    ));
    // The limit is one for all.
    let limit = both.len() - 1;
    assert_eq!(unpack(&[&first[..], &second].concat(), Format::Gzip, limit), Err(Error::TooLarge { limit }));
}

#[test]
fn a_right_tail_elsewhere_does_not_help() {
    // The member's own tail is wrong, and what it should be follows.
    let data = text(3);
    let mut packed = pack(&data, Format::Gzip, 6);
    let tail = packed.split_off(packed.len() - 8);
    let forged = [&packed[..], &[0; 8], &tail].concat();
    assert!(matches!(unpack(&forged, Format::Gzip, NO_LIMIT), Err(Error::Corrupt { .. })));
}

#[test]
fn a_stated_size_is_not_believed() {
    let mut packed = pack(&text(10), Format::Gzip, 6);
    let len = packed.len();
    for size in [0_u32, 1, 1000, 16 << 20, u32::MAX] {
        packed[len - 4..].copy_from_slice(&size.to_le_bytes());
        assert!(matches!(unpack(&packed, Format::Gzip, NO_LIMIT), Err(Error::Corrupt { .. })), "{size}");
    }
}

struct StopAt(usize, AtomicUsize);

impl Checkpoint for StopAt {
    fn poll(&self) -> Result<(), Interrupted> {
        if self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn polls_and_stops() {
    let data = vec![0; 20 << 20];
    let stop = |at| StopAt(at, AtomicUsize::new(0));
    for format in FORMATS {
        let whole = stop(usize::MAX);
        let packed = compress(&data, format, Level::default(), &whole, Threads::One).unwrap().concat();
        assert!(whole.1.into_inner() >= data.len() / (3 << 20));
        for threads in [Threads::One, several()] {
            assert_eq!(compress(&data, format, Level::default(), &stop(3), threads), Err(Error::Interrupted));
        }
        let whole = stop(usize::MAX);
        decompress(&packed, format, NO_LIMIT, &mut Vec::new(), &whole).unwrap();
        assert!(whole.1.into_inner() >= 80);
        let stopped = stop(10);
        assert_eq!(decompress(&packed, format, NO_LIMIT, &mut Vec::new(), &stopped), Err(Error::Interrupted));
        assert_eq!(stopped.1.into_inner(), 10);
    }
    // Much input that is no output: empty stored blocks.
    let blocks = [0, 0, 0, 0xff, 0xff].repeat(1 << 20);
    let whole = stop(usize::MAX);
    assert!(decompress(&blocks, Format::Raw, NO_LIMIT, &mut Vec::new(), &whole).is_err());
    assert!(whole.1.into_inner() >= 20);
}
