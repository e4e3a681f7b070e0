//! Who gets in: bounds on count and bytes.
#![cfg(not(loom))]

mod common;

use common::{Answer, MS, Rig, assert_done, bytes, queued, spec, starts, take};
use sidelane_lanes::{LaneId, LaneOptions, Outcome, Overflow, Refusal, Spec};

fn rig(limit: usize, options: LaneOptions) -> Rig {
    Rig::new(limit, options)
}

#[test]
fn the_queue_holds_max_queue_besides_those_for_free_slots() {
    let rig = rig(2, LaneOptions { max_queue: 3, ..LaneOptions::default() });
    assert_eq!((0..10).filter(|job| queued(&rig.submit(*job, spec()))).count(), 5);
    assert_eq!(rig.stats().queued, 5);
}

#[test]
fn starting_a_job_makes_no_room_and_finishing_one_does() {
    let rig = rig(1, LaneOptions { max_queue: 1, ..LaneOptions::default() });
    rig.queue(0, spec());
    rig.queue(1, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert!(matches!(rig.refusal(2, spec()), Refusal::Full { .. }));
    runner.finish(running, Outcome::Completed);
    rig.queue(3, spec());
}

#[test]
fn without_a_queue_jobs_get_in_while_slots_are_free() {
    let rig = rig(4, LaneOptions { max_queue: 0, concurrency: 2, ..LaneOptions::default() });
    rig.queue(0, spec());
    rig.queue(1, spec());
    assert!(matches!(rig.refusal(2, spec()), Refusal::Full { .. }));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert!(
        matches!(rig.refusal(2, spec()), Refusal::Full { .. }),
        "waiting or running, it is the slot that counts"
    );
    runner.finish(running, Outcome::Completed);
    rig.queue(3, spec());
}

#[test]
fn the_scheduler_limit_bounds_the_slots_of_a_lane() {
    let rig = rig(2, LaneOptions { max_queue: 0, concurrency: 100, ..LaneOptions::default() });
    assert_eq!((0..10).filter(|job| queued(&rig.submit(*job, spec()))).count(), 2);
}

#[test]
fn a_lane_without_concurrency_still_runs_one_job_at_a_time() {
    let rig = rig(2, LaneOptions { concurrency: 0, ..LaneOptions::default() });
    assert!(starts(&rig.submit(0, spec())), "what waits must not wait for ever");
    assert_eq!(rig.drain(MS), [0]);
}

#[test]
fn bytes_are_bounded_exactly() {
    let rig = rig(1, LaneOptions { max_queue_bytes: 100, ..LaneOptions::default() });
    rig.queue(0, bytes(60));
    assert!(matches!(rig.refusal(1, bytes(41)), Refusal::Full { .. }));
    rig.queue(2, bytes(40));
    rig.queue(3, bytes(0));
    assert!(matches!(rig.refusal(4, bytes(1)), Refusal::Full { .. }));
    assert_eq!(rig.stats().queued_bytes, 100);
}

#[test]
fn bytes_of_running_jobs_do_not_count() {
    let rig = rig(1, LaneOptions { max_queue_bytes: 100, ..LaneOptions::default() });
    rig.queue(0, bytes(100));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    rig.queue(1, bytes(100));
    assert_eq!(rig.stats().queued_bytes, 100);
    runner.finish(running, Outcome::Completed);
}

#[test]
fn one_job_above_the_byte_bound_never_gets_in() {
    for overflow in [Overflow::Reject, Overflow::ShedOldest, Overflow::ShedLowest] {
        let rig = rig(1, LaneOptions { max_queue_bytes: 100, overflow, ..LaneOptions::default() });
        rig.queue(0, spec());
        assert_eq!(rig.refusal(1, bytes(101)), Refusal::TooLarge { limit: 100 });
        assert_eq!(rig.stats().queued, 1, "and costs nobody its place ({overflow:?})");
        assert_eq!(rig.stats().rejected, 1);
    }
}

#[test]
fn sums_of_absurd_sizes_are_refused_not_wrapped() {
    let rig =
        rig(1, LaneOptions { max_queue_bytes: usize::MAX, max_queue: usize::MAX, ..LaneOptions::default() });
    rig.queue(0, bytes(usize::MAX));
    assert!(matches!(rig.refusal(1, bytes(1)), Refusal::Full { .. }));
    rig.queue(2, bytes(0));
    assert_eq!(rig.drain(MS), [0, 2]);
}

#[test]
fn absurd_costs_do_not_overflow() {
    let rig = rig(2, LaneOptions::default());
    let huge = Spec { cost: u64::MAX, ..spec() };
    (0..4).for_each(|job| _ = rig.queue(job, huge));
    assert_eq!(rig.drain(u64::MAX / 8), [0, 1, 2, 3]);
    rig.queue(4, huge);
    assert_eq!(rig.drain(MS), [4]);
    assert!(starts(&rig.submit(5, spec())));
    assert!(!starts(&rig.submit(6, spec())), "nothing of the huge costs is left over");
}

#[test]
fn the_payload_of_a_refused_job_is_not_made() {
    let rig = rig(1, LaneOptions { max_queue: 0, ..LaneOptions::default() });
    rig.queue(0, spec());
    let answer =
        rig.scheduler.submit(rig.lane, spec(), || unreachable!("the copy that the refusal is to save"));
    assert!(matches!(answer, sidelane_lanes::Submitted::Refused(Refusal::Full { .. })));
}

#[test]
fn a_payload_that_panics_leaves_the_scheduler_usable() {
    let rig = rig(1, LaneOptions { max_queue: 0, ..LaneOptions::default() });
    let submit = || rig.scheduler.submit(rig.lane, spec(), || panic!("out of pages"));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(submit)).is_err());
    assert_eq!(rig.stats().queued, 0);
    assert!(starts(&rig.submit(1, spec())));
    assert_eq!(rig.drain(MS), [1]);
}

#[test]
fn admit_says_what_submit_will() {
    let rig = rig(1, LaneOptions { max_queue: 1, max_queue_bytes: 10, ..LaneOptions::default() });
    assert_eq!(rig.scheduler.admit(rig.lane, &spec()), Ok(vec![]));
    assert_eq!(rig.scheduler.admit(rig.lane, &bytes(11)), Err(Refusal::TooLarge { limit: 10 }));
    rig.queue(0, spec());
    rig.queue(1, spec());
    assert!(matches!(rig.scheduler.admit(rig.lane, &spec()), Err(Refusal::Full { .. })));
    assert_eq!(rig.stats().rejected, 1, "each refusal counts but those for lack of room");
    assert_eq!(rig.stats().queued, 2, "asking queues nothing");
}

#[test]
fn room_that_admit_found_survives_the_start_of_other_jobs() {
    let rig = rig(2, LaneOptions { max_queue: 1, ..LaneOptions::default() });
    rig.queue(0, spec());
    rig.queue(1, spec());
    assert_eq!(rig.scheduler.admit(rig.lane, &spec()), Ok(vec![]));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    rig.queue(2, spec());
    runner.finish(running, Outcome::Completed);
}

#[test]
fn an_unknown_lane_refuses() {
    let rig = rig(1, LaneOptions::default());
    assert_eq!(rig.submit_to(LaneId::default(), 0, spec()), Answer::Refused(Refusal::Closed));
    assert_done(rig.runner().next());
}
