//! Any bytes: a result or an error, the same whether they come at once or in two chunks, and never above the limit. What is compressed comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sidelane_kernels::compress::{Decoder, Error, Format, Level, compress, decompress};
use sidelane_kernels::{Threads, Uninterruptible};

const LIMIT: usize = 1 << 20;

fn at_once(data: &[u8], format: Format) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    decompress(data, format, LIMIT, &mut out, &Uninterruptible).map(|()| out)
}

fn in_chunks(chunks: [&[u8]; 2], format: Format) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(format, LIMIT);
    let mut out = Vec::new();
    for chunk in chunks {
        decoder.feed(chunk, &mut out, &Uninterruptible)?;
    }
    decoder.finish().map(|()| out)
}

fuzz_target!(|input: (u8, usize, &[u8])| {
    let (choice, cut, data) = input;
    let format = [Format::Gzip, Format::Zlib, Format::Raw][usize::from(choice) % 3];
    let (head, tail) = data.split_at(cut % (data.len() + 1));
    let whole = at_once(data, format);
    assert_eq!(whole.is_ok(), in_chunks([head, tail], format).is_ok());
    if let Ok(out) = whole {
        assert!(out.len() <= LIMIT);
    }
    let level = Level::new(choice / 3 % 10).unwrap_or_default();
    let packed = compress(data, format, level, &Uninterruptible, Threads::One).expect("nobody stops it");
    assert_eq!(at_once(&packed.concat(), format).as_deref(), Ok(data));
});
