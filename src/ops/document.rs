//! `json.open`: texts with an index, kept here as handles of JavaScript's.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use napi::sys::napi_value;
use sidelane_kernels::json::{BigInts, Index, Limits, Pointer, Span, Writer};
use sidelane_kernels::{Checkpoint, Uninterruptible};

use super::json::{failure, read_bigints};
use super::plan::Plan;
use super::task::to_js;
use crate::bytes::View;
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{self, Call, Callback, Thrown, UNDEFINED};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};

/// Picoseconds per byte, for the scheduler: 0.8 GB/s (one core of a Zen 4 server, 2026-11).
const PACE: u64 = 1_250;

/// A text and its index. Nobody changes either.
struct Document {
    text: Page,
    index: Index,
}

impl Document {
    fn open(text: Page, max_depth: usize, checkpoint: &dyn Checkpoint) -> Result<Self, Failure> {
        let limits = Limits { max_depth, ..Limits::default() };
        match Index::new(&text, limits, checkpoint) {
            Ok(index) => Ok(Self { text, index }),
            Err(error) => Err(failure(&error, &text)),
        }
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.index.bytes()
    }

    fn find(&self, pointer: &Pointer) -> Option<&[u8]> {
        self.index.find(&self.text, pointer).and_then(|span: Span| span.of(&self.text))
    }
}

/// Empty until a task has filled it.
type Slot = Arc<OnceLock<Document>>;

/// The documents of an isolate, by handle.
#[derive(Default)]
pub(crate) struct Documents {
    slots: RefCell<Vec<Option<Kept>>>,
    free: RefCell<Vec<usize>>,
}

struct Kept {
    slot: Slot,
    /// Bytes that V8 was told of.
    told: usize,
}

impl Documents {
    fn keep(&self) -> i32 {
        let mut slots = self.slots.borrow_mut();
        let handle = self.free.borrow_mut().pop().unwrap_or_else(|| {
            slots.push(None);
            slots.len() - 1
        });
        slots[handle] = Some(Kept { slot: Slot::default(), told: 0 });
        handle as i32
    }

    fn slot(&self, handle: usize) -> Result<Slot, Thrown> {
        let slots = self.slots.borrow();
        let kept = slots.get(handle).and_then(Option::as_ref);
        kept.map(|kept| kept.slot.clone()).ok_or_else(|| Thrown::internal("no such document"))
    }

    /// Calls `with` with the document whose handle is argument 0. No JavaScript may run in it.
    fn with<T>(&self, call: &Call<'_>, with: impl FnOnce(&Document) -> T) -> Result<T, Thrown> {
        let slots = self.slots.borrow();
        let kept = slots.get(call.u32(0) as usize).and_then(Option::as_ref);
        let document = kept.and_then(|kept| kept.slot.get());
        document.map(with).ok_or_else(|| Thrown::internal("no such document"))
    }
}

/// `newDocument()`: the handle of an empty one.
pub(crate) struct NewDocument;

impl Callback for NewDocument {
    const NAME: &'static str = "newDocument";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        Ok(call.int(call.isolate.documents.keep()))
    }
}

/// `adoptDocument(handle)`: tells V8 of the memory that it takes, and returns how many bytes that is.
pub(crate) struct AdoptDocument;

impl Callback for AdoptDocument {
    const NAME: &'static str = "adoptDocument";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let bytes = call.isolate.documents.with(call, Document::bytes)?;
        if let Some(Some(kept)) = call.isolate.documents.slots.borrow_mut().get_mut(call.u32(0) as usize) {
            kept.told = bytes;
        }
        raw::adjust_external_memory(call.env(), bytes as i64);
        Ok(call.double(bytes as f64))
    }
}

/// `dropDocument(handle)`. A task that is about to fill it keeps its own share.
pub(crate) struct DropDocument;

impl Callback for DropDocument {
    const NAME: &'static str = "dropDocument";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let (documents, handle) = (&call.isolate.documents, call.u32(0) as usize);
        let Some(kept) = documents.slots.borrow_mut().get_mut(handle).and_then(Option::take) else {
            return Ok(UNDEFINED);
        };
        documents.free.borrow_mut().push(handle);
        if kept.told > 0 {
            raw::adjust_external_memory(call.env(), -(kept.told as i64));
        }
        drop(kept);
        Ok(UNDEFINED)
    }
}

/// `submitOpen(..., bytes, plan)`: fills the document whose handle is in the plan.
pub(crate) struct SubmitOpen;

impl Callback for SubmitOpen {
    const NAME: &'static str = "submitOpen";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let (slot, max_depth) = read_open(call, FIRST + 1)?;
        submit(call, Open { view: View::of(call, FIRST)?, slot, max_depth })
    }
}

/// `openNow(bytes, plan)`: the same on the calling thread. Nothing, or what [`Failure`] crosses as.
pub(crate) struct OpenNow;

impl Callback for OpenNow {
    const NAME: &'static str = "openNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let (slot, max_depth) = read_open(call, 1)?;
        let text = View::of(call, 0)?.copy()?;
        let opened = Document::open(text, max_depth, &Uninterruptible);
        Ok(to_js(call, opened.map(|document| fill(&slot, document))))
    }
}

fn read_open(call: &Call<'_>, index: usize) -> Result<(Slot, usize), Thrown> {
    let mut plan = Plan::at(call, index)?;
    Ok((call.isolate.documents.slot(plan.count()?)?, plan.count()?))
}

fn fill(slot: &Slot, document: Document) -> Value {
    // It is empty: each handle is opened once.
    let _ = slot.set(document);
    Value::Undefined
}

struct Open {
    view: View,
    slot: Slot,
    max_depth: usize,
}

impl Operation for Open {
    const NAME: &'static str = "json.open";

    fn bytes(&self) -> usize {
        self.view.len()
    }

    fn cost(&self) -> u64 {
        1_000 + self.view.len() as u64 * PACE / 1000
    }

    fn capture(self, taken: bool) -> Work {
        let Self { view, slot, max_depth } = self;
        let input = view.capture(taken);
        Box::new(move |context| {
            let document = Document::open(input?.into_page()?, max_depth, context)?;
            Ok(fill(&slot, document))
        })
    }
}

/// `documentValue(handle, pointer, bigints)`: JSON text of the value that the pointer leads to; nothing if it leads nowhere. Whether it is marked is on the board.
pub(crate) struct DocumentValue;

impl Callback for DocumentValue {
    const NAME: &'static str = "documentValue";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let pointer = pointer_at(call, 1)?;
        let bigints = bigints_of(call.u32(2));
        let found = call.isolate.documents.with(call, |document| {
            let value = document.find(&pointer)?;
            let mut writer = Writer::new(bigints);
            Some(write(&mut writer, Some(value)).map(|()| writer))
        })?;
        let Some(writer) = found.transpose()? else { return Ok(UNDEFINED) };
        let (text, marked) = writer.finish();
        call.isolate.board.set(0, f64::from(u8::from(marked)));
        Ok(call.ascii(text.as_bytes()))
    }
}

/// `documentValues(handle, plan)`: `[values, flags]`: the JSON text of an array with an element for each pointer, null for one that leads nowhere; a character for each, 1 if it leads somewhere, and
/// one more, 1 if something is marked.
pub(crate) struct DocumentValues;

impl Callback for DocumentValues {
    const NAME: &'static str = "documentValues";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let mut plan = Plan::at(call, 1)?;
        let mut writer = Writer::new(read_bigints(&mut plan)?);
        let pointers: Vec<Pointer> =
            (0..plan.count()?).map(|_| parse(&plan.text()?)).collect::<Result<_, _>>()?;
        let mut flags = String::new();
        writer.push("[");
        call.isolate.documents.with(call, |document| {
            pointers.iter().try_for_each(|pointer| {
                if !flags.is_empty() {
                    writer.push(",");
                }
                let value = document.find(pointer);
                flags.push(if value.is_some() { '1' } else { '0' });
                write(&mut writer, value)
            })
        })??;
        writer.push("]");
        let (text, marked) = writer.finish();
        flags.push(if marked { '1' } else { '0' });
        let values = [call.ascii(text.as_bytes()), call.ascii(flags.as_bytes())];
        Ok(raw::array(call.env(), values.into_iter()))
    }
}

/// `documentKind(handle, pointer)`: the position in `KINDS` of `lib/json-document.js` of what the pointer leads to.
pub(crate) struct DocumentKind;

impl Callback for DocumentKind {
    const NAME: &'static str = "documentKind";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let pointer = pointer_at(call, 1)?;
        let first =
            call.isolate.documents.with(call, |document| document.find(&pointer).map(|value| value[0]))?;
        Ok(call.int(match first {
            None => 0,
            Some(b'n') => 1,
            Some(b't' | b'f') => 2,
            Some(b'"') => 4,
            Some(b'[') => 5,
            Some(b'{') => 6,
            Some(_) => 3,
        }))
    }
}

/// `documentLength(handle, pointer)`: elements or names; -1 for what has none.
pub(crate) struct DocumentLength;

impl Callback for DocumentLength {
    const NAME: &'static str = "documentLength";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let pointer = pointer_at(call, 1)?;
        let length =
            call.isolate.documents.with(call, |document| document.index.length(&document.text, &pointer))?;
        Ok(call.double(length.map_or(-1.0, |length| length as f64)))
    }
}

fn bigints_of(number: u32) -> BigInts {
    match number {
        0 => BigInts::Round,
        1 => BigInts::Text,
        _ => BigInts::Marked,
    }
}

fn pointer_at(call: &Call<'_>, index: usize) -> Result<Pointer, Thrown> {
    match String::from_utf16(&call.units(index)?) {
        Ok(text) => parse(&text),
        Err(_) => Err(invalid("it must not have lone surrogates", "a string with some")),
    }
}

fn parse(text: &str) -> Result<Pointer, Thrown> {
    let pointer = Pointer::parse(text).map_err(|error| invalid(error, text))?;
    if pointer.has_wildcard() {
        Err(invalid("json.query takes '*', a document does not", text))
    } else {
        Ok(pointer)
    }
}

fn invalid(reason: impl std::fmt::Display, received: &str) -> Thrown {
    let shown: String = received.chars().take(80).collect();
    let message = format!("The \"pointer\" argument is invalid: {reason}. Received '{shown}'");
    Thrown { code: "ERR_INVALID_ARG_VALUE", message }
}

/// Adds a value, unless the text becomes longer than a string can be. It is no shorter than the value, so that of a large one nothing is written.
fn write(writer: &mut Writer, value: Option<&[u8]>) -> Result<(), Thrown> {
    let limit = Limits::default().max_output;
    let least = writer.len() + value.map_or(0, <[u8]>::len);
    if least <= limit {
        writer.value(value);
    }
    if least.max(writer.len()) <= limit {
        return Ok(());
    }
    Err(Thrown { code: "ERR_TOO_LARGE", message: format!("The result has more than {limit} characters") })
}
