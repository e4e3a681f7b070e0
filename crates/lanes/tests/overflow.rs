//! What gives way when there is no room.
#![cfg(not(loom))]

mod common;

use common::{Answer, MS, Rig, assert_done, bytes, priority, spec, take};
use sidelane_lanes::Priority::{High, Low, Normal};
use sidelane_lanes::{LaneOptions, Outcome, Overflow, Refusal, Spec};

/// A lane whose one slot is taken, with room for two.
fn full(overflow: Overflow) -> Rig {
    Rig::new(1, LaneOptions { max_queue: 1, max_queue_bytes: 100, overflow, ..LaneOptions::default() })
}

fn shed(answer: Answer) -> Vec<u32> {
    match answer {
        Answer::Queued { shed, .. } => shed,
        Answer::Refused(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn reject_drops_nothing_and_counts() {
    let rig = full(Overflow::Reject);
    rig.queue(0, priority(Low));
    rig.queue(1, priority(Low));
    assert!(matches!(rig.refusal(2, priority(High)), Refusal::Full { .. }));
    assert_eq!(rig.stats().queued, 2);
}

#[test]
fn a_refusal_for_lack_of_room_is_counted_by_the_caller() {
    let rig = full(Overflow::Reject);
    rig.queue(0, spec());
    rig.queue(1, spec());
    assert!(matches!(rig.refusal(2, spec()), Refusal::Full { .. }));
    assert_eq!(rig.stats().rejected, 0, "the caller may keep it and try again");
    rig.scheduler.count(rig.lane, Outcome::TimedOut);
    assert_eq!(rig.stats().timed_out, 1, "and says how it ended if it gives up");
}

#[test]
fn shed_oldest_drops_by_age_whatever_the_priority() {
    let rig = full(Overflow::ShedOldest);
    rig.queue(0, priority(High));
    rig.clock.advance(1);
    rig.queue(1, priority(Low));
    rig.clock.advance(1);
    assert_eq!(shed(rig.submit(2, priority(Low))), [0]);
    assert_eq!(shed(rig.submit(3, priority(High))), [1]);
    assert_eq!(rig.stats().rejected, 2);
    assert_eq!(rig.drain(MS), [3, 2]);
}

#[test]
fn shed_oldest_drops_the_lowest_of_equally_old_ones() {
    let rig = full(Overflow::ShedOldest);
    rig.queue(0, priority(High));
    rig.queue(1, priority(Low));
    assert_eq!(shed(rig.submit(2, priority(Normal))), [1]);
}

#[test]
fn shed_oldest_drops_as_many_as_the_bytes_need_and_no_more() {
    let rig = Rig::new(
        1,
        LaneOptions { max_queue_bytes: 100, overflow: Overflow::ShedOldest, ..LaneOptions::default() },
    );
    for job in 0..5 {
        rig.queue(job, bytes(20));
        rig.clock.advance(1);
    }
    assert_eq!(shed(rig.submit(5, bytes(50))), [0, 1, 2]);
    assert_eq!(rig.stats().queued_bytes, 90);
    assert_eq!(shed(rig.submit(6, bytes(10))), []);
}

#[test]
fn shed_oldest_never_drops_what_runs() {
    let rig =
        Rig::new(1, LaneOptions { max_queue: 0, overflow: Overflow::ShedOldest, ..LaneOptions::default() });
    rig.queue(0, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert!(matches!(rig.refusal(1, spec()), Refusal::Full { .. }), "nothing waits that could give way");
    assert_eq!(running.token().stopped(), None);
    runner.finish(running, Outcome::Completed);
    assert_eq!(shed(rig.submit(2, spec())), []);
    assert_eq!(shed(rig.submit(3, spec())), [2]);
}

#[test]
fn shed_lowest_drops_the_youngest_of_the_lowest() {
    let rig =
        Rig::new(1, LaneOptions { max_queue: 3, overflow: Overflow::ShedLowest, ..LaneOptions::default() });
    rig.queue(0, priority(Normal));
    rig.queue(1, priority(Low));
    rig.queue(2, priority(Low));
    rig.queue(3, priority(Normal));
    assert_eq!(shed(rig.submit(4, priority(High))), [2]);
    assert_eq!(shed(rig.submit(5, priority(Normal))), [1]);
    assert_eq!(shed(rig.submit(6, priority(High))), [5]);
    assert_eq!(rig.drain(MS), [4, 6, 0, 3]);
}

#[test]
fn shed_lowest_drops_nothing_of_its_own_priority() {
    let rig = full(Overflow::ShedLowest);
    rig.queue(0, priority(Normal));
    rig.queue(1, priority(Normal));
    assert!(matches!(rig.refusal(2, priority(Normal)), Refusal::Full { .. }));
    assert!(matches!(rig.refusal(3, priority(Low)), Refusal::Full { .. }));
    assert_eq!(rig.stats().queued, 2);
}

#[test]
fn shed_lowest_never_sheds_in_vain() {
    let rig = full(Overflow::ShedLowest);
    rig.queue(0, Spec { bytes: 60, ..priority(Normal) });
    rig.queue(1, Spec { bytes: 40, ..priority(Low) });
    // Dropping job 1 would free 40 bytes of the 50 that are needed.
    assert!(matches!(rig.refusal(2, Spec { bytes: 50, ..priority(Normal) }), Refusal::Full { .. }));
    assert_eq!(rig.stats().queued, 2);
    assert_eq!(shed(rig.submit(3, Spec { bytes: 40, ..priority(Normal) })), [1]);
}

#[test]
fn admit_makes_the_room_that_submit_then_uses() {
    let rig = full(Overflow::ShedOldest);
    rig.queue(0, spec());
    rig.clock.advance(1);
    rig.queue(1, spec());
    assert_eq!(rig.scheduler.admit(rig.lane, &spec()), Ok(vec![0]));
    assert_eq!(shed(rig.submit(2, spec())), []);
    assert_eq!(rig.drain(MS), [1, 2]);
    assert_done(rig.runner().next());
}
