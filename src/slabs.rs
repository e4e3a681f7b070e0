//! Memory for small copied inputs: parts of larger pieces that are mapped from the system, and go back to it as a whole. Allocated one by one, 10,000 inputs of 32 KiB leave 320 MB with the allocator when they
//! are freed (measured, glibc).
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Deref;
use std::slice;
use std::sync::{Arc, Weak};

use memmap2::{MmapMut, MmapRaw};

use crate::pages;

/// Inputs below have an allocation of their own: 10,000 of them are 5 MB.
const LEAST: usize = 512;
/// Bytes of a slab. A part that stays long keeps its whole slab: see [`PINNED`].
const SLAB: usize = 512 * 1024;
/// Slabs that are used again, still warm, when all their parts are gone: 4 MiB for each event loop that submits anything.
const KEPT: usize = 8;
/// Slabs that live on though most of their parts are gone: a small task that waits long, among others that do not, keeps one each. With so many (32 MiB for each event loop) small inputs
/// have allocations of their own. Without the bound 500 waiting tasks of 600 bytes kept 280 MiB.
const PINNED: usize = 64;
/// New slabs, made or refused, between two looks at how many are pinned: a look costs 1 ns for each slab that lives.
const LOOK: usize = 32;

/// Bytes in a slab, which lives as long as any part of it.
pub(crate) struct Part {
    slab: Arc<Memory>,
    start: usize,
    len: usize,
}

/// Unmapped on a thread for that, not by whoever drops the last part: it takes 40 us.
struct Memory(Option<MmapRaw>);

impl Memory {
    fn start(&self) -> *mut u8 {
        self.0.as_ref().map_or(std::ptr::null_mut(), MmapRaw::as_mut_ptr)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(memory) = self.0.take() {
            pages::discard(memory);
        }
    }
}

impl Deref for Part {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `Slab::copy` has written these bytes before it made the part, and nobody writes them while the part lives: see there.
        unsafe { slice::from_raw_parts(self.slab.start().add(self.start), self.len) }
    }
}

/// A slab that is being filled.
struct Slab {
    memory: Arc<Memory>,
    used: usize,
    parts: usize,
}

impl Slab {
    fn new() -> Option<Self> {
        let memory = MmapMut::map_anon(SLAB).ok()?;
        Some(Self { memory: Arc::new(Memory(Some(memory.into()))), used: 0, parts: 0 })
    }

    fn copy(&mut self, bytes: &[u8]) -> Option<Part> {
        let (start, len) = (self.used, bytes.len());
        if len > SLAB - start {
            return None;
        }
        // SAFETY: in bounds. No part covers what is written: `used` only grows, and goes back to 0 only in `reset`, when there are no parts.
        unsafe { self.memory.start().add(start).copy_from_nonoverlapping(bytes.as_ptr(), len) };
        self.used += len;
        self.parts += 1;
        Some(Part { slab: self.memory.clone(), start, len })
    }

    /// Begins anew if all parts are gone.
    fn reset(&mut self) -> bool {
        // Exclusive access, not a count: it also orders what the last reader did before what is written next.
        let free = Arc::get_mut(&mut self.memory).is_some();
        if free {
            self.used = 0;
            self.parts = 0;
        }
        free
    }
}

/// A slab that is not filled any more.
struct Forgotten {
    memory: Weak<Memory>,
    parts: usize,
}

impl Forgotten {
    fn lives(&self) -> bool {
        self.memory.strong_count() > 0
    }

    /// Whether it lives on although more than three quarters of its parts are gone.
    fn is_pinned(&self) -> bool {
        self.lives() && self.memory.strong_count() * 4 < self.parts
    }
}

/// The slabs of an event loop.
#[derive(Default)]
struct Slabs {
    /// The last one is being filled.
    recent: VecDeque<Slab>,
    /// All that may live, full ones too: after a burst the few that wait may each be in another.
    forgotten: Vec<Forgotten>,
    until_look: usize,
    too_many_pinned: bool,
}

thread_local! {
    static SLABS: RefCell<Slabs> = RefCell::default();
}

/// A copy in a slab. `None`: slabs are not for inputs of this size, or the system has no memory for one.
pub(crate) fn copy(bytes: &[u8]) -> Option<Part> {
    (LEAST..pages::LEAST)
        .contains(&bytes.len())
        .then(|| SLABS.with_borrow_mut(|slabs| slabs.copy(bytes)))
        .flatten()
}

impl Slabs {
    fn copy(&mut self, bytes: &[u8]) -> Option<Part> {
        let part = self.recent.back_mut().and_then(|slab| slab.copy(bytes));
        part.or_else(|| self.begin()?.copy(bytes))
    }

    /// Begins with a slab whose parts are all gone, or with a new one.
    fn begin(&mut self) -> Option<&mut Slab> {
        let free = self.recent.iter_mut().position(Slab::reset);
        let slab = free.and_then(|index| self.recent.remove(index)).or_else(|| self.new_slab())?;
        self.recent.push_back(slab);
        // One that is forgotten goes with its last part.
        if self.recent.len() > KEPT
            && let Some(Slab { memory, parts, .. }) = self.recent.pop_front()
        {
            self.forgotten.push(Forgotten { memory: Arc::downgrade(&memory), parts });
        }
        self.recent.back_mut()
    }

    fn new_slab(&mut self) -> Option<Slab> {
        if self.forgotten.len() >= PINNED && self.until_look == 0 {
            self.until_look = LOOK;
            self.forgotten.retain(Forgotten::lives);
            self.too_many_pinned = self.forgotten.iter().filter(|slab| slab.is_pinned()).count() >= PINNED;
        }
        self.until_look = self.until_look.saturating_sub(1);
        (!self.too_many_pinned).then(Slab::new).flatten()
    }
}
