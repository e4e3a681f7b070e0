//! The threads' side of the scheduler.

use super::{JobId, Running, Scheduler, State, Turn};
use crate::clock::{Clock, Nanos};
use crate::lane::Outcome;
use crate::sync::lock;

/// A thread that drains the lanes, one job at a time. Counted in before it exists ([`Submitted::Queued`](super::Submitted::Queued)), counted out when it finds nothing to do, is
/// [released](Self::release) or dropped.
///
/// A job that it took and did not give back before its next turn, its release or its drop (a panic between the two) ends as [`Outcome::Failed`], so that neither its slot nor
/// [`Scheduler::remove_tenant`] waits for ever.
pub struct Runner<'s, P, C: Clock> {
    scheduler: &'s Scheduler<P, C>,
    /// Whether it is counted in.
    active: bool,
    /// The job that it has taken, and when.
    current: Option<(JobId, Nanos)>,
}

impl<P, C: Clock> Scheduler<P, C> {
    /// The runner that [`submit`](Self::submit) or [`try_start_runner`](Self::try_start_runner) counted in.
    pub fn runner(&self) -> Runner<'_, P, C> {
        Runner { scheduler: self, active: true, current: None }
    }
}

impl<P, C: Clock> Runner<'_, P, C> {
    /// The next job. After [`Turn::Done`] the runner gets no more of them: whatever is submitted from then on starts another one.
    #[expect(
        clippy::should_implement_trait,
        reason = "a turn is not an item: the iterator protocol would hide that Done ends the runner's place"
    )]
    pub fn next(&mut self) -> Turn<P> {
        // Here and below: the clock is read before the lock, which others wait for.
        let now = self.scheduler.clock.now();
        let mut state = lock(&self.scheduler.state);
        self.take_turn(&mut state, now)
    }

    /// Gives a job back, and its slot free.
    pub fn finish(&mut self, running: Running, outcome: Outcome) {
        let now = self.scheduler.clock.now();
        self.end(&mut lock(&self.scheduler.state), (running.id, running.started), outcome, now);
    }

    /// [`finish`](Self::finish) and [`next`](Self::next) under one lock.
    pub fn finish_and_next(&mut self, running: Running, outcome: Outcome) -> Turn<P> {
        let now = self.scheduler.clock.now();
        let mut state = lock(&self.scheduler.state);
        self.end(&mut state, (running.id, running.started), outcome, now);
        self.take_turn(&mut state, now)
    }

    /// Counts the runner out early, so that others get the thread. `true`: jobs are waiting, somebody should [start a runner](Scheduler::try_start_runner) again.
    pub fn release(mut self) -> bool {
        let scheduler = self.scheduler;
        let mut state = lock(&scheduler.state);
        self.leave(&mut state);
        !state.ready.is_empty()
    }

    /// Up to `wanted` more threads for the job at hand, from those that nobody needs now: none while anything waits.
    ///
    /// ```
    /// use sidelane_lanes::{LaneOptions, Outcome, Priority, Scheduler, Spec, Turn};
    ///
    /// let scheduler = Scheduler::<()>::new(4);
    /// let lane = scheduler.add_lane(scheduler.add_tenant(), LaneOptions::default());
    /// scheduler.submit(lane, Spec { bytes: 0, cost: 100, priority: Priority::Normal, deadline: None }, || ());
    ///
    /// let mut runner = scheduler.runner();
    /// let Turn::Run(running, ()) = runner.next() else { panic!("it waits") };
    /// assert_eq!(runner.borrow_threads(8).count(), 3);
    /// runner.finish(running, Outcome::Completed);
    /// ```
    ///
    /// What is submitted while they are lent waits for them or for a runner that comes free: when they are given back, ask
    /// [`try_start_runner`](Scheduler::try_start_runner).
    pub fn borrow_threads(&self, wanted: usize) -> Borrowed<'_, P, C> {
        let mut state = lock(&self.scheduler.state);
        let free = self.scheduler.limit.saturating_sub(state.runners + state.borrowed);
        let count = if self.active && state.ready.is_empty() { wanted.min(free) } else { 0 };
        state.borrowed += count;
        Borrowed { scheduler: self.scheduler, count }
    }

    fn take_turn(&mut self, state: &mut State<P>, now: Nanos) -> Turn<P> {
        self.abandon_current(state, now);
        if !self.active {
            return Turn::Done;
        }
        state.last_turn = state.last_turn.max(now);
        let turn = state.next(now);
        match &turn {
            Turn::Run(running, _) => self.current = Some((running.id, now)),
            Turn::Expired(_) => {}
            Turn::Done => self.leave(state),
        }
        turn
    }

    fn end(&mut self, state: &mut State<P>, (id, started): (JobId, Nanos), outcome: Outcome, now: Nanos) {
        self.current = self.current.filter(|(current, _)| *current != id);
        if state.finish(id, started, outcome, now) {
            self.scheduler.ended.notify_all();
        }
    }

    fn abandon_current(&mut self, state: &mut State<P>, now: Nanos) {
        if let Some(job) = self.current {
            self.end(state, job, Outcome::Failed, now);
        }
    }

    fn leave(&mut self, state: &mut State<P>) {
        if self.current.is_some() {
            let now = self.scheduler.clock.now();
            self.abandon_current(state, now);
        }
        if self.active {
            self.active = false;
            state.count_out();
        }
    }
}

impl<P, C: Clock> Drop for Runner<'_, P, C> {
    fn drop(&mut self) {
        if self.active || self.current.is_some() {
            let scheduler = self.scheduler;
            self.leave(&mut lock(&scheduler.state));
        }
    }
}

/// Threads lent to a running job; given back on drop.
pub struct Borrowed<'s, P, C: Clock> {
    scheduler: &'s Scheduler<P, C>,
    count: usize,
}

impl<P, C: Clock> Borrowed<'_, P, C> {
    /// How many.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl<P, C: Clock> Drop for Borrowed<'_, P, C> {
    fn drop(&mut self) {
        if self.count > 0 {
            lock(&self.scheduler.state).borrowed -= self.count;
        }
    }
}
