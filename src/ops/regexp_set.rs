//! `SafeRegExpSet`: which of many patterns match a subject.

use std::sync::Arc;

use napi::sys::napi_value;
use sidelane_kernels::{Checkpoint, Uninterruptible};
use sidelane_regexp::{RegexSet, Scratch, SetPattern, Subject};

use super::regexp_search::{Polled, SubjectTask, not_copied, submit_on_subject, with_subject};
use super::task::to_js;
use crate::bytes::Text;
use crate::outcome::{Failure, Value};
use crate::raw::{Call, Callback, Thrown, UNDEFINED};
use crate::submit::FIRST;
use crate::typed::Element;

/// `compileRegExpSet(handles, sticky)`: a handle. A Uint32Array and a Uint8Array.
pub(crate) struct CompileRegExpSet;

impl Callback for CompileRegExpSet {
    const NAME: &'static str = "compileRegExpSet";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let handles = call.optional_bytes(0)?.unwrap_or_default();
        let handles = handles.as_chunks().0.iter().map(|handle| u32::from_ne_bytes(*handle));
        let sticky = call.optional_bytes(1)?.unwrap_or_default();
        let regexps = &call.isolate.regexps;
        let patterns: Result<Vec<_>, Thrown> = handles
            .zip(sticky)
            .map(|(handle, sticky)| {
                Ok(SetPattern { regex: regexps.programs.share(handle)?, sticky: sticky != 0 })
            })
            .collect();
        Ok(call.int(regexps.sets.keep(Arc::new(RegexSet::new(patterns?)))))
    }
}

/// `dropRegExpSet(handle)`.
pub(crate) struct DropRegExpSet;

impl Callback for DropRegExpSet {
    const NAME: &'static str = "dropRegExpSet";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        call.isolate.regexps.sets.forget(call.u32(0) as usize);
        Ok(UNDEFINED)
    }
}

/// `submitRegExpSet(..., _, subject, handle, all, oneByte)`.
pub(crate) struct SubmitRegExpSet;

impl Callback for SubmitRegExpSet {
    const NAME: &'static str = "submitRegExpSet";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let set = call.isolate.regexps.sets.share(call.u32(FIRST + 2))?;
        let task = Task { set, all: call.bool(FIRST + 3) };
        submit_on_subject(call, call.bool(FIRST + 4), task)
    }
}

/// `regExpSetNow(subject, handle, all, oneByte)`: the positions, or without `all` 1 or 0; or what [`Failure`] crosses as.
pub(crate) struct RegExpSetNow;

impl Callback for RegExpSetNow {
    const NAME: &'static str = "regExpSetNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let task = Task { set: call.isolate.regexps.sets.share(call.u32(1))?, all: call.bool(2) };
        let text = Text::of(call, 0)?.as_one_byte(call.bool(3));
        let copy = text.code_units().ok_or_else(|| not_copied().into_thrown())?;
        Ok(to_js(call, with_subject(&copy, |subject| task.run(subject, &Uninterruptible))))
    }
}

struct Task {
    set: Arc<RegexSet>,
    all: bool,
}

impl SubjectTask for Task {
    const NAME: &'static str = "regexpSet";

    fn run(&self, subject: Subject<'_>, checkpoint: &dyn Checkpoint) -> Result<Value, Failure> {
        let (scratch, checkpoint) = (&mut Scratch::new(), &Polled(checkpoint));
        if !self.all {
            let found = self.set.is_match(subject, scratch, checkpoint)?;
            return Ok(Value::Number(f64::from(u8::from(found))));
        }
        let found = self.set.matches(subject, scratch, checkpoint)?;
        let found: Vec<u32> = found.into_iter().map(|index| index as u32).collect();
        Ok(Value::array(Element::Uint32, &found)?)
    }
}
