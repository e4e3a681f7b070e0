//! Cancellation of jobs that wait, run, or are gone.
#![cfg(not(loom))]

mod common;

use common::{MS, Rig, assert_done, bytes, spec, take, was_queued};
use sidelane_lanes::{Cancelled, JobId, LaneOptions, Outcome, Reason};

fn rig() -> Rig {
    Rig::new(1, LaneOptions { max_queue: 1, ..LaneOptions::default() })
}

#[test]
fn a_waiting_job_leaves_at_once() {
    let rig = rig();
    let id = rig.queue(0, bytes(10));
    rig.queue(1, bytes(1));
    assert_eq!(was_queued(rig.scheduler.cancel(id, Reason::Aborted)), Some(0));
    let stats = rig.stats();
    assert_eq!((stats.queued, stats.queued_bytes, stats.aborted), (1, 1, 1));
    rig.queue(2, spec());
    assert_eq!(rig.drain(MS), [1, 2]);
}

#[test]
fn the_reason_is_counted() {
    let rig = rig();
    let id = rig.queue(0, spec());
    assert_eq!(was_queued(rig.scheduler.cancel(id, Reason::TimedOut)), Some(0));
    let stats = rig.stats();
    assert_eq!((stats.aborted, stats.timed_out), (0, 1));
}

#[test]
fn a_running_job_is_told_and_keeps_its_slot() {
    let rig = rig();
    let id = rig.queue(0, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert!(matches!(rig.scheduler.cancel(id, Reason::Aborted), Cancelled::Running));
    assert!(matches!(rig.scheduler.cancel(id, Reason::TimedOut), Cancelled::Running));
    assert_eq!(running.token().stopped(), Some(Reason::Aborted), "the first reason stays");
    assert_eq!((rig.stats().running, rig.stats().aborted), (1, 0));
    runner.finish(running, Outcome::Aborted);
    assert_eq!((rig.stats().running, rig.stats().aborted), (0, 1));
    assert!(matches!(rig.scheduler.cancel(id, Reason::Aborted), Cancelled::Gone));
}

#[test]
fn a_job_that_is_gone_is_gone_however_it_went() {
    let rig = rig();
    let finished = rig.queue(0, spec());
    rig.drain(MS);
    let cancelled = rig.queue(1, spec());
    assert_eq!(was_queued(rig.scheduler.cancel(cancelled, Reason::Aborted)), Some(1));
    // Takes over the place of the others in the table, not their names.
    let fresh = rig.queue(2, spec());
    for id in [finished, cancelled, JobId::default()] {
        assert!(matches!(rig.scheduler.cancel(id, Reason::Aborted), Cancelled::Gone));
    }
    assert_eq!(was_queued(rig.scheduler.cancel(fresh, Reason::Aborted)), Some(2));
}

#[test]
fn after_the_last_waiting_job_is_cancelled_a_runner_finds_nothing() {
    let rig = rig();
    let id = rig.queue(0, spec());
    let mut runner = rig.runner();
    assert_eq!(was_queued(rig.scheduler.cancel(id, Reason::Aborted)), Some(0));
    assert_done(runner.next());
    assert_eq!(rig.scheduler.runners(), 0);
}
