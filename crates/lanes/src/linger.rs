//! A thread that waits a moment for the next start instead of being woken for it.

use std::hint;

use crate::sync::{AtomicU8, Ordering};

const NOBODY: u8 = 0;
const WAITING: u8 = 1;
const TAKEN: u8 = 2;

/// Where a runner that is out of jobs waits for the next start, and where whoever starts a runner looks for one first. Waking a sleeping thread costs the
/// waker 5 to 10 us, handing over costs it 0.1.
///
/// One at a time waits here; what is handed over is one start, to be made use of by exactly one.
///
/// ```
/// use sidelane_lanes::Linger;
///
/// let linger = Linger::default();
/// assert!(!linger.hand_over(), "nobody waits: start one");
/// let mut looks = 0;
/// assert!(!linger.wait(|| { looks += 1; looks < 3 }), "nothing came, and it ran out of patience");
/// assert!(linger.wait(|| linger.hand_over()), "a start came");
/// ```
#[derive(Debug)]
pub struct Linger(AtomicU8);

impl Default for Linger {
    fn default() -> Self {
        Self(AtomicU8::new(NOBODY))
    }
}

impl Linger {
    /// Gives a start to the runner that waits. `false`: none does.
    #[must_use = "a start that nobody took is the caller's to make"]
    pub fn hand_over(&self) -> bool {
        self.0.compare_exchange(WAITING, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Waits, busily, as long as `patience` says. `true`: a start was handed over, and is the caller's.
    #[must_use = "a start that was taken has to be made"]
    pub fn wait(&self, mut patience: impl FnMut() -> bool) -> bool {
        if self.0.compare_exchange(NOBODY, WAITING, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return false;
        }
        while self.0.load(Ordering::Relaxed) == WAITING && patience() {
            hint::spin_loop();
        }
        // A start may come with the last look: leaving and finding out is one step.
        self.0.swap(NOBODY, Ordering::AcqRel) == TAKEN
    }
}
