//! Sorting by radix partition, from the most significant bits.
//!
//! A pass distributes the keys by up to 11 of the highest bits in which they differ (as in McIlroy, Bostic and McIlroy, "Engineering Radix Sort", 1993), into memory of the same size; parts
//! that fit the cache are sorted by the standard library's pattern-defeating quicksort, larger ones are distributed again. 10 million random doubles, one
//! thread: see `bench/scenarios/transforms-numeric.mjs`.

use super::error::check_positions;
use super::{Error, Key, Number, POLL};
use crate::memory::room;
use crate::{Checkpoint, Interrupted, Threads};

/// The most bits that one pass looks at: 2,048 places to write to, which the caches and the TLB just bear.
const MOST_BITS: u32 = 11;
/// Parts of fewer items are sorted by comparison.
const SMALL: usize = 4096;
/// Below this, sorting is not worth another thread.
const SEVERAL_MIN: usize = 128 << 10;

/// Sorts numbers into `out`, in the order of `TypedArray.prototype.sort` or the reverse of it. `out` has the length of `values`, whatever is in it;
/// `values` serve as scratch, and are anything afterwards: fresh memory for 10 million doubles takes as long as half of the sorting.
///
/// Polls every 16,384 numbers, while it compares too.
///
/// # Errors
///
/// [`Error::Interrupted`]; [`Error::Length`] if the lengths differ.
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Threads, Uninterruptible, numeric::sort};
///
/// let mut out = [0.0; 4];
/// sort(&mut [f64::NAN, 1.0, -0.0, -1.0], false, &mut out, &Uninterruptible, Threads::One)?;
/// assert_eq!(out[..3], [-1.0, 0.0, 1.0]);
/// assert!(out[3].is_nan());
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn sort<T: Number>(
    values: &mut [T],
    descending: bool,
    out: &mut [T],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<(), Error> {
    if out.len() != values.len() {
        return Err(Error::Length { expected: values.len(), received: out.len() });
    }
    let keys: &mut [T::Key] = bytemuck::cast_slice_mut(out);
    for (keys, values) in keys.chunks_mut(POLL).zip(values.chunks(POLL)) {
        checkpoint.poll()?;
        keys.iter_mut().zip(values).for_each(|(key, value)| *key = value.key());
    }
    sort_items(keys, bytemuck::cast_slice_mut(values), checkpoint, threads)?;
    if descending {
        keys.reverse();
    }
    for values in out.chunks_mut(POLL) {
        checkpoint.poll()?;
        for value in values {
            let key: T::Key = bytemuck::cast(*value);
            *value = T::from_key(key);
        }
    }
    Ok(())
}

/// The positions of the numbers in sorted order; equal ones keep theirs, in descending order too. NaNs are last in
/// ascending and first in descending order. Polls as [`sort()`].
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`]; [`Error::TooMany`] above 2³² - 1 numbers.
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Threads, Uninterruptible, numeric::argsort};
///
/// assert_eq!(argsort(&[3, 1, 2, 1], false, &Uninterruptible, Threads::One)?, [1, 3, 2, 0]);
/// assert_eq!(argsort(&[3, 1, 2, 1], true, &Uninterruptible, Threads::One)?, [0, 2, 1, 3]);
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn argsort<T: Number>(
    values: &[T],
    descending: bool,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Vec<u32>, Error> {
    check_positions(values.len())?;
    let mut items = room(values.len())?;
    let flip = if descending { u64::MAX } else { 0 };
    for (piece, values) in values.chunks(POLL).enumerate() {
        checkpoint.poll()?;
        let place = |(at, value): (usize, &T)| Placed {
            key: Key::bits(value.key()) ^ flip,
            at: (piece * POLL + at) as u32,
        };
        items.extend(values.iter().enumerate().map(place));
    }
    sort_placed(&mut items, checkpoint, threads)?;
    let mut positions = room(items.len())?;
    for piece in items.chunks(POLL) {
        checkpoint.poll()?;
        positions.extend(piece.iter().map(|item| item.at));
    }
    Ok(positions)
}

/// Sorts by key, equal ones by where they came from.
pub(super) fn sort_placed(
    items: &mut [Placed],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<(), Error> {
    let mut scratch = room(items.len())?;
    // The system gives memory when it is first written to: 0.3 ms a MiB.
    for piece in items.chunks(POLL) {
        checkpoint.poll()?;
        scratch.extend_from_slice(piece);
    }
    Ok(sort_items(items, &mut scratch, checkpoint, threads)?)
}

/// A key and where it came from.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Placed {
    pub(super) key: u64,
    pub(super) at: u32,
}

/// What is sorted: by its order, which is first that of its bits.
trait Item: Copy + Ord + Send + Sync {
    fn bits(self) -> u64;
}

impl<K: Key> Item for K {
    fn bits(self) -> u64 {
        Key::bits(self)
    }
}

impl Item for Placed {
    fn bits(self) -> u64 {
        self.key
    }
}

/// A part that is still to be sorted.
struct Part<'m, I> {
    items: &'m mut [I],
    scratch: &'m mut [I],
    /// Where the items are now. Sorted, they belong into `items`.
    in_scratch: bool,
}

/// Sorts `items`. Equal items are in any order: they are the same.
fn sort_items<I: Item>(
    items: &mut [I],
    scratch: &mut [I],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<(), Interrupted> {
    let whole = Part { items, scratch, in_scratch: false };
    if !threads.are_several() || whole.items.len() < SEVERAL_MIN {
        return sort_part(whole, checkpoint);
    }
    // The first pass is one thread's, and takes a fifth of the time. Its parts are handed out in groups of some size.
    let Some(parts) = distribute(whole, checkpoint)? else { return Ok(()) };
    threads.for_each(groups(parts).into_iter(), |parts| {
        parts.into_iter().try_for_each(|part| sort_part(part, checkpoint))
    })
}

fn groups<I>(parts: Vec<Part<'_, I>>) -> Vec<Vec<Part<'_, I>>> {
    let mut groups: Vec<Vec<_>> = Vec::new();
    let mut len = usize::MAX;
    for part in parts {
        if len > POLL {
            groups.push(Vec::new());
            len = 0;
        }
        len += part.items.len();
        if let Some(group) = groups.last_mut() {
            group.push(part);
        }
    }
    groups
}

fn sort_part<I: Item>(part: Part<'_, I>, checkpoint: &dyn Checkpoint) -> Result<(), Interrupted> {
    let mut unpolled = 0;
    let mut parts = vec![part];
    while let Some(part) = parts.pop() {
        unpolled += part.items.len();
        if unpolled >= POLL {
            checkpoint.poll()?;
            unpolled = 0;
        }
        if part.items.len() <= SMALL {
            if part.in_scratch {
                part.items.copy_from_slice(part.scratch);
            }
            part.items.sort_unstable();
        } else if let Some(smaller) = distribute(part, checkpoint)? {
            parts.extend(smaller);
        }
    }
    Ok(())
}

/// Distributes the items by the highest bits in which they differ. `None`: they do not, and are where they belong.
fn distribute<'m, I: Item>(
    part: Part<'m, I>,
    checkpoint: &dyn Checkpoint,
) -> Result<Option<Vec<Part<'m, I>>>, Interrupted> {
    let Part { items, scratch, in_scratch } = part;
    let (from, to) = if in_scratch { (&mut *scratch, &mut *items) } else { (&mut *items, &mut *scratch) };
    let Some(digit) = Digit::of(from, checkpoint)? else {
        if in_scratch {
            to.copy_from_slice(from);
            // Of those that differ in more than their bits, the order is left.
            to.sort_unstable();
        } else {
            from.sort_unstable();
        }
        return Ok(None);
    };
    let mut ends = digit.counts(from, checkpoint)?;
    let mut start = 0;
    let mut lens = Vec::with_capacity(ends.len());
    for end in &mut ends {
        lens.push(*end);
        let count = *end;
        *end = start;
        start += count;
    }
    for piece in from.chunks(POLL) {
        checkpoint.poll()?;
        for item in piece {
            let end = &mut ends[digit.at(*item)];
            to[*end] = *item;
            *end += 1;
        }
    }
    let mut parts = Vec::with_capacity(lens.len());
    let (mut items, mut scratch) = (items, scratch);
    for len in lens {
        let (mine, others) = items.split_at_mut(len);
        let (my_scratch, other_scratch) = scratch.split_at_mut(len);
        (items, scratch) = (others, other_scratch);
        if len > 0 {
            parts.push(Part { items: mine, scratch: my_scratch, in_scratch: !in_scratch });
        }
    }
    Ok(Some(parts))
}

/// Some bits of a key.
struct Digit {
    shift: u32,
    mask: u64,
}

impl Digit {
    /// The highest bits in which the items differ: as many as leave some 100 items for each value.
    fn of<I: Item>(items: &[I], checkpoint: &dyn Checkpoint) -> Result<Option<Self>, Interrupted> {
        let first = items.first().map_or(0, |item| item.bits());
        let mut differing = 0;
        for piece in items.chunks(POLL) {
            checkpoint.poll()?;
            differing |= piece.iter().fold(0, |all, item| all | (item.bits() ^ first));
        }
        if differing == 0 {
            return Ok(None);
        }
        let highest = u64::BITS - differing.leading_zeros();
        let bits = (usize::BITS - (items.len() / 128).leading_zeros()).clamp(1, MOST_BITS).min(highest);
        Ok(Some(Self { shift: highest - bits, mask: (1 << bits) - 1 }))
    }

    fn at<I: Item>(&self, item: I) -> usize {
        (item.bits() >> self.shift & self.mask) as usize
    }

    fn counts<I: Item>(&self, items: &[I], checkpoint: &dyn Checkpoint) -> Result<Vec<usize>, Interrupted> {
        let mut counts = vec![0; self.mask as usize + 1];
        for piece in items.chunks(POLL) {
            checkpoint.poll()?;
            piece.iter().for_each(|item| counts[self.at(*item)] += 1);
        }
        Ok(counts)
    }
}
