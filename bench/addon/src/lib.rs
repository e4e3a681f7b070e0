//! What the benchmarks need from native code: clocks that resolve nanoseconds, and the peer "raw AsyncTask".

mod async_task;
mod clocks;
