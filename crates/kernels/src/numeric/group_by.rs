//! Statistics of values by their keys.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::describe::Compensated;
use super::{Error, Key, Number, POLL};
use crate::Checkpoint;
use crate::memory::{NoMemory, collected, grow};

/// What [`group_by`] finds: one element for each key, in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Groups<K> {
    /// The keys, ascending. The zeros are one key, as in a `Map`, and so are NaNs, the last.
    pub keys: Vec<K>,
    /// How many values each has.
    pub counts: Vec<f64>,
    /// Their sums, compensated.
    pub sums: Vec<f64>,
    /// Their means.
    pub means: Vec<f64>,
    /// Their minima, as `Math.min` has them.
    pub mins: Vec<f64>,
    /// Their maxima, as `Math.max` has them.
    pub maxs: Vec<f64>,
}

struct Group<K> {
    key: K,
    count: f64,
    sum: Compensated,
    min: f64,
    max: f64,
}

/// Groups `values` by the `keys` at the same positions. The hash is seeded, so that keys of a stranger's choice do not
/// collide. Polls every 16,384 numbers.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`]; [`Error::Length`] if the lengths differ.
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::group_by};
///
/// let groups = group_by(&[7, 3, 7], &[1.0, 2.0, 4.0], &Uninterruptible)?;
/// assert_eq!((groups.keys, groups.sums), (vec![3, 7], vec![2.0, 5.0]));
/// # Ok::<(), sidelane_kernels::numeric::Error>(())
/// ```
pub fn group_by<K: Number>(
    keys: &[K],
    values: &[f64],
    checkpoint: &dyn Checkpoint,
) -> Result<Groups<K>, Error> {
    if keys.len() != values.len() {
        return Err(Error::Length { expected: keys.len(), received: values.len() });
    }
    let zero = K::zeroed();
    let mut groups: Vec<Group<K::Key>> = Vec::new();
    let mut places = Places::default();
    let mut last: Option<(u64, usize)> = None;
    for (keys, values) in keys.chunks(POLL).zip(values.chunks(POLL)) {
        checkpoint.poll()?;
        for (key, value) in keys.iter().zip(values) {
            let key = if key.to_f64() == 0.0 && zero.key().bits() != key.key().bits() {
                zero.key()
            } else {
                key.key()
            };
            let place = match last {
                // Keys often come in runs.
                Some((bits, place)) if bits == key.bits() => place,
                _ => {
                    make_room(&mut groups, &mut places)?;
                    *places.entry(key.bits()).or_insert_with(|| {
                        groups.push(Group::new(key));
                        groups.len() - 1
                    })
                }
            };
            last = Some((key.bits(), place));
            groups[place].add(*value);
        }
    }
    groups.sort_unstable_by_key(|group| group.key);
    Ok(Groups {
        keys: collected(groups.iter().map(|group| K::from_key(group.key)))?,
        counts: collected(groups.iter().map(|group| group.count))?,
        sums: collected(groups.iter().map(|group| group.sum.total()))?,
        means: collected(groups.iter().map(|group| group.sum.total() / group.count))?,
        mins: collected(groups.iter().map(|group| group.min))?,
        maxs: collected(groups.iter().map(|group| group.max))?,
    })
}

/// Which group each key has.
type Places = HashMap<u64, usize, RandomState>;

/// For one more group.
fn make_room<K>(groups: &mut Vec<Group<K>>, places: &mut Places) -> Result<(), NoMemory> {
    if places.len() == places.capacity() {
        let bytes = places.len() * size_of::<(u64, usize)>();
        places.try_reserve(places.len() + 1).map_err(|_| NoMemory { bytes })?;
    }
    grow(groups, 1)
}

impl<K> Group<K> {
    fn new(key: K) -> Self {
        Self { key, count: 0.0, sum: Compensated::default(), min: f64::INFINITY, max: f64::NEG_INFINITY }
    }

    fn add(&mut self, x: f64) {
        self.count += 1.0;
        self.sum.add(x);
        // Written so that NaN stays, and -0 is below +0.
        if x < self.min || x.is_nan() || (x == self.min && x.is_sign_negative()) {
            self.min = x;
        }
        if x > self.max || x.is_nan() || (x == self.max && x.is_sign_positive()) {
            self.max = x;
        }
        if self.min.is_nan() || self.max.is_nan() {
            (self.min, self.max) = (f64::NAN, f64::NAN);
        }
    }
}
