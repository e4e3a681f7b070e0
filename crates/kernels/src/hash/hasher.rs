//! Hashing a message that comes in pieces.

use std::fmt;

use super::params::output_len;
use super::state::State;
use super::{Algorithm, Digest, Error, Params};
use crate::{Checkpoint, Interrupted, Threads, Uninterruptible};

/// Bytes between two polls: 2 us (xxh3) to 330 us (sha3-512) of work.
pub(super) const POLL_BYTES: usize = 128 << 10;

/// A hash or an HMAC of a message that comes in pieces. Cloning it forks the computation.
///
/// # Example
///
/// ```
/// use sidelane_kernels::hash::{Algorithm, Hasher, Params, digest};
///
/// let mut hasher = Hasher::new(Algorithm::Blake3, &Params::default())?;
/// hasher.update(b"in ");
/// hasher.update(b"pieces");
/// assert_eq!(hasher.finalize(), digest(Algorithm::Blake3, &Params::default(), b"in pieces")?);
/// # Ok::<(), sidelane_kernels::hash::Error>(())
/// ```
#[derive(Clone)]
pub struct Hasher {
    algorithm: Algorithm,
    output_len: usize,
    state: State,
    /// For an HMAC: the outer hash, its key already in it.
    outer: Option<Box<State>>,
}

impl Hasher {
    /// Starts a hash.
    ///
    /// # Errors
    ///
    /// [`Error::OutputLength`], [`Error::KeyNotSupported`] or [`Error::KeyLength`] if `algorithm` does not accept `params`.
    pub fn new(algorithm: Algorithm, params: &Params<'_>) -> Result<Self, Error> {
        let key = params.checked_key(algorithm)?;
        let output_len = output_len(algorithm, params.output_length)?;
        Ok(Self { algorithm, output_len, state: State::new(algorithm, key), outer: None })
    }

    /// Starts an HMAC (RFC 2104) with a key of any length.
    ///
    /// Written over [`Hasher`]'s own states, not with the `hmac` crate, which would compile each function a second time.
    ///
    /// ```
    /// use sidelane_kernels::hash::{Algorithm, Hasher};
    ///
    /// let mut mac = Hasher::hmac(Algorithm::Sha256, b"Jefe")?;
    /// mac.update(b"what do ya want for nothing?");
    /// assert_eq!(
    ///     mac.finalize().to_string(),
    ///     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    /// );
    /// # Ok::<(), sidelane_kernels::hash::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::HmacNotSupported`] for functions that are not cryptographic or have a variable output.
    pub fn hmac(algorithm: Algorithm, key: &[u8]) -> Result<Self, Error> {
        if !algorithm.supports_hmac() {
            return Err(Error::HmacNotSupported { algorithm });
        }
        let mut hasher = Self::new(algorithm, &Params::default())?;
        // The longest block is sha3-224's.
        let mut padded = [0; Algorithm::Sha3_224.block_len()];
        let padded = &mut padded[..algorithm.block_len()];
        if key.len() > padded.len() {
            let mut hashed = hasher.clone();
            hashed.update(key);
            let hashed = hashed.finalize();
            padded[..hashed.len()].copy_from_slice(&hashed);
        } else {
            padded[..key.len()].copy_from_slice(key);
        }
        let mut outer = hasher.state.clone();
        outer.update(xored(padded, 0x5c));
        hasher.state.update(xored(padded, 0x5c ^ 0x36));
        hasher.outer = Some(Box::new(outer));
        Ok(hasher)
    }

    /// The function that was asked for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Bytes of the digest to come.
    pub fn output_len(&self) -> usize {
        self.output_len
    }

    /// Asks for another length of output, as `hash.copy({ outputLength })` of Node does. `None` is the default length.
    ///
    /// # Errors
    ///
    /// [`Error::OutputLength`] if the function cannot give it; nothing changes then.
    pub fn set_output_length(&mut self, output_length: Option<usize>) -> Result<(), Error> {
        self.output_len = output_len(self.algorithm, output_length)?;
        Ok(())
    }

    /// Takes the next piece of the message.
    pub fn update(&mut self, data: &[u8]) {
        self.state.update(data);
    }

    /// Takes the next piece of the message, however long, and can be stopped meanwhile.
    ///
    /// Polls before every 128 KiB, BLAKE3 on several threads before every 256 KiB (60 us). It is the only function that can use more threads
    /// than one.
    ///
    /// # Errors
    ///
    /// [`Interrupted`]. An unknown part of the piece has been taken then; the hasher is of no more use.
    pub fn update_with(
        &mut self,
        data: &[u8],
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<(), Interrupted> {
        if let State::Blake3(blake3) = &mut self.state {
            return blake3.update_with(data, checkpoint, threads);
        }
        for piece in data.chunks(POLL_BYTES) {
            checkpoint.poll()?;
            self.state.update(piece);
        }
        Ok(())
    }

    /// The digest. At most 3 ms of work, for 1 MiB of SHAKE256 output; without such a wish, one block.
    pub fn finalize(self) -> Digest {
        match self.finalize_with(&Uninterruptible) {
            Ok(digest) => digest,
            Err(Interrupted) => unreachable!("an uninterruptible checkpoint interrupted"),
        }
    }

    /// The digest. Polls before every 64 KiB of SHAKE output.
    ///
    /// # Errors
    ///
    /// [`Interrupted`].
    pub fn finalize_with(self, checkpoint: &dyn Checkpoint) -> Result<Digest, Interrupted> {
        let Self { output_len, state, outer, .. } = self;
        let digest = Digest::filled(output_len, |out| state.finish(out, checkpoint))?;
        let Some(mut outer) = outer else { return Ok(digest) };
        outer.update(&digest);
        Digest::filled(output_len, |out| outer.finish(out, checkpoint))
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the state: it may be that of a key.
        f.debug_struct("Hasher").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

fn xored(bytes: &mut [u8], mask: u8) -> &[u8] {
    for byte in &mut *bytes {
        *byte ^= mask;
    }
    bytes
}
