//! Who goes first in a lane: priority with aging, then age.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod common;

use common::{AGING, MS, Rig, priority, take};
use sidelane_lanes::Priority::{High, Low, Normal};
use sidelane_lanes::{LaneOptions, Outcome};

fn rig() -> Rig {
    Rig::new(1, LaneOptions { max_queue: 10_000, ..LaneOptions::default() })
}

#[test]
fn by_priority() {
    let rig = rig();
    for (job, class) in [Low, Normal, High, Low, Normal, High].into_iter().enumerate() {
        rig.queue(job as u32, priority(class));
    }
    assert_eq!(rig.drain(MS), [2, 5, 1, 4, 0, 3]);
}

#[test]
fn by_age_among_equals() {
    let rig = rig();
    (0..50).for_each(|job| _ = rig.queue(job, priority(Normal)));
    assert_eq!(rig.drain(MS), (0..50).collect::<Vec<_>>());
}

#[test]
fn half_a_second_is_worth_one_class() {
    for (older, newer, classes) in [(Low, Normal, 1), (Normal, High, 1), (Low, High, 2)] {
        for (lead, order) in [(-1, [1, 0]), (0, [1, 0]), (1, [0, 1])] {
            let rig = rig();
            rig.queue(0, priority(older));
            rig.clock.advance((classes * AGING).checked_add_signed(lead).unwrap());
            rig.queue(1, priority(newer));
            assert_eq!(
                rig.drain(MS),
                order,
                "{older:?} {lead} ns beyond {classes} x 500 ms before {newer:?}"
            );
        }
    }
}

#[test]
fn low_is_never_starved() {
    let rig = rig();
    rig.queue(0, priority(Low));
    let mut runner = rig.runner();
    // An endless stream of urgent work, twice what the lane can do.
    let waited = (1..).step_by(2).find_map(|job| {
        rig.queue(job, priority(High));
        rig.queue(job + 1, priority(High));
        let (running, taken) = take(&mut runner);
        let waited = running.waited();
        rig.clock.advance(MS);
        runner.finish(running, Outcome::Completed);
        (taken == 0).then_some(waited)
    });
    // Behind those that were submitted within its first second: about 2,000 of 1 ms each.
    assert!(waited.unwrap() <= 2 * 2 * AGING + 2 * MS, "{waited:?}");
}

#[test]
fn a_cancelled_job_leaves_the_order_of_the_others() {
    let rig = rig();
    let ids: Vec<_> = (0..6).map(|job| rig.queue(job, priority(Normal))).collect();
    for victim in [0, 3, 5] {
        assert!(matches!(
            rig.scheduler.cancel(ids[victim], sidelane_lanes::Reason::Aborted),
            sidelane_lanes::Cancelled::Queued(job) if job == victim as u32
        ));
    }
    rig.queue(6, priority(Normal));
    assert_eq!(rig.drain(MS), [1, 2, 4, 6]);
}
