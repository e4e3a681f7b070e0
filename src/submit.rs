//! The way in: from arguments to a job in a lane. Admission comes before any copy.

use napi::sys::napi_value;
use sidelane_lanes::{Clock, LaneId, Outcome, Priority, Refusal, Spec, Submitted};

use crate::isolate::Isolate;
use crate::lane::lane_of;
use crate::pool::scheduler;
use crate::raw::{Call, Callback, Thrown, UNDEFINED};
use crate::runner::{self, Job, Work};
use crate::settle::{Completion, News};

/// The first arguments of every operation: `(lane, flags, timeout, tag, ...)`. Its own begin here.
pub(crate) const FIRST: usize = 4;

/// Inputs up to this many bytes are copied before admission is asked, which saves a second lock: a refusal then cost 0.1 us more.
const SMALL: usize = 4096;

/// Expected nanoseconds of work from which a thread is woken at once.
const EAGER: u64 = 20_000;
/// And of tiny tasks, together.
const ENOUGH: u64 = 40_000;

/// What an operation says of one call before anything is copied.
pub(crate) trait Operation {
    const NAME: &'static str;

    /// Bytes that the task holds while it waits.
    fn bytes(&self) -> usize;

    /// Expected nanoseconds of work.
    fn cost(&self) -> u64;

    /// Copies or takes over what is needed.
    fn capture(self, taken: bool) -> Work;
}

/// Codes of `lib/task.js`; a refusal's number is on the board.
mod answer {
    pub(super) const QUEUED: i32 = 0;
    pub(super) const FULL: i32 = 1;
    pub(super) const CLOSED: i32 = 2;
    pub(super) const TOO_LARGE: i32 = 3;
    pub(super) const LATE: i32 = 4;
    /// Taken, and others were shed for it.
    pub(super) const SHED: i32 = 5;
    /// Taken; `startDeferred()` should be called when the calls of this turn have been made.
    pub(super) const DEFERRED: i32 = 6;
}

/// Submits the call's operation.
pub(crate) fn submit<O: Operation>(call: &Call<'_>, operation: O) -> Result<napi_value, Thrown> {
    match ask(call, operation.bytes(), operation.cost())? {
        Asked::Admitted(admitted) => {
            let work = operation.capture(admitted.flags.taken());
            Ok(enqueue(call, admitted, O::NAME, work))
        }
        Asked::Refused(answer) => Ok(answer),
    }
}

/// A task that may be copied.
struct Admitted {
    lane: LaneId,
    flags: Flags,
    spec: Spec,
    tag: u32,
    shed: Vec<Job>,
}

enum Asked {
    Admitted(Admitted),
    /// With what is answered.
    Refused(napi_value),
}

/// What comes before the copy. This and [`enqueue`] are compiled once, not for every operation.
#[inline(never)]
fn ask(call: &Call<'_>, bytes: usize, cost: u64) -> Result<Asked, Thrown> {
    let lane = lane_of(call)?;
    let flags = Flags(call.u32(1));
    let spec = Spec { bytes, cost, priority: flags.priority(), deadline: deadline(call.f64(2)) };
    let tag = call.u32(3);
    if call.isolate.exiting.get() {
        return Ok(Asked::Refused(refuse(call, lane, &flags, Refusal::Closed)));
    }
    let mut shed = Vec::new();
    if spec.bytes > SMALL {
        match scheduler().admit(lane, &spec) {
            Ok(dropped) => shed = dropped,
            Err(refusal) => return Ok(Asked::Refused(refuse(call, lane, &flags, refusal))),
        }
    }
    Ok(Asked::Admitted(Admitted { lane, flags, spec, tag, shed }))
}

/// What comes after it.
#[inline(never)]
fn enqueue(call: &Call<'_>, admitted: Admitted, operation: &'static str, work: Work) -> napi_value {
    let Admitted { lane, flags, spec, tag, mut shed } = admitted;
    let cost = spec.cost;
    let job = Job { tag, operation, home: call.isolate.home.clone(), work };
    match scheduler().submit(lane, spec, || job) {
        Submitted::Refused(refusal) => {
            // Its deadline passed while it was copied. Those that were shed for it are gone all the same.
            queued(lane, shed);
            refuse(call, lane, &flags, refusal)
        }
        Submitted::Queued { id, start_runner, shed: more } => {
            call.isolate.remember(tag, id);
            call.isolate.begin();
            shed.extend(more);
            let answer = queued(lane, shed);
            if start_runner && answer == answer::QUEUED && cost < EAGER {
                return call.int(start_later(call.isolate, cost));
            }
            if start_runner {
                runner::start(call.isolate);
            }
            call.int(answer)
        }
    }
}

/// Waking a thread costs the loop 5 us. For a burst of tiny tasks it is woken once, after the burst: else it would be done with each before the next one comes.
fn start_later(isolate: &Isolate, cost: u64) -> i32 {
    let deferred = isolate.deferred.get();
    let sum = deferred.unwrap_or(0) + cost;
    if sum >= ENOUGH {
        isolate.deferred.set(None);
        runner::start(isolate);
        return answer::QUEUED;
    }
    // Its place is free until then: should this loop be blocked first, the tasks of others must not wait for it.
    scheduler().runner_failed();
    isolate.deferred.set(Some(sum));
    if deferred.is_none() { answer::DEFERRED } else { answer::QUEUED }
}

/// `ask(lane, flags, timeout, bytes)`: what a task with so much input would be answered now: before `lib/task.js` takes a buffer over or converts a string, neither of which it could undo.
pub(crate) struct Ask;

impl Callback for Ask {
    const NAME: &'static str = "ask";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let lane = lane_of(call)?;
        let flags = Flags(call.u32(1));
        let (bytes, deadline) = (call.f64(3) as usize, deadline(call.f64(2)));
        let spec = Spec { bytes, cost: 0, priority: flags.priority(), deadline };
        Ok(match scheduler().admit(lane, &spec) {
            Ok(shed) => call.int(queued(lane, shed)),
            Err(refusal) => refuse(call, lane, &flags, refusal),
        })
    }
}

/// `startDeferred()`: see `DEFERRED`.
pub(crate) struct StartDeferred;

impl Callback for StartDeferred {
    const NAME: &'static str = "startDeferred";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        start_deferred(call.isolate);
        Ok(UNDEFINED)
    }
}

fn start_deferred(isolate: &Isolate) {
    if isolate.deferred.take().is_some() {
        runner::start_wanted(isolate);
    }
}

struct Flags(u32);

impl Flags {
    fn priority(&self) -> Priority {
        match self.0 & 3 {
            0 => Priority::High,
            1 => Priority::Normal,
            _ => Priority::Low,
        }
    }

    /// A task that finds no room is kept by `lib/task.js`, and tried again.
    fn keeps(&self) -> bool {
        self.0 & 16 != 0
    }

    /// `lib/bytes.js` has taken the buffer over.
    fn taken(&self) -> bool {
        self.0 & 4 != 0
    }
}

fn deadline(timeout_ms: f64) -> Option<u64> {
    (timeout_ms > 0.0).then(|| scheduler().clock().now().saturating_add((timeout_ms * 1e6) as u64))
}

fn refuse(call: &Call<'_>, lane: LaneId, flags: &Flags, refusal: Refusal) -> napi_value {
    if matches!(refusal, Refusal::Full { .. }) && !flags.keeps() {
        scheduler().count(lane, Outcome::Rejected);
    }
    let (code, number) = match refusal {
        Refusal::Full { retry_after } => (answer::FULL, retry_after as f64 / 1e6),
        Refusal::Closed => (answer::CLOSED, 0.0),
        Refusal::TooLarge { limit } => (answer::TOO_LARGE, limit as f64),
        Refusal::Late { expected_wait } => (answer::LATE, expected_wait as f64 / 1e6),
    };
    call.isolate.board.set(0, number);
    call.int(code)
}

fn queued(lane: LaneId, shed: Vec<Job>) -> i32 {
    if shed.is_empty() { answer::QUEUED } else { report_shed(lane, shed) }
}

/// The shed tasks end like others, through the loop: their promises must not settle inside somebody else's call.
fn report_shed(lane: LaneId, shed: Vec<Job>) -> i32 {
    let retry_after = scheduler().retry_after(lane);
    for job in shed {
        job.home.complete(
            Completion { tag: job.tag, waited: 0, ran: 0, news: News::Shed { retry_after } },
            false,
        );
    }
    answer::SHED
}
