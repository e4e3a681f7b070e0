//! CPU clocks. `process.threadCpuUsage()` and `process.cpuUsage()` move in ticks of up to 4 ms: too coarse for microseconds per task.

#[cfg(not(unix))]
compile_error!("the benchmarks read POSIX CPU clocks; run them on Linux or macOS");

use napi_derive::napi;

fn clock_ns(clock: libc::clockid_t) -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid, writable timespec; the call has no other effect.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// CPU time of the calling thread, in nanoseconds: what a task costs the event loop.
#[napi]
pub fn thread_cpu_ns() -> f64 {
    clock_ns(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU time of all threads of this process, in nanoseconds.
#[napi]
pub fn process_cpu_ns() -> f64 {
    clock_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// CPU time of the child processes that ended, in nanoseconds: with it, a run knows its own share of the machine.
#[napi]
pub fn children_cpu_ns() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `usage` is a writable rusage, zero is a valid value of it, and the call fills it in.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        usage.assume_init()
    };
    let ns = |time: libc::timeval| time.tv_sec as f64 * 1e9 + time.tv_usec as f64 * 1e3;
    ns(usage.ru_utime) + ns(usage.ru_stime)
}
