//! The names and numbers of the algorithms.

use std::fmt;
use std::str::FromStr;

use super::Error;

/// A hash function. The discriminant is a stable id: bindings may pass it as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Algorithm {
    /// SHA-1, FIPS 180-4. Broken for signatures; for old formats.
    Sha1 = 0,
    /// SHA-224, FIPS 180-4.
    Sha224 = 1,
    /// SHA-256, FIPS 180-4.
    Sha256 = 2,
    /// SHA-384, FIPS 180-4.
    Sha384 = 3,
    /// SHA-512, FIPS 180-4.
    Sha512 = 4,
    /// SHA-512/256, FIPS 180-4.
    Sha512_256 = 5,
    /// SHA3-224, FIPS 202.
    Sha3_224 = 6,
    /// SHA3-256, FIPS 202.
    Sha3_256 = 7,
    /// SHA3-384, FIPS 202.
    Sha3_384 = 8,
    /// SHA3-512, FIPS 202.
    Sha3_512 = 9,
    /// SHAKE128, FIPS 202: output of any length.
    Shake128 = 10,
    /// SHAKE256, FIPS 202: output of any length.
    Shake256 = 11,
    /// BLAKE3: output of any length, optionally keyed, and the one that uses several cores for one message.
    Blake3 = 12,
    /// BLAKE2b with 64 bytes of output, RFC 7693.
    Blake2b512 = 13,
    /// BLAKE2s with 32 bytes of output, RFC 7693.
    Blake2s256 = 14,
    /// MD5, RFC 1321. Broken; for old formats.
    Md5 = 15,
    /// XXH3 with 64 bits and seed 0. Not cryptographic.
    Xxh3_64 = 16,
    /// XXH3 with 128 bits and seed 0. Not cryptographic.
    Xxh3_128 = 17,
    /// XXH64 with seed 0. Not cryptographic.
    Xxh64 = 18,
    /// CRC-32/ISO-HDLC: zlib, PNG, Ethernet. Not cryptographic.
    Crc32 = 19,
    /// CRC-32/ISCSI (Castagnoli): ext4, S3, Kafka. Not cryptographic.
    Crc32c = 20,
    /// CRC-64/NVME: S3. Not cryptographic.
    Crc64Nvme = 21,
}

/// What does not change about an algorithm.
struct Facts {
    name: &'static str,
    output_len: usize,
    block_len: usize,
}

impl Algorithm {
    /// Every algorithm, at the index that is its id.
    pub const ALL: [Self; 22] = [
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha512_256,
        Self::Sha3_224,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Shake128,
        Self::Shake256,
        Self::Blake3,
        Self::Blake2b512,
        Self::Blake2s256,
        Self::Md5,
        Self::Xxh3_64,
        Self::Xxh3_128,
        Self::Xxh64,
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
    ];

    const fn facts(self) -> Facts {
        let (name, output_len, block_len) = match self {
            Self::Sha1 => ("sha1", 20, 64),
            Self::Sha224 => ("sha224", 28, 64),
            Self::Sha256 => ("sha256", 32, 64),
            Self::Sha384 => ("sha384", 48, 128),
            Self::Sha512 => ("sha512", 64, 128),
            Self::Sha512_256 => ("sha512-256", 32, 128),
            Self::Sha3_224 => ("sha3-224", 28, 144),
            Self::Sha3_256 => ("sha3-256", 32, 136),
            Self::Sha3_384 => ("sha3-384", 48, 104),
            Self::Sha3_512 => ("sha3-512", 64, 72),
            // The defaults of Node's createHash.
            Self::Shake128 => ("shake128", 16, 168),
            Self::Shake256 => ("shake256", 32, 136),
            Self::Blake3 => ("blake3", 32, 64),
            Self::Blake2b512 => ("blake2b512", 64, 128),
            Self::Blake2s256 => ("blake2s256", 32, 64),
            Self::Md5 => ("md5", 16, 64),
            Self::Xxh3_64 => ("xxh3-64", 8, 64),
            Self::Xxh3_128 => ("xxh3-128", 16, 64),
            Self::Xxh64 => ("xxh64", 8, 32),
            Self::Crc32 => ("crc32", 4, 1),
            Self::Crc32c => ("crc32c", 4, 1),
            Self::Crc64Nvme => ("crc64nvme", 8, 1),
        };
        Facts { name, output_len, block_len }
    }

    /// The name users write, in lower case.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// The algorithm of a name.
    ///
    /// Case does not matter, as in Node, and Web Crypto's spelling (`SHA-256`) is understood as OpenSSL 3 does.
    ///
    /// ```
    /// use sidelane_kernels::hash::Algorithm;
    ///
    /// assert_eq!(Algorithm::from_name("SHA-256"), Some(Algorithm::Sha256));
    /// assert_eq!(Algorithm::from_name("sha512-256"), Some(Algorithm::Sha512_256));
    /// assert_eq!(Algorithm::from_name("sha257"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        const ALIASES: [(&str, Algorithm); 7] = [
            ("sha-1", Algorithm::Sha1),
            ("sha-224", Algorithm::Sha224),
            ("sha-256", Algorithm::Sha256),
            ("sha-384", Algorithm::Sha384),
            ("sha-512", Algorithm::Sha512),
            ("sha-512/256", Algorithm::Sha512_256),
            ("sha512/256", Algorithm::Sha512_256),
        ];
        let own = Self::ALL.iter().map(|algorithm| (algorithm.name(), *algorithm));
        own.chain(ALIASES).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, algorithm)| algorithm)
    }

    /// The stable number of this algorithm.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// The algorithm of a number.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.get(usize::from(id)).copied()
    }

    /// Bytes of output unless [`Params::output_length`](super::Params) asks for another number.
    pub const fn output_len(self) -> usize {
        self.facts().output_len
    }

    /// Bytes of input a step of the function takes. HMAC pads its key to it.
    pub const fn block_len(self) -> usize {
        self.facts().block_len
    }

    /// Whether [`Params::output_length`](super::Params) may be other than [`output_len`](Self::output_len).
    pub const fn has_variable_output(self) -> bool {
        matches!(self, Self::Shake128 | Self::Shake256 | Self::Blake3)
    }

    /// The length of the key [`Params::key`](super::Params) may hold, if the function itself takes one.
    pub const fn key_len(self) -> Option<usize> {
        match self {
            Self::Blake3 => Some(blake3::KEY_LEN),
            _ => None,
        }
    }

    /// Whether the function itself takes a key. See [`key_len`](Self::key_len).
    pub const fn supports_key(self) -> bool {
        self.key_len().is_some()
    }

    /// Whether [`Hasher::hmac`](super::Hasher::hmac) exists: the cryptographic functions of fixed output, as in Node.
    pub const fn supports_hmac(self) -> bool {
        !self.has_variable_output()
            && !matches!(
                self,
                Self::Xxh3_64 | Self::Xxh3_128 | Self::Xxh64 | Self::Crc32 | Self::Crc32c | Self::Crc64Nvme
            )
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_name(name).ok_or_else(|| Error::UnknownAlgorithm { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_indices_and_names_round_trip() {
        for (index, algorithm) in Algorithm::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(algorithm.id()), index);
            assert_eq!(Algorithm::from_id(algorithm.id()), Some(algorithm));
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            assert_eq!(Algorithm::from_name(&algorithm.name().to_uppercase()), Some(algorithm));
        }
        assert_eq!(Algorithm::from_id(22), None);
        assert!("sha".parse::<Algorithm>().is_err());
    }
}
