//! The block function of the `sha2` crate: on 64-bit Arm its SHA instructions, elsewhere plain integers.

use super::{Block, Compress, POSITION, State, arranged};

/// The kernel every CPU can run.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Compress for Portable {
    type Known = Block;

    fn know(self, block: &Block) -> Block {
        *block
    }

    fn compress<const N: usize>(self, states: &mut [State; N], blocks: [&[Block]; N], _: usize) {
        for (state, blocks) in states.iter_mut().zip(blocks) {
            let mut words = POSITION.map(|position| state[position]);
            sha2::block_api::compress256(&mut words, blocks);
            *state = arranged(words);
        }
    }

    fn compress_known<const N: usize>(self, states: &mut [State; N], known: &Block) {
        self.compress(states, [std::slice::from_ref(known); N], 0);
    }
}
