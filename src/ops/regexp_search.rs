//! What searches on a lane and on the calling thread share: all matches of a subject, one after the other.

use sidelane_kernels::Checkpoint as Poll;
use sidelane_regexp::{Checkpoint, ExecError, Regex, Scratch, Stopped, Subject};

use crate::outcome::Failure;
use crate::pages::Page;
use crate::typed::with_numbers;

/// Steps between two looks at the checkpoint: a search that takes fewer does not look.
const POLL: u64 = 16_384;
/// What a match costs beside its steps.
const MATCH: u64 = 16;

/// Which matches.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) start: usize,
    pub(super) sticky: bool,
    /// Whether a character is a code point.
    pub(super) unicode: bool,
    pub(super) limit: usize,
}

/// Calls `each` with the slots of up to `limit` matches, each found from the end of the one before.
pub(super) fn find_all<E: From<ExecError>>(
    regex: &Regex,
    subject: Subject<'_>,
    wanted: Wanted,
    scratch: &mut Scratch,
    slots: &mut [usize],
    checkpoint: &dyn Checkpoint,
    mut each: impl FnMut(&[usize]) -> Result<(), E>,
) -> Result<(), E> {
    let Wanted { start: mut at, sticky, unicode, limit } = wanted;
    let mut steps = 0;
    for _ in 0..limit {
        if !regex.exec(subject, at, sticky, scratch, slots, checkpoint)? {
            break;
        }
        each(slots)?;
        at = if slots[1] == slots[0] { advance(subject, slots[1], unicode) } else { slots[1] };
        steps += scratch.steps() + MATCH;
        if steps >= POLL {
            steps = 0;
            checkpoint.check().map_err(|_| ExecError::Stopped)?;
        }
    }
    Ok(())
}

/// AdvanceStringIndex of ECMA-262.
fn advance(subject: Subject<'_>, index: usize, unicode: bool) -> usize {
    let is_pair = match subject {
        Subject::Utf16(units) => {
            unicode
                && matches!(units.get(index), Some(0xD800..=0xDBFF))
                && matches!(units.get(index + 1), Some(0xDC00..=0xDFFF))
        }
        Subject::Latin1(_) => false,
    };
    index + 1 + usize::from(is_pair)
}

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
