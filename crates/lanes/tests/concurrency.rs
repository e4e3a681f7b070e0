//! How many jobs run at the same time.
#![cfg(not(loom))]

mod common;

use common::{Rig, assert_done, spec, take};
use sidelane_lanes::{LaneOptions, Outcome, Turn};

#[test]
fn a_lane_runs_no_more_than_its_bound() {
    let rig = Rig::new(8, LaneOptions { concurrency: 2, ..LaneOptions::default() });
    (0..5).for_each(|job| _ = rig.queue(job, spec()));
    let (mut first, mut second, mut third) = (rig.runner(), rig.runner(), rig.runner());
    let (running, job) = take(&mut first);
    let (other, _) = take(&mut second);
    assert_eq!(job, 0);
    assert_done(third.next());
    assert_eq!(rig.stats().running, 2);
    let Turn::Run(next, job) = first.finish_and_next(running, Outcome::Completed) else {
        panic!("the slot is free")
    };
    assert_eq!(job, 2);
    assert_eq!(rig.stats().running, 2);
    first.finish(next, Outcome::Completed);
    second.finish(other, Outcome::Completed);
}

#[test]
fn a_full_lane_does_not_block_its_neighbour() {
    let rig = Rig::new(2, LaneOptions { concurrency: 1, ..LaneOptions::default() });
    let neighbour = rig.add_lane(LaneOptions::default());
    rig.queue(0, spec());
    rig.queue(1, spec());
    rig.queue_to(neighbour, 2, spec());
    let (mut first, mut second) = (rig.runner(), rig.runner());
    let (a, job_a) = take(&mut first);
    let (b, job_b) = take(&mut second);
    assert_eq!((job_a, job_b), (0, 2));
    second.finish(b, Outcome::Completed);
    assert_done(second.next());
    first.finish(a, Outcome::Completed);
}

#[test]
fn a_slot_that_comes_free_wants_a_runner_if_none_is_left() {
    let rig = Rig::new(2, LaneOptions { concurrency: 1, ..LaneOptions::default() });
    rig.queue(0, spec());
    rig.queue(1, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert!(!rig.scheduler.try_start_runner(), "nothing can run");
    runner.finish(running, Outcome::Completed);
    assert!(runner.release());
    assert!(rig.scheduler.try_start_runner());
}
