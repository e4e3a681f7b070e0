//! Many messages through the interleaved kernel.
//!
//! Four lanes hold a message each. A step feeds all of them as many blocks as the shortest has left; a lane that is done
//! writes its digest and takes the next message. Steps are long, and lanes end together, if neighbours have equally many
//! blocks, so messages are taken in windows sorted by that number. Windows of one length go the shorter way of [`equal`].

use std::array::from_fn;

use super::equal::{self, Equal};
use super::{Block, Compress, State, Tail, Variant, padded_blocks, portable};
use crate::{Checkpoint, Interrupted};

/// Messages interleaved.
pub(super) const LANES: usize = 4;

/// Messages sorted at a time. Of 256, at most a few fours are uneven; sorting them stays in the first-level cache.
const WINDOW: usize = 256;

/// Messages of this many blocks and more are not told apart when sorting: their steps are long anyway.
const KEYS: usize = 64;

/// Blocks between two polls: 128 KiB, about 35 us.
pub(super) const POLL_BLOCKS: usize = 2048;

/// Writes the digests of `count` messages to `out`, one after the other.
pub(in super::super) fn digest_many<'d>(
    variant: Variant,
    count: usize,
    message: impl Fn(usize) -> &'d [u8],
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
) -> Result<(), Interrupted> {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = super::ni::ShaNi::detect() {
        return digest_many_on(kernel, variant, count, message, out, checkpoint);
    }
    digest_many_on(portable::Portable, variant, count, message, out, checkpoint)
}

fn digest_many_on<'d>(
    kernel: impl Compress,
    variant: Variant,
    count: usize,
    message: impl Fn(usize) -> &'d [u8],
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
) -> Result<(), Interrupted> {
    let common = |start: usize| common_len(start, WINDOW.min(count - start), &message);
    let (mut start, mut equal) = (0, None::<Equal<_>>);
    while start < count {
        let len = common(start);
        let mut end = start + WINDOW.min(count - start);
        while end < count && common(end) == len {
            end += WINDOW.min(count - end);
        }
        let out = &mut out[start * variant.digest_len()..end * variant.digest_len()];
        let message = |i: usize| message(start + i);
        match len {
            Some(len) => {
                let equal = match &mut equal {
                    Some(equal) if equal.len() == len => equal,
                    other => other.insert(Equal::new(kernel, variant, len)),
                };
                equal.digest(end - start, message, out, checkpoint)?;
            }
            None => digest_mixed(kernel, variant, end - start, message, out, checkpoint)?,
        }
        start = end;
    }
    Ok(())
}

/// The length of so many messages, if all have the same and [`Equal`] is for it.
fn common_len<'d>(start: usize, count: usize, message: &impl Fn(usize) -> &'d [u8]) -> Option<usize> {
    let len = message(start).len();
    let equal =
        count >= LANES && equal::takes(len) && (start..start + count).all(|i| message(i).len() == len);
    equal.then_some(len)
}

fn digest_mixed<'d>(
    kernel: impl Compress,
    variant: Variant,
    count: usize,
    message: impl Fn(usize) -> &'d [u8],
    out: &mut [u8],
    checkpoint: &dyn Checkpoint,
) -> Result<(), Interrupted> {
    let mut order = Order::new(count);
    let mut lanes = Lanes::new();
    let mut active = 0;
    while active < LANES
        && let Some(index) = order.next(&message)
    {
        lanes.start(active, variant, index, message(index));
        active += 1;
    }
    // Poll before the first step too.
    let mut unpolled = POLL_BLOCKS;
    while active > 0 {
        if unpolled >= POLL_BLOCKS {
            checkpoint.poll()?;
            unpolled = 0;
        }
        unpolled += match active {
            1 => lanes.step::<1>(kernel),
            2 => lanes.step::<2>(kernel),
            3 => lanes.step::<3>(kernel),
            _ => lanes.step::<4>(kernel),
        };
        let mut lane = 0;
        while lane < active {
            if !lanes.is_done(lane) {
                lane += 1;
                continue;
            }
            lanes.finish(lane, variant, out);
            if let Some(index) = order.next(&message) {
                lanes.start(lane, variant, index, message(index));
                lane += 1;
            } else {
                active -= 1;
                lanes.move_lane(active, lane);
            }
        }
    }
    Ok(())
}

/// The messages on their way. One array per field: the kernel wants the states side by side.
struct Lanes<'d> {
    states: [State; LANES],
    /// Whole blocks of the message not yet fed.
    bodies: [&'d [Block]; LANES],
    tails: [Tail; LANES],
    /// Blocks of the tail already fed.
    tails_fed: [usize; LANES],
    indices: [usize; LANES],
}

impl<'d> Lanes<'d> {
    fn new() -> Self {
        Self {
            states: [[0; 8]; LANES],
            bodies: [&[]; LANES],
            tails: [const { Tail::new() }; LANES],
            tails_fed: [0; LANES],
            indices: [0; LANES],
        }
    }

    #[inline(always)]
    fn start(&mut self, lane: usize, variant: Variant, index: usize, message: &'d [u8]) {
        self.states[lane] = variant.initial;
        self.bodies[lane] = self.tails[lane].split(message);
        self.tails_fed[lane] = 0;
        self.indices[lane] = index;
    }

    /// Feeds the first N lanes as many blocks as all of them have in one place. Returns the blocks fed.
    #[inline(always)]
    fn step<const N: usize>(&mut self, kernel: impl Compress) -> usize {
        let ready: [&[Block]; N] = from_fn(|lane| match self.bodies[lane] {
            [] => &self.tails[lane].blocks()[self.tails_fed[lane]..],
            body => body,
        });
        let common = ready.iter().map(|blocks| blocks.len()).min().unwrap_or(0).min(POLL_BLOCKS / N);
        if let Some(states) = self.states.first_chunk_mut::<N>() {
            kernel.compress(states, ready.map(|blocks| &blocks[..common]), 0);
        }
        for lane in 0..N {
            match &mut self.bodies[lane] {
                [] => self.tails_fed[lane] += common,
                body => *body = &body[common..],
            }
        }
        common * N
    }

    #[inline(always)]
    fn is_done(&self, lane: usize) -> bool {
        self.bodies[lane].is_empty() && self.tails_fed[lane] == self.tails[lane].blocks
    }

    #[inline(always)]
    fn finish(&self, lane: usize, variant: Variant, out: &mut [u8]) {
        let len = variant.digest_len();
        variant.write(&self.states[lane], &mut out[self.indices[lane] * len..][..len]);
    }

    /// Takes `from`, the last active lane, to the place of a finished one.
    fn move_lane(&mut self, from: usize, to: usize) {
        self.states.swap(from, to);
        self.bodies.swap(from, to);
        self.tails.swap(from, to);
        self.tails_fed.swap(from, to);
        self.indices.swap(from, to);
    }
}

/// The order in which messages enter the lanes.
struct Order {
    count: usize,
    /// The window starts at this message, and this many of it have been handed out.
    start: usize,
    taken: usize,
    len: usize,
    /// The window's messages relative to its start, most blocks first.
    sorted: [u8; WINDOW],
}

impl Order {
    fn new(count: usize) -> Self {
        Self { count, start: 0, taken: 0, len: 0, sorted: [0; WINDOW] }
    }

    #[inline(always)]
    fn next<'d>(&mut self, message: &impl Fn(usize) -> &'d [u8]) -> Option<usize> {
        if self.taken == self.len {
            self.start += self.len;
            self.taken = 0;
            self.len = WINDOW.min(self.count - self.start);
            if self.len == 0 {
                return None;
            }
            self.sort(message);
        }
        let index = self.start + usize::from(self.sorted[self.taken]);
        self.taken += 1;
        Some(index)
    }

    /// A counting sort, 4 ns a message, unless all have equally many blocks.
    fn sort<'d>(&mut self, message: &impl Fn(usize) -> &'d [u8]) {
        let mut keys = [0; WINDOW];
        let keys = &mut keys[..self.len];
        let mut mixed = false;
        for (i, key) in keys.iter_mut().enumerate() {
            let blocks = padded_blocks(message(self.start + i).len()).min(KEYS);
            *key = (KEYS - blocks) as u8;
        }
        for key in &*keys {
            mixed |= *key != keys[0];
        }
        if !mixed {
            self.sorted = IN_ORDER;
            return;
        }
        let mut ends = [0u16; KEYS];
        for key in &*keys {
            ends[usize::from(*key)] += 1;
        }
        let mut position = 0;
        for end in &mut ends {
            position += std::mem::replace(end, position);
        }
        for (i, key) in keys.iter().enumerate() {
            let position = &mut ends[usize::from(*key)];
            self.sorted[usize::from(*position)] = i as u8;
            *position += 1;
        }
    }
}

/// A window that needs no sorting.
const IN_ORDER: [u8; WINDOW] = {
    let mut order = [0; WINDOW];
    let mut i = 0;
    while i < WINDOW {
        order[i] = i as u8;
        i += 1;
    }
    order
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;
    use crate::Uninterruptible;

    fn check(lens: &[usize]) {
        let data: Vec<u8> =
            (0..lens.iter().max().map_or(0, |len| len + lens.len())).map(|i| i as u8).collect();
        let message = |i: usize| &data[i..][..lens[i]];
        let expected: Vec<u8> = (0..lens.len()).flat_map(|i| sha2::Sha256::digest(message(i))).collect();
        let mut fast = vec![0; expected.len()];
        digest_many(Variant::SHA256, lens.len(), message, &mut fast, &Uninterruptible).unwrap();
        assert_eq!(fast, expected);
        let mut twin = vec![0; expected.len()];
        digest_many_on(portable::Portable, Variant::SHA256, lens.len(), message, &mut twin, &Uninterruptible)
            .unwrap();
        assert_eq!(twin, expected);
    }

    #[test]
    fn few_messages() {
        for count in 0..12 {
            for len in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128] {
                check(&vec![len; count]);
            }
        }
    }

    #[test]
    fn windows_end_anywhere() {
        for count in [WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW + 2] {
            check(&vec![10; count]);
            check(&(0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn long_messages_take_several_steps() {
        check(&[300_000, 5, 100_000, 64, 0, 200_000]);
    }

    #[test]
    fn windows_of_one_length_and_mixed_ones() {
        for len in [0, 1, 40, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1024] {
            let mut lens = vec![len; 2 * WINDOW];
            lens.extend(0..WINDOW);
            lens.extend([len; WINDOW + 7]);
            lens.extend([64; WINDOW]);
            check(&lens);
        }
    }

    proptest! {
        #[test]
        fn any_length_of_all(len in 0usize..5000, count in 1usize..600) {
            check(&vec![len; count]);
        }

        #[test]
        fn any_mix_of_lengths(
            lens in proptest::collection::vec(prop_oneof![6 => 0usize..300, 1 => 900usize..6000], 0..600),
        ) {
            check(&lens);
        }
    }
}
