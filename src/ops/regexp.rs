//! `SafeRegExp` on the calling thread: compiling, one search, and all matches of a subject in one crossing.

use napi::sys::napi_value;
use sidelane_regexp::{Error, Flags, Limits, NONE, Regex, Subject, Unstoppable, Wanted};

use super::regexp_programs::{Search, compile};
use super::regexp_search::{push_offsets, with_subject_as_it_is};
use super::regexp_template::Template;
use crate::bytes::{Offsets, Text};
use crate::outcome::Failure;
use crate::raw::{self, Call, Callback, Thrown, UNDEFINED, Units};

/// How to search, and where the subject is from; `lib/regexp-program.js` knows them.
mod flag {
    pub(super) const STICKY: i32 = 1;
    /// The subject is a long one, that of the last call with one.
    pub(super) const HELD: i32 = 2;
    /// A long one that V8 keeps as Latin-1.
    pub(super) const ONE_BYTE: i32 = 4;
    /// Another long one. With none of the three it has at most [`SHORT`](crate::raw::SHORT) code units, and stays on the stack.
    pub(super) const UTF16: i32 = 8;
}

/// Cells of the board that say more of a compilation.
mod cell {
    /// 0: a program, 1: a pattern above a limit, 2: none at all.
    pub(super) const STATUS: usize = 0;
    pub(super) const CAPTURES: usize = 1;
    pub(super) const LINEAR: usize = 2;
    pub(super) const PROGRAM_SIZE: usize = 3;
    pub(super) const LOOKAROUNDS: usize = 4;
    pub(super) const STEPS_BASE: usize = 5;
    pub(super) const STEPS_PER_UNIT: usize = 6;
    /// -1: none is known.
    pub(super) const REQUIRED_UNIT: usize = 7;
    pub(super) const HANDLE: usize = 8;
}

/// `shareOffsets(array)`: the Int32Array from which [`ExecRegExp`] reads what is wanted, and to which it writes the offsets of the match. JavaScript keeps it alive until it shares another.
pub(crate) struct ShareOffsets;

impl Callback for ShareOffsets {
    const NAME: &'static str = "shareOffsets";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let offsets = Offsets::new(call.env(), call.arg(0))?;
        call.isolate.regexps.search.borrow_mut().offsets = Some(offsets);
        Ok(UNDEFINED)
    }
}

/// `compileRegExp(source, flags, ...limits)`, those of `lib/regexp-limits.js` or none: the names of groups, each with the group's number, all behind a NUL; or what is wrong. Numbers are on the board. No array: elements that Node sets are met by setters on `Array.prototype`.
pub(crate) struct CompileRegExp;

impl Callback for CompileRegExp {
    const NAME: &'static str = "compileRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let flags = String::from_utf16_lossy(&call.units(1)?);
        let source = call.units(0)?;
        let limits = limits_of(call);
        match Flags::parse(&flags).and_then(|flags| Ok((flags, compile(&source, flags, &limits)?))) {
            Ok((flags, program)) => {
                let names = describe(call, &program);
                let (handle, bytes) = call.isolate.regexps.programs.keep(source, flags, limits, program);
                // So that programs nobody has any more are collected before there are too many.
                raw::adjust_external_memory(call.env(), bytes as i64);
                call.isolate.board.set(cell::HANDLE, f64::from(handle));
                Ok(call.text(&names))
            }
            Err(error) => Ok(refuse(call, &error)),
        }
    }
}

/// The default ones if there is no number, which none of them is 0 with.
fn limits_of(call: &Call<'_>) -> Limits {
    let mut limits = Limits::default();
    let [pattern_length, nesting_depth, program_size, captures, oracle_bytes] =
        [2, 3, 4, 5, 6].map(|index| call.f64(index) as usize);
    if pattern_length > 0 {
        limits.pattern_length = pattern_length;
        limits.nesting_depth = nesting_depth;
        limits.program_size = program_size;
        limits.captures = captures;
        limits.oracle_bytes = oracle_bytes;
        limits.budget_base = call.f64(7) as u64;
        limits.budget_factor = call.f64(8) as u64;
    }
    limits
}

fn describe(call: &Call<'_>, program: &Regex) -> Vec<u16> {
    let explanation = program.explain();
    let board = &call.isolate.board;
    board.set(cell::STATUS, 0.0);
    board.set(cell::CAPTURES, program.captures_len() as f64);
    board.set(cell::LINEAR, f64::from(u8::from(explanation.linear)));
    board.set(cell::PROGRAM_SIZE, explanation.program_size as f64);
    board.set(cell::LOOKAROUNDS, explanation.lookarounds as f64);
    board.set(cell::STEPS_BASE, explanation.most_steps.base as f64);
    board.set(cell::STEPS_PER_UNIT, explanation.most_steps.per_unit as f64);
    board.set(cell::REQUIRED_UNIT, program.required_unit().map_or(-1.0, f64::from));
    let mut names = Vec::new();
    for (name, groups) in program.group_names() {
        for group in groups {
            names.push(0);
            names.extend(name);
            names.push(0);
            names.extend(group.to_string().encode_utf16());
        }
    }
    names
}

fn refuse(call: &Call<'_>, error: &Error) -> napi_value {
    call.isolate.board.set(cell::STATUS, if error.kind().is_syntax() { 2.0 } else { 1.0 });
    let message: Vec<u16> = error.to_string().encode_utf16().collect();
    call.text(&message)
}

/// `dropRegExp(handle)`.
pub(crate) struct DropRegExp;

impl Callback for DropRegExp {
    const NAME: &'static str = "dropRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let bytes = call.isolate.regexps.programs.forget(call.u32(0) as usize);
        raw::adjust_external_memory(call.env(), -(bytes as i64));
        Ok(UNDEFINED)
    }
}

/// `forgetSubject()`: the memory of the long subject that is held goes back.
pub(crate) struct ForgetSubject;

impl Callback for ForgetSubject {
    const NAME: &'static str = "forgetSubject";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        call.isolate.regexps.search.borrow_mut().subject = None;
        Ok(UNDEFINED)
    }
}

/// `tableOfRegExp(handle)`: the cells of [`Table`](sidelane_regexp::Table), none if there is no small one.
pub(crate) struct TableOfRegExp;

impl Callback for TableOfRegExp {
    const NAME: &'static str = "tableOfRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let table = call.isolate.regexps.programs.with(call.u32(0), Regex::table).flatten();
        let cells: Vec<i32> =
            table.iter().flat_map(|table| table.cells()).map(|cell| i32::from(*cell)).collect();
        Ok(raw::int32_array(call.env(), &cells))
    }
}

/// `execRegExp(subject)`, with handle, start and [`flag`]s in the shared array: there are the offsets of the match then, -1 if there is none. Four more arguments and a result of its own would take a tenth of a short search.
pub(crate) struct ExecRegExp;

impl Callback for ExecRegExp {
    const NAME: &'static str = "execRegExp";
    const ARGS: usize = 1;

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let shared = call.isolate.regexps.search.borrow().offsets.as_ref().map(Offsets::read);
        let [handle, start, flags] = shared.ok_or_else(|| Thrown::internal("no offsets are shared"))?;
        let start = start as usize;
        with_subject(
            call,
            handle as u32,
            &Argument { index: 0, flags },
            |search, regex, subject, sticky| {
                let slots = room(&mut search.slots, regex);
                let found = regex.exec(subject, start, sticky, &mut search.scratch, slots, &Unstoppable)?;
                if let Some(offsets) = &search.offsets {
                    offsets.write(if found { slots } else { &[NONE] });
                }
                Ok::<_, Failure>(())
            },
        )?
        .map_err(Failure::into_thrown)?;
        Ok(UNDEFINED)
    }
}

/// `findAllRegExp(handle, subject, start, flags, limit)`: the offsets of matches one after the other, each found from the end of the one before, as an Int32Array. `limit` of them are enough; there can be more, where the engine found all of them at once.
pub(crate) struct FindAllRegExp;

impl Callback for FindAllRegExp {
    const NAME: &'static str = "findAllRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let (start, limit) = (call.u32(2) as usize, call.u32(4) as usize);
        let found =
            with_subject(call, call.u32(0), &Argument::second(call), |search, regex, subject, sticky| {
                let mut found: Vec<i32> = Vec::new();
                let wanted = Wanted { start, sticky, limit, more: true };
                regex.find_all(subject, wanted, &mut search.scratch, &Unstoppable, |slots| {
                    push_offsets(&mut found, slots)
                })?;
                Ok::<_, Failure>(found)
            })?
            .map_err(Failure::into_thrown)?;
        Ok(raw::int32_array(call.env(), &found))
    }
}

/// `replaceAllRegExp(handle, subject, _, flags, template)`: the subject with all matches replaced; undefined if there is none.
pub(crate) struct ReplaceAllRegExp;

impl Callback for ReplaceAllRegExp {
    const NAME: &'static str = "replaceAllRegExp";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let template = call.units(4)?;
        let replaced =
            with_subject(call, call.u32(0), &Argument::second(call), |search, regex, subject, sticky| {
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

/// A subject among the arguments, and [`flag`]s.
struct Argument {
    index: usize,
    flags: i32,
}

impl Argument {
    /// Where the program is the first argument: the flags are the fourth.
    fn second(call: &Call<'_>) -> Self {
        Self { index: 1, flags: call.u32(3) as i32 }
    }

    fn has(&self, flag: i32) -> bool {
        self.flags & flag != 0
    }
}

/// Calls `with` with a program, a subject, and whether the search is sticky.
fn with_subject<T>(
    call: &Call<'_>,
    handle: u32,
    argument: &Argument,
    with: impl FnOnce(&mut Search, &Regex, Subject<'_>, bool) -> T,
) -> Result<T, Thrown> {
    let regexps = &call.isolate.regexps;
    let search = &mut *regexps.search.borrow_mut();
    let mut with = Some(with);
    let mut run = |search: &mut Search, subject: Subject<'_>| {
        let with = with.take()?;
        let outcome =
            regexps.programs.with(handle, |regex| with(search, regex, subject, argument.has(flag::STICKY)));
        search.scratch.trim();
        outcome
    };
    if !argument.has(flag::HELD | flag::ONE_BYTE | flag::UTF16) {
        let outcome = call.with_short_units(argument.index, |units| match units {
            Units::One(units) => run(search, Subject::Latin1(units)),
            Units::Two(units) => run(search, Subject::Utf16(units)),
        });
        return outcome.flatten().ok_or_else(unknown);
    }
    if !argument.has(flag::HELD) {
        // First its memory goes back, which is warm: the next one takes it. Fresh memory costs page faults, see `pages`.
        search.subject = None;
        let text = Text::of(call, argument.index)?.as_one_byte(argument.has(flag::ONE_BYTE));
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
