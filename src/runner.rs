//! Runners: what libuv sees. Each is one piece of Node-API's asynchronous work that drains lane jobs until its slice is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sidelane_kernels::{Checkpoint, Interrupted, Lender, Loan, Threads};
use sidelane_lanes::{Clock, Lent, Monotonic, Nanos, Outcome, Reason, Runner, Running, Turn};

use crate::async_work;
use crate::guard::guard;
use crate::isolate::{Home, Isolate};
use crate::outcome::{Failure, Value};
use crate::placement;
use crate::pool::{self, scheduler};
use crate::settle::{Completion, News, OnLoop};

/// A runner's slice: after so many jobs or so long, others of libuv's queue get their turn.
const SLICE_JOBS: u32 = 64;
const SLICE_NANOS: Nanos = 5_000_000;
/// How often a long job's thread looks whether its isolate is being terminated.
const PING_NANOS: Nanos = 50_000_000;
/// How often a job looks whether more threads are free than when it began.
const LOOK_NANOS: Nanos = 1_000_000;
/// How long a runner without jobs waits for the next start, when the last one came as soon after a result. Tasks that are awaited one by one come 5 us after
/// it, while a thread that sleeps and is woken costs 20 us of CPU, half of it the loop's. 20 us of waiting cost 4 us more than none where they are in vain, 50 us cost 15 us.
const LINGER_NANOS: Nanos = 20_000;

/// The work of a task. It may be called once, on any thread.
pub(crate) type Work = Box<dyn FnOnce(&Context<'_>) -> Result<Value, Failure> + Send>;

/// What the scheduler keeps per job.
pub(crate) struct Job {
    pub(crate) tag: u32,
    pub(crate) operation: &'static str,
    pub(crate) home: Arc<Home>,
    pub(crate) work: Work,
}

/// What a task's work may ask for while it runs.
pub(crate) struct Context<'r> {
    running: &'r Running,
    job: (&'r Arc<Home>, u32),
    /// The isolate whose loop this thread's runner belongs to; none for a thread of our own.
    owner: Option<&'r Home>,
    runner: &'r Runner<'static, Job, Monotonic>,
    next_ping: AtomicU64,
    next_look: AtomicU64,
}

impl Context<'_> {
    /// For data-parallel work: this thread, and those that no other task waits for, for as long as none does.
    pub(crate) fn threads(&self) -> Threads<'_> {
        let pool = if scheduler().limit() > 1 { pool::threads() } else { None };
        pool.map_or(Threads::One, |pool| Threads::Lent { pool, lender: self })
    }

    /// Tells JavaScript how far the task is.
    pub(crate) fn progress(&self, done: u64, total: u64) {
        let (home, tag) = self.job;
        home.complete(Completion { tag, waited: 0, ran: 0, news: News::Progress { done, total } }, false);
    }

    /// Tells JavaScript that the input is not read any more, and has no memory to speak of. It hears of this before the result is made.
    pub(crate) fn gave_back(&self) {
        let (home, tag) = self.job;
        home.complete(Completion { tag, waited: 0, ran: 0, news: News::GaveBack }, false);
    }

    /// Nanoseconds on the scheduler's clock.
    pub(crate) fn now(&self) -> Nanos {
        scheduler().clock().now()
    }
}

impl Checkpoint for Context<'_> {
    fn poll(&self) -> Result<(), Interrupted> {
        let now = self.now();
        if now >= self.next_ping.load(Ordering::Relaxed) {
            self.next_ping.store(now + PING_NANOS, Ordering::Relaxed);
            // A terminated isolate finds in `drain` that it cannot call JavaScript, and stops its jobs.
            if let Some(owner) = self.owner {
                owner.waker.wake();
            }
        }
        self.running.token().check(now).map_or(Ok(()), |_| Err(Interrupted))
    }
}

impl Lender for Context<'_> {
    fn borrow(&self, most: usize) -> Vec<Box<dyn Loan + '_>> {
        let lent = self.runner.borrow_threads(most);
        // A helper that asks for others (a large message among many) has an affinity of its own, which is no measure for theirs.
        if !lent.is_empty() && rayon::current_thread_index().is_none() {
            placement::keep_off_this_core();
        }
        lent.into_iter().map(|lent| Box::new(Helper(lent)) as Box<dyn Loan>).collect()
    }

    fn borrow_more(&self, most: usize) -> Vec<Box<dyn Loan + '_>> {
        let now = self.now();
        if now < self.next_look.load(Ordering::Relaxed) {
            return Vec::new();
        }
        self.next_look.store(now + LOOK_NANOS, Ordering::Relaxed);
        self.borrow(most)
    }
}

struct Helper(Lent<'static, Job, Monotonic>);

impl Loan for Helper {
    fn is_recalled(&mut self) -> bool {
        self.0.is_recalled()
    }
}

/// Starts as many runners as the waiting work wants. On the event loop.
pub(crate) fn start_wanted(isolate: &Isolate) {
    while scheduler().try_start_runner() {
        start(isolate);
    }
}

/// Starts a runner that the scheduler has counted in. On the event loop.
pub(crate) fn start(isolate: &Isolate) {
    if pool::uses_own_thread() {
        return start_thread();
    }
    let gap = scheduler().clock().now().saturating_sub(isolate.drained.get());
    let home = isolate.home.clone();
    home.quick.store(gap < LINGER_NANOS, Ordering::Relaxed);
    if home.linger.hand_over() {
        return;
    }
    let on_loop = OnLoop(isolate);
    // Fails when the environment is ending: then others start the runners.
    if async_work::spawn(isolate.env, move || run(Some(&home)), move || on_loop.drain()).is_err() {
        scheduler().runner_failed();
    }
}

/// With a pool of one thread a runner would keep `fs` and `dns` waiting, so it gets a thread of its own.
fn start_thread() {
    let thread = std::thread::Builder::new().name("sidelane-runner".into());
    if thread.spawn(|| run(None)).is_err() {
        scheduler().runner_failed();
    }
}

/// A runner, on its thread.
fn run(owner: Option<&Arc<Home>>) {
    let mut slice = Slice::new(owner);
    loop {
        if !drain_jobs(owner, &mut slice) || !owner.is_some_and(|home| linger(home)) {
            return;
        }
    }
}

/// Waits a moment for the owner's next start. `true`: it came.
fn linger(owner: &Home) -> bool {
    let end = scheduler().clock().now() + LINGER_NANOS;
    owner.linger.wait(|| scheduler().clock().now() < end)
}

/// Runs jobs until there are none or the slice is over. `true`: there are none, and the loop knows of all results, so the thread may wait for more.
fn drain_jobs(owner: Option<&Arc<Home>>, slice: &mut Slice<'_>) -> bool {
    let mut runner = scheduler().runner();
    let mut turn = runner.next();
    loop {
        match turn {
            Turn::Done => return false,
            Turn::Expired(job) => {
                job.home.complete(Completion::stopped(job.tag, Outcome::TimedOut), false);
                turn = runner.next();
            }
            Turn::Run(running, job) => {
                let home = job.home.clone();
                let completion = execute(&running, job, &runner, owner);
                let outcome = completion.outcome();
                if slice.is_over() {
                    runner.finish(running, outcome);
                    let waiting = runner.release();
                    home.complete(completion, is_same(owner, &home));
                    // The owner's loop starts the next runner when this task completes. Should it be blocked, the others' can.
                    if let (true, Some(owner)) = (waiting, owner) {
                        owner.wake_others();
                    }
                    return false;
                }
                turn = runner.finish_and_next(running, outcome);
                let last = matches!(turn, Turn::Done);
                let lingers = last && owner.is_some_and(|owner| owner.is_quick());
                // The last result needs no wake-up of its own: the loop looks when the runner's work completes.
                let awake = last && !lingers && is_same(owner, &home);
                home.complete(completion, awake);
                if last {
                    return lingers;
                }
            }
        }
    }
}

fn is_same(owner: Option<&Arc<Home>>, home: &Arc<Home>) -> bool {
    owner.is_some_and(|owner| Arc::ptr_eq(owner, home))
}

fn execute(
    running: &Running,
    job: Job,
    runner: &Runner<'static, Job, Monotonic>,
    owner: Option<&Arc<Home>>,
) -> Completion {
    let Job { tag, operation, home, work } = job;
    let context = Context {
        running,
        job: (&home, tag),
        owner: owner.map(|owner| &**owner),
        runner,
        next_ping: AtomicU64::new(running.started() + PING_NANOS),
        next_look: AtomicU64::new(running.started() + LOOK_NANOS),
    };
    let result = guard(operation, || work(&context));
    let news = match result {
        Ok(value) => News::Done(value),
        Err(failure) if failure.interrupted => News::Stopped(match running.token().stopped() {
            Some(Reason::TimedOut) => Outcome::TimedOut,
            _ => Outcome::Aborted,
        }),
        Err(failure) => News::Failed(failure),
    };
    let ran = scheduler().clock().now().saturating_sub(running.started());
    Completion { tag, waited: running.waited(), ran, news }
}

impl Completion {
    pub(crate) fn stopped(tag: u32, outcome: Outcome) -> Self {
        Self { tag, waited: 0, ran: 0, news: News::Stopped(outcome) }
    }

    fn outcome(&self) -> Outcome {
        match &self.news {
            News::Stopped(outcome) => *outcome,
            News::Failed(_) => Outcome::Failed,
            _ => Outcome::Completed,
        }
    }
}

/// How long a runner may go on. It ends only while its loop turns: a blocked loop could not start the next one, and the work would stand still with it.
struct Slice<'h> {
    owner: Option<&'h Arc<Home>>,
    turns: u32,
    jobs: u32,
    end: Nanos,
}

impl<'h> Slice<'h> {
    fn new(owner: Option<&'h Arc<Home>>) -> Self {
        let turns = owner.map_or(0, |home| home.turns());
        Self { owner, turns, jobs: 0, end: scheduler().clock().now() + SLICE_NANOS }
    }

    fn is_over(&mut self) -> bool {
        self.jobs += 1;
        let Some(owner) = self.owner else { return false };
        let used_up = self.jobs >= SLICE_JOBS || scheduler().clock().now() >= self.end;
        used_up && owner.turns() != self.turns
    }
}
