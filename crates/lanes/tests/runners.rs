//! When a thread is asked for, and when it is sent home.
#![cfg(not(loom))]

mod common;

use common::{MS, Rig, SPREAD, assert_done, cost, spec, starts, take, was_queued};
use sidelane_lanes::{LaneOptions, Outcome, Reason, Turn};

fn rig(limit: usize) -> Rig {
    Rig::new(limit, LaneOptions::default())
}

#[test]
fn the_first_job_starts_one() {
    let rig = rig(4);
    assert!(starts(&rig.submit(0, cost(1))));
    assert_eq!(rig.scheduler.runners(), 1);
}

#[test]
fn small_jobs_do_not_start_a_second_one() {
    let rig = rig(4);
    rig.submit(0, cost(SPREAD / 2));
    assert!(!starts(&rig.submit(1, cost(SPREAD / 2))), "just enough for one");
    assert!(starts(&rig.submit(2, cost(1))), "more than enough");
    assert!(!starts(&rig.submit(3, cost(SPREAD - 1))), "just enough for two");
    assert!(starts(&rig.submit(4, cost(1))));
}

#[test]
fn no_more_than_the_limit() {
    let rig = rig(2);
    let started = (0..10).filter(|job| starts(&rig.submit(*job, cost(MS)))).count();
    assert_eq!((started, rig.scheduler.runners()), (2, 2));
    assert!(!rig.scheduler.try_start_runner());
}

#[test]
fn a_limit_of_none_counts_as_one() {
    let rig = rig(0);
    assert_eq!(rig.scheduler.limit(), 1);
    assert!(starts(&rig.submit(0, spec())));
}

#[test]
fn running_work_counts_for_the_decision() {
    let rig = rig(2);
    rig.submit(0, cost(MS));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert!(starts(&rig.submit(1, cost(1))), "it would wait for a millisecond");
    runner.finish(running, Outcome::Completed);
}

#[test]
fn cancelled_work_does_not() {
    let rig = rig(2);
    rig.submit(0, cost(1));
    let big = rig.queue(1, cost(10 * SPREAD));
    rig.scheduler.runner_failed();
    assert_eq!(was_queued(rig.scheduler.cancel(big, Reason::Aborted)), Some(1));
    assert!(!starts(&rig.submit(2, cost(1))));
}

#[test]
fn jobs_of_unknown_cost_spread_as_soon_as_one_has_been_measured() {
    let rig = rig(2);
    rig.teach(1, 0, 200 * MS);
    assert!(starts(&rig.submit(1, cost(0))));
    assert!(starts(&rig.submit(2, cost(0))), "one thread would take 400 ms, with another free");
}

#[test]
fn an_underestimated_job_does_not_keep_others_waiting_behind_it() {
    let rig = rig(2);
    assert!(starts(&rig.submit(0, cost(1))));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    rig.clock.advance(MS);
    assert!(!starts(&rig.submit(1, cost(1))), "it may be back any moment");
    rig.clock.advance(1);
    assert!(rig.scheduler.try_start_runner(), "it has been away for too long");
    assert!(!starts(&rig.submit(2, cost(1))), "one more will do for now");
    runner.finish(running, Outcome::Completed);
}

#[test]
fn a_runner_that_finds_nothing_is_counted_out_once() {
    let rig = rig(2);
    rig.submit(0, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert_done(runner.finish_and_next(running, Outcome::Completed));
    assert_eq!(rig.scheduler.runners(), 0);
    assert!(starts(&rig.submit(1, spec())));
    assert_done(runner.next());
    drop(runner);
    assert_eq!(rig.scheduler.runners(), 1, "the one that job 1 asked for");
    assert_eq!(rig.stats().queued, 1, "a runner that is counted out takes no job");
}

#[test]
fn release_says_whether_work_is_left() {
    let rig = rig(2);
    rig.submit(0, spec());
    rig.submit(1, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    runner.finish(running, Outcome::Completed);
    assert!(runner.release());
    assert_eq!(rig.scheduler.runners(), 0);
    assert!(rig.scheduler.try_start_runner());
    assert!(!rig.scheduler.try_start_runner(), "one is enough");
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    runner.finish(running, Outcome::Completed);
    assert!(!runner.release());
    assert!(!rig.scheduler.try_start_runner());
}

#[test]
fn dropping_a_runner_counts_it_out() {
    let rig = rig(2);
    rig.submit(0, spec());
    drop(rig.runner());
    assert_eq!(rig.scheduler.runners(), 0);
    assert!(rig.scheduler.try_start_runner());
}

#[test]
fn a_runner_that_could_not_be_started_can_be_asked_for_again() {
    let rig = rig(1);
    assert!(starts(&rig.submit(0, spec())));
    rig.scheduler.runner_failed();
    assert_eq!(rig.scheduler.runners(), 0);
    assert!(rig.scheduler.try_start_runner());
    rig.scheduler.runner_failed();
    assert!(starts(&rig.submit(1, spec())));
}

#[test]
fn counting_out_too_often_does_not_end_the_service() {
    let rig = rig(1);
    rig.scheduler.runner_failed();
    drop(rig.runner());
    assert_eq!(rig.scheduler.runners(), 0);
    assert!(starts(&rig.submit(0, spec())));
}

#[test]
fn threads_are_lent_up_to_the_limit_with_the_runners_counted() {
    let rig = rig(4);
    rig.submit(0, cost(MS));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    {
        let two = runner.borrow_threads(2);
        let rest = runner.borrow_threads(10);
        assert_eq!((two.len(), rest.len(), runner.borrow_threads(1).len()), (2, 1, 0));
    }
    assert!(starts(&rig.submit(1, cost(MS))));
    assert_eq!(runner.borrow_threads(10).len(), 0, "job 1 waits");
    let Turn::Run(running, 1) = runner.finish_and_next(running, Outcome::Completed) else {
        panic!("job 1 waits")
    };
    assert_eq!(runner.borrow_threads(10).len(), 2, "nothing waits, two runners");
    assert_eq!(runner.borrow_threads(10).len(), 2, "dropped is given back");
    runner.finish(running, Outcome::Completed);
}

#[test]
fn lent_threads_keep_no_runner_from_starting() {
    let rig = rig(2);
    let other = rig.add_lane(LaneOptions::default());
    rig.submit(0, cost(1000 * MS));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    let lent = runner.borrow_threads(1);
    assert_eq!(lent.len(), 1);
    assert!(starts(&rig.submit_to(other, 1, cost(1))), "it must not wait for job 0 to end");
    assert!(!starts(&rig.submit_to(other, 2, cost(MS))), "there are as many runners as may be");
    drop(lent);
    assert!(!rig.scheduler.try_start_runner());
    runner.finish(running, Outcome::Completed);
}

#[test]
fn as_many_are_recalled_as_runners_were_started() {
    let rig = rig(4);
    rig.submit(0, cost(MS));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    let mut lent = runner.borrow_threads(3);
    assert!(!lent.iter_mut().any(|thread| thread.is_recalled()));
    assert!(starts(&rig.submit(1, cost(MS))));
    assert!(starts(&rig.submit(2, cost(MS))));
    let recalled: Vec<_> = lent.iter_mut().map(|thread| thread.is_recalled()).collect();
    assert_eq!(recalled, [true, true, false]);
    let again: Vec<_> = lent.iter_mut().map(|thread| thread.is_recalled()).collect();
    assert_eq!(again, recalled, "once is enough, and it stays so");
    drop(lent);
    runner.finish(running, Outcome::Completed);
    assert!(runner.release());
    rig.drain(MS);
    rig.submit(3, cost(MS));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert_eq!(runner.borrow_threads(9).len(), 3, "each was given back once");
    runner.finish(running, Outcome::Completed);
}

#[test]
fn a_thread_is_not_recalled_when_the_runner_has_gone_meanwhile() {
    let rig = rig(2);
    rig.submit(0, cost(MS));
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    let mut lent = runner.borrow_threads(1);
    assert!(starts(&rig.submit(1, cost(MS))));
    let mut second = rig.runner();
    let (other, _) = take(&mut second);
    assert_done(second.finish_and_next(other, Outcome::Completed));
    assert!(!lent[0].is_recalled());
    runner.finish(running, Outcome::Completed);
}

#[test]
fn nothing_is_lent_while_anything_waits_that_could_run() {
    let rig = Rig::new(4, LaneOptions { concurrency: 1, ..LaneOptions::default() });
    rig.queue(0, spec());
    rig.queue(1, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert_eq!(runner.borrow_threads(1).len(), 1, "job 1 waits for its lane, not for a thread");
    let other = rig.add_lane(LaneOptions::default());
    rig.queue_to(other, 2, spec());
    assert_eq!(runner.borrow_threads(1).len(), 0);
    runner.finish(running, Outcome::Completed);
}

#[test]
fn a_runner_that_is_counted_out_borrows_nothing() {
    let rig = rig(4);
    rig.submit(0, spec());
    let mut runner = rig.runner();
    let (running, _) = take(&mut runner);
    assert_done(runner.finish_and_next(running, Outcome::Completed));
    assert_eq!(runner.borrow_threads(4).len(), 0, "with no runner left nobody would serve what comes");
}
