//! A digest.

use std::fmt;
use std::ops::Deref;

use crate::encode::Encoding;

/// Bytes kept without an allocation: the longest digest of fixed length.
const INLINE: usize = 64;

/// The bytes a hash function gave. Up to 64 of them live in the value itself; only a longer output allocates.
///
/// ```
/// use sidelane_kernels::hash::{Algorithm, Params, digest};
///
/// let digest = digest(Algorithm::Crc32, &Params::default(), b"123456789")?;
/// assert_eq!(digest.as_bytes(), [0xcb, 0xf4, 0x39, 0x26]);
/// assert_eq!(digest.to_string(), "cbf43926");
/// # Ok::<(), sidelane_kernels::hash::Error>(())
/// ```
#[derive(Clone)]
pub struct Digest(Bytes);

#[derive(Clone)]
enum Bytes {
    Inline { len: u8, bytes: [u8; INLINE] },
    Heap(Box<[u8]>),
}

impl Digest {
    /// `len` zero bytes for `fill` to overwrite.
    #[inline]
    pub(super) fn filled<E>(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        if len <= INLINE {
            let mut bytes = [0; INLINE];
            fill(&mut bytes[..len])?;
            Ok(Self(Bytes::Inline { len: len as u8, bytes }))
        } else {
            let mut bytes = vec![0; len].into_boxed_slice();
            fill(&mut bytes)?;
            Ok(Self(Bytes::Heap(bytes)))
        }
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Bytes::Heap(bytes) => bytes,
        }
    }
}

impl Deref for Digest {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Digest {
    /// Not in constant time: to check a MAC, compare with a function made for it.
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Digest {}

/// Lower-case hexadecimal.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Encoding::Hex.encode(self))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
