//! The matchers. [`backtrack`] begins; where its attempts find nothing, [`dfa`] says whether there is a match at all; [`live`] with the tables of [`oracle`] takes over what that cannot do in its allowance, and they
//! must agree. [`pike`] finds groups within lookarounds for the latter. [`prefilter`] says where a match can begin.

pub(crate) mod backtrack;
pub(crate) mod dfa;
pub(crate) mod live;
mod live_sets;
pub(crate) mod oracle;
pub(crate) mod pike;
pub(crate) mod position;
pub(crate) mod prefilter;
pub(crate) mod scan;
pub(crate) mod sparse_set;
mod unit_classes;
