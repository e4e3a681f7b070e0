//! Work on libuv's pool. What napi-rs's `AsyncTask` does, without the promise that it makes for each: a runner has nothing to tell JavaScript, and at one task in flight the promise was 1 of 20 us.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::sys::{self, napi_async_work, napi_env, napi_status};

use crate::raw;

struct Work<E, C> {
    handle: napi_async_work,
    /// On a thread of the pool, once.
    execute: Option<E>,
    /// On the event loop, once, when that has returned.
    complete: Option<C>,
}

/// Queues `execute` for a thread of the pool and `complete` for the event loop after it. `complete` is called in any case, and the environment does not end before.
///
/// # Errors
///
/// Node's, when the environment is ending. Neither is called then.
pub(crate) fn spawn<E: FnOnce() + Send, C: FnOnce()>(
    env: napi_env,
    execute: E,
    complete: C,
) -> napi::Result<()> {
    let work = Box::into_raw(Box::new(Work {
        handle: ptr::null_mut(),
        execute: Some(execute),
        complete: Some(complete),
    }));
    // SAFETY: env is live on this thread. The box is Node's until `on_complete`, or ours again after a failure.
    unsafe {
        let queued = queue(env, work);
        if queued.is_err() {
            if !(*work).handle.is_null() {
                sys::napi_delete_async_work(env, (*work).handle);
            }
            drop(Box::from_raw(work));
        }
        queued
    }
}

/// # Safety
///
/// `work` must stay valid until its completion.
unsafe fn queue<E: FnOnce() + Send, C: FnOnce()>(env: napi_env, work: *mut Work<E, C>) -> napi::Result<()> {
    // SAFETY: promised by the caller; out-parameters of the right types.
    unsafe {
        napi::check_status!(sys::napi_create_async_work(
            env,
            ptr::null_mut(),
            raw::ascii(env, raw::RESOURCE),
            Some(on_execute::<E, C>),
            Some(on_complete::<E, C>),
            work.cast(),
            &mut (*work).handle,
        ))?;
        napi::check_status!(sys::napi_queue_async_work(env, (*work).handle))
    }
}

unsafe extern "C" fn on_execute<E: FnOnce() + Send, C: FnOnce()>(_: napi_env, work: *mut c_void) {
    // SAFETY: the work of `spawn`; nobody else uses it until this has returned.
    let execute = unsafe { (*work.cast::<Work<E, C>>()).execute.take() };
    // A panic that unwound into C would abort the process. The body guards its jobs itself.
    let _ = catch_unwind(AssertUnwindSafe(|| execute.map(|execute| execute())));
}

unsafe extern "C" fn on_complete<E: FnOnce() + Send, C: FnOnce()>(
    env: napi_env,
    _: napi_status,
    work: *mut c_void,
) {
    // SAFETY: the box of `spawn`, given back by Node.
    let mut work = unsafe { Box::from_raw(work.cast::<Work<E, C>>()) };
    // SAFETY: complete, so it may be deleted.
    unsafe { sys::napi_delete_async_work(env, work.handle) };
    let _ = catch_unwind(AssertUnwindSafe(|| work.complete.take().map(|complete| complete())));
}
