//! Statistics of a window that moves over the numbers.

use super::describe::Compensated;
use super::{Error, Number, POLL};
use crate::Checkpoint;
use crate::memory::room;

/// What [`rolling`] gives of each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// The mean.
    Mean,
    /// The sum.
    Sum,
    /// The least, as `Math.min` has it.
    Min,
    /// The greatest, as `Math.max` has it.
    Max,
}

/// One number for each complete window: `values.len() - window + 1` of them, none if the window is longer than the input
/// or 0. A window with a NaN gives NaN, one with infinities what their sum is; those after it are not disturbed. Sums are compensated.
///
/// In O(n), whatever the window, and without taking away what leaves it, which would leave rounding errors behind: the input is cut into blocks of the window's length, so that
/// each window is the end of a block and the beginning of the next, and both are known from running over the blocks once forwards and once backwards (van Herk, 1992; Gil and
/// Werman, 1993). Polls every 16,384 numbers.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::{Statistic, rolling}};
///
/// assert_eq!(rolling(&[1.0, 2.0, 6.0], 2, Statistic::Mean, &Uninterruptible)?, [1.5, 4.0]);
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn rolling<T: Number>(
    values: &[T],
    window: usize,
    statistic: Statistic,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<f64>, Error> {
    let sum = |x: f64| {
        let mut sum = Compensated::default();
        sum.add(x);
        sum
    };
    let extreme = |x: f64| x;
    match statistic {
        Statistic::Sum => windows(values, window, checkpoint, sum, Compensated::joined, Compensated::total),
        Statistic::Mean => {
            let mean = |all: Compensated| all.total() / window as f64;
            windows(values, window, checkpoint, sum, Compensated::joined, mean)
        }
        Statistic::Min => windows(values, window, checkpoint, extreme, min, extreme),
        Statistic::Max => windows(values, window, checkpoint, extreme, |a, b| -min(-a, -b), extreme),
    }
}

/// `Math.min(a, b)`.
fn min(a: f64, b: f64) -> f64 {
    if a < b || (a == b && a.is_sign_negative()) || a.is_nan() { a } else { b }
}

/// Joins each window's numbers. `joined` is associative.
fn windows<T: Number, A: Copy>(
    values: &[T],
    window: usize,
    checkpoint: &dyn Checkpoint,
    one: impl Fn(f64) -> A,
    joined: impl Fn(A, A) -> A,
    result: impl Fn(A) -> f64,
) -> Result<Vec<f64>, Error> {
    if window == 0 || window > values.len() {
        return Ok(Vec::new());
    }
    let count = values.len() - window + 1;
    let mut results = room(count)?;
    // Of the block: what its numbers from each position on are joined.
    let mut ends: Vec<A> = room(window)?;
    let mut unpolled = 0;
    for start in (0..count).step_by(window) {
        let (block, next) = values[start..].split_at(window);
        ends.clear();
        for piece in block.rchunks(POLL) {
            unpolled += piece.len();
            if unpolled >= POLL {
                checkpoint.poll()?;
                unpolled = 0;
            }
            for x in piece.iter().rev() {
                let x = one(x.to_f64());
                ends.push(ends.last().map_or(x, |end| joined(x, *end)));
            }
        }
        ends.reverse();
        results.push(result(ends[0]));
        let mut beginning: Option<A> = None;
        for (pieces, ends) in next.chunks(POLL).zip(ends[1..].chunks(POLL)) {
            unpolled += pieces.len();
            if unpolled >= POLL {
                checkpoint.poll()?;
                unpolled = 0;
            }
            for (x, end) in pieces.iter().zip(ends) {
                let x = one(x.to_f64());
                let all = beginning.map_or(x, |beginning| joined(beginning, x));
                beginning = Some(all);
                results.push(result(joined(*end, all)));
            }
        }
    }
    Ok(results)
}
