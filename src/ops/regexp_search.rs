//! What searches on a lane share.

use napi::sys::napi_value;
use sidelane_kernels::Checkpoint as Poll;
use sidelane_regexp::{Checkpoint, ExecError, Stopped, Subject};

use crate::bytes::{CodeUnits, Text};
use crate::outcome::{Failure, Value};
use crate::raw::{Call, Thrown};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};
use crate::typed::with_numbers;

/// Nanoseconds per code unit, for the scheduler.
const PACE: u64 = 2;

/// Calls `with` with the code units, one byte each where all fit: where V8 did not say so, that is found out on the lane.
pub(super) fn with_subject<T>(copy: &CodeUnits, with: impl FnOnce(Subject<'_>) -> T) -> T {
    if copy.one_byte {
        return with(Subject::Latin1(&copy.page));
    }
    with_numbers(&copy.page, |units: &[u16]| with_narrowed(units, &mut Vec::new(), with))
}

/// The same, without a look at whether all fit a byte.
pub(super) fn with_subject_as_it_is<T>(copy: &CodeUnits, with: impl FnOnce(Subject<'_>) -> T) -> T {
    if copy.one_byte {
        return with(Subject::Latin1(&copy.page));
    }
    with_numbers(&copy.page, |units: &[u16]| with(Subject::Utf16(units)))
}

/// The same for a part of one; `room` is memory for others to share.
pub(super) fn with_narrowed<T>(units: &[u16], room: &mut Vec<u8>, with: impl FnOnce(Subject<'_>) -> T) -> T {
    if units.iter().fold(0, |all, unit| all | unit) > 0xFF {
        return with(Subject::Utf16(units));
    }
    room.clear();
    room.extend(units.iter().map(|unit| *unit as u8));
    with(Subject::Latin1(room))
}

/// A task's checkpoint, as the engines ask it.
pub(super) struct Polled<'c>(pub(super) &'c dyn Poll);

impl Checkpoint for Polled<'_> {
    fn check(&self) -> Result<(), Stopped> {
        self.0.poll().map_err(|_| Stopped)
    }
}

impl From<ExecError> for Failure {
    fn from(error: ExecError) -> Self {
        match error {
            ExecError::Stopped => sidelane_kernels::Interrupted.into(),
            ExecError::Budget { .. } | ExecError::OracleMemory { .. } => {
                Self::new("ERR_REGEXP_BUDGET", error.to_string())
            }
            other => Self::new("ERR_INTERNAL", other.to_string()).with_text("operation", "regexp"),
        }
    }
}

/// Offsets of all matches of a subject, at most: 1 GiB of them.
const MOST_OFFSETS: usize = 1 << 28;

/// Adds those of a match.
pub(super) fn push_offsets(found: &mut Vec<i32>, slots: &[usize]) -> Result<(), Failure> {
    if found.len() + slots.len() > MOST_OFFSETS {
        let message = format!("The matches have more than {MOST_OFFSETS} offsets together");
        return Err(Failure::new("ERR_TOO_LARGE", message)
            .with_number("limit", MOST_OFFSETS as f64)
            .with_number("received", (MOST_OFFSETS + 1) as f64));
    }
    found.extend(slots.iter().map(|slot| *slot as i32));
    Ok(())
}

/// For a string that could not be copied.
pub(super) fn not_copied() -> Failure {
    Failure::new("ERR_INTERNAL", "a string could not be copied").with_text("operation", "regexp")
}

/// What to do with a string.
pub(super) trait SubjectTask: Send + 'static {
    /// The [`Operation`]'s.
    const NAME: &'static str;

    /// Does it.
    fn run(&self, subject: Subject<'_>, checkpoint: &dyn Poll) -> Result<Value, Failure>;
}

/// Submits a task on the string behind [`FIRST`].
pub(super) fn submit_on_subject<T: SubjectTask>(
    call: &Call<'_>,
    one_byte: bool,
    task: T,
) -> Result<napi_value, Thrown> {
    submit(call, OnSubject { subject: Text::of(call, FIRST + 1)?.as_one_byte(one_byte), task })
}

struct OnSubject<T> {
    subject: Text,
    task: T,
}

impl<T: SubjectTask> Operation for OnSubject<T> {
    const NAME: &'static str = T::NAME;

    fn bytes(&self) -> usize {
        self.subject.len() * 2
    }

    fn cost(&self) -> u64 {
        2_000 + self.subject.len() as u64 * PACE
    }

    fn capture(self, _: bool) -> Work {
        let copy = self.subject.code_units();
        Box::new(move |context| {
            let copy = copy.ok_or_else(not_copied)?;
            with_subject(&copy, |subject| self.task.run(subject, context))
        })
    }
}
