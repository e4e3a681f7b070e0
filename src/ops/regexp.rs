//! `SafeRegExp` on the calling thread: compiling, one search, and all matches of a subject in one crossing.

use napi::sys::napi_value;
use sidelane_regexp::{Error, ExecError, Flags, NONE, Regex, Subject, Unstoppable, Wanted};

use super::regexp_programs::{Search, compile};
use super::regexp_search::with_subject_as_it_is;
use super::regexp_template::Template;
use crate::bytes::{Offsets, Text};
use crate::outcome::Failure;
use crate::raw::{self, Call, Callback, Thrown, UNDEFINED, Units};

/// Answers to a search; `lib/regexp-program.js` knows them.
mod answer {
    pub(super) const NO_MATCH: i32 = 0;
    pub(super) const MATCH: i32 = 1;
}

/// Where a subject comes from; `lib/regexp-program.js` says it.
mod source {
    /// At most [`SHORT`](crate::raw::SHORT) code units: it stays on the stack.
    pub(super) const SHORT: u32 = 0;
    /// A long one, that of the last call with one.
    pub(super) const HELD: u32 = 1;
    /// A long one that V8 keeps as Latin-1.
    pub(super) const ONE_BYTE: u32 = 2;
}

/// Cells of the board that say more of a compilation.
mod cell {
    pub(super) const IS_SYNTAX: usize = 0;
    pub(super) const CAPTURES: usize = 1;
    pub(super) const LINEAR: usize = 2;
    pub(super) const PROGRAM_SIZE: usize = 3;
    pub(super) const LOOKAROUNDS: usize = 4;
    pub(super) const STEPS_BASE: usize = 5;
    pub(super) const STEPS_PER_UNIT: usize = 6;
}

/// `shareOffsets(array)`: the Int32Array that offsets of a match are written to. JavaScript keeps it alive until it shares another.
pub(crate) struct ShareOffsets;

impl Callback for ShareOffsets {
    const NAME: &'static str = "shareOffsets";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let offsets = Offsets::new(call.env(), call.arg(0))?;
        call.isolate.regexps.search.borrow_mut().offsets = Some(offsets);
        Ok(UNDEFINED)
    }
}

/// `compileRegExp(source, flags)`: `[handle, engine, reason, name, group, ...]`, or a text that says what is wrong. Numbers are on the board.
pub(crate) struct CompileRegExp;

impl Callback for CompileRegExp {
    const NAME: &'static str = "compileRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let flags = String::from_utf16_lossy(&call.units(1)?);
        let source = call.units(0)?;
        match Flags::parse(&flags).and_then(|flags| compile(source, flags)) {
            Ok(program) => {
                let mut values = describe(call, &program);
                values.insert(0, call.int(call.isolate.regexps.programs.keep(program)));
                Ok(raw::array(call.env(), values.into_iter()))
            }
            Err(error) => Ok(refuse(call, &error)),
        }
    }
}

fn describe(call: &Call<'_>, program: &Regex) -> Vec<napi_value> {
    let explanation = program.explain();
    let board = &call.isolate.board;
    board.set(cell::CAPTURES, program.captures_len() as f64);
    board.set(cell::LINEAR, f64::from(u8::from(explanation.linear)));
    board.set(cell::PROGRAM_SIZE, explanation.program_size as f64);
    board.set(cell::LOOKAROUNDS, explanation.lookarounds as f64);
    board.set(cell::STEPS_BASE, explanation.most_steps.base as f64);
    board.set(cell::STEPS_PER_UNIT, explanation.most_steps.per_unit as f64);
    let mut values = vec![
        call.ascii(explanation.engine.as_bytes()),
        call.ascii(explanation.reason.unwrap_or_default().as_bytes()),
    ];
    for (name, groups) in program.group_names() {
        for group in groups {
            values.push(call.text(name));
            values.push(call.int(*group as i32));
        }
    }
    values
}

fn refuse(call: &Call<'_>, error: &Error) -> napi_value {
    call.isolate.board.set(cell::IS_SYNTAX, f64::from(u8::from(error.kind().is_syntax())));
    let message: Vec<u16> = error.to_string().encode_utf16().collect();
    call.text(&message)
}

/// `dropRegExp(handle)`.
pub(crate) struct DropRegExp;

impl Callback for DropRegExp {
    const NAME: &'static str = "dropRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        call.isolate.regexps.programs.forget(call.u32(0) as usize);
        Ok(UNDEFINED)
    }
}

/// `execRegExp(handle, subject, start, sticky, source)`: whether there is a match; its offsets are in the shared array.
pub(crate) struct ExecRegExp;

impl Callback for ExecRegExp {
    const NAME: &'static str = "execRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let (start, sticky) = (call.u32(2) as usize, call.bool(3));
        let found = with_subject(call, |search, regex, subject| {
            let slots = room(&mut search.slots, regex);
            let found = regex.exec(subject, start, sticky, &mut search.scratch, slots, &Unstoppable)?;
            if found && let Some(offsets) = &search.offsets {
                offsets.write(slots);
            }
            Ok::<_, ExecError>(found)
        })?
        .map_err(thrown)?;
        Ok(call.int(if found { answer::MATCH } else { answer::NO_MATCH }))
    }
}

/// `findAllRegExp(handle, subject, start, sticky, source, limit)`: the offsets of matches one after the other, each found from the end of the one before, as an Int32Array. `limit` of them are enough; there can be more, where the engine found all of them at once.
pub(crate) struct FindAllRegExp;

impl Callback for FindAllRegExp {
    const NAME: &'static str = "findAllRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let (start, sticky) = (call.u32(2) as usize, call.bool(3));
        let limit = call.u32(5) as usize;
        let found = with_subject(call, |search, regex, subject| {
            let mut found: Vec<i32> = Vec::new();
            let wanted = Wanted { start, sticky, limit, more: true };
            regex.find_all(subject, wanted, &mut search.scratch, &Unstoppable, |slots| {
                found.extend(slots.iter().map(|slot| *slot as i32));
                Ok::<(), ExecError>(())
            })?;
            Ok::<_, ExecError>(found)
        })?
        .map_err(thrown)?;
        Ok(raw::int32_array(call.env(), &found))
    }
}

/// `replaceAllRegExp(handle, subject, _, sticky, source, template)`: the subject with all matches replaced; undefined if there is none.
pub(crate) struct ReplaceAllRegExp;

impl Callback for ReplaceAllRegExp {
    const NAME: &'static str = "replaceAllRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let (sticky, template) = (call.bool(3), call.units(5)?);
        let replaced = with_subject(call, |search, regex, subject| {
            let wanted = Wanted { start: 0, sticky, limit: usize::MAX, more: true };
            let template = Template::parse(&template, regex);
            template.replace(subject, |each| {
                regex.find_all(subject, wanted, &mut search.scratch, &Unstoppable, each)
            })
        })?;
        Ok(replaced.map_err(Failure::into_thrown)?.into_js(call.env()))
    }
}

fn room<'s>(slots: &'s mut Vec<usize>, regex: &Regex) -> &'s mut [usize] {
    let needed = regex.captures_len() * 2;
    if slots.len() < needed {
        slots.resize(needed, NONE);
    }
    &mut slots[..needed]
}

/// Calls `with` with the program of argument 0 and the subject of argument 1.
fn with_subject<T>(
    call: &Call<'_>,
    with: impl FnOnce(&mut Search, &Regex, Subject<'_>) -> T,
) -> Result<T, Thrown> {
    let regexps = &call.isolate.regexps;
    let search = &mut *regexps.search.borrow_mut();
    let mut with = Some(with);
    let mut run = |search: &mut Search, subject: Subject<'_>| {
        let with = with.take()?;
        regexps.programs.with(call.u32(0), |regex| with(search, regex, subject))
    };
    let source = call.u32(4);
    if source == source::SHORT {
        let outcome = call.with_short_units(1, |units| match units {
            Units::One(units) => run(search, Subject::Latin1(units)),
            Units::Two(units) => run(search, Subject::Utf16(units)),
        });
        return outcome.flatten().ok_or_else(unknown);
    }
    if source != source::HELD {
        // First its memory goes back, which is warm: the next one takes it. Fresh memory costs page faults, see `pages`.
        search.subject = None;
        let text = Text::of(call, 1)?.as_one_byte(source == source::ONE_BYTE);
        search.subject = Some(text.code_units().ok_or_else(|| no_memory(text.len()))?);
    }
    // Taken out for the call, so that the rest of the memory can be borrowed beside it.
    let held = search.subject.take();
    let Some(units) = &held else { return Err(Thrown::internal("no subject is held")) };
    let outcome = with_subject_as_it_is(units, |subject| run(search, subject));
    search.subject = held;
    outcome.ok_or_else(unknown)
}

fn unknown() -> Thrown {
    Thrown::internal("no such regular expression")
}

fn no_memory(length: usize) -> Thrown {
    Thrown {
        code: "ERR_TOO_LARGE",
        message: format!("No memory for a copy of a string of {length} code units"),
    }
}

fn thrown(error: ExecError) -> Thrown {
    let code = match error {
        ExecError::Budget { .. } | ExecError::OracleMemory { .. } => "ERR_REGEXP_BUDGET",
        _ => "ERR_INTERNAL",
    };
    Thrown { code, message: error.to_string() }
}
