//! How a running computation is told to stop.

use std::fmt;

/// The work was told to stop. Nothing of its result is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the work was told to stop")
    }
}

impl std::error::Error for Interrupted {}

/// Asked by a computation, every 64-256 KiB or about 100 us, whether to go on.
///
/// It must be cheap: a relaxed load and, if there is a deadline, one look at a clock. The fastest kernels poll every 2 us.
/// With [`Threads::Pool`](crate::Threads::Pool) several threads poll at once.
///
/// # Example
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use sidelane_kernels::{Checkpoint, Interrupted};
///
/// struct Flag(AtomicBool);
///
/// impl Checkpoint for Flag {
///     fn poll(&self) -> Result<(), Interrupted> {
///         if self.0.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
///     }
/// }
/// ```
pub trait Checkpoint: Sync {
    /// Whether to go on.
    ///
    /// # Errors
    ///
    /// [`Interrupted`] if the work should stop. Every later poll should then say so too.
    fn poll(&self) -> Result<(), Interrupted>;
}

/// The checkpoint of work that nobody can stop.
#[derive(Debug, Clone, Copy, Default)]
pub struct Uninterruptible;

impl Checkpoint for Uninterruptible {
    fn poll(&self) -> Result<(), Interrupted> {
        Ok(())
    }
}
