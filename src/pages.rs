//! Recycled memory for large copied inputs. A fresh 16 MiB costs 4,096 page faults (about 0.6 ms a MiB); recycled ones are a plain memcpy (0.1 ms a MiB).
//!
//! Mapped from the system and not allocated: glibc keeps what is freed below an allocation that lives on. After 10,000 inputs of 200 KB it kept 1.7 GB, mapped ones leave nothing (measured).

use std::ops::Deref;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use memmap2::{MmapMut, MmapOptions, MmapRaw};
use sidelane_kernels::memory::{NoMemory, filled};

/// From here on memory is mapped. Below, only what does not fit a [slab](crate::slabs) comes here: tiny inputs, and some whose size is not known before.
pub(crate) const LEAST: usize = 64 * 1024;
/// Bytes kept for later, in the whole process. Enough for two 16 MiB uploads on their way; what exceeds it goes back to the system.
const KEPT: usize = 32 << 20;
/// Bytes that may wait for the [cleaner](clean): waking it costs 5 us, which aborting 10,000 tasks should not pay for each.
const LEFT: usize = 4 << 20;
/// Bytes of a huge page, which the system is asked for from half of one on. It takes one fault and one entry of the processor's table of addresses where small ones take 512: to copy a string of a megabyte takes 54 us
/// then and not 85, of two 104 and not 162 (recycled memory, after a collection).
const HUGE: usize = 2 << 20;

/// Owned bytes that can be added to, up to a capacity.
pub(crate) struct Page {
    memory: Memory,
    len: usize,
}

enum Memory {
    Allocated(Vec<u8>),
    Mapped(Mapping),
}

/// Memory of the system's.
struct Mapping {
    whole: MmapMut,
    /// Where it begins to be used: at the boundary of a huge page. What is before and behind is never touched, so it is none.
    start: usize,
    len: usize,
}

impl Page {
    /// Empty, with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Result<Self, NoMemory> {
        match Self::mapped(capacity) {
            Some(page) => Ok(page),
            None => Ok(Self { memory: Memory::Allocated(filled(0, capacity)?), len: 0 }),
        }
    }

    fn mapped(capacity: usize) -> Option<Self> {
        let memory = (capacity >= LEAST).then(|| recycled_or_mapped(capacity)).flatten()?;
        Some(Self { memory: Memory::Mapped(memory), len: 0 })
    }

    /// Of `len` bytes, all written by `fill`: what they were before is anything.
    ///
    /// # Errors
    ///
    /// Those of `fill`; [`NoMemory`].
    pub(crate) fn filled<E: From<NoMemory>>(
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut page = Self::with_capacity(len)?;
        fill(&mut page.memory_mut()[..len])?;
        page.len = len;
        Ok(page)
    }

    pub(crate) fn copy_of(bytes: &[u8]) -> Result<Self, NoMemory> {
        let mut page = Self::with_capacity(bytes.len())?;
        page.extend(bytes);
        Ok(page)
    }

    /// Has `write` fill the room that is left, from its beginning; it says how many bytes it has written. `false`: it has refused.
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> bool {
        let len = self.len;
        let room = self.memory_mut().get_mut(len..).unwrap_or_default();
        let most = room.len();
        let Some(written) = write(room) else { return false };
        self.len += written.min(most);
        true
    }

    /// Adds the bytes; there must be room for them.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let (start, end) = (self.len, self.len + bytes.len());
        self.memory_mut()[start..end].copy_from_slice(bytes);
        self.len = end;
    }

    /// Makes room for `more` bytes. It is doubled, for those that come after, but not beyond `most` in all.
    pub(crate) fn reserve(&mut self, more: usize, most: usize) -> Result<(), NoMemory> {
        let needed = self.len + more;
        if needed <= self.memory_mut().len() {
            return Ok(());
        }
        let mut larger = Self::with_capacity((self.len * 2).min(most).max(needed))?;
        larger.extend(self);
        *self = larger;
        Ok(())
    }

    pub(crate) fn as_mut(&mut self) -> &mut [u8] {
        let len = self.len;
        &mut self.memory_mut()[..len]
    }

    /// Where its bytes are, for as long as it lives, wherever it is moved.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.memory_mut().as_mut_ptr()
    }

    fn memory_mut(&mut self) -> &mut [u8] {
        match &mut self.memory {
            Memory::Allocated(memory) => memory,
            Memory::Mapped(memory) => &mut memory.whole[memory.start..memory.start + memory.len],
        }
    }
}

impl Deref for Page {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.memory {
            Memory::Allocated(memory) => &memory[..self.len],
            Memory::Mapped(memory) => &memory.whole[memory.start..memory.start + self.len],
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Memory::Mapped(memory) = std::mem::replace(&mut self.memory, Memory::Allocated(Vec::new())) {
            let left = shelf().put(memory);
            wake_if_much(left);
        }
    }
}

fn recycled_or_mapped(capacity: usize) -> Option<Mapping> {
    // The shelf is free again before the system is asked.
    let recycled = shelf().take(capacity);
    recycled.or_else(|| map(capacity))
}

/// New memory of at least `capacity` bytes. `None`: the system refuses.
fn map(capacity: usize) -> Option<Mapping> {
    let len = size_for(capacity);
    if len < HUGE {
        return Some(Mapping { whole: MmapOptions::new().len(len).map_anon().ok()?, start: 0, len });
    }
    let whole = MmapOptions::new().len(len + HUGE).map_anon().ok()?;
    let start = whole.as_ptr().align_offset(HUGE).min(HUGE);
    // Only a wish.
    #[cfg(target_os = "linux")]
    let _ = whole.advise_range(memmap2::Advice::HugePage, start, len - len % HUGE);
    Some(Mapping { whole, start, len })
}

/// Sizes come in steps of an eighth of a power of two, so that uploads of about the same size share pages. What would be more than half of a huge page is one.
fn size_for(capacity: usize) -> usize {
    let step = (capacity.next_power_of_two() / 8).max(1);
    let size = capacity.div_ceil(step) * step;
    if size % HUGE >= HUGE / 2 { size.next_multiple_of(HUGE) } else { size }
}

/// What is kept, and what is to be unmapped.
struct Shelf {
    /// The last one is the warmest.
    kept: Vec<Mapping>,
    bytes: usize,
    discarded: Vec<MmapRaw>,
    discarded_bytes: usize,
}

static SHELF: Mutex<Shelf> =
    Mutex::new(Shelf { kept: Vec::new(), bytes: 0, discarded: Vec::new(), discarded_bytes: 0 });

impl Shelf {
    /// The smallest one that is large enough, but not more than twice as large: a 64 KiB input must not pin 16 MiB. Of several the one that was used last: some of it is in the caches still.
    fn take(&mut self, capacity: usize) -> Option<Mapping> {
        let most = size_for(capacity).max(capacity * 2);
        let fitting =
            self.kept.iter().enumerate().rev().filter(|(_, page)| (capacity..=most).contains(&page.len));
        let (index, _) = fitting.min_by_key(|(_, page)| page.len)?;
        let page = self.kept.remove(index);
        self.bytes -= page.len;
        Some(page)
    }

    /// Keeps a page, or discards it; answers with the bytes that wait for the cleaner.
    fn put(&mut self, page: Mapping) -> usize {
        if self.bytes + page.len <= KEPT {
            self.bytes += page.len;
            self.kept.push(page);
            return self.discarded_bytes;
        }
        self.discard(page.whole.into())
    }

    fn discard(&mut self, memory: MmapRaw) -> usize {
        self.discarded_bytes += memory.len();
        self.discarded.push(memory);
        self.discarded_bytes
    }

    fn take_discarded(&mut self) -> Vec<MmapRaw> {
        self.discarded_bytes = 0;
        std::mem::take(&mut self.discarded)
    }
}

/// Has memory unmapped, soon and elsewhere.
pub(crate) fn discard(memory: MmapRaw) {
    let left = shelf().discard(memory);
    wake_if_much(left);
}

fn wake_if_much(left: usize) {
    if left < LEFT {
        return;
    }
    match &*CLEANER {
        // One atomic exchange while it is at work.
        Some(cleaner) => cleaner.unpark(),
        None => drop(shelf().take_discarded()),
    }
}

/// Started with the first memory that is too much. `None`: the system has no thread for it, so whoever discards unmaps.
static CLEANER: LazyLock<Option<Thread>> = LazyLock::new(|| {
    let cleaner = thread::Builder::new().name("sidelane-clean".into()).stack_size(128 << 10);
    cleaner.spawn(clean).ok().map(|handle| handle.thread().clone())
});

/// Gives discarded memory back to the system. On a thread of its own: it takes 25 us for 200 KB, 8 ms for 64 MB. The event loop, which drops what is aborted or collected, does not have that
/// time; and a thread of libuv's pool would be one more that `fs` waits for, after its runner has given its place to the next.
fn clean() {
    loop {
        let discarded = {
            let mut shelf = shelf();
            if shelf.discarded_bytes < LEFT { Vec::new() } else { shelf.take_discarded() }
        };
        if discarded.is_empty() {
            thread::park();
        }
    }
}

fn shelf() -> MutexGuard<'static, Shelf> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}
