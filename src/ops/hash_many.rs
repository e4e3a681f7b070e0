//! `hashMany`: many messages, packed in one buffer.

use napi::sys::napi_value;
use sidelane_kernels::encode::Encoding;
use sidelane_kernels::hash::{Offsets, hash_packed};
use sidelane_kernels::memory::NoMemory;
use sidelane_kernels::{Threads, Uninterruptible};

use super::digest::{Recipe, cost, encoding_at};
use crate::bytes::{Input, View, push_utf8};
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown, UNDEFINED, array};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};

/// More threads pay from so many bytes, of input and 64 for each message (the kernel's own rule is the same).
const PARALLEL_LEAST: usize = 512 << 10;
const MESSAGE: usize = 64;

/// Strings per call of [`PackStrings`], at most.
const PACK_ARGS: usize = 256;

/// Messages that `packStrings` has collected for the next `submitHashMany`.
pub(crate) struct Pack {
    page: Page,
    offsets: Vec<u32>,
}

/// `startPack(units, count)`: begins to collect `count` strings of so many code units together.
pub(crate) struct StartPack;

impl Callback for StartPack {
    const NAME: &'static str = "startPack";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        // Three bytes a code unit at most; and the zero that Node writes behind each string.
        let page = Page::with_capacity(call.u32(0) as usize * 3 + 1)?;
        let mut offsets = Vec::with_capacity(call.u32(1) as usize + 1);
        offsets.push(0);
        call.isolate.pack.replace(Some(Pack { page, offsets }));
        Ok(UNDEFINED)
    }
}

/// `packStrings(...strings)`: the bytes collected so far.
pub(crate) struct PackStrings;

impl Callback for PackStrings {
    const NAME: &'static str = "packStrings";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let mut pack = call.isolate.pack.borrow_mut();
        let pack = pack.as_mut().ok_or_else(|| Thrown::internal("nothing is being packed"))?;
        let (strings, count) = call.all_args::<PACK_ARGS>();
        for string in &strings[..count] {
            if !push_utf8(&mut pack.page, call.env(), *string) {
                return Err(Thrown::internal("expected strings"));
            }
            pack.offsets.push(pack.page.len() as u32);
        }
        Ok(call.double(pack.page.len() as f64))
    }
}

/// `submitHashMany(..., bytes, algorithm, encoding, outputLength, key, offsets)`. The offsets are checked, and nobody else's.
pub(crate) struct SubmitHashMany;

impl Callback for SubmitHashMany {
    const NAME: &'static str = "submitHashMany";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let messages = Messages::at(call, FIRST, FIRST + 5)?;
        let recipe = Recipe::at(call, FIRST + 1, FIRST + 3, FIRST + 4)?;
        submit(call, HashMany { messages, recipe, encoding: encoding_at(call, FIRST + 2) })
    }
}

/// `hashManyNow(algorithm, bytes, encoding, outputLength, key, offsets)`: on the calling thread.
pub(crate) struct HashManyNow;

impl Callback for HashManyNow {
    const NAME: &'static str = "hashManyNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let recipe = Recipe::at(call, 0, 3, 4)?;
        let messages = Messages::at(call, 1, 5)?;
        let mut digests = vec![0; messages.count() * recipe.digest_len()];
        messages.read(|bytes, offsets| {
            let offsets = Offsets::U32(offsets);
            hash_packed(
                recipe.algorithm,
                &recipe.params(),
                bytes,
                offsets,
                &mut digests,
                &Uninterruptible,
                Threads::One,
            )
        })?;
        Ok(match encoding_at(call, 2) {
            Some(encoding) => {
                let texts: Vec<_> = texts(&digests, recipe.digest_len(), encoding).collect();
                array(call.env(), texts.iter().map(|text| call.ascii(text.as_bytes())))
            }
            None => call.buffer(&digests),
        })
    }
}

struct HashMany {
    messages: Messages,
    recipe: Recipe,
    encoding: Option<Encoding>,
}

/// Bytes and offsets of the messages.
enum Messages {
    /// As JavaScript has them.
    Views(View, View),
    /// As `packStrings` has collected them.
    Packed(Input, Vec<u32>),
}

impl Messages {
    /// The arguments, or what `packStrings` has collected.
    fn at(call: &Call<'_>, bytes: usize, offsets: usize) -> Result<Self, Thrown> {
        // Taken in any case: strings of a call that was refused before it came here must not be taken for this one's.
        let pack = call.isolate.pack.take();
        match (View::of(call, bytes), pack) {
            (Ok(bytes), _) => Ok(Self::Views(bytes, View::of(call, offsets)?)),
            (Err(_), Some(Pack { page, offsets })) => Ok(Self::Packed(Input::Copied(page), offsets)),
            (Err(thrown), None) => Err(thrown),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Views(bytes, _) => bytes.len(),
            Self::Packed(bytes, _) => bytes.len(),
        }
    }

    fn count(&self) -> usize {
        let offsets = match self {
            Self::Views(_, offsets) => offsets.len() / size_of::<u32>(),
            Self::Packed(_, offsets) => offsets.len(),
        };
        offsets.saturating_sub(1)
    }

    fn capture(self, taken: bool) -> (Result<Input, NoMemory>, Vec<u32>) {
        match self {
            Self::Packed(bytes, offsets) => (Ok(bytes), offsets),
            Self::Views(bytes, offsets) => {
                let offsets = numbers(&offsets);
                (bytes.capture(taken), offsets)
            }
        }
    }

    /// Calls `with` with bytes and offsets, without a copy of the bytes.
    fn read<T>(self, with: impl FnOnce(&[u8], &[u32]) -> T) -> T {
        match self {
            Self::Packed(bytes, offsets) => with(&bytes, &offsets),
            Self::Views(bytes, offsets) => {
                let offsets = numbers(&offsets);
                bytes.read(|bytes| with(bytes, &offsets))
            }
        }
    }
}

/// Bytes of digests per string that goes back, to be cut in `lib/hash-many.js`. A string of up to 128 KiB lies in V8's young generation, whose memory is warm; one string for all takes 35 ns a digest, most of it page faults. And whoever
/// keeps one digest keeps its string.
const TOGETHER: usize = 16 * 1024;

fn texts(digests: &[u8], digest_len: usize, encoding: Encoding) -> impl Iterator<Item = String> {
    let together = (TOGETHER / digest_len).max(1);
    digests.chunks(digest_len * together).map(move |digests| encoding.encode_each(digests, digest_len))
}

/// The elements of a Uint32Array.
fn numbers(view: &View) -> Vec<u32> {
    view.read(|bytes| bytes.as_chunks().0.iter().map(|each| u32::from_ne_bytes(*each)).collect())
}

impl Operation for HashMany {
    const NAME: &'static str = "hashMany";

    fn bytes(&self) -> usize {
        self.messages.bytes() + self.messages.count() * size_of::<u32>()
    }

    fn cost(&self) -> u64 {
        cost(self.recipe.algorithm, self.messages.bytes() + self.messages.count() * MESSAGE, 0)
    }

    fn capture(self, taken: bool) -> Work {
        let Self { messages, recipe, encoding } = self;
        let count = messages.count();
        let (input, offsets) = messages.capture(taken);
        Box::new(move |context| {
            let input = input?;
            let digest_len = recipe.digest_len();
            let params = recipe.params();
            let splits = input.len() + count * MESSAGE >= PARALLEL_LEAST;
            let digests = Page::filled(count * digest_len, |out| {
                let offsets = Offsets::U32(&offsets);
                let threads = if splits { context.threads() } else { Threads::One };
                hash_packed(recipe.algorithm, &params, &input, offsets, out, context, threads)
                    .map_err(Failure::from)
            })?;
            Ok(match encoding {
                Some(encoding) => {
                    Value::List(texts(&digests, digest_len, encoding).map(Value::Text).collect())
                }
                None => Value::Page(digests),
            })
        })
    }
}
