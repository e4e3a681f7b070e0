//! The order of the jobs that wait in one lane: by priority with aging, then age.

use slotmap::SlotMap;

use crate::clock::Nanos;
use crate::scheduler::JobId;

/// Which waiting job goes first. Each class is worth half a second of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    /// Before all that was submitted less than half a second earlier.
    High,
    /// The default.
    #[default]
    Normal,
    /// When nothing else waits, or after half a second per class.
    Low,
}

impl Priority {
    const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];
}

/// How long a job has to wait to be as urgent as a new one of the next higher class. Half a second: longer than any sane queue under normal load, so that priorities mean
/// something, and short enough that low-priority work of an overloaded server ends within its client's patience.
pub(crate) const AGING: Nanos = 500_000_000;

/// A job in the queue: its neighbours in the list of its class.
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) priority: Priority,
    pub(crate) enqueued: Nanos,
    pub(crate) load: Load,
    older: Option<JobId>,
    younger: Option<JobId>,
}

impl Links {
    pub(crate) fn new(priority: Priority, enqueued: Nanos, load: Load) -> Self {
        Self { priority, enqueued, load, older: None, younger: None }
    }
}

/// What waiting jobs amount to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) jobs: usize,
    pub(crate) bytes: usize,
    /// Expected nanoseconds of work, as the embedder sees it. Of 2^32 jobs, the most that a slot map holds, at 2^64 each.
    pub(crate) cost: u128,
}

impl Load {
    /// The sum. Bytes cannot overflow: admission keeps them within a bound.
    pub(crate) fn add(&mut self, other: Self) {
        self.jobs += other.jobs;
        self.bytes += other.bytes;
        self.cost += other.cost;
    }

    pub(crate) fn subtract(&mut self, other: Self) {
        self.jobs -= other.jobs;
        self.bytes -= other.bytes;
        self.cost -= other.cost;
    }
}

/// What the queue asks of a job.
pub(crate) trait Linked {
    fn links(&mut self) -> &mut Links;
}

#[derive(Debug, Default, Clone, Copy)]
struct Class {
    oldest: Option<JobId>,
    youngest: Option<JobId>,
    load: Load,
}

/// Three linked lists through the scheduler's job table, so that push, pop and removal from the middle (a cancelled job) take constant time.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    classes: [Class; 3],
}

impl Queue {
    /// All that waits.
    pub(crate) fn load(&self) -> Load {
        self.sum(|_| true)
    }

    /// What waits in the classes below `priority`.
    pub(crate) fn load_below(&self, priority: Priority) -> Load {
        self.sum(|class| class > priority)
    }

    fn sum(&self, of: impl Fn(Priority) -> bool) -> Load {
        let mut sum = Load::default();
        Priority::ALL
            .into_iter()
            .filter(|class| of(*class))
            .for_each(|class| sum.add(self.classes[class as usize].load));
        sum
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.classes.iter().all(|class| class.oldest.is_none())
    }

    /// Adds a job behind the others of its priority.
    pub(crate) fn push<J: Linked>(&mut self, jobs: &mut SlotMap<JobId, J>, id: JobId) {
        let &mut Links { priority, load, .. } = jobs[id].links();
        let class = &mut self.classes[priority as usize];
        let before = class.youngest.replace(id);
        class.load.add(load);
        match before {
            Some(before) => jobs[before].links().younger = Some(id),
            None => class.oldest = Some(id),
        }
        jobs[id].links().older = before;
    }

    /// The job that goes next: the least of enqueue time plus [`AGING`] per class.
    pub(crate) fn next<J: Linked>(&self, jobs: &mut SlotMap<JobId, J>) -> Option<JobId> {
        let heads = Priority::ALL.into_iter().filter_map(|priority| {
            let id = self.classes[priority as usize].oldest?;
            Some((jobs[id].links().enqueued + priority as Nanos * AGING, id))
        });
        // min_by_key keeps the first of equals: the higher priority.
        heads.min_by_key(|(key, _)| *key).map(|(_, id)| id)
    }

    /// The job that has waited longest, whatever its priority.
    pub(crate) fn oldest<J: Linked>(&self, jobs: &mut SlotMap<JobId, J>) -> Option<JobId> {
        // min_by_key keeps the first of equals: the lowest priority.
        let heads = self.classes.iter().rev().filter_map(|class| class.oldest);
        heads
            .map(|id| (jobs[id].links().enqueued, id))
            .min_by_key(|(enqueued, _)| *enqueued)
            .map(|(_, id)| id)
    }

    /// The youngest job of the lowest priority that is below `priority`.
    pub(crate) fn lowest_below(&self, priority: Priority) -> Option<JobId> {
        let below = Priority::ALL.into_iter().rev().take_while(|candidate| *candidate > priority);
        below.filter_map(|candidate| self.classes[candidate as usize].youngest).next()
    }

    /// Takes a job out, wherever it stands.
    pub(crate) fn remove<J: Linked>(&mut self, jobs: &mut SlotMap<JobId, J>, id: JobId) {
        let links = jobs[id].links();
        let (older, younger) = (links.older.take(), links.younger.take());
        let class = &mut self.classes[links.priority as usize];
        class.load.subtract(links.load);
        match older {
            Some(older) => jobs[older].links().younger = younger,
            None => class.oldest = younger,
        }
        match younger {
            Some(younger) => jobs[younger].links().older = older,
            None => class.youngest = older,
        }
    }
}
