//! The matchers. [`pike`] with [`oracle`] is the reference; [`backtrack`] must agree with it wherever it gives an answer, and [`live`],
//! which finds all matches of a subject, with both.

pub(crate) mod backtrack;
pub(crate) mod live;
mod live_sets;
pub(crate) mod oracle;
pub(crate) mod pike;
pub(crate) mod position;
pub(crate) mod prefilter;
mod scan;
pub(crate) mod sparse_set;
