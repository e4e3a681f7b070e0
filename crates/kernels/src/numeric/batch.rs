//! Many small arrays in one call: statistics, anomalies and transforms of each.

use super::anomalies::{Anomalies, Method, Score};
use super::describe::describe;
use super::error::check_positions;
use super::map::{Float, Step, map};
use super::{Error, Number};
use crate::{Checkpoint, Interrupted, Threads, Uninterruptible};

/// Numbers that one thread does before it takes the next: 30 to 200 us of work.
const PIECE: usize = 32 << 10;

/// What [`batch`] does with each packet.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'b> {
    /// Numbers of a packet; the last may have fewer. 0 counts as 1.
    pub length: usize,
    /// [`Method::ZScore`] or [`Method::Range`]; the other two are of single arrays only, and find nothing here.
    pub anomalies: Option<Method>,
    /// Steps of a [`map`], by themselves for each packet.
    pub steps: &'b [Step],
}

/// What [`batch`] finds: one element for each packet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchOutput {
    /// Means.
    pub means: Vec<f64>,
    /// Standard deviations of a population.
    pub deviations: Vec<f64>,
    /// Minima.
    pub mins: Vec<f64>,
    /// Maxima.
    pub maxs: Vec<f64>,
    /// Where the anomalies of a packet begin in `anomalies`, and those of the last end: one more than there are packets.
    pub offsets: Vec<u32>,
    /// Anomalies of all packets; positions are those in `values`.
    pub anomalies: Anomalies,
}

/// Describes packets that lie one behind the other in `values`, finds their anomalies and writes their transforms to `out` (untouched without steps), all
/// while a packet is in the cache. Anomalies are of the packet's own mean and deviation, which are those of all its numbers: with a NaN or an infinity in it, a
/// packet has no z-scores. Polls every 32,768 numbers on each thread.
///
/// # Errors
///
/// [`Error::Interrupted`]; [`Error::TooMany`] above 2³² - 1 numbers; [`Error::Length`] if there are steps and `out` has not
/// the length of `values`.
///
/// # Example
///
/// ```
/// use sidelane_kernels::numeric::{Batch, Step, batch};
/// use sidelane_kernels::{Threads, Uninterruptible};
///
/// let mut out = [0.0_f32; 4];
/// let plan = Batch { length: 2, anomalies: None, steps: &[Step::Abs] };
/// let found = batch(&[1.0_f32, 3.0, -2.0, 0.0], plan, &mut out, &Uninterruptible, Threads::One)?;
/// assert_eq!((found.means, out), (vec![2.0, -1.0], [1.0, 3.0, 2.0, 0.0]));
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn batch<T: Number, F: Float>(
    values: &[T],
    plan: Batch<'_>,
    out: &mut [F],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<BatchOutput, Error> {
    check_positions(values.len())?;
    if !plan.steps.is_empty() && out.len() != values.len() {
        return Err(Error::Length { expected: values.len(), received: out.len() });
    }
    let length = plan.length.max(1);
    // Whole packets.
    let piece = length * (PIECE / length).max(1);
    let count = values.len().div_ceil(piece);
    let mut results: Vec<_> = (0..count).map(|_| BatchOutput::default()).collect();
    let mut outs: Vec<&mut [F]> =
        if plan.steps.is_empty() { Vec::new() } else { out.chunks_mut(piece).collect() };
    outs.resize_with(count, Default::default);
    let pieces = values.chunks(piece).zip(outs).zip(&mut results).enumerate();
    threads.for_each(pieces, |(index, ((values, out), result))| {
        checkpoint.poll()?;
        one_piece(values, index * piece, length, plan, out, result)
    })?;
    Ok(joined(results))
}

fn one_piece<T: Number, F: Float>(
    values: &[T],
    start: usize,
    length: usize,
    plan: Batch<'_>,
    out: &mut [F],
    result: &mut BatchOutput,
) -> Result<(), Interrupted> {
    for (index, packet) in values.chunks(length).enumerate() {
        let all = describe(packet, &Uninterruptible)?;
        let deviation = all.variance.sqrt();
        result.means.push(all.mean);
        result.deviations.push(deviation);
        result.mins.push(all.min);
        result.maxs.push(all.max);
        let score = match plan.anomalies {
            Some(Method::ZScore(threshold)) => Some(Score::from_centre(all.mean, deviation, threshold)),
            Some(Method::Range(low, high)) => Some(Score::outside(low, high, 1.0, 0.0)),
            _ => None,
        };
        if let Some(score) = score {
            score.find(packet, start + index * length, &mut result.anomalies);
        }
        result.offsets.push(result.anomalies.indices.len() as u32);
    }
    for (packet, out) in values.chunks(length).zip(out.chunks_mut(length)) {
        map(packet, plan.steps, out, &Uninterruptible)?;
    }
    Ok(())
}

fn joined(results: Vec<BatchOutput>) -> BatchOutput {
    let mut all = BatchOutput { offsets: vec![0], ..BatchOutput::default() };
    for result in results {
        let before = all.anomalies.indices.len() as u32;
        all.means.extend(result.means);
        all.deviations.extend(result.deviations);
        all.mins.extend(result.mins);
        all.maxs.extend(result.maxs);
        all.offsets.extend(result.offsets.into_iter().map(|end| before + end));
        all.anomalies.indices.extend(result.anomalies.indices);
        all.anomalies.scores.extend(result.anomalies.scores);
    }
    all
}
