//! Compiled regular expressions: those of an isolate by handle, and those that the process shares.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use sidelane_regexp::{Error, Flags, Limits, Regex, RegexSet, Scratch};

use crate::bytes::{CodeUnits, Offsets};
use crate::raw::Thrown;

/// Programs that the process keeps for whoever compiles the same pattern next.
const KEPT: usize = 512;
/// Larger ones are not kept: with all of them of this size the cache takes some 30 MiB.
const KEPT_SIZE: usize = 2048;
/// Nor are those with longer sources, which are the keys.
const KEPT_SOURCE: usize = 4096;

type Key = (Vec<u16>, Flags);

#[derive(Default)]
struct Cache {
    programs: HashMap<Key, Arc<Regex>>,
    /// Oldest first.
    order: VecDeque<Key>,
}

static CACHE: Mutex<Option<Cache>> = Mutex::new(None);

/// The program of a pattern, compiled unless the process has it.
pub(super) fn compile(source: &[u16], flags: Flags, limits: &Limits) -> Result<Arc<Regex>, Error> {
    // They do not change how a pattern is compiled.
    let flags = Flags { has_indices: false, global: false, sticky: false, ..flags };
    if *limits != Limits::default() {
        return Ok(Arc::new(Regex::new(source, flags, limits)?));
    }
    let key = (source.to_vec(), flags);
    if let Some(found) = with_cache(|cache| cache.programs.get(&key).cloned()) {
        return Ok(found);
    }
    // Not under the lock: it can take milliseconds.
    let program = Arc::new(Regex::new(&key.0, flags, limits)?);
    if key.0.len() <= KEPT_SOURCE && program.explain().program_size <= KEPT_SIZE {
        with_cache(|cache| cache.keep(key, program.clone()));
    }
    Ok(program)
}

fn with_cache<T>(with: impl FnOnce(&mut Cache) -> T) -> T {
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    with(cache.get_or_insert_default())
}

impl Cache {
    fn keep(&mut self, key: Key, program: Arc<Regex>) {
        if self.programs.insert(key.clone(), program).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.programs.remove(&oldest);
        }
    }
}

/// What an isolate has: its programs and sets, by handle, and the memory of its searches.
#[derive(Default)]
pub(crate) struct RegExps {
    pub(super) programs: Programs,
    pub(super) sets: Table<RegexSet>,
    pub(super) search: RefCell<Search>,
}

/// Programs that JavaScript knows by a number. They are dropped when their objects are collected, which the event loop must turn for: a loop that compiles 100,000 patterns would hold them all. So of those that were not used for long only the source is kept.
#[derive(Default)]
pub(super) struct Programs {
    table: RefCell<Vec<Option<Program>>>,
    free: RefCell<Vec<usize>>,
    /// Bytes of those that are compiled, about.
    compiled: Cell<usize>,
}

struct Program {
    source: Vec<u16>,
    flags: Flags,
    limits: Limits,
    regex: Option<Arc<Regex>>,
    bytes: usize,
    /// Since somebody last looked for what to drop.
    is_used: Cell<bool>,
}

/// Bytes of all programs of an isolate, about, before some are dropped: half of them.
const MOST_COMPILED: usize = 64 << 20;
/// Of a program, and of each of its instructions: 100,000 small patterns took 400 MB.
const PROGRAM_BYTES: usize = 2048;
const INSTRUCTION_BYTES: usize = 160;

impl Programs {
    pub(super) fn keep(
        &self,
        source: Vec<u16>,
        flags: Flags,
        limits: Limits,
        regex: Arc<Regex>,
    ) -> (i32, usize) {
        let bytes = PROGRAM_BYTES + regex.explain().program_size * INSTRUCTION_BYTES + source.len() * 2;
        let mut table = self.table.borrow_mut();
        let handle = self.free.borrow_mut().pop().unwrap_or_else(|| {
            table.push(None);
            table.len() - 1
        });
        table[handle] =
            Some(Program { source, flags, limits, regex: Some(regex), bytes, is_used: Cell::new(true) });
        self.compiled.set(self.compiled.get() + bytes);
        if self.compiled.get() > MOST_COMPILED {
            self.drop_some(&mut table, handle);
        }
        (handle as i32, bytes)
    }

    /// Those first that nobody used since the last time.
    fn drop_some(&self, table: &mut [Option<Program>], latest: usize) {
        for _ in 0..2 {
            for (handle, program) in table.iter_mut().enumerate() {
                let Some(program) = program else { continue };
                if self.compiled.get() <= MOST_COMPILED / 2 {
                    return;
                }
                if !program.is_used.replace(false) && handle != latest && program.regex.take().is_some() {
                    self.compiled.set(self.compiled.get() - program.bytes);
                }
            }
        }
    }

    /// Drops a program, and says how many bytes it was taken for.
    pub(super) fn forget(&self, handle: usize) -> usize {
        let Some(program) = self.table.borrow_mut().get_mut(handle).and_then(Option::take) else { return 0 };
        if program.regex.is_some() {
            self.compiled.set(self.compiled.get() - program.bytes);
        }
        self.free.borrow_mut().push(handle);
        program.bytes
    }

    /// Calls `with` with one of them. No JavaScript may run in it.
    pub(super) fn with<R>(&self, handle: u32, with: impl FnOnce(&Regex) -> R) -> Option<R> {
        {
            let table = self.table.borrow();
            let program = table.get(handle as usize)?.as_ref()?;
            program.is_used.set(true);
            if let Some(regex) = program.regex.as_deref() {
                return Some(with(regex));
            }
        }
        self.compile_again(handle).map(|regex| with(&regex))
    }

    /// One of them, for other threads.
    pub(super) fn share(&self, handle: u32) -> Result<Arc<Regex>, Thrown> {
        let found = self.table.borrow().get(handle as usize).and_then(|program| {
            let program = program.as_ref()?;
            program.is_used.set(true);
            program.regex.clone()
        });
        let found = found.or_else(|| self.compile_again(handle));
        found.ok_or_else(|| Thrown::internal("no such regular expression"))
    }

    #[cold]
    fn compile_again(&self, handle: u32) -> Option<Arc<Regex>> {
        let mut table = self.table.borrow_mut();
        let program = table.get_mut(handle as usize)?.as_mut()?;
        // It was compiled once: it is again.
        let regex = compile(&program.source, program.flags, &program.limits).ok()?;
        program.regex = Some(regex.clone());
        let bytes = program.bytes;
        self.compiled.set(self.compiled.get() + bytes);
        if self.compiled.get() > MOST_COMPILED {
            self.drop_some(&mut table, handle as usize);
        }
        Some(regex)
    }
}

/// Things that JavaScript knows by a number.
pub(super) struct Table<T> {
    things: RefCell<Vec<Option<Arc<T>>>>,
    free: RefCell<Vec<usize>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { things: RefCell::default(), free: RefCell::default() }
    }
}

/// Memory that the searches of an isolate share, so that one of a short subject allocates nothing.
#[derive(Default)]
pub(crate) struct Search {
    pub(super) scratch: Scratch,
    pub(super) slots: Vec<usize>,
    pub(super) offsets: Option<Offsets>,
    /// The last long subject, so that a loop over its matches copies it once. UTF-16 stays so where a byte for each unit would do: to narrow a megabyte
    /// takes 0.3 ms, several times as long as most searches of it.
    pub(super) subject: Option<CodeUnits>,
}

impl<T> Table<T> {
    pub(super) fn keep(&self, thing: Arc<T>) -> i32 {
        let mut things = self.things.borrow_mut();
        let handle = self.free.borrow_mut().pop().unwrap_or_else(|| {
            things.push(None);
            things.len() - 1
        });
        things[handle] = Some(thing);
        handle as i32
    }

    pub(super) fn forget(&self, handle: usize) {
        if self.things.borrow_mut().get_mut(handle).and_then(Option::take).is_some() {
            self.free.borrow_mut().push(handle);
        }
    }

    /// One of them, for other threads.
    pub(super) fn share(&self, handle: u32) -> Result<Arc<T>, Thrown> {
        let thing = self.things.borrow().get(handle as usize).cloned().flatten();
        thing.ok_or_else(|| Thrown::internal("no such regular expression"))
    }
}
