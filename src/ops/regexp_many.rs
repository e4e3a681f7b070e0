//! `findMany`: one pattern, many subjects, joined to one string.

use std::sync::Arc;

use napi::sys::napi_value;
use sidelane_kernels::{Checkpoint, Threads, Uninterruptible};
use sidelane_regexp::{NONE, Regex, Scratch};

use super::regexp_search::{Polled, not_copied, with_narrowed};
use crate::bytes::Text;
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{self, Call, Callback, Thrown};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};
use crate::typed::{Element, with_numbers};

/// Picoseconds per code unit and nanoseconds per subject, for the scheduler.
const PACE: u64 = 2_000;
const SUBJECT: u64 = 100;
/// More threads pay from so many code units; a subject counts as so many more.
const PARALLEL_LEAST: usize = 256 << 10;
const UNITS: usize = 64;
/// Subjects that a thread takes at once, at most.
const TOGETHER: usize = 1024;

/// `submitFindMany(..., _, joined, handle, sticky, ends)`.
pub(crate) struct SubmitFindMany;

impl Callback for SubmitFindMany {
    const NAME: &'static str = "submitFindMany";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let task = Task::read(call, FIRST + 2)?;
        submit(call, Many { joined: Text::of(call, FIRST + 1)?, task })
    }
}

/// `findManyNow(joined, handle, sticky, ends)`: the offsets, on the calling thread.
pub(crate) struct FindManyNow;

impl Callback for FindManyNow {
    const NAME: &'static str = "findManyNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let task = Task::read(call, 1)?;
        let copy = Text::of(call, 0)?.copy().ok_or_else(|| not_copied().into_thrown())?;
        let found = task.run(&copy, &Uninterruptible, Threads::One).map_err(Failure::into_thrown)?;
        Ok(raw::int32_array(call.env(), &found))
    }
}

struct Many {
    joined: Text,
    task: Task,
}

/// Where each subject ends; it begins where the one before ends.
struct Task {
    regex: Arc<Regex>,
    sticky: bool,
    ends: Vec<u32>,
}

impl Task {
    fn read(call: &Call<'_>, at: usize) -> Result<Self, Thrown> {
        let regex = call.isolate.regexps.programs.share(call.u32(at))?;
        let ends = call.optional_bytes(at + 2)?.unwrap_or_default();
        let ends = ends.as_chunks().0.iter().map(|each| u32::from_ne_bytes(*each)).collect();
        Ok(Self { regex, sticky: call.bool(at + 1), ends })
    }

    /// The slots of each subject's first match, -1 where there is none.
    fn run(
        &self,
        joined: &Page,
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<Vec<i32>, Failure> {
        let width = self.regex.captures_len() * 2;
        let mut found = vec![-1_i32; self.ends.len() * width];
        let together = (self.ends.len() / 16).clamp(1, TOGETHER);
        with_numbers(joined, |units: &[u16]| {
            let pieces = found.chunks_mut(together * width).enumerate();
            threads.for_each(pieces, |(piece, found)| {
                self.search(units, piece * together, found, &Polled(checkpoint))
            })
        })?;
        Ok(found)
    }

    fn search(
        &self,
        units: &[u16],
        first: usize,
        found: &mut [i32],
        checkpoint: &Polled<'_>,
    ) -> Result<(), Failure> {
        let width = self.regex.captures_len() * 2;
        let (mut scratch, mut slots, mut room) = (Scratch::new(), vec![NONE; width], Vec::new());
        for (index, found) in found.chunks_mut(width).enumerate() {
            let begin = (first + index).checked_sub(1).map_or(0, |before| self.ends[before] as usize);
            let subject = &units[begin..self.ends[first + index] as usize];
            let matched = with_narrowed(subject, &mut room, |subject| {
                self.regex.exec(subject, 0, self.sticky, &mut scratch, &mut slots, checkpoint)
            })?;
            if matched {
                found.iter_mut().zip(&slots).for_each(|(to, slot)| *to = *slot as i32);
            }
            if index % 64 == 0 {
                checkpoint.0.poll()?;
            }
        }
        Ok(())
    }
}

impl Operation for Many {
    const NAME: &'static str = "findMany";

    fn bytes(&self) -> usize {
        self.joined.len() * 2 + self.task.ends.len() * size_of::<u32>()
    }

    fn cost(&self) -> u64 {
        2_000 + self.joined.len() as u64 * PACE / 1000 + self.task.ends.len() as u64 * SUBJECT
    }

    fn capture(self, _: bool) -> Work {
        let Self { joined, task } = self;
        let copy = joined.copy();
        let splits = joined.len() + task.ends.len() * UNITS >= PARALLEL_LEAST;
        Box::new(move |context| {
            let copy = copy.ok_or_else(not_copied)?;
            let run = |threads| task.run(&copy, context, threads);
            let found = run(if splits { context.threads() } else { Threads::One })?;
            Ok(Value::array(Element::Int32, &found)?)
        })
    }
}
