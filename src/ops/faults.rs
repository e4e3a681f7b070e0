//! Faults for the tests: work that panics, spins or sleeps, in every place where that must be harmless. Only in builds with the feature `faults`, which are never published.

use std::time::{Duration, Instant};

use napi::sys::{napi_env, napi_value};
use sidelane_kernels::Checkpoint;

use crate::isolate::Isolate;
use crate::outcome::{Failure, Value};
use crate::raw::{Call, Callback, Thrown, define};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};

pub(super) fn define_all(env: napi_env, target: napi_value, isolate: *const Isolate) -> napi::Result<()> {
    define::<SubmitFault>(env, target, isolate)?;
    define::<PanicInCallback>(env, target, isolate)
}

/// `panicInCallback()`.
struct PanicInCallback;

impl Callback for PanicInCallback {
    const NAME: &'static str = "panicInCallback";

    fn call(_: &Call<'_>) -> Result<napi_value, Thrown> {
        panic!("injected into a callback")
    }
}

/// `submitFault(..., undefined, kind, milliseconds, bytes)`. Kinds: 0 spins and polls, 1 sleeps and never polls, 2 panics, 3 panics when its result is converted, 4 fails.
struct SubmitFault;

impl Callback for SubmitFault {
    const NAME: &'static str = "submitFault";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let millis = call.f64(FIRST + 2);
        submit(
            call,
            Fault {
                kind: call.u32(FIRST + 1),
                duration: Duration::from_secs_f64(millis / 1e3),
                bytes: call.u32(FIRST + 3) as usize,
            },
        )
    }
}

struct Fault {
    kind: u32,
    duration: Duration,
    bytes: usize,
}

impl Operation for Fault {
    const NAME: &'static str = "fault";

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn cost(&self) -> u64 {
        self.duration.as_nanos() as u64
    }

    fn capture(self, _: bool) -> Work {
        let memory = vec![1u8; self.bytes];
        Box::new(move |context| {
            let started = Instant::now();
            match self.kind {
                0 => {
                    while started.elapsed() < self.duration {
                        context.poll()?;
                        std::hint::spin_loop();
                    }
                }
                1 => std::thread::sleep(self.duration),
                2 => panic!("injected into a kernel"),
                3 => return Ok(Value::Panics),
                _ => return Err(Failure::new("ERR_INVALID_ARG_VALUE", "injected failure")),
            }
            Ok(Value::Text(memory.len().to_string()))
        })
    }
}
