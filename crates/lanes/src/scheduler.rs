//! The scheduler: all lanes of a process under one lock, and the runners that drain them.

mod runner;

use slotmap::{SlotMap, new_key_type};

use crate::clock::{Clock, Monotonic, Nanos};
use crate::fair::{Account, Fair};
use crate::lane::{Lane, LaneOptions, LaneStats, Outcome, Overflow};
use crate::queue::{Linked, Links, Load, Priority};
use crate::sync::{Arc, AtomicBool, Condvar, Mutex, Ordering, lock};
use crate::token::{Reason, Token};

pub use runner::{Lent, Runner};

new_key_type! {
    /// An isolate: a JavaScript heap with its own event loop.
    pub struct TenantId;
    /// A lane of an isolate.
    pub struct LaneId;
    /// A job, from its submission to its end. Never reused.
    pub struct JobId;
}

/// Work that one runner is left alone with, in expected nanoseconds. Waking a second thread costs the submitting one about 5 us; for less than 40 us of work it does not pay.
const SPREAD: u64 = 40_000;

/// No runner has taken a job for so long: those at work are with jobs that take longer than was expected. 1 ms is far above what a start takes on a loaded machine (0.1 ms), so that a burst does not start
/// a second runner only because the first is not there yet.
const AWAY: Nanos = 1_000_000;
/// The most that one job counts for in the decision whether to spread: 4 s, so that 2^32 jobs, all that a slot map holds, fit into 64 bits.
const MAX_EXPECTED: u64 = u32::MAX as u64;

/// What a job is, as far as the scheduler cares.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Bytes of input that it holds while it waits.
    pub bytes: usize,
    /// Expected nanoseconds of work; the lane corrects it by what it measures.
    pub cost: u64,
    /// Its class.
    pub priority: Priority,
    /// The moment, on the scheduler's clock, from which its result is of no use.
    pub deadline: Option<Nanos>,
}

/// The answer to a submission.
#[derive(Debug)]
pub enum Submitted<P> {
    /// It waits in its lane.
    Queued {
        /// Its name, for [`Scheduler::cancel`].
        id: JobId,
        /// The caller must start one more runner ([`Scheduler::runner`]), or say that it could not ([`Scheduler::runner_failed`]).
        start_runner: bool,
        /// Jobs dropped for it: the caller settles them.
        shed: Vec<P>,
    },
    /// It was not taken; its payload was not made.
    Refused(Refusal),
}

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No room. Worth another try after so many nanoseconds. Not counted: the caller may keep the job and try again, or give it up and [count](Scheduler::count) it as rejected.
    Full {
        /// When what waits now is likely done.
        retry_after: Nanos,
    },
    /// The lane is closed.
    Closed,
    /// It alone is above the lane's bound on bytes.
    TooLarge {
        /// That bound.
        limit: usize,
    },
    /// By its turn its deadline would have passed.
    Late {
        /// How long it would have waited.
        expected_wait: Nanos,
    },
}

/// The answer to a cancellation.
#[derive(Debug)]
pub enum Cancelled<P> {
    /// It was waiting and is gone.
    Queued(P),
    /// It is told to stop, and ends through its runner.
    Running,
    /// It had ended.
    Gone,
}

/// A job in the hands of a runner. Must be given back to [`Runner::finish`] or [`Runner::finish_and_next`].
#[derive(Debug)]
#[must_use = "its slot stays taken until it is finished"]
pub struct Running {
    id: JobId,
    token: Arc<Token>,
    started: Nanos,
    waited: Nanos,
}

impl Running {
    /// What the work polls.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// When the work began, on the scheduler's clock.
    pub fn started(&self) -> Nanos {
        self.started
    }

    /// Nanoseconds that it waited.
    pub fn waited(&self) -> Nanos {
        self.waited
    }
}

/// What a runner does next.
#[derive(Debug)]
pub enum Turn<P> {
    /// This job.
    Run(Running, P),
    /// This one's deadline passed while it waited; it is settled, not run.
    Expired(P),
    /// Nothing: the runner has been counted out and must stop.
    Done,
}

struct Job<P> {
    lane: LaneId,
    links: Links,
    token: Arc<Token>,
    /// Taken when it starts.
    payload: Option<P>,
    /// Its part of [`State::cost`].
    expected: u64,
    /// Run time charged to lane and isolate in advance.
    charged: Nanos,
    /// It was told to stop while it ran: that is how it ended, whatever its work comes to.
    stopped: Option<Outcome>,
}

impl<P> Linked for Job<P> {
    fn links(&mut self) -> &mut Links {
        &mut self.links
    }
}

#[derive(Default)]
struct Tenant {
    lanes: Fair<LaneId>,
    account: Account,
    running: usize,
    /// Somebody waits for its last job to end.
    closing: bool,
}

struct State<P> {
    jobs: SlotMap<JobId, Job<P>>,
    lanes: SlotMap<LaneId, Lane>,
    tenants: SlotMap<TenantId, Tenant>,
    /// Isolates with a lane that can give a job to a runner.
    ready: Fair<TenantId>,
    runners: usize,
    /// Threads that running jobs use besides their runner's.
    lent: usize,
    /// Expected nanoseconds of everything that waits or runs.
    cost: u64,
    /// When a runner last took its turn or was asked for.
    last_turn: Nanos,
}

/// All lanes of a process. `P` is what the embedder keeps per job.
pub struct Scheduler<P, C = Monotonic> {
    state: Mutex<State<P>>,
    /// Signalled when a job of a closing isolate ends.
    ended: Condvar,
    /// A runner was started in the place of a thread that is lent. Set and cleared under the lock, and looked at without it.
    recalls: AtomicBool,
    clock: C,
    limit: usize,
}

impl<P> Scheduler<P> {
    /// A scheduler for at most `limit` (at least 1) runners. Threads that are [lent](Runner::borrow_threads) count as well, but give way to runners: for as long as they take to notice there may be more.
    pub fn new(limit: usize) -> Self {
        Self::with_clock(limit, Monotonic::default())
    }
}

impl<P, C: Clock> Scheduler<P, C> {
    /// A scheduler on a clock of the caller's.
    pub fn with_clock(limit: usize, clock: C) -> Self {
        let state = State {
            jobs: SlotMap::with_key(),
            lanes: SlotMap::with_key(),
            tenants: SlotMap::with_key(),
            ready: Fair::default(),
            runners: 0,
            lent: 0,
            cost: 0,
            last_turn: 0,
        };
        let limit = limit.max(1);
        Self {
            state: Mutex::new(state),
            ended: Condvar::new(),
            recalls: AtomicBool::new(false),
            clock,
            limit,
        }
    }

    /// The clock that deadlines are on.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// How many threads may be busy.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many runners are at work.
    pub fn runners(&self) -> usize {
        lock(&self.state).runners
    }

    /// Registers an isolate.
    pub fn add_tenant(&self) -> TenantId {
        lock(&self.state).tenants.insert(Tenant::default())
    }

    /// Adds a lane to an isolate. For one that has ended, or is about to, the answer names no lane: what is submitted to it is refused.
    pub fn add_lane(&self, tenant: TenantId, options: LaneOptions) -> LaneId {
        let mut state = lock(&self.state);
        match state.tenants.get(tenant) {
            Some(entry) if !entry.closing => state.lanes.insert(Lane::new(tenant, options)),
            _ => LaneId::default(),
        }
    }

    /// Closes a lane and forgets it as soon as its last job has ended.
    pub fn remove_lane(&self, lane: LaneId) {
        let mut state = lock(&self.state);
        if let Some(entry) = state.lanes.get_mut(lane) {
            entry.closed = true;
            entry.removed = true;
            state.relist(lane);
        }
    }

    /// Counts a job that ended without ever being taken, such as one that gave up waiting for room.
    pub fn count(&self, lane: LaneId, outcome: Outcome) {
        if let Some(lane) = lock(&self.state).lanes.get_mut(lane) {
            lane.count(outcome);
        }
    }

    /// Counts a job that has ended as `from` as `to` instead: nobody waited any more for what it came to ([`Cancelled::Gone`]).
    pub fn recount(&self, lane: LaneId, from: Outcome, to: Outcome) {
        if let Some(lane) = lock(&self.state).lanes.get_mut(lane) {
            lane.recount(from, to);
        }
    }

    /// What the lane did so far and does now. All zero for a lane that is gone.
    pub fn stats(&self, lane: LaneId) -> LaneStats {
        lock(&self.state).lanes.get(lane).map(Lane::stats).unwrap_or_default()
    }

    /// When somebody whose job was refused or shed should come back, as in [`Refusal::Full`].
    pub fn retry_after(&self, lane: LaneId) -> Nanos {
        lock(&self.state).lanes.get(lane).map_or(0, |lane| lane.retry_after(self.limit))
    }

    /// How many jobs wait in the lane.
    pub fn queued(&self, lane: LaneId) -> usize {
        lock(&self.state).lanes.get(lane).map_or(0, |lane| lane.queue.load().jobs)
    }

    /// Asks whether a job would be taken now, and makes room for it where the lane's policy says so. For large inputs: ask, copy, then [`submit`](Self::submit). Only the lane's
    /// own isolate adds jobs to it, so that room found here is still there then.
    ///
    /// # Errors
    ///
    /// The reason for which the job is refused; it is counted, but for [`Refusal::Full`].
    pub fn admit(&self, lane: LaneId, spec: &Spec) -> Result<Vec<P>, Refusal> {
        let now = self.clock.now();
        lock(&self.state).admit(lane, spec, now, self.limit)
    }

    /// Takes a job, or refuses it without making its payload.
    ///
    /// `payload` is called under the lock that all threads share: it should move things, not copy them, and must not call the scheduler.
    ///
    /// ```
    /// use sidelane_lanes::{LaneOptions, Priority, Refusal, Scheduler, Spec, Submitted};
    ///
    /// let scheduler = Scheduler::<Vec<u8>>::new(1);
    /// let lane = scheduler.add_lane(scheduler.add_tenant(), LaneOptions { max_queue: 0, ..LaneOptions::default() });
    /// let spec = Spec { bytes: 3, cost: 100, priority: Priority::Normal, deadline: None };
    ///
    /// assert!(matches!(scheduler.submit(lane, spec, || vec![1, 2, 3]), Submitted::Queued { start_runner: true, .. }));
    /// let second = scheduler.submit(lane, spec, || unreachable!("refused before it is made"));
    /// assert!(matches!(second, Submitted::Refused(Refusal::Full { .. })));
    /// ```
    pub fn submit(&self, lane: LaneId, spec: Spec, payload: impl FnOnce() -> P) -> Submitted<P> {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let shed = match state.admit(lane, &spec, now, self.limit) {
            Ok(shed) => shed,
            Err(refusal) => return Submitted::Refused(refusal),
        };
        let id = state.enqueue(lane, spec, now, payload());
        let start_runner = self.count_in_if_wanted(&mut state, now);
        Submitted::Queued { id, start_runner, shed }
    }

    /// Stops a job: takes it out of its queue, or tells it to stop at its next checkpoint.
    ///
    /// ```
    /// use sidelane_lanes::{Cancelled, LaneOptions, Priority, Reason, Scheduler, Spec, Submitted, Turn};
    ///
    /// let scheduler = Scheduler::<&str>::new(1);
    /// let lane = scheduler.add_lane(scheduler.add_tenant(), LaneOptions::default());
    /// let spec = Spec { bytes: 0, cost: 100, priority: Priority::Normal, deadline: None };
    /// let Submitted::Queued { id, .. } = scheduler.submit(lane, spec, || "waits") else { panic!("refused") };
    ///
    /// assert!(matches!(scheduler.cancel(id, Reason::Aborted), Cancelled::Queued("waits")));
    /// assert!(matches!(scheduler.cancel(id, Reason::Aborted), Cancelled::Gone));
    /// assert!(matches!(scheduler.runner().next(), Turn::Done));
    /// ```
    pub fn cancel(&self, id: JobId, reason: Reason) -> Cancelled<P> {
        let mut state = lock(&self.state);
        let Some(job) = state.jobs.get_mut(id) else { return Cancelled::Gone };
        let outcome = match reason {
            Reason::Aborted => Outcome::Aborted,
            Reason::TimedOut => Outcome::TimedOut,
        };
        if job.payload.is_none() {
            job.token.stop(reason);
            job.stopped.get_or_insert(outcome);
            return Cancelled::Running;
        }
        state.unqueue(id, outcome).map_or(Cancelled::Gone, Cancelled::Queued)
    }

    /// Counts one more runner in if there is work for it: the caller must then start it. For event loops, after each batch of results, and wherever a runner was lost
    /// ([`runner_failed`](Self::runner_failed), a drop): who waits is not told by itself.
    pub fn try_start_runner(&self) -> bool {
        let now = self.clock.now();
        self.count_in_if_wanted(&mut lock(&self.state), now)
    }

    fn count_in_if_wanted(&self, state: &mut State<P>, now: Nanos) -> bool {
        let wanted = state.wants_runner(self.limit, now);
        if wanted {
            state.runners += 1;
            state.last_turn = state.last_turn.max(now);
        }
        if wanted && state.is_crowded(self.limit) {
            // Relaxed: who sees it takes the lock.
            self.recalls.store(true, Ordering::Relaxed);
        }
        wanted
    }

    /// Counts out a runner that could not be started. What waits still waits for one.
    pub fn runner_failed(&self) {
        lock(&self.state).count_out();
    }

    /// Ends an isolate: drops what waits, tells what runs to stop, and returns when nothing of it runs any more (its jobs may use memory that goes with it).
    ///
    /// Answers with what it dropped. Must not be called by the thread of a runner that has a job of this isolate: it would wait for itself.
    ///
    /// ```
    /// use sidelane_lanes::{LaneOptions, Priority, Refusal, Scheduler, Spec, Submitted};
    ///
    /// let scheduler = Scheduler::<&str>::new(1);
    /// let tenant = scheduler.add_tenant();
    /// let lane = scheduler.add_lane(tenant, LaneOptions::default());
    /// let spec = Spec { bytes: 0, cost: 100, priority: Priority::Normal, deadline: None };
    /// scheduler.submit(lane, spec, || "waits");
    ///
    /// assert_eq!(scheduler.remove_tenant(tenant), ["waits"]);
    /// assert!(matches!(scheduler.submit(lane, spec, || "late"), Submitted::Refused(Refusal::Closed)));
    /// ```
    pub fn remove_tenant(&self, tenant: TenantId) -> Vec<P> {
        let mut state = lock(&self.state);
        if let Some(tenant) = state.tenants.get_mut(tenant) {
            tenant.closing = true;
        }
        state.lanes.values_mut().filter(|lane| lane.tenant == tenant).for_each(|lane| lane.closed = true);
        let jobs = state.jobs_of(tenant);
        let mut dropped = Vec::new();
        for id in jobs {
            match state.jobs[id].payload {
                Some(_) => dropped.extend(state.unqueue(id, Outcome::Aborted)),
                None => state.jobs[id].token.stop(Reason::Aborted),
            }
        }
        while state.tenants.get(tenant).is_some_and(|tenant| tenant.running > 0) {
            state = self.ended.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        state.tenants.remove(tenant);
        state.lanes.retain(|_, lane| lane.tenant != tenant);
        dropped
    }
}

impl<P> State<P> {
    fn admit(&mut self, id: LaneId, spec: &Spec, now: Nanos, limit: usize) -> Result<Vec<P>, Refusal> {
        let Some(lane) = self.lanes.get_mut(id) else { return Err(Refusal::Closed) };
        if let Some(refusal) = refusal_of(lane, spec, now, limit) {
            lane.count(if matches!(refusal, Refusal::Late { .. }) {
                Outcome::TimedOut
            } else {
                Outcome::Rejected
            });
            return Err(refusal);
        }
        let load = load_of(spec);
        if lane.fits(load, Load::default(), limit) {
            return Ok(Vec::new());
        }
        let sheddable = match lane.options.overflow {
            Overflow::ShedOldest => lane.queue.load(),
            Overflow::ShedLowest => lane.queue.load_below(spec.priority),
            Overflow::Reject => Load::default(),
        };
        if !lane.fits(load, sheddable, limit) {
            return Err(Refusal::Full { retry_after: lane.retry_after(limit) });
        }
        Ok(self.shed_until_fits(id, spec, limit))
    }

    fn shed_until_fits(&mut self, id: LaneId, spec: &Spec, limit: usize) -> Vec<P> {
        let mut shed = Vec::new();
        while !self.lanes[id].fits(load_of(spec), Load::default(), limit) {
            let lane = &self.lanes[id];
            let victim = match lane.options.overflow {
                Overflow::ShedOldest => lane.queue.oldest(&mut self.jobs),
                _ => lane.queue.lowest_below(spec.priority),
            };
            let Some(victim) = victim else { break };
            shed.extend(self.unqueue(victim, Outcome::Rejected));
        }
        shed
    }

    fn enqueue(&mut self, lane: LaneId, spec: Spec, now: Nanos, payload: P) -> JobId {
        let load = load_of(&spec);
        let expected = self.lanes[lane].expected_run(load.cost).min(MAX_EXPECTED);
        let id = self.jobs.insert(Job {
            lane,
            links: Links::new(spec.priority, now, load),
            token: Arc::new(Token::new(spec.deadline)),
            payload: Some(payload),
            expected,
            charged: 0,
            stopped: None,
        });
        self.cost += expected;
        self.lanes[lane].queue.push(&mut self.jobs, id);
        self.relist(lane);
        id
    }

    /// Ends a job that waits.
    fn unqueue(&mut self, id: JobId, outcome: Outcome) -> Option<P> {
        let lane = self.jobs.get(id)?.lane;
        self.lanes[lane].queue.remove(&mut self.jobs, id);
        self.lanes[lane].count(outcome);
        self.relist(lane);
        let job = self.jobs.remove(id)?;
        self.cost -= job.expected;
        job.payload
    }

    fn next(&mut self, now: Nanos) -> Turn<P> {
        let Some((tenant, id)) = self.choose() else { return Turn::Done };
        if self.jobs[id].token.check(now).is_some() {
            return self.unqueue(id, Outcome::TimedOut).map_or(Turn::Done, Turn::Expired);
        }
        let lane_id = self.jobs[id].lane;
        let lane = &mut self.lanes[lane_id];
        lane.queue.remove(&mut self.jobs, id);
        lane.running += 1;
        let job = &mut self.jobs[id];
        lane.running_cost += job.links.load.cost;
        let waited = now.saturating_sub(job.links.enqueued);
        lane.record_wait(waited);
        job.charged = lane.expected_run(job.links.load.cost);
        lane.account.charge(job.charged);
        let tenant = &mut self.tenants[tenant];
        tenant.account.charge(job.charged);
        tenant.running += 1;
        let running = Running { id, token: job.token.clone(), started: now, waited };
        let payload = job.payload.take();
        self.relist(lane_id);
        payload.map_or(Turn::Done, |payload| Turn::Run(running, payload))
    }

    /// The isolate that has used least, its lane that has used least, that lane's most urgent job.
    fn choose(&mut self) -> Option<(TenantId, JobId)> {
        let tenants = &mut self.tenants;
        let tenant = self.ready.choose(|id| tenants[id].account)?;
        let lanes = &self.lanes;
        let lane = tenants[tenant].lanes.choose(|id| lanes[id].account)?;
        Some((tenant, self.lanes[lane].queue.next(&mut self.jobs)?))
    }

    /// Ends a job that ran. `true`: somebody waits for that.
    fn finish(&mut self, id: JobId, started: Nanos, outcome: Outcome, now: Nanos) -> bool {
        let Some(job) = self.jobs.remove(id) else { return false };
        let run = now.saturating_sub(started);
        self.cost -= job.expected;
        let lane = &mut self.lanes[job.lane];
        lane.running -= 1;
        lane.running_cost -= job.links.load.cost;
        lane.count(job.stopped.unwrap_or(outcome));
        lane.record_run(outcome, run, job.links.load.cost);
        lane.account.settle(job.charged, run);
        let tenant = &mut self.tenants[lane.tenant];
        tenant.running -= 1;
        tenant.account.settle(job.charged, run);
        tenant.lanes.ended(lane.account);
        self.ready.ended(tenant.account);
        let awaited = tenant.closing && tenant.running == 0;
        self.relist(job.lane);
        awaited
    }

    /// Keeps `ready` true to whether the lane can give a job to a runner, and forgets a removed lane after its last job.
    fn relist(&mut self, id: LaneId) {
        let lane = &mut self.lanes[id];
        let over = lane.removed && lane.queue.is_empty() && lane.running == 0;
        let runnable = lane.runnable();
        if runnable != lane.listed {
            lane.listed = runnable;
            let tenant_id = lane.tenant;
            let tenant = &mut self.tenants[tenant_id];
            if runnable {
                if tenant.lanes.is_empty() {
                    self.ready.join(tenant_id, &mut tenant.account);
                }
                tenant.lanes.join(id, &mut lane.account);
            } else {
                tenant.lanes.leave(id);
                if tenant.lanes.is_empty() {
                    self.ready.leave(tenant_id);
                }
            }
        }
        if over {
            self.lanes.remove(id);
        }
    }

    fn jobs_of(&self, tenant: TenantId) -> Vec<JobId> {
        let is_its = |job: &Job<P>| self.lanes.get(job.lane).is_some_and(|lane| lane.tenant == tenant);
        self.jobs.iter().filter(|(_, job)| is_its(job)).map(|(id, _)| id).collect()
    }

    /// Whether one more runner pays: there is work for it, and those that exist have enough to do, or are so long at what they do that it must be more than was expected.
    ///
    /// Threads that are lent do not count: what they help may take seconds, and they are asked to come back.
    fn wants_runner(&self, limit: usize, now: Nanos) -> bool {
        if self.ready.is_empty() || self.runners >= limit {
            return false;
        }
        self.runners == 0
            || self.cost > self.runners as u64 * SPREAD
            || now.saturating_sub(self.last_turn) > AWAY
    }

    /// Whether a lent thread should come back.
    fn is_crowded(&self, limit: usize) -> bool {
        self.lent > 0 && self.runners + self.lent > limit
    }

    /// Saturates: a runner too many counted out must not turn into usize::MAX of them, with which none would ever be started again.
    fn count_out(&mut self) {
        self.runners = self.runners.saturating_sub(1);
    }
}

/// Why this job is not taken however much room there is.
fn refusal_of(lane: &Lane, spec: &Spec, now: Nanos, limit: usize) -> Option<Refusal> {
    if lane.closed {
        return Some(Refusal::Closed);
    }
    if spec.bytes > lane.options.max_queue_bytes {
        return Some(Refusal::TooLarge { limit: lane.options.max_queue_bytes });
    }
    let expected_wait = lane.expected_wait(spec.priority, limit);
    let late = spec.deadline.is_some_and(|deadline| now.saturating_add(expected_wait) >= deadline);
    late.then_some(Refusal::Late { expected_wait })
}

/// A cost of 0 counts as 1: times a pace, it still grows to what the lane's jobs take.
fn load_of(spec: &Spec) -> Load {
    Load { jobs: 1, bytes: spec.bytes, cost: u128::from(spec.cost.max(1)) }
}
