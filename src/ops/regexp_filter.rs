//! A `SafeRegExp` as a test in a filter: `test` from index 0 of the string that JavaScript would have.

use std::sync::{Arc, Mutex, PoisonError};

use sidelane_kernels::Checkpoint;
use sidelane_kernels::filter::{TextTest, Unanswered};
use sidelane_regexp::{ExecError, NONE, Regex, Scratch, Subject};

use super::regexp_search::{Polled, with_narrowed};

/// Code units that are decoded between two polls.
const POLL: usize = 64 << 10;

/// What a text of a filter is, beyond UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// WTF-8: three bytes can be a lone surrogate. Strings of JSON have them by escapes.
    Surrogates,
    /// Any bytes, of which those that are none of it are U+FFFD, as TextDecoder has it.
    Replaced,
}

/// The test. Searches at the same time have memory of their own each.
#[derive(Debug)]
pub(super) struct RegExpTest {
    pub(super) regex: Arc<Regex>,
    pub(super) sticky: bool,
    pub(super) beyond: Beyond,
    /// Of searches that have ended, for the next ones.
    pub(super) rooms: Mutex<Vec<Room>>,
}

#[derive(Debug, Default)]
pub(super) struct Room {
    scratch: Scratch,
    slots: Vec<usize>,
    units: Vec<u16>,
    bytes: Vec<u8>,
}

impl TextTest for RegExpTest {
    fn matches(&self, text: &[u8], checkpoint: &dyn Checkpoint) -> Result<bool, Unanswered> {
        let mut room = self.rooms().pop().unwrap_or_default();
        let found = self.search(text, &mut room, checkpoint);
        self.rooms().push(room);
        found
    }
}

impl RegExpTest {
    fn rooms(&self) -> std::sync::MutexGuard<'_, Vec<Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn search(&self, text: &[u8], room: &mut Room, checkpoint: &dyn Checkpoint) -> Result<bool, Unanswered> {
        let Room { scratch, slots, units, bytes } = room;
        slots.resize(self.regex.captures_len() * 2, NONE);
        let mut exec = |subject: Subject<'_>| {
            self.regex.exec(subject, 0, self.sticky, scratch, slots, &Polled(checkpoint)).map_err(unanswered)
        };
        if text.is_ascii() {
            return exec(Subject::Latin1(text));
        }
        decode(text, self.beyond, units, checkpoint)?;
        with_narrowed(units, bytes, exec)
    }
}

fn unanswered(error: ExecError) -> Unanswered {
    match error {
        ExecError::Stopped => Unanswered::Interrupted,
        ExecError::OracleMemory { .. } => {
            Unanswered::GaveUp("The lookarounds of a pattern need more memory for a value than their limit")
        }
        _ => Unanswered::GaveUp(
            "A pattern with backreferences took more steps for a value than its budget for a subject of this length",
        ),
    }
}

/// The code units of a text.
fn decode(
    text: &[u8],
    beyond: Beyond,
    units: &mut Vec<u16>,
    checkpoint: &dyn Checkpoint,
) -> Result<(), Unanswered> {
    units.clear();
    let mut due = POLL;
    let mut rest = text;
    while let Some(part) = rest.utf8_chunks().next() {
        for c in part.valid().chars() {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            if units.len() >= due {
                checkpoint.poll()?;
                due = units.len() + POLL;
            }
        }
        rest = &rest[part.valid().len()..];
        match rest {
            [] => {}
            [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] if beyond == Beyond::Surrogates => {
                units.push(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f));
                rest = &rest[3..];
            }
            _ => {
                units.push(0xfffd);
                rest = &rest[part.invalid().len()..];
            }
        }
        if units.len() >= due {
            checkpoint.poll()?;
            due = units.len() + POLL;
        }
    }
    Ok(())
}
