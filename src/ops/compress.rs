//! `compress.gzip`, `deflate`, `deflateRaw`, `gunzip`, `inflate`, `inflateRaw`.

use napi::sys::napi_value;
use sidelane_kernels::compress::{Error, Format, Level, Sink, compress, decompress};
use sidelane_kernels::memory::NoMemory;
use sidelane_kernels::{Checkpoint, Interrupted, Threads};

use super::task::{BytesTask, run_task, submit_task};
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown};
use crate::submit::FIRST;

/// Picoseconds per byte, for the scheduler (one core of a Zen 4 server, 2026-11): by level, and of compressed bytes that become seven times as many.
const PACES: [u64; 10] = [300, 2_600, 3_200, 4_000, 4_500, 5_500, 7_700, 9_500, 13_000, 16_000];
const UNPACK_PACE: u64 = 4_000;

/// Less is one piece.
const PARALLEL_LEAST: usize = 3 << 20;

/// `submitCompress(..., bytes, kind, amount)`.
pub(crate) struct SubmitCompress;

impl Callback for SubmitCompress {
    const NAME: &'static str = "submitCompress";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit_task(call, Task::at(call, FIRST + 1)?)
    }
}

/// `compressNow(bytes, kind, amount)`: the result, or what [`Failure`] crosses as.
pub(crate) struct CompressNow;

impl Callback for CompressNow {
    const NAME: &'static str = "compressNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        run_task(call, &Task::at(call, 1)?)
    }
}

struct Task {
    format: Format,
    what: What,
}

enum What {
    Pack(Level, u64),
    /// To so many bytes at most.
    Unpack(usize),
}

impl BytesTask for Task {
    const NAME: &'static str = "compress";

    fn cost(&self, len: usize) -> u64 {
        let pace = match self.what {
            What::Pack(_, pace) => pace,
            What::Unpack(_) => UNPACK_PACE,
        };
        5_000 + len as u64 * pace / 1000
    }

    fn splits(&self, len: usize) -> bool {
        matches!(self.what, What::Pack(..)) && len >= PARALLEL_LEAST
    }

    fn run(&self, data: &[u8], checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Failure> {
        match self.what {
            What::Pack(level, _) => {
                let parts = compress(data, self.format, level, checkpoint, threads)?;
                let mut page = Page::with_capacity(parts.iter().map(Vec::len).sum())?;
                parts.iter().for_each(|part| page.extend(part));
                Ok(Value::Page(page))
            }
            What::Unpack(limit) => {
                let mut output = Output { page: Page::with_capacity(0)?, limit };
                decompress(data, self.format, limit, &mut output, checkpoint)?;
                Ok(Value::Page(output.page))
            }
        }
    }
}

impl Task {
    /// The kind, a position in `KINDS` of `lib/compress.js`, and the level or the limit.
    fn at(call: &Call<'_>, index: usize) -> Result<Self, Thrown> {
        let (kind, amount) = (call.u32(index), call.f64(index + 1));
        let format = match kind % 3 {
            0 => Format::Gzip,
            1 => Format::Zlib,
            _ => Format::Raw,
        };
        if kind >= 3 {
            return Ok(Self { format, what: What::Unpack(amount as usize) });
        }
        let level = Level::new(amount as u8).ok_or_else(|| Thrown::internal("no such level"))?;
        Ok(Self { format, what: What::Pack(level, PACES[amount as usize]) })
    }
}

struct Output {
    page: Page,
    limit: usize,
}

impl Sink for Output {
    fn append(&mut self, room: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) -> Result<(), NoMemory> {
        self.page.reserve(room, self.limit)?;
        self.page.append(|free| Some(fill(&mut free[..room])));
        Ok(())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Interrupted => Interrupted.into(),
            Error::NoMemory(refused) => refused.into(),
            Error::TooLarge { limit } => Self::new("ERR_TOO_LARGE", format!("{message} (maxOutputLength)"))
                .with_number("limit", limit as f64)
                .with_number("received", limit as f64 + 1.0),
            Error::Corrupt { offset, .. } | Error::Truncated { offset } => {
                Self::new("ERR_COMPRESS_DATA", message).with_number("offset", offset as f64)
            }
        }
    }
}
