//! Against the obvious way to compute each.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use sidelane_kernels::numeric::{
    Batch, Method, Statistic, Step, anomalies, argsort, batch, describe, describe_with, group_by, histogram,
    map, quantiles, rolling, sort, top_k,
};
use sidelane_kernels::{Checkpoint, Interrupted, Threads, Uninterruptible};

use common::several;

const ALWAYS: &Uninterruptible = &Uninterruptible;

/// Any double, often one that functions trip over, often one of a few.
fn number() -> impl Strategy<Value = f64> {
    let special =
        [0.0, -0.0, 1.0, -1.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324];
    prop_oneof![
        prop::sample::select(special.to_vec()),
        any::<f64>(),
        -10.0..10.0,
        (-4_i8..4).prop_map(f64::from)
    ]
}

fn finite() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![-1e6..1e6, (-4_i8..4).prop_map(f64::from)], 1..3000)
}

/// The order of `TypedArray.prototype.sort`.
fn order(a: &f64, b: &f64) -> std::cmp::Ordering {
    let place = |x: &f64| if x.is_nan() { f64::NAN } else { *x };
    place(a).total_cmp(&place(b))
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }).collect()
}

fn pseudo_random(len: usize) -> Vec<f64> {
    let mut state = 0x9e37_79b9_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn sorted_by_us(values: &[f64], descending: bool, threads: Threads<'_>) -> Vec<f64> {
    let mut out = vec![7.0; values.len()];
    sort(&mut values.to_vec(), descending, &mut out, ALWAYS, threads).unwrap();
    out
}

proptest! {
    #[test]
    fn sorted_as_by_comparison(values in prop::collection::vec(number(), 0..600), descending: bool) {
        let mut expected = values.clone();
        expected.sort_by(order);
        if descending {
            expected.reverse();
        }
        prop_assert_eq!(bits(&sorted_by_us(&values, descending, Threads::One)), bits(&expected));
    }

    #[test]
    fn argsort_is_stable(values in prop::collection::vec(-5_i32..5, 0..600), descending: bool) {
        let mut expected: Vec<u32> = (0..values.len() as u32).collect();
        expected.sort_by(|a, b| {
            let (a, b) = (values[*a as usize], values[*b as usize]);
            if descending { b.cmp(&a) } else { a.cmp(&b) }
        });
        prop_assert_eq!(argsort(&values, descending, ALWAYS, Threads::One).unwrap(), expected);
    }

    #[test]
    fn quantiles_of_the_sorted(values in prop::collection::vec(number(), 1..400), qs in prop::collection::vec(0.0..=1.0, 0..6)) {
        let mut sorted = values.clone();
        sorted.sort_by(order);
        for (q, found) in qs.iter().zip(quantiles(&values, &qs, ALWAYS).unwrap()) {
            let at = q * (values.len() - 1) as f64;
            let (a, b) = (sorted[at as usize], sorted[(at as usize + 1).min(values.len() - 1)]);
            let part = at - at.floor();
            let expected = if part == 0.0 || a == b { a } else if (b - a).is_finite() { a + (b - a) * part } else { a * (1.0 - part) + b * part };
            let close = (found - expected).abs() <= expected.abs().max(a.abs()).max(b.abs()) * 1e-12;
            prop_assert!(found == expected || close || (found.is_nan() && expected.is_nan()), "{} of {}, {}", found, expected, q);
        }
    }

    #[test]
    fn described_as_by_loops(values in finite()) {
        let all = describe(&values, ALWAYS).unwrap();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        prop_assert_eq!(all.count, values.len());
        prop_assert!((all.mean - mean).abs() <= 1e-8 && (all.sum - mean * n).abs() <= 1e-5);
        prop_assert!((all.variance - variance).abs() <= 1e-9 * variance.max(1.0));
        prop_assert_eq!(all.min, values.iter().copied().fold(f64::INFINITY, f64::min));
        prop_assert_eq!(all.max, values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    }

    #[test]
    fn rolling_as_window_by_window(values in prop::collection::vec(number(), 0..200), window in 1_usize..20) {
        for statistic in [Statistic::Mean, Statistic::Sum, Statistic::Min, Statistic::Max] {
            let found = rolling(&values, window, statistic, ALWAYS).unwrap();
            prop_assert_eq!(found.len(), (values.len() + 1).saturating_sub(window));
            for (found, values) in found.iter().zip(values.windows(window)) {
                let all = describe(values, ALWAYS).unwrap();
                let expected = match statistic {
                    Statistic::Mean => all.sum / window as f64,
                    Statistic::Sum => all.sum,
                    Statistic::Min => all.min,
                    Statistic::Max => all.max,
                };
                let exact = matches!(statistic, Statistic::Min | Statistic::Max);
                let largest = values.iter().fold(1.0, |a, x| if x.is_finite() { x.abs().max(a) } else { a });
                let close = !exact && (found - expected).abs() <= 1e-9 * largest;
                // Sums of the largest doubles overflow in one order and not in another.
                let overflows = !exact && largest > 1e306;
                prop_assert!(found.to_bits() == expected.to_bits() || close || overflows || (found.is_nan() && expected.is_nan()),
                    "{:?} of {:?}: {} and {}", statistic, values, found, expected);
            }
        }
    }

    #[test]
    fn histogram_as_bin_by_bin(values in prop::collection::vec(number(), 0..300), bins in 1_usize..20, low in -5.0..5.0, width in 0.1..10.0) {
        let found = histogram(&values, bins, Some((low, low + width)), ALWAYS).unwrap();
        let mut outside = values.len();
        for (bin, count) in found.counts.iter().enumerate() {
            let (from, to) = (found.edges[bin], found.edges[bin + 1]);
            let here = values.iter().filter(|x| **x >= from && (**x < to || (bin == bins - 1 && **x == to))).count();
            prop_assert_eq!(*count, here as f64);
            outside -= here;
        }
        prop_assert_eq!(found.outside, outside);
    }

    #[test]
    fn top_k_of_the_sorted(values in prop::collection::vec(number(), 0..300), k in 0_usize..20, greatest: bool) {
        let mut expected: Vec<(usize, f64)> = values.iter().copied().enumerate().filter(|(_, x)| !x.is_nan()).collect();
        expected.sort_by(|(_, a), (_, b)| if greatest { b.total_cmp(a) } else { a.total_cmp(b) });
        expected.truncate(k);
        let found = top_k(&values, k, greatest, ALWAYS).unwrap();
        prop_assert_eq!(bits(&found.values), bits(&expected.iter().map(|(_, x)| *x).collect::<Vec<_>>()));
        prop_assert_eq!(found.indices, expected.iter().map(|(at, _)| *at as u32).collect::<Vec<_>>());
    }

    #[test]
    fn groups_as_a_map_has_them(rows in prop::collection::vec((-3_i16..3, -100.0..100.0), 0..300)) {
        let (keys, values): (Vec<i16>, Vec<f64>) = rows.iter().copied().unzip();
        let mut expected: BTreeMap<i16, Vec<f64>> = BTreeMap::new();
        rows.iter().for_each(|(key, value)| expected.entry(*key).or_default().push(*value));
        let found = group_by(&keys, &values, ALWAYS).unwrap();
        prop_assert_eq!(&found.keys, &expected.keys().copied().collect::<Vec<_>>());
        for (at, values) in expected.values().enumerate() {
            let all = describe(values, ALWAYS).unwrap();
            prop_assert_eq!((found.counts[at], found.mins[at], found.maxs[at]), (values.len() as f64, all.min, all.max));
            prop_assert!((found.sums[at] - all.sum).abs() < 1e-9 && (found.means[at] - all.mean).abs() < 1e-9);
        }
    }
}

#[test]
fn large_ones_are_sorted_on_one_thread_and_several() {
    let random = pseudo_random(300_000);
    let few = random.iter().map(|x| (x * 10.0).floor()).collect();
    let skewed = random.iter().map(|x| x.powi(40)).collect();
    let ascending = (0..300_000).map(f64::from).collect();
    for values in [random.clone(), few, skewed, ascending, vec![1.5; 300_000]] {
        let mut expected: Vec<f64> = values.clone();
        expected.sort_by(f64::total_cmp);
        for threads in [Threads::One, several()] {
            assert!(sorted_by_us(&values, false, threads) == expected);
            let positions = argsort(&values, false, ALWAYS, threads).unwrap();
            let pairs: Vec<_> = positions.iter().map(|at| (values[*at as usize], *at)).collect();
            assert!(pairs.windows(2).all(|pair| pair[0] < pair[1]), "ordered, and stable");
        }
    }
    let qs = [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0];
    let mut sorted = random.clone();
    sorted.sort_by(f64::total_cmp);
    for (q, found) in qs.iter().zip(quantiles(&random, &qs, ALWAYS).unwrap()) {
        let at = q * 299_999.0;
        assert!(found >= sorted[at as usize] && found <= sorted[(at as usize + 1).min(299_999)]);
    }
}

#[test]
fn of_nothing_and_of_one() {
    let none: [f64; 0] = [];
    let all = describe(&none, ALWAYS).unwrap();
    assert_eq!((all.count, all.sum, all.min, all.max), (0, 0.0, f64::INFINITY, f64::NEG_INFINITY));
    assert!(all.mean.is_nan() && all.variance.is_nan());
    assert!(quantiles(&none, &[0.5], ALWAYS).unwrap()[0].is_nan());
    assert_eq!(quantiles(&[4_u8], &[0.0, 0.3, 1.0], ALWAYS).unwrap(), [4.0; 3]);
    assert_eq!(histogram(&none, 2, None, ALWAYS).unwrap().counts, [0.0, 0.0]);
    assert_eq!(histogram(&[3_i8], 2, None, ALWAYS).unwrap().edges, [2.5, 3.0, 3.5]);
    assert!(top_k(&none, 3, true, ALWAYS).unwrap().values.is_empty());
    assert!(group_by(&none, &none, ALWAYS).unwrap().keys.is_empty());
    assert_eq!(describe(&[7_i64], ALWAYS).unwrap().variance, 0.0);
}

#[test]
fn zeros_and_nans() {
    let all = describe(&[0.0, -0.0, 0.0], ALWAYS).unwrap();
    assert!(all.min.is_sign_negative() && all.max.is_sign_positive());
    assert!(describe(&[-0.0, -0.0], ALWAYS).unwrap().max.is_sign_negative());
    let all = describe(&[1.0, f64::NAN], ALWAYS).unwrap();
    assert!(
        all.min.is_nan()
            && all.max.is_nan()
            && all.sum.is_nan()
            && all.mean.is_nan()
            && all.variance.is_nan()
    );
    let groups = group_by(&[0.0, -0.0, f64::NAN, -f64::NAN], &[1.0, 2.0, 3.0, 4.0], ALWAYS).unwrap();
    assert_eq!((groups.keys.len(), groups.sums), (2, vec![3.0, 7.0]));
    let infinite = describe(&[f64::INFINITY, 1.0], ALWAYS).unwrap();
    assert_eq!((infinite.sum, infinite.mean, infinite.max), (f64::INFINITY, f64::INFINITY, f64::INFINITY));
}

#[test]
fn a_sum_that_a_loop_loses() {
    let mut values = vec![1e16];
    values.extend(std::iter::repeat_n(1.0, 4096));
    values.push(-1e16);
    assert_ne!(values.iter().sum::<f64>(), 4096.0);
    assert_eq!(describe(&values, ALWAYS).unwrap().sum, 4096.0);
}

#[test]
fn threads_make_no_difference_to_a_description() {
    let mut values = pseudo_random(400_000);
    values[7] = 1e16;
    values[399_999] = -1e16;
    let all = describe(&values, ALWAYS).unwrap();
    assert_eq!(describe_with(&values, ALWAYS, several()).unwrap(), all);
    values[7] = 0.0;
    values[399_999] = 0.0;
    assert!((describe(&values, ALWAYS).unwrap().sum - all.sum).abs() <= 1e-10);
    values[300_000] = f64::NAN;
    assert!(describe_with(&values, ALWAYS, several()).unwrap().min.is_nan());
}

#[test]
fn anomalies_by_every_method() {
    let mut values = pseudo_random(1000);
    values[17] = 50.0;
    values[500] = -50.0;
    values[600] = f64::NAN;
    values[700] = f64::INFINITY;
    for method in [Method::ZScore(3.0), Method::Mad(3.5), Method::Iqr(1.5), Method::Range(0.0, 1.0)] {
        let found = anomalies(&values, method, ALWAYS).unwrap();
        assert_eq!(found.indices, [17, 500, 700], "{method:?}");
        assert!(found.scores[0] > 0.0 && found.scores[1] < 0.0 && found.scores[2] == f64::INFINITY);
    }
    let found = anomalies(&[1.0, 1.0, 1.0, 2.0], Method::Mad(3.5), ALWAYS).unwrap();
    assert_eq!((found.indices, found.scores), (vec![3], vec![f64::INFINITY]));
}

#[test]
fn maps_with_and_without_a_pause() {
    let values = [-3.0, 1.0, 5.0];
    let run = |steps: &[Step]| {
        let mut out = [0.0; 3];
        map(&values, steps, &mut out, ALWAYS).unwrap();
        out
    };
    assert_eq!(run(&[]), values);
    assert_eq!(run(&[Step::MinMax]), [0.0, 0.5, 1.0]);
    assert_eq!(
        run(&[Step::Scale(2.0, 1.0), Step::MinMax, Step::Clamp(0.25, 0.75), Step::ZScore, Step::Abs]),
        {
            let deviation = (0.125_f64 / 3.0).sqrt();
            [0.25 / deviation, 0.0, 0.25 / deviation]
        }
    );
    assert!((run(&[Step::Abs, Step::Log1p])[0] - 4.0_f64.ln()).abs() < 1e-15);
}

#[test]
fn batches_are_what_their_packets_are() {
    let values: Vec<f32> = pseudo_random(100_000).iter().map(|x| *x as f32 * 10.0 - 1.0).collect();
    let steps = [Step::Log1p, Step::MinMax];
    for (length, threads) in [(1024, Threads::One), (1024, several()), (7, several()), (200_000, several())] {
        let plan = Batch { length, anomalies: Some(Method::ZScore(1.7)), steps: &steps };
        let mut out = vec![0.0_f32; values.len()];
        let found = batch(&values, plan, &mut out, ALWAYS, threads).unwrap();
        assert_eq!(found.means.len(), values.len().div_ceil(length));
        for (at, packet) in values.chunks(length).enumerate() {
            let all = describe(packet, ALWAYS).unwrap();
            assert_eq!((found.means[at], found.mins[at], found.maxs[at]), (all.mean, all.min, all.max));
            let own = anomalies(packet, Method::ZScore(1.7), ALWAYS).unwrap();
            let range = found.offsets[at] as usize..found.offsets[at + 1] as usize;
            let positions: Vec<_> = own.indices.iter().map(|index| index + (at * length) as u32).collect();
            assert_eq!(found.anomalies.indices[range.clone()], positions);
            assert_eq!(found.anomalies.scores[range], own.scores);
            let mut mapped = vec![0.0_f32; packet.len()];
            map(packet, &steps, &mut mapped, ALWAYS).unwrap();
            assert_eq!(out[at * length..][..packet.len()], mapped);
        }
    }
}

#[test]
fn lengths_that_do_not_fit() {
    assert!(
        group_by(&[1], &[1.0, 2.0], ALWAYS)
            .unwrap_err()
            .to_string()
            .contains("as many values as keys, 1, received 2")
    );
    assert!(sort(&mut [1.0], false, &mut [], ALWAYS, Threads::One).is_err());
}

/// Counts polls.
#[derive(Default)]
struct Polls(AtomicUsize);

impl Checkpoint for Polls {
    fn poll(&self) -> Result<(), Interrupted> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn polls<T, E: std::fmt::Debug>(work: impl FnOnce(&Polls) -> Result<T, E>) -> usize {
    let polls = Polls::default();
    work(&polls).unwrap();
    polls.0.into_inner()
}

/// Numbers between two polls, as documented.
const POLL: usize = 16 << 10;

#[test]
fn a_large_packet_polls_as_a_large_array_does() {
    let numbers = pseudo_random(1 << 20);
    let plan = Batch { length: numbers.len(), anomalies: Some(Method::ZScore(3.0)), steps: &[Step::ZScore] };
    let mut out = vec![0.0; numbers.len()];
    let counted = polls(|checkpoint| batch(&numbers, plan, &mut out, checkpoint, Threads::One));
    assert!(counted >= 3 * numbers.len() / POLL, "{counted}");
}

#[test]
fn many_numbers_of_the_top_are_sorted_with_polls() {
    let numbers = pseudo_random(1 << 20);
    let of = |k: usize| polls(|checkpoint| top_k(&numbers, k, true, checkpoint));
    let (one, all) = (of(1), of(numbers.len()));
    assert!(all >= one + 3 * numbers.len() / POLL, "{one} {all}");
}

#[test]
fn many_quantiles_poll_while_they_sort_small_parts() {
    let numbers: Vec<u32> = pseudo_random(1 << 20).iter().map(|x| (x * 1048576.0) as u32).collect();
    let qs = pseudo_random(20_000);
    let of = |qs: &[f64]| polls(|checkpoint| quantiles(&numbers, qs, checkpoint));
    let (one, all) = (of(&qs[..1]), of(&qs));
    assert!(all >= one + numbers.len() / (2 * POLL), "{one} {all}");
}
