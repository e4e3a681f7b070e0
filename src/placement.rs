//! Where the threads that help data-parallel kernels run: not on the core of the runner that asks for help.
//!
//! Linux looks for an idle core when it wakes a thread, but on a machine of two that already does something it does not look far (SIS_UTIL): a helper whose last core
//! is the runner's then waits behind it for up to 5 ms while the other core idles. BLAKE3 of 64 MiB took 7.7 ms in one run and 12 to 15 in the next. So the runner's
//! core is taken out of the helpers' affinity, before they are woken: two system calls, 1 us each.

#[cfg(target_os = "linux")]
pub(crate) use linux::{keep_off_this_core, register};

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::{Mutex, PoisonError};

    use rustix::thread::{Pid, gettid, sched_getaffinity, sched_getcpu, sched_setaffinity};

    static HELPERS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

    /// Called by each helper when it starts.
    pub(crate) fn register() {
        HELPERS.lock().unwrap_or_else(PoisonError::into_inner).push(gettid());
    }

    /// Called by the thread that is about to wake them. Only a wish: what fails leaves them where they are.
    pub(crate) fn keep_off_this_core() {
        // The calling thread's own affinity is the process's, less what its user has taken from it.
        let Ok(mut cores) = sched_getaffinity(None) else { return };
        cores.unset(sched_getcpu());
        if cores.count() == 0 {
            return;
        }
        for helper in &*HELPERS.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = sched_setaffinity(Some(*helper), &cores);
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn register() {}

#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_off_this_core() {}
