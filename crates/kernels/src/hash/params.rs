//! The optional parameters of a hash function, and what each function accepts.

use super::{Algorithm, Error};

/// The longest output that may be asked of SHAKE or BLAKE3, in bytes: 1 MiB.
///
/// A digest is held in memory whole. The slowest function squeezes this much in about 3 ms; nobody who hashes wants more.
pub const MAX_OUTPUT_LENGTH: usize = 1 << 20;

/// The optional parameters of a hash function. The default asks for none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Params<'k> {
    /// Bytes of output; `None` is [`Algorithm::output_len`]. Other values than that only where
    /// [`Algorithm::has_variable_output`], and up to [`MAX_OUTPUT_LENGTH`].
    pub output_length: Option<usize>,
    /// The key of a keyed function, [`Algorithm::key_len`] bytes long.
    pub key: Option<&'k [u8]>,
}

impl<'k> Params<'k> {
    /// The length of the digest these parameters give, if `algorithm` accepts them.
    ///
    /// # Errors
    ///
    /// [`Error::OutputLength`], [`Error::KeyNotSupported`], [`Error::KeyLength`].
    ///
    /// ```
    /// use sidelane_kernels::hash::{Algorithm, Params};
    ///
    /// let params = Params { output_length: Some(100), ..Params::default() };
    /// assert_eq!(params.digest_len(Algorithm::Shake256), Ok(100));
    /// assert!(params.digest_len(Algorithm::Sha256).is_err());
    /// ```
    pub fn digest_len(&self, algorithm: Algorithm) -> Result<usize, Error> {
        self.checked_key(algorithm)?;
        output_len(algorithm, self.output_length)
    }

    /// The key, if there is one. Only BLAKE3 takes keys, so the length of every accepted key is known.
    pub(super) fn checked_key(
        &self,
        algorithm: Algorithm,
    ) -> Result<Option<&'k [u8; blake3::KEY_LEN]>, Error> {
        let Some(key) = self.key else { return Ok(None) };
        let Some(expected) = algorithm.key_len() else {
            return Err(Error::KeyNotSupported { algorithm });
        };
        let key =
            key.try_into().map_err(|_| Error::KeyLength { algorithm, expected, received: key.len() })?;
        Ok(Some(key))
    }
}

/// `requested`, if `algorithm` can give it.
pub(super) fn output_len(algorithm: Algorithm, requested: Option<usize>) -> Result<usize, Error> {
    let default = algorithm.output_len();
    match requested {
        None => Ok(default),
        Some(len) if len == default => Ok(len),
        Some(len) if algorithm.has_variable_output() && len <= MAX_OUTPUT_LENGTH => Ok(len),
        Some(received) => Err(Error::OutputLength { algorithm, received }),
    }
}
