//! Results that JavaScript gets without a copy: buffers over memory of ours, which comes back when they are collected.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use napi::sys::{self, napi_env, napi_value};

use crate::bytes::CodeUnits;
use crate::pages::{LEAST, Page};
use crate::raw;
use crate::typed::{Element, with_numbers};

/// A Buffer of the page's bytes. Small ones are copied: making an external one and having it collected costs 1 us, copying 64 KiB into fresh memory 6.
pub(crate) fn buffer(env: napi_env, page: Page) -> napi_value {
    let external = |data: *mut c_void, len, hint, result: &mut napi_value| {
        // SAFETY: see `hand_over`.
        unsafe { sys::napi_create_external_buffer(env, len, data, Some(give_back), hint, result) }
    };
    hand_over(page, external).unwrap_or_else(|page| raw::buffer(env, &page))
}

/// A typed array of the page's numbers.
pub(crate) fn typed_array(env: napi_env, element: Element, page: Page) -> napi_value {
    let count = page.len() / element.size();
    let external = |data: *mut c_void, len, hint, result: &mut napi_value| {
        // SAFETY: see `hand_over`.
        unsafe { sys::napi_create_external_arraybuffer(env, data, len, Some(give_back), hint, result) }
    };
    let buffer = hand_over(page, external).unwrap_or_else(|page| array_buffer(env, &page));
    let mut result = ptr::null_mut();
    // SAFETY: env is live on this thread. Without a buffer (the environment is ending) Node refuses.
    unsafe { sys::napi_create_typedarray(env, element as i32, count, buffer, 0, &mut result) };
    result
}

/// A string of the code units. Small ones are copied, and all where Node cannot take memory over. V8 counts the bytes as its own.
pub(crate) fn string(env: napi_env, units: CodeUnits) -> napi_value {
    let (count, one_byte) = (units.len() as isize, units.one_byte);
    let external = |data: *mut c_void, _, hint, result: &mut napi_value| {
        if !takes_strings(env) || (!one_byte && !data.cast::<u16>().is_aligned()) {
            return sys::Status::napi_no_external_buffers_allowed;
        }
        let mut copied = false;
        // SAFETY: see `hand_over`. Where V8 keeps all its memory in a cage Node copies, and has called the finalizer when it returns.
        // When an environment ends, its strings keep their memory until V8 drops them with the heap; the finalizer uses no environment.
        unsafe {
            if one_byte {
                napi_sys::node_api_create_external_string_latin1(
                    env,
                    data.cast(),
                    count,
                    Some(give_back),
                    hint,
                    result,
                    &mut copied,
                )
            } else {
                napi_sys::node_api_create_external_string_utf16(
                    env,
                    data.cast(),
                    count,
                    Some(give_back),
                    hint,
                    result,
                    &mut copied,
                )
            }
        }
    };
    hand_over(units.page, external).unwrap_or_else(|page| {
        if one_byte { raw::ascii(env, &page) } else { with_numbers(&page, |units| raw::text(env, units)) }
    })
}

/// Whether Node has the functions that take a string's memory over: since Node-API 10, and in Node 20 as experimental ones. Not on Windows: there the library may be unloaded with the worker that
/// loaded it, before V8 drops that worker's strings (build.rs keeps it on Linux, macOS keeps what has thread-local destructors).
fn takes_strings(env: napi_env) -> bool {
    static TAKES: OnceLock<bool> = OnceLock::new();
    *TAKES.get_or_init(|| {
        let (mut node_api, mut node) = (0, ptr::null());
        // SAFETY: env is live on this thread; Node's answer is a constant of the process, or the pointer stays null.
        unsafe {
            sys::napi_get_version(env, &mut node_api);
            sys::napi_get_node_version(env, &mut node);
            cfg!(not(windows)) && (node_api >= 10 || (!node.is_null() && (*node).major == 20))
        }
    })
}

/// Gives the page to Node, if it is large enough and Node takes it; else gives it back.
fn hand_over(
    page: Page,
    make: impl FnOnce(*mut c_void, usize, *mut c_void, &mut napi_value) -> sys::napi_status,
) -> Result<napi_value, Page> {
    if page.len() < LEAST {
        return Err(page);
    }
    let mut page = Box::new(page);
    let (data, len) = (page.as_mut_ptr(), page.len());
    let page = Box::into_raw(page);
    let mut result = ptr::null_mut();
    // The environment is live on this thread; the box is Node's now, with its finalizer, unless it refuses.
    if make(data.cast(), len, page.cast(), &mut result) == sys::Status::napi_no_external_buffers_allowed {
        // Where V8 keeps all its memory in a cage, as in Electron.
        // SAFETY: Node refuses before it takes anything over. (After other failures, which only a broken environment has, it may have called the finalizer: then it is left to leak.)
        return Err(*unsafe { Box::from_raw(page) });
    }
    Ok(result)
}

/// An ArrayBuffer with a copy of the bytes. Null (undefined) when the environment is ending.
fn array_buffer(env: napi_env, bytes: &[u8]) -> napi_value {
    let (mut data, mut result) = (ptr::null_mut::<c_void>(), ptr::null_mut());
    // SAFETY: env is live on this thread. What Node makes has room for the bytes, and nobody else knows it.
    unsafe {
        let status = sys::napi_create_arraybuffer(env, bytes.len(), &mut data, &mut result);
        if status == sys::Status::napi_ok && !bytes.is_empty() {
            ptr::copy_nonoverlapping(bytes.as_ptr(), data.cast(), bytes.len());
        }
    }
    result
}

/// The finalizer: any thread may drop a page.
unsafe extern "C" fn give_back<E>(_: *mut E, _: *mut c_void, page: *mut c_void) {
    // SAFETY: the box of `hand_over`, given back once.
    let page = unsafe { Box::from_raw(page.cast::<Page>()) };
    // A panic would unwind into C.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(page)));
}
