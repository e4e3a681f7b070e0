//! Hashing many messages in one call.

use super::{Algorithm, Error, Params, digest_into, hasher::POLL_BYTES, sha256};
use crate::hash::Hasher;
use crate::{Checkpoint, Interrupted, Threads};

/// The least work that is worth a second thread: 150 us of SHA-256, several times what waking one should take.
const POOL_MIN: usize = 512 << 10;

/// Work per piece of a parallel run, about 40 us: enough pieces to share evenly, few enough to hand out cheaply.
const POOL_PIECE: usize = 128 << 10;

/// What a message costs beyond its bytes, in bytes: the padding, its slice, its digest.
const MESSAGE_COST: usize = 64;

/// Where the messages lie in packed data: message `i` is `data[offsets[i]..offsets[i + 1]]`.
#[derive(Debug, Clone, Copy)]
pub enum Offsets<'o> {
    /// As a JavaScript `Uint32Array` holds them.
    U32(&'o [u32]),
    /// As a JavaScript `BigUint64Array` holds them.
    U64(&'o [u64]),
}

impl Offsets<'_> {
    /// The number of messages: one less than offsets.
    ///
    /// # Errors
    ///
    /// [`Error::Offsets`] if there is no offset, they decrease, or one is behind `data_len`.
    pub fn count(&self, data_len: usize) -> Result<usize, Error> {
        fn check(offsets: &[impl Copy + Into<u64>], data_len: usize) -> Result<usize, Error> {
            let mut last = 0;
            for (index, offset) in offsets.iter().enumerate() {
                let offset = (*offset).into();
                if offset < last || offset > data_len as u64 {
                    return Err(Error::Offsets { index, data_len });
                }
                last = offset;
            }
            offsets.len().checked_sub(1).ok_or(Error::Offsets { index: 0, data_len })
        }
        match self {
            Self::U32(offsets) => check(offsets, data_len),
            Self::U64(offsets) => check(offsets, data_len),
        }
    }
}

/// Digests messages that lie packed in `data`. Otherwise as [`hash_many`].
///
/// # Errors
///
/// Those of [`hash_many`], and [`Error::Offsets`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::hash::{Algorithm, Offsets, Params, digest, hash_packed};
/// use sidelane_kernels::{Threads, Uninterruptible};
///
/// let params = Params::default();
/// let mut out = [0; 64];
/// let offsets = Offsets::U32(&[0, 3, 7]);
/// hash_packed(Algorithm::Sha256, &params, b"onefour", offsets, &mut out, &Uninterruptible, Threads::One)?;
/// assert_eq!(out[..32], *digest(Algorithm::Sha256, &params, b"one")?);
/// assert_eq!(out[32..], *digest(Algorithm::Sha256, &params, b"four")?);
/// # Ok::<(), sidelane_kernels::hash::Error>(())
/// ```
pub fn hash_packed(
    algorithm: Algorithm,
    params: &Params<'_>,
    data: &[u8],
    offsets: Offsets<'_>,
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<(), Error> {
    let count = offsets.count(data.len())?;
    match offsets {
        Offsets::U32(offsets) => {
            let message = |i: usize| &data[offsets[i] as usize..offsets[i + 1] as usize];
            hash_many(algorithm, params, count, message, out, checkpoint, threads)
        }
        Offsets::U64(offsets) => {
            let message = |i: usize| &data[offsets[i] as usize..offsets[i + 1] as usize];
            hash_many(algorithm, params, count, message, out, checkpoint, threads)
        }
    }
}

/// Writes the digests of `count` messages to `out`, one after the other. `message` gives the message of an index, and may
/// be asked more than once for it.
///
/// SHA-256 and SHA-224 interleave four messages on CPUs with SHA instructions (x86-64), whatever the mix of lengths: 2x
/// on one core. The others go one by one. With [`Threads::Pool`] and more than 512 KiB of work, every algorithm uses all
/// threads of the pool; a single large message only in the way [`Hasher::update_with`] does.
///
/// Polls every 128 KiB on each thread.
///
/// # Errors
///
/// Those of [`digest`](super::digest), [`Error::OutputBuffer`] if `out` is not exactly as long as all digests, and
/// [`Error::Interrupted`]: `out` then holds an unknown part of them.
pub fn hash_many<'d>(
    algorithm: Algorithm,
    params: &Params<'_>,
    count: usize,
    message: impl Fn(usize) -> &'d [u8] + Sync,
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<(), Error> {
    let digest_len = params.digest_len(algorithm)?;
    let expected = count.saturating_mul(digest_len);
    if out.len() != expected {
        return Err(Error::OutputBuffer { expected, received: out.len() });
    }
    let run = Run { algorithm, params, digest_len, checkpoint, threads };
    match pieces(count, digest_len, &message, out, threads) {
        Pieces::One(out) => run.serial(0, count, &message, out)?,
        Pieces::Many(pieces) => threads.for_each(pieces.into_iter(), |piece| {
            run.serial(piece.start, piece.count, &message, piece.out)
        })?,
    }
    Ok(())
}

/// What stays the same for every message of a call.
struct Run<'r> {
    algorithm: Algorithm,
    params: &'r Params<'r>,
    digest_len: usize,
    checkpoint: &'r dyn Checkpoint,
    threads: Threads<'r>,
}

impl Run<'_> {
    fn serial<'d>(
        &self,
        start: usize,
        count: usize,
        message: &(impl Fn(usize) -> &'d [u8] + Sync),
        out: &mut [u8],
    ) -> Result<(), Interrupted> {
        if let Some(variant) = sha256::Variant::of(self.algorithm) {
            return sha256::digest_many(variant, count, |i| message(start + i), out, self.checkpoint);
        }
        // Nothing can be written for an output of 0 bytes, and `chunks` cannot cut it.
        let outs = out.chunks_mut(self.digest_len.max(1));
        let mut unpolled = POLL_BYTES;
        for (i, out) in outs.enumerate() {
            let data = message(start + i);
            if unpolled >= POLL_BYTES {
                self.checkpoint.poll()?;
                unpolled = 0;
            }
            unpolled += data.len() + out.len() + MESSAGE_COST;
            if data.len() > POLL_BYTES {
                self.large(data, out)?;
            } else {
                digest_into(self.algorithm, self.params, data, out, self.checkpoint)?;
            }
        }
        Ok(())
    }

    fn large(&self, data: &[u8], out: &mut [u8]) -> Result<(), Interrupted> {
        // The parameters were checked: there is always a hasher.
        if let Ok(mut hasher) = Hasher::new(self.algorithm, self.params) {
            hasher.update_with(data, self.checkpoint, self.threads)?;
            out.copy_from_slice(&hasher.finalize_with(self.checkpoint)?);
        }
        Ok(())
    }
}

/// Neighbouring messages that one thread does, and the place of their digests.
struct Piece<'o> {
    start: usize,
    count: usize,
    out: &'o mut [u8],
}

enum Pieces<'o> {
    One(&'o mut [u8]),
    Many(Vec<Piece<'o>>),
}

/// Cuts the work in pieces of about [`POOL_PIECE`], if there are threads for them and enough of it.
fn pieces<'d, 'o>(
    count: usize,
    digest_len: usize,
    message: &impl Fn(usize) -> &'d [u8],
    mut out: &'o mut [u8],
    threads: Threads<'_>,
) -> Pieces<'o> {
    if !threads.are_several() {
        return Pieces::One(out);
    }
    let cost = |i: usize| message(i).len() + digest_len + MESSAGE_COST;
    let mut total = 0;
    if !(0..count).any(|i| {
        total += cost(i);
        total >= POOL_MIN
    }) {
        return Pieces::One(out);
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < count {
        let mut end = start;
        let mut work = 0;
        while end < count && work < POOL_PIECE {
            work += cost(end);
            end += 1;
        }
        let (mine, others) = std::mem::take(&mut out).split_at_mut((end - start) * digest_len);
        pieces.push(Piece { start, count: end - start, out: mine });
        out = others;
        start = end;
    }
    Pieces::Many(pieces)
}
