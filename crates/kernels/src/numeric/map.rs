//! Transforms of each number.

use super::describe::describe;
use super::log1p::{log1p, log1p_f32};
use super::{Number, POLL};
use crate::{Checkpoint, Interrupted};

/// One step of [`map`]. Each rounds to the output's type, as a typed array's `map` does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// `Math.log1p(x)`. In single precision the nearest float, but for one in some 10⁸ numbers.
    Log1p,
    /// `Math.abs(x)`.
    Abs,
    /// `x < low ? low : x > high ? high : x`.
    Clamp(f64, f64),
    /// `x * factor + offset`.
    Scale(f64, f64),
    /// `(x - mean) / deviation`, of what the step before gave; the deviation is that of a population.
    ZScore,
    /// `(x - min) / (max - min)`, of what the step before gave.
    MinMax,
}

/// Numbers that a [`map`] results in.
pub trait Float: Number {
    /// Rounded to this type.
    fn from_f64(x: f64) -> Self;
    /// `Math.log1p` of each.
    fn log1p(values: &mut [Self]);
}

impl Float for f64 {
    fn from_f64(x: f64) -> Self {
        x
    }

    fn log1p(values: &mut [Self]) {
        values.iter_mut().for_each(|x| *x = log1p(*x));
    }
}

impl Float for f32 {
    fn from_f64(x: f64) -> Self {
        x as Self
    }

    fn log1p(values: &mut [Self]) {
        log1p_f32(values);
    }
}

/// Applies the steps to each number, one after the other, and writes the results to `out`, which has the length of `values`
/// (of a longer one, what is behind the shorter stays as it is). Steps that need nothing but the number itself are done together, 16,384 numbers at a time; polls as often.
///
/// # Errors
///
/// [`Interrupted`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::{Step, map}};
///
/// let mut out = [0.0_f64; 3];
/// map(&[-1, 2, 3], &[Step::Abs, Step::Scale(2.0, 1.0)], &mut out, &Uninterruptible)?;
/// assert_eq!(out, [3.0, 5.0, 7.0]);
/// # Ok::<(), sidelane_kernels::Interrupted>(())
/// ```
pub fn map<T: Number, F: Float>(
    values: &[T],
    steps: &[Step],
    out: &mut [F],
    checkpoint: &dyn Checkpoint,
) -> Result<(), Interrupted> {
    let barrier = |step: &Step| matches!(step, Step::ZScore | Step::MinMax);
    let (first, mut rest) = steps.split_at(steps.iter().position(barrier).unwrap_or(steps.len()));
    for (out, values) in out.chunks_mut(POLL).zip(values.chunks(POLL)) {
        checkpoint.poll()?;
        out.iter_mut().zip(values).for_each(|(out, value)| *out = F::from_f64(value.to_f64()));
        apply(first, out);
    }
    while let Some((normalise, others)) = rest.split_first() {
        let all = describe(out, checkpoint)?;
        let (from, by) = match normalise {
            Step::ZScore => (all.mean, all.variance.sqrt()),
            _ => (all.min, all.max - all.min),
        };
        let (pointwise, later) = others.split_at(others.iter().position(barrier).unwrap_or(others.len()));
        for out in out.chunks_mut(POLL) {
            checkpoint.poll()?;
            out.iter_mut().for_each(|x| *x = F::from_f64((x.to_f64() - from) / by));
            apply(pointwise, out);
        }
        rest = later;
    }
    Ok(())
}

/// The steps that need nothing but the number itself.
fn apply<F: Float>(steps: &[Step], values: &mut [F]) {
    for step in steps {
        match *step {
            Step::Log1p => F::log1p(values),
            Step::Abs => each(values, f64::abs),
            Step::Clamp(low, high) => each(values, |x| {
                if x < low {
                    low
                } else if x > high {
                    high
                } else {
                    x
                }
            }),
            Step::Scale(factor, offset) => each(values, |x| x * factor + offset),
            Step::ZScore | Step::MinMax => {}
        }
    }
}

fn each<F: Float>(values: &mut [F], f: impl Fn(f64) -> f64) {
    values.iter_mut().for_each(|x| *x = F::from_f64(f(x.to_f64())));
}
