//! What a lane says of itself.
#![cfg(not(loom))]

mod common;

use common::{Answer, MS, Rig, cost, deadline, spec, take, was_queued};
use sidelane_lanes::{Cancelled, LaneOptions, Outcome, Reason, Refusal, Turn};

#[test]
fn every_submission_ends_in_one_counter() {
    let rig = Rig::new(1, LaneOptions { max_queue: 5, ..LaneOptions::default() });
    let mut submitted = 0;
    let mut runner = rig.runner();
    for outcome in
        [Outcome::Completed, Outcome::Failed, Outcome::Aborted, Outcome::TimedOut, Outcome::Rejected]
    {
        rig.queue(0, spec());
        submitted += 1;
        let (running, _) = take(&mut runner);
        rig.clock.advance(MS);
        runner.finish(running, outcome);
    }
    let id = rig.queue(1, spec());
    rig.queue(2, deadline(rig.stats().run.max * 5 + 1));
    submitted += 2;
    assert!(was_queued(rig.scheduler.cancel(id, Reason::Aborted)).is_some());
    rig.clock.advance(MS);
    assert!(matches!(runner.next(), Turn::Expired(2)));
    for job in 3..13 {
        // A full lane leaves it to the caller to count.
        if !matches!(rig.submit(job, spec()), Answer::Queued { .. }) {
            rig.scheduler.count(rig.lane, Outcome::Rejected);
        }
        submitted += 1;
    }
    let stats = rig.stats();
    assert_eq!((stats.queued, stats.queued_bytes, stats.running), (6, 6, 0));
    let ended = stats.completed + stats.failed + stats.aborted + stats.timed_out + stats.rejected;
    assert_eq!(ended + stats.queued as u64, submitted);
    assert_eq!(
        (stats.completed, stats.failed, stats.aborted, stats.timed_out, stats.rejected),
        (1, 1, 2, 2, 5)
    );
    assert_eq!((stats.run.count, stats.wait.count), (5, 5));
    assert_eq!(rig.scheduler.queued(rig.lane), 6);
}

#[test]
fn waits_and_runs_are_measured_apart() {
    let rig = Rig::new(1, LaneOptions::default());
    rig.queue(0, spec());
    rig.clock.advance(3 * MS);
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert_eq!((running.started(), running.waited()), (3 * MS, 3 * MS));
    rig.clock.advance(5 * MS);
    runner.finish(running, Outcome::Completed);
    let stats = rig.stats();
    assert_eq!((stats.wait.max, stats.run.max), (3 * MS, 5 * MS));
}

fn retry_after(rig: &Rig) -> u64 {
    match rig.refusal(99, spec()) {
        Refusal::Full { retry_after } => retry_after,
        other => panic!("{other:?}"),
    }
}

#[test]
fn retry_after_is_about_when_the_queue_is_done() {
    let rig = Rig::new(2, LaneOptions { max_queue: 8, ..LaneOptions::default() });
    rig.teach(10, 1_000, 10 * MS);
    (0..10).for_each(|job| _ = rig.queue(job, spec()));
    assert_eq!(retry_after(&rig), 50 * MS, "10 of 10 ms on 2 threads");
}

#[test]
fn retry_after_without_a_queue_is_about_one_job() {
    let rig = Rig::new(2, LaneOptions { max_queue: 0, concurrency: 1, ..LaneOptions::default() });
    rig.teach(10, 1_000, 10 * MS);
    rig.queue(0, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert_eq!(retry_after(&rig), 10 * MS);
    runner.finish(running, Outcome::Completed);
}

#[test]
fn retry_after_before_anything_was_measured_trusts_the_estimates() {
    let rig = Rig::new(1, LaneOptions { max_queue: 1, ..LaneOptions::default() });
    rig.queue(0, cost(3 * MS));
    rig.queue(1, cost(4 * MS));
    assert_eq!(retry_after(&rig), 7 * MS);
}

#[test]
fn retry_after_grows_with_what_waits_even_if_costs_are_unknown() {
    let rig = Rig::new(1, LaneOptions { max_queue: 9, ..LaneOptions::default() });
    rig.teach(10, 0, 10 * MS);
    (0..10).for_each(|job| _ = rig.queue(job, cost(0)));
    assert_eq!(retry_after(&rig), 100 * MS);
}

#[test]
fn stopped_jobs_say_nothing_about_how_long_work_takes() {
    let rig = Rig::new(1, LaneOptions { max_queue: 0, ..LaneOptions::default() });
    rig.teach(10, 1_000, 10 * MS);
    for outcome in [Outcome::Aborted, Outcome::TimedOut] {
        rig.queue(0, spec());
        let mut runner = rig.runner();
        let (running, _) = take(&mut runner);
        rig.clock.advance(10_000 * MS);
        runner.finish(running, outcome);
    }
    rig.queue(0, spec());
    assert_eq!(retry_after(&rig), 10 * MS);
}

#[test]
fn a_job_that_was_told_to_stop_counts_as_stopped_whatever_it_comes_to() {
    let rig = Rig::new(1, LaneOptions::default());
    for (reason, outcome) in [
        (Reason::Aborted, Outcome::Completed),
        (Reason::TimedOut, Outcome::Completed),
        (Reason::TimedOut, Outcome::Failed),
    ] {
        let id = rig.queue(0, spec());
        let mut runner = rig.runner();
        let (running, _) = take(&mut runner);
        assert!(matches!(rig.scheduler.cancel(id, reason), Cancelled::Running));
        runner.finish(running, outcome);
        assert!(!runner.release());
    }
    let stats = rig.stats();
    assert_eq!((stats.completed, stats.failed, stats.aborted, stats.timed_out), (0, 0, 1, 2));
}

#[test]
fn a_job_can_be_counted_anew() {
    let rig = Rig::new(1, LaneOptions::default());
    rig.queue(0, spec());
    rig.drain(1);
    rig.scheduler.recount(rig.lane, Outcome::Completed, Outcome::TimedOut);
    rig.scheduler.recount(rig.lane, Outcome::Failed, Outcome::Aborted);
    let stats = rig.stats();
    assert_eq!(
        (stats.completed, stats.failed, stats.aborted, stats.timed_out),
        (0, 0, 0, 1),
        "none had failed"
    );
}
