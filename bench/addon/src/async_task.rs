//! The peer "raw AsyncTask": what a napi-rs addon does without Sidelane, one libuv work per call.

use std::fmt::Write;
use std::time::Duration;

use napi::bindgen_prelude::{AsyncTask, Buffer};
use napi::{Env, Result, Task};
use napi_derive::napi;
use sha2::{Digest, Sha256};

/// Does nothing: the cost of the dispatch alone.
pub struct Noop;

impl Task for Noop {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        Ok(())
    }

    fn resolve(&mut self, _: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

/// Resolves once a libuv thread has taken the task.
#[napi]
pub fn noop() -> AsyncTask<Noop> {
    AsyncTask::new(Noop)
}

/// Borrows the buffer, as most addons do: fast, and wrong as soon as JavaScript writes to it meanwhile.
pub struct HashSha256(Buffer);

impl Task for HashSha256 {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<String> {
        let digest = Sha256::digest(self.0.as_ref());
        let mut hex = String::with_capacity(64);
        for byte in digest {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Ok(hex)
    }

    fn resolve(&mut self, _: Env, hex: String) -> Result<String> {
        Ok(hex)
    }
}

/// The SHA-256 of `data` in hex.
#[napi]
pub fn sha256(data: Buffer) -> AsyncTask<HashSha256> {
    AsyncTask::new(HashSha256(data))
}

/// Burns CPU for a time.
pub struct Spin(Duration);

impl Task for Spin {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        // CPU time, not wall time: tasks that share a core must take longer, as real work does.
        let end = super::clocks::thread_cpu_ns() + self.0.as_nanos() as f64;
        while super::clocks::thread_cpu_ns() < end {
            std::hint::spin_loop();
        }
        Ok(())
    }

    fn resolve(&mut self, _: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

/// Takes `ms` milliseconds of one core's time.
#[napi]
pub fn spin(ms: f64) -> AsyncTask<Spin> {
    AsyncTask::new(Spin(Duration::from_secs_f64(ms / 1e3)))
}
