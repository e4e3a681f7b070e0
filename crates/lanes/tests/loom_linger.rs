//! Every interleaving of a runner that lingers and loops that start runners.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p sidelane-lanes --release --test 'loom_*'`
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use loom::sync::Arc;
use loom::thread;
use sidelane_lanes::Linger;

#[test]
fn a_start_is_made_by_exactly_one() {
    loom::model(|| {
        let linger = Arc::new(Linger::default());
        let runners: Vec<_> = (0..2)
            .map(|_| {
                let linger = linger.clone();
                thread::spawn(move || {
                    let mut looks = 0;
                    let patience = || {
                        looks += 1;
                        thread::yield_now();
                        looks < 2
                    };
                    u32::from(linger.wait(patience))
                })
            })
            .collect();
        let handed: u32 = (0..2).map(|_| u32::from(linger.hand_over())).sum();
        let taken: u32 = runners.into_iter().map(|runner| runner.join().unwrap()).sum();
        assert_eq!(handed, taken, "neither lost nor made twice");
        assert!(!linger.hand_over(), "nobody waits any more");
    });
}
