//! `hashMany`: many messages, packed in one buffer.

use napi::sys::napi_value;
use sidelane_kernels::Threads;
use sidelane_kernels::encode::Encoding;
use sidelane_kernels::hash::{Offsets, hash_packed};

use super::digest::{Recipe, cost, encoding_at};
use crate::bytes::View;
use crate::outcome::Value;
use crate::raw::{Call, Callback, Thrown};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};

/// More threads pay from so many bytes, of input and 64 for each message (the kernel's own rule is the same).
const PARALLEL_LEAST: usize = 512 << 10;
const MESSAGE: usize = 64;

/// `submitHashMany(..., bytes, algorithm, encoding, outputLength, key, offsets)`. The offsets are checked, and nobody else's.
pub(crate) struct SubmitHashMany;

impl Callback for SubmitHashMany {
    const NAME: &'static str = "submitHashMany";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit(
            call,
            HashMany {
                view: View::of(call, FIRST)?,
                recipe: Recipe::at(call, FIRST + 1, FIRST + 3, FIRST + 4)?,
                encoding: encoding_at(call, FIRST + 2),
                offsets: View::of(call, FIRST + 5)?,
            },
        )
    }
}

struct HashMany {
    view: View,
    recipe: Recipe,
    encoding: Option<Encoding>,
    offsets: View,
}

impl HashMany {
    fn count(&self) -> usize {
        (self.offsets.len() / size_of::<u32>()).saturating_sub(1)
    }
}

impl Operation for HashMany {
    const NAME: &'static str = "hashMany";

    fn bytes(&self) -> usize {
        self.view.len() + self.offsets.len()
    }

    fn cost(&self) -> u64 {
        cost(self.recipe.algorithm, self.view.len() + self.count() * MESSAGE, 0)
    }

    fn capture(self, taken: bool) -> Work {
        let count = self.count();
        let Self { view, recipe, encoding, offsets } = self;
        let input = view.capture(taken);
        let offsets: Vec<u32> = offsets.read(|bytes| bytes.as_chunks().0.iter().map(|each| u32::from_ne_bytes(*each)).collect());
        Box::new(move |context| {
            let digest_len = recipe.digest_len();
            let mut digests = vec![0; count * digest_len];
            let mut run = |threads| {
                hash_packed(recipe.algorithm, &recipe.params(), &input, Offsets::U32(&offsets), &mut digests, context, threads)
            };
            let splits = input.len() + count * MESSAGE >= PARALLEL_LEAST;
            if splits { context.on_free_threads(run) } else { run(Threads::One) }?;
            Ok(match encoding {
                Some(encoding) => Value::Text(encoding.encode_each(&digests, digest_len)),
                None => Value::Bytes(digests),
            })
        })
    }
}
