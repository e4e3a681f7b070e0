//! What can be wrong with a request to hash.

use std::fmt;

use super::{Algorithm, MAX_OUTPUT_LENGTH};
use crate::Interrupted;

/// Why nothing was hashed, or not to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No algorithm has this name.
    UnknownAlgorithm {
        /// The name asked for.
        name: String,
    },
    /// The function cannot give this many bytes.
    OutputLength {
        /// The function.
        algorithm: Algorithm,
        /// Bytes asked for.
        received: usize,
    },
    /// The function takes no key.
    KeyNotSupported {
        /// The function.
        algorithm: Algorithm,
    },
    /// The function takes keys of another length.
    KeyLength {
        /// The function.
        algorithm: Algorithm,
        /// Bytes it takes.
        expected: usize,
        /// Bytes received.
        received: usize,
    },
    /// There is no HMAC with this function.
    HmacNotSupported {
        /// The function.
        algorithm: Algorithm,
    },
    /// Packed messages: the offsets are empty, decrease, or end behind the data.
    Offsets {
        /// Index of the first wrong offset.
        index: usize,
        /// Bytes of data the offsets are about.
        data_len: usize,
    },
    /// The memory for the digests is not as large as the digests.
    OutputBuffer {
        /// Bytes of all digests.
        expected: usize,
        /// Bytes received.
        received: usize,
    },
    /// The checkpoint said stop.
    Interrupted,
}

impl Error {
    /// The code of the error JavaScript sees. `ABORT_ERR` for [`Error::Interrupted`], which a caller who knows why the work
    /// was stopped replaces by the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutputLength { .. } | Self::OutputBuffer { .. } => "ERR_OUT_OF_RANGE",
            Self::Interrupted => "ABORT_ERR",
            _ => "ERR_INVALID_ARG_VALUE",
        }
    }
}

impl From<Interrupted> for Error {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAlgorithm { name } => write_unknown(f, name),
            Self::OutputLength { algorithm, received } if algorithm.has_variable_output() => {
                write!(
                    f,
                    "The output length of {algorithm} must be 0 to {MAX_OUTPUT_LENGTH} bytes. Received {received}"
                )
            }
            Self::OutputLength { algorithm, received } => {
                write!(
                    f,
                    "The output length of {algorithm} is always {} bytes. Received {received}",
                    algorithm.output_len()
                )
            }
            Self::KeyNotSupported { algorithm } => {
                write!(f, "{algorithm} takes no key")?;
                if algorithm.supports_hmac() { f.write_str("; use an HMAC") } else { Ok(()) }
            }
            Self::KeyLength { algorithm, expected, received } => {
                write!(f, "The key of {algorithm} must be {expected} bytes. Received {received} bytes")
            }
            Self::HmacNotSupported { algorithm } => {
                write!(f, "There is no HMAC with {algorithm}")?;
                if algorithm.supports_key() { f.write_str("; give it a key instead") } else { Ok(()) }
            }
            Self::Offsets { index, data_len } => {
                write!(
                    f,
                    "The offsets must start the list, never decrease and end within the {data_len} bytes of data. \
                     Received another offset at index {index}"
                )
            }
            Self::OutputBuffer { expected, received } => {
                write!(f, "The digests need {expected} bytes of output. Received {received}")
            }
            Self::Interrupted => Interrupted.fmt(f),
        }
    }
}

fn write_unknown(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    f.write_str("The algorithm must be one of ")?;
    for algorithm in Algorithm::ALL {
        write!(f, "{algorithm}, ")?;
    }
    write!(f, "in any case. Received {name:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_algorithm_expectation_and_received() {
        let cases = [
            (
                Error::OutputLength { algorithm: Algorithm::Sha256, received: 16 },
                "ERR_OUT_OF_RANGE",
                "The output length of sha256 is always 32 bytes. Received 16",
            ),
            (
                Error::OutputLength { algorithm: Algorithm::Blake3, received: 2_000_000 },
                "ERR_OUT_OF_RANGE",
                "The output length of blake3 must be 0 to 1048576 bytes. Received 2000000",
            ),
            (
                Error::KeyLength { algorithm: Algorithm::Blake3, expected: 32, received: 5 },
                "ERR_INVALID_ARG_VALUE",
                "The key of blake3 must be 32 bytes. Received 5 bytes",
            ),
            (
                Error::KeyNotSupported { algorithm: Algorithm::Sha1 },
                "ERR_INVALID_ARG_VALUE",
                "sha1 takes no key; use an HMAC",
            ),
            (
                Error::HmacNotSupported { algorithm: Algorithm::Blake3 },
                "ERR_INVALID_ARG_VALUE",
                "There is no HMAC with blake3; give it a key instead",
            ),
        ];
        for (error, code, message) in cases {
            assert_eq!((error.code(), error.to_string().as_str()), (code, message));
        }
        assert!(Error::UnknownAlgorithm { name: "x".into() }.to_string().contains("sha256, "));
    }
}
