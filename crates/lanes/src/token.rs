//! How running work learns that it should stop.

use std::sync::atomic::Ordering;

use crate::clock::Nanos;
use crate::sync::AtomicU8;

/// Why a job was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Somebody asked for it.
    Aborted,
    /// Its deadline passed.
    TimedOut,
}

const LIVE: u8 = 0;
const ABORTED: u8 = 1;
const TIMED_OUT: u8 = 2;

/// Shared by a job's owner, who may stop it, and the thread that runs it, which polls. A relaxed load when nothing happened.
///
/// ```
/// use sidelane_lanes::{Clock, LaneOptions, ManualClock, Outcome, Priority, Reason, Scheduler, Spec, Turn};
///
/// let scheduler = Scheduler::<(), _>::with_clock(1, ManualClock::default());
/// let lane = scheduler.add_lane(scheduler.add_tenant(), LaneOptions::default());
/// scheduler.submit(lane, Spec { bytes: 0, cost: 100, priority: Priority::Normal, deadline: Some(10) }, || ());
///
/// let mut runner = scheduler.runner();
/// let Turn::Run(running, ()) = runner.next() else { panic!("it waits") };
/// assert_eq!(running.token().check(scheduler.clock().now()), None);
/// scheduler.clock().advance(10);
/// assert_eq!(running.token().check(scheduler.clock().now()), Some(Reason::TimedOut));
/// runner.finish(running, Outcome::TimedOut);
/// ```
#[derive(Debug)]
pub struct Token {
    state: AtomicU8,
    deadline: Option<Nanos>,
}

impl Token {
    pub(crate) fn new(deadline: Option<Nanos>) -> Self {
        Self { state: AtomicU8::new(LIVE), deadline }
    }

    /// The moment from which the result is of no use, on the scheduler's clock.
    pub fn deadline(&self) -> Option<Nanos> {
        self.deadline
    }

    /// Asks the job to stop. The first reason stays.
    pub fn stop(&self, reason: Reason) {
        let state = match reason {
            Reason::Aborted => ABORTED,
            Reason::TimedOut => TIMED_OUT,
        };
        // Relaxed: the flag orders nothing but itself. Results travel under the scheduler's lock.
        let _ = self.state.compare_exchange(LIVE, state, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Why the job should stop, if it should. Does not look at the clock.
    pub fn stopped(&self) -> Option<Reason> {
        match self.state.load(Ordering::Relaxed) {
            LIVE => None,
            ABORTED => Some(Reason::Aborted),
            _ => Some(Reason::TimedOut),
        }
    }

    /// Like [`stopped`](Self::stopped), and stops the job if its deadline has passed at `now`.
    pub fn check(&self, now: Nanos) -> Option<Reason> {
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.stop(Reason::TimedOut);
        }
        self.stopped()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn first_reason_stays() {
        let token = Token::new(Some(10));
        assert_eq!(token.check(9), None);
        token.stop(Reason::Aborted);
        assert_eq!(token.check(10), Some(Reason::Aborted));
    }

    #[test]
    fn deadline_is_exclusive_of_its_last_moment() {
        let token = Token::new(Some(10));
        assert_eq!(token.check(10), Some(Reason::TimedOut));
        assert_eq!(token.stopped(), Some(Reason::TimedOut));
    }
}
