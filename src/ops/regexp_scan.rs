//! `scanFile`: all matches of a set's patterns in a window of a file. Offsets are in bytes, whatever the encoding.

use std::sync::Arc;

use napi::sys::napi_value;
use sidelane_kernels::Checkpoint;
use sidelane_regexp::{ExecError, RegexSet, Scratch, Subject, Wanted};

use super::regexp_search::Polled;
use crate::bytes::View;
use crate::outcome::{Failure, Value};
use crate::raw::{Call, Callback, Thrown};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};
use crate::typed::Element;

/// Nanoseconds per byte, for the scheduler.
const PACE: u64 = 2;
/// Numbers of a result, at most: 256 MiB of them.
const MOST_NUMBERS: usize = 1 << 26;

/// `submitScan(..., window, set, utf8, from, until)`: from where on each pattern is searched (a Uint32Array), and where matches begin that are left to the next window.
pub(crate) struct SubmitScan;

impl Callback for SubmitScan {
    const NAME: &'static str = "submitScan";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let from = call.optional_bytes(FIRST + 3)?.unwrap_or_default();
        let task = Task {
            set: call.isolate.regexps.sets.share(call.u32(FIRST + 1))?,
            utf8: call.bool(FIRST + 2),
            from: from.as_chunks().0.iter().map(|each| u32::from_ne_bytes(*each) as usize).collect(),
            until: call.u32(FIRST + 4) as usize,
        };
        submit(call, Scan { window: View::of(call, FIRST)?, task })
    }
}

struct Scan {
    window: View,
    task: Task,
}

impl Operation for Scan {
    const NAME: &'static str = "scanFile";

    fn bytes(&self) -> usize {
        self.window.len()
    }

    fn cost(&self) -> u64 {
        2_000 + self.window.len() as u64 * PACE
    }

    fn capture(self, taken: bool) -> Work {
        let Self { window, task } = self;
        let window = window.capture(taken);
        Box::new(move |context| task.run(&window?, context))
    }
}

struct Task {
    set: Arc<RegexSet>,
    utf8: bool,
    from: Vec<usize>,
    until: usize,
}

impl Task {
    /// For each match, in the order of their beginnings, its pattern and the offsets of its groups, -1 for one that took no part.
    fn run(&self, window: &[u8], checkpoint: &dyn Checkpoint) -> Result<Value, Failure> {
        // ASCII is the same in both encodings.
        if !self.utf8 || window.is_ascii() {
            return self.search(Subject::Latin1(window), None, checkpoint);
        }
        let (units, places) = decode(window);
        self.search(Subject::Utf16(&units), Some(&places), checkpoint)
    }

    /// `places`: the byte of each code unit, and the end.
    fn search(
        &self,
        subject: Subject<'_>,
        places: Option<&[u32]>,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Value, Failure> {
        let unit_of = |byte: usize| {
            places.map_or(byte, |places| places.partition_point(|place| (*place as usize) < byte))
        };
        let byte_of = |unit: usize| places.map_or(unit, |places| places[unit] as usize);
        let (until, scratch, checkpoint) = (unit_of(self.until), &mut Scratch::new(), Polled(checkpoint));
        let mut found: Vec<i32> = Vec::new();
        let mut order: Vec<Place> = Vec::new();
        for (pattern, first) in self.set.candidates(subject, &checkpoint)? {
            let regex = &self.set.patterns()[pattern].regex;
            let start = unit_of(self.from[pattern]).max(first);
            let wanted = Wanted { start, ..Wanted::default() };
            let searched = regex.find_all(subject, wanted, scratch, &checkpoint, |slots| {
                if slots[0] >= until {
                    return Err(Ended::Beyond);
                }
                if found.len() + slots.len() >= MOST_NUMBERS {
                    return Err(Ended::TooMany);
                }
                order.push(Place { begin: slots[0], pattern, at: found.len(), len: slots.len() + 1 });
                found.push(pattern as i32);
                found.extend(slots.iter().map(|slot| match *slot {
                    sidelane_regexp::NONE => -1,
                    unit => byte_of(unit) as i32,
                }));
                Ok(())
            });
            match searched {
                Ok(()) | Err(Ended::Beyond) => {}
                Err(Ended::TooMany) => return Err(too_many()),
                Err(Ended::Search(error)) => return Err(error.into()),
            }
        }
        if self.from.len() > 1 {
            order.sort_unstable();
            found = order.iter().flat_map(|place| &found[place.at..place.at + place.len]).copied().collect();
        }
        Ok(Value::array(Element::Int32, &found)?)
    }
}

/// Where the numbers of a match are.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    begin: usize,
    pattern: usize,
    at: usize,
    len: usize,
}

/// Why a search of all matches ended before there were no more.
enum Ended {
    /// The match is the next window's.
    Beyond,
    TooMany,
    Search(ExecError),
}

impl From<ExecError> for Ended {
    fn from(error: ExecError) -> Self {
        Self::Search(error)
    }
}

fn too_many() -> Failure {
    let message = format!("The matches in one window have more than {MOST_NUMBERS} offsets together");
    Failure::new("ERR_TOO_LARGE", message)
        .with_number("limit", MOST_NUMBERS as f64)
        .with_number("received", (MOST_NUMBERS + 1) as f64)
}

/// UTF-16, what is no UTF-8 as U+FFFD, as TextDecoder has it; and the byte of each code unit. Both halves of a pair are at their character's.
fn decode(bytes: &[u8]) -> (Vec<u16>, Vec<u32>) {
    let (mut units, mut places) = (Vec::with_capacity(bytes.len()), Vec::with_capacity(bytes.len() + 1));
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut pair = [0; 2];
            for unit in c.encode_utf16(&mut pair) {
                units.push(*unit);
                places.push(at as u32);
            }
            at += c.len_utf8();
        }
        if !chunk.invalid().is_empty() {
            units.push(0xFFFD);
            places.push(at as u32);
            at += chunk.invalid().len();
        }
    }
    places.push(at as u32);
    (units, places)
}
