//! The JSON scanner against the project's cases and against serde_json.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;
use sidelane_kernels::json::{
    BigInts, Error, Indent, Limits, Mode, Pointer, Selection, Writer, decode, extract, format, minify,
    number, validate,
};
use sidelane_kernels::{Checkpoint, Interrupted, Uninterruptible};

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    text: Option<String>,
    hex: Option<String>,
    accept: bool,
    offset: Option<usize>,
}

fn check(data: &[u8]) -> Result<(), Error> {
    validate(data, Limits::default(), &Uninterruptible)
}

#[test]
fn grammar() {
    let file: File = serde_json::from_str(include_str!("../../../testdata/json/grammar.json")).unwrap();
    for case in file.cases {
        let data = match (case.text, case.hex) {
            (Some(text), _) => text.into_bytes(),
            (None, hex) => {
                let digits = hex.unwrap();
                (0..digits.len())
                    .step_by(2)
                    .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
                    .collect()
            }
        };
        let result = check(&data);
        assert_eq!(result.is_ok(), case.accept, "{}", case.name);
        assert_eq!(result.err().and_then(|error| error.offset()), case.offset, "{}", case.name);
        same_far_from_the_end(&data);
    }
}

/// Near its end a text is read byte by byte, elsewhere up to 16 at a time.
fn same_far_from_the_end(text: &[u8]) {
    let longer = [text, &[b' '; 600]].concat();
    match (check(text), check(&longer)) {
        (Err(near), far) if near.offset().is_some_and(|offset| offset < text.len()) => {
            assert_eq!(far, Err(near), "{}", text.escape_ascii());
        }
        (near, far) => assert_eq!(far.is_ok(), near.is_ok(), "{}", text.escape_ascii()),
    }
}

/// Text that is nearly JSON: the tokens are right, their order is anything.
fn tokens() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "1",
        "-0.5e3",
        "true",
        "null",
        "\"a\"",
        "\"\\u00e9\\n\"",
        " ",
        "\"é12345678\"",
        "[1,2]",
        "{\"a\":1}",
        "\"b\":",
        "0",
        ".",
        "\"",
    ]);
    prop::collection::vec(token, 0..14).prop_map(|tokens| tokens.concat())
}

/// Any JSON, as serde_json writes it.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-c/~é]{0,2}", inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn accepts_what_serde_accepts(text in tokens()) {
        prop_assert_eq!(check(text.as_bytes()).is_ok(), serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
        same_far_from_the_end(text.as_bytes());
    }

    #[test]
    fn members_are_what_serde_takes_them_for(
        number in "-?[0-9]{0,26}[.eE]?[0-9+-]{0,9}[.eE]?[0-9]{0,3}",
        text in "[a-z\"\\\\\\n\\x00-\\x1fé]{0,3}[ -~]{0,40}[a-z\"\\\\/u0-9é\\x7f]{0,4}",
        literal in "(true|false|null|nul|trueish|[tfn]a?)",
    ) {
        for wanted in [&number, &format!("\"{text}\""), &literal] {
            // As a member that is skipped, in the midst of others, and as a name.
            for object in [format!("{{\"a\":1,\"b\":{wanted},\"c\":2}}"), format!("{{\"a\":1,{wanted}:true,\"c\":2}}")] {
                let accepted = serde_json::from_str::<IgnoredAny>(&object).is_ok();
                prop_assert_eq!(check(object.as_bytes()).is_ok(), accepted, "{}", object);
                same_far_from_the_end(object.as_bytes());
                let longer = format!("{object}{:600}", "");
                let selection = Selection::new(&[Pointer::parse("/c").unwrap()]).unwrap();
                let found = extract(longer.as_bytes(), &selection, Mode::Checked, Limits::default(), &Uninterruptible);
                let found = found.ok().and_then(|columns| columns[0].first()?.of(longer.as_bytes()));
                prop_assert_eq!(found, accepted.then_some(&b"2"[..]), "{}", object);
            }
        }
    }

    #[test]
    fn any_bytes_are_an_answer(data: Vec<u8>) {
        // Nothing that is accepted is not UTF-8.
        prop_assert!(check(&data).is_err() || std::str::from_utf8(&data).is_ok());
    }

    #[test]
    fn minify_and_format_keep_the_value(value in value()) {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let small = minify(pretty.as_bytes(), Limits::default(), &Uninterruptible).unwrap();
        let wanted = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&small, wanted.as_bytes());
        let formatted = format(&small, Indent::Spaces(2), Limits::default(), &Uninterruptible).unwrap();
        prop_assert_eq!(&formatted, pretty.as_bytes());
    }

    #[test]
    fn numbers_are_doubles(text in "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?(e[+-]?[0-9]{1,3})?") {
        let found = number(text.as_bytes()).unwrap();
        prop_assert_eq!(found.to_bits(), text.parse::<f64>().unwrap().to_bits());
    }

    #[test]
    fn strings_are_decoded(text: String) {
        let quoted = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(&*decode(&quoted.as_bytes()[1..quoted.len() - 1]), text.as_bytes());
        let mut writer = Writer::new(BigInts::Round);
        writer.string(&text);
        let (written, _) = writer.finish();
        prop_assert!(written.is_ascii());
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }

    #[test]
    fn values_are_found(value in value(), names in prop::collection::vec("[a-c/~é]{0,2}|[0-3]", 0..4), trusted: bool) {
        let text = serde_json::to_string(&value).unwrap();
        let pointer: String = names.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect();
        let selection = Selection::new(&[Pointer::parse(&pointer).unwrap()]).unwrap();
        let mode = if trusted { Mode::Trusted } else { Mode::Checked };
        let columns = extract(text.as_bytes(), &selection, mode, Limits::default(), &Uninterruptible).unwrap();
        let found = columns[0].first().map(|span| span.of(text.as_bytes()).unwrap());
        // As text: serde_json's own reading of doubles is not exact.
        let wanted = value.pointer(&pointer).map(ToString::to_string);
        prop_assert_eq!(found, wanted.as_ref().map(String::as_bytes));
    }
}

struct StopAt(usize, AtomicUsize);

impl Checkpoint for StopAt {
    fn poll(&self) -> Result<(), Interrupted> {
        if self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn polls_every_64_kib_and_stops() {
    const SIZE: usize = 4 << 20;
    let texts = [
        format!("\"{}\"", "a".repeat(SIZE)),
        format!("\"{}\"", "é".repeat(SIZE / 2)),
        format!("\"{}\"", "\\n".repeat(SIZE / 2)),
        format!("[{}1]", "1,".repeat(SIZE / 2)),
        "1".repeat(SIZE),
    ];
    for text in &texts {
        let whole = StopAt(usize::MAX, AtomicUsize::new(0));
        validate(text.as_bytes(), Limits::default(), &whole).unwrap();
        assert!(whole.1.into_inner() >= SIZE / (64 << 10) / 2, "{}", &text[..10]);
        let stopped = StopAt(3, AtomicUsize::new(0));
        assert_eq!(validate(text.as_bytes(), Limits::default(), &stopped), Err(Error::Interrupted));
        assert_eq!(stopped.1.into_inner(), 3);
    }
}

#[test]
fn results_are_bounded() {
    let selection =
        Selection::new(&[Pointer::parse("/*").unwrap(), Pointer::parse("/*/a").unwrap()]).unwrap();
    let limits = Limits { max_results: 6, ..Limits::default() };
    assert!(extract(b"[1,2,3]", &selection, Mode::Checked, limits, &Uninterruptible).is_ok());
    assert!(matches!(
        extract(b"[1,2,3,4]", &selection, Mode::Checked, limits, &Uninterruptible),
        Err(Error::TooLarge { limit: 6, .. })
    ));
    // What a later duplicate replaces does not count.
    let selection = Selection::new(&[Pointer::parse("/a/*").unwrap()]).unwrap();
    let text = br#"{"a":[1,2,3,4],"a":[1,2,3],"a":[5,6]}"#;
    let columns = extract(text, &selection, Mode::Checked, limits, &Uninterruptible).unwrap();
    assert_eq!(columns[0].len(), 2);
}
