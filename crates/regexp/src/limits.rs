//! What a pattern may cost before it is refused.

/// Bounds checked when a pattern is compiled or, for [`Limits::oracle_bytes`] and the budget, when it runs.
///
/// The defaults are safe for patterns from strangers: compilation stays below about 100 ms and 64 MiB.
///
/// # Example
///
/// ```
/// use sidelane_regexp::{ErrorKind, Flags, Limits, Regex};
/// let pattern: Vec<u16> = "((a{100}){100}){100}".encode_utf16().collect();
/// let error = Regex::new(&pattern, Flags::default(), &Limits::default()).unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::ProgramTooLarge { .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Code units of the pattern. Default 1,000,000.
    pub pattern_length: usize,
    /// Groups and classes within each other. Default 1,000.
    pub nesting_depth: usize,
    /// Instructions after counted repeats are unrolled. Default 250,000. The sets of a pattern may have four times as many ranges, and characters of
    /// strings: a property is a few letters of the pattern, and up to thousands of them.
    pub program_size: usize,
    /// Capturing groups. Default 32,767.
    pub captures: usize,
    /// Bytes of the tables that say where lookarounds hold, one bit per lookaround and position. Default 256 MiB.
    pub oracle_bytes: usize,
    /// Steps that the backtracking engine may take of a search before the linear one takes over, with [`Limits::linear_after_factor`]
    /// for each code unit. Default 4,096. With 0 for both the linear engine does it all.
    pub linear_after: u64,
    /// See [`Limits::linear_after`]. Default 4.
    pub linear_after_factor: u64,
    /// Steps of attempts that find nothing, after which an automaton is asked whether there is a match at all and about where, if the
    /// pattern has neither lookarounds nor backreferences; an eighth of a step more for each code unit. It changes no answer. Default
    /// 1,024. With 0 it is asked first.
    pub automaton_after: u64,
    /// With backreferences, one search may take `budget_base + budget_factor * program size * subject length` steps. Default
    /// 1,000,000.
    pub budget_base: u64,
    /// See [`Limits::budget_base`]. Default 4.
    pub budget_factor: u64,
    /// Whether a search skips to where a match can begin, as far as that is known of the pattern. It changes no answer. Default true.
    pub prefilters: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            pattern_length: 1_000_000,
            nesting_depth: 1_000,
            program_size: 250_000,
            captures: 32_767,
            oracle_bytes: 256 << 20,
            linear_after: 4096,
            linear_after_factor: 4,
            automaton_after: 1024,
            budget_base: 1_000_000,
            budget_factor: 4,
            prefilters: true,
        }
    }
}
