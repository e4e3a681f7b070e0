//! The way back: results cross into JavaScript in batches, woken by the edge from none to some.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{mem, ptr};

use napi::bindgen_prelude::{Env, Object};
use napi::sys::{self, napi_env, napi_threadsafe_function, napi_value};
use sidelane_lanes::{Clock, Nanos, Outcome};

use crate::guard::guard;
use crate::isolate::Isolate;
use crate::outcome::{Failure, Value};
use crate::pool::scheduler;
use crate::{raw, runner};

/// Results per crossing. JavaScript's board has four cells for each.
pub(crate) const BATCH: usize = 256;
const CELLS: usize = 4;
/// The first cell of the results; those before it are for the answers of single calls. Both as in `lib/native.js`.
const RESULTS: usize = 32;

/// Something that JavaScript should hear of a task.
pub(crate) struct Completion {
    pub(crate) tag: u32,
    pub(crate) waited: Nanos,
    pub(crate) ran: Nanos,
    pub(crate) news: News,
}

/// What.
pub(crate) enum News {
    /// It is over.
    Done(Value),
    Failed(Failure),
    Stopped(Outcome),
    Shed {
        retry_after: Nanos,
    },
    /// It goes on.
    Progress {
        done: u64,
        total: u64,
    },
    /// Its input is not read any more.
    GaveBack,
}

/// Codes of `lib/task-entry.js`.
mod status {
    pub(super) const DONE: f64 = 0.0;
    pub(super) const FAILED: f64 = 1.0;
    pub(super) const ABORTED: f64 = 2.0;
    pub(super) const TIMED_OUT: f64 = 3.0;
    pub(super) const SHED: f64 = 4.0;
    pub(super) const PROGRESS: f64 = 5.0;
    /// Its work was counted as done, and then no value came of its result.
    pub(super) const UNCONVERTED: f64 = 6.0;
    pub(super) const GAVE_BACK: f64 = 7.0;
}

impl Completion {
    fn ends(&self) -> bool {
        !matches!(self.news, News::Progress { .. } | News::GaveBack)
    }
}

/// Wakes an event loop from any thread, until its environment ends.
pub(crate) struct Waker(Mutex<Option<Handle>>);

struct Handle(napi_threadsafe_function);

// SAFETY: calling a thread-safe function from any thread is its purpose. That it is not called after it was released is `Waker`'s lock.
unsafe impl Send for Handle {}

impl Waker {
    /// A waker without an event loop yet.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Connects it with the isolate's loop. It does not keep the loop alive until it is told to [hold](Self::hold) it.
    pub(crate) fn connect(&self, env: napi_env, isolate: *const Isolate) -> napi::Result<()> {
        let mut function = ptr::null_mut();
        // SAFETY: env is live on this thread. The isolate outlives the function: its cleanup hook disconnects first.
        unsafe {
            napi::check_status!(sys::napi_create_threadsafe_function(
                env,
                ptr::null_mut(),
                ptr::null_mut(),
                raw::ascii(env, raw::RESOURCE),
                0,
                1,
                ptr::null_mut(),
                None,
                isolate.cast_mut().cast(),
                Some(on_wake),
                &mut function,
            ))?;
            napi::check_status!(sys::napi_unref_threadsafe_function(env, function))?;
        }
        *self.lock() = Some(Handle(function));
        Ok(())
    }

    /// From here on nothing touches the environment any more.
    pub(crate) fn disconnect(&self) {
        if let Some(Handle(function)) = self.lock().take() {
            // SAFETY: the only release of the one thread count it was created with.
            unsafe {
                sys::napi_release_threadsafe_function(function, sys::ThreadsafeFunctionReleaseMode::abort)
            };
        }
    }

    /// Makes the loop call [`drain`] soon.
    pub(crate) fn wake(&self) {
        if let Some(Handle(function)) = &*self.lock() {
            // SAFETY: it is released only under this lock. The queue has no bound: the call does not block.
            unsafe {
                sys::napi_call_threadsafe_function(
                    *function,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
        }
    }

    pub(crate) fn hold(&self, env: napi_env) {
        if let Some(Handle(function)) = &*self.lock() {
            // SAFETY: on the environment's thread, and not released.
            unsafe { sys::napi_ref_threadsafe_function(env, *function) };
        }
    }

    pub(crate) fn let_go(&self, env: napi_env) {
        if let Some(Handle(function)) = &*self.lock() {
            // SAFETY: as in `hold`.
            unsafe { sys::napi_unref_threadsafe_function(env, *function) };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Handle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

unsafe extern "C" fn on_wake(env: napi_env, _: napi_value, isolate: *mut c_void, _: *mut c_void) {
    // Null: the environment ends, and what is queued is only flushed.
    if env.is_null() {
        return;
    }
    // SAFETY: the context given to `connect`; see there.
    let isolate = unsafe { &*isolate.cast::<Isolate>() };
    drain(isolate);
}

/// On the event loop: hands all results to JavaScript and starts the runners that are wanted. Does nothing but cancel once the environment is ending.
pub(crate) fn drain(isolate: &Isolate) {
    // A panic here would unwind into C.
    let drained = catch_unwind(AssertUnwindSafe(|| {
        isolate.home.turns.fetch_add(1, Ordering::Relaxed);
        if !settle_all(isolate) {
            // worker.terminate() waits for our runners before it runs cleanup hooks; this makes the wait short.
            isolate.stop();
            return;
        }
        isolate.drained.set(scheduler().clock().now());
        runner::start_wanted(isolate);
    }));
    if drained.is_err() {
        isolate.batch.borrow_mut().clear();
    }
}

/// `false`: JavaScript cannot be called any more.
fn settle_all(isolate: &Isolate) -> bool {
    // Taken, not borrowed: settle runs user code's synchronous part (event listeners), which may submit and so come back here.
    let mut batch = isolate.batch.take();
    isolate.home.completions.drain_into(&mut batch);
    if batch.is_empty() {
        isolate.batch.replace(batch);
        return call_settle(isolate, 0, &[]);
    }
    // JavaScript is rid of an input before the result is made.
    let parts = batch.split_inclusive_mut(|completion| matches!(completion.news, News::GaveBack));
    let alive = parts.flat_map(|part| part.chunks_mut(BATCH)).all(|part| settle_part(isolate, part));
    batch.clear();
    isolate.batch.replace(batch);
    alive
}

fn settle_part(isolate: &Isolate, part: &mut [Completion]) -> bool {
    let mut values = isolate.values.take();
    values.clear();
    for (index, completion) in part.iter_mut().enumerate() {
        let (status, value) = guarded_news(isolate, &mut completion.news);
        let cell = RESULTS + index * CELLS;
        isolate.board.set(cell, f64::from(completion.tag));
        isolate.board.set(cell + 1, status);
        isolate.board.set(cell + 2, completion.waited as f64 / 1e6);
        isolate.board.set(cell + 3, completion.ran as f64 / 1e6);
        values.push(value);
    }
    isolate.end(part.iter().filter(|completion| completion.ends()).count());
    let alive = call_settle(isolate, part.len(), &values);
    isolate.values.replace(values);
    alive
}

/// A panic in the conversion of one result is that task's error, and no other's.
fn guarded_news(isolate: &Isolate, news: &mut News) -> (f64, napi_value) {
    let failed = if matches!(news, News::Done(_)) { status::UNCONVERTED } else { status::FAILED };
    let converted = guard("settle", || Ok(news_to_js(isolate, news)));
    converted.unwrap_or_else(|failure| {
        (failed, failure.to_js(&Env::from_raw(isolate.env)).unwrap_or(raw::UNDEFINED))
    })
}

fn news_to_js(isolate: &Isolate, news: &mut News) -> (f64, napi_value) {
    let env = isolate.env;
    match news {
        News::Done(value) => (status::DONE, mem::replace(value, Value::Undefined).into_js(env)),
        News::Failed(failure) => {
            (status::FAILED, failure.to_js(&Env::from_raw(env)).unwrap_or(raw::UNDEFINED))
        }
        News::Stopped(Outcome::TimedOut) => (status::TIMED_OUT, raw::UNDEFINED),
        News::Stopped(_) => (status::ABORTED, raw::UNDEFINED),
        News::Shed { retry_after } => (status::SHED, raw::double(env, *retry_after as f64 / 1e6)),
        News::Progress { done, total } => (status::PROGRESS, progress_to_js(env, *done, *total)),
        News::GaveBack => (status::GAVE_BACK, raw::UNDEFINED),
    }
}

fn progress_to_js(env: napi_env, done: u64, total: u64) -> napi_value {
    let pair = || -> napi::Result<napi_value> {
        let env = Env::from_raw(env);
        let mut object = Object::new(&env)?;
        object.set("bytes", done as f64)?;
        object.set("total", total as f64)?;
        Ok(napi::JsValue::raw(&object))
    };
    pair().unwrap_or(raw::UNDEFINED)
}

/// JavaScript's InternalError for a bug of ours that a synchronous call met. None: it could not be made.
pub(crate) fn internal_error(isolate: &Isolate, operation: &str, message: &str) -> Option<napi_value> {
    let message: Vec<u16> = message.encode_utf16().collect();
    let values = [raw::text(isolate.env, &message), raw::ascii(isolate.env, operation.as_bytes())];
    call_javascript(isolate, -1, &values)
}

/// Calls JavaScript's `settle(count, ...values)`. `false`: the environment is ending.
fn call_settle(isolate: &Isolate, count: usize, values: &[napi_value]) -> bool {
    // settle catches what listeners throw; if it fails, only a terminated isolate's exception is pending. It is not ours to clear.
    call_javascript(isolate, count as i32, values).is_some()
}

/// Calls the function that JavaScript attached with (lib/native.js).
fn call_javascript(isolate: &Isolate, count: i32, values: &[napi_value]) -> Option<napi_value> {
    let env = isolate.env;
    let (mut function, mut this, mut number, mut result) =
        (ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let mut args = [ptr::null_mut(); BATCH + 1];
    // SAFETY: on the environment's thread, in a callback of Node's, so a handle scope is open. The reference lives as long as the isolate.
    unsafe {
        sys::napi_get_reference_value(env, isolate.settle, &mut function);
        sys::napi_get_undefined(env, &mut this);
        sys::napi_create_int32(env, count, &mut number);
        args[0] = number;
        for (arg, value) in args[1..].iter_mut().zip(values) {
            *arg = if value.is_null() { this } else { *value };
        }
        let status =
            sys::napi_call_function(env, this, function, 1 + values.len(), args.as_ptr(), &mut result);
        (status == sys::Status::napi_ok).then_some(result)
    }
}

/// Ends an isolate, in its environment's cleanup hook: nothing touches the environment afterwards.
pub(crate) fn tear_down(isolate: Box<Isolate>) {
    isolate.home.waker.disconnect();
    // Waits for what runs: it may read memory that goes with the isolate. A few milliseconds, since all kernels poll.
    isolate.home.close();
    // Its share of the threads may be free now, and others may wait.
    isolate.home.wake_others();
}

/// For [`crate::runner`]: the isolate of an environment, for when one of its runners has ended.
pub(crate) struct OnLoop(pub(crate) *const Isolate);

impl OnLoop {
    /// On the event loop's thread only.
    pub(crate) fn drain(&self) {
        // SAFETY: the environment does not end before its runners' completions have been called, and the isolate is freed by its cleanup hook.
        drain(unsafe { &*self.0 });
    }
}
