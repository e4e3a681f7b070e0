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
}
