//! The threads' side of the scheduler.

use super::{JobId, Running, Scheduler, State, Turn};
use crate::clock::{Clock, Nanos};
use crate::lane::Outcome;
use crate::sync::{Ordering, lock};

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

impl<'s, P, C: Clock> Runner<'s, P, C> {
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
    /// They are lent until somebody needs them: whatever is submitted starts its runner at once, and whoever works with a lent thread asks now and then whether it is
    /// [recalled](Lent::is_recalled).
    ///
    /// ```
    /// use sidelane_lanes::{LaneOptions, Outcome, Priority, Scheduler, Spec, Submitted, Turn};
    ///
    /// let scheduler = Scheduler::<()>::new(2);
    /// let lane = scheduler.add_lane(scheduler.add_tenant(), LaneOptions::default());
    /// let spec = Spec { bytes: 0, cost: 1_000_000, priority: Priority::Normal, deadline: None };
    /// scheduler.submit(lane, spec, || ());
    ///
    /// let mut runner = scheduler.runner();
    /// let Turn::Run(running, ()) = runner.next() else { panic!("it waits") };
    /// let mut lent = runner.borrow_threads(8);
    /// assert_eq!(lent.len(), 1);
    /// assert!(!lent[0].is_recalled());
    /// let Submitted::Queued { start_runner, .. } = scheduler.submit(lane, spec, || ()) else { panic!("refused") };
    /// assert!(start_runner && lent[0].is_recalled());
    /// runner.finish(running, Outcome::Completed);
    /// ```
    pub fn borrow_threads(&self, wanted: usize) -> Vec<Lent<'s, P, C>> {
        let mut state = lock(&self.scheduler.state);
        let free = self.scheduler.limit.saturating_sub(state.runners + state.lent);
        let count = if self.active && state.ready.is_empty() { wanted.min(free) } else { 0 };
        state.lent += count;
        (0..count).map(|_| Lent { scheduler: self.scheduler, back: false }).collect()
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

/// A thread lent to a running job. Given back on drop, or when it learns that it is recalled.
pub struct Lent<'s, P, C: Clock> {
    scheduler: &'s Scheduler<P, C>,
    /// Whether it is given back.
    back: bool,
}

impl<P, C: Clock> Lent<'_, P, C> {
    /// Whether a runner was started in its place. Then it is given back, and its work should end. A relaxed load when nothing happened.
    pub fn is_recalled(&mut self) -> bool {
        if !self.back && self.scheduler.recalls.load(Ordering::Relaxed) {
            self.look();
        }
        self.back
    }

    /// Of several that are lent each takes its own look: those go that are too many.
    fn look(&mut self) {
        let limit = self.scheduler.limit;
        let mut state = lock(&self.scheduler.state);
        if state.is_crowded(limit) {
            state.lent -= 1;
            self.back = true;
        }
        if !state.is_crowded(limit) {
            self.scheduler.recalls.store(false, Ordering::Relaxed);
        }
    }
}

impl<P, C: Clock> Drop for Lent<'_, P, C> {
    fn drop(&mut self) {
        if !self.back {
            lock(&self.scheduler.state).lent -= 1;
        }
    }
}
