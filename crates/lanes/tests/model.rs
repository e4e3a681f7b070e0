//! Random operations against a reference so simple that it is obviously right: vectors, scanned from end to end.
//!
//! The model predicts every answer but two, which it only bounds: whose turn it is among lanes (fairness.rs), and refusals for a wait that is expected (deadlines.rs).
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{AGING, Clocked, Hand, SPREAD};
use proptest::prelude::*;
use sidelane_lanes::{
    Cancelled, JobId, LaneId, LaneOptions, Lent, ManualClock, Nanos, Outcome, Overflow, Priority, Reason,
    Refusal, Running, Scheduler, Spec, Submitted, TenantId, Turn,
};

#[derive(Debug, Clone)]
enum Step {
    AddLane { tenant: usize, options: LaneOptions },
    Submit { lane: usize, spec: Spec, ask_first: bool },
    Cancel { job: usize, reason: Reason },
    Advance(Nanos),
    Start,
    FailToStart,
    Turn { runner: usize, outcome: Outcome },
    Lose { runner: usize },
    Finish { runner: usize, outcome: Outcome },
    Release { runner: usize },
    Drop { runner: usize },
    Borrow { runner: usize, wanted: usize },
    Recall { thread: usize },
    GiveBack { thread: usize },
    Remove { lane: usize },
    End { tenant: usize },
}

fn options() -> impl Strategy<Value = LaneOptions> {
    let overflow =
        prop_oneof![Just(Overflow::Reject), Just(Overflow::ShedOldest), Just(Overflow::ShedLowest)];
    let concurrency = prop_oneof![0usize..4, Just(usize::MAX)];
    let bytes = prop_oneof![3 => 0usize..200, 1 => Just(usize::MAX)];
    (concurrency, 0usize..6, bytes, overflow).prop_map(
        |(concurrency, max_queue, max_queue_bytes, overflow)| LaneOptions {
            concurrency,
            max_queue,
            max_queue_bytes,
            overflow,
        },
    )
}

fn spec() -> impl Strategy<Value = Spec> {
    let priority = prop_oneof![Just(Priority::High), Just(Priority::Normal), Just(Priority::Low)];
    let bytes = prop_oneof![20 => 0usize..90, 1 => Just(usize::MAX)];
    let cost = prop_oneof![4 => 0..SPREAD, 2 => 0..100 * SPREAD, 1 => Just(u64::MAX)];
    // Relative to the moment of submission; see `Model::submit`.
    let deadline = prop_oneof![3 => Just(None), 1 => (0..2 * AGING).prop_map(Some)];
    (bytes, cost, priority, deadline).prop_map(|(bytes, cost, priority, deadline)| Spec {
        bytes,
        cost,
        priority,
        deadline,
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        6 => Just(Outcome::Completed),
        1 => Just(Outcome::Failed),
        1 => Just(Outcome::Aborted),
        1 => Just(Outcome::TimedOut)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let index = 0usize..1000;
    let reason = prop_oneof![Just(Reason::Aborted), Just(Reason::TimedOut)];
    prop_oneof![
        2 => (index.clone(), options()).prop_map(|(tenant, options)| Step::AddLane { tenant, options }),
        40 => (index.clone(), spec(), any::<bool>()).prop_map(|(lane, spec, ask_first)| Step::Submit { lane, spec, ask_first }),
        8 => (index.clone(), reason).prop_map(|(job, reason)| Step::Cancel { job, reason }),
        6 => (0..SPREAD).prop_map(Step::Advance),
        4 => (0..AGING).prop_map(Step::Advance),
        12 => Just(Step::Start),
        1 => Just(Step::FailToStart),
        20 => (index.clone(), outcome()).prop_map(|(runner, outcome)| Step::Turn { runner, outcome }),
        1 => index.clone().prop_map(|runner| Step::Lose { runner }),
        4 => (index.clone(), outcome()).prop_map(|(runner, outcome)| Step::Finish { runner, outcome }),
        2 => index.clone().prop_map(|runner| Step::Release { runner }),
        1 => index.clone().prop_map(|runner| Step::Drop { runner }),
        4 => (index.clone(), 0usize..5).prop_map(|(runner, wanted)| Step::Borrow { runner, wanted }),
        4 => index.clone().prop_map(|thread| Step::Recall { thread }),
        1 => index.clone().prop_map(|thread| Step::GiveBack { thread }),
        1 => index.clone().prop_map(|lane| Step::Remove { lane }),
        1 => index.prop_map(|tenant| Step::End { tenant }),
    ]
}

struct ModelJob {
    id: JobId,
    number: u32,
    spec: Spec,
    enqueued: Nanos,
    /// Told to stop while it ran.
    stopped: Option<Outcome>,
}

struct ModelLane {
    id: LaneId,
    tenant: TenantId,
    options: LaneOptions,
    /// In the order of submission.
    queue: Vec<ModelJob>,
    /// And the runner that has it.
    running: Vec<(ModelJob, u64)>,
    removed: bool,
    ended: [u64; 5],
}

impl ModelLane {
    fn bytes(&self) -> u128 {
        self.queue.iter().map(|job| job.spec.bytes as u128).sum()
    }

    fn fits(&self, spec: &Spec, limit: usize) -> bool {
        let slots = self.options.concurrency.max(1).min(limit).saturating_sub(self.running.len());
        self.queue.len() < self.options.max_queue + slots
            && self.bytes() + spec.bytes as u128 <= self.options.max_queue_bytes as u128
    }

    fn runnable(&self) -> bool {
        !self.queue.is_empty() && self.running.len() < self.options.concurrency.max(1)
    }

    /// The position of the job that goes next.
    fn head(&self) -> Option<usize> {
        let urgency = |job: &ModelJob| {
            (job.enqueued + job.spec.priority as Nanos * AGING, job.spec.priority, job.number)
        };
        (0..self.queue.len()).min_by_key(|position| urgency(&self.queue[*position]))
    }

    /// The position of the job to be shed for one of this priority.
    fn victim(&self, priority: Priority) -> Option<usize> {
        let positions = 0..self.queue.len();
        let job = |position: &usize| &self.queue[*position];
        match self.options.overflow {
            Overflow::ShedOldest => positions.min_by_key(|at| {
                (job(at).enqueued, std::cmp::Reverse(job(at).spec.priority), job(at).number)
            }),
            Overflow::ShedLowest => positions
                .filter(|at| job(at).spec.priority > priority)
                .max_by_key(|at| (job(at).spec.priority, job(at).number)),
            Overflow::Reject => None,
        }
    }

    fn is_gone(&self) -> bool {
        self.removed && self.queue.is_empty() && self.running.is_empty()
    }
}

struct ModelRunner<'s> {
    hand: Hand<'s>,
    number: u64,
    current: Option<Running>,
}

struct Model<'s> {
    scheduler: &'s Clocked,
    clock: Arc<ManualClock>,
    now: Nanos,
    tenants: Vec<TenantId>,
    lanes: Vec<ModelLane>,
    /// Counted in, and not there yet.
    promised: usize,
    runners: Vec<ModelRunner<'s>>,
    /// Threads that are lent, and not known to be recalled.
    lent: Vec<Lent<'s, u32, Arc<ManualClock>>>,
    /// How often each job has ended. The index is its number.
    ends: Vec<u32>,
    ids: Vec<JobId>,
    next_runner: u64,
}

fn at(length: usize, index: usize) -> Option<usize> {
    (length > 0).then(|| index % length)
}

impl Model<'_> {
    fn limit(&self) -> usize {
        self.scheduler.limit()
    }

    fn any_runnable(&self) -> bool {
        self.lanes.iter().any(ModelLane::runnable)
    }

    fn busy(&self) -> usize {
        self.promised + self.runners.len()
    }

    fn end(&mut self, number: u32) {
        self.ends[number as usize] += 1;
    }

    /// Checks the answer to "is one more runner wanted", and takes note of it.
    fn note_start(&mut self, answer: bool) {
        if !self.any_runnable() || self.busy() >= self.limit() {
            assert!(!answer, "a runner without work or above the limit");
        } else if self.busy() == 0 {
            assert!(answer, "work without a runner");
        }
        self.promised += usize::from(answer);
    }

    fn refuse(&mut self, lane: usize, spec: &Spec, refusal: Refusal) {
        let limit = self.limit();
        let now = self.now;
        let lane = &mut self.lanes[lane];
        let outcome = match refusal {
            Refusal::Closed => {
                assert!(lane.removed);
                Some(Outcome::Rejected)
            }
            Refusal::TooLarge { limit } => {
                assert!(spec.bytes > limit && limit == lane.options.max_queue_bytes);
                Some(Outcome::Rejected)
            }
            Refusal::Late { expected_wait } => {
                assert!(spec.deadline.unwrap() <= now.saturating_add(expected_wait));
                let known = lane.ended[Outcome::Completed as usize] + lane.ended[Outcome::Failed as usize];
                assert!(expected_wait == 0 || (known >= 8 && !lane.queue.is_empty()), "refused for a guess");
                Some(Outcome::TimedOut)
            }
            Refusal::Full { .. } => {
                assert!(!lane.fits(spec, limit), "refused though there is room");
                None
            }
        };
        // A lane that is gone counts nothing.
        if let (Some(outcome), false) = (outcome, lane.is_gone()) {
            lane.ended[outcome as usize] += 1;
        }
    }

    /// Makes room as the lane's policy says; what was shed must be what the scheduler shed.
    fn make_room(&mut self, index: usize, spec: &Spec, shed: Vec<u32>) {
        let limit = self.limit();
        let mut expected = Vec::new();
        while !self.lanes[index].fits(spec, limit) {
            let victim = self.lanes[index].victim(spec.priority).expect("taken without room");
            let job = self.lanes[index].queue.remove(victim);
            self.lanes[index].ended[Outcome::Rejected as usize] += 1;
            expected.push(job.number);
            self.end(job.number);
        }
        assert_eq!(shed, expected);
    }

    fn must_refuse(&self, lane: usize, spec: &Spec) -> bool {
        let lane = &self.lanes[lane];
        lane.removed
            || spec.bytes > lane.options.max_queue_bytes
            || spec.deadline.is_some_and(|deadline| deadline <= self.now)
    }

    fn submit(&mut self, index: usize, spec: Spec, ask_first: bool) {
        let lane = self.lanes[index].id;
        let spec = Spec { deadline: spec.deadline.map(|relative| self.now + relative), ..spec };
        if ask_first {
            match self.scheduler.admit(lane, &spec) {
                Err(refusal) => return self.refuse(index, &spec, refusal),
                Ok(shed) => {
                    assert!(!self.must_refuse(index, &spec));
                    self.make_room(index, &spec, shed);
                }
            }
        }
        let number = self.ends.len() as u32;
        match self.scheduler.submit(lane, spec, || number) {
            Submitted::Refused(refusal) => {
                assert!(!ask_first, "the room that admit found is gone");
                self.refuse(index, &spec, refusal);
            }
            Submitted::Queued { id, start_runner, shed } => {
                assert!(!self.must_refuse(index, &spec));
                assert!(!ask_first || shed.is_empty(), "admit had made the room");
                self.make_room(index, &spec, shed);
                self.lanes[index].queue.push(ModelJob {
                    id,
                    number,
                    spec,
                    enqueued: self.now,
                    stopped: None,
                });
                self.ends.push(0);
                self.ids.push(id);
                self.note_start(start_runner);
            }
        }
    }

    fn cancel(&mut self, number: usize, reason: Reason) {
        let id = self.ids[number];
        let answer = self.scheduler.cancel(id, reason);
        let outcome = if reason == Reason::Aborted { Outcome::Aborted } else { Outcome::TimedOut };
        for lane in &mut self.lanes {
            if let Some(position) = lane.queue.iter().position(|job| job.id == id) {
                let job = lane.queue.remove(position);
                assert!(matches!(answer, Cancelled::Queued(payload) if payload == job.number));
                lane.ended[outcome as usize] += 1;
                return self.end(job.number);
            }
            if let Some((job, runner)) = lane.running.iter_mut().find(|(job, _)| job.id == id) {
                assert!(matches!(answer, Cancelled::Running));
                job.stopped.get_or_insert(outcome);
                let runner = self.runners.iter().find(|other| other.number == *runner).unwrap();
                assert!(runner.current.as_ref().unwrap().token().stopped().is_some());
                return;
            }
        }
        assert!(matches!(answer, Cancelled::Gone));
        assert_eq!(self.ends[number], 1);
    }

    /// Takes note that the runner's job has ended.
    fn finished(&mut self, runner: u64, outcome: Outcome) {
        for lane in &mut self.lanes {
            if let Some(position) = lane.running.iter().position(|(_, by)| *by == runner) {
                let (job, _) = lane.running.remove(position);
                lane.ended[job.stopped.unwrap_or(outcome) as usize] += 1;
                return self.end(job.number);
            }
        }
        panic!("no job to finish");
    }

    /// Takes note of what the runner was given.
    fn turned(&mut self, index: usize, turn: Turn<u32>) {
        let runner = self.runners[index].number;
        let (number, expired) = match &turn {
            Turn::Done => {
                assert!(!self.any_runnable(), "sent home though there is work");
                drop(self.runners.remove(index));
                return;
            }
            Turn::Run(_, number) => (*number, false),
            Turn::Expired(number) => (*number, true),
        };
        let of_it = |lane: &&mut ModelLane| lane.queue.iter().any(|job| job.number == number);
        let lane = self.lanes.iter_mut().find(of_it).expect("a job that does not wait");
        assert!(lane.runnable(), "above the lane's concurrency");
        let head = lane.head().unwrap();
        assert_eq!(lane.queue[head].number, number, "out of order");
        let job = lane.queue.remove(head);
        assert_eq!(job.spec.deadline.is_some_and(|deadline| deadline <= self.now), expired);
        if let Turn::Run(running, _) = turn {
            assert_eq!((running.started(), running.waited()), (self.now, self.now - job.enqueued));
            lane.running.push((job, runner));
            self.runners[index].current = Some(running);
        } else {
            lane.ended[Outcome::TimedOut as usize] += 1;
            self.end(number);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::AddLane { tenant, options } => {
                if let Some(tenant) = at(self.tenants.len(), tenant).filter(|_| self.lanes.len() < 6) {
                    self.add_lane(self.tenants[tenant], options);
                }
            }
            Step::Submit { lane, spec, ask_first } => {
                if let Some(lane) = at(self.lanes.len(), lane) {
                    self.submit(lane, spec, ask_first);
                }
            }
            Step::Cancel { job, reason } => {
                // Mostly young ones: the others are gone.
                if let Some(job) = at(self.ids.len().min(12), job) {
                    self.cancel(self.ids.len() - 1 - job, reason);
                }
            }
            Step::Advance(nanos) => {
                self.clock.advance(nanos);
                self.now += nanos;
            }
            Step::Start => self.start(),
            Step::FailToStart => {
                if self.promised > 0 {
                    self.promised -= 1;
                    self.scheduler.runner_failed();
                }
            }
            Step::Turn { runner, outcome } => {
                if let Some(runner) = at(self.runners.len(), runner) {
                    self.turn(runner, outcome);
                }
            }
            Step::Lose { runner } => {
                if let Some(index) = at(self.runners.len(), runner) {
                    if self.runners[index].current.take().is_some() {
                        self.finished(self.runners[index].number, Outcome::Failed);
                    }
                    let turn = self.runners[index].hand.next();
                    self.turned(index, turn);
                }
            }
            Step::Finish { runner, outcome } => {
                if let Some(index) = at(self.runners.len(), runner)
                    && let Some(running) = self.runners[index].current.take()
                {
                    self.runners[index].hand.finish(running, outcome);
                    self.finished(self.runners[index].number, outcome);
                }
            }
            Step::Release { runner } => {
                if let Some(index) = at(self.runners.len(), runner) {
                    let runner = self.runners.remove(index);
                    if runner.current.is_some() {
                        self.finished(runner.number, Outcome::Failed);
                    }
                    assert_eq!(runner.hand.release(), self.any_runnable());
                }
            }
            Step::Drop { runner } => {
                if let Some(index) = at(self.runners.len(), runner) {
                    let runner = self.runners.remove(index);
                    if runner.current.is_some() {
                        self.finished(runner.number, Outcome::Failed);
                    }
                }
            }
            Step::Borrow { runner, wanted } => {
                if let Some(index) = at(self.runners.len(), runner) {
                    let free = self.limit().saturating_sub(self.busy() + self.lent.len());
                    let free = if self.any_runnable() { 0 } else { free };
                    let lent = self.runners[index].hand.borrow_threads(wanted);
                    assert_eq!(lent.len(), wanted.min(free));
                    let rest = self.runners[index].hand.borrow_threads(usize::MAX / 2);
                    assert_eq!(lent.len() + rest.len(), free);
                    self.lent.extend(lent);
                }
            }
            Step::Recall { thread } => {
                if let Some(index) = at(self.lent.len(), thread) {
                    let crowded = self.busy() + self.lent.len() > self.limit();
                    assert_eq!(self.lent[index].is_recalled(), crowded);
                    if crowded {
                        let mut recalled = self.lent.remove(index);
                        assert!(recalled.is_recalled(), "it stays so");
                    }
                }
            }
            Step::GiveBack { thread } => {
                if let Some(index) = at(self.lent.len(), thread) {
                    drop(self.lent.remove(index));
                }
            }
            Step::Remove { lane } => {
                if let Some(lane) = at(self.lanes.len(), lane) {
                    self.scheduler.remove_lane(self.lanes[lane].id);
                    self.lanes[lane].removed = true;
                }
            }
            Step::End { tenant } => {
                if let Some(tenant) = at(self.tenants.len(), tenant) {
                    self.end_tenant(tenant);
                }
            }
        }
    }

    fn add_lane(&mut self, tenant: TenantId, options: LaneOptions) {
        let id = self.scheduler.add_lane(tenant, options.clone());
        let (queue, running) = (Vec::new(), Vec::new());
        self.lanes.push(ModelLane { id, tenant, options, removed: false, queue, running, ended: [0; 5] });
    }

    fn start(&mut self) {
        if self.promised == 0 {
            return;
        }
        self.promised -= 1;
        let number = self.next_runner;
        self.next_runner += 1;
        self.runners.push(ModelRunner { hand: self.scheduler.runner(), number, current: None });
        let turn = self.runners.last_mut().unwrap().hand.next();
        self.turned(self.runners.len() - 1, turn);
    }

    fn turn(&mut self, index: usize, outcome: Outcome) {
        let turn = match self.runners[index].current.take() {
            Some(running) => {
                let turn = self.runners[index].hand.finish_and_next(running, outcome);
                self.finished(self.runners[index].number, outcome);
                turn
            }
            None => self.runners[index].hand.next(),
        };
        self.turned(index, turn);
    }

    fn end_tenant(&mut self, index: usize) {
        let tenant = self.tenants[index];
        if self.lanes.iter().any(|lane| lane.tenant == tenant && !lane.running.is_empty()) {
            // It would wait for ever on this thread (lifecycle.rs does it on another).
            return;
        }
        let mut dropped = self.scheduler.remove_tenant(tenant);
        let mut expected = Vec::new();
        for lane in self.lanes.iter().filter(|lane| lane.tenant == tenant) {
            expected.extend(lane.queue.iter().map(|job| job.number));
        }
        self.lanes.retain(|lane| lane.tenant != tenant);
        expected.iter().for_each(|number| self.end(*number));
        dropped.sort_unstable();
        expected.sort_unstable();
        assert_eq!(dropped, expected);
        self.tenants[index] = self.scheduler.add_tenant();
        self.add_lane(self.tenants[index], LaneOptions::default());
    }

    fn check(&mut self) {
        assert_eq!(self.scheduler.runners(), self.busy());
        assert!(self.busy() <= self.limit());
        let running: usize = self.lanes.iter().map(|lane| lane.running.len()).sum();
        assert!(running <= self.runners.len());
        for lane in &self.lanes {
            let stats = self.scheduler.stats(lane.id);
            let ended = [stats.completed, stats.failed, stats.aborted, stats.timed_out, stats.rejected];
            if lane.is_gone() {
                assert_eq!(ended, [0; 5], "a removed lane is forgotten");
                continue;
            }
            assert_eq!(stats.queued, lane.queue.len());
            assert_eq!(stats.queued_bytes as u128, lane.bytes());
            assert_eq!(stats.running, lane.running.len());
            assert_eq!(ended, lane.ended);
            assert!(stats.running <= lane.options.concurrency.max(1));
        }
        assert!(self.ends.iter().all(|ends| *ends <= 1), "a job ended twice");
        // An event loop asks now and then; here after every step that may have left work without a runner.
        if self.busy() == 0 && self.any_runnable() {
            let answer = self.scheduler.try_start_runner();
            self.note_start(answer);
        }
    }

    /// Runs everything that is left, after which nothing must be.
    fn wind_up(mut self) {
        self.lent.clear();
        while self.busy() > 0 {
            self.start();
            for index in (0..self.runners.len()).rev() {
                self.turn(index, Outcome::Completed);
            }
            self.check();
        }
        assert!(self.ends.iter().all(|ends| *ends == 1), "a job never ended");
        // The decision to start a second runner shows what the scheduler believes to be left: nothing, to the nanosecond.
        let tenant = self.scheduler.add_tenant();
        let lane = self.scheduler.add_lane(tenant, LaneOptions::default());
        let starts = |cost| {
            let spec = Spec { bytes: 0, cost, priority: Priority::Normal, deadline: None };
            match self.scheduler.submit(lane, spec, || 0) {
                Submitted::Queued { start_runner, .. } => start_runner,
                Submitted::Refused(refusal) => panic!("{refusal:?}"),
            }
        };
        assert!(starts(1));
        assert!(!starts(SPREAD - 1));
        assert_eq!(starts(1), self.scheduler.limit() > 1);
    }
}

proptest! {
    #[test]
    fn behaves_like_the_model(limit in 1usize..4, first in options(), steps in prop::collection::vec(step(), 1..150)) {
        let clock = Arc::new(ManualClock::default());
        let scheduler = Scheduler::with_clock(limit, clock.clone());
        let mut model = Model {
            scheduler: &scheduler,
            clock,
            now: 0,
            tenants: vec![scheduler.add_tenant(), scheduler.add_tenant()],
            lanes: Vec::new(),
            promised: 0,
            runners: Vec::new(),
            lent: Vec::new(),
            ends: Vec::new(),
            ids: Vec::new(),
            next_runner: 0,
        };
        model.add_lane(model.tenants[0], first);
        for step in steps {
            model.step(step);
            model.check();
        }
        model.wind_up();
    }
}

/// That the random steps reach what they are for: without this, a change of their weights could turn the test above into one of nothing.
#[test]
fn the_steps_reach_every_answer() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut seen = BTreeMap::<&str, u32>::new();
    let mut random = TestRunner::deterministic();
    for _ in 0..200 {
        let clock = Arc::new(ManualClock::default());
        let scheduler: Clocked = Scheduler::with_clock(2, clock.clone());
        let tenant = scheduler.add_tenant();
        let lane = scheduler.add_lane(tenant, options().new_tree(&mut random).unwrap().current());
        for _ in 0..30 {
            let spec = spec().new_tree(&mut random).unwrap().current();
            let answer = match scheduler.submit(lane, spec, || 0) {
                Submitted::Queued { shed, .. } if shed.is_empty() => "queued",
                Submitted::Queued { .. } => "shed",
                Submitted::Refused(Refusal::Full { .. }) => "full",
                Submitted::Refused(Refusal::TooLarge { .. }) => "too large",
                Submitted::Refused(Refusal::Late { .. }) => "late",
                Submitted::Refused(Refusal::Closed) => "closed",
            };
            *seen.entry(answer).or_default() += 1;
            clock.advance(AGING / 10);
        }
    }
    for answer in ["queued", "shed", "full", "too large", "late"] {
        assert!(seen.get(answer).is_some_and(|count| *count > 20), "{answer}: {seen:?}");
    }
}
