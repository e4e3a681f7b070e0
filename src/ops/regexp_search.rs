//! What searches on a lane share.

use sidelane_kernels::Checkpoint as Poll;
use sidelane_regexp::{Checkpoint, ExecError, Stopped, Subject};

use crate::outcome::Failure;
use crate::pages::Page;
use crate::typed::with_numbers;

/// Calls `with` with the code units of a copy that [`Text`](crate::bytes::Text) made, one byte each where all fit: that is found out on the lane.
pub(super) fn with_subject<T>(copy: &Page, with: impl FnOnce(Subject<'_>) -> T) -> T {
    with_numbers(copy, |units: &[u16]| with_narrowed(units, &mut Vec::new(), with))
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

/// For a string that could not be copied.
pub(super) fn not_copied() -> Failure {
    Failure::new("ERR_INTERNAL", "a string could not be copied").with_text("operation", "regexp")
}
