//! How a running search is told to stop.

/// The search was told to stop; it has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Asked by a search about every 16,384 steps (some 50 us) whether to go on.
///
/// # Example
///
/// ```
/// use sidelane_regexp::{Checkpoint, Stopped};
/// use std::time::Instant;
///
/// struct Deadline(Instant);
///
/// impl Checkpoint for Deadline {
///     fn check(&self) -> Result<(), Stopped> {
///         if Instant::now() < self.0 { Ok(()) } else { Err(Stopped) }
///     }
/// }
/// ```
pub trait Checkpoint {
    /// Whether to go on.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if not. Every later call should then say so too.
    fn check(&self) -> Result<(), Stopped>;
}

/// The checkpoint of a search that nobody stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unstoppable;

impl Checkpoint for Unstoppable {
    fn check(&self) -> Result<(), Stopped> {
        Ok(())
    }
}
