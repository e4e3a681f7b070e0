//! The matchers. [`pike`] with [`oracle`] is the reference; [`backtrack`] must agree with it wherever it gives an answer.

pub(crate) mod backtrack;
pub(crate) mod oracle;
pub(crate) mod pike;
pub(crate) mod position;
pub(crate) mod sparse_set;
