//! The running states of all algorithms behind one type.

use std::hash::Hasher as _;

use ::blake3::{KEY_LEN, OUT_LEN};
use digest::{Digest as _, ExtendableOutput, Update as _, XofReader};
use twox_hash::{XxHash3_64, XxHash3_128, XxHash64};

use super::Algorithm;
use super::blake3::Blake3;
use crate::{Checkpoint, Interrupted};

/// Bytes of XOF output between two polls: 160 us of SHAKE256.
const SQUEEZE: usize = 64 << 10;

/// An algorithm in the middle of a message. The three large states are boxed, or every hasher would have their size.
#[derive(Clone)]
pub(super) enum State {
    Sha1(sha1::Sha1),
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
    Sha512_256(sha2::Sha512_256),
    Sha3_224(sha3::Sha3_224),
    Sha3_256(sha3::Sha3_256),
    Sha3_384(sha3::Sha3_384),
    Sha3_512(sha3::Sha3_512),
    Shake128(shake::Shake128),
    Shake256(shake::Shake256),
    Blake3(Box<Blake3>),
    Blake2b512(blake2::Blake2b512),
    Blake2s256(blake2::Blake2s256),
    Md5(md5::Md5),
    Xxh3_64(Box<twox_hash::xxhash3_64::Hasher>),
    Xxh3_128(Box<twox_hash::xxhash3_128::Hasher>),
    Xxh64(XxHash64),
    Crc32(crc32fast::Hasher),
    Crc32c(u32),
    Crc64Nvme(crc64fast_nvme::Digest),
}

/// One arm for the algorithms that speak RustCrypto's `Digest`, whose bodies would be the same.
macro_rules! match_state {
    ($state:expr, $digest:ident => $body:expr, $($rest:tt)*) => {
        match $state {
            Self::Sha1($digest) => $body,
            Self::Sha224($digest) => $body,
            Self::Sha256($digest) => $body,
            Self::Sha384($digest) => $body,
            Self::Sha512($digest) => $body,
            Self::Sha512_256($digest) => $body,
            Self::Sha3_224($digest) => $body,
            Self::Sha3_256($digest) => $body,
            Self::Sha3_384($digest) => $body,
            Self::Sha3_512($digest) => $body,
            Self::Blake2b512($digest) => $body,
            Self::Blake2s256($digest) => $body,
            Self::Md5($digest) => $body,
            $($rest)*
        }
    };
}

impl State {
    /// `key` is only given for an algorithm that takes one.
    pub(super) fn new(algorithm: Algorithm, key: Option<&[u8; KEY_LEN]>) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(Default::default()),
            Algorithm::Sha224 => Self::Sha224(Default::default()),
            Algorithm::Sha256 => Self::Sha256(Default::default()),
            Algorithm::Sha384 => Self::Sha384(Default::default()),
            Algorithm::Sha512 => Self::Sha512(Default::default()),
            Algorithm::Sha512_256 => Self::Sha512_256(Default::default()),
            Algorithm::Sha3_224 => Self::Sha3_224(Default::default()),
            Algorithm::Sha3_256 => Self::Sha3_256(Default::default()),
            Algorithm::Sha3_384 => Self::Sha3_384(Default::default()),
            Algorithm::Sha3_512 => Self::Sha3_512(Default::default()),
            Algorithm::Shake128 => Self::Shake128(Default::default()),
            Algorithm::Shake256 => Self::Shake256(Default::default()),
            Algorithm::Blake3 => Self::Blake3(Box::new(Blake3::new(key))),
            Algorithm::Blake2b512 => Self::Blake2b512(Default::default()),
            Algorithm::Blake2s256 => Self::Blake2s256(Default::default()),
            Algorithm::Md5 => Self::Md5(Default::default()),
            Algorithm::Xxh3_64 => Self::Xxh3_64(Box::new(XxHash3_64::new())),
            Algorithm::Xxh3_128 => Self::Xxh3_128(Box::new(XxHash3_128::new())),
            Algorithm::Xxh64 => Self::Xxh64(XxHash64::with_seed(0)),
            Algorithm::Crc32 => Self::Crc32(crc32fast::Hasher::new()),
            Algorithm::Crc32c => Self::Crc32c(0),
            Algorithm::Crc64Nvme => Self::Crc64Nvme(crc64fast_nvme::Digest::new()),
        }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        match_state!(self,
            digest => digest::Digest::update(digest, data),
            Self::Shake128(shake) => shake.update(data),
            Self::Shake256(shake) => shake.update(data),
            Self::Blake3(blake3) => blake3.update(data),
            Self::Xxh3_64(xxh) => xxh.write(data),
            Self::Xxh3_128(xxh) => xxh.write(data),
            Self::Xxh64(xxh) => xxh.write(data),
            Self::Crc32(crc) => crc.update(data),
            Self::Crc32c(crc) => *crc = crc32c::crc32c_append(*crc, data),
            Self::Crc64Nvme(crc) => crc.write(data),
        )
    }

    /// Writes the digest. `out` has the length the parameters were checked for.
    pub(super) fn finish(self, out: &mut [u8], checkpoint: &dyn Checkpoint) -> Result<(), Interrupted> {
        match_state!(self,
            digest => out.copy_from_slice(&digest.finalize()),
            Self::Shake128(shake) => return squeeze(shake.finalize_xof(), out, checkpoint),
            Self::Shake256(shake) => return squeeze(shake.finalize_xof(), out, checkpoint),
            Self::Blake3(blake3) => blake3.fill(out),
            Self::Xxh3_64(xxh) => out.copy_from_slice(&xxh.finish().to_be_bytes()),
            Self::Xxh3_128(xxh) => out.copy_from_slice(&xxh.finish_128().to_be_bytes()),
            Self::Xxh64(xxh) => out.copy_from_slice(&xxh.finish().to_be_bytes()),
            Self::Crc32(crc) => out.copy_from_slice(&crc.finalize().to_be_bytes()),
            Self::Crc32c(crc) => out.copy_from_slice(&crc.to_be_bytes()),
            Self::Crc64Nvme(crc) => out.copy_from_slice(&crc.sum64().to_be_bytes()),
        );
        Ok(())
    }
}

/// Digests a message that is there as a whole, without a [`State`] where the algorithm has a shorter way. Not SHA-224 and
/// SHA-256: see [`sha256`](super::sha256).
pub(super) fn digest_whole(
    algorithm: Algorithm,
    key: Option<&[u8; KEY_LEN]>,
    data: &[u8],
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
) -> Result<(), Interrupted> {
    match (algorithm, key) {
        // The one-shot functions do not allocate: 3.5 ns for 64 bytes of xxh3-64 against 23 ns.
        (Algorithm::Xxh3_64, _) => out.copy_from_slice(&XxHash3_64::oneshot(data).to_be_bytes()),
        (Algorithm::Xxh3_128, _) => out.copy_from_slice(&XxHash3_128::oneshot(data).to_be_bytes()),
        (Algorithm::Xxh64, _) => out.copy_from_slice(&XxHash64::oneshot(0, data).to_be_bytes()),
        (Algorithm::Blake3, None) if out.len() == OUT_LEN => {
            out.copy_from_slice(::blake3::hash(data).as_bytes());
        }
        (Algorithm::Blake3, Some(key)) if out.len() == OUT_LEN => {
            out.copy_from_slice(::blake3::keyed_hash(key, data).as_bytes());
        }
        _ => {
            let mut state = State::new(algorithm, key);
            state.update(data);
            return state.finish(out, checkpoint);
        }
    }
    Ok(())
}

fn squeeze(
    mut reader: impl XofReader,
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
) -> Result<(), Interrupted> {
    for piece in out.chunks_mut(SQUEEZE) {
        checkpoint.poll()?;
        reader.read(piece);
    }
    Ok(())
}
