//! Compression.

use libdeflater::{CompressionLvl, Compressor};
use zlib_rs::adler32::adler32;

use super::{Error, Format, join};
use crate::memory::filled;
use crate::{Checkpoint, Threads};

/// Bytes that are compressed at once, at most: 24 ms at level 6, in which nothing is polled. Each piece begins without the 32 KiB before it: of NDJSON that costs 0.2 %, in pieces of 1 MiB 0.7 %.
const PIECE: usize = 3 << 20;
/// Checksums are polled for after so many bytes.
const STEP: usize = 1 << 20;

/// From 0, nothing but copied, to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(u8);

impl Level {
    /// `None`: above 9.
    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (level <= 9).then_some(Self(level))
    }

    fn compressor(self) -> Compressor {
        Compressor::new(CompressionLvl::new(self.0.into()).unwrap_or_default())
    }
}

impl Default for Level {
    fn default() -> Self {
        Self(6)
    }
}

/// Compresses `data`. The parts of the result belong one behind the other. All `threads` take part.
///
/// Polls every 3 MiB on each thread.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`].
pub fn compress(
    data: &[u8],
    format: Format,
    level: Level,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Vec<Vec<u8>>, Error> {
    let pieces = pieces_of(data.len());
    let size = data.len().div_ceil(pieces).max(1);
    let mut parts = vec![Vec::new(); pieces + 2];
    parts[0] = head(format, level);
    threads.for_each(parts[1..=pieces].iter_mut().enumerate(), |(index, part)| {
        checkpoint.poll()?;
        *part = deflate(data.chunks(size).nth(index).unwrap_or_default(), level)?;
        if index + 1 < pieces {
            join::continue_after(part);
        }
        Ok::<(), Error>(())
    })?;
    parts[pieces + 1] = tail(format, data, checkpoint)?;
    Ok(parts)
}

/// How many pieces of equal size: an even number, so that two threads end together. Of nothing there is a stream too.
fn pieces_of(len: usize) -> usize {
    if len <= PIECE { 1 } else { len.div_ceil(PIECE).next_multiple_of(2) }
}

/// One whole stream.
fn deflate(data: &[u8], level: Level) -> Result<Vec<u8>, Error> {
    let mut compressor = level.compressor();
    let mut out = filled(0, compressor.deflate_compress_bound(data.len()))?;
    let len = compressor.deflate_compress(data, &mut out).expect("the bound is one");
    out.truncate(len);
    // What joins it to the next piece fits, too: without room for that all of it moved, to twice as much.
    out.shrink_to(len + join::MOST);
    Ok(out)
}

fn head(format: Format, Level(level): Level) -> Vec<u8> {
    match format {
        Format::Gzip => {
            // No time, and no system (255): the same bytes everywhere.
            let effort = match level {
                1 => 4,
                9 => 2,
                _ => 0,
            };
            vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, effort, 255]
        }
        Format::Zlib => {
            // The effort, and what makes both a multiple of 31.
            let effort = match level {
                0..=1 => 0x01,
                2..=5 => 0x5e,
                6 => 0x9c,
                _ => 0xda,
            };
            vec![0x78, effort]
        }
        Format::Raw => Vec::new(),
    }
}

fn tail(format: Format, data: &[u8], checkpoint: &dyn Checkpoint) -> Result<Vec<u8>, Error> {
    match format {
        Format::Gzip => {
            let mut crc = crc32fast::Hasher::new();
            for piece in data.chunks(STEP) {
                checkpoint.poll()?;
                crc.update(piece);
            }
            Ok([crc.finalize().to_le_bytes(), (data.len() as u32).to_le_bytes()].concat())
        }
        Format::Zlib => {
            let mut adler = 1;
            for piece in data.chunks(STEP) {
                checkpoint.poll()?;
                adler = adler32(adler, piece);
            }
            Ok(adler.to_be_bytes().to_vec())
        }
        Format::Raw => Ok(Vec::new()),
    }
}
