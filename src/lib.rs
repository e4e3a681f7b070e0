//! The binding: the one crate of Sidelane that knows Node-API. `lib/` calls it, nobody else does; what it exports may change with every version.
//!
//! A call comes in through a raw callback ([`raw`]), becomes a job of a lane ([`ops`]), runs on a runner ([`runner`]) and goes back in a batch ([`settle`]).
#![deny(unsafe_code)]

mod async_work;
mod bytes;
mod external;
mod guard;
mod isolate;
mod lane;
mod ops;
mod outcome;
mod pages;
mod placement;
mod pool;
mod raw;
mod runner;
mod settle;
mod slabs;
mod submit;
mod typed;

use napi::bindgen_prelude::{Env, Function, Object};
use napi::{JsValue, Result};
use napi_derive::napi;

/// What this binary was built for: shown in bug reports.
pub(crate) const TARGET: &str = env!("SIDELANE_TARGET");

/// Version of the binary: the loader refuses one that is not the package's.
#[napi(catch_unwind, js_name = "addonVersion")]
pub fn addon_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Defines the hot functions on `target`, for this environment. `settle(count, ...values)` receives results; the numbers that go with them are on `board`, a Float64Array.
#[napi(catch_unwind)]
pub fn attach(env: Env, target: Object, settle: Function<(), ()>, board: Object) -> Result<()> {
    isolate::attach(&env, target.raw(), settle.raw(), board.raw())
}

/// What was found out about the process: see `runtime()` in index.d.ts.
#[napi(catch_unwind)]
pub fn runtime(env: Env) -> Result<Object<'static>> {
    let found = pool::found();
    let scheduler = pool::scheduler();
    let mut object = Object::new(&env)?;
    object.set("cores", found.cores as u32)?;
    object.set("threadPoolSize", found.threads as u32)?;
    object.set("runnerLimit", scheduler.limit() as u32)?;
    object.set("runners", scheduler.runners() as u32)?;
    object.set("addonVersion", addon_version())?;
    object.set("nodeApi", env.get_napi_version()?)?;
    Ok(object)
}

/// One row per hash algorithm, in the order of its number.
#[napi(catch_unwind)]
pub fn algorithms(env: Env) -> Result<Vec<Object<'static>>> {
    ops::hash::algorithms(&env)
}
