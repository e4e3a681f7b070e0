//! What comes back from the runners. Its interleavings are in loom_completions.rs.
#![cfg(not(loom))]

use sidelane_lanes::Completions;

#[test]
fn the_first_of_a_batch_wakes() {
    let done = Completions::default();
    let mut batch = Vec::new();
    for _ in 0..3 {
        assert_eq!([done.push(0), done.push(1), done.push(2)], [true, false, false]);
        done.drain_into(&mut batch);
        assert_eq!(batch, [0, 1, 2]);
        batch.clear();
    }
}

#[test]
fn what_is_in_the_batch_already_does_not_go_back_into_the_queue() {
    let done = Completions::default();
    assert!(done.push(1));
    let mut batch = vec![0];
    done.drain_into(&mut batch);
    assert_eq!(batch, [0, 1]);
    assert!(done.push(2), "the queue was empty");
}
