//! Messages of one length, four at a time.
//!
//! Their padding is the same, so it is written once, and the schedule of a last block that is nothing else is made once.
//! Nothing is kept per lane either.

use std::array::from_fn;
use std::slice;

use super::lanes::{LANES, POLL_BLOCKS};
use super::{Block, Compress, Variant, padded_blocks};
use crate::{Checkpoint, Interrupted};

/// Longer ones have nothing to gain, and a poll would come late.
const LONGEST: usize = 16 << 10;

/// Whether it pays for messages of this length.
pub(super) fn takes(len: usize) -> bool {
    len <= LONGEST
}

/// What messages of one length have in common.
pub(super) struct Equal<C: Compress> {
    kernel: C,
    variant: Variant,
    len: usize,
    /// For each of the four, the block in which its message ends, padded; not used if that ends with a block.
    ends: [Block; LANES],
    /// The last block, if it has nothing of the message.
    last: Option<C::Known>,
}

impl<C: Compress> Equal<C> {
    pub(super) fn new(kernel: C, variant: Variant, len: usize) -> Self {
        let mut padding = [[0; 64]; 2];
        let rest = len % 64;
        padding[0][rest] = 0x80;
        let blocks = padded_blocks(rest);
        padding[blocks - 1][56..].copy_from_slice(&(len as u64 * 8).to_be_bytes());
        let last = (rest == 0 || blocks == 2).then(|| kernel.know(&padding[blocks - 1]));
        Self { kernel, variant, len, ends: [padding[0]; LANES], last }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// As [`digest_many`](super::digest_many), of messages that all have this length.
    pub(super) fn digest<'d>(
        &mut self,
        count: usize,
        message: impl Fn(usize) -> &'d [u8],
        out: &mut [u8],
        checkpoint: &dyn Checkpoint,
    ) -> Result<(), Interrupted> {
        let digest_len = self.variant.digest_len();
        let blocks = padded_blocks(self.len) * LANES;
        // Poll before the first step too.
        let mut unpolled = POLL_BLOCKS;
        for (first, out) in (0..count).step_by(LANES).zip(out.chunks_mut(digest_len * LANES)) {
            if unpolled >= POLL_BLOCKS {
                checkpoint.poll()?;
                unpolled = 0;
            }
            unpolled += blocks;
            match count - first {
                1 => self.feed::<1>(from_fn(|i| message(first + i)), out),
                2 => self.feed::<2>(from_fn(|i| message(first + i)), out),
                3 => self.feed::<3>(from_fn(|i| message(first + i)), out),
                _ => self.feed::<LANES>(from_fn(|i| message(first + i)), out),
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn feed<const N: usize>(&mut self, messages: [&[u8]; N], out: &mut [u8]) {
        let mut states = [self.variant.initial; N];
        let parts = messages.map(|message| message.as_chunks::<64>());
        if self.len >= 64 {
            // Packed messages: the next four.
            self.kernel.compress(&mut states, parts.map(|(blocks, _)| blocks), self.len * LANES);
        }
        if !self.len.is_multiple_of(64) {
            for (end, (_, rest)) in self.ends.iter_mut().zip(parts) {
                end[..rest.len()].copy_from_slice(rest);
            }
            self.kernel.compress(&mut states, from_fn(|i| slice::from_ref(&self.ends[i])), 0);
        }
        if let Some(last) = &self.last {
            self.kernel.compress_known(&mut states, last);
        }
        for (state, out) in states.iter().zip(out.chunks_mut(self.variant.digest_len())) {
            self.variant.write(state, out);
        }
    }
}
