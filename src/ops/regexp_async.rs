//! The `*Async` methods of `SafeRegExp`: matches of a subject, or its text with them replaced.

use std::sync::Arc;

use napi::sys::napi_value;
use sidelane_kernels::Checkpoint;
use sidelane_regexp::{Regex, Scratch, Subject, Wanted};

use super::regexp_search::{Polled, SubjectTask, push_offsets, submit_on_subject};
use super::regexp_template::Template;
use crate::outcome::{Failure, Value};
use crate::raw::{Call, Callback, Thrown};
use crate::submit::FIRST;
use crate::typed::Element;

/// Bits of `lib/regexp-async.js`.
mod bit {
    pub(super) const STICKY: u32 = 1;
    pub(super) const REPLACE: u32 = 2;
    pub(super) const ONE_BYTE: u32 = 4;
}

/// `submitRegExp(..., _, subject, handle, bits, start, limit | template)`.
pub(crate) struct SubmitRegExp;

impl Callback for SubmitRegExp {
    const NAME: &'static str = "submitRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let regex = call.isolate.regexps.programs.share(call.u32(FIRST + 2))?;
        let bits = call.u32(FIRST + 3);
        let template = if bits & bit::REPLACE == 0 {
            None
        } else {
            Some(Template::parse(&call.units(FIRST + 5)?, &regex))
        };
        let wanted = Wanted {
            start: call.u32(FIRST + 4) as usize,
            sticky: bits & bit::STICKY != 0,
            limit: if template.is_some() { usize::MAX } else { call.u32(FIRST + 5) as usize },
            more: false,
        };
        submit_on_subject(call, bits & bit::ONE_BYTE != 0, Task { regex, wanted, template })
    }
}

struct Task {
    regex: Arc<Regex>,
    wanted: Wanted,
    template: Option<Template>,
}

impl SubjectTask for Task {
    const NAME: &'static str = "regexp";

    fn run(&self, subject: Subject<'_>, checkpoint: &dyn Checkpoint) -> Result<Value, Failure> {
        let Self { regex, wanted, template } = self;
        let checkpoint = Polled(checkpoint);
        let scratch = &mut Scratch::new();
        if let Some(template) = template {
            return template
                .replace(subject, |each| regex.find_all(subject, *wanted, scratch, &checkpoint, each));
        }
        let mut found: Vec<i32> = Vec::new();
        regex.find_all(subject, *wanted, scratch, &checkpoint, |slots| push_offsets(&mut found, slots))?;
        Ok(Value::array(Element::Int32, &found)?)
    }
}
