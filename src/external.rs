//! Results that JavaScript gets without a copy: buffers over memory of ours, which comes back when they are collected.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::sys::{self, napi_env, napi_value};

use crate::pages::{LEAST, Page};
use crate::raw;

/// A Buffer of the page's bytes. Small ones are copied: making an external one and having it collected costs 1 us, copying 64 KiB into fresh memory 6.
pub(crate) fn buffer(env: napi_env, page: Page) -> napi_value {
    if page.len() < LEAST {
        return raw::buffer(env, &page);
    }
    let mut page = Box::new(page);
    let (data, len) = (page.as_mut_ptr(), page.len());
    let page = Box::into_raw(page);
    let mut result = ptr::null_mut();
    // SAFETY: env is live on this thread. The box is Node's, with its finalizer, unless the call is refused: see below.
    let status = unsafe {
        sys::napi_create_external_buffer(env, len, data.cast(), Some(give_back), page.cast(), &mut result)
    };
    if status == sys::Status::napi_no_external_buffers_allowed {
        // Where V8 keeps all its memory in a cage, as in Electron.
        // SAFETY: Node refuses before it takes anything over. (After other failures, which only a broken environment has, it may have called the finalizer: then it is left to leak.)
        let page = unsafe { Box::from_raw(page) };
        return raw::buffer(env, &page);
    }
    result
}

/// The finalizer: any thread may drop a page.
unsafe extern "C" fn give_back(_: napi_env, _: *mut c_void, page: *mut c_void) {
    // SAFETY: the box of `buffer`, given back once.
    let page = unsafe { Box::from_raw(page.cast::<Page>()) };
    // A panic would unwind into C.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(page)));
}
