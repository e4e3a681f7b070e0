//! Numbers that lie far from the others.

use super::describe::{Description, describe};
use super::error::check_positions;
use super::{Error, Number, POLL, quantiles};
use crate::Checkpoint;
use crate::memory::{NoMemory, collected, grow, room};

/// How [`anomalies()`] measures. NaN is never an anomaly, and statistics are of the finite numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Standard deviations (of the population) from the mean, more than so many.
    ZScore(f64),
    /// 0.6745 times the distance from the median by the median of all such distances (Iglewicz and Hoaglin, "How to Detect
    /// and Handle Outliers", 1993), more than so much. If that median is 0, whatever differs scores infinite.
    Mad(f64),
    /// Below the first or above the third quartile by more than so many times their distance (Tukey). The score is that
    /// multiple.
    Iqr(f64),
    /// Below or above two bounds. The score is the distance from the nearer one.
    Range(f64, f64),
}

/// What [`anomalies()`] finds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Anomalies {
    /// Where, ascending.
    pub indices: Vec<u32>,
    /// How far, negative below.
    pub scores: Vec<f64>,
}

/// Finds the numbers that lie far from the others. Polls every 16,384.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`]; [`Error::TooMany`] above 2³² - 1 numbers.
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::{Method, anomalies}};
///
/// let found = anomalies(&[1.0, 2.0, 1.0, 9.0], Method::Range(0.0, 5.0), &Uninterruptible)?;
/// assert_eq!((found.indices, found.scores), (vec![3], vec![4.0]));
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn anomalies<T: Number>(
    values: &[T],
    method: Method,
    checkpoint: &dyn Checkpoint,
) -> Result<Anomalies, Error> {
    check_positions(values.len())?;
    let score = match method {
        Method::Range(low, high) => Score::outside(low, high, 1.0, 0.0),
        _ => {
            let finite = finite(values, checkpoint)?;
            match method {
                Method::ZScore(threshold) => {
                    let Description { mean, variance, .. } = describe(&finite, checkpoint)?;
                    Score::from_centre(mean, variance.sqrt(), threshold)
                }
                Method::Mad(threshold) => {
                    let median = quantiles(&finite, &[0.5], checkpoint)?[0];
                    let distances = collected(finite.iter().map(|x| (x - median).abs()))?;
                    let mad = quantiles(&distances, &[0.5], checkpoint)?[0];
                    Score::from_centre(median, mad / 0.6745, threshold)
                }
                Method::Iqr(factor) => {
                    let quartiles = quantiles(&finite, &[0.25, 0.75], checkpoint)?;
                    Score::outside(quartiles[0], quartiles[1], quartiles[1] - quartiles[0], factor)
                }
                Method::Range(..) => return Ok(Anomalies::default()),
            }
        }
    };
    let mut found = Anomalies::default();
    for (piece, values) in values.chunks(POLL).enumerate() {
        checkpoint.poll()?;
        score.find(values, piece * POLL, &mut found)?;
    }
    Ok(found)
}

fn finite<T: Number>(values: &[T], checkpoint: &dyn Checkpoint) -> Result<Vec<f64>, Error> {
    let mut finite = room(values.len())?;
    for piece in values.chunks(POLL) {
        checkpoint.poll()?;
        finite.extend(piece.iter().map(|value| value.to_f64()).filter(|x| x.is_finite()));
    }
    Ok(finite)
}

/// A number's score is its distance from `low` below it and from `high` above it, by `unit`. It counts beyond `threshold`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Score {
    low: f64,
    high: f64,
    unit: f64,
    threshold: f64,
}

impl Score {
    pub(super) fn from_centre(centre: f64, unit: f64, threshold: f64) -> Self {
        Self { low: centre, high: centre, unit, threshold }
    }

    pub(super) fn outside(low: f64, high: f64, unit: f64, threshold: f64) -> Self {
        Self { low, high, unit, threshold }
    }

    pub(super) fn find<T: Number>(
        &self,
        values: &[T],
        start: usize,
        found: &mut Anomalies,
    ) -> Result<(), NoMemory> {
        grow(&mut found.indices, values.len())?;
        grow(&mut found.scores, values.len())?;
        // Most numbers are told by two comparisons, without a division. A little inside of the bounds, so that the exact score decides near them; if one is NaN, nothing passes here.
        let margin = self.unit * self.threshold * (1.0 - 1e-9);
        let (low, high) = (self.low - margin, self.high + margin);
        for (at, value) in values.iter().enumerate() {
            let x = value.to_f64();
            if x >= low && x <= high {
                continue;
            }
            let distance = if x < self.low {
                x - self.low
            } else if x > self.high {
                x - self.high
            } else {
                continue;
            };
            let score = distance / self.unit;
            if score.abs() > self.threshold {
                found.indices.push((start + at) as u32);
                found.scores.push(score);
            }
        }
        Ok(())
    }
}
