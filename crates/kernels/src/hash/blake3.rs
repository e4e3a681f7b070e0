//! BLAKE3 by several threads.
//!
//! The message is cut into subtrees of the hash tree. Their chaining values do not depend on each other, and are merged as
//! section 2.1 of the BLAKE3 paper says: whenever two subtrees of the same size lie side by side, but the root, which is a
//! parent of its own kind, last of all.

use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root_xof};
use blake3::{Hasher, KEY_LEN, OUT_LEN};

use super::hasher::POLL_BYTES;
use crate::{Checkpoint, Interrupted, Threads};

/// Bytes of a subtree that one thread does: 60 us of work, and a power of two of chunks.
const SUBTREE: usize = 256 << 10;

/// Below this one thread does it all. Two threads that are awake gain 1.8x here (44 us instead of 79); with less, waking
/// one would take a share of the gain.
const SEVERAL_MIN: usize = 512 << 10;

/// BLAKE3 in the middle of a message.
#[derive(Clone)]
pub(super) struct Blake3 {
    key: Option<[u8; KEY_LEN]>,
    /// Complete subtrees before `tail`.
    subtrees: u64,
    /// The chaining values of those, merged: one for every bit that is set in `subtrees`, the largest first.
    merged: Vec<ChainingValue>,
    /// What comes after them: a subtree at most, and never nothing once there are some, since it may be the root's right side.
    tail: Hasher,
    tail_len: usize,
}

impl Blake3 {
    pub(super) fn new(key: Option<&[u8; KEY_LEN]>) -> Self {
        let key = key.copied();
        Self { tail: hasher(key.as_ref(), 0), key, subtrees: 0, merged: Vec::new(), tail_len: 0 }
    }

    pub(super) fn update(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            self.end_full_tail();
            let (now, later) = data.split_at(data.len().min(SUBTREE - self.tail_len));
            self.tail.update(now);
            self.tail_len += now.len();
            data = later;
        }
    }

    /// [`update`](Self::update) by several threads. Each polls before every subtree, a single one before every 128 KiB.
    pub(super) fn update_with(
        &mut self,
        mut data: &[u8],
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<(), Interrupted> {
        if threads.are_several() && data.len() >= SEVERAL_MIN {
            if self.tail_len > 0 {
                let (now, later) = data.split_at(SUBTREE - self.tail_len);
                self.update(now);
                self.end_full_tail();
                data = later;
            }
            data = self.subtrees_of(data, checkpoint, threads)?;
        }
        for piece in data.chunks(POLL_BYTES) {
            checkpoint.poll()?;
            self.update(piece);
        }
        Ok(())
    }

    /// Takes the complete subtrees off `data`, but leaves something.
    fn subtrees_of<'d>(
        &mut self,
        data: &'d [u8],
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<&'d [u8], Interrupted> {
        let count = data.len().saturating_sub(1) / SUBTREE;
        let (subtrees, rest) = data.split_at(count * SUBTREE);
        let mut values = vec![ChainingValue::default(); count];
        let key = self.key.as_ref();
        threads.for_each(
            (self.subtrees..).zip(subtrees.chunks(SUBTREE)).zip(&mut values),
            |((index, piece), value)| {
                checkpoint.poll()?;
                *value = hasher(key, index).update(piece).finalize_non_root();
                Ok(())
            },
        )?;
        values.into_iter().for_each(|value| self.push(value));
        Ok(rest)
    }

    /// Called when more follows: before that, the tail may be the root.
    fn end_full_tail(&mut self) {
        if self.tail_len == SUBTREE {
            self.push(self.tail.finalize_non_root());
        }
    }

    /// Adds the next subtree, and begins a new tail behind it.
    fn push(&mut self, mut value: ChainingValue) {
        self.subtrees += 1;
        for _ in 0..self.subtrees.trailing_zeros() {
            // There is one for each bit of the number that this carry clears.
            let left = self.merged.pop().unwrap_or_default();
            value = merge_subtrees_non_root(&left, &value, mode(self.key.as_ref()));
        }
        self.merged.push(value);
        self.tail = hasher(self.key.as_ref(), self.subtrees);
        self.tail_len = 0;
    }

    /// Not polled: even [`MAX_OUTPUT_LENGTH`](super::MAX_OUTPUT_LENGTH) takes 0.16 ms.
    pub(super) fn fill(mut self, out: &mut [u8]) {
        let Some(left) = self.merged.first().copied() else {
            return fill_whole(&self.tail, out);
        };
        let mut right = self.tail.finalize_non_root();
        for value in self.merged.drain(1..).rev() {
            right = merge_subtrees_non_root(&value, &right, mode(self.key.as_ref()));
        }
        merge_subtrees_root_xof(&left, &right, mode(self.key.as_ref())).fill(out);
    }
}

fn fill_whole(hasher: &Hasher, out: &mut [u8]) {
    if out.len() == OUT_LEN {
        out.copy_from_slice(hasher.finalize().as_bytes());
    } else {
        hasher.finalize_xof().fill(out);
    }
}

/// A hasher for the subtree of that index.
fn hasher(key: Option<&[u8; KEY_LEN]>, index: u64) -> Hasher {
    let mut hasher = key.map_or_else(Hasher::new, Hasher::new_keyed);
    hasher.set_input_offset(index * SUBTREE as u64);
    hasher
}

fn mode(key: Option<&[u8; KEY_LEN]>) -> Mode<'_> {
    key.map_or(Mode::Hash, Mode::KeyedHash)
}
