//! The operations: one file for each area. What each does is in `crates/kernels`; here arguments become its parameters, and its result a [`Value`](crate::outcome::Value).
//!
//! A new operation is a type that is [`Operation`](crate::submit::Operation) (asynchronous) or [`Callback`](crate::raw::Callback) (synchronous), and its line in [`define_all`].

mod compress;
mod csv;
mod csv_write;
mod digest;
mod document;
#[cfg(feature = "faults")]
mod faults;
mod filter;
pub(crate) mod hash;
mod hash_file;
mod hash_many;
mod hasher;
mod json;
mod ndjson;
mod numeric;
mod plan;
mod regexp;
mod regexp_async;
mod regexp_filter;
mod regexp_many;
mod regexp_programs;
mod regexp_scan;
mod regexp_search;
mod regexp_set;
mod regexp_template;
mod rows;
mod task;

use napi::sys::{napi_env, napi_value};

pub(crate) use document::Documents;
pub(crate) use hash_many::Pack;
pub(crate) use hasher::Hashers;
pub(crate) use regexp_programs::RegExps;

use crate::isolate::Isolate;
use crate::raw::{define, define_short};

/// Defines every operation's callbacks on `target`.
pub(crate) fn define_all(env: napi_env, target: napi_value, isolate: *const Isolate) -> napi::Result<()> {
    define_short::<hash::HashShort>(env, target, isolate)?;
    define_short::<hash::HashBytes>(env, target, isolate)?;
    define::<hash::HmacBytes>(env, target, isolate)?;
    define_short::<hash::SubmitHash>(env, target, isolate)?;
    define::<hash::SubmitHmac>(env, target, isolate)?;
    define::<hash_many::StartPack>(env, target, isolate)?;
    define::<hash_many::PackStrings>(env, target, isolate)?;
    define::<hash_many::HashManyNow>(env, target, isolate)?;
    define::<hash_many::SubmitHashMany>(env, target, isolate)?;
    define::<hash_file::SubmitHashFile>(env, target, isolate)?;
    define::<hasher::NewHasher>(env, target, isolate)?;
    define::<hasher::CopyHasher>(env, target, isolate)?;
    define::<hasher::DropHasher>(env, target, isolate)?;
    define_short::<hasher::UpdateHasher>(env, target, isolate)?;
    define::<hasher::DigestHasher>(env, target, isolate)?;
    define::<hasher::HasherOutputLength>(env, target, isolate)?;
    define::<hasher::SubmitUpdate>(env, target, isolate)?;
    define::<hasher::SubmitDigest>(env, target, isolate)?;
    define::<numeric::NumericNow>(env, target, isolate)?;
    define::<numeric::SubmitNumeric>(env, target, isolate)?;
    define::<compress::CompressNow>(env, target, isolate)?;
    define::<compress::SubmitCompress>(env, target, isolate)?;
    define::<json::CheckJson>(env, target, isolate)?;
    define::<json::JsonNow>(env, target, isolate)?;
    define::<json::SubmitJson>(env, target, isolate)?;
    define::<document::NewDocument>(env, target, isolate)?;
    define::<document::AdoptDocument>(env, target, isolate)?;
    define::<document::DropDocument>(env, target, isolate)?;
    define::<document::SubmitOpen>(env, target, isolate)?;
    define::<document::OpenNow>(env, target, isolate)?;
    define_short::<document::DocumentValue>(env, target, isolate)?;
    define::<document::DocumentValues>(env, target, isolate)?;
    define::<document::DocumentKind>(env, target, isolate)?;
    define::<document::DocumentLength>(env, target, isolate)?;
    define::<ndjson::CheckNdjson>(env, target, isolate)?;
    define::<ndjson::NdjsonNow>(env, target, isolate)?;
    define::<ndjson::SubmitNdjson>(env, target, isolate)?;
    define::<csv::CheckCsv>(env, target, isolate)?;
    define::<csv::CsvNow>(env, target, isolate)?;
    define::<csv::SubmitCsv>(env, target, isolate)?;
    define::<rows::RowsNow>(env, target, isolate)?;
    define::<rows::SubmitRows>(env, target, isolate)?;
    define::<csv_write::SubmitCsvWrite>(env, target, isolate)?;
    define::<regexp::ShareOffsets>(env, target, isolate)?;
    define::<regexp::CompileRegExp>(env, target, isolate)?;
    define::<regexp::DropRegExp>(env, target, isolate)?;
    define::<regexp::ForgetSubject>(env, target, isolate)?;
    define::<regexp::TableOfRegExp>(env, target, isolate)?;
    define_short::<regexp::ExecRegExp>(env, target, isolate)?;
    define::<regexp::FindAllRegExp>(env, target, isolate)?;
    define::<regexp::ReplaceAllRegExp>(env, target, isolate)?;
    define::<regexp_async::SubmitRegExp>(env, target, isolate)?;
    define::<regexp_many::FindManyNow>(env, target, isolate)?;
    define::<regexp_many::SubmitFindMany>(env, target, isolate)?;
    define::<regexp_scan::SubmitScan>(env, target, isolate)?;
    define::<regexp_set::CompileRegExpSet>(env, target, isolate)?;
    define::<regexp_set::DropRegExpSet>(env, target, isolate)?;
    define::<regexp_set::RegExpSetNow>(env, target, isolate)?;
    define::<regexp_set::SubmitRegExpSet>(env, target, isolate)?;
    #[cfg(feature = "faults")]
    faults::define_all(env, target, isolate)?;
    Ok(())
}
