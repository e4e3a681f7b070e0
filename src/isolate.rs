//! What the addon keeps per isolate: one per environment that `attach`ed, on that environment's thread.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use napi::bindgen_prelude::Env;
use napi::sys::{napi_env, napi_value};
use sidelane_lanes::{Cancelled, Completions, JobId, LaneId, Linger, Nanos, Outcome, Reason, TenantId};

use crate::bytes::Board;
use crate::ops::{Documents, Hashers, Pack, RegExps};
use crate::pool::{found, scheduler};
use crate::settle::{self, Completion, Waker};
use crate::{lane, ops, raw, submit};

/// The part of an isolate that other threads may touch, for as long as they like: it outlives the environment.
pub(crate) struct Home {
    /// Registered with its first lane: nothing is found out about the process, and nothing decided, by loading the addon.
    tenant: OnceLock<TenantId>,
    pub(crate) completions: Completions<Completion>,
    pub(crate) waker: Waker,
    /// How often its event loop has taken results: what a runner looks at to see that the loop turns.
    pub(crate) turns: AtomicU32,
    /// Where a runner of this isolate waits for the next start.
    pub(crate) linger: Linger,
    /// Whether the last start came so soon after a result that the next one is worth waiting for.
    pub(crate) quick: AtomicBool,
}

/// The part that belongs to the event loop's thread.
pub(crate) struct Isolate {
    pub(crate) home: Arc<Home>,
    pub(crate) env: napi_env,
    /// Numbers on their way to JavaScript.
    pub(crate) board: Board,
    /// JavaScript's `settle`, alive as long as the environment.
    pub(crate) settle: napi::sys::napi_ref,
    pub(crate) lanes: RefCell<Vec<Option<LaneId>>>,
    /// Places in `lanes` that are free.
    pub(crate) free_lanes: RefCell<Vec<u32>>,
    /// The job of each tag, the number by which JavaScript knows a task.
    pub(crate) jobs: RefCell<Vec<JobId>>,
    /// Tasks that have not ended: while there are any, the event loop is kept alive.
    pub(crate) outstanding: Cell<usize>,
    /// When results were last taken.
    pub(crate) drained: Cell<Nanos>,
    /// Expected nanoseconds of work for which a runner is still to be started; none: none is.
    pub(crate) deferred: Cell<Option<u64>>,
    /// The process or worker is about to exit: the loop does not turn any more, so nothing is taken.
    pub(crate) exiting: Cell<bool>,
    pub(crate) documents: Documents,
    pub(crate) hashers: Hashers,
    pub(crate) regexps: RegExps,
    pub(crate) pack: RefCell<Option<Pack>>,
    pub(crate) batch: RefCell<Vec<Completion>>,
    pub(crate) values: RefCell<Vec<napi_value>>,
}

static HOMES: Mutex<Vec<Weak<Home>>> = Mutex::new(Vec::new());

impl Home {
    /// Registers a home, so that runners of other isolates can wake it.
    pub(crate) fn open(waker: Waker) -> Arc<Self> {
        let home = Arc::new(Self {
            tenant: OnceLock::new(),
            completions: Completions::default(),
            waker,
            turns: AtomicU32::new(0),
            linger: Linger::default(),
            quick: AtomicBool::new(false),
        });
        let mut homes = HOMES.lock().unwrap_or_else(PoisonError::into_inner);
        homes.retain(|home| home.strong_count() > 0);
        homes.push(Arc::downgrade(&home));
        home
    }

    pub(crate) fn tenant(&self) -> TenantId {
        *self.tenant.get_or_init(|| scheduler().add_tenant())
    }

    /// Ends it: drops what waits and returns when nothing of it runs any more.
    pub(crate) fn close(&self) {
        if let Some(tenant) = self.tenant.get() {
            drop(scheduler().remove_tenant(*tenant));
        }
    }

    /// Hands a result to the event loop, and wakes it unless somebody has, or `awake` says that it is about to look anyway.
    pub(crate) fn complete(&self, completion: Completion, awake: bool) {
        if self.completions.push(completion) && !awake {
            self.waker.wake();
        }
    }

    /// Wakes all event loops but this one: jobs wait, a thread is free, and only a loop can start a runner.
    pub(crate) fn wake_others(&self) {
        let homes: Vec<_> = {
            let homes = HOMES.lock().unwrap_or_else(PoisonError::into_inner);
            homes.iter().filter_map(Weak::upgrade).filter(|home| !std::ptr::eq(&**home, self)).collect()
        };
        homes.iter().for_each(|home| home.waker.wake());
    }

    /// Whether tasks are likely to follow results at once: never where a thread that waits takes the loop's only core.
    pub(crate) fn is_quick(&self) -> bool {
        self.quick.load(Ordering::Relaxed) && found().cores > 1
    }

    pub(crate) fn turns(&self) -> u32 {
        self.turns.load(Ordering::Relaxed)
    }
}

impl Isolate {
    pub(crate) fn lane(&self, handle: u32) -> Option<LaneId> {
        self.lanes.borrow().get(handle as usize).copied().flatten()
    }

    pub(crate) fn remember(&self, tag: u32, job: JobId) {
        let mut jobs = self.jobs.borrow_mut();
        if jobs.len() <= tag as usize {
            jobs.resize(tag as usize + 1, JobId::default());
        }
        jobs[tag as usize] = job;
    }

    pub(crate) fn job(&self, tag: u32) -> JobId {
        self.jobs.borrow().get(tag as usize).copied().unwrap_or_default()
    }

    /// Ends all tasks of an isolate whose loop does not turn any more: those that wait are gone, those that run are told to stop.
    ///
    /// What waits has to go: libuv lets its threads end their work before a process or a worker ends, and a runner would work through the whole queue.
    pub(crate) fn stop(&self) {
        for job in &*self.jobs.borrow() {
            if let Cancelled::Queued(job) = scheduler().cancel(*job, Reason::Aborted) {
                self.home.complete(Completion::stopped(job.tag, Outcome::Aborted), true);
            }
        }
    }

    /// Counts tasks in (or out): from the first to the last, they keep the event loop alive.
    pub(crate) fn begin(&self) {
        let outstanding = self.outstanding.get();
        self.outstanding.set(outstanding + 1);
        if outstanding == 0 {
            self.home.waker.hold(self.env);
        }
    }

    pub(crate) fn end(&self, count: usize) {
        let outstanding = self.outstanding.get() - count;
        self.outstanding.set(outstanding);
        if outstanding == 0 && count > 0 {
            self.home.waker.let_go(self.env);
        }
    }
}

/// Sets an environment up; see [`crate::attach`].
pub(crate) fn attach(
    env: &Env,
    target: napi_value,
    settle: napi_value,
    board: napi_value,
) -> napi::Result<()> {
    let isolate = Box::new(Isolate {
        home: Home::open(Waker::new()),
        env: env.raw(),
        board: Board::new(env.raw(), board).map_err(|thrown| napi::Error::from_reason(thrown.message))?,
        settle: raw::reference(env.raw(), settle)?,
        lanes: RefCell::default(),
        free_lanes: RefCell::default(),
        jobs: RefCell::default(),
        outstanding: Cell::new(0),
        drained: Cell::new(0),
        deferred: Cell::new(None),
        exiting: Cell::new(false),
        documents: Documents::default(),
        hashers: Hashers::default(),
        regexps: RegExps::default(),
        pack: RefCell::default(),
        batch: RefCell::default(),
        values: RefCell::default(),
    });
    let home = isolate.home.clone();
    let pointer = Box::into_raw(isolate);
    home.waker.connect(env.raw(), pointer)?;
    // Hooks run last added first: ours before the thread-safe function's, which was added by `connect`.
    env.add_env_cleanup_hook(pointer, |isolate| settle::tear_down(raw::reclaim(isolate)))?;

    let env = env.raw();
    ops::define_all(env, target, pointer)?;
    raw::define::<submit::Ask>(env, target, pointer)?;
    raw::define::<submit::StartDeferred>(env, target, pointer)?;
    raw::define::<lane::OpenLane>(env, target, pointer)?;
    raw::define::<lane::DropLane>(env, target, pointer)?;
    raw::define::<lane::Queued>(env, target, pointer)?;
    raw::define::<lane::CountEnd>(env, target, pointer)?;
    raw::define::<lane::Recount>(env, target, pointer)?;
    raw::define::<lane::Stats>(env, target, pointer)?;
    raw::define::<lane::Cancel>(env, target, pointer)?;
    raw::define::<lane::StopAll>(env, target, pointer)
}
