//! How a task ended, as data that can cross threads: `lib/errors.js` makes the exceptions.

use bytemuck::Pod;
use napi::bindgen_prelude::{Env, Object};
use napi::sys::{napi_env, napi_value};
use sidelane_kernels::Interrupted;
use sidelane_kernels::memory::NoMemory;

use crate::bytes::CodeUnits;
use crate::pages::{LEAST, Page};
use crate::raw::Thrown;
use crate::typed::Element;
use crate::{external, raw};

/// What a task resolves to.
pub(crate) enum Value {
    /// ASCII text.
    Text(String),
    /// A string of Latin-1.
    Latin1(Vec<u8>),
    /// A string of UTF-16.
    Utf16(Vec<u16>),
    /// A string that may be large.
    Units(CodeUnits),
    /// A Buffer.
    Bytes(Vec<u8>),
    /// A Buffer that may be large.
    Page(Page),
    /// A typed array of the page's numbers.
    Array(Element, Page),
    /// A number.
    Number(f64),
    /// Several.
    List(Vec<Value>),
    /// Nothing.
    Undefined,
    /// A bug in the conversion.
    #[cfg(feature = "faults")]
    Panics,
}

impl Value {
    /// ASCII text.
    pub(crate) fn text(text: String) -> Self {
        if text.len() < LEAST { Self::Text(text) } else { Self::latin1(text.into_bytes()) }
    }

    /// A string of Latin-1; a large one in memory that JavaScript is given.
    pub(crate) fn latin1(units: Vec<u8>) -> Self {
        if units.len() < LEAST {
            return Self::Latin1(units);
        }
        // Where there is no memory for a copy, V8 makes one later.
        match Page::copy_of(&units) {
            Ok(page) => Self::Units(CodeUnits { page, one_byte: true }),
            Err(NoMemory { .. }) => Self::Latin1(units),
        }
    }

    /// A string of UTF-16: of Latin-1 where that will do, since JavaScript keeps what it is given.
    pub(crate) fn utf16(units: Vec<u16>) -> Self {
        if units.iter().fold(0, |all, unit| all | unit) <= 0xFF {
            return Self::latin1(units.iter().map(|unit| *unit as u8).collect());
        }
        if size_of_val(&units[..]) < LEAST {
            return Self::Utf16(units);
        }
        match Page::copy_of(bytemuck::cast_slice(&units)) {
            Ok(page) => Self::Units(CodeUnits { page, one_byte: false }),
            Err(NoMemory { .. }) => Self::Utf16(units),
        }
    }

    /// A typed array of these numbers.
    pub(crate) fn array<T: Pod>(element: Element, values: &[T]) -> Result<Self, NoMemory> {
        Ok(Self::Array(element, Page::copy_of(bytemuck::cast_slice(values))?))
    }

    /// A Float64Array.
    pub(crate) fn doubles(values: &[f64]) -> Result<Self, NoMemory> {
        Self::array(Element::Float64, values)
    }

    /// Bytes of buffers and typed arrays.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Page(page) | Self::Array(_, page) => page.len(),
            Self::List(values) => values.iter().map(Self::bytes).sum(),
            _ => 0,
        }
    }

    pub(crate) fn into_js(self, env: napi_env) -> napi_value {
        match self {
            Self::Text(text) => raw::ascii(env, text.as_bytes()),
            Self::Latin1(units) => raw::ascii(env, &units),
            Self::Utf16(units) => raw::text(env, &units),
            Self::Units(units) => external::string(env, units),
            Self::Bytes(bytes) => raw::buffer(env, &bytes),
            Self::Page(page) => external::buffer(env, page),
            Self::Array(element, page) => external::typed_array(env, element, page),
            Self::Number(number) => raw::double(env, number),
            Self::List(values) => raw::array(env, values.into_iter().map(|value| value.into_js(env))),
            Self::Undefined => raw::UNDEFINED,
            #[cfg(feature = "faults")]
            Self::Panics => panic!("injected into settle"),
        }
    }
}

/// Why a task rejects. Its slot's token tells an interruption's reason.
pub(crate) struct Failure {
    code: &'static str,
    message: String,
    details: Vec<(&'static str, Detail)>,
    pub(crate) interrupted: bool,
}

enum Detail {
    Number(f64),
    Text(String),
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), interrupted: false }
    }

    pub(crate) fn with_text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, Detail::Text(value.into())));
        self
    }

    pub(crate) fn with_number(mut self, name: &'static str, value: f64) -> Self {
        self.details.push((name, Detail::Number(value)));
        self
    }

    /// As the exception of a synchronous call.
    pub(crate) fn into_thrown(self) -> Thrown {
        Thrown { code: self.code, message: self.message }
    }

    /// `{ code, message, ...details }`.
    pub(crate) fn to_js(&self, env: &Env) -> napi::Result<napi_value> {
        let mut object = Object::new(env)?;
        object.set("code", self.code)?;
        object.set("message", self.message.as_str())?;
        for (name, detail) in &self.details {
            match detail {
                Detail::Number(number) => object.set(name, *number)?,
                Detail::Text(text) => object.set(name, text.as_str())?,
            }
        }
        Ok(napi::JsValue::raw(&object))
    }
}

impl From<Interrupted> for Failure {
    fn from(_: Interrupted) -> Self {
        Self { interrupted: true, ..Self::new("ERR_INTERNAL", "interrupted") }
    }
}

impl From<NoMemory> for Failure {
    fn from(refused: NoMemory) -> Self {
        let received = refused.bytes as f64;
        // How much there is nobody knows: less.
        Self::new("ERR_TOO_LARGE", refused.to_string())
            .with_number("limit", received - 1.0)
            .with_number("received", received)
    }
}

impl From<sidelane_kernels::hash::Error> for Failure {
    fn from(error: sidelane_kernels::hash::Error) -> Self {
        if matches!(error, sidelane_kernels::hash::Error::Interrupted) {
            return Interrupted.into();
        }
        Self::new(error.code(), error.to_string())
    }
}
