//! Memory that the system can refuse. `Vec` ends the process then; whoever makes something as large as its input asks here.

use std::fmt;

/// The system has no memory for so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMemory {
    /// How many were asked for.
    pub bytes: usize,
}

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "There is no memory for {} bytes", self.bytes)
    }
}

impl std::error::Error for NoMemory {}

/// An empty vector with room for `len` elements.
///
/// # Errors
///
/// [`NoMemory`].
pub fn room<T>(len: usize) -> Result<Vec<T>, NoMemory> {
    let mut room = Vec::new();
    room.try_reserve_exact(len).map_err(|_| refused::<T>(len))?;
    Ok(room)
}

/// Makes room for `more` elements, and for others after them, as `push` does.
///
/// # Errors
///
/// [`NoMemory`].
pub fn grow<T>(vec: &mut Vec<T>, more: usize) -> Result<(), NoMemory> {
    vec.try_reserve(more).map_err(|_| refused::<T>(vec.len().saturating_add(more)))
}

/// `len` times the value.
///
/// # Errors
///
/// [`NoMemory`].
pub fn filled<T: Clone>(value: T, len: usize) -> Result<Vec<T>, NoMemory> {
    let mut filled = room(len)?;
    filled.resize(len, value);
    Ok(filled)
}

/// As `collect`.
///
/// # Errors
///
/// [`NoMemory`].
pub fn collected<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, NoMemory> {
    let mut collected = room(items.len())?;
    collected.extend(items);
    Ok(collected)
}

fn refused<T>(len: usize) -> NoMemory {
    NoMemory { bytes: len.saturating_mul(size_of::<T>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_system_has_is_refused() {
        let most = usize::MAX / 16;
        assert_eq!(room::<u64>(most), Err(NoMemory { bytes: most * 8 }));
        assert_eq!(room::<u64>(usize::MAX), Err(NoMemory { bytes: usize::MAX }));
        assert_eq!(filled(1_u8, usize::MAX), Err(NoMemory { bytes: usize::MAX }));
        let mut vec = vec![1_u32];
        assert_eq!(grow(&mut vec, most), Err(NoMemory { bytes: (most + 1) * 4 }));
        assert_eq!(grow(&mut vec, 3), Ok(()));
        assert!(vec.capacity() >= 4);
        assert_eq!(collected([1, 2].iter()), Ok(vec![&1, &2]));
    }
}
