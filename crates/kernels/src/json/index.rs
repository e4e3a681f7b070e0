//! Making an [`Index`] while a text is checked.
//!
//! Work is counted in *steps*: a byte that has to be read is one, an object or array that can be jumped over is [`JUMP`]. What takes fewer
//! than [`NEAR`] is not worth an entry. So a text of `n` bytes has at most about `n / 240` entries, however its brackets stand.

use super::document::{Container, Index, Sample};
use super::scanner::Observer;
use super::{Error, Limits, Scanner};
use crate::Checkpoint;

/// Steps that are taken rather than saved by an entry: 0.2 us.
const NEAR: u32 = 256;
/// Steps that a jump counts as.
const JUMP: u32 = 16;
/// Members from which an object has a table of its names.
const MANY: usize = 32;
/// Entries between two polls.
const POLL: usize = 4096;

/// An object or array that has not ended.
struct Frame {
    start: u32,
    /// Where it and its last sample are, in steps.
    began: u32,
    sampled: u32,
    elements: u32,
    /// How many containers, and names or samples, there were before.
    containers: u32,
    pending: u32,
    object: bool,
}

struct Builder<'d> {
    data: &'d [u8],
    checkpoint: &'d dyn Checkpoint,
    index: Index,
    frames: Vec<Frame>,
    /// Of the arrays that are open.
    samples: Vec<Sample>,
    /// Where the names in the objects that are open begin.
    names: Vec<u32>,
    /// Bytes that are jumped over, less what the jumps count as.
    saved: usize,
}

pub(super) fn build(data: &[u8], limits: Limits, checkpoint: &dyn Checkpoint) -> Result<Index, Error> {
    let limit = u32::MAX as usize;
    if data.len() > limit {
        return Err(Error::TooLarge { what: "bytes of text", limit });
    }
    let (frames, samples, names) = (Vec::new(), Vec::new(), Vec::new());
    let mut builder = Builder { data, checkpoint, index: Index::default(), frames, samples, names, saved: 0 };
    let mut scanner = Scanner::new(data, limits, checkpoint);
    scanner.observed(&mut builder)?;
    scanner.end()?;
    let mut index = builder.index;
    index.containers = in_order(&index.containers, checkpoint)?;
    index.samples.shrink_to_fit();
    index.slots.shrink_to_fit();
    Ok(index)
}

/// From the order of ends to that of beginnings.
fn in_order(ended: &[Container], checkpoint: &dyn Checkpoint) -> Result<Vec<Container>, Error> {
    let mut began = vec![Container::default(); ended.len()];
    // Where those begin, in the order of ends, that the one looked at is in.
    let mut around: Vec<usize> = Vec::new();
    for (at, container) in ended.iter().enumerate().rev() {
        if at.is_multiple_of(POLL) {
            checkpoint.poll()?;
        }
        while around.last().is_some_and(|first| at < *first) {
            around.pop();
        }
        let first = at - container.inside as usize;
        began[first + around.len()] = *container;
        around.push(first);
    }
    Ok(began)
}

impl Builder<'_> {
    #[inline(always)]
    fn steps(&self, at: usize) -> u32 {
        (at - self.saved) as u32
    }
}

impl Observer for Builder<'_> {
    #[inline(always)]
    fn value(&mut self, at: usize) {
        let steps = self.steps(at);
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.object {
            return;
        }
        if steps - frame.sampled >= NEAR {
            self.samples.push(Sample { element: frame.elements, at: at as u32 });
            frame.sampled = steps;
        }
        frame.elements += 1;
    }

    #[inline(always)]
    fn open(&mut self, at: usize, object: bool) {
        let (start, began) = (at as u32, self.steps(at));
        let containers = self.index.containers.len() as u32;
        let pending = if object { self.names.len() } else { self.samples.len() } as u32;
        self.frames.push(Frame { start, began, sampled: began, elements: 0, containers, pending, object });
    }

    #[inline(always)]
    fn key(&mut self, at: usize) {
        self.names.push(at as u32);
    }

    #[inline(always)]
    fn close(&mut self, end: usize) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let steps = self.steps(end) - frame.began;
        let pending = frame.pending as usize;
        let many = frame.object && self.names.len() - pending >= MANY;
        if steps >= NEAR || many {
            self.keep(&frame, end, steps, many)?;
        }
        if frame.object {
            self.names.truncate(pending)
        } else {
            self.samples.truncate(pending)
        }
        Ok(())
    }
}

impl Builder<'_> {
    fn keep(&mut self, frame: &Frame, end: usize, steps: u32, many: bool) -> Result<(), Error> {
        let pending = frame.pending as usize;
        let index = &mut self.index;
        let mut container = Container {
            start: frame.start,
            end: end as u32,
            inside: index.containers.len() as u32 - frame.containers,
            count: frame.elements,
            first: 0,
            last: 0,
        };
        if many {
            container.first = index.slots.len();
            container.count = index.table(self.data, &self.names[pending..], self.checkpoint)?;
            container.last = index.slots.len();
        } else if !frame.object {
            container.first = index.samples.len();
            index.samples.extend_from_slice(&self.samples[pending..]);
            container.last = index.samples.len();
        }
        index.containers.push(container);
        self.saved += steps.saturating_sub(JUMP) as usize;
        Ok(())
    }
}

impl Index {
    /// Adds the table of an object's names, and says how many different ones there are. Of the same name the last counts.
    fn table(&mut self, data: &[u8], names: &[u32], checkpoint: &dyn Checkpoint) -> Result<u32, Error> {
        let first = self.slots.len();
        // At most half full.
        self.slots.resize(first + names.len() * 2, 0);
        let mut different = 0;
        for (number, at) in names.iter().enumerate() {
            if number.is_multiple_of(POLL) {
                checkpoint.poll()?;
            }
            let name = Self::name_at(data, *at as usize);
            let slot = self.slot(data, first, self.slots.len(), &name);
            different += u32::from(self.slots[slot] == 0);
            // No name stands at the beginning of a text.
            self.slots[slot] = *at;
        }
        Ok(different)
    }
}
