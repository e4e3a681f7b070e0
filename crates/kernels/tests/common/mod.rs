//! What several tests need.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};
use sidelane_kernels::Threads;

/// The calling thread and two more.
pub(crate) fn several() -> Threads<'static> {
    static POOL: LazyLock<ThreadPool> =
        LazyLock::new(|| ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    Threads::Pool { pool: &POOL, helpers: 2 }
}
