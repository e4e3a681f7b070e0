//! What a pattern became.

/// Which engine runs a pattern, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// `"linear"` or `"backtracking"`.
    pub engine: &'static str,
    /// Whether a search takes time linear in the subject, whatever the subject.
    pub linear: bool,
    /// Why not.
    pub reason: Option<&'static str>,
    /// Instructions after counted repeats are unrolled.
    pub program_size: usize,
    /// How many lookarounds it has: each one needs a table of a bit per position where the linear engine takes over.
    pub lookarounds: usize,
    /// How long one search can take.
    pub most_steps: MostSteps,
}

/// A bound on the steps of one search: `base`, and `per_unit` for each code unit of the subject and once more. Where it is not linear
/// the search ends with an error there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MostSteps {
    /// Whatever the subject.
    pub base: u64,
    /// For each code unit.
    pub per_unit: u64,
}
