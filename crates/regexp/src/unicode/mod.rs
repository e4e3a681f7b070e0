//! The Unicode data of regular expressions: properties, properties of strings, and case.
//!
//! One version for every platform and every Node, so that a pattern means the same everywhere: [`UNICODE_VERSION`]. The tables
//! are generated (`tools/generate-unicode.mjs`): 68 kB of packed sets and strings, and about 37 kB of names and case mappings.
//! Tests compare properties and case with V8's over all code points.
//!
//! ```
//! use sidelane_regexp::unicode::{canonicalize, close_over_case, property, CodePointSet};
//!
//! let greek = property("Script", Some("Greek")).unwrap();
//! assert!(greek.contains('λ' as u32));
//! assert_eq!(property("script", Some("Greek")), None); // names are case-sensitive
//!
//! // U+017F LATIN SMALL LETTER LONG S folds to "s" with the flag u, but never leaves the non-ASCII range without it.
//! assert_eq!(canonicalize(0x17F, true), 's' as u32);
//! assert_eq!(canonicalize(0x17F, false), 0x17F);
//! let s = CodePointSet::from_ranges([(0x73, 0x73)]);
//! assert_eq!(close_over_case(&s, true).ranges(), [(0x53, 0x53), (0x73, 0x73), (0x17F, 0x17F)]);
//! ```

mod case;
mod data;
mod property;
mod set;

pub use case::{canonicalize, close_over_case};
pub use property::{property, property_of_strings};
pub use set::CodePointSet;

/// The version of the Unicode Character Database that all tables come from: that of test262's generated tests, Node 24.12 and
/// Node 26.
pub const UNICODE_VERSION: &str = "17.0.0";

/// The largest code point.
pub(crate) const MAX: u32 = 0x10_FFFF;
