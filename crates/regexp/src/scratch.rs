//! Memory that searches share.

use crate::engines::backtrack::BacktrackScratch;
use crate::engines::oracle::Oracles;
use crate::engines::pike::PikeScratch;

/// Memory that searches share, so that a search allocates nothing once it is warm. It may be used with any [`Regex`](crate::Regex)
/// and any subject, by one search at a time.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) backtrack: BacktrackScratch,
    pub(crate) pike: PikeScratch,
    pub(crate) oracles: Oracles,
    pub(crate) steps: u64,
}

impl Scratch {
    /// Empty; it grows with the first search.
    pub fn new() -> Self {
        Scratch::default()
    }

    /// Gives back what a search took beyond 1 MiB or so of each kind: that one may have needed hundreds. Costs nothing if there is nothing.
    #[inline]
    pub fn trim(&mut self) {
        self.backtrack.trim();
        self.oracles.trim();
        self.pike.trim();
    }

    /// How many steps the last search took, of all its engines: visits of a state or of an instruction. A measure of work that does
    /// not depend on the machine.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}
