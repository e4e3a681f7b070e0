//! A panic becomes an error: no input may take the process down.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::outcome::Failure;

/// Runs the body of a task. A panic is an `ERR_INTERNAL` that names the operation and the build.
pub(crate) fn guard<T>(operation: &str, body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // The body owns what it works on and drops it here: nothing that it may have left half-changed is seen again.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        Err(Failure::new("ERR_INTERNAL", describe(operation, &*panic)).with_text("operation", operation))
    })
}

/// What to tell the user of a panic.
pub(crate) fn describe(operation: &str, panic: &(dyn Any + Send)) -> String {
    let what =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!(
        "{operation} failed inside sidelane {} ({}): {}. This is a bug in Sidelane, please report it",
        env!("CARGO_PKG_VERSION"),
        crate::TARGET,
        what.unwrap_or("a panic without a message")
    )
}
