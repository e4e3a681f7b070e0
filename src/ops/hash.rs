//! `hash`, `hashSync`, `hmac`: one message, one digest.

use napi::bindgen_prelude::{Env, Object};
use napi::sys::napi_value;
use sidelane_kernels::Threads;
use sidelane_kernels::encode::Encoding;
use sidelane_kernels::hash::{Algorithm, Digest, Hasher, Params, digest, digest_with};

use super::digest::{Recipe, algorithm_at, cost, encoding_at, output_length_at, pace, to_js, to_value};
use crate::bytes::View;
use crate::outcome::Failure;
use crate::raw::{Call, Callback, Thrown};
use crate::runner::{Context, Work};
use crate::submit::{FIRST, Operation, submit};

/// Nanoseconds of main thread that a task costs: 1 under load, up to 25 for a single one, which has to wake a thread and be woken. Below, the work is done on the spot.
const HOP: u64 = 4_000;
/// Picoseconds per byte that a copy costs the main thread.
const COPY: u64 = 100;
/// Nothing above is done on the spot, however fast: 4 MiB take xxh3 0.1 ms.
const INLINE_MOST: u64 = 4 << 20;

/// Splitting a message pays from here: two threads are 1.3 times as fast at 1 MiB, 1.9 times at 64 MiB.
const PARALLEL_LEAST: usize = 1 << 20;

/// See [`crate::algorithms`].
pub(crate) fn algorithms(env: &Env) -> napi::Result<Vec<Object<'static>>> {
    Algorithm::ALL.iter().map(|algorithm| describe(env, *algorithm)).collect()
}

fn describe(env: &Env, algorithm: Algorithm) -> napi::Result<Object<'static>> {
    let pace = pace(algorithm);
    // Where hashing is faster than copying, the lane can never win. Taking a buffer over costs no copy.
    let inline = if pace > COPY { HOP * 1000 / (pace - COPY) } else { INLINE_MOST };
    let mut row = Object::new(env)?;
    row.set("name", algorithm.name())?;
    row.set("id", u32::from(algorithm.id()))?;
    row.set("outputLength", algorithm.output_len() as u32)?;
    row.set("variableLength", algorithm.has_variable_output())?;
    row.set("keyed", algorithm.supports_key())?;
    row.set("hmac", algorithm.supports_hmac())?;
    row.set("inlineBytes", inline.min(INLINE_MOST) as u32)?;
    row.set("inlineTransferBytes", (HOP * 1000 / pace) as u32)?;
    Ok(row)
}

/// `hashShort(algorithm, text, encoding, outputLength, key)`: the digest of a string of at most [`SHORT`](crate::raw::SHORT) code units.
pub(crate) struct HashShort;

impl Callback for HashShort {
    const NAME: &'static str = "hashShort";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let algorithm = algorithm_at(call, 0)?;
        let digest = call.with_short_text(1, |text| sync_digest(call, algorithm, text))??;
        Ok(to_js(call, &digest, encoding_at(call, 2)))
    }
}

/// `hashBytes(algorithm, bytes, encoding, outputLength, key)`.
pub(crate) struct HashBytes;

impl Callback for HashBytes {
    const NAME: &'static str = "hashBytes";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let algorithm = algorithm_at(call, 0)?;
        let view = View::of(call, 1)?;
        let digest = view.read(|bytes| sync_digest(call, algorithm, bytes))?;
        Ok(to_js(call, &digest, encoding_at(call, 2)))
    }
}

fn sync_digest(call: &Call<'_>, algorithm: Algorithm, bytes: &[u8]) -> Result<Digest, Thrown> {
    let key = call.optional_bytes(4)?;
    let params = Params { output_length: output_length_at(call, 3), key: key.as_deref() };
    Ok(digest(algorithm, &params, bytes)?)
}

/// `hmacBytes(algorithm, bytes, encoding, key)`.
pub(crate) struct HmacBytes;

impl Callback for HmacBytes {
    const NAME: &'static str = "hmacBytes";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let key = call.optional_bytes(3)?.unwrap_or_default();
        let mut hasher = Hasher::hmac(algorithm_at(call, 0)?, &key)?;
        View::of(call, 1)?.read(|bytes| hasher.update(bytes));
        Ok(to_js(call, &hasher.finalize(), encoding_at(call, 2)))
    }
}

/// `submitHash(..., bytes, algorithm, encoding, outputLength, key)`.
pub(crate) struct SubmitHash;

impl Callback for SubmitHash {
    const NAME: &'static str = "submitHash";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit(
            call,
            HashOne {
                view: View::of(call, FIRST)?,
                recipe: Recipe::at(call, FIRST + 1, FIRST + 3, FIRST + 4)?,
                encoding: encoding_at(call, FIRST + 2),
            },
        )
    }
}

struct HashOne {
    view: View,
    recipe: Recipe,
    encoding: Option<Encoding>,
}

impl Operation for HashOne {
    const NAME: &'static str = "hash";

    fn bytes(&self) -> usize {
        self.view.len()
    }

    fn cost(&self) -> u64 {
        cost(self.recipe.algorithm, self.view.len(), self.recipe.digest_len())
    }

    fn capture(self, taken: bool) -> Work {
        let Self { view, recipe, encoding } = self;
        let input = view.capture(taken);
        Box::new(move |context| {
            let digest = in_context(context, &recipe, &input?)?;
            Ok(to_value(&digest, encoding))
        })
    }
}

fn in_context(context: &Context<'_>, recipe: &Recipe, input: &[u8]) -> Result<Digest, Failure> {
    let splits = recipe.algorithm == Algorithm::Blake3 && input.len() >= PARALLEL_LEAST;
    let threads = if splits { context.threads() } else { Threads::One };
    Ok(digest_with(recipe.algorithm, &recipe.params(), input, context, threads)?)
}

/// `submitHmac(..., bytes, algorithm, encoding, key)`.
pub(crate) struct SubmitHmac;

impl Callback for SubmitHmac {
    const NAME: &'static str = "submitHmac";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let algorithm = algorithm_at(call, FIRST + 1)?;
        let key = call.optional_bytes(FIRST + 3)?.unwrap_or_default();
        submit(
            call,
            HmacOne {
                view: View::of(call, FIRST)?,
                algorithm,
                hasher: Hasher::hmac(algorithm, &key)?,
                encoding: encoding_at(call, FIRST + 2),
            },
        )
    }
}

struct HmacOne {
    view: View,
    algorithm: Algorithm,
    hasher: Hasher,
    encoding: Option<Encoding>,
}

impl Operation for HmacOne {
    const NAME: &'static str = "hmac";

    fn bytes(&self) -> usize {
        self.view.len()
    }

    fn cost(&self) -> u64 {
        cost(self.algorithm, self.view.len(), 0)
    }

    fn capture(self, taken: bool) -> Work {
        let Self { view, mut hasher, encoding, .. } = self;
        let input = view.capture(taken);
        Box::new(move |context| {
            hasher.update_with(&input?, context, Threads::One)?;
            Ok(to_value(&hasher.finalize(), encoding))
        })
    }
}
