//! Any bytes as lines, any filter: a result or an error, the same whether the lines come at once or in two chunks.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sidelane_kernels::filter::{Builder, Filter, Group, Operand, Test};
use sidelane_kernels::json::{Mode, Pointer, Selection};
use sidelane_kernels::ndjson::{Output, Query, complete_len, run};
use sidelane_kernels::{Threads, Uninterruptible};

#[derive(Arbitrary, Debug)]
enum Step<'d> {
    All,
    Any,
    Not,
    Close,
    Equal(&'d str),
    Above(f64),
    Contains(&'d str),
    Exists(bool),
}

fn filter(steps: &[Step<'_>]) -> Option<Filter> {
    let mut builder = Builder::default();
    for step in steps {
        match step {
            Step::All => builder.open(Group::All),
            Step::Any => builder.open(Group::Any),
            Step::Not => builder.open(Group::Not),
            Step::Close => builder.close(),
            Step::Equal(text) => builder.test(0, Test::Equal(Operand::Text((*text).into()))),
            Step::Above(number) => builder.test(0, Test::Greater(Operand::Number(*number))),
            Step::Contains(text) => builder.test(1, Test::Contains((*text).into())),
            Step::Exists(wanted) => builder.test(1, Test::Exists(*wanted)),
        }
        .ok()?;
    }
    builder.finish().ok()
}

fuzz_target!(|input: (Vec<Step<'_>>, bool, usize, &[u8])| {
    let (steps, trusted, cut, data) = input;
    let Some(filter) = filter(&steps) else { return };
    let pointers = ["/a", "", "/a", "/b/0"].map(|text| Pointer::parse(text).expect("a pointer"));
    let selection = Selection::new(&pointers).expect("a selection");
    let mode = if trusted { Mode::Trusted } else { Mode::Checked };
    let query = Query { mode, ..Query::new(&selection, Some(&filter), 2) };
    let output = Output::Rows(vec!["a".into(), "all".into()]);
    let rows = |data: &[u8]| run(data, &query, &output, &Uninterruptible, Threads::One);
    let whole = rows(data);
    let head = complete_len(&data[..cut % (data.len() + 1)]);
    let (Ok(whole), Ok(first), Ok(second)) = (whole, rows(&data[..head]), rows(&data[head..])) else {
        return;
    };
    let count =
        |pieces: &[sidelane_kernels::ndjson::Piece]| pieces.iter().map(|piece| piece.count).sum::<usize>();
    assert_eq!(count(&whole), count(&first) + count(&second));
});
