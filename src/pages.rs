//! Recycled memory for copied inputs. A fresh 16 MiB allocation costs 4,096 page faults (about 0.6 ms a MiB); a recycled one is a plain memcpy (0.1 ms a MiB).

use std::mem::MaybeUninit;
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Below this the allocator is as fast, and keeps such memory warm itself.
const SMALLEST: usize = 64 * 1024;
/// Bytes kept for later, in the whole process. Enough for two 16 MiB uploads on their way; what exceeds it goes back to the system at once.
const KEPT: usize = 32 << 20;

/// Owned bytes.
pub(crate) struct Page(Vec<u8>);

#[derive(Default)]
struct Shelf {
    pages: Vec<Vec<u8>>,
    bytes: usize,
}

static SHELF: Mutex<Shelf> = Mutex::new(Shelf { pages: Vec::new(), bytes: 0 });

impl Page {
    /// Empty, with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        if capacity < SMALLEST {
            return Self(Vec::with_capacity(capacity));
        }
        Self(shelf().take(capacity).unwrap_or_else(|| Vec::with_capacity(class_of(capacity))))
    }

    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        let mut page = Self::with_capacity(bytes.len());
        page.extend(bytes);
        page
    }

    /// Has `write` fill the spare room from its beginning; it says how many bytes it has initialised. `false`: it has refused.
    #[allow(unsafe_code)]
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut [MaybeUninit<u8>]) -> Option<usize>) -> bool {
        let spare = self.0.spare_capacity_mut();
        let room = spare.len();
        let Some(written) = write(spare) else { return false };
        assert!(written <= room, "more was written than there is room for");
        // SAFETY: in bounds by the assertion, initialised by the word of `write`.
        unsafe { self.0.set_len(self.0.len() + written) };
        true
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn extend_each<const N: usize>(&mut self, parts: impl Iterator<Item = [u8; N]>) {
        parts.for_each(|part| self.0.extend_from_slice(&part));
    }
}

impl Deref for Page {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if self.0.capacity() >= SMALLEST {
            let mut page = std::mem::take(&mut self.0);
            page.clear();
            // What does not fit is dropped after the lock is released: munmap of 16 MiB takes about 1 ms.
            let refused = shelf().put(page);
            drop(refused);
        }
    }
}

impl Shelf {
    /// The smallest page that is large enough, but not more than twice as large: a 64 KiB input must not pin 16 MiB.
    fn take(&mut self, capacity: usize) -> Option<Vec<u8>> {
        let fitting = self
            .pages
            .iter()
            .enumerate()
            .filter(|(_, page)| (capacity..=capacity * 2).contains(&page.capacity()));
        let (index, _) = fitting.min_by_key(|(_, page)| page.capacity())?;
        let page = self.pages.swap_remove(index);
        self.bytes -= page.capacity();
        Some(page)
    }

    /// Keeps a page, or hands it back.
    fn put(&mut self, page: Vec<u8>) -> Option<Vec<u8>> {
        if self.bytes + page.capacity() > KEPT {
            return Some(page);
        }
        self.bytes += page.capacity();
        self.pages.push(page);
        None
    }
}

/// Sizes come in steps of an eighth of a power of two, so that uploads of about the same size share pages.
fn class_of(capacity: usize) -> usize {
    let step = (capacity.next_power_of_two() / 8).max(1);
    capacity.div_ceil(step) * step
}

fn shelf() -> MutexGuard<'static, Shelf> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}
