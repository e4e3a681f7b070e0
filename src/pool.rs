//! What the process offers: libuv's threads, cores, and the addon's own threads for data-parallel work. Found once, at the first task.

use std::sync::{LazyLock, OnceLock};

use rayon::{ThreadPool, ThreadPoolBuilder};
use sidelane_lanes::Scheduler;

use crate::placement;
use crate::runner::Job;

/// Threads of libuv's pool that stay free of our work, for `fs`, `dns` and `zlib`.
const RESERVE: usize = 1;

/// What was found.
pub(crate) struct Found {
    pub(crate) cores: usize,
    pub(crate) threads: usize,
}

static FOUND: LazyLock<Found> = LazyLock::new(|| Found {
    // Affinity and the cgroup's CPU quota (v1 and v2) are counted in by the standard library.
    cores: std::thread::available_parallelism().map_or(1, usize::from),
    threads: started_threads()
        .unwrap_or_else(|| parse_size(std::env::var("UV_THREADPOOL_SIZE").ok().as_deref())),
});

static SCHEDULER: LazyLock<Scheduler<Job>> = LazyLock::new(|| Scheduler::new(runner_limit(&FOUND)));

pub(crate) fn found() -> &'static Found {
    &FOUND
}

/// The lanes of the whole process: isolates share libuv's pool, so they share one limit.
pub(crate) fn scheduler() -> &'static Scheduler<Job> {
    &SCHEDULER
}

/// A pool of one thread cannot be shared: our runner then has a thread of its own.
pub(crate) fn uses_own_thread() -> bool {
    FOUND.threads <= RESERVE
}

fn runner_limit(found: &Found) -> usize {
    found.cores.min(found.threads.saturating_sub(RESERVE)).max(1)
}

/// Threads that help data-parallel kernels, whose runners work too, started with the first that finds some free. `None`: they cannot be started; the work goes on with one.
pub(crate) fn threads() -> Option<&'static ThreadPool> {
    static THREADS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let start = || {
        let builder = ThreadPoolBuilder::new().num_threads(runner_limit(&FOUND) - 1);
        let builder = builder.thread_name(|index| format!("sidelane-{index}"));
        builder.start_handler(|_| placement::register()).build().ok()
    };
    THREADS.get_or_init(start).as_ref()
}

/// The size that libuv takes from the environment (init_threads in threadpool.c): 4 by default, else `atoi` as an unsigned number, 0 counting as 1, at most 1024.
fn parse_size(variable: Option<&str>) -> usize {
    let Some(text) = variable else { return 4 };
    let text = text.trim_start();
    let negative = text.starts_with('-');
    let digits: String =
        text.trim_start_matches(['+', '-']).chars().take_while(char::is_ascii_digit).take(9).collect();
    match digits.parse::<usize>().unwrap_or(0) {
        0 => 1,
        _ if negative => 1024,
        size => size.min(1024),
    }
}

/// The threads that libuv has started, once it has: the variable may have been changed since. libuv names them since 1.50 (Node 22 and later), on Linux we can count them.
#[cfg(target_os = "linux")]
fn started_threads() -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let count = names.filter(|name| name.trim_end() == "libuv-worker").count();
    (count > 0).then_some(count)
}

#[cfg(not(target_os = "linux"))]
fn started_threads() -> Option<usize> {
    None
}
