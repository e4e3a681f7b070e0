//! What an operation is to do, when that is more than a few numbers: bytes written by `lib/plan.js` and read here. Those two files are all that knows their form.

use std::sync::Arc;

use sidelane_regexp::Regex;

use super::regexp_programs::RegExps;
use crate::raw::{Call, Thrown};

/// A plan, read from its beginning to its end.
pub(super) struct Plan<'c> {
    bytes: Vec<u8>,
    at: usize,
    regexps: &'c RegExps,
}

impl<'c> Plan<'c> {
    /// The plan at argument `index`.
    pub(super) fn at(call: &Call<'c>, index: usize) -> Result<Self, Thrown> {
        let bytes = call.optional_bytes(index)?.unwrap_or_default();
        Ok(Self { bytes, at: 0, regexps: &call.isolate.regexps })
    }

    fn take(&mut self, count: usize) -> Result<&[u8], Thrown> {
        let end = self.at.saturating_add(count);
        let part = self.bytes.get(self.at..end).ok_or_else(|| Thrown::internal("a plan ends too early"))?;
        self.at = end;
        Ok(part)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Thrown> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn flag(&mut self) -> Result<bool, Thrown> {
        Ok(self.byte()? != 0)
    }

    /// A double, little-endian.
    pub(super) fn number(&mut self) -> Result<f64, Thrown> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(f64::from_le_bytes(bytes))
    }

    pub(super) fn count(&mut self) -> Result<usize, Thrown> {
        Ok(self.number()? as usize)
    }

    pub(super) fn text(&mut self) -> Result<String, Thrown> {
        let length = self.count()?;
        String::from_utf8(self.take(length)?.to_vec())
            .map_err(|_| Thrown::internal("a plan's text is not UTF-8"))
    }

    /// A regular expression, by its handle, and whether it is sticky.
    pub(super) fn regexp(&mut self) -> Result<(Arc<Regex>, bool), Thrown> {
        let handle = self.count()?;
        Ok((self.regexps.programs.share(handle as u32)?, self.flag()?))
    }
}
