//! ECMAScript regular expressions in linear time.
#![forbid(unsafe_code)]

pub mod unicode;
