//! Lanes as JavaScript's handles: indices into the isolate's table.

use napi::sys::napi_value;
use sidelane_lanes::{Cancelled, LaneId, LaneOptions, Outcome, Overflow, Reason, Summary};

use crate::isolate::Isolate;
use crate::pool::scheduler;
use crate::raw::{Call, Callback, Thrown, UNDEFINED};

/// `openLane(concurrency, maxQueue, maxQueueBytes, overflow)`: its handle. Bounds of 2^53 and more count as none.
pub(crate) struct OpenLane;

impl Callback for OpenLane {
    const NAME: &'static str = "openLane";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let options = LaneOptions {
            concurrency: count(call.f64(0)),
            max_queue: count(call.f64(1)),
            max_queue_bytes: count(call.f64(2)),
            overflow: match call.u32(3) {
                1 => Overflow::ShedOldest,
                2 => Overflow::ShedLowest,
                // 'wait' is in lib/task.js: whoever finds no room is kept there.
                _ => Overflow::Reject,
            },
        };
        let lane = scheduler().add_lane(call.isolate.home.tenant(), options);
        Ok(call.int(call.isolate.keep_lane(lane)))
    }
}

/// A bound from JavaScript: Infinity saturates.
fn count(value: f64) -> usize {
    value as usize
}

/// `dropLane(lane)`: nobody refers to it any more.
pub(crate) struct DropLane;

impl Callback for DropLane {
    const NAME: &'static str = "dropLane";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        if let Some(lane) = call.isolate.forget_lane(call.u32(0)) {
            scheduler().remove_lane(lane);
        }
        Ok(UNDEFINED)
    }
}

/// `queued(lane)`: how many tasks wait in it.
pub(crate) struct Queued;

impl Callback for Queued {
    const NAME: &'static str = "queued";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        Ok(call.int(scheduler().queued(lane_of(call)?) as i32))
    }
}

/// `countEnd(lane, outcome)`: a call ended that was never submitted. 0: completed, 1: failed, 2: aborted, 3: timed out, 4: rejected.
pub(crate) struct CountEnd;

impl Callback for CountEnd {
    const NAME: &'static str = "countEnd";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        scheduler().count(lane_of(call)?, outcome_at(call, 1));
        Ok(UNDEFINED)
    }
}

/// `recount(lane, from, to)`: a task's promise ended otherwise than its work.
pub(crate) struct Recount;

impl Callback for Recount {
    const NAME: &'static str = "recount";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        scheduler().recount(lane_of(call)?, outcome_at(call, 1), outcome_at(call, 2));
        Ok(UNDEFINED)
    }
}

fn outcome_at(call: &Call<'_>, index: usize) -> Outcome {
    match call.u32(index) {
        0 => Outcome::Completed,
        1 => Outcome::Failed,
        2 => Outcome::Aborted,
        3 => Outcome::TimedOut,
        _ => Outcome::Rejected,
    }
}

/// `laneStats(lane)`: writes 8 counters and two summaries of 6 numbers (in milliseconds) to the board.
pub(crate) struct Stats;

impl Callback for Stats {
    const NAME: &'static str = "laneStats";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let stats = scheduler().stats(lane_of(call)?);
        let counters = [stats.completed, stats.failed, stats.aborted, stats.timed_out, stats.rejected];
        let now = [stats.queued, stats.queued_bytes, stats.running].map(|number| number as f64);
        let numbers = now.into_iter().chain(counters.map(|number| number as f64));
        for (cell, number) in numbers.chain(in_millis(&stats.wait)).chain(in_millis(&stats.run)).enumerate() {
            call.isolate.board.set(cell, number);
        }
        Ok(UNDEFINED)
    }
}

fn in_millis(summary: &Summary) -> [f64; 6] {
    let millis = |nanos: u64| nanos as f64 / 1e6;
    let Summary { count, mean, p50, p90, p99, max } = *summary;
    [count as f64, mean / 1e6, millis(p50), millis(p90), millis(p99), millis(max)]
}

/// `cancel(tag, timedOut)`: 1: it waited and is gone; 0: it is told to stop, its end will be reported; 2: it has ended, of which the loop will hear.
pub(crate) struct Cancel;

impl Callback for Cancel {
    const NAME: &'static str = "cancel";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let reason = if call.u32(1) == 0 { Reason::Aborted } else { Reason::TimedOut };
        match scheduler().cancel(call.isolate.job(call.u32(0)), reason) {
            Cancelled::Queued(job) => {
                drop(job);
                call.isolate.end(1);
                Ok(call.int(1))
            }
            Cancelled::Running => Ok(call.int(0)),
            Cancelled::Gone => Ok(call.int(2)),
        }
    }
}

/// `stopAll()`: the process or worker is about to exit. What runs stops at its next checkpoint, what waits is dropped, what comes is refused.
pub(crate) struct StopAll;

impl Callback for StopAll {
    const NAME: &'static str = "stopAll";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        call.isolate.exiting.set(true);
        call.isolate.stop();
        Ok(UNDEFINED)
    }
}

/// The lane that is the first argument.
pub(crate) fn lane_of(call: &Call<'_>) -> Result<LaneId, Thrown> {
    call.isolate.lane(call.u32(0)).ok_or_else(|| Thrown::internal("no such lane"))
}

impl Isolate {
    fn keep_lane(&self, lane: LaneId) -> i32 {
        let mut lanes = self.lanes.borrow_mut();
        if let Some(handle) = self.free_lanes.borrow_mut().pop() {
            lanes[handle as usize] = Some(lane);
            return handle as i32;
        }
        lanes.push(Some(lane));
        lanes.len() as i32 - 1
    }

    fn forget_lane(&self, handle: u32) -> Option<LaneId> {
        let lane = self.lanes.borrow_mut().get_mut(handle as usize)?.take()?;
        self.free_lanes.borrow_mut().push(handle);
        Some(lane)
    }
}
