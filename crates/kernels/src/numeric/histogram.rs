//! Counts of numbers by ranges of equal width.

use super::{Error, Number, POLL};
use crate::memory::{collected, filled, grow};
use crate::{Checkpoint, Interrupted};

/// What [`histogram()`] counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// One count for each bin.
    pub counts: Vec<f64>,
    /// Where bins begin, and the last one ends: one more than there are counts.
    pub edges: Vec<f64>,
    /// How many numbers lie in none: NaN, and what is outside of the range.
    pub outside: usize,
}

/// Counts numbers in `bins` ranges of equal width. As in NumPy a bin holds its lower edge and not its upper one, but the last holds both. Without a
/// `range`, it is from the least to the greatest finite number; where these are the same, half a unit to each side.
/// `bins` of 0 counts as 1. Polls every 16,384 numbers.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::histogram};
///
/// let found = histogram(&[0.0, 0.5, 1.0, f64::NAN], 2, None, &Uninterruptible)?;
/// assert_eq!((found.counts, found.edges, found.outside), (vec![1.0, 2.0], vec![0.0, 0.5, 1.0], 1));
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn histogram<T: Number>(
    values: &[T],
    bins: usize,
    range: Option<(f64, f64)>,
    checkpoint: &dyn Checkpoint,
) -> Result<Histogram, Error> {
    let bins = bins.max(1);
    let (low, high) = match range {
        Some(range) => range,
        None => finite_range(values, checkpoint)?,
    };
    let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
    // Halves, so that a range of nearly all doubles does not overflow.
    let width = high / bins as f64 - low / bins as f64;
    let mut edges = collected((0..bins).map(|bin| low + bin as f64 * width))?;
    grow(&mut edges, 1)?;
    edges.push(high);
    let mut counts = filled(0_u64, bins)?;
    let mut inside = 0;
    for piece in values.chunks(POLL) {
        checkpoint.poll()?;
        for x in piece {
            let x = x.to_f64();
            if x >= low && x <= high {
                counts[bin_of(x, low, width, &edges)] += 1;
                inside += 1;
            }
        }
    }
    let counts = collected(counts.into_iter().map(|count| count as f64))?;
    Ok(Histogram { counts, edges, outside: values.len() - inside })
}

/// The quotient is rounded, so that a number close to an edge can come out beside its bin: the edges decide.
fn bin_of(x: f64, low: f64, width: f64, edges: &[f64]) -> usize {
    let last = edges.len() - 2;
    let mut bin = ((x / width - low / width) as usize).min(last);
    while bin > 0 && x < edges[bin] {
        bin -= 1;
    }
    while bin < last && x >= edges[bin + 1] {
        bin += 1;
    }
    bin
}

fn finite_range<T: Number>(values: &[T], checkpoint: &dyn Checkpoint) -> Result<(f64, f64), Interrupted> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for piece in values.chunks(POLL) {
        checkpoint.poll()?;
        for x in piece {
            let x = x.to_f64();
            low = if x < low && x.is_finite() { x } else { low };
            high = if x > high && x.is_finite() { x } else { high };
        }
    }
    Ok(if low <= high { (low, high) } else { (0.0, 1.0) })
}
