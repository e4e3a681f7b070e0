//! A log-linear histogram of durations (the layout of HdrHistogram: octaves, each cut into equal parts).

use crate::clock::Nanos;

/// Parts per octave: a value is reported at most 1/32 = 3.2 % too high.
const PARTS: u64 = 32;
const PARTS_LOG2: u32 = PARTS.trailing_zeros();
/// Durations from 2^43 ns (2.4 hours) on share the last bucket; `max` stays exact.
const OCTAVES: usize = 43 - PARTS_LOG2 as usize + 1;
const BUCKETS: usize = OCTAVES * PARTS as usize;

/// Records durations in constant time and memory (10 KiB, taken with the first value).
///
/// ```
/// use sidelane_lanes::Histogram;
///
/// let mut histogram = Histogram::default();
/// for ns in 1..=1000 {
///     histogram.record(ns * 1000);
/// }
/// let summary = histogram.summary();
/// assert_eq!(summary.count, 1000);
/// assert!((500_000..=516_000).contains(&summary.p50));
/// assert_eq!(summary.max, 1_000_000);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    buckets: Option<Box<[u64; BUCKETS]>>,
    count: u64,
    sum: u128,
    max: Nanos,
}

/// What a [`Histogram`] says, in nanoseconds. All zero while `count` is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Summary {
    /// Recorded values.
    pub count: u64,
    /// Their exact mean.
    pub mean: f64,
    /// Half of the values are at most this; as all quantiles at most 3.2 % too high.
    pub p50: Nanos,
    /// 90 % are at most this.
    pub p90: Nanos,
    /// 99 % are at most this.
    pub p99: Nanos,
    /// The exact maximum.
    pub max: Nanos,
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, value: Nanos) {
        let buckets = self.buckets.get_or_insert_with(|| Box::new([0; BUCKETS]));
        buckets[bucket_of(value)] += 1;
        self.count += 1;
        self.sum += u128::from(value);
        self.max = self.max.max(value);
    }

    /// Count, mean, quantiles and maximum of all values so far.
    pub fn summary(&self) -> Summary {
        if self.count == 0 {
            return Summary::default();
        }
        Summary {
            count: self.count,
            mean: self.sum as f64 / self.count as f64,
            p50: self.quantile(50),
            p90: self.quantile(90),
            p99: self.quantile(99),
            max: self.max,
        }
    }

    /// The nearest-rank quantile: the smallest bucket bound with at least `percent` % of the values at or below it.
    fn quantile(&self, percent: u64) -> Nanos {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().flat_map(|buckets| buckets.iter().enumerate()) {
            seen += count;
            if seen >= rank {
                return if bucket == BUCKETS - 1 { self.max } else { upper_bound(bucket).min(self.max) };
            }
        }
        self.max
    }
}

/// Values below `PARTS` have a bucket each; above, the octave and its top five bits after the leading one choose.
fn bucket_of(value: Nanos) -> usize {
    if value < PARTS {
        return value as usize;
    }
    let octave = value.ilog2() - PARTS_LOG2;
    let part = (value >> octave) - PARTS;
    ((u64::from(octave) + 1) * PARTS + part).min(BUCKETS as u64 - 1) as usize
}

/// The greatest value of a bucket.
fn upper_bound(bucket: usize) -> Nanos {
    let bucket = bucket as u64;
    if bucket < PARTS {
        return bucket;
    }
    let octave = bucket / PARTS - 1;
    ((bucket % PARTS + PARTS + 1) << octave) - 1
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn empty_is_all_zero() {
        assert_eq!(Histogram::default().summary(), Summary::default());
    }

    #[test]
    fn extremes_do_not_panic() {
        let mut histogram = Histogram::default();
        histogram.record(0);
        histogram.record(Nanos::MAX);
        assert_eq!(histogram.summary().max, Nanos::MAX);
        assert_eq!(histogram.summary().p50, 0);
    }

    #[test]
    fn quantiles_beyond_the_last_bucket_are_not_below_their_values() {
        let mut histogram = Histogram::default();
        histogram.record(1 << 50);
        assert_eq!(histogram.summary().p50, 1 << 50);
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_values_within_the_stated_error(value in 0u64..(1 << 43)) {
            let bound = upper_bound(bucket_of(value));
            prop_assert!(bound >= value);
            prop_assert!((bound - value) as f64 <= value as f64 / 32.0);
        }

        #[test]
        fn quantiles_are_near_the_sorted_ones(mut values in prop::collection::vec(0u64..10_000_000_000, 1..200)) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.record(*value));
            values.sort_unstable();
            let exact = values[(values.len() * 90).div_ceil(100) - 1];
            let got = histogram.summary().p90;
            prop_assert!(got >= exact && got as f64 <= exact as f64 * (1.0 + 1.0 / 32.0));
        }
    }
}
