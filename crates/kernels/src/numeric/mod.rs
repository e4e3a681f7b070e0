//! Statistics, order and transforms of numbers in typed arrays.
//!
//! All functions take what JavaScript's typed arrays hold ([`Number`]) and answer as the obvious loop over them does, in
//! double precision, except where their documentation says more. Order is that of `TypedArray.prototype.sort`: by value,
//! -0 before +0, NaN last. What results takes memory as the input does: where the system refuses it, the answer is [`Error::NoMemory`].
//!
//! | | cost for n numbers |
//! |---|---|
//! | [`describe`], [`histogram()`], [`rolling`], [`map`], [`anomalies()`] | O(n) |
//! | [`quantiles`], [`top_k`] | O(n), by radix selection |
//! | [`sort()`], [`argsort`] | O(n) for keys of fixed width: radix partition, small parts by comparison |
//! | [`group_by`] | O(n + g log g) for g groups |

mod anomalies;
mod batch;
mod describe;
mod error;
mod group_by;
mod histogram;
mod log1p;
mod map;
mod number;
mod rolling;
mod select;
mod sort;
mod top_k;

pub use anomalies::{Anomalies, Method, anomalies};
pub use batch::{Batch, BatchOutput, batch};
pub use describe::{Description, describe, describe_with};
pub use error::Error;
pub use group_by::{Groups, group_by};
pub use histogram::{Histogram, histogram};
pub use map::{Float, Step, map};
pub use number::{Key, Number};
pub use rolling::{Statistic, rolling};
pub use select::quantiles;
pub use sort::{argsort, sort};
pub use top_k::{TopK, top_k};

/// Numbers between two polls: 20 to 100 us of work.
const POLL: usize = 16 << 10;
