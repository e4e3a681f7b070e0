//! The scheduler of Sidelane: bounded lanes of CPU work, drained by a bounded number of runners.
//!
//! It knows nothing of Node, libuv or threads. Whoever embeds it brings the threads ([`Scheduler::submit`] says when one more runner is wanted; a
//! [`Runner`] then pulls jobs until it is told to stop), the clock ([`Clock`]) and the payload type. What it decides is in one place and under one lock:
//!
//! - **admission**: bounds on waiting jobs and bytes, deadlines that cannot be met, four overflow policies ([`Overflow`]);
//! - **order**: isolates, then lanes share by run time used; in a lane by priority with aging, then age;
//! - **cancellation**: queued jobs leave at once, running ones see their [`Token`] at the next checkpoint;
//! - **measures**: counters and histograms per lane ([`LaneStats`]).
//!
//! # Example
//!
//! ```
//! use sidelane_lanes::{Clock, LaneOptions, Outcome, Priority, Scheduler, Spec, Submitted, Turn};
//!
//! let scheduler = Scheduler::<&str>::new(2);
//! let tenant = scheduler.add_tenant();
//! let lane = scheduler.add_lane(tenant, LaneOptions::default());
//!
//! let spec = Spec { bytes: 5, cost: 100, priority: Priority::Normal, deadline: None };
//! let Submitted::Queued { start_runner, .. } = scheduler.submit(lane, spec, || "hello") else { panic!("refused") };
//! assert!(start_runner, "the first job wants a runner");
//!
//! let mut runner = scheduler.runner();
//! while let Turn::Run(running, payload) = runner.next() {
//!     assert_eq!(payload, "hello");
//!     runner.finish(running, Outcome::Completed);
//! }
//! assert_eq!(scheduler.stats(lane).completed, 1);
//! ```
#![forbid(unsafe_code)]

mod clock;
mod completions;
mod fair;
mod histogram;
mod lane;
mod linger;
mod queue;
mod scheduler;
mod sync;
mod token;

pub use clock::{Clock, ManualClock, Monotonic, Nanos};
pub use completions::Completions;
pub use histogram::{Histogram, Summary};
pub use lane::{LaneOptions, LaneStats, Outcome, Overflow};
pub use linger::Linger;
pub use queue::Priority;
pub use scheduler::{
    Cancelled, JobId, LaneId, Lent, Refusal, Runner, Running, Scheduler, Spec, Submitted, TenantId, Turn,
};
pub use token::{Reason, Token};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
