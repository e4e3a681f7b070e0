//! Helpers that come and go while a computation runs.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use sidelane_kernels::hash::{Algorithm, Params, digest, digest_with};
use sidelane_kernels::{Lender, Loan, Threads, Uninterruptible};

/// One helper, that is lent whenever nobody needs it.
#[derive(Default)]
struct OneHelper {
    needed: AtomicBool,
    is_out: AtomicBool,
    loans: AtomicUsize,
}

impl Lender for OneHelper {
    fn borrow(&self, most: usize) -> Vec<Box<dyn Loan + '_>> {
        if most == 0 || self.needed.load(SeqCst) || self.is_out.swap(true, SeqCst) {
            return Vec::new();
        }
        self.loans.fetch_add(1, SeqCst);
        vec![Box::new(Helper(self))]
    }

    fn borrow_more(&self, most: usize) -> Vec<Box<dyn Loan + '_>> {
        self.borrow(most)
    }
}

struct Helper<'l>(&'l OneHelper);

impl Loan for Helper<'_> {
    fn is_recalled(&mut self) -> bool {
        self.0.needed.load(SeqCst)
    }
}

impl Drop for Helper<'_> {
    fn drop(&mut self) {
        self.0.is_out.store(false, SeqCst);
    }
}

fn pool() -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(1).build().unwrap()
}

fn until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::sleep(Duration::from_micros(50));
    }
}

#[test]
fn a_recalled_helper_leaves_before_its_next_item_and_comes_back_when_it_may() {
    let (pool, lender) = (pool(), OneHelper::default());
    let caller = thread::current().id();
    let (helped, turns, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let threads = Threads::Lent { pool: &pool, lender: &lender };
    let items = std::iter::from_fn(|| (!over.load(SeqCst)).then_some(()));
    let result = threads.for_each(items, |()| {
        if thread::current().id() != caller {
            helped.fetch_add(1, SeqCst);
            thread::sleep(Duration::from_micros(50));
            return Ok(());
        }
        match turns.fetch_add(1, SeqCst) {
            0 => {
                until(|| helped.load(SeqCst) > 0);
                lender.needed.store(true, SeqCst);
                until(|| !lender.is_out.load(SeqCst));
                helped.store(0, SeqCst);
            }
            1 => {
                assert_eq!(helped.load(SeqCst), 0, "it was needed elsewhere");
                lender.needed.store(false, SeqCst);
            }
            // Asked for again before this item.
            _ => {
                until(|| helped.load(SeqCst) > 0);
                over.store(true, SeqCst);
            }
        }
        Ok::<(), ()>(())
    });
    assert_eq!((result, lender.loans.load(SeqCst)), (Ok(()), 2));
    assert!(!lender.is_out.load(SeqCst), "every loan has ended");
}

#[test]
fn no_more_helpers_are_asked_for_than_there_are_items() {
    let (pool, lender) = (pool(), OneHelper::default());
    let threads = Threads::Lent { pool: &pool, lender: &lender };
    assert_eq!(threads.for_each([()].into_iter(), |()| Ok::<(), ()>(())), Ok(()));
    assert_eq!(threads.for_each([(); 0].into_iter(), |()| Ok::<(), ()>(())), Ok(()));
    assert_eq!(lender.loans.load(SeqCst), 0);
}

#[test]
fn without_helpers_the_calling_thread_does_it_all() {
    let (pool, lender) = (pool(), OneHelper::default());
    lender.needed.store(true, SeqCst);
    let threads = Threads::Lent { pool: &pool, lender: &lender };
    let caller = thread::current().id();
    let work = |_| if thread::current().id() == caller { Ok(()) } else { Err("another thread") };
    assert_eq!(threads.for_each(0..100, work), Ok(()));
    assert_eq!(threads.for_each(0..100, |item| if item == 50 { Err(item) } else { Ok(()) }), Err(50));
}

#[test]
fn blake3_is_the_same_while_helpers_come_and_go() {
    let (pool, lender) = (pool(), OneHelper::default());
    let data: Vec<u8> = (0..20 << 20).map(|at: u32| (at % 251) as u8).collect();
    let params = Params::default();
    let expected = digest(Algorithm::Blake3, &params, &data).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(SeqCst) {
                lender.needed.fetch_not(SeqCst);
                thread::sleep(Duration::from_micros(100));
            }
        });
        for _ in 0..5 {
            let threads = Threads::Lent { pool: &pool, lender: &lender };
            let found = digest_with(Algorithm::Blake3, &params, &data, &Uninterruptible, threads).unwrap();
            assert_eq!(*found, *expected);
        }
        over.store(true, SeqCst);
    });
}
