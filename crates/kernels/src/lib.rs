//! The computations of Sidelane: plain functions over slices.
//!
//! Nothing here knows Node, promises or lanes. A function that can take longer than about 100 us is given a
//! [`Checkpoint`], polls it while it works, and returns [`Interrupted`] when told to stop. A function that can use more
//! than one core is told by [`Threads`] which it may use.
//!
//! # Example
//!
//! ```
//! use sidelane_kernels::encode::Encoding;
//! use sidelane_kernels::hash::{self, Algorithm, Params};
//!
//! let digest = hash::digest(Algorithm::Sha256, &Params::default(), b"abc")?;
//! assert_eq!(
//!     Encoding::Hex.encode(&digest),
//!     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
//! );
//! # Ok::<(), hash::Error>(())
//! ```

// Not `forbid`: hash/sha256/ni.rs alone allows it, for the SHA instructions. Its safety argument is at its head.
#![deny(unsafe_code)]

mod checkpoint;
pub mod compress;
pub mod csv;
pub mod encode;
pub mod filter;
pub mod hash;
pub mod json;
pub mod memory;
pub mod ndjson;
pub mod numeric;
mod threads;

pub use checkpoint::{Checkpoint, Interrupted, Uninterruptible};
pub use threads::{Lender, Loan, Threads};
