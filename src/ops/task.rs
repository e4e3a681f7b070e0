//! What most operations on data are: a task on the bytes of one argument, in a lane or now.

use napi::bindgen_prelude::Env;
use napi::sys::napi_value;
use sidelane_kernels::{Checkpoint, Threads, Uninterruptible};

use super::plan::Plan;
use crate::bytes::View;
use crate::outcome::{Failure, Value};
use crate::raw::{Call, Thrown, UNDEFINED};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};

/// What to do with bytes.
pub(super) trait BytesTask: Send + Sized + 'static {
    /// The [`Operation`]'s.
    const NAME: &'static str;

    /// Expected nanoseconds for so many bytes.
    fn cost(&self, len: usize) -> u64;

    /// Whether more threads pay for so many bytes.
    fn splits(&self, _len: usize) -> bool {
        false
    }

    /// Does it.
    fn run(&self, data: &[u8], checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Failure>;
}

/// A task that crosses as a plan, whose argument comes after that of the bytes.
pub(super) trait PlannedTask: BytesTask {
    /// Reads it.
    fn read(plan: &mut Plan<'_>) -> Result<Self, Thrown>;
}

/// `submit...(..., bytes, plan)`.
pub(super) fn submit_planned<T: PlannedTask>(call: &Call<'_>) -> Result<napi_value, Thrown> {
    submit_task(call, T::read(&mut Plan::at(call, FIRST + 1)?)?)
}

/// `...Now(bytes, plan)`: the result, or what [`Failure`] crosses as.
pub(super) fn run_planned<T: PlannedTask>(call: &Call<'_>) -> Result<napi_value, Thrown> {
    run_task(call, &T::read(&mut Plan::at(call, 1)?)?)
}

/// `check...(plan)`: throws if it is none, before anything is submitted.
pub(super) fn check_planned<T: PlannedTask>(call: &Call<'_>) -> Result<napi_value, Thrown> {
    T::read(&mut Plan::at(call, 0)?)?;
    Ok(UNDEFINED)
}

/// Submits a task on the bytes at [`FIRST`].
pub(super) fn submit_task<T: BytesTask>(call: &Call<'_>, task: T) -> Result<napi_value, Thrown> {
    submit(call, OnBytes { view: View::of(call, FIRST)?, task })
}

/// Runs a task on the bytes of argument 0: the result, or what [`Failure`] crosses as.
pub(super) fn run_task<T: BytesTask>(call: &Call<'_>, task: &T) -> Result<napi_value, Thrown> {
    let done = View::of(call, 0)?.read(|bytes| task.run(bytes, &Uninterruptible, Threads::One));
    Ok(to_js(call, done))
}

/// A synchronous result. `lib/` throws what is a failure.
pub(super) fn to_js(call: &Call<'_>, done: Result<Value, Failure>) -> napi_value {
    match done {
        Ok(value) => value.into_js(call.env()),
        Err(failure) => failure.to_js(&Env::from_raw(call.env())).unwrap_or(UNDEFINED),
    }
}

/// V8 begins a collection when the buffers it knows of have grown by so much since the last: 1 to 2 ms of the loop.
const COLLECTS: usize = 64 << 20;
/// Inputs that make a difference to that.
const LARGE: usize = 16 << 20;

/// Whether JavaScript should be rid of an input of `len` bytes before it is given `result`: V8 does not then collect because of both together.
fn is_better_freed(len: usize, result: &Value) -> bool {
    let bytes = result.bytes();
    len >= LARGE && bytes < COLLECTS && bytes + len > COLLECTS
}

struct OnBytes<T> {
    view: View,
    task: T,
}

impl<T: BytesTask> Operation for OnBytes<T> {
    const NAME: &'static str = T::NAME;

    fn bytes(&self) -> usize {
        self.view.len()
    }

    fn cost(&self) -> u64 {
        self.task.cost(self.view.len())
    }

    fn capture(self, taken: bool) -> Work {
        let Self { view, task } = self;
        let input = view.capture(taken);
        Box::new(move |context| {
            let input = input?;
            let threads = if task.splits(input.len()) { context.threads() } else { Threads::One };
            let result = task.run(&input, context, threads)?;
            if is_better_freed(input.len(), &result) && input.give_back() {
                context.gave_back();
            }
            Ok(result)
        })
    }
}
