//! A scheduler on a clock that stands still, and short names for what tests do with it.
#![allow(dead_code, unreachable_pub, reason = "every test file uses a part")]

use std::sync::Arc;

use sidelane_lanes::{
    Cancelled, JobId, LaneId, LaneOptions, LaneStats, ManualClock, Nanos, Outcome, Priority, Refusal, Runner,
    Running, Scheduler, Spec, Submitted, TenantId, Turn,
};

pub const MS: Nanos = 1_000_000;
/// What a class of priority is worth (`queue::AGING`).
pub const AGING: Nanos = 500 * MS;
/// Work that does not pay for a second runner (`scheduler::SPREAD`).
pub const SPREAD: u64 = 40_000;

pub type Clocked = Scheduler<u32, Arc<ManualClock>>;
pub type Hand<'s> = Runner<'s, u32, Arc<ManualClock>>;

pub struct Rig {
    pub clock: Arc<ManualClock>,
    pub scheduler: Clocked,
    pub tenant: TenantId,
    pub lane: LaneId,
}

/// What a submission came to, without the job's name.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Queued { start_runner: bool, shed: Vec<u32> },
    Refused(Refusal),
}

pub fn spec() -> Spec {
    Spec { bytes: 1, cost: 1_000, priority: Priority::Normal, deadline: None }
}

pub fn priority(priority: Priority) -> Spec {
    Spec { priority, ..spec() }
}

pub fn bytes(bytes: usize) -> Spec {
    Spec { bytes, ..spec() }
}

pub fn cost(cost: u64) -> Spec {
    Spec { cost, ..spec() }
}

pub fn deadline(deadline: Nanos) -> Spec {
    Spec { deadline: Some(deadline), ..spec() }
}

impl Rig {
    /// `limit` threads and one lane.
    pub fn new(limit: usize, options: LaneOptions) -> Self {
        let clock = Arc::new(ManualClock::default());
        let scheduler = Scheduler::with_clock(limit, clock.clone());
        let tenant = scheduler.add_tenant();
        let lane = scheduler.add_lane(tenant, options);
        Self { clock, scheduler, tenant, lane }
    }

    pub fn add_lane(&self, options: LaneOptions) -> LaneId {
        self.scheduler.add_lane(self.tenant, options)
    }

    pub fn submit_to(&self, lane: LaneId, job: u32, spec: Spec) -> Answer {
        match self.scheduler.submit(lane, spec, || job) {
            Submitted::Queued { start_runner, shed, .. } => Answer::Queued { start_runner, shed },
            Submitted::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    pub fn submit(&self, job: u32, spec: Spec) -> Answer {
        self.submit_to(self.lane, job, spec)
    }

    /// Submits a job that must be taken, and answers with its name.
    pub fn queue_to(&self, lane: LaneId, job: u32, spec: Spec) -> JobId {
        match self.scheduler.submit(lane, spec, || job) {
            Submitted::Queued { id, .. } => id,
            Submitted::Refused(refusal) => panic!("job {job} refused: {refusal:?}"),
        }
    }

    pub fn queue(&self, job: u32, spec: Spec) -> JobId {
        self.queue_to(self.lane, job, spec)
    }

    pub fn refusal(&self, job: u32, spec: Spec) -> Refusal {
        match self.submit(job, spec) {
            Answer::Refused(refusal) => refusal,
            queued => panic!("job {job} was taken: {queued:?}"),
        }
    }

    pub fn stats(&self) -> LaneStats {
        self.scheduler.stats(self.lane)
    }

    pub fn runner(&self) -> Hand<'_> {
        self.scheduler.runner()
    }

    /// Has one runner run all that waits, each job for `run`, and sends others that were asked for home; answers with the order of the jobs.
    pub fn drain(&self, run: Nanos) -> Vec<u32> {
        let mut order = Vec::new();
        let mut runner = self.runner();
        loop {
            match runner.next() {
                Turn::Run(running, job) => {
                    order.push(job);
                    self.clock.advance(run);
                    runner.finish(running, Outcome::Completed);
                }
                Turn::Expired(job) => panic!("{job} expired"),
                Turn::Done => break,
            }
        }
        (0..self.scheduler.runners()).for_each(|_| self.scheduler.runner_failed());
        order
    }

    /// Completes so many jobs of the given cost and run time, after which the lane trusts its estimates.
    pub fn teach(&self, jobs: u32, cost_of_job: u64, run: Nanos) {
        for job in 0..jobs {
            self.queue(job, cost(cost_of_job));
            self.drain(run);
        }
    }
}

#[track_caller]
pub fn take(runner: &mut Hand<'_>) -> (Running, u32) {
    match runner.next() {
        Turn::Run(running, job) => (running, job),
        other => panic!("no job to run but {other:?}"),
    }
}

#[track_caller]
pub fn assert_done(turn: Turn<u32>) {
    assert!(matches!(turn, Turn::Done), "{turn:?}");
}

pub fn queued(answer: &Answer) -> bool {
    matches!(answer, Answer::Queued { .. })
}

pub fn starts(answer: &Answer) -> bool {
    matches!(answer, Answer::Queued { start_runner: true, .. })
}

pub fn was_queued(cancelled: Cancelled<u32>) -> Option<u32> {
    match cancelled {
        Cancelled::Queued(job) => Some(job),
        _ => None,
    }
}
