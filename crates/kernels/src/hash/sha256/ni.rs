//! The block function on the SHA instructions of x86-64, for one to four messages interleaved.
//!
//! `sha256rnds2` has a latency of 4 cycles and can be issued every 2 (Zen 4). The rounds of one message are a chain of 32 of
//! them: half of the issue slots stay empty. Here the same four rounds of N messages follow each other, so the slots fill:
//! 1.7x with two, 2x with four, which is all there is (17.6 ns a block; 16 xmm registers already do not hold four). A block
//! whose schedule is known costs no less, but frees what arranges and loads it.
//!
//! # Safety
//!
//! The only file of the crate with `unsafe`, for two reasons, each argued where it stands:
//! - calling a function compiled for SHA, SSE4.1 and SSSE3, which only [`ShaNi`] does, a value that exists only after the
//!   CPU was asked for all three;
//! - loads and stores of 16 bytes through pointers made of references to arrays of at least that size.
//!
//! A prefetch is no access: whatever address it names, it cannot fault.

#![allow(unsafe_code)]
// Index loops over all lanes, where iterators and `array::from_fn` would read better: a closure is compiled for SHA, the
// library function that calls it is not, and the disassembly showed calls between the two in the middle of the rounds.
#![allow(clippy::needless_range_loop)]

use std::arch::x86_64::*;

use super::{Block, Compress, State};

/// Proof that this CPU has the instructions.
#[derive(Clone, Copy)]
pub(super) struct ShaNi(());

impl ShaNi {
    /// The standard library asks the CPU once and remembers.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("sse4.1")
            && is_x86_feature_detected!("ssse3");
        found.then_some(Self(()))
    }
}

impl Compress for ShaNi {
    type Known = Sums;

    fn know(self, block: &Block) -> Sums {
        sums(block)
    }

    #[inline]
    fn compress<const N: usize>(self, states: &mut [State; N], blocks: [&[Block]; N], ahead: usize) {
        // SAFETY: `self` exists, so `detect` found every feature `compress` is compiled for.
        unsafe { compress(states, blocks, ahead) }
    }

    #[inline]
    fn compress_known<const N: usize>(self, states: &mut [State; N], known: &Sums) {
        // SAFETY: as above.
        unsafe { compress_known(states, known) }
    }
}

/// The words of a block's schedule, each with its round's constant added: all that the rounds want of it.
type Sums = [[u32; 4]; 16];

fn sums(block: &Block) -> Sums {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        let (early, late) = (words[t - 15], words[t - 2]);
        let early = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
        let late = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
        words[t] = words[t - 16].wrapping_add(early).wrapping_add(words[t - 7]).wrapping_add(late);
    }
    std::array::from_fn(|four| std::array::from_fn(|i| words[four * 4 + i].wrapping_add(K[four][i])))
}

#[rustfmt::skip]
const K: [[u32; 4]; 16] = [
    [0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5], [0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5],
    [0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3], [0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174],
    [0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc], [0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da],
    [0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7], [0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967],
    [0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13], [0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85],
    [0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3], [0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070],
    [0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5], [0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
    [0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208], [0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2],
];

/// The states as registers: f e b a and h g d c of each message.
#[derive(Clone, Copy)]
struct Lanes<const N: usize> {
    abef: [__m128i; N],
    cdgh: [__m128i; N],
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress<const N: usize>(states: &mut [State; N], blocks: [&[Block]; N], ahead: usize) {
    let mut count = usize::MAX;
    for i in 0..N {
        count = count.min(blocks[i].len());
    }
    let mut lanes = load_states(states);
    for index in 0..count {
        let before = lanes;
        let mut current = [&[0; 64]; N];
        for i in 0..N {
            current[i] = &blocks[i][index];
        }
        if ahead > 0 {
            for i in 0..N {
                prefetch(current[i], ahead);
            }
        }
        block(&mut lanes, &current);
        add(&mut lanes, &before);
    }
    store_states(states, &lanes);
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress_known<const N: usize>(states: &mut [State; N], known: &Sums) {
    let mut lanes = load_states(states);
    let before = lanes;
    for four in 0..16 {
        let words = load(known[four].as_chunks().0, 0);
        for i in 0..N {
            four_rounds(&mut lanes, i, words);
        }
    }
    add(&mut lanes, &before);
    store_states(states, &lanes);
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load_states<const N: usize>(states: &[State; N]) -> Lanes<N> {
    let mut lanes = Lanes { abef: [_mm_setzero_si128(); N], cdgh: [_mm_setzero_si128(); N] };
    for i in 0..N {
        lanes.abef[i] = load(states[i].as_chunks().0, 0);
        lanes.cdgh[i] = load(states[i].as_chunks().0, 1);
    }
    lanes
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn store_states<const N: usize>(states: &mut [State; N], lanes: &Lanes<N>) {
    for i in 0..N {
        store(&mut states[i], 0, lanes.abef[i]);
        store(&mut states[i], 1, lanes.cdgh[i]);
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn add<const N: usize>(lanes: &mut Lanes<N>, before: &Lanes<N>) {
    for i in 0..N {
        lanes.abef[i] = _mm_add_epi32(lanes.abef[i], before.abef[i]);
        lanes.cdgh[i] = _mm_add_epi32(lanes.cdgh[i], before.cdgh[i]);
    }
}

/// The 64 rounds over one block of each message.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn block<const N: usize>(lanes: &mut Lanes<N>, blocks: &[&Block; N]) {
    // Big-endian words.
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let mut words = [[_mm_setzero_si128(); N]; 4];
    for quarter in 0..4 {
        for i in 0..N {
            words[quarter][i] = _mm_shuffle_epi8(load_block(blocks[i], quarter), swap);
        }
        rounds(lanes, quarter, &words[quarter]);
    }
    // Three calls, not a loop: the compiler unrolls these and keeps the words in registers, but not a loop of twelve.
    scheduled_rounds(lanes, 4, &mut words);
    scheduled_rounds(lanes, 8, &mut words);
    scheduled_rounds(lanes, 12, &mut words);
}

/// Sixteen rounds of each message, on the next sixteen words of its schedule.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn scheduled_rounds<const N: usize>(lanes: &mut Lanes<N>, first: usize, words: &mut [[__m128i; N]; 4]) {
    for quarter in 0..4 {
        for i in 0..N {
            words[quarter][i] = schedule(
                words[quarter][i],
                words[(quarter + 1) % 4][i],
                words[(quarter + 2) % 4][i],
                words[(quarter + 3) % 4][i],
            );
        }
        rounds(lanes, first + quarter, &words[quarter]);
    }
}

/// Four rounds of each message. One message after the other: the processor finds the independent ones by itself, and the
/// sums stay in the register the instruction wants them in. Round by round it was a third slower (79 ns instead of
/// 60 for 64 bytes).
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn rounds<const N: usize>(lanes: &mut Lanes<N>, four: usize, words: &[__m128i; N]) {
    let k = &K[four];
    let k = _mm_set_epi32(k[3] as i32, k[2] as i32, k[1] as i32, k[0] as i32);
    for i in 0..N {
        four_rounds(lanes, i, _mm_add_epi32(words[i], k));
    }
}

/// Four rounds of message `i`, on the next four sums of a word and a constant.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn four_rounds<const N: usize>(lanes: &mut Lanes<N>, i: usize, sum: __m128i) {
    lanes.cdgh[i] = _mm_sha256rnds2_epu32(lanes.cdgh[i], lanes.abef[i], sum);
    let upper = _mm_shuffle_epi32(sum, 0x0e);
    lanes.abef[i] = _mm_sha256rnds2_epu32(lanes.abef[i], lanes.cdgh[i], upper);
}

/// The next four words of the message schedule, of the last sixteen, oldest first.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn schedule(w0: __m128i, w1: __m128i, w2: __m128i, w3: __m128i) -> __m128i {
    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    _mm_sha256msg2_epu32(sum, w3)
}

#[inline]
#[target_feature(enable = "sse2")]
fn load(fours: &[[u32; 4]], index: usize) -> __m128i {
    let words = &fours[index];
    // SAFETY: `words` are 16 readable bytes, and the load asks for no alignment.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn store(state: &mut State, half: usize, value: __m128i) {
    let words: &mut [u32; 4] = &mut state.as_chunks_mut().0[half];
    // SAFETY: `words` are 16 writable bytes, and the store asks for no alignment.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn load_block(block: &Block, quarter: usize) -> __m128i {
    let bytes: &[u8; 16] = &block.as_chunks().0[quarter];
    // SAFETY: `bytes` are 16 readable bytes, and the load asks for no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// Asks for the line `ahead` bytes behind this block's: of a message to come, whose memory the processor does not foresee, since messages end before it has learnt how they go on.
#[inline]
#[target_feature(enable = "sse2")]
// Safe in later versions of Rust than the oldest that we take.
#[allow(unused_unsafe)]
fn prefetch(block: &Block, ahead: usize) {
    // SAFETY: a prefetch reads nothing, whatever lies there, and the address is computed without being in bounds.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(block.as_ptr().wrapping_add(ahead).cast()) }
}
