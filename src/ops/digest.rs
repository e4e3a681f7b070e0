//! What all hash operations share: algorithms, keys and encodings as JavaScript passes them.

use napi::sys::napi_value;
use sidelane_kernels::encode::Encoding;
use sidelane_kernels::hash::{Algorithm, Digest, Error, Hasher, Params};

use crate::outcome::Value;
use crate::raw::{Call, Thrown};

/// Positions of `ENCODINGS` in `lib/algorithms.js`; none is a Buffer.
pub(super) fn encoding_at(call: &Call<'_>, index: usize) -> Option<Encoding> {
    match call.u32(index) {
        0 => Some(Encoding::Hex),
        1 => Some(Encoding::Base64),
        2 => Some(Encoding::Base64Url),
        _ => None,
    }
}

pub(super) fn algorithm_at(call: &Call<'_>, index: usize) -> Result<Algorithm, Thrown> {
    let id = u8::try_from(call.u32(index)).ok();
    id.and_then(Algorithm::from_id).ok_or_else(|| Thrown::internal("no such algorithm"))
}

/// An output length, of which 0 is the algorithm's own.
pub(super) fn output_length_at(call: &Call<'_>, index: usize) -> Option<usize> {
    Some(call.u32(index) as usize).filter(|length| *length > 0)
}

/// What a task needs to begin a digest, on another thread.
pub(super) struct Recipe {
    pub(super) algorithm: Algorithm,
    pub(super) output_length: Option<usize>,
    pub(super) key: Option<Vec<u8>>,
}

impl Recipe {
    /// From the arguments at `algorithm`, `output_length` and `key`.
    pub(super) fn at(
        call: &Call<'_>,
        algorithm: usize,
        output_length: usize,
        key: usize,
    ) -> Result<Self, Thrown> {
        Ok(Self {
            algorithm: algorithm_at(call, algorithm)?,
            output_length: output_length_at(call, output_length),
            key: call.optional_bytes(key)?,
        })
    }

    pub(super) fn params(&self) -> Params<'_> {
        Params { output_length: self.output_length, key: self.key.as_deref() }
    }

    pub(super) fn hasher(&self) -> Result<Hasher, Error> {
        Hasher::new(self.algorithm, &self.params())
    }

    pub(super) fn digest_len(&self) -> usize {
        self.output_length.unwrap_or(self.algorithm.output_len())
    }
}

/// A task's digest in its encoding.
pub(super) fn to_value(digest: &Digest, encoding: Option<Encoding>) -> Value {
    match encoding {
        Some(encoding) => Value::Text(encoding.encode(digest)),
        None => Value::Bytes(digest.as_bytes().to_vec()),
    }
}

/// A digest's text up to this length is made on the stack: 64 bytes in hex.
const SHORT_TEXT: usize = 128;

/// A synchronous call's digest in its encoding.
pub(super) fn to_js(call: &Call<'_>, digest: &Digest, encoding: Option<Encoding>) -> napi_value {
    let Some(encoding) = encoding else { return call.buffer(digest) };
    let mut text = [0; SHORT_TEXT];
    match encoding.encode_into(digest, &mut text) {
        Ok(length) => call.ascii(&text[..length]),
        Err(_) => call.ascii(encoding.encode(digest).as_bytes()),
    }
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}

/// Picoseconds per byte on long inputs (one core of a Zen 4 server, 2026-11): what the scheduler expects, and what decides between inline and lane. The lanes correct them by what they measure.
pub(super) fn pace(algorithm: Algorithm) -> u64 {
    match algorithm {
        Algorithm::Sha1 => 520,
        Algorithm::Sha224 | Algorithm::Sha256 => 560,
        Algorithm::Sha384 | Algorithm::Sha512 | Algorithm::Sha512_256 => 1_640,
        Algorithm::Sha3_224 => 2_300,
        Algorithm::Sha3_256 | Algorithm::Shake256 => 2_500,
        Algorithm::Sha3_384 => 3_200,
        Algorithm::Sha3_512 => 4_600,
        Algorithm::Shake128 => 2_000,
        // 160 from 64 KiB on, but 1,000 at 1 KiB, where it is compared with the way to a lane.
        Algorithm::Blake3 => 350,
        Algorithm::Blake2b512 => 880,
        Algorithm::Blake2s256 => 1_450,
        Algorithm::Md5 => 1_560,
        Algorithm::Xxh3_64 | Algorithm::Xxh3_128 => 20,
        Algorithm::Xxh64 => 70,
        Algorithm::Crc32 | Algorithm::Crc32c | Algorithm::Crc64Nvme => 30,
        _ => 1_000,
    }
}

/// Nanoseconds that a digest takes at least.
const START: u64 = 150;

/// Expected nanoseconds for a digest.
pub(super) fn cost(algorithm: Algorithm, bytes: usize, output: usize) -> u64 {
    START + (bytes + output) as u64 * pace(algorithm) / 1000
}
