//! `hashFile`: a file's digests, without a byte of it in JavaScript.

use std::path::PathBuf;

use napi::sys::napi_value;
use sidelane_kernels::Threads;
use sidelane_kernels::encode::Encoding;
use sidelane_kernels::hash::{Algorithm, FileError, FileOptions, Hasher, Params, hash_file_with};
use sidelane_lanes::Nanos;

use super::digest::{encoding_at, output_length_at, to_value};
use crate::outcome::{Failure, Value};
use crate::raw::{Call, Callback, Thrown};
use crate::runner::{Context, Work};
use crate::submit::{FIRST, Operation, submit};

/// Progress is reported at most so often.
const PROGRESS_NANOS: Nanos = 100_000_000;

/// A file's size is unknown until it is opened. Taken for 1 ms of work: enough for a thread of its own.
const EXPECTED: u64 = 1_000_000;

/// `submitHashFile(..., path, algorithms, encoding, outputLength, key, reports)`. Path and algorithms are bytes.
pub(crate) struct SubmitHashFile;

impl Callback for SubmitHashFile {
    const NAME: &'static str = "submitHashFile";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let key = call.optional_bytes(FIRST + 4)?;
        let params = Params { output_length: output_length_at(call, FIRST + 3), key: key.as_deref() };
        let ids = call.optional_bytes(FIRST + 1)?.unwrap_or_default();
        let algorithms = ids.into_iter().filter_map(Algorithm::from_id);
        submit(
            call,
            HashFile {
                path: call.optional_bytes(FIRST)?.unwrap_or_default(),
                hashers: algorithms
                    .map(|algorithm| Hasher::new(algorithm, &params))
                    .collect::<Result<_, _>>()?,
                encoding: encoding_at(call, FIRST + 2),
                reports: call.bool(FIRST + 5),
            },
        )
    }
}

struct HashFile {
    path: Vec<u8>,
    hashers: Vec<Hasher>,
    encoding: Option<Encoding>,
    reports: bool,
}

impl Operation for HashFile {
    const NAME: &'static str = "hashFile";

    fn bytes(&self) -> usize {
        self.path.len()
    }

    fn cost(&self) -> u64 {
        EXPECTED
    }

    fn capture(self, _: bool) -> Work {
        Box::new(move |context| {
            let Self { path, hashers, encoding, reports } = self;
            let file = to_path(path.clone());
            let mut progress = Progress { context, last: context.now(), reports };
            let threads = if hashers.len() > 1 { context.threads() } else { Threads::One };
            let mut report = |read, total| progress.at(read, total);
            let digests =
                hash_file_with(&file, hashers, &FileOptions::default(), context, threads, &mut report);
            let digests = digests.map_err(|error| failure_of(error, &path))?;
            Ok(Value::List(digests.iter().map(|digest| to_value(digest, encoding)).collect()))
        })
    }
}

struct Progress<'c, 'r> {
    context: &'c Context<'r>,
    last: Nanos,
    reports: bool,
}

impl Progress<'_, '_> {
    fn at(&mut self, read: u64, total: u64) {
        if !self.reports {
            return;
        }
        let now = self.context.now();
        if now - self.last >= PROGRESS_NANOS {
            self.last = now;
            self.context.progress(read, total);
        }
    }
}

#[cfg(unix)]
fn to_path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn to_path(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

fn failure_of(error: FileError, path: &[u8]) -> Failure {
    let name = String::from_utf8_lossy(path).into_owned();
    let failure = match error {
        FileError::Interrupted => return sidelane_kernels::Interrupted.into(),
        FileError::Hash(error) => return error.into(),
        FileError::NotRegular { kind } => {
            Failure::new("ERR_FILE_NOT_REGULAR", format!("'{name}' is {kind}, not a regular file"))
        }
        FileError::Changed(change) => {
            Failure::new("ERR_FILE_CHANGED", format!("'{name}' {change} while it was read"))
        }
        FileError::System { syscall, source } => Failure::new("SYSTEM", source.to_string())
            .with_number("errno", f64::from(system_number(&source)))
            .with_text("syscall", syscall),
        other => Failure::new("ERR_INTERNAL", other.to_string()).with_text("operation", "hashFile"),
    };
    failure.with_text("path", name)
}

/// The error's number as libuv counts: the system's, negated.
#[cfg(unix)]
fn system_number(error: &std::io::Error) -> i32 {
    -error.raw_os_error().unwrap_or(0)
}

/// Windows has numbers of its own; libuv's for the usual ones (uv/errno.h).
#[cfg(not(unix))]
fn system_number(error: &std::io::Error) -> i32 {
    match error.kind() {
        std::io::ErrorKind::NotFound => -4058,
        std::io::ErrorKind::PermissionDenied => -4092,
        std::io::ErrorKind::IsADirectory => -4068,
        _ => -4094,
    }
}
