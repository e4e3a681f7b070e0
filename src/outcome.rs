//! How a task ended, as data that can cross threads: `lib/errors.js` makes the exceptions.

use napi::bindgen_prelude::{Env, Object};
use napi::sys::{napi_env, napi_value};
use sidelane_kernels::Interrupted;

use crate::raw;

/// What a task resolves to.
pub(crate) enum Value {
    /// ASCII text.
    Text(String),
    /// A Buffer.
    Bytes(Vec<u8>),
    /// A Float64Array.
    Doubles(Vec<f64>),
    /// Several.
    List(Vec<Value>),
    /// Nothing.
    Undefined,
    /// A bug in the conversion.
    #[cfg(feature = "faults")]
    Panics,
}

impl Value {
    pub(crate) fn to_js(&self, env: napi_env) -> napi_value {
        match self {
            Self::Text(text) => raw::ascii(env, text.as_bytes()),
            Self::Bytes(bytes) => raw::buffer(env, bytes),
            Self::Doubles(values) => raw::float64_array(env, values),
            Self::List(values) => raw::array(env, values.iter().map(|value| value.to_js(env))),
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

impl From<sidelane_kernels::hash::Error> for Failure {
    fn from(error: sidelane_kernels::hash::Error) -> Self {
        if matches!(error, sidelane_kernels::hash::Error::Interrupted) {
            return Interrupted.into();
        }
        Self::new(error.code(), error.to_string())
    }
}
