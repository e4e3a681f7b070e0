//! The buffer policy: how bytes of JavaScript become bytes of a task.
//!
//! A task never borrows: a buffer that JavaScript resizes, transfers or writes while another thread reads it is a crash or a wrong answer (both measured, with napi-rs's own `Buffer`).
//! So bytes are copied into recycled memory before the call returns, or were taken over by `lib/bytes.js`, which holds the only reference. Only synchronous callbacks borrow, for as long as no JavaScript can run.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use napi::sys::{self, napi_env, napi_value};
use sidelane_kernels::memory::NoMemory;

use crate::pages::Page;
use crate::raw::{Call, Thrown};
use crate::slabs::{self, Part};

/// A view of JavaScript's memory, valid until JavaScript runs again: a callback that holds one must not call into JavaScript.
#[derive(Clone, Copy)]
pub(crate) struct View {
    data: *const u8,
    len: usize,
    shared: bool,
}

/// The bytes of a task.
pub(crate) enum Input {
    /// Copied.
    Copied(Page),
    /// Copied, and small.
    Part(Part),
    /// Taken over from JavaScript.
    Taken(Taken),
}

/// Memory of an ArrayBuffer that nobody else can reach: `lib/task.js` holds it until the task has ended, and an isolate that ends waits for its running tasks before its heap goes.
pub(crate) struct Taken {
    data: *const u8,
    len: usize,
}

// SAFETY: nobody else reads or writes that memory (see `Taken`), which stays in place while the ArrayBuffer lives: V8 moves objects, never backing stores.
unsafe impl Send for Taken {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Taken {}

impl Taken {
    #[cfg(target_os = "linux")]
    fn give_back(self) -> bool {
        use rustix::mm::{Advice, madvise};
        let page = rustix::param::page_size();
        let head = self.data.align_offset(page).min(self.len);
        let len = (self.len - head) / page * page;
        // SAFETY: whole pages of memory that nobody else reads or writes (see `Taken`), and which this takes the only pointer to.
        len > 0
            && unsafe { madvise(self.data.add(head).cast_mut().cast(), len, Advice::LinuxDontNeed) }.is_ok()
    }

    #[cfg(not(target_os = "linux"))]
    fn give_back(self) -> bool {
        false
    }
}

impl Deref for Input {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Copied(page) => page,
            Self::Part(part) => part,
            // SAFETY: see `Taken`. A view of length 0 may have a null pointer, which a slice may not.
            Self::Taken(taken) if taken.len > 0 => unsafe { slice::from_raw_parts(taken.data, taken.len) },
            Self::Taken(_) => &[],
        }
    }
}

impl Input {
    /// The bytes, for as long as they are wanted: what was taken over is JavaScript's to free when the task has ended, and a part keeps its slab.
    pub(crate) fn into_page(self) -> Result<Page, NoMemory> {
        if let Self::Copied(page) = self { Ok(page) } else { Page::copy_of(&self) }
    }

    /// Gives the system back what was taken over, as far as it can: from here on the bytes are anything. What is left for JavaScript is to free memory without pages, which takes 30 us for 60 MB
    /// instead of 5 ms. `false`: it was not taken over, or nothing was done.
    pub(crate) fn give_back(self) -> bool {
        match self {
            Self::Taken(taken) => taken.give_back(),
            Self::Copied(_) | Self::Part(_) => false,
        }
    }

    /// The bytes, for work that may write to them: nobody else has them any more.
    pub(crate) fn as_mut(&mut self) -> Result<&mut [u8], NoMemory> {
        if let Self::Part(part) = self {
            // Others have the rest of its slab.
            *self = Self::Copied(Page::copy_of(part)?);
        }
        Ok(match self {
            Self::Copied(page) => page.as_mut(),
            // SAFETY: see `Taken`; and no other slice of it lives beside this one.
            Self::Taken(taken) if taken.len > 0 => unsafe {
                slice::from_raw_parts_mut(taken.data.cast_mut(), taken.len)
            },
            Self::Part(_) | Self::Taken(_) => &mut [],
        })
    }
}

impl View {
    /// The view at argument `index`: any typed array or Buffer. `lib/bytes.js` has made one of everything else.
    pub(crate) fn of(call: &Call<'_>, index: usize) -> Result<Self, Thrown> {
        Self::from_value(call.env(), call.arg(index))
    }

    pub(crate) fn from_value(env: napi_env, value: napi_value) -> Result<Self, Thrown> {
        let (mut kind, mut length, mut data, mut buffer, mut offset) =
            (0, 0, ptr::null_mut(), ptr::null_mut(), 0);
        // SAFETY: out-parameters of the right types; a value that is no typed array is an error status.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                env,
                value,
                &mut kind,
                &mut length,
                &mut data,
                &mut buffer,
                &mut offset,
            )
        };
        if status != sys::Status::napi_ok {
            return Err(Thrown::internal("expected a typed array"));
        }
        let mut plain = false;
        // SAFETY: the handle was just filled. False for a SharedArrayBuffer.
        unsafe { sys::napi_is_arraybuffer(env, buffer, &mut plain) };
        Ok(Self { data: data.cast(), len: length * element_size(kind), shared: !plain })
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes themselves, without a copy, or `None` if other threads can write them.
    ///
    /// # Safety
    ///
    /// No JavaScript may run while the slice lives: it could detach or resize the buffer.
    pub(crate) unsafe fn borrow<'v>(&self) -> Option<&'v [u8]> {
        match (self.shared, self.len) {
            (true, _) => None,
            (false, 0) => Some(&[]),
            // SAFETY: the caller promises that JavaScript does not run; V8 guarantees pointer and length until then.
            (false, len) => Some(unsafe { slice::from_raw_parts(self.data, len) }),
        }
    }

    /// Calls `with` with the bytes: borrowed, or a snapshot of shared memory.
    ///
    /// # Panics
    ///
    /// If there is no memory for that.
    pub(crate) fn read<T>(&self, with: impl FnOnce(&[u8]) -> T) -> T {
        // SAFETY: `with` gets no environment, so it cannot run JavaScript.
        match unsafe { self.borrow() } {
            Some(bytes) => with(bytes),
            None => with(&self.copy().expect("memory for a snapshot")),
        }
    }

    /// A copy in recycled memory.
    pub(crate) fn copy(&self) -> Result<Page, NoMemory> {
        // SAFETY: JavaScript does not run during the copy.
        match unsafe { self.borrow() } {
            Some(bytes) => Page::copy_of(bytes),
            None => self.snapshot(),
        }
    }

    /// The task's bytes: a copy, or the memory itself where `lib/bytes.js` has taken the buffer over. A task for whose copy there is no memory fails when it runs.
    pub(crate) fn capture(&self, taken: bool) -> Result<Input, NoMemory> {
        if taken && !self.shared {
            return Ok(Input::Taken(Taken { data: self.data, len: self.len }));
        }
        // SAFETY: JavaScript does not run during the copy.
        let part = unsafe { self.borrow() }.and_then(slabs::copy);
        part.map_or_else(|| self.copy().map(Input::Copied), |part| Ok(Input::Part(part)))
    }

    /// Copies memory that other threads may be writing: word by word through atomics, since a plain read of it would be a data race. What is read twice may differ, what is copied does not change any more.
    fn snapshot(&self) -> Result<Page, NoMemory> {
        let mut page = Page::with_capacity(self.len)?;
        let head = self.data.align_offset(8).min(self.len);
        let words = (self.len - head) / 8;
        page.append(|room| {
            let (first, rest) = room[..self.len].split_at_mut(head);
            let (middle, last) = rest.split_at_mut(words * 8);
            // SAFETY: [data, data + len) is the view's memory, alive during the call. The atomics are in bounds and aligned: `head` bytes lead to the first word boundary.
            unsafe {
                first.iter_mut().enumerate().for_each(|(at, byte)| *byte = load_byte(self.data.add(at)));
                for (word, bytes) in middle.as_chunks_mut().0.iter_mut().enumerate() {
                    let at = self.data.add(head + word * 8).cast_mut().cast::<u64>();
                    *bytes = AtomicU64::from_ptr(at).load(Ordering::Relaxed).to_ne_bytes();
                }
                let tail = self.data.add(head + words * 8);
                last.iter_mut().enumerate().for_each(|(at, byte)| *byte = load_byte(tail.add(at)));
            }
            Some(self.len)
        });
        Ok(page)
    }
}

/// # Safety
///
/// `at` must be readable.
unsafe fn load_byte(at: *const u8) -> u8 {
    // SAFETY: promised by the caller.
    unsafe { std::sync::atomic::AtomicU8::from_ptr(at.cast_mut()).load(Ordering::Relaxed) }
}

/// Bytes per element of a typed array (napi_typedarray_type; 11 is Float16Array, of Node-API 11).
fn element_size(kind: sys::napi_typedarray_type) -> usize {
    match kind {
        sys::TypedarrayType::int8_array
        | sys::TypedarrayType::uint8_array
        | sys::TypedarrayType::uint8_clamped_array => 1,
        sys::TypedarrayType::int16_array | sys::TypedarrayType::uint16_array => 2,
        sys::TypedarrayType::int32_array
        | sys::TypedarrayType::uint32_array
        | sys::TypedarrayType::float32_array => 4,
        sys::TypedarrayType::float64_array
        | sys::TypedarrayType::bigint64_array
        | sys::TypedarrayType::biguint64_array => 8,
        _ => 2,
    }
}

/// A string of JavaScript, valid until the callback returns.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    env: napi_env,
    value: napi_value,
    len: usize,
    one_byte: bool,
}

/// Code units of a string in memory of ours.
pub(crate) struct CodeUnits {
    /// One byte each, or two.
    pub(crate) page: Page,
    pub(crate) one_byte: bool,
}

impl CodeUnits {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        if self.one_byte { self.page.len() } else { self.page.len() / 2 }
    }
}

impl Text {
    /// The string at argument `index`.
    pub(crate) fn of(call: &Call<'_>, index: usize) -> Result<Self, Thrown> {
        let (env, value, mut len) = (call.env(), call.arg(index), 0);
        // SAFETY: with no buffer, Node writes the length only; what is no string is an error status.
        let status = unsafe { sys::napi_get_value_string_utf16(env, value, ptr::null_mut(), 0, &mut len) };
        if status == sys::Status::napi_ok {
            Ok(Self { env, value, len, one_byte: false })
        } else {
            Err(Thrown::internal("expected a string"))
        }
    }

    /// Code units.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Says that V8 keeps it as Latin-1, a byte a unit: what is wider would be cut.
    pub(crate) fn as_one_byte(self, one_byte: bool) -> Self {
        Self { one_byte, ..self }
    }

    /// A copy of its code units: of Latin-1 where V8 keeps it as such, which is half of the memory to write, else of UTF-16.
    pub(crate) fn code_units(&self) -> Option<CodeUnits> {
        let page = if self.one_byte { self.copy_latin1() } else { self.copy() }?;
        Some(CodeUnits { page, one_byte: self.one_byte })
    }

    fn copy_latin1(&self) -> Option<Page> {
        // And the zero that Node writes behind it.
        let mut page = Page::with_capacity(self.len + 1).ok()?;
        let copied = page.append(|room| {
            let mut written = 0;
            // SAFETY: Node writes at most `room.len()` bytes, a zero included, and says in `written` how many come before that.
            let status = unsafe {
                sys::napi_get_value_string_latin1(
                    self.env,
                    self.value,
                    room.as_mut_ptr().cast(),
                    room.len(),
                    &mut written,
                )
            };
            (status == sys::Status::napi_ok && written == self.len).then_some(written)
        });
        copied.then_some(page)
    }

    /// A copy of its UTF-16, two bytes a code unit: 72 us a million of them, also where each would fit a byte. `None`: Node refuses.
    pub(crate) fn copy(&self) -> Option<Page> {
        // And the zero that Node writes behind it.
        let room_len = (self.len + 1) * 2;
        let mut page = Page::with_capacity(room_len).ok()?;
        let copied = page.append(|room| {
            if let Ok(units) = bytemuck::try_cast_slice_mut::<u8, u16>(room.get_mut(..room_len)?) {
                return Some(self.write(units)? * 2);
            }
            let mut units = vec![0_u16; self.len + 1];
            let written = self.write(&mut units)?;
            room.get_mut(..written * 2)?.copy_from_slice(bytemuck::cast_slice(&units[..written]));
            Some(written * 2)
        });
        copied.then_some(page)
    }

    fn write(&self, units: &mut [u16]) -> Option<usize> {
        let mut written = 0;
        // SAFETY: Node writes at most `units.len()` units, a zero included, and says in `written` how many come before that.
        let status = unsafe {
            sys::napi_get_value_string_utf16(
                self.env,
                self.value,
                units.as_mut_ptr(),
                units.len(),
                &mut written,
            )
        };
        (status == sys::Status::napi_ok && written == self.len).then_some(written)
    }
}

/// Code units that [`push_utf8`] reads at once.
const SHORT: usize = 512;

/// Appends a string's UTF-8 to the page's spare room; lone surrogates become U+FFFD. `false`: no string, or no room for it and a zero.
pub(crate) fn push_utf8(page: &mut Page, env: napi_env, value: napi_value) -> bool {
    page.append(|room| push_ascii(room, env, value).or_else(|| push_any(room, env, value)))
}

/// The fast way: code units are had in 20 ns, their UTF-8 in 45 (64 of them). `None`: not all are ASCII, or there are too many.
fn push_ascii(room: &mut [u8], env: napi_env, value: napi_value) -> Option<usize> {
    let mut units = [const { MaybeUninit::<u16>::uninit() }; SHORT];
    let mut count = 0;
    // SAFETY: Node writes at most SHORT units, a zero included, and says in `count` how many come before that.
    let units = unsafe {
        let status =
            sys::napi_get_value_string_utf16(env, value, units.as_mut_ptr().cast(), SHORT, &mut count);
        if status != sys::Status::napi_ok || count + 1 >= SHORT {
            return None;
        }
        slice::from_raw_parts(units.as_ptr().cast::<u16>(), count)
    };
    let room = room.get_mut(..count)?;
    let mut all = 0;
    for (byte, unit) in room.iter_mut().zip(units) {
        all |= unit;
        *byte = *unit as u8;
    }
    (all < 0x80).then_some(count)
}

fn push_any(room: &mut [u8], env: napi_env, value: napi_value) -> Option<usize> {
    let mut written = 0;
    // SAFETY: Node writes at most `room.len()` bytes, a zero included, and says in `written` how many come before that.
    let status = unsafe {
        sys::napi_get_value_string_utf8(env, value, room.as_mut_ptr().cast(), room.len(), &mut written)
    };
    (status == sys::Status::napi_ok).then_some(written)
}

/// Memory that JavaScript and the binding share for small numbers: written by one, read by the other, on the same thread.
pub(crate) struct Board {
    data: *mut f64,
    len: usize,
}

impl Board {
    /// The Float64Array `value`, which JavaScript must keep alive and attached as long as the isolate lives.
    pub(crate) fn new(env: napi_env, value: napi_value) -> Result<Self, Thrown> {
        let view = View::from_value(env, value)?;
        Ok(Self { data: view.data.cast_mut().cast(), len: view.len / 8 })
    }

    pub(crate) fn set(&self, index: usize, value: f64) {
        assert!(index < self.len, "the board has {} cells", self.len);
        // SAFETY: in bounds; the memory lives as long as the isolate (see `new`) and only its thread uses it.
        unsafe { self.data.add(index).write(value) };
    }
}

/// Numbers of a search, and the offsets of its match on their way to JavaScript: an Int32Array that both sides know.
pub(crate) struct Offsets {
    data: *mut i32,
    len: usize,
}

impl Offsets {
    /// The Int32Array `value`, which JavaScript must keep alive and attached as long as this is in use.
    pub(crate) fn new(env: napi_env, value: napi_value) -> Result<Self, Thrown> {
        let view = View::from_value(env, value)?;
        Ok(Self { data: view.data.cast_mut().cast(), len: view.len / 4 })
    }

    /// The first numbers.
    pub(crate) fn read<const N: usize>(&self) -> [i32; N] {
        assert!(N <= self.len, "there are {} numbers", self.len);
        // SAFETY: in bounds; as in `write`. Every bit pattern is a number.
        std::array::from_fn(|index| unsafe { self.data.add(index).read() })
    }

    /// Writes the first offsets; `usize::MAX`, a group that took no part, becomes -1.
    pub(crate) fn write(&self, slots: &[usize]) {
        assert!(slots.len() <= self.len, "there is room for {} offsets", self.len);
        for (index, slot) in slots.iter().enumerate() {
            // SAFETY: in bounds; the memory lives as long as JavaScript keeps it (see `new`), and only this thread uses it.
            unsafe { self.data.add(index).write(*slot as i32) };
        }
    }
}
