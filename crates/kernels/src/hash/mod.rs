//! Hash functions, checksums and HMAC.
//!
//! | for | use |
//! |---|---|
//! | a message in memory | [`digest()`], or [`digest_with`] if it is large |
//! | a message in pieces, an HMAC | [`Hasher`] |
//! | many messages | [`hash_many`], [`hash_packed`] |
//! | a file | [`hash_file`] |
//!
//! Digests of the XXH and CRC functions are big-endian, so that their hexadecimal text is the number as `xxhsum` and
//! others print it.

mod algorithm;
mod blake3;
mod error;
mod file;
mod file_error;
mod hasher;
mod many;
mod output;
mod params;
mod sha256;
mod state;

pub use algorithm::Algorithm;
pub use error::Error;
pub use file::{FileOptions, Progress, hash_file, hash_file_with};
pub use file_error::{Change, FileError, FileKind};
pub use hasher::Hasher;
pub use many::{Offsets, hash_many, hash_packed};
pub use output::Digest;
pub use params::{MAX_OUTPUT_LENGTH, Params};

use crate::{Checkpoint, Interrupted, Threads, Uninterruptible};

/// The digest of a message: the fastest way for a small one, without an allocation.
///
/// # Errors
///
/// [`Error::OutputLength`], [`Error::KeyNotSupported`] or [`Error::KeyLength`] if `algorithm` does not accept `params`.
///
/// # Example
///
/// ```
/// use sidelane_kernels::hash::{Algorithm, Params, digest};
///
/// let params = Params { output_length: Some(4), ..Params::default() };
/// assert_eq!(digest(Algorithm::Shake128, &params, b"")?.to_string(), "7f9c2ba4");
/// # Ok::<(), sidelane_kernels::hash::Error>(())
/// ```
pub fn digest(algorithm: Algorithm, params: &Params<'_>, data: &[u8]) -> Result<Digest, Error> {
    let len = params.digest_len(algorithm)?;
    Digest::filled(len, |out| Ok(digest_into(algorithm, params, data, out, &Uninterruptible)?))
}

/// The digest of a message of any size, which can be stopped.
///
/// Polls and uses threads as [`Hasher::update_with`] does.
///
/// # Errors
///
/// Those of [`digest()`], and [`Error::Interrupted`].
pub fn digest_with(
    algorithm: Algorithm,
    params: &Params<'_>,
    data: &[u8],
    checkpoint: &dyn Checkpoint,
    threads: Threads,
) -> Result<Digest, Error> {
    if data.len() <= hasher::POLL_BYTES {
        let len = params.digest_len(algorithm)?;
        checkpoint.poll()?;
        return Digest::filled(len, |out| Ok(digest_into(algorithm, params, data, out, checkpoint)?));
    }
    let mut hasher = Hasher::new(algorithm, params)?;
    hasher.update_with(data, checkpoint, threads)?;
    Ok(hasher.finalize_with(checkpoint)?)
}

/// One message whose parameters were checked. `out` is as long as its digest.
fn digest_into(
    algorithm: Algorithm,
    params: &Params<'_>,
    data: &[u8],
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
) -> Result<(), Interrupted> {
    match sha256::Variant::of(algorithm) {
        Some(variant) => {
            sha256::digest(variant, data, out);
            Ok(())
        }
        None => {
            // Checked by the caller: an error here would be a key it refused.
            let key = params.checked_key(algorithm).unwrap_or_default();
            state::digest_whole(algorithm, key, data, out, checkpoint)
        }
    }
}
