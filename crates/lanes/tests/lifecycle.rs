//! The ends of lanes and isolates.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod common;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{Answer, MS, Rig, assert_done, queued, spec, starts, take, was_queued};
use sidelane_lanes::{LaneOptions, LaneStats, Outcome, Reason, Refusal};

fn rig() -> Rig {
    Rig::new(2, LaneOptions::default())
}

#[test]
fn a_removed_lane_that_is_idle_is_gone() {
    let rig = rig();
    rig.queue(0, spec());
    rig.drain(MS);
    rig.scheduler.remove_lane(rig.lane);
    assert_eq!(rig.stats(), LaneStats::default());
    assert_eq!(rig.refusal(1, spec()), Refusal::Closed);
    rig.scheduler.remove_lane(rig.lane);
}

#[test]
fn a_removed_lane_is_forgotten_after_its_last_job_ran() {
    let rig = rig();
    rig.queue(0, spec());
    rig.queue(1, spec());
    rig.scheduler.remove_lane(rig.lane);
    assert_eq!(rig.refusal(2, spec()), Refusal::Closed);
    assert_eq!(rig.scheduler.admit(rig.lane, &spec()), Err(Refusal::Closed));
    assert_eq!((rig.stats().queued, rig.stats().rejected), (2, 2));
    assert_eq!(rig.drain(MS), [0, 1]);
    assert_eq!(rig.stats(), LaneStats::default(), "its 20 KiB of histograms are gone");
}

#[test]
fn a_removed_lane_is_forgotten_after_its_last_job_was_cancelled() {
    let rig = rig();
    let id = rig.queue(0, spec());
    rig.scheduler.remove_lane(rig.lane);
    assert_eq!(was_queued(rig.scheduler.cancel(id, Reason::Aborted)), Some(0));
    assert_eq!(rig.stats(), LaneStats::default());
    assert_done(rig.runner().next());
}

#[test]
fn an_ended_isolate_takes_what_waits_with_it() {
    let rig = rig();
    let other = rig.scheduler.add_tenant();
    let others_lane = rig.scheduler.add_lane(other, LaneOptions::default());
    let second_lane = rig.add_lane(LaneOptions::default());
    rig.queue(0, spec());
    rig.queue_to(second_lane, 1, spec());
    rig.queue_to(others_lane, 2, spec());
    let mut dropped = rig.scheduler.remove_tenant(rig.tenant);
    dropped.sort_unstable();
    assert_eq!(dropped, [0, 1]);
    assert_eq!(rig.drain(MS), [2], "nobody else's");
    assert_eq!(rig.refusal(3, spec()), Refusal::Closed);
    assert_eq!(rig.stats(), LaneStats::default());
    assert_eq!(rig.scheduler.remove_tenant(rig.tenant), [0; 0], "twice is once");
}

#[test]
fn an_ended_isolate_gets_no_new_lane() {
    let rig = rig();
    rig.scheduler.remove_tenant(rig.tenant);
    let late = rig.add_lane(LaneOptions::default());
    assert_eq!(rig.submit_to(late, 0, spec()), Answer::Refused(Refusal::Closed));
    assert_done(rig.runner().next());
}

#[test]
fn ending_an_isolate_tells_its_running_jobs_and_waits_for_them() {
    let rig = rig();
    let id = rig.queue(0, spec());
    rig.queue(1, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    let (ended, has_ended) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| ended.send(rig.scheduler.remove_tenant(rig.tenant)).unwrap());
        while running.token().stopped().is_none() {
            thread::yield_now();
        }
        assert!(has_ended.recv_timeout(Duration::from_millis(50)).is_err(), "its memory is in use");
        let late = rig.add_lane(LaneOptions::default());
        assert!(!queued(&rig.submit_to(late, 2, spec())), "no lane is added behind its back");
        runner.finish(running, Outcome::Aborted);
        assert_eq!(has_ended.recv_timeout(Duration::from_secs(10)).unwrap(), [1]);
    });
    assert!(matches!(rig.scheduler.cancel(id, Reason::Aborted), sidelane_lanes::Cancelled::Gone));
    assert_done(runner.next());
}

#[test]
fn a_runner_that_dies_with_a_job_holds_up_nobody() {
    let rig = rig();
    rig.queue(0, spec());
    let died = thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let mut runner = rig.runner();
            let _job = take(&mut runner);
            panic!("a bug of the embedder's");
        });
        worker.join()
    });
    assert!(died.is_err());
    let stats = rig.stats();
    assert_eq!((stats.running, stats.failed), (0, 1));
    assert_eq!(rig.scheduler.runners(), 0);
    assert_eq!(rig.scheduler.remove_tenant(rig.tenant), [0; 0]);
}

#[test]
fn a_job_that_is_not_given_back_ends_with_the_next_turn() {
    let rig = Rig::new(1, LaneOptions { concurrency: 1, ..LaneOptions::default() });
    rig.queue(0, spec());
    rig.queue(1, spec());
    let mut runner = rig.runner();
    let (lost, _) = take(&mut runner);
    drop(lost);
    let (running, job) = take(&mut runner);
    assert_eq!((job, rig.stats().failed, rig.stats().running), (1, 1, 1));
    runner.finish(running, Outcome::Completed);
    assert_done(runner.next());
    assert!(starts(&rig.submit(2, spec())));
}
