//! The early errors of ECMA-262, 22.2.1.1 and Annex B.1.2, rule by rule: what is refused, where, and what is next to it and is not.
#![allow(clippy::unwrap_used)]

use sidelane_regexp::{ErrorKind, Flags, Limits, Regex};

/// A pattern, its flags, and where the error is.
type Refused = (&'static str, &'static str, usize);
/// A pattern, and its flags.
type Accepted = (&'static str, &'static str);

fn compile(pattern: &str, flags: &str) -> Result<Regex, sidelane_regexp::Error> {
    let source: Vec<u16> = pattern.encode_utf16().collect();
    Regex::new(&source, Flags::parse(flags)?, &Limits::default())
}

fn rule(refused: &[Refused], accepted: &[Accepted]) {
    for &(pattern, flags, position) in refused {
        let error = compile(pattern, flags).expect_err(pattern);
        assert!(matches!(error.kind(), ErrorKind::Syntax(_)), "/{pattern}/{flags}: {error}");
        assert_eq!(error.position(), position, "/{pattern}/{flags}: {error}");
    }
    for &(pattern, flags) in accepted {
        compile(pattern, flags).unwrap_or_else(|error| panic!("/{pattern}/{flags}: {error}"));
    }
}

/// Pattern :: Disjunction: two groups of one name that might both take part.
#[test]
fn duplicate_group_names() {
    rule(
        &[
            ("(?<a>.)(?<a>.)", "", 7),
            ("(?<a>(?<a>.))", "", 5),
            ("(?:(?<a>x)|b)(?:c|(?<a>y))", "", 18),
            ("(?<a>x)|(?<a>y)(?<a>z)", "", 15),
            ("(?<a>.)(?<\\u0061>.)", "u", 7),
            ("(?<a>x)(?=(?<a>y))", "", 10),
            ("(?:(?<a>x)|(?<b>y))(?<b>z)", "", 19),
        ],
        &[("(?<a>x)|(?<a>y)", ""), ("(?:(?<a>x)|(?<a>y))|(?<a>z)", "u"), ("(?<a>x)|(?:y|(?<a>z))", "v")],
    );
}

/// QuantifierPrefix :: { DecimalDigits , DecimalDigits }: the first is larger.
#[test]
fn quantifier_out_of_order() {
    rule(
        &[
            ("a{2,1}", "", 1),
            ("a{2,1}?", "u", 1),
            ("a{99999999999999999999,1}", "", 1),
            ("(?=a){2,1}", "", 5),
            ("[a]{10,9}", "v", 3),
        ],
        &[("a{1,1}", ""), ("a{0,99999999999999999999}", "u"), ("a{2,}", ""), ("a{,1}", "")],
    );
}

/// AtomEscape :: DecimalEscape: larger than the number of groups; Annex B reads it as an octal escape without u and v.
#[test]
fn decimal_escape_without_its_group() {
    rule(
        &[
            ("\\1", "u", 0),
            ("(a)\\2", "u", 3),
            ("\\2(a)", "v", 0),
            ("(?:a)\\1", "u", 5),
            ("\\99999999999999999999", "u", 0),
        ],
        &[("\\1(a)", "u"), ("(a)\\1", "v"), ("\\1", ""), ("(a)\\2", ""), ("(?<=\\1(a))", "u")],
    );
}

/// AtomEscape :: k GroupName: no group has the name; Annex B reads `\k` as `k` where no group has any, without u and v.
#[test]
fn named_reference_without_its_group() {
    rule(
        &[
            ("\\k<a>", "u", 0),
            ("(?<b>.)\\k<a>", "", 7),
            ("\\k<a>(?<b>.)", "", 0),
            ("(?<a>.)\\k", "", 7),
            ("(?<a>.)\\k<a", "", 10),
            ("(?<a>.)[\\k]", "", 8),
            ("\\k", "v", 0),
        ],
        &[("\\k<a>(?<a>.)", ""), ("\\k<a>", ""), ("\\k", ""), ("[\\k]", ""), ("(?<a>.)\\k<\\u{61}>", "")],
    );
}

/// NonemptyClassRanges: an end that is a class (Annex B: with u only), or out of order.
#[test]
fn class_ranges() {
    rule(
        &[
            ("[b-a]", "", 1),
            ("[xb-a]", "u", 2),
            ("[\\d-a]", "u", 1),
            ("[a-\\d]", "u", 1),
            ("[\\w-\\d]", "u", 1),
            ("[a-\\p{L}]", "u", 1),
            ("[\\u{10000}-\\uFFFF]", "u", 1),
            ("[\u{1F600}-a]", "u", 1),
            ("[a-bd-c]", "", 4),
        ],
        &[
            ("[a-a]", ""),
            ("[\\d-a]", ""),
            ("[a-\\d]", ""),
            ("[-a]", "u"),
            ("[a-]", "u"),
            ("[\\d-]", "u"),
            ("[--a]", "u"),
        ],
    );
}

/// RegExpIdentifierStart and RegExpIdentifierPart: an escape or a pair that no identifier has there.
#[test]
fn group_names_are_identifiers() {
    rule(
        &[
            ("(?<1>a)", "", 3),
            ("(?<\\u0031>a)", "", 3),
            ("(?<a\\u002D>a)", "u", 3),
            ("(?<a\\u003E>a)", "", 3),
            ("(?<\\u{1F600}>a)", "", 3),
            ("(?<\u{1F600}>a)", "", 3),
            ("(?<a\u{1F600}>a)", "u", 3),
            ("(?<\\uD83D>a)", "", 3),
            ("(?<a\\uDE00>a)", "v", 3),
            ("(?<\\u{110000}>a)", "", 3),
            ("(?<\\x61>a)", "", 3),
            ("(?<>a)", "", 3),
            ("(?<a", "", 3),
            ("(?<a b>a)", "", 3),
        ],
        &[
            ("(?<$_a1\u{200C}\u{200D}>a)", ""),
            ("(?<a\\u{1D7DA}>a)", ""),
            ("(?<\\uD835\\uDC9C>a)", ""),
            ("(?<\u{1D49C}>a)", "u"),
        ],
    );
}

/// RegExpUnicodeEscapeSequence: no number, or one above U+10FFFF; Annex B reads `\u` as `u` without u and v.
#[test]
fn unicode_escapes() {
    rule(
        &[
            ("\\u{110000}", "u", 0),
            ("\\u{}", "u", 0),
            ("\\u{1", "u", 0),
            ("\\u12", "u", 0),
            ("\\u", "v", 0),
            ("[\\u{FFFFFFFFF}]", "v", 1),
            ("\\x1", "u", 0),
            ("[\\xg]", "v", 1),
        ],
        &[
            ("\\u{10FFFF}", "u"),
            ("\\u{0000000000061}", "v"),
            ("\\u{110000}", ""),
            ("\\u12", ""),
            ("\\x1", ""),
        ],
    );
}

/// UnicodePropertyValueExpression and CharacterClassEscape: names and values that are not listed, strings without v, and what is without them.
#[test]
fn properties() {
    rule(
        &[
            ("\\p{Foo}", "u", 0),
            ("\\p{Foo=Bar}", "u", 0),
            ("\\p{Script=Foo}", "u", 0),
            ("\\p{Script}", "u", 0),
            ("\\p{sc=greek}", "u", 0),
            ("\\p{lu}", "u", 0),
            ("\\p{ L}", "u", 0),
            ("\\p{L=L}", "u", 0),
            ("\\p{ASCII=Yes}", "u", 0),
            ("\\p{Block=Basic_Latin}", "u", 0),
            ("\\p{RGI_Emoji}", "u", 0),
            ("\\P{RGI_Emoji}", "v", 0),
            ("[\\P{RGI_Emoji}]", "v", 1),
            ("\\p{RGI_Emoji=Yes}", "v", 0),
            ("\\p", "u", 0),
            ("\\pL", "u", 0),
            ("\\p{", "v", 0),
            ("\\p{}", "v", 0),
            ("\\P{L", "u", 0),
        ],
        &[
            ("\\p{Lu}", "u"),
            ("\\P{scx=Grek}", "u"),
            ("\\p{RGI_Emoji}", "v"),
            ("\\p{Foo}", ""),
            ("\\P", ""),
            ("[\\p{Any}]", "v"),
        ],
    );
}

/// CharacterClass :: [^ ClassContents ] and NestedClass: what is negated may not hold strings, even if none are left.
#[test]
fn negated_classes_without_strings() {
    rule(
        &[
            ("[^\\q{ab}]", "v", 0),
            ("[^\\q{}]", "v", 0),
            ("[^\\p{RGI_Emoji}]", "v", 0),
            ("[a[^\\q{ab}]]", "v", 2),
            ("[^[\\q{ab}]]", "v", 0),
            ("[^\\q{ab}--\\q{ab}]", "v", 0),
            ("[^\\q{ab}&&\\q{cd}]", "v", 0),
        ],
        &[("[^\\q{a}]", "v"), ("[^\\q{ab}&&a]", "v"), ("[^a--\\q{ab}]", "v"), ("[\\q{ab}[^a]]", "v")],
    );
}

/// ClassSetRange: out of order. And the grammar of sets: one kind of operation, operands on both sides, no reserved character.
#[test]
fn sets() {
    rule(
        &[
            ("[z-a]", "v", 3),
            ("[\\d-a]", "v", 3),
            ("[a-\\d]", "v", 3),
            ("[a-[b]]", "v", 3),
            ("[a--b&&c]", "v", 5),
            ("[a&&b--c]", "v", 5),
            ("[ab--c]", "v", 3),
            ("[a--bc]", "v", 6),
            ("[a-c--b]", "v", 4),
            ("[a&&&b]", "v", 4),
            ("[&&a]", "v", 1),
            ("[a&&]", "v", 4),
            ("[a--]", "v", 4),
            ("[a-]", "v", 3),
            ("[-a]", "v", 1),
            ("[(]", "v", 1),
            ("[{]", "v", 1),
            ("[/]", "v", 1),
            ("[|]", "v", 1),
            ("[!!]", "v", 1),
            ("[a~~]", "v", 2),
            ("[\\_]", "v", 1),
            ("[\\q]", "v", 1),
            ("[\\q{a]", "v", 5),
            ("\\q{a}", "v", 0),
            ("[a", "v", 0),
            ("[a[b]", "v", 0),
        ],
        &[
            ("[a-z]", "v"),
            ("[a--b--c]", "v"),
            ("[\\(\\-\\&]", "v"),
            ("[]", "v"),
            ("[^]", "v"),
            ("[!]", "v"),
            ("[\\q{a|bc|}]", "v"),
        ],
    );
}

/// Atom :: (? RegularExpressionModifiers ...): a flag twice, on both sides, none at all, or one that is no modifier.
#[test]
fn modifiers() {
    rule(
        &[
            ("(?ii:a)", "", 0),
            ("(?i-i:a)", "", 0),
            ("(?-ss:a)", "", 0),
            ("(?-:a)", "", 0),
            ("(?g:a)", "", 0),
            ("(?u:a)", "u", 0),
            ("(?i-m-s:a)", "", 0),
            ("(?I:a)", "", 0),
            ("(?i)", "", 0),
            ("(?\\u0069:a)", "u", 0),
            ("a(?i-", "", 1),
        ],
        &[("(?i:a)", ""), ("(?ims:a)", "u"), ("(?i-ms:a)", "v"), ("(?-i:a)", ""), ("(?i-:a)", "")],
    );
}

/// The grammar: what is open, what has nothing to repeat, and what Annex B allows without u and v.
#[test]
fn grammar() {
    rule(
        &[
            ("(", "", 0),
            ("a(b(?:c)", "", 1),
            ("a)", "", 1),
            ("(?", "", 0),
            ("(?a)", "", 0),
            ("(?>a)", "", 0),
            ("[", "", 0),
            ("a[b", "u", 1),
            ("\\", "", 0),
            ("a\\", "v", 1),
            ("*", "", 0),
            ("a**", "", 2),
            ("a|+", "", 2),
            ("(?)", "", 0),
            ("^*", "", 1),
            ("\\b+", "", 2),
            ("(?<=a)*", "", 6),
            ("(?<!a){1}", "", 6),
            ("(?=a)*", "u", 5),
            ("(?!a)?", "v", 5),
            ("{1}", "", 0),
            ("a|{1,2}", "", 2),
            ("x{1}{2}", "", 4),
            ("{", "u", 0),
            ("}", "u", 0),
            ("]", "v", 0),
            ("a{", "u", 1),
            ("a{1", "u", 1),
            ("a{,1}", "v", 1),
            ("\\a", "u", 0),
            ("\\-", "u", 0),
            ("\\c", "u", 0),
            ("\\c1", "v", 0),
            ("[\\c]", "u", 1),
            ("\\00", "u", 0),
            ("\\08", "u", 0),
            ("[\\1]", "u", 1),
            ("[\\B]", "u", 1),
        ],
        &[
            ("]", ""),
            ("{", ""),
            ("}", ""),
            ("a{", ""),
            ("a{,1}", ""),
            ("(?=a)*", ""),
            ("(?!a){2}", ""),
            ("\\a", ""),
            ("\\c", ""),
            ("[\\c]", ""),
            ("[\\c_]", ""),
            ("\\8", ""),
            ("[\\1]", ""),
            ("[\\-a]", "u"),
            ("\\cA", "u"),
            ("\\0", "u"),
        ],
    );
}

/// RegExp: RegExpInitialize, steps 3 to 11: flags that there are not, twice, or u with v. The position is that in the flags.
#[test]
fn flags() {
    for (flags, position) in
        [("x", 0), ("gg", 1), ("dgimsuyy", 7), ("uv", 1), ("vgu", 2), ("G", 0), ("g ", 1)]
    {
        let error = Flags::parse(flags).unwrap_err();
        assert_eq!((error.kind(), error.position()), (ErrorKind::InvalidFlags, position), "{flags}");
    }
    assert!(Flags::parse("dgimsuy").is_ok() && Flags::parse("yvsmigd").is_ok());
}

/// Half of a pair is no character of an identifier, wherever it is; elsewhere it is itself.
#[test]
fn lone_surrogates() {
    for (source, refused) in [
        (&[0xD83D][..], false),
        (&[0xDE00, 0xD83D], false),
        (&[0x5B, 0xD83D, 0x5D], false),
        (&[0x28, 0x3F, 0x3C, 0xD83D, 0x3E, 0x61, 0x29], true),
        (&[0x28, 0x3F, 0x3C, 0x61, 0xDE00, 0x3E, 0x61, 0x29], true),
        (&[0x5C, 0xD83D], false),
        (&[0x5C, 0x70, 0x7B, 0xD83D, 0x7D], false),
    ] {
        for flags in ["", "u", "v"] {
            let found = Regex::new(source, Flags::parse(flags).unwrap(), &Limits::default());
            // An escape of what need not be escaped, and no property.
            let strict = !flags.is_empty() && source[0] == 0x5C;
            assert_eq!(found.is_err(), refused || strict, "{source:x?} {flags}");
        }
    }
}
