//! Count, sum, mean, variance, minimum and maximum in one pass.

use super::{Number, POLL};
use crate::{Checkpoint, Interrupted, Threads};

/// Numbers that one thread does before it takes the next: 100 us of work. They are put together in their order, so that the threads make no difference.
const PIECE: usize = 128 << 10;

/// Numbers whose mean is found first, so that their squares are of small numbers: they are in the cache the second time.
const BLOCK: usize = 1024;
/// Sums side by side.
const LANES: usize = 8;
/// Numbers that each takes at a time. With 4 the compiler has all of the loop in vector registers (0.78 ns a number, SSE2 on Zen 4); row by row it adds one number after the other (1.3 ns).
const ROWS: usize = 4;

/// What [`describe`] finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Description {
    /// How many numbers.
    pub count: usize,
    /// Their sum, compensated: exact but for the last bit or two where a plain loop loses one with every addition.
    pub sum: f64,
    /// `sum / count`; NaN of none.
    pub mean: f64,
    /// The sum of squared distances from the mean, by `count`: that of a population. NaN of none.
    pub variance: f64,
    /// As `Math.min` has it: +∞ of none, NaN if there is one, -0 below +0.
    pub min: f64,
    /// As `Math.max` has it.
    pub max: f64,
}

/// Describes numbers. Polls every 16,384.
///
/// Blocks of 1,024 are described by themselves and put together by the formulas of Chan, Golub and LeVeque ("Updating
/// Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979). All sums are compensated.
///
/// # Errors
///
/// [`Interrupted`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::{Uninterruptible, numeric::describe};
///
/// let all = describe(&[1.0, 2.0, 6.0], &Uninterruptible)?;
/// assert_eq!((all.count, all.sum, all.mean, all.min, all.max), (3, 9.0, 3.0, 1.0, 6.0));
/// assert_eq!(all.variance, 14.0 / 3.0);
/// # Ok::<(), sidelane_kernels::Interrupted>(())
/// ```
pub fn describe<T: Number>(values: &[T], checkpoint: &dyn Checkpoint) -> Result<Description, Interrupted> {
    describe_with(values, checkpoint, Threads::One)
}

/// As [`describe`], with the threads there are: the same result.
///
/// # Errors
///
/// [`Interrupted`].
pub fn describe_with<T: Number>(
    values: &[T],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Description, Interrupted> {
    let mut all = Part::default();
    if values.len() <= PIECE {
        all.take_in(values, checkpoint)?;
    } else {
        let mut parts: Vec<_> = values.chunks(PIECE).map(|_| Part::default()).collect();
        let pieces = values.chunks(PIECE).zip(&mut parts);
        threads.for_each(pieces, |(piece, part)| part.take_in(piece, checkpoint))?;
        parts.into_iter().for_each(|part| all.add(part));
    }
    let Part { moments, extremes } = all;
    let count = values.len();
    let sum = moments.sum.total();
    Ok(Description {
        count,
        sum,
        mean: sum / count as f64,
        variance: moments.squares / count as f64,
        min: if extremes.nan { f64::NAN } else { signed_zero(extremes.min, values, true) },
        max: if extremes.nan { f64::NAN } else { signed_zero(extremes.max, values, false) },
    })
}

/// What is known of neighbouring numbers.
#[derive(Default)]
struct Part {
    moments: Moments,
    extremes: Extremes,
}

impl Part {
    fn take_in<T: Number>(&mut self, values: &[T], checkpoint: &dyn Checkpoint) -> Result<(), Interrupted> {
        for piece in values.chunks(POLL) {
            checkpoint.poll()?;
            piece.chunks(BLOCK).for_each(|block| self.add(describe_block(block)));
        }
        Ok(())
    }

    fn add(&mut self, other: Self) {
        self.moments.add(other.moments);
        self.extremes.add(other.extremes);
    }
}

/// Comparisons do not tell the zeros apart: if the extreme is one, the numbers are looked at once more.
fn signed_zero<T: Number>(found: f64, values: &[T], least: bool) -> f64 {
    if found != 0.0 {
        return found;
    }
    let negative = |x: &T| {
        let x = x.to_f64();
        x == 0.0 && x.is_sign_negative()
    };
    let positive = |x: &T| {
        let x = x.to_f64();
        x == 0.0 && x.is_sign_positive()
    };
    let is_negative = if least { values.iter().any(negative) } else { !values.iter().any(positive) };
    if is_negative { -0.0 } else { 0.0 }
}

fn describe_block<T: Number>(block: &[T]) -> Part {
    let (groups, rest) = block.as_chunks::<{ LANES * ROWS }>();
    let mut sums = [0.0; LANES];
    let mut losses = [0.0; LANES];
    let mut mins = [f64::INFINITY; LANES];
    let mut maxs = [f64::NEG_INFINITY; LANES];
    for group in groups {
        for lane in 0..LANES {
            let (mut sum, mut losing, mut min, mut max) = (sums[lane], losses[lane], mins[lane], maxs[lane]);
            for row in 0..ROWS {
                let x = group[row * LANES + lane].to_f64();
                let (larger, lost) = two_sum(sum, x);
                sum = larger;
                losing += lost;
                min = if x < min { x } else { min };
                max = if x > max { x } else { max };
            }
            (sums[lane], losses[lane], mins[lane], maxs[lane]) = (sum, losing, min, max);
        }
    }
    let mut extremes = Extremes {
        min: mins.into_iter().fold(f64::INFINITY, |a, b| if b < a { b } else { a }),
        max: maxs.into_iter().fold(f64::NEG_INFINITY, |a, b| if b > a { b } else { a }),
        nan: false,
    };
    let lanes = sums.into_iter().zip(losses).map(|(sum, lost)| Compensated { sum, lost });
    let mut sum = lanes.fold(Compensated::default(), Compensated::joined);
    for x in rest {
        let x = x.to_f64();
        sum.add(x);
        extremes.add(Extremes { min: x, max: x, nan: x.is_nan() });
    }
    // Opposite infinities give one too.
    extremes.nan |= sum.total().is_nan() && block.iter().any(|x| x.is_nan());
    let mean = sum.total() / block.len() as f64;
    let (chunks, rest) = block.as_chunks::<LANES>();
    let mut squares = [0.0; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            let distance = chunk[lane].to_f64() - mean;
            squares[lane] += distance * distance;
        }
    }
    let mut squares: f64 = squares.iter().sum();
    for x in rest {
        let distance = x.to_f64() - mean;
        squares += distance * distance;
    }
    Part { moments: Moments { count: block.len() as f64, mean, squares, sum }, extremes }
}

#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    /// Squared distances from the mean, added.
    squares: f64,
    sum: Compensated,
}

impl Moments {
    fn add(&mut self, other: Self) {
        let count = self.count + other.count;
        let distance = other.mean - self.mean;
        self.squares += other.squares + distance * distance * (self.count * other.count / count);
        self.mean += distance * (other.count / count);
        self.count = count;
        self.sum = self.sum.joined(other.sum);
    }
}

struct Extremes {
    min: f64,
    max: f64,
    nan: bool,
}

impl Default for Extremes {
    fn default() -> Self {
        Self { min: f64::INFINITY, max: f64::NEG_INFINITY, nan: false }
    }
}

impl Extremes {
    fn add(&mut self, other: Self) {
        self.min = if other.min < self.min { other.min } else { self.min };
        self.max = if other.max > self.max { other.max } else { self.max };
        self.nan |= other.nan;
    }
}

/// `a + b` rounded, and what that lost: Knuth's TwoSum (The Art of Computer Programming, volume 2, 4.2.2, theorem B).
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let added = sum - a;
    (sum, (a - (sum - added)) + (b - added))
}

/// A sum with what its additions lost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    #[inline]
    pub(super) fn add(&mut self, x: f64) {
        let (sum, lost) = two_sum(self.sum, x);
        self.sum = sum;
        self.lost += lost;
    }

    pub(super) fn joined(mut self, other: Self) -> Self {
        self.add(other.sum);
        self.lost += other.lost;
        self
    }

    pub(super) fn total(self) -> f64 {
        // What was lost to infinity is NaN.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}
