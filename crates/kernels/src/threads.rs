//! Which threads a computation may use.

use std::sync::{Mutex, PoisonError};

use rayon::ThreadPool;

/// The threads a kernel may use, where it can split its work and there is enough of it.
#[derive(Debug, Clone, Copy, Default)]
pub enum Threads<'p> {
    /// Only the calling one.
    #[default]
    One,
    /// The calling one, and `helpers` of `pool`.
    ///
    /// The calling one works too. If it only waited, as in `pool.install(..)`, it would still be there when the second
    /// helper is woken: Linux then finds no idle core for that on a machine of two, puts both on one, and takes 5 ms to
    /// see it (BLAKE3 of 64 MiB: 14 ms, not 8).
    Pool {
        /// Where the helpers come from.
        pool: &'p ThreadPool,
        /// How many. One more or fewer than the pool has is no error.
        helpers: usize,
    },
}

impl Threads<'_> {
    /// Whether there is more than one.
    pub fn are_several(self) -> bool {
        matches!(self, Self::Pool { helpers: 1.., .. })
    }

    /// Does all items, each on the thread that is free for it first. After an error no more are begun.
    ///
    /// # Errors
    ///
    /// The first error of `work`.
    ///
    /// # Panics
    ///
    /// If `work` does.
    ///
    /// # Example
    ///
    /// ```
    /// use sidelane_kernels::Threads;
    ///
    /// let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// let mut squares = [0; 4];
    /// Threads::Pool { pool: &pool, helpers: 1 }.for_each(squares.iter_mut().enumerate(), |(n, square)| {
    ///     *square = n * n;
    ///     Ok::<(), std::convert::Infallible>(())
    /// })?;
    /// assert_eq!(squares, [0, 1, 4, 9]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_each<I: Send, E: Send>(
        self,
        mut items: impl Iterator<Item = I> + Send,
        work: impl Fn(I) -> Result<(), E> + Sync,
    ) -> Result<(), E> {
        let Self::Pool { pool, helpers: helpers @ 1.. } = self else {
            return items.try_for_each(work);
        };
        // An item is 40 us of work or more: this lock is taken without waiting.
        let rest = Mutex::new((items.fuse(), None));
        let run = || {
            while let Some(item) = take(&rest) {
                if let Err(error) = work(item) {
                    rest.lock().unwrap_or_else(PoisonError::into_inner).1.get_or_insert(error);
                }
            }
        };
        pool.in_place_scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|_| run());
            }
            run();
        });
        rest.into_inner().unwrap_or_else(PoisonError::into_inner).1.map_or(Ok(()), Err)
    }
}

/// The next item, unless one has failed.
fn take<I, E>(rest: &Mutex<(impl Iterator<Item = I>, Option<E>)>) -> Option<I> {
    // Poisoned if the iterator has panicked: that is passed on when all threads have returned.
    let mut rest = rest.lock().ok()?;
    let (items, error) = &mut *rest;
    if error.is_some() { None } else { items.next() }
}
