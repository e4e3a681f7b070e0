//! Text of other encodings as UTF-8.

use super::Error;
use crate::Checkpoint;
use crate::memory::{grow, room};

/// Bytes or code units between two polls.
const STEP: usize = 64 << 10;

/// Each byte is the character of this number. Polls.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`].
pub fn from_latin1(data: &[u8], checkpoint: &dyn Checkpoint) -> Result<Vec<u8>, Error> {
    let mut text = room(data.len() + data.len() / 8)?;
    for part in data.chunks(STEP) {
        checkpoint.poll()?;
        grow(&mut text, 2 * part.len())?;
        for byte in part {
            if byte.is_ascii() {
                text.push(*byte);
            } else {
                text.extend_from_slice(&[0xc0 | byte >> 6, 0x80 | byte & 0x3f]);
            }
        }
    }
    Ok(text)
}

/// Code units of two bytes, which `unit` puts together: `u16::from_le_bytes` or `u16::from_be_bytes`. What is no text becomes U+FFFD. Polls.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::NoMemory`].
pub fn from_utf16(
    data: &[u8],
    unit: fn([u8; 2]) -> u16,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<u8>, Error> {
    let (pairs, rest) = data.as_chunks::<2>();
    let mut text = room(pairs.len() + pairs.len() / 8)?;
    let units = pairs.iter().map(|pair| unit(*pair));
    for (count, character) in char::decode_utf16(units).enumerate() {
        if count % STEP == 0 {
            checkpoint.poll()?;
            grow(&mut text, (4 * STEP).min(3 * (pairs.len() - count)))?;
        }
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    if !rest.is_empty() {
        text.extend_from_slice("\u{fffd}".as_bytes());
    }
    Ok(text)
}
