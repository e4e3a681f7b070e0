//! Fair shares by run time, of isolates and of the lanes of one.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod common;

use std::collections::HashMap;

use common::{Hand, MS, Rig, cost, take};
use sidelane_lanes::{LaneId, LaneOptions, Nanos, Outcome, TenantId};

const BIG: usize = 100_000;

fn wide() -> LaneOptions {
    LaneOptions { max_queue: BIG, ..LaneOptions::default() }
}

/// Two lanes, of one isolate or of two.
fn pair(isolates: usize) -> (Rig, [LaneId; 2]) {
    let rig = Rig::new(1, wide());
    let other: TenantId = if isolates == 2 { rig.scheduler.add_tenant() } else { rig.tenant };
    let second = rig.scheduler.add_lane(other, wide());
    let first = rig.lane;
    (rig, [first, second])
}

/// Runs jobs for so long, each of lane `n` taking `runs[n]`; answers with the run time that each lane had and how many jobs. A job's payload is its lane.
fn run(rig: &Rig, runner: &mut Hand<'_>, lasting: Nanos, runs: [Nanos; 2]) -> ([Nanos; 2], Vec<u32>) {
    let mut used = [0; 2];
    let mut order = Vec::new();
    while used[0] + used[1] < lasting {
        let (running, lane) = take(runner);
        rig.clock.advance(runs[lane as usize]);
        used[lane as usize] += runs[lane as usize];
        order.push(lane);
        runner.finish(running, Outcome::Completed);
    }
    (used, order)
}

fn fill(rig: &Rig, lanes: [LaneId; 2], which: usize, jobs: usize, expected: Nanos) {
    (0..jobs).for_each(|_| _ = rig.queue_to(lanes[which], which as u32, cost(expected)));
}

#[test]
fn two_hundred_milliseconds_against_one() {
    for isolates in [1, 2] {
        let (rig, lanes) = pair(isolates);
        fill(&rig, lanes, 0, 20, 200 * MS);
        fill(&rig, lanes, 1, 2_000, MS);
        let mut runner = rig.runner();
        let (used, order) = run(&rig, &mut runner, 2_000 * MS, [200 * MS, MS]);
        assert!(used[0].abs_diff(used[1]) <= 200 * MS, "{isolates} isolates: {used:?}");
        // By turns each job of 1 ms would wait for one of 200 ms.
        let small_in_a_row = order.chunk_by(|a, b| a == b).filter(|row| row[0] == 1).map(<[_]>::len).max();
        assert!(small_in_a_row.unwrap() >= 199, "{small_in_a_row:?}");
    }
}

#[test]
fn shares_do_not_depend_on_the_estimates() {
    for (first, second) in [(1, 1), (10_000 * MS, 1), (1, 10_000 * MS), (0, 0), (u64::MAX, 1)] {
        for isolates in [1, 2] {
            let (rig, lanes) = pair(isolates);
            fill(&rig, lanes, 0, 100, first);
            fill(&rig, lanes, 1, 4_000, second);
            let mut runner = rig.runner();
            let (used, _) = run(&rig, &mut runner, 2_000 * MS, [20 * MS, MS]);
            assert!(used[0].abs_diff(used[1]) <= 40 * MS, "{first} {second}: {used:?}");
        }
    }
}

#[test]
fn idle_time_is_not_saved_up() {
    for isolates in [1, 2] {
        let (rig, lanes) = pair(isolates);
        let mut runner = rig.runner();
        fill(&rig, lanes, 0, 5_000, MS);
        run(&rig, &mut runner, 1_000 * MS, [MS, MS]);
        fill(&rig, lanes, 1, 2_000, MS);
        let (used, _) = run(&rig, &mut runner, 1_000 * MS, [MS, MS]);
        assert!(used[0].abs_diff(used[1]) <= 2 * MS, "{isolates} isolates: {used:?}");
    }
}

#[test]
fn a_newcomer_is_not_charged_for_a_neighbours_wrong_estimate() {
    for isolates in [1, 2] {
        let clock_jobs = 2;
        let rig = Rig::new(clock_jobs + 1, wide());
        let other = if isolates == 2 { rig.scheduler.add_tenant() } else { rig.tenant };
        let lanes = [rig.lane, rig.scheduler.add_lane(other, wide())];
        // Two jobs at once that are expected to take 10 s each and take 1 ms.
        fill(&rig, lanes, 0, 1_000, 10_000 * MS);
        let mut runners: Vec<_> = (0..clock_jobs).map(|_| rig.runner()).collect();
        let running: Vec<_> = runners.iter_mut().map(|runner| take(runner).0).collect();
        fill(&rig, lanes, 1, 1_000, MS);
        rig.clock.advance(MS);
        runners.iter_mut().zip(running).for_each(|(runner, job)| runner.finish(job, Outcome::Completed));
        let (used, _) = run(&rig, &mut runners[0], 100 * MS, [MS, MS]);
        assert!(used[0].abs_diff(used[1]) <= 4 * MS, "{isolates} isolates: {used:?}");
    }
}

#[test]
fn a_long_job_that_ran_alone_is_not_held_against_its_lane_later() {
    for isolates in [1, 2] {
        let (rig, lanes) = pair(isolates);
        let mut runner = rig.runner();
        fill(&rig, lanes, 0, 1, 10_000 * MS);
        run(&rig, &mut runner, 10_000 * MS, [10_000 * MS, MS]);
        fill(&rig, lanes, 0, 1_000, MS);
        fill(&rig, lanes, 1, 1_000, MS);
        let (used, _) = run(&rig, &mut runner, 100 * MS, [MS, MS]);
        assert!(used[0].abs_diff(used[1]) <= 2 * MS, "{isolates} isolates: {used:?}");
    }
}

#[test]
fn two_runners_do_not_take_two_in_a_row_from_one_lane() {
    let (rig, lanes) = pair(1);
    fill(&rig, lanes, 0, 10, MS);
    fill(&rig, lanes, 1, 10, MS);
    let (mut first, mut second) = (rig.runner(), rig.runner());
    let (a, lane_a) = take(&mut first);
    let (b, lane_b) = take(&mut second);
    assert_ne!(lane_a, lane_b);
    first.finish(a, Outcome::Completed);
    second.finish(b, Outcome::Completed);
}

#[test]
fn an_isolate_with_many_lanes_gets_no_more_than_one_with_one() {
    let rig = Rig::new(1, wide());
    let crowd: Vec<_> = (0..9).map(|_| rig.add_lane(wide())).collect();
    let other = rig.scheduler.add_tenant();
    let single = rig.scheduler.add_lane(other, wide());
    for lane in crowd {
        (0..200).for_each(|_| _ = rig.queue_to(lane, 0, cost(MS)));
    }
    (0..200).for_each(|_| _ = rig.queue_to(single, 1, cost(MS)));
    let (used, _) = run(&rig, &mut rig.runner(), 100 * MS, [MS, MS]);
    assert!(used[0].abs_diff(used[1]) <= 2 * MS, "{used:?}");
}

#[test]
fn many_lanes_of_different_sizes_converge() {
    let rig = Rig::new(1, wide());
    let lanes: Vec<_> = (0..8).map(|_| rig.add_lane(wide())).collect();
    let run_of = |lane: u32| (1 + Nanos::from(lane) * 7) * MS;
    for (index, lane) in lanes.iter().enumerate() {
        (0..1_500).for_each(|_| _ = rig.queue_to(*lane, index as u32, cost(MS)));
    }
    let mut runner = rig.runner();
    let mut used = HashMap::<u32, Nanos>::new();
    for _ in 0..1_500 {
        let (running, lane) = take(&mut runner);
        rig.clock.advance(run_of(lane));
        *used.entry(lane).or_default() += run_of(lane);
        runner.finish(running, Outcome::Completed);
    }
    let (least, most) = (used.values().min().unwrap(), used.values().max().unwrap());
    assert!(most - least <= 100 * MS, "{used:?}");
}
