//! SHA-256 and SHA-224 of whole messages, one or many at a time.
//!
//! One message is bound by the latency of the CPU's SHA instructions: every implementation runs at 1.8 GB/s. Messages that
//! do not depend on each other can be interleaved, so that one's instruction fills the wait of another's. Four at a time
//! are twice as fast: 46 ns a message against 87 ns for 64 bytes, 315 ns against 620 ns for 1 KiB (Zen 4, 2026-11-23).
//! [`lanes`] arranges messages in such fours, [`equal`] has those of one length, `ni` is the interleaved kernel, [`portable`]
//! its twin for every other CPU.
//!
//! The streaming SHA-256 of [`Hasher`](super::Hasher) is the `sha2` crate's.

mod equal;
mod lanes;
#[cfg(target_arch = "x86_64")]
mod ni;
mod portable;

use super::Algorithm;
pub(super) use lanes::digest_many;

/// A block of the message.
type Block = [u8; 64];

/// The eight state words in the order SHA instructions want: f e b a, h g d c. Every kernel takes and leaves it so, which
/// spares the shuffles at each start and end.
type State = [u32; 8];

/// Where the words a to h are in a [`State`].
const POSITION: [usize; 8] = [3, 2, 7, 6, 1, 0, 5, 4];

/// The block function for N independent messages at a time.
trait Compress: Copy {
    /// A block that many messages end with, prepared.
    type Known;

    fn know(self, block: &Block) -> Self::Known;

    /// Feeds `blocks[i]` to `states[i]`. All have the same number of blocks. What lies so many bytes `ahead` of each will be wanted soon; 0: nobody knows what will.
    fn compress<const N: usize>(self, states: &mut [State; N], blocks: [&[Block]; N], ahead: usize);

    /// Feeds the same block to all states.
    fn compress_known<const N: usize>(self, states: &mut [State; N], known: &Self::Known);
}

/// The two functions that share the block function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variant {
    initial: State,
    /// Words of the state that are the digest.
    words: usize,
}

impl Variant {
    const SHA256: Self = Self {
        initial: arranged([
            0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
        ]),
        words: 8,
    };
    const SHA224: Self = Self {
        initial: arranged([
            0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
        ]),
        words: 7,
    };

    pub(super) const fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Sha256 => Some(Self::SHA256),
            Algorithm::Sha224 => Some(Self::SHA224),
            _ => None,
        }
    }

    fn digest_len(self) -> usize {
        self.words * 4
    }

    #[inline(always)]
    fn write(self, state: &State, out: &mut [u8]) {
        for (bytes, position) in out.as_chunks_mut::<4>().0.iter_mut().zip(&POSITION[..self.words]) {
            *bytes = state[*position].to_be_bytes();
        }
    }
}

/// Words a to h as a [`State`].
const fn arranged([a, b, c, d, e, f, g, h]: [u32; 8]) -> State {
    [f, e, b, a, h, g, d, c]
}

/// The digest of one message: 86 ns for 64 bytes, of which 65 are the chain of SHA instructions; 59 ns for 32 bytes.
#[inline]
pub(super) fn digest(variant: Variant, data: &[u8], out: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = ni::ShaNi::detect() {
        return digest_on(kernel, variant, data, out);
    }
    digest_on(portable::Portable, variant, data, out);
}

#[inline]
fn digest_on(kernel: impl Compress, variant: Variant, data: &[u8], out: &mut [u8]) {
    let mut tail = Tail::new();
    let body = tail.split(data);
    let mut state = [variant.initial];
    if !body.is_empty() {
        kernel.compress(&mut state, [body], 0);
    }
    kernel.compress(&mut state, [tail.blocks()], 0);
    variant.write(&state[0], out);
}

/// The last two blocks of a padded message, or its only one: its end, a 1 bit, zeros, and the length in bits.
///
/// Always two if there are two, though one would often do: a message of 64 bytes is then one run of the kernel, and
/// messages of equally many blocks have their body's and their tail's end together.
struct Tail {
    bytes: [Block; 2],
    blocks: usize,
}

impl Tail {
    const fn new() -> Self {
        Self { bytes: [[0; 64]; 2], blocks: 0 }
    }

    /// Takes the end of `message`, and returns the whole blocks before it.
    #[inline(always)]
    fn split<'d>(&mut self, message: &'d [u8]) -> &'d [Block] {
        let total = padded_blocks(message.len());
        self.blocks = total.min(2);
        let (body, end) = message.split_at((total - self.blocks) * 64);
        self.bytes = [[0; 64]; 2];
        let bytes = self.bytes.as_flattened_mut();
        // A copy of known length is four instructions, one of unknown length a call: 2 of 48 ns for 64 bytes.
        let (first, rest) = end.as_chunks::<64>();
        if let [first] = first {
            bytes[..64].copy_from_slice(first);
        }
        if !rest.is_empty() {
            bytes[end.len() - rest.len()..end.len()].copy_from_slice(rest);
        }
        bytes[end.len()] = 0x80;
        let bits = (message.len() as u64).wrapping_mul(8);
        self.bytes[self.blocks - 1][56..].copy_from_slice(&bits.to_be_bytes());
        body.as_chunks().0
    }

    #[inline(always)]
    fn blocks(&self) -> &[Block] {
        &self.bytes[..self.blocks]
    }
}

/// Blocks of a message of `len` bytes, to which a bit (in a byte of its own) and eight bytes of length are added.
#[inline(always)]
const fn padded_blocks(len: usize) -> usize {
    len / 64 + if len % 64 < 56 { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;

    #[test]
    fn every_length_around_the_padding() {
        let data: Vec<u8> = (0..400).map(|i| (i % 251) as u8).collect();
        for len in 0..data.len() {
            let (mut fast, mut twin, mut short) = ([0; 32], [0; 32], [0; 28]);
            digest(Variant::SHA256, &data[..len], &mut fast);
            digest_on(portable::Portable, Variant::SHA256, &data[..len], &mut twin);
            digest(Variant::SHA224, &data[..len], &mut short);
            assert_eq!(fast[..], sha2::Sha256::digest(&data[..len])[..], "{len} bytes");
            assert_eq!(fast, twin, "{len} bytes");
            assert_eq!(short[..], sha2::Sha224::digest(&data[..len])[..], "{len} bytes");
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn same_as_twin<const N: usize>(states: [State; N], data: &[u8]) {
        let Some(kernel) = ni::ShaNi::detect() else { return };
        let blocks = data.as_chunks::<64>().0;
        let count = blocks.len() / N;
        let blocks: [&[Block]; N] = std::array::from_fn(|i| &blocks[i * count..][..count]);
        let (mut fast, mut twin) = (states, states);
        kernel.compress(&mut fast, blocks, 64);
        portable::Portable.compress(&mut twin, blocks, 64);
        assert_eq!(fast, twin);
        if let Some(block) = data.first_chunk() {
            kernel.compress_known(&mut fast, &kernel.know(block));
            portable::Portable.compress_known(&mut twin, block);
            assert_eq!(fast, twin);
        }
    }

    #[cfg(target_arch = "x86_64")]
    proptest! {
        #[test]
        fn sha_ni_equals_its_twin(
            states in any::<[State; 4]>(),
            data in proptest::collection::vec(any::<u8>(), 0..2000),
        ) {
            same_as_twin::<4>(states, &data);
            same_as_twin::<3>([states[0], states[1], states[2]], &data);
            same_as_twin::<2>([states[0], states[1]], &data);
            same_as_twin::<1>([states[0]], &data);
        }
    }
}
