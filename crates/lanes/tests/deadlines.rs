//! Deadlines: at admission, at the turn, at checkpoints.
#![cfg(not(loom))]

mod common;

use common::{MS, Rig, assert_done, cost, deadline, spec, take};
use sidelane_lanes::{LaneOptions, Outcome, Priority, Reason, Refusal, Spec, Turn};

fn rig() -> Rig {
    Rig::new(1, LaneOptions::default())
}

#[test]
fn one_that_has_passed_is_refused() {
    let rig = rig();
    rig.clock.advance(10);
    assert_eq!(rig.refusal(0, deadline(10)), Refusal::Late { expected_wait: 0 });
    assert_eq!(rig.refusal(1, deadline(0)), Refusal::Late { expected_wait: 0 });
    rig.queue(2, deadline(11));
    let stats = rig.stats();
    assert_eq!((stats.timed_out, stats.rejected), (2, 0));
}

#[test]
fn nobody_is_refused_for_a_guess() {
    let rig = rig();
    rig.teach(7, 1_000, 10 * MS);
    (0..100).for_each(|job| _ = rig.queue(job, spec()));
    rig.queue(100, deadline(rig.stats().run.max * 7 + 1));
}

#[test]
fn one_that_cannot_be_met_is_refused_once_the_lane_knows_its_pace() {
    let rig = rig();
    rig.teach(8, 1_000, 10 * MS);
    let start = 80 * MS;
    for job in 0..10 {
        rig.queue(job, spec());
    }
    // 10 jobs of 10 ms wait.
    assert_eq!(rig.refusal(10, deadline(start + 100 * MS)), Refusal::Late { expected_wait: 100 * MS });
    rig.queue(11, deadline(start + 100 * MS + 1));
}

#[test]
fn the_expected_wait_counts_what_goes_first() {
    let rig = rig();
    rig.teach(8, 1_000, 10 * MS);
    let by = |priority, ms: u64| Spec { priority, ..deadline((80 + ms) * MS) };
    for job in 0..10 {
        rig.queue(job, Spec { priority: Priority::Low, ..spec() });
    }
    assert!(matches!(rig.refusal(10, by(Priority::Low, 50)), Refusal::Late { .. }));
    rig.queue(11, by(Priority::Normal, 50));
    rig.queue(12, by(Priority::High, 1));
}

#[test]
fn the_expected_wait_is_shared_by_the_slots() {
    for (limit, concurrency, slots) in [(4, usize::MAX, 4), (4, 2, 2), (1, 8, 1)] {
        let rig = Rig::new(limit, LaneOptions { concurrency, ..LaneOptions::default() });
        rig.teach(8, 1_000, 10 * MS);
        (0..8).for_each(|job| _ = rig.queue(job, spec()));
        assert_eq!(
            rig.refusal(8, deadline(80 * MS + 1)),
            Refusal::Late { expected_wait: 80 / slots * MS },
            "{limit} {concurrency}"
        );
    }
}

#[test]
fn jobs_of_unknown_cost_are_expected_to_take_what_others_took() {
    let rig = rig();
    rig.teach(8, 0, 10 * MS);
    for job in 0..10 {
        rig.queue(job, cost(0));
    }
    let spec = Spec { cost: 0, ..deadline(180 * MS) };
    assert_eq!(rig.refusal(10, spec), Refusal::Late { expected_wait: 100 * MS });
}

#[test]
fn runs_that_no_clock_can_see_leave_the_estimates_alone() {
    let rig = rig();
    rig.teach(20, 1_000, 0);
    (0..10).for_each(|job| _ = rig.queue(job, spec()));
    rig.queue(10, deadline(1));
    rig.drain_expired();
}

#[test]
fn one_slow_run_after_many_too_short_to_see_is_not_taken_for_the_rule() {
    let rig = rig();
    rig.teach(20, 1_000, 0);
    rig.teach(1, 1_000, 80 * MS);
    rig.queue(0, spec());
    assert_eq!(rig.refusal(1, deadline(80 * MS + 1)), Refusal::Late { expected_wait: 10 * MS });
}

#[test]
fn big_and_small_jobs_share_one_pace() {
    let rig = rig();
    // 1 ns per unit of cost, sizes that differ by a million.
    for _ in 0..20 {
        rig.teach(1, 100, 100);
        rig.teach(1, 100_000_000, 100_000_000);
    }
    let now = 20 * 100_000_100;
    rig.queue(0, cost(50_000_000));
    let Refusal::Late { expected_wait } = rig.refusal(1, deadline(now + 1)) else { panic!("not late") };
    assert!((49_000_000..51_000_000).contains(&expected_wait), "{expected_wait}");
}

#[test]
fn an_estimate_gone_wrong_mends_itself() {
    let rig = rig();
    rig.teach(8, 1_000, 10_000 * MS);
    let start = 80_000 * MS;
    // Nothing waits, so nothing is too late: the lane goes on learning.
    for job in 0..40 {
        rig.queue(job, deadline(start + u64::from(job + 1) * MS));
        assert_eq!(rig.drain(MS / 2), [job]);
    }
    rig.queue(40, spec());
    rig.queue(41, deadline(start + 40 * MS / 2 + 100 * MS));
}

#[test]
fn one_that_passes_in_the_queue_ends_at_its_turn_without_a_slot() {
    let rig = rig();
    rig.queue(0, deadline(10));
    rig.queue(1, spec());
    rig.queue(2, deadline(11));
    rig.clock.advance(10);
    let mut runner = rig.runner();
    assert!(matches!(runner.next(), Turn::Expired(0)));
    assert_eq!((rig.stats().running, rig.stats().timed_out), (0, 1));
    let (running, job) = take(&mut runner);
    assert_eq!(job, 1);
    rig.clock.advance(1);
    assert!(matches!(runner.finish_and_next(running, Outcome::Completed), Turn::Expired(2)));
    assert_done(runner.next());
    assert_eq!(rig.stats().wait.count, 1, "those that never ran did not wait for their run");
}

#[test]
fn one_that_passes_during_the_work_shows_at_the_checkpoint() {
    let rig = rig();
    rig.queue(0, deadline(10));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert_eq!(running.token().deadline(), Some(10));
    assert_eq!(running.token().check(9), None);
    assert_eq!(running.token().check(10), Some(Reason::TimedOut));
    runner.finish(running, Outcome::TimedOut);
    assert_eq!(rig.stats().timed_out, 1);
}

#[test]
fn what_waited_too_long_still_ages_and_leaves_in_order() {
    let rig = rig();
    (0..5).for_each(|job| _ = rig.queue(job, deadline(10)));
    rig.clock.advance(10);
    rig.queue(5, spec());
    assert_eq!(rig.drain_expired(), [0, 1, 2, 3, 4, 5]);
    assert_eq!((rig.stats().timed_out, rig.stats().completed), (5, 1));
}

impl Rig {
    fn drain_expired(&self) -> Vec<u32> {
        let mut runner = self.runner();
        let mut order = Vec::new();
        loop {
            match runner.next() {
                Turn::Done => return order,
                Turn::Expired(job) => order.push(job),
                Turn::Run(running, job) => {
                    order.push(job);
                    runner.finish(running, Outcome::Completed);
                }
            }
        }
    }
}
