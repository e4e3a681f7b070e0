//! Which threads a computation may use.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rayon::{Scope, ThreadPool};

/// Lends helpers that others may need before the work is done. Asked by the threads that work, several at once.
pub trait Lender: Sync {
    /// As many as are free now, and `most` at most.
    fn borrow(&self, most: usize) -> Vec<Box<dyn Loan + '_>>;

    /// [`borrow`](Self::borrow) in the midst of the work, asked after every item: more may be free than there were. The lender decides how often it looks.
    fn borrow_more(&self, most: usize) -> Vec<Box<dyn Loan + '_>>;
}

impl fmt::Debug for dyn Lender + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lender")
    }
}

/// A helper that is lent, until it is dropped.
pub trait Loan: Send {
    /// Whether others need it: then it begins no other item. Asked before each.
    fn is_recalled(&mut self) -> bool;
}

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
    /// The calling one, and those of `pool` that are free: they come and go while it works.
    Lent {
        /// Where the helpers come from.
        pool: &'p ThreadPool,
        /// Who knows how many.
        lender: &'p dyn Lender,
    },
}

impl<'p> Threads<'p> {
    /// Whether there is more than one, or may be.
    pub fn are_several(self) -> bool {
        matches!(self, Self::Pool { helpers: 1.., .. } | Self::Lent { .. })
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
        let (pool, lender, helpers) = match self {
            Self::Pool { pool, helpers: helpers @ 1.. } => (pool, None, helpers),
            Self::Lent { pool, lender } => (pool, Some(lender), 0),
            _ => return items.try_for_each(work),
        };
        let most = others(&items);
        // An item is 40 us of work or more: this lock is taken without waiting.
        let rest = Mutex::new((items.fuse(), None));
        let run = |item| {
            if let Err(error) = work(item) {
                rest.lock().unwrap_or_else(PoisonError::into_inner).1.get_or_insert(error);
            }
        };
        let step = |begun: &mut dyn FnMut(usize)| {
            let Some((item, left)) = take(&rest) else { return false };
            begun(left);
            run(item);
            true
        };
        spread(pool, lender, helpers, most, &step);
        rest.into_inner().unwrap_or_else(PoisonError::into_inner).1.map_or(Ok(()), Err)
    }
}

/// Does one item: `begun` hears how many there are after it at most. `false`: there was none.
type Step<'s> = dyn Fn(&mut dyn FnMut(usize)) -> bool + Sync + 's;

/// Takes steps on all threads until there are none. Compiled once, not for every kernel that splits its work.
fn spread<'p>(
    pool: &'p ThreadPool,
    lender: Option<&'p dyn Lender>,
    helpers: usize,
    most: usize,
    step: &Step<'_>,
) {
    let help = |mut loan: Option<Box<dyn Loan + 'p>>| {
        while loan.as_mut().is_none_or(|loan| !loan.is_recalled()) && step(&mut |_| ()) {}
    };
    let help = &help;
    pool.in_place_scope(|scope: &Scope<'_>| {
        let start = |loans: Vec<Box<dyn Loan + 'p>>| {
            loans.into_iter().for_each(|loan| scope.spawn(move |_| help(Some(loan))));
        };
        (0..helpers.min(most)).for_each(|_| scope.spawn(|_| help(None)));
        if let Some(lender) = lender {
            start(lender.borrow(most));
        }
        let mut more = |left| {
            if let (Some(lender), 1..) = (lender, left) {
                start(lender.borrow_more(left));
            }
        };
        while step(&mut more) {}
    });
}

/// How many threads besides the calling one could have an item, at most.
fn others(items: &impl Iterator) -> usize {
    items.size_hint().1.map_or(usize::MAX, |most| most.saturating_sub(1))
}

/// The next item, and how many there are after it at most; unless one has failed.
fn take<I, E>(rest: &Mutex<(impl Iterator<Item = I>, Option<E>)>) -> Option<(I, usize)> {
    // Poisoned if the iterator has panicked: that is passed on when all threads have returned.
    let mut rest = rest.lock().ok()?;
    let (items, error) = &mut *rest;
    if error.is_some() {
        return None;
    }
    let item = items.next()?;
    Some((item, items.size_hint().1.unwrap_or(usize::MAX)))
}
