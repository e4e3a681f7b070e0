//! One lane: its bounds, its queue, what it has measured.

use crate::clock::Nanos;
use crate::fair::Account;
use crate::histogram::{Histogram, Summary};
use crate::queue::{Load, Priority, Queue};
use crate::scheduler::TenantId;

/// What to do with a job for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// Refuse it.
    #[default]
    Reject,
    /// Drop those that have waited longest.
    ShedOldest,
    /// Drop the youngest of the lowest priority, as long as that is below the new one's; else refuse.
    ShedLowest,
}

/// Bounds of a lane.
///
/// ```
/// use sidelane_lanes::LaneOptions;
///
/// let uploads = LaneOptions { max_queue: 64, ..LaneOptions::default() };
/// assert_eq!(uploads.max_queue_bytes, 256 << 20);
/// ```
#[derive(Debug, Clone)]
pub struct LaneOptions {
    /// Jobs that run at the same time, at most and at least 1; the scheduler's own limit holds besides.
    pub concurrency: usize,
    /// Jobs that wait beyond those for which a slot of this lane is free. Other lanes may have the threads: those jobs wait all the same.
    pub max_queue: usize,
    /// Bytes that waiting jobs hold, those for which a slot is free included.
    pub max_queue_bytes: usize,
    /// What happens to one job too many.
    pub overflow: Overflow,
}

impl Default for LaneOptions {
    fn default() -> Self {
        Self {
            concurrency: usize::MAX,
            max_queue: 1024,
            max_queue_bytes: 256 << 20,
            overflow: Overflow::Reject,
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With a result.
    Completed,
    /// With an error of its own.
    Failed,
    /// Stopped because somebody asked.
    Aborted,
    /// Stopped because its deadline passed.
    TimedOut,
    /// Refused, or shed for another.
    Rejected,
}

/// What a lane did so far and does now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaneStats {
    /// Jobs that wait.
    pub queued: usize,
    /// Bytes that they hold.
    pub queued_bytes: usize,
    /// Jobs that occupy a slot.
    pub running: usize,
    /// Jobs that ended with a result.
    pub completed: u64,
    /// Jobs that ended with an error of their own.
    pub failed: u64,
    /// Jobs that were stopped on request.
    pub aborted: u64,
    /// Jobs whose deadline passed or could not be met.
    pub timed_out: u64,
    /// Jobs that found no room or a closed lane, or were shed for others.
    pub rejected: u64,
    /// From submission to the start of the work, in nanoseconds.
    pub wait: Summary,
    /// The work itself, in nanoseconds.
    pub run: Summary,
}

/// Completed jobs before the lane's estimates are used to refuse anybody.
const CONFIDENT: u64 = 8;
/// Weight of the newest job in the running means: 1/8, as TCP's smoothed round-trip time (RFC 6298).
const SMOOTHING: f64 = 0.125;

#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) tenant: TenantId,
    pub(crate) options: LaneOptions,
    pub(crate) closed: bool,
    /// Forgotten as soon as its last job has ended.
    pub(crate) removed: bool,
    pub(crate) queue: Queue,
    pub(crate) running: usize,
    /// Expected nanoseconds of what runs.
    pub(crate) running_cost: u128,
    /// Whether it stands among the lanes that can give a job to a runner.
    pub(crate) listed: bool,
    /// For fairness among the lanes of an isolate.
    pub(crate) account: Account,
    ended: [u64; 5],
    wait: Histogram,
    run: Histogram,
    mean_run: f64,
    mean_cost: f64,
}

impl Lane {
    pub(crate) fn new(tenant: TenantId, options: LaneOptions) -> Self {
        // With none at a time what waits would wait for ever.
        let options = LaneOptions { concurrency: options.concurrency.max(1), ..options };
        Self {
            tenant,
            options,
            closed: false,
            removed: false,
            queue: Queue::default(),
            running: 0,
            running_cost: 0,
            listed: false,
            account: Account::default(),
            ended: [0; 5],
            wait: Histogram::default(),
            run: Histogram::default(),
            mean_run: 0.0,
            mean_cost: 0.0,
        }
    }

    /// Whether a runner could take a job from it now.
    pub(crate) fn runnable(&self) -> bool {
        !self.queue.is_empty() && self.running < self.options.concurrency
    }

    /// Whether `load` more fits, `freed` of what waits being dropped for it. Jobs for which a slot is free do not count as waiting.
    pub(crate) fn fits(&self, load: Load, freed: Load, limit: usize) -> bool {
        let waiting = self.queue.load();
        let free_slots = self.options.concurrency.min(limit).saturating_sub(self.running);
        let bytes = (waiting.bytes - freed.bytes).checked_add(load.bytes);
        waiting.jobs - freed.jobs + load.jobs <= self.options.max_queue.saturating_add(free_slots)
            && bytes.is_some_and(|bytes| bytes <= self.options.max_queue_bytes)
    }

    pub(crate) fn count(&mut self, outcome: Outcome) {
        self.ended[outcome as usize] += 1;
    }

    pub(crate) fn recount(&mut self, from: Outcome, to: Outcome) {
        // None of them: it was not counted as that.
        if let Some(rest) = self.ended[from as usize].checked_sub(1) {
            self.ended[from as usize] = rest;
            self.count(to);
        }
    }

    pub(crate) fn record_wait(&mut self, wait: Nanos) {
        self.wait.record(wait);
    }

    /// Takes in how long a job took that was expected to take `cost`. Stopped jobs say nothing about how long work takes.
    pub(crate) fn record_run(&mut self, outcome: Outcome, run: Nanos, cost: u128) {
        self.run.record(run);
        if !matches!(outcome, Outcome::Completed | Outcome::Failed) {
            return;
        }
        // A cost is at least 1, so a mean of 0 says that this is the first. A run time of 0 says nothing: clocks have grains.
        let weight = if self.mean_cost == 0.0 { 1.0 } else { SMOOTHING };
        self.mean_run += weight * (run as f64 - self.mean_run);
        self.mean_cost += weight * (cost as f64 - self.mean_cost);
    }

    /// Measured nanoseconds for one nanosecond of expected cost; 1 until something was measured.
    fn pace(&self) -> f64 {
        if self.mean_cost > 0.0 { self.mean_run / self.mean_cost } else { 1.0 }
    }

    /// Expected run time of a job, corrected by what the lane has measured.
    pub(crate) fn expected_run(&self, cost: u128) -> Nanos {
        (cost as f64 * self.pace()) as Nanos
    }

    /// How long a new job of this priority would wait; 0 while too little is known to refuse anybody for it.
    pub(crate) fn expected_wait(&self, priority: Priority, limit: usize) -> Nanos {
        let known = self.ended[Outcome::Completed as usize] + self.ended[Outcome::Failed as usize];
        if known < CONFIDENT {
            return 0;
        }
        let ahead = self.queue.load().cost - self.queue.load_below(priority).cost;
        self.expected_run(ahead) / self.parallelism(limit)
    }

    /// When somebody who was refused should come back: when what waits now is done.
    pub(crate) fn retry_after(&self, limit: usize) -> Nanos {
        // What runs counts as a whole: how far it is, nobody knows.
        let cost = self.queue.load().cost + self.running_cost;
        self.expected_run(cost).max(self.mean_run as Nanos) / self.parallelism(limit)
    }

    fn parallelism(&self, limit: usize) -> Nanos {
        self.options.concurrency.min(limit).max(1) as Nanos
    }

    pub(crate) fn stats(&self) -> LaneStats {
        let waiting = self.queue.load();
        LaneStats {
            queued: waiting.jobs,
            queued_bytes: waiting.bytes,
            running: self.running,
            completed: self.ended[Outcome::Completed as usize],
            failed: self.ended[Outcome::Failed as usize],
            aborted: self.ended[Outcome::Aborted as usize],
            timed_out: self.ended[Outcome::TimedOut as usize],
            rejected: self.ended[Outcome::Rejected as usize],
            wait: self.wait.summary(),
            run: self.run.summary(),
        }
    }
}
