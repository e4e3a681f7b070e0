use super::reader::{Reader, Record};
use super::{Dialect, Error, Limits};

/// A text that comes in chunks: what of a row has come is kept.
#[derive(Debug)]
pub struct Chunks {
    reader: Reader,
    kept: Vec<u8>,
}

impl Chunks {
    /// Before the first chunk.
    #[must_use]
    pub fn new(dialect: Dialect, limits: Limits) -> Self {
        Self { reader: Reader::new(dialect, limits), kept: Vec::new() }
    }

    /// The next chunk. `take` is given each row that ends in it, and the bytes that its fields are in.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::advance`].
    pub fn push(
        &mut self,
        chunk: &[u8],
        mut take: impl FnMut(&[u8], Record<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.kept.extend_from_slice(chunk);
        let data = &self.kept;
        self.reader.advance(data, &mut |record| take(data, record).map(|()| true))?;
        let complete = self.reader.complete();
        self.reader.drop_front(complete);
        self.kept.drain(..complete);
        Ok(())
    }

    /// The text ends.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::finish`].
    pub fn finish(
        mut self,
        mut take: impl FnMut(&[u8], Record<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let data = &self.kept;
        self.reader.finish(&mut |record| take(data, record).map(|()| true))
    }
}
