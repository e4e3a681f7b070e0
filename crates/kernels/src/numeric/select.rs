//! Order statistics without sorting: radix selection.

use super::{Error, Key, Number, POLL};
use crate::memory::{collected, filled, room};
use crate::{Checkpoint, Interrupted};

/// Bits that one level looks at.
const BITS: u32 = 11;
/// Parts of fewer keys are sorted.
const SMALL: usize = 2048;

/// The quantiles of numbers: for each `q` from 0 to 1 the value at `q * (n - 1)` of the sorted numbers, interpolated
/// between neighbours (type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996; NumPy's and R's
/// default). NaNs are sorted last, as in JavaScript, and so only reach the quantiles near them. All NaN if there are no numbers, or for a `q` outside of 0 to 1.
///
/// In O(n) for a few quantiles: at each level only the parts that hold a wanted position go on. Polls every 16,384 numbers.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::quantiles};
///
/// assert_eq!(quantiles(&[4.0, 1.0, 3.0, 2.0], &[0.0, 0.5, 1.0], &Uninterruptible)?, [1.0, 2.5, 4.0]);
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn quantiles<T: Number>(
    values: &[T],
    qs: &[f64],
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<f64>, Error> {
    let last = values.len().saturating_sub(1);
    let places = collected(qs.iter().map(|q| Place::of(*q, last)))?;
    let mut ranks: Vec<usize> = room(2 * places.len())?;
    ranks.extend(places.iter().flatten().flat_map(|place| [place.below, place.above(last)]));
    ranks.sort_unstable();
    ranks.dedup();
    if values.is_empty() {
        return Ok(filled(f64::NAN, qs.len())?);
    }
    let found = select(values, &ranks, checkpoint)?;
    let value = |rank: usize| {
        // Every rank was asked for.
        ranks.binary_search(&rank).map_or(f64::NAN, |at| T::from_key(found[at]).to_f64())
    };
    let quantile = |place: &Option<Place>| {
        let Some(place) = place else { return f64::NAN };
        let below = value(place.below);
        // Neighbours of infinities must not be pulled in by a weight of 0.
        if place.part == 0.0 { below } else { between(below, value(place.above(last)), place.part) }
    };
    Ok(collected(places.iter().map(quantile))?)
}

/// As NumPy has it, so that neither end is missed by rounding, and equal neighbours give themselves.
fn between(a: f64, b: f64, part: f64) -> f64 {
    if a == b {
        return a;
    }
    let difference = b - a;
    if !difference.is_finite() {
        return a * (1.0 - part) + b * part;
    }
    if part < 0.5 { a + difference * part } else { b - difference * (1.0 - part) }
}

struct Place {
    below: usize,
    part: f64,
}

impl Place {
    fn of(q: f64, last: usize) -> Option<Self> {
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        let at = q * last as f64;
        Some(Self { below: at as usize, part: at - at.floor() })
    }

    fn above(&self, last: usize) -> usize {
        (self.below + 1).min(last)
    }
}

/// The keys at `ranks` of the sorted numbers. `ranks` are sorted, each below `values.len()`.
pub(super) fn select<T: Number>(
    values: &[T],
    ranks: &[usize],
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<T::Key>, Error> {
    let mut found = room(ranks.len())?;
    if ranks.is_empty() {
        return Ok(found);
    }
    // The first level makes the keys as it goes; no copy of all of them.
    let keys = values.iter().map(|value| value.key());
    let mut parts = refine(keys, values.len(), Wanted { first_rank: 0, ranks }, &mut found, checkpoint)?;
    // The last part is the first in order.
    parts.reverse();
    let mut unpolled = 0;
    while let Some((keys, wanted)) = parts.pop() {
        // Small parts are sorted without a poll.
        unpolled += keys.len();
        if unpolled >= POLL {
            checkpoint.poll()?;
            unpolled = 0;
        }
        // Not the vector's own iterator, whose clone is a copy of all keys.
        let smaller = refine(keys.iter().copied(), keys.len(), wanted, &mut found, checkpoint)?;
        parts.extend(smaller.into_iter().rev());
    }
    Ok(found)
}

/// Ranks that lie in a part whose first key has `first_rank`.
#[derive(Clone, Copy)]
struct Wanted<'r> {
    first_rank: usize,
    ranks: &'r [usize],
}

type Parts<'r, K> = Vec<(Vec<K>, Wanted<'r>)>;

/// Finds what is wanted, or the parts that hold it: then nothing is added to `found`.
fn refine<'r, K: Key>(
    keys: impl Iterator<Item = K> + Clone,
    len: usize,
    wanted: Wanted<'r>,
    found: &mut Vec<K>,
    checkpoint: &dyn Checkpoint,
) -> Result<Parts<'r, K>, Error> {
    if len <= SMALL {
        let mut sorted: Vec<K> = keys.collect();
        sorted.sort_unstable();
        found.extend(wanted.ranks.iter().map(|rank| sorted[rank - wanted.first_rank]));
        return Ok(Vec::new());
    }
    let (least, greatest) = range(keys.clone(), checkpoint)?;
    let Some((least, differing)) =
        least.zip(greatest).map(|(least, greatest)| (least, least.bits() ^ greatest.bits()))
    else {
        return Ok(Vec::new());
    };
    if differing == 0 {
        found.extend(wanted.ranks.iter().map(|_| least));
        return Ok(Vec::new());
    }
    let highest = u64::BITS - differing.leading_zeros();
    let shift = highest.saturating_sub(BITS);
    let digit = |key: K| (key.bits() >> shift) as usize & ((1 << BITS) - 1);
    let mut counts = vec![0_usize; 1 << BITS];
    each(keys.clone(), checkpoint, |key| counts[digit(key)] += 1)?;
    // Which part each digit belongs to; those that nobody wants have none.
    let mut part_of = vec![usize::MAX; counts.len()];
    let mut parts: Parts<'r, K> = Vec::new();
    let (mut first_rank, mut ranks) = (wanted.first_rank, wanted.ranks);
    for (digit, count) in counts.iter().enumerate() {
        let here = ranks.partition_point(|rank| *rank < first_rank + count);
        if here > 0 {
            let (mine, others) = ranks.split_at(here);
            part_of[digit] = parts.len();
            parts.push((room(*count)?, Wanted { first_rank, ranks: mine }));
            ranks = others;
        }
        first_rank += count;
    }
    each(keys, checkpoint, |key| {
        if let Some((part, _)) = parts.get_mut(part_of[digit(key)]) {
            part.push(key);
        }
    })?;
    Ok(parts)
}

fn range<K: Key>(
    keys: impl Iterator<Item = K>,
    checkpoint: &dyn Checkpoint,
) -> Result<(Option<K>, Option<K>), Interrupted> {
    let mut range: Option<(K, K)> = None;
    each(keys, checkpoint, |key| {
        range = Some(range.map_or((key, key), |(least, greatest)| (least.min(key), greatest.max(key))));
    })?;
    Ok(range.unzip())
}

fn each<K>(
    keys: impl Iterator<Item = K>,
    checkpoint: &dyn Checkpoint,
    mut with: impl FnMut(K),
) -> Result<(), Interrupted> {
    let mut keys = keys;
    loop {
        checkpoint.poll()?;
        let mut count = 0;
        keys.by_ref().take(POLL).for_each(|key| {
            with(key);
            count += 1;
        });
        if count < POLL {
            return Ok(());
        }
    }
}
