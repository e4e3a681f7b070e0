//! Every interleaving of the scheduler's callers, up to some preemptions.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p sidelane-lanes --release --test 'loom_*'`
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::sync::Arc as StdArc;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use loom::thread;
use sidelane_lanes::{
    Cancelled, LaneId, LaneOptions, ManualClock, Outcome, Priority, Reason, Runner, Scheduler, Spec,
    Submitted, TenantId, Turn,
};

type Clocked = Scheduler<usize, StdArc<ManualClock>>;
/// More than pays for a second runner.
const BIG: u64 = 1_000_000;

fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

fn scheduler(limit: usize, options: LaneOptions) -> (Arc<Clocked>, TenantId, LaneId) {
    let scheduler = Scheduler::with_clock(limit, StdArc::new(ManualClock::default()));
    let tenant = scheduler.add_tenant();
    let lane = scheduler.add_lane(tenant, options);
    (Arc::new(scheduler), tenant, lane)
}

/// Submits a job that must be taken; answers whether a runner has to be started.
fn submit(scheduler: &Clocked, lane: LaneId, job: usize, cost: u64) -> bool {
    let spec = Spec { bytes: 1, cost, priority: Priority::Normal, deadline: None };
    match scheduler.submit(lane, spec, || job) {
        Submitted::Queued { start_runner, .. } => start_runner,
        Submitted::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn drain(runner: &mut Runner<'_, usize, StdArc<ManualClock>>, mut each: impl FnMut(usize)) {
    let mut turn = runner.next();
    while let Turn::Run(running, job) = turn {
        each(job);
        turn = runner.finish_and_next(running, Outcome::Completed);
    }
}

#[test]
fn a_job_submitted_while_a_runner_finds_nothing_is_not_lost() {
    explore(5, || {
        let (scheduler, _, lane) = scheduler(1, LaneOptions::default());
        assert!(submit(&scheduler, lane, 0, 1));
        let runner = thread::spawn({
            let scheduler = scheduler.clone();
            move || {
                let mut ran = 0;
                drain(&mut scheduler.runner(), |_| ran += 1);
                ran
            }
        });
        let mut started = false;
        for job in 1..3 {
            started |= submit(&scheduler, lane, job, 1);
        }
        let ran = runner.join().unwrap();
        assert_eq!(ran + scheduler.queued(lane), 3);
        assert_eq!(
            scheduler.queued(lane) > 0,
            started,
            "told to start a runner if and only if one is needed"
        );
        assert_eq!(scheduler.runners(), usize::from(started));
    });
}

#[test]
fn a_job_submitted_while_a_runner_is_released_is_not_lost() {
    explore(5, || {
        let (scheduler, _, lane) = scheduler(1, LaneOptions::default());
        assert!(submit(&scheduler, lane, 0, 1));
        let runner = thread::spawn({
            let scheduler = scheduler.clone();
            move || {
                let mut runner = scheduler.runner();
                let Turn::Run(running, _) = runner.next() else { panic!("job 0 waits") };
                runner.finish(running, Outcome::Completed);
                runner.release()
            }
        });
        let started = submit(&scheduler, lane, 1, 1);
        let waiting = runner.join().unwrap();
        assert!(started ^ waiting, "exactly one of the two sees to it");
    });
}

#[test]
fn a_cancelled_job_has_one_end() {
    explore(5, || {
        let (scheduler, _, lane) = scheduler(1, LaneOptions::default());
        let spec = Spec { bytes: 1, cost: 1, priority: Priority::Normal, deadline: None };
        let Submitted::Queued { id, .. } = scheduler.submit(lane, spec, || 7) else { panic!("refused") };
        let runner = thread::spawn({
            let scheduler = scheduler.clone();
            move || {
                let mut runner = scheduler.runner();
                match runner.next() {
                    Turn::Run(running, 7) => {
                        let stopped = running.token().stopped();
                        let outcome = if stopped.is_some() { Outcome::Aborted } else { Outcome::Completed };
                        let last = runner.finish_and_next(running, outcome);
                        assert!(matches!(last, Turn::Done));
                        Some(outcome)
                    }
                    Turn::Done => None,
                    other => panic!("{other:?}"),
                }
            }
        });
        let cancelled = scheduler.cancel(id, Reason::Aborted);
        let outcome = runner.join().unwrap();
        match cancelled {
            Cancelled::Queued(job) => assert_eq!((job, outcome), (7, None)),
            Cancelled::Running => assert!(outcome.is_some()),
            Cancelled::Gone => assert_eq!(outcome, Some(Outcome::Completed), "nobody had told it to stop"),
        }
        let stats = scheduler.stats(lane);
        assert_eq!(stats.completed + stats.aborted, 1);
        assert_eq!((stats.queued, stats.running, scheduler.runners()), (0, 0, 0));
        assert!(matches!(scheduler.cancel(id, Reason::Aborted), Cancelled::Gone));
    });
}

#[test]
fn an_isolate_ends_when_nothing_of_it_runs() {
    explore(5, || {
        let (scheduler, tenant, lane) = scheduler(1, LaneOptions::default());
        submit(&scheduler, lane, 0, 1);
        submit(&scheduler, lane, 1, 1);
        let in_use = Arc::new(AtomicUsize::new(0));
        let runner = thread::spawn({
            let (scheduler, in_use) = (scheduler.clone(), in_use.clone());
            move || {
                let mut runner = scheduler.runner();
                let mut ran = Vec::new();
                let mut turn = runner.next();
                while let Turn::Run(running, job) = turn {
                    in_use.fetch_add(1, SeqCst);
                    ran.push(job);
                    in_use.fetch_sub(1, SeqCst);
                    turn = runner.finish_and_next(running, Outcome::Completed);
                }
                ran
            }
        });
        let dropped = scheduler.remove_tenant(tenant);
        assert_eq!(in_use.load(SeqCst), 0, "its memory may go now");
        let mut all = runner.join().unwrap();
        all.extend(dropped);
        assert_eq!(all, [0, 1], "each ran or was dropped");
        assert_eq!(scheduler.runners(), 0);
    });
}

#[test]
fn two_that_end_an_isolate_both_return() {
    explore(4, || {
        let (scheduler, tenant, lane) = scheduler(1, LaneOptions::default());
        submit(&scheduler, lane, 0, 1);
        let mut runner = scheduler.runner();
        let Turn::Run(running, _) = runner.next() else { panic!("job 0 waits") };
        let enders: Vec<_> = (0..2)
            .map(|_| {
                let scheduler = scheduler.clone();
                thread::spawn(move || assert!(scheduler.remove_tenant(tenant).is_empty()))
            })
            .collect();
        runner.finish(running, Outcome::Completed);
        enders.into_iter().for_each(|ender| ender.join().unwrap());
    });
}

#[test]
fn two_runners_keep_the_bounds_and_leave_nothing() {
    for (concurrency, bound) in [(1, 1), (usize::MAX, 2)] {
        explore(4, move || {
            let (scheduler, _, lane) = scheduler(2, LaneOptions { concurrency, ..LaneOptions::default() });
            let at_work = Arc::new(AtomicUsize::new(0));
            let done = Arc::new(AtomicUsize::new(0));
            let work = {
                let (scheduler, at_work, done) = (scheduler.clone(), at_work.clone(), done.clone());
                move || {
                    drain(&mut scheduler.runner(), |_| {
                        assert!(at_work.fetch_add(1, SeqCst) < bound);
                        done.fetch_add(1, SeqCst);
                        at_work.fetch_sub(1, SeqCst);
                    });
                }
            };
            let mut runners = Vec::new();
            for job in 0..3 {
                if submit(&scheduler, lane, job, BIG) {
                    runners.push(thread::spawn(work.clone()));
                }
                assert!(scheduler.runners() <= 2);
            }
            runners.into_iter().for_each(|runner| runner.join().unwrap());
            assert_eq!((done.load(SeqCst), scheduler.queued(lane), scheduler.runners()), (3, 0, 0));
        });
    }
}

#[test]
fn lent_threads_and_runners_keep_the_limit() {
    explore(5, || {
        let (scheduler, _, lane) = scheduler(2, LaneOptions::default());
        submit(&scheduler, lane, 0, BIG);
        let runner = thread::spawn({
            let scheduler = scheduler.clone();
            move || {
                let mut runner = scheduler.runner();
                let Turn::Run(running, _) = runner.next() else { panic!("job 0 waits") };
                let lent = runner.borrow_threads(8);
                assert!(lent.len() <= 1);
                drop(lent);
                drain_after(&mut runner, running);
            }
        });
        let started = submit(&scheduler, lane, 1, BIG);
        runner.join().unwrap();
        if started {
            drain(&mut scheduler.runner(), |_| {});
        }
        assert_eq!((scheduler.stats(lane).completed, scheduler.runners()), (2, 0));
    });
}

#[test]
fn a_lent_thread_learns_of_the_runner_in_its_place() {
    explore(5, || {
        let (scheduler, _, lane) = scheduler(2, LaneOptions::default());
        submit(&scheduler, lane, 0, BIG);
        let mut runner = scheduler.runner();
        let Turn::Run(running, _) = runner.next() else { panic!("job 0 waits") };
        let mut lent = runner.borrow_threads(1).pop().unwrap();
        let submitter = thread::spawn({
            let scheduler = scheduler.clone();
            move || assert!(submit(&scheduler, lane, 1, BIG), "whatever is lent")
        });
        let early = lent.is_recalled();
        submitter.join().unwrap();
        assert!(lent.is_recalled(), "at the latest when the submission has returned: {early}");
        drop(lent);
        drain_after(&mut runner, running);
        drain(&mut scheduler.runner(), |_| {});
        assert_eq!((scheduler.stats(lane).completed, scheduler.runners()), (2, 0));
        submit(&scheduler, lane, 2, BIG);
        let mut runner = scheduler.runner();
        let Turn::Run(running, _) = runner.next() else { panic!("job 2 waits") };
        assert_eq!(runner.borrow_threads(8).len(), 1, "it was given back once");
        runner.finish(running, Outcome::Completed);
    });
}

fn drain_after(runner: &mut Runner<'_, usize, StdArc<ManualClock>>, running: sidelane_lanes::Running) {
    if let Turn::Run(next, _) = runner.finish_and_next(running, Outcome::Completed) {
        drain_after(runner, next);
    }
}
