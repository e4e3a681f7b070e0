//! Every interleaving of pushes and drains.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p sidelane-lanes --release --test 'loom_*'`
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use sidelane_lanes::Completions;

/// An event loop's wake-up: any number of wakes before a turn make one turn.
#[derive(Default)]
struct Loop {
    woken: Mutex<bool>,
    wake: Condvar,
}

impl Loop {
    fn wake(&self) {
        *self.woken.lock().unwrap() = true;
        self.wake.notify_one();
    }

    /// Sleeps until it is woken: for ever if a wake-up was lost, which loom reports as a deadlock.
    fn sleep(&self) {
        let mut woken = self.woken.lock().unwrap();
        while !*woken {
            woken = self.wake.wait(woken).unwrap();
        }
        *woken = false;
    }
}

#[test]
fn no_wake_up_is_lost_and_every_item_comes_once() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(5);
    builder.check(|| {
        let done = Arc::new(Completions::default());
        let event_loop = Arc::new(Loop::default());
        let pushers: Vec<_> = [0..2, 2..3]
            .into_iter()
            .map(|items| {
                let (done, event_loop) = (done.clone(), event_loop.clone());
                thread::spawn(move || {
                    for item in items {
                        if done.push(item) {
                            event_loop.wake();
                        }
                    }
                })
            })
            .collect();
        let mut all = Vec::new();
        let mut batch = Vec::new();
        while all.len() < 3 {
            event_loop.sleep();
            done.drain_into(&mut batch);
            all.append(&mut batch);
        }
        pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
        done.drain_into(&mut batch);
        assert!(batch.is_empty(), "nothing comes twice");
        let position = |item| all.iter().position(|other| *other == item);
        assert!(position(0) < position(1), "those of one thread in their order");
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2]);
    });
}
