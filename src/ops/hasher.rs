//! `createHash`: states that take their message in pieces, as handles of JavaScript's.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::sys::napi_value;
use sidelane_kernels::Threads;
use sidelane_kernels::hash::{Algorithm, Hasher};

use super::digest::{Recipe, cost, output_length_at};
use crate::bytes::View;
use crate::outcome::Value;
use crate::raw::{Call, Callback, Thrown, UNDEFINED};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};

/// A state is shared with at most one task at a time; `lib/streams/hash.js` sees to it that nobody waits for the lock.
type SharedHasher = Arc<Mutex<Hasher>>;

/// The states of an isolate, by handle.
#[derive(Default)]
pub(crate) struct Hashers {
    slots: RefCell<Vec<Option<SharedHasher>>>,
    free: RefCell<Vec<usize>>,
}

impl Hashers {
    fn keep(&self, hasher: Hasher) -> i32 {
        let mut slots = self.slots.borrow_mut();
        let handle = self.free.borrow_mut().pop().unwrap_or_else(|| {
            slots.push(None);
            slots.len() - 1
        });
        slots[handle] = Some(Arc::new(Mutex::new(hasher)));
        handle as i32
    }

    fn at(&self, call: &Call<'_>, index: usize) -> Result<SharedHasher, Thrown> {
        let slots = self.slots.borrow();
        let slot = slots.get(call.u32(index) as usize).cloned().flatten();
        slot.ok_or_else(|| Thrown::internal("no such hash state"))
    }

    /// A task that still uses it keeps its own share.
    fn forget(&self, handle: usize) {
        if self.slots.borrow_mut().get_mut(handle).and_then(Option::take).is_some() {
            self.free.borrow_mut().push(handle);
        }
    }
}

fn lock(hasher: &SharedHasher) -> MutexGuard<'_, Hasher> {
    hasher.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `newHasher(algorithm, outputLength, key)`: its handle.
pub(crate) struct NewHasher;

impl Callback for NewHasher {
    const NAME: &'static str = "newHasher";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let hasher = Recipe::at(call, 0, 1, 2)?.hasher()?;
        Ok(call.int(call.isolate.hashers.keep(hasher)))
    }
}

/// `copyHasher(handle, outputLength)`: the handle of an independent copy. Its output has the length that is asked for, as in node:crypto, or the algorithm's own: not the original's.
pub(crate) struct CopyHasher;

impl Callback for CopyHasher {
    const NAME: &'static str = "copyHasher";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let mut copy = lock(&call.isolate.hashers.at(call, 0)?).clone();
        copy.set_output_length(output_length_at(call, 1))?;
        Ok(call.int(call.isolate.hashers.keep(copy)))
    }
}

/// `dropHasher(handle)`.
pub(crate) struct DropHasher;

impl Callback for DropHasher {
    const NAME: &'static str = "dropHasher";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        call.isolate.hashers.forget(call.u32(0) as usize);
        Ok(UNDEFINED)
    }
}

/// `updateHasher(handle, bytes)`, on the calling thread.
pub(crate) struct UpdateHasher;

impl Callback for UpdateHasher {
    const NAME: &'static str = "updateHasher";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let hasher = call.isolate.hashers.at(call, 0)?;
        View::of(call, 1)?.read(|bytes| lock(&hasher).update(bytes));
        Ok(UNDEFINED)
    }
}

/// `digestHasher(handle)`: the digest as a Buffer. The state stays as it was.
pub(crate) struct DigestHasher;

impl Callback for DigestHasher {
    const NAME: &'static str = "digestHasher";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let hasher = lock(&call.isolate.hashers.at(call, 0)?).clone();
        Ok(call.buffer(&hasher.finalize()))
    }
}

/// `hasherOutputLength(handle)`: bytes of the digest to come.
pub(crate) struct HasherOutputLength;

impl Callback for HasherOutputLength {
    const NAME: &'static str = "hasherOutputLength";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let length = lock(&call.isolate.hashers.at(call, 0)?).output_len();
        Ok(call.int(length as i32))
    }
}

/// `submitUpdate(..., bytes, handle)`.
pub(crate) struct SubmitUpdate;

impl Callback for SubmitUpdate {
    const NAME: &'static str = "submitUpdate";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let hasher = call.isolate.hashers.at(call, FIRST + 1)?;
        let algorithm = lock(&hasher).algorithm();
        submit(call, Update { view: View::of(call, FIRST)?, hasher, algorithm })
    }
}

struct Update {
    view: View,
    hasher: SharedHasher,
    algorithm: Algorithm,
}

impl Operation for Update {
    const NAME: &'static str = "hash.update";

    fn bytes(&self) -> usize {
        self.view.len()
    }

    fn cost(&self) -> u64 {
        cost(self.algorithm, self.view.len(), 0)
    }

    fn capture(self, taken: bool) -> Work {
        let Self { view, hasher, .. } = self;
        let input = view.capture(taken);
        Box::new(move |context| {
            lock(&hasher).update_with(&input?, context, Threads::One)?;
            Ok(Value::Undefined)
        })
    }
}

/// `submitDigest(..., undefined, handle)`: resolves to a Buffer.
pub(crate) struct SubmitDigest;

impl Callback for SubmitDigest {
    const NAME: &'static str = "submitDigest";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let hasher = lock(&call.isolate.hashers.at(call, FIRST + 1)?).clone();
        submit(call, LongDigest { hasher })
    }
}

struct LongDigest {
    hasher: Hasher,
}

impl Operation for LongDigest {
    const NAME: &'static str = "hash.digest";

    fn bytes(&self) -> usize {
        0
    }

    fn cost(&self) -> u64 {
        cost(self.hasher.algorithm(), 0, self.hasher.output_len())
    }

    fn capture(self, _: bool) -> Work {
        Box::new(move |context| Ok(Value::Bytes(self.hasher.finalize_with(context)?.as_bytes().to_vec())))
    }
}
