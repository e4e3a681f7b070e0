//! Many small arrays in one call: statistics, anomalies and transforms of each.

use super::anomalies::{Anomalies, Method, Score};
use super::describe::describe;
use super::error::check_positions;
use super::map::{Float, Step, map};
use super::{Error, Number};
use crate::memory::{filled, room};
use crate::{Checkpoint, Threads, Uninterruptible};

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
/// [`Error::Interrupted`], [`Error::NoMemory`]; [`Error::TooMany`] above 2³² - 1 numbers; [`Error::Length`] if there are steps and `out` has not
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
    let packets = (PIECE / length).max(1);
    let piece = length * packets;
    let count = values.len().div_ceil(piece);
    let all = values.len().div_ceil(length);
    let (mut means, mut deviations) = (filled(0.0, all)?, filled(0.0, all)?);
    let (mut mins, mut maxs, mut offsets) = (filled(0.0, all)?, filled(0.0, all)?, filled(0, all + 1)?);
    let mut found: Vec<_> = (0..count).map(|_| Anomalies::default()).collect();
    let mut outs: Vec<&mut [F]> =
        if plan.steps.is_empty() { Vec::new() } else { out.chunks_mut(piece).collect() };
    outs.resize_with(count, Default::default);
    let rooms = (means.chunks_mut(packets).zip(deviations.chunks_mut(packets)))
        .zip(mins.chunks_mut(packets).zip(maxs.chunks_mut(packets)))
        .zip(offsets[1..].chunks_mut(packets).zip(&mut found))
        .zip(outs)
        .map(|((((means, deviations), (mins, maxs)), (ends, found)), out)| Room {
            means,
            deviations,
            mins,
            maxs,
            ends,
            found,
            out,
        });
    threads.for_each(values.chunks(piece).zip(rooms).enumerate(), |(index, (values, room))| {
        checkpoint.poll()?;
        // A packet that is larger than a piece polls by itself.
        let within = if length > PIECE { checkpoint } else { &Uninterruptible };
        one_piece(values, index * piece, length, plan, room, within)
    })?;
    let anomalies = joined(&found, offsets[1..].chunks_mut(packets))?;
    Ok(BatchOutput { means, deviations, mins, maxs, offsets, anomalies })
}

/// Where what is found of some packets goes.
struct Room<'o, F> {
    means: &'o mut [f64],
    deviations: &'o mut [f64],
    mins: &'o mut [f64],
    maxs: &'o mut [f64],
    /// Where the anomalies of each packet end in `found`.
    ends: &'o mut [u32],
    found: &'o mut Anomalies,
    out: &'o mut [F],
}

fn one_piece<T: Number, F: Float>(
    values: &[T],
    start: usize,
    length: usize,
    plan: Batch<'_>,
    room: Room<'_, F>,
    checkpoint: &dyn Checkpoint,
) -> Result<(), Error> {
    for (index, packet) in values.chunks(length).enumerate() {
        let all = describe(packet, checkpoint)?;
        let deviation = all.variance.sqrt();
        room.means[index] = all.mean;
        room.deviations[index] = deviation;
        room.mins[index] = all.min;
        room.maxs[index] = all.max;
        let score = match plan.anomalies {
            Some(Method::ZScore(threshold)) => Some(Score::from_centre(all.mean, deviation, threshold)),
            Some(Method::Range(low, high)) => Some(Score::outside(low, high, 1.0, 0.0)),
            _ => None,
        };
        if let Some(score) = score {
            for (part, values) in packet.chunks(PIECE).enumerate() {
                checkpoint.poll()?;
                score.find(values, start + index * length + part * PIECE, room.found)?;
            }
        }
        room.ends[index] = room.found.indices.len() as u32;
    }
    for (packet, out) in values.chunks(length).zip(room.out.chunks_mut(length)) {
        map(packet, plan.steps, out, checkpoint)?;
    }
    Ok(())
}

/// The anomalies of all pieces, whose ends become those in all of them.
fn joined<'e>(found: &[Anomalies], ends: impl Iterator<Item = &'e mut [u32]>) -> Result<Anomalies, Error> {
    let total = found.iter().map(|found| found.indices.len()).sum();
    let mut all = Anomalies { indices: room(total)?, scores: room(total)? };
    for (found, ends) in found.iter().zip(ends) {
        let before = all.indices.len() as u32;
        ends.iter_mut().for_each(|end| *end += before);
        all.indices.extend_from_slice(&found.indices);
        all.scores.extend_from_slice(&found.scores);
    }
    Ok(all)
}
