//! What the scheduler costs the threads that use it. Not a benchmark with statistics: the least of some rounds, which is what the code costs when nothing interferes
//! (the median where two threads are to interfere).
//!
//! `cargo test -p sidelane-lanes --release --test cost -- --ignored --nocapture`
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sidelane_lanes::{Clock, LaneOptions, Monotonic, Outcome, Priority, Scheduler, Spec, Submitted, Turn};

/// Jobs per round.
const JOBS: usize = 1000;
const ROUNDS: usize = 300;

fn spec() -> Spec {
    Spec { bytes: 64, cost: 100, priority: Priority::Normal, deadline: None }
}

fn least(mut round: impl FnMut() -> Duration) -> f64 {
    (0..ROUNDS).map(|_| round()).min().unwrap().as_nanos() as f64 / JOBS as f64
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[test]
#[ignore = "a measurement"]
fn cost_per_job() {
    let clock = Monotonic::default();
    let read = least(|| timed(|| (0..JOBS).for_each(|_| assert!(black_box(clock.now()) > 0))));
    println!("clock.now()                     {read:6.1} ns");

    let scheduler = Scheduler::<usize>::new(2);
    let tenant = scheduler.add_tenant();
    let lane = scheduler.add_lane(tenant, LaneOptions { max_queue: JOBS, ..LaneOptions::default() });
    let submit = |job| match scheduler.submit(lane, spec(), || job) {
        Submitted::Queued { start_runner, .. } => start_runner,
        Submitted::Refused(refusal) => panic!("{refusal:?}"),
    };
    let drain = || {
        let mut runner = scheduler.runner();
        let mut turn = runner.next();
        while let Turn::Run(running, job) = turn {
            black_box(job);
            turn = runner.finish_and_next(running, Outcome::Completed);
        }
    };

    let one = least(|| {
        timed(|| {
            for job in 0..JOBS {
                assert!(submit(job));
                let mut runner = scheduler.runner();
                let Turn::Run(running, job) = runner.next() else { panic!("nothing to do") };
                black_box(job);
                assert!(matches!(runner.finish_and_next(running, Outcome::Completed), Turn::Done));
            }
        })
    });
    println!("submit + next + finish, alone   {one:6.1} ns");

    let mut draining = Duration::MAX;
    let submitting = least(|| {
        let submitting = timed(|| {
            let mut starts = 0;
            (0..JOBS).for_each(|job| starts += usize::from(submit(job)));
            // Small jobs: a second runner after 40 us of them.
            (1..starts).for_each(|_| scheduler.runner_failed());
        });
        draining = draining.min(timed(drain));
        submitting
    });
    println!("submit, {JOBS} in a row            {submitting:6.1} ns");
    println!("finish_and_next, {JOBS} in a row   {:6.1} ns", draining.as_nanos() as f64 / JOBS as f64);

    let refusing = Scheduler::<usize>::new(1);
    let tenant = refusing.add_tenant();
    let full =
        refusing.add_lane(tenant, LaneOptions { max_queue: 0, concurrency: 1, ..LaneOptions::default() });
    let Submitted::Queued { .. } = refusing.submit(full, spec(), || 0) else { panic!("refused") };
    let refusal =
        least(|| timed(|| (0..JOBS).for_each(|_| drop(black_box(refusing.submit(full, spec(), || 0))))));
    println!("submit, refused                 {refusal:6.1} ns");
}

#[test]
#[ignore = "a measurement"]
fn cost_across_threads() {
    let scheduler = Arc::new(Scheduler::<usize>::new(1));
    let tenant = scheduler.add_tenant();
    let options = LaneOptions { max_queue: JOBS, ..LaneOptions::default() };
    let lane = scheduler.add_lane(tenant, options);
    // Tokens are made on one thread and dropped on another: what the allocator says to that is part of the cost.
    let round = || {
        // Spun on, not slept on: waking a thread takes as long as all the submissions.
        let ready = Arc::new(AtomicBool::new(false));
        let Submitted::Queued { .. } = scheduler.submit(lane, spec(), || 0) else { panic!("refused") };
        let runner = std::thread::spawn({
            let (scheduler, ready) = (scheduler.clone(), ready.clone());
            move || {
                ready.store(true, Ordering::Release);
                let mut done = 0;
                while done < JOBS {
                    let mut runner = scheduler.runner();
                    let mut turn = runner.next();
                    while let Turn::Run(running, _) = turn {
                        done += 1;
                        turn = runner.finish_and_next(running, Outcome::Completed);
                    }
                    drop(runner);
                    while done < JOBS && !scheduler.try_start_runner() {
                        std::hint::spin_loop();
                    }
                }
            }
        });
        while !ready.load(Ordering::Acquire) {
            std::hint::spin_loop();
        }
        let time = timed(|| {
            for job in 1..JOBS {
                if let Submitted::Queued { start_runner: true, .. } = scheduler.submit(lane, spec(), || job) {
                    scheduler.runner_failed();
                }
            }
        });
        runner.join().unwrap();
        time
    };
    // The least would be the round in which the other thread came late.
    let mut rounds: Vec<_> = (0..ROUNDS).map(|_| round()).collect();
    rounds.sort_unstable();
    let submitting = rounds[ROUNDS / 2].as_nanos() as f64 / JOBS as f64;
    println!("submit against a busy runner    {submitting:6.1} ns (median)");
}
