//! The hot path's door to Node-API: raw callbacks over one pointer of per-isolate state.
//!
//! Why not `#[napi]` here: a napi-rs class method with a string argument costs about 400 ns, a raw callback with the work included about 105 ns. Everything that is not called once per
//! task uses napi-derive. All `unsafe` of the binding is here, in `bytes.rs` (buffers), `slabs.rs` (their memory), `external.rs` (results), `async_work.rs` (libuv's pool) and `settle.rs` (the way back).
#![allow(unsafe_code)]

use std::ffi::{CString, c_void};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::sys::{self, napi_callback_info, napi_env, napi_value};
use sidelane_kernels::memory::NoMemory;

use crate::bytes::View;
use crate::guard;
use crate::isolate::Isolate;
use crate::outcome::Failure;
use crate::settle;

/// The most arguments that a raw callback takes.
const MAX_ARGS: usize = 10;

/// Code units of a string that [`Call::with_short_text`] takes.
pub(crate) const SHORT: usize = 1024;
/// A code unit is at most three bytes of UTF-8; and a terminating zero.
const SHORT_BYTES: usize = SHORT * 3 + 1;

/// What `async_hooks` calls our resources.
pub(crate) const RESOURCE: &[u8] = b"sidelane";

/// What a raw callback answers with when it has nothing to say: JavaScript sees `undefined`.
pub(crate) const UNDEFINED: napi_value = ptr::null_mut();

/// A call from JavaScript to a raw callback. Its handles live until the callback returns.
pub(crate) struct Call<'c> {
    pub(crate) isolate: &'c Isolate,
    env: napi_env,
    info: napi_callback_info,
    args: [napi_value; MAX_ARGS],
}

/// A string's code units, in the smaller form that holds them.
#[derive(Clone, Copy)]
pub(crate) enum Units<'u> {
    /// Each fits a byte: U+0000 to U+00FF.
    One(&'u [u8]),
    Two(&'u [u16]),
}

/// The code of a bug of ours.
const INTERNAL: &str = "ERR_INTERNAL";

/// An exception to be thrown.
pub(crate) struct Thrown {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl From<NoMemory> for Thrown {
    fn from(refused: NoMemory) -> Self {
        Failure::from(refused).into_thrown()
    }
}

impl Thrown {
    /// For arguments that `lib/` must have refused: reaching it is a bug of ours, not of the caller's.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { code: INTERNAL, message: message.into() }
    }
}

/// A function that JavaScript can call.
pub(crate) trait Callback {
    const NAME: &'static str;
    /// Arguments that are read, at most [`MAX_ARGS`]. Node fills those that were not passed, which takes a nanosecond or two each.
    const ARGS: usize = MAX_ARGS;
    fn call(call: &Call<'_>) -> Result<napi_value, Thrown>;
}

/// Defines the callback as a property of `target`.
pub(crate) fn define<C: Callback>(
    env: napi_env,
    target: napi_value,
    isolate: *const Isolate,
) -> napi::Result<()> {
    define_function(env, target, isolate, C::NAME, enter::<C>)
}

/// As [`define`], for what is called in loops and does next to nothing: 1 kB more, 25 ns less.
pub(crate) fn define_short<C: Callback>(
    env: napi_env,
    target: napi_value,
    isolate: *const Isolate,
) -> napi::Result<()> {
    define_function(env, target, isolate, C::NAME, enter_short::<C>)
}

fn define_function(
    env: napi_env,
    target: napi_value,
    isolate: *const Isolate,
    name: &str,
    enter: unsafe extern "C" fn(napi_env, napi_callback_info) -> napi_value,
) -> napi::Result<()> {
    let name = CString::new(name)?;
    let mut function = ptr::null_mut();
    // SAFETY: env and target are live in this call. The isolate outlives every JavaScript call of its environment: it is freed by the environment's cleanup hook.
    unsafe {
        let data = isolate.cast_mut().cast::<c_void>();
        napi::check_status!(sys::napi_create_function(
            env,
            name.as_ptr(),
            -1,
            Some(enter),
            data,
            &mut function
        ))?;
        napi::check_status!(sys::napi_set_named_property(env, target, name.as_ptr(), function))
    }
}

unsafe extern "C" fn enter<C: Callback>(env: napi_env, info: napi_callback_info) -> napi_value {
    // SAFETY: passed on as they came.
    unsafe { run_shared(env, info, C::NAME, args_of::<C>(), C::call) }
}

unsafe extern "C" fn enter_short<C: Callback>(env: napi_env, info: napi_callback_info) -> napi_value {
    // SAFETY: passed on as they came.
    unsafe { run(env, info, C::NAME, args_of::<C>(), C::call) }
}

const fn args_of<C: Callback>() -> usize {
    const {
        assert!(C::ARGS <= MAX_ARGS, "there is no room for them");
        C::ARGS
    }
}

type Body = fn(&Call<'_>) -> Result<napi_value, Thrown>;

/// [`run`], compiled once: it takes 1 kB.
///
/// # Safety
///
/// As for [`run`].
#[inline(never)]
unsafe fn run_shared(
    env: napi_env,
    info: napi_callback_info,
    name: &str,
    count: usize,
    body: Body,
) -> napi_value {
    // SAFETY: promised by the caller.
    unsafe { run(env, info, name, count, body) }
}

/// What all callbacks share.
///
/// # Safety
///
/// `env` and `info` are those that Node passed to a function of [`define_function`], and `count` is at most [`MAX_ARGS`].
#[inline(always)]
unsafe fn run(
    env: napi_env,
    info: napi_callback_info,
    name: &str,
    mut count: usize,
    body: Body,
) -> napi_value {
    let mut args = [ptr::null_mut(); MAX_ARGS];
    let mut data = ptr::null_mut();
    // SAFETY: Node passes a live env and info; args has room for `count` values, and Node fills those that were not passed with undefined. data is the isolate given to `define`.
    let isolate = unsafe {
        sys::napi_get_cb_info(env, info, &mut count, args.as_mut_ptr(), ptr::null_mut(), &mut data);
        &*data.cast::<Isolate>()
    };
    let call = Call { isolate, env, info, args };
    // A panic that unwound into C would abort the process.
    match catch_unwind(AssertUnwindSafe(|| body(&call))) {
        Ok(Ok(value)) => value,
        Ok(Err(thrown)) => call.throw(name, &thrown),
        Err(panic) => call.throw(name, &Thrown::internal(guard::describe(name, &*panic))),
    }
}

impl Call<'_> {
    pub(crate) fn env(&self) -> napi_env {
        self.env
    }

    /// All arguments, for callbacks with more than [`MAX_ARGS`]: at most `N`.
    pub(crate) fn all_args<const N: usize>(&self) -> ([napi_value; N], usize) {
        let mut args = [ptr::null_mut(); N];
        let mut count = N;
        // SAFETY: info is live until the callback returns; Node fills `N` values and says how many were passed.
        unsafe {
            sys::napi_get_cb_info(
                self.env,
                self.info,
                &mut count,
                args.as_mut_ptr(),
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        (args, count.min(N))
    }

    pub(crate) fn arg(&self, index: usize) -> napi_value {
        self.args[index]
    }

    /// A number as JavaScript's ToUint32 would have it; 0 for what is none.
    pub(crate) fn u32(&self, index: usize) -> u32 {
        let mut value = 0;
        // SAFETY: the handle is live until the callback returns. A failure leaves the 0.
        unsafe { sys::napi_get_value_uint32(self.env, self.args[index], &mut value) };
        value
    }

    pub(crate) fn f64(&self, index: usize) -> f64 {
        let mut value = 0.0;
        // SAFETY: as in `u32`.
        unsafe { sys::napi_get_value_double(self.env, self.args[index], &mut value) };
        value
    }

    pub(crate) fn int(&self, value: i32) -> napi_value {
        let mut result = ptr::null_mut();
        // SAFETY: env is live; a failure leaves null, which is undefined.
        unsafe { sys::napi_create_int32(self.env, value, &mut result) };
        result
    }

    pub(crate) fn double(&self, value: f64) -> napi_value {
        double(self.env, value)
    }

    /// A string from bytes that are ASCII.
    pub(crate) fn ascii(&self, text: &[u8]) -> napi_value {
        ascii(self.env, text)
    }

    /// A Buffer with a copy of the bytes. Copied, since an external buffer's finalizer costs about 1 us, more than copying 4 KiB.
    pub(crate) fn buffer(&self, bytes: &[u8]) -> napi_value {
        buffer(self.env, bytes)
    }

    pub(crate) fn bool(&self, index: usize) -> bool {
        let mut value = false;
        // SAFETY: as in `u32`.
        unsafe { sys::napi_get_value_bool(self.env, self.args[index], &mut value) };
        value
    }

    /// Calls `with` with the UTF-8 of a string of at most [`SHORT`] code units, on the stack; lone surrogates are U+FFFD.
    pub(crate) fn with_short_text<T>(
        &self,
        index: usize,
        with: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Thrown> {
        // Not zeroed: that would take longer (40 ns) than converting a short string.
        let mut scratch = [const { MaybeUninit::<u8>::uninit() }; SHORT_BYTES];
        let mut written = 0;
        // SAFETY: Node writes at most SHORT_BYTES bytes, and says how many, without the zero, in `written`.
        let text = unsafe {
            let start = scratch.as_mut_ptr().cast();
            let status =
                sys::napi_get_value_string_utf8(self.env, self.args[index], start, SHORT_BYTES, &mut written);
            if status != sys::Status::napi_ok {
                return Err(Thrown::internal("expected a string"));
            }
            std::slice::from_raw_parts(scratch.as_ptr().cast::<u8>(), written)
        };
        Ok(with(text))
    }

    /// Calls `with` with the code units of a string that has at most [`SHORT`], on the stack: one byte each if all fit.
    ///
    /// None, and no call, for a longer one.
    pub(crate) fn with_short_units<T>(&self, index: usize, with: impl FnOnce(Units<'_>) -> T) -> Option<T> {
        // Not zeroed, as above. Two more than SHORT: a unit that shows that the string is longer, and the terminating zero.
        let mut wide = [const { MaybeUninit::<u16>::uninit() }; SHORT + 2];
        let mut narrow = [const { MaybeUninit::<u8>::uninit() }; SHORT];
        let mut written = 0;
        // SAFETY: Node writes at most SHORT + 2 units, the zero included, and says how many precede it.
        let wide = unsafe {
            let start = wide.as_mut_ptr().cast();
            let status =
                sys::napi_get_value_string_utf16(self.env, self.args[index], start, SHORT + 2, &mut written);
            if status != sys::Status::napi_ok || written > SHORT {
                return None;
            }
            std::slice::from_raw_parts(wide.as_ptr().cast::<u16>(), written)
        };
        let mut all = 0;
        for (to, unit) in narrow.iter_mut().zip(wide) {
            all |= *unit;
            to.write(*unit as u8);
        }
        if all > 0xFF {
            return Some(with(Units::Two(wide)));
        }
        // SAFETY: the loop has written the first `written` bytes.
        Some(with(Units::One(unsafe { std::slice::from_raw_parts(narrow.as_ptr().cast::<u8>(), written) })))
    }

    /// The code units of a string.
    ///
    /// # Errors
    ///
    /// If there is no memory for them, or no string.
    pub(crate) fn units(&self, index: usize) -> Result<Vec<u16>, Thrown> {
        let mut length = 0;
        // SAFETY: with no buffer, Node writes the length only.
        let status = unsafe {
            sys::napi_get_value_string_utf16(self.env, self.args[index], ptr::null_mut(), 0, &mut length)
        };
        if status != sys::Status::napi_ok {
            return Err(Thrown::internal("expected a string"));
        }
        let mut units = Vec::<u16>::new();
        if units.try_reserve_exact(length + 1).is_err() {
            let message = format!("No memory for a copy of a string of {length} code units");
            return Err(Thrown { code: "ERR_TOO_LARGE", message });
        }
        // SAFETY: there is room for the units and the terminating zero, and Node says how many units it wrote.
        unsafe {
            let mut written = 0;
            sys::napi_get_value_string_utf16(
                self.env,
                self.args[index],
                units.as_mut_ptr(),
                length + 1,
                &mut written,
            );
            units.set_len(written);
        }
        Ok(units)
    }

    /// A string of code units.
    pub(crate) fn text(&self, units: &[u16]) -> napi_value {
        text(self.env, units)
    }

    /// A copy of the bytes of a typed array; none for what is no typed array.
    pub(crate) fn optional_bytes(&self, index: usize) -> Result<Option<Vec<u8>>, Thrown> {
        let mut is_typed = false;
        // SAFETY: as in `u32`.
        unsafe { sys::napi_is_typedarray(self.env, self.args[index], &mut is_typed) };
        if !is_typed {
            return Ok(None);
        }
        Ok(Some(View::of(self, index)?.read(<[u8]>::to_vec)))
    }

    fn throw(&self, name: &str, thrown: &Thrown) -> napi_value {
        if thrown.code == INTERNAL
            && let Some(error) = settle::internal_error(self.isolate, name, &thrown.message)
        {
            // SAFETY: env is live on this thread, and the value was made in this call.
            unsafe { sys::napi_throw(self.env, error) };
            return UNDEFINED;
        }
        // Interior zeros cannot occur in our own texts; a panic's message could have them.
        let message = CString::new(thrown.message.replace('\0', " ")).unwrap_or_default();
        let code = CString::new(thrown.code).unwrap_or_default();
        // SAFETY: both strings live until the call returns.
        unsafe { sys::napi_throw_error(self.env, code.as_ptr(), message.as_ptr()) };
        UNDEFINED
    }
}

/// A number. Null (undefined) when the environment is ending.
pub(crate) fn double(env: napi_env, value: f64) -> napi_value {
    let mut result = ptr::null_mut();
    // SAFETY: env is live on this thread.
    unsafe { sys::napi_create_double(env, value, &mut result) };
    result
}

/// A string of code units. Null (undefined) when the environment is ending.
pub(crate) fn text(env: napi_env, units: &[u16]) -> napi_value {
    let mut result = ptr::null_mut();
    // SAFETY: the pointer is valid for the length; env is live on this thread.
    unsafe { sys::napi_create_string_utf16(env, units.as_ptr(), units.len() as isize, &mut result) };
    result
}

/// A string from bytes that are ASCII, or Latin-1. Null (undefined) when the environment is ending.
pub(crate) fn ascii(env: napi_env, text: &[u8]) -> napi_value {
    let mut result = ptr::null_mut();
    // SAFETY: the pointer is valid for the length; env is live on this thread.
    unsafe { sys::napi_create_string_latin1(env, text.as_ptr().cast(), text.len() as isize, &mut result) };
    result
}

/// A Buffer with a copy of the bytes. Null (undefined) when the environment is ending.
pub(crate) fn buffer(env: napi_env, bytes: &[u8]) -> napi_value {
    let mut result = ptr::null_mut();
    let mut data = ptr::null_mut();
    // SAFETY: as in `ascii`; Node copies the bytes.
    unsafe { sys::napi_create_buffer_copy(env, bytes.len(), bytes.as_ptr().cast(), &mut data, &mut result) };
    result
}

/// Tells V8 of memory that objects of its own keep: it collects them the sooner.
pub(crate) fn adjust_external_memory(env: napi_env, change: i64) {
    let mut total = 0;
    // SAFETY: env is live on this thread.
    unsafe { sys::napi_adjust_external_memory(env, change, &mut total) };
}

/// A reference that keeps `value` alive until the environment ends.
pub(crate) fn reference(env: napi_env, value: napi_value) -> napi::Result<sys::napi_ref> {
    let mut reference = ptr::null_mut();
    // SAFETY: a live handle of this environment.
    napi::check_status!(unsafe { sys::napi_create_reference(env, value, 1, &mut reference) })?;
    Ok(reference)
}

/// The isolate behind the pointer that its environment's cleanup hook was given.
pub(crate) fn reclaim(isolate: *mut Isolate) -> Box<Isolate> {
    // SAFETY: made by Box::into_raw in `attach`, and the hook runs once. No JavaScript of the environment runs any more, so no callback uses it.
    unsafe { Box::from_raw(isolate) }
}

/// An array of the values.
pub(crate) fn array(env: napi_env, values: impl ExactSizeIterator<Item = napi_value>) -> napi_value {
    let mut array = ptr::null_mut();
    // SAFETY: env is live on this thread; null elements (an environment that is ending) are refused by Node.
    unsafe {
        sys::napi_create_array_with_length(env, values.len(), &mut array);
        for (index, value) in values.enumerate() {
            sys::napi_set_element(env, array, index as u32, value);
        }
    }
    array
}

/// An Int32Array with a copy of the numbers. Null (undefined) when the environment is ending.
pub(crate) fn int32_array(env: napi_env, numbers: &[i32]) -> napi_value {
    let mut buffer = ptr::null_mut();
    let mut data = ptr::null_mut();
    let mut result = ptr::null_mut();
    // SAFETY: env is live on this thread; Node makes a buffer of the size asked for, aligned for every element type, or says that it did not.
    unsafe {
        let status = sys::napi_create_arraybuffer(env, size_of_val(numbers), &mut data, &mut buffer);
        if status != sys::Status::napi_ok {
            return UNDEFINED;
        }
        if !numbers.is_empty() {
            ptr::copy_nonoverlapping(numbers.as_ptr(), data.cast(), numbers.len());
        }
        sys::napi_create_typedarray(
            env,
            sys::TypedarrayType::int32_array,
            numbers.len(),
            buffer,
            0,
            &mut result,
        );
    }
    result
}
