//! gzip (RFC 1952), zlib (RFC 1950) and deflate (RFC 1951), in and out.
//!
//! Whole buffers go through libdeflate, everything else through zlib-rs. What is compressed comes in pieces that belong one behind
//! the other, in *one* stream, however many threads made it: browsers read no further than to the end of a gzip file's first member.
//! What is decompressed is bounded, and grows as it comes: a size that is stated in the data is believed for 16 MiB at most.
//!
//! # Example
//!
//! ```
//! use sidelane_kernels::compress::{Error, Format, Level, compress, decompress};
//! use sidelane_kernels::{Threads, Uninterruptible};
//!
//! let pieces = compress(b"to be or not to be", Format::Gzip, Level::default(), &Uninterruptible, Threads::One)?;
//! let mut text = Vec::new();
//! decompress(&pieces.concat(), Format::Gzip, 1000, &mut text, &Uninterruptible)?;
//! assert_eq!(text, b"to be or not to be");
//! # Ok::<(), Error>(())
//! ```

mod decoder;
mod error;
mod join;
mod pack;

pub use decoder::{Decoder, Sink, decompress};
pub use error::Error;
pub use pack::{Level, compress};

/// What is around a deflate stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A header, CRC-32 and length. Several one after the other are one text.
    Gzip,
    /// Two bytes before it and an Adler-32 behind it: HTTP's `deflate`.
    Zlib,
    /// Nothing.
    Raw,
}
