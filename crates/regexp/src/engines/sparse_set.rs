//! A set of small numbers that keeps insertion order and is cleared in constant time (Briggs and Torczon, 1993).

#[derive(Debug, Default)]
pub(crate) struct SparseSet {
    dense: Vec<u32>,
    sparse: Vec<u32>,
    len: usize,
}

impl SparseSet {
    /// Makes room for members below `capacity`, and clears.
    pub(crate) fn prepare(&mut self, capacity: usize) {
        if self.sparse.len() < capacity {
            self.dense.resize(capacity, 0);
            self.sparse.resize(capacity, 0);
        }
        self.len = 0;
    }

    /// False if it is a member already.
    #[inline]
    pub(crate) fn insert(&mut self, value: u32) -> bool {
        let at = self.sparse[value as usize] as usize;
        if at < self.len && self.dense[at] == value {
            return false;
        }
        self.dense[self.len] = value;
        self.sparse[value as usize] = self.len as u32;
        self.len += 1;
        true
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn as_slice(&self) -> &[u32] {
        &self.dense[..self.len]
    }
}
