//! Decompression.

use libdeflater::Decompressor;
use memchr::memmem;
use zlib_rs::{Inflate, InflateError, InflateFlush, Status};

use super::{Error, Format};
use crate::Checkpoint;
use crate::memory::{NoMemory, grow};

/// Bytes of input, and of output, between two polls: at most 0.5 ms.
const STEP: usize = 256 << 10;
/// Output of the first step. It is doubled by the next ones.
const FIRST: usize = 4 << 10;

/// Decompressed at once, without a poll: at most so many bytes, which take 8 ms.
const AT_ONCE: usize = 16 << 20;
/// No deflate stream grows more.
const MOST_GROWTH: usize = 1032;
/// Flag of a gzip header with a checksum of its own, which libdeflate passes over.
const HEADER_CRC: u8 = 2;

/// Where decompressed bytes go.
pub trait Sink {
    /// Makes `room` bytes of room behind what it has, has them filled, and keeps as many as `fill` says it has written.
    ///
    /// # Errors
    ///
    /// [`NoMemory`].
    fn append(&mut self, room: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) -> Result<(), NoMemory>;
}

impl Sink for Vec<u8> {
    fn append(&mut self, room: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) -> Result<(), NoMemory> {
        let len = self.len();
        grow(self, room)?;
        self.resize(len + room, 0);
        let written = fill(&mut self[len..]);
        self.truncate(len + written);
        Ok(())
    }
}

/// Decompresses the whole of `data` into `out`. What follows a zlib or raw stream is ignored, as is, from a zero byte on, what follows a member of gzip.
///
/// Polls every 256 KiB of input or output. A gzip file that says that it has at most 16 MiB is decompressed at once.
///
/// # Errors
///
/// [`Error::Corrupt`], [`Error::Truncated`], [`Error::Interrupted`], [`Error::NoMemory`]; [`Error::TooLarge`] if there are more than `limit` bytes, before there is memory for them.
pub fn decompress(
    data: &[u8],
    format: Format,
    limit: usize,
    out: &mut dyn Sink,
    checkpoint: &dyn Checkpoint,
) -> Result<(), Error> {
    let mut decoder = Decoder::new(format, limit);
    checkpoint.poll()?;
    let first = if format == Format::Gzip { member_at_once(data, limit, out)? } else { None };
    if let Some((read, written)) = first {
        decoder = Decoder { state: State::Between, read, written, ..decoder };
    }
    decoder.feed(&data[decoder.read..], out, checkpoint)?;
    decoder.finish()
}

/// Decompresses the first member of a gzip file, if the file's last bytes tell its size and that is bounded. Returns how much was read and written. `None`: another way must be found.
fn member_at_once(data: &[u8], limit: usize, out: &mut dyn Sink) -> Result<Option<(usize, usize)>, NoMemory> {
    let (Some(size), Some(flags)) = (data.last_chunk(), data.get(3)) else { return Ok(None) };
    let size = u32::from_le_bytes(*size) as usize;
    let bounded = (1..=limit.min(AT_ONCE).min(data.len().saturating_mul(MOST_GROWTH))).contains(&size);
    if !bounded || flags & HEADER_CRC != 0 {
        return Ok(None);
    }
    let mut done = None;
    out.append(size, &mut |room| {
        let Ok(written) = Decompressor::new().gzip_decompress(data, room) else { return 0 };
        done = end_of_member(data, &room[..written]).map(|end| (end, written));
        done.map_or(0, |_| written)
    })?;
    Ok(done)
}

/// Where a member ends that is known to be right, and to have these bytes. libdeflater does not tell. Checksum and length are at its end; if they are there nowhere else, that is it.
fn end_of_member(data: &[u8], bytes: &[u8]) -> Option<usize> {
    let tail = [crc32fast::hash(bytes).to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    let mut places = memmem::find_iter(data, &tail);
    let end = places.next()? + tail.len();
    // Places do not overlap: one that begins in another would be passed over, so it is looked for from there.
    memmem::find(&data[end - tail.len() + 1..], &tail).is_none().then_some(end)
}

/// A decompression that takes its input in chunks.
///
/// # Example
///
/// ```
/// use sidelane_kernels::Uninterruptible;
/// use sidelane_kernels::compress::{Decoder, Error, Format};
///
/// let mut decoder = Decoder::new(Format::Raw, 1000);
/// let mut text = Vec::new();
/// for chunk in [&[0x4b][..], &[0x04, 0x00]] {
///     decoder.feed(chunk, &mut text, &Uninterruptible)?;
/// }
/// decoder.finish()?;
/// assert_eq!(text, b"a");
/// # Ok::<(), Error>(())
/// ```
pub struct Decoder {
    format: Format,
    limit: usize,
    state: State,
    read: usize,
    written: usize,
}

enum State {
    Stream(Inflate),
    /// A member of gzip has ended.
    Between,
    /// What comes is ignored.
    Over,
}

impl State {
    fn start(format: Format) -> Self {
        Self::Stream(match format {
            // 16 more: gzip.
            Format::Gzip => Inflate::new(true, 31),
            Format::Zlib => Inflate::new(true, 15),
            Format::Raw => Inflate::new(false, 15),
        })
    }
}

impl Decoder {
    /// Of a text that may have `limit` bytes.
    #[must_use]
    pub fn new(format: Format, limit: usize) -> Self {
        Self { format, limit, state: State::start(format), read: 0, written: 0 }
    }

    /// Decompresses one more chunk. Polls every 256 KiB of input or output.
    ///
    /// # Errors
    ///
    /// Those of [`decompress`] but for [`Error::Truncated`]. The decoder is of no use then.
    pub fn feed(
        &mut self,
        chunk: &[u8],
        out: &mut dyn Sink,
        checkpoint: &dyn Checkpoint,
    ) -> Result<(), Error> {
        let mut rest = chunk;
        loop {
            checkpoint.poll()?;
            match (&self.state, rest.first()) {
                (State::Over, _) | (State::Between, None) => return Ok(()),
                (State::Between, Some(0)) => self.state = State::Over,
                (State::Between, Some(_)) => self.state = State::start(self.format),
                (State::Stream(_), _) => {
                    if !self.step(&mut rest, out)? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Whether to go on.
    fn step(&mut self, rest: &mut &[u8], out: &mut dyn Sink) -> Result<bool, Error> {
        let State::Stream(inflate) = &mut self.state else { return Ok(false) };
        let input = &rest[..rest.len().min(STEP)];
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let room = (self.limit - self.written).min(STEP).min(self.written.max(FIRST));
        let mut result = Ok(Status::Ok);
        let mut fill = |room: &mut [u8]| {
            result = inflate.decompress(input, room, InflateFlush::NoFlush);
            (inflate.total_out() - written) as usize
        };
        let more = if room > 0 {
            let mut more = 0;
            out.append(room, &mut |room| {
                more = fill(room);
                more
            })?;
            more
        } else {
            // At the limit: the stream may end here, but not go on.
            fill(&mut [0])
        };
        let consumed = (inflate.total_in() - read) as usize;
        *rest = &rest[consumed..];
        self.read += consumed;
        let status =
            result.map_err(|error| Error::Corrupt { offset: self.read, reason: reason(inflate, error) })?;
        if more > room {
            return Err(Error::TooLarge { limit: self.limit });
        }
        self.written += more;
        match status {
            Status::StreamEnd => {
                self.state = if self.format == Format::Gzip { State::Between } else { State::Over };
                Ok(true)
            }
            // What it has taken in may be more than there was room for.
            Status::Ok => Ok(!rest.is_empty() || more == room.max(1)),
            Status::BufError => Ok(false),
        }
    }

    /// Ends the text.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`].
    pub fn finish(&self) -> Result<(), Error> {
        match self.state {
            State::Stream(_) => Err(Error::Truncated { offset: self.read }),
            State::Between | State::Over => Ok(()),
        }
    }
}

fn reason(inflate: &Inflate, error: InflateError) -> &'static str {
    match error {
        InflateError::NeedDict { .. } => "it needs a preset dictionary",
        _ => inflate.error_message().unwrap_or(error.as_str()),
    }
}
