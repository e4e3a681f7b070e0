//! The greatest or least numbers and where they are.

use super::error::check_positions;
use super::select::select;
use super::sort::{Placed, sort_placed};
use super::{Error, Key, Number, POLL};
use crate::memory::{collected, grow, room};
use crate::{Checkpoint, Threads};

/// What [`top_k`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct TopK<T> {
    /// The numbers, the most extreme first.
    pub values: Vec<T>,
    /// Their positions. Of equal numbers the earlier comes first, and is preferred.
    pub indices: Vec<u32>,
}

/// The `k` greatest numbers (or least), most extreme first. NaN is never one of them; if there are fewer than `k`
/// others, there are fewer results. In O(n + k log k). Polls every 16,384 numbers.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`]; [`Error::TooMany`] above 2³² - 1 numbers.
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::top_k};
///
/// let top = top_k(&[3.0, 9.0, f64::NAN, 9.0, 1.0], 3, true, &Uninterruptible)?;
/// assert_eq!((top.values, top.indices), (vec![9.0, 9.0, 3.0], vec![1, 3, 0]));
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn top_k<T: Number>(
    values: &[T],
    k: usize,
    greatest: bool,
    checkpoint: &dyn Checkpoint,
) -> Result<TopK<T>, Error> {
    check_positions(values.len())?;
    let mut nans = 0;
    for piece in values.chunks(POLL) {
        checkpoint.poll()?;
        nans += piece.iter().filter(|value| value.is_nan()).count();
    }
    let numbers = values.len() - nans;
    let k = k.min(numbers);
    if k == 0 {
        return Ok(TopK { values: Vec::new(), indices: Vec::new() });
    }
    let rank = if greatest { numbers - k } else { k - 1 };
    // NaNs are behind all numbers, so that they do not change the rank of any.
    let bound = select(values, &[rank], checkpoint)?[0];
    // The most extreme first, as its key orders.
    let flip = if greatest { u64::MAX } else { 0 };
    let mut found = room(k)?;
    let mut ties = Vec::new();
    for (piece, values) in values.chunks(POLL).enumerate() {
        checkpoint.poll()?;
        let more = values.len().min(k - ties.len());
        grow(&mut ties, more)?;
        for (at, value) in values.iter().enumerate() {
            let key = value.key();
            if value.is_nan() {
                continue;
            }
            let placed = Placed { key: key.bits() ^ flip, at: (piece * POLL + at) as u32 };
            if key == bound && ties.len() < k {
                ties.push(placed);
            } else if (key > bound) == greatest && key != bound {
                found.push(placed);
            }
        }
    }
    ties.truncate(k - found.len());
    sort_placed(&mut found, checkpoint, Threads::One)?;
    found.extend(ties);
    Ok(TopK {
        values: collected(found.iter().map(|placed| T::from_key(T::Key::from_bits(placed.key ^ flip))))?,
        indices: collected(found.iter().map(|placed| placed.at))?,
    })
}
