//! Any bytes, any dialect: rows or an error, the same whether they come at once or in chunks; types and filters never panic.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sidelane_kernels::csv::{
    Chunks, DateFormat, Dialect, Error, Header, Invalid, Limits, Query, Ragged, Record, Selected, Type, parse,
};
use sidelane_kernels::{Threads, Uninterruptible};

#[derive(Arbitrary, Debug)]
struct Input<'d> {
    quoted: bool,
    commented: bool,
    ragged: u8,
    infer: bool,
    step: u8,
    data: &'d [u8],
}

fn rows(parts: &mut dyn Iterator<Item = &[u8]>, dialect: Dialect) -> Result<Vec<Vec<Vec<u8>>>, Error> {
    let quote = dialect.quote.unwrap_or_default();
    let mut chunks = Chunks::new(dialect, Limits::default());
    let mut rows = Vec::new();
    let mut take = |data: &[u8], record: Record<'_>| {
        rows.push(record.fields.iter().map(|field| field.text(data, quote).into_owned()).collect());
        Ok(())
    };
    for part in parts {
        chunks.push(part, &mut take)?;
    }
    chunks.finish(&mut take)?;
    Ok(rows)
}

fuzz_target!(|input: Input<'_>| {
    let Input { quoted, commented, ragged, infer, step, data } = input;
    let dialect =
        Dialect { delimiter: b',', quote: quoted.then_some(b'"'), comment: commented.then_some(b'#') };
    let whole = rows(&mut std::iter::once(data), dialect);
    assert_eq!(whole, rows(&mut data.chunks(usize::from(step).max(1)), dialect));
    let ragged = [Ragged::Error, Ragged::Pad, Ragged::Skip][usize::from(ragged % 3)];
    let kinds = [Type::F64, Type::I32, Type::I64, Type::Bool, Type::Dict, Type::Date(DateFormat::Iso)];
    let columns = kinds.iter().enumerate().map(|(index, kind)| Selected::new(&index.to_string(), *kind));
    let typed = Query {
        dialect,
        header: Header::None,
        columns: columns.collect(),
        ragged,
        invalid: Invalid::Null,
        ..Query::default()
    };
    let _ = parse(data, &typed, &Uninterruptible, Threads::One);
    let all = Query { columns: Vec::new(), others: true, infer, ..typed };
    let table = parse(data, &all, &Uninterruptible, Threads::One);
    if ragged != Ragged::Error && !data.starts_with(b"\xef\xbb\xbf") {
        assert_eq!(table.map(|table| table.rows() + table.skipped).ok(), whole.map(|rows| rows.len()).ok());
    }
});
