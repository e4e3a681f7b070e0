//! Time, injected so that tests decide what it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Nanoseconds since the clock's own start.
pub type Nanos = u64;

/// A clock that never goes back.
pub trait Clock: Send + Sync {
    /// Nanoseconds since an arbitrary, fixed moment.
    fn now(&self) -> Nanos;
}

/// The system's monotonic clock, counted from the moment of construction.
#[derive(Debug, Clone)]
pub struct Monotonic(Instant);

impl Default for Monotonic {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Monotonic {
    fn now(&self) -> Nanos {
        // 584 years fit.
        self.0.elapsed().as_nanos() as Nanos
    }
}

/// A clock that stands still until it is moved: for tests.
///
/// ```
/// use sidelane_lanes::{Clock, ManualClock};
///
/// let clock = ManualClock::default();
/// clock.advance(5);
/// assert_eq!(clock.now(), 5);
/// ```
#[derive(Debug, Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, nanos: Nanos) {
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Nanos {
        self.0.load(Ordering::Relaxed)
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Nanos {
        (**self).now()
    }
}
