//! The unit that every match has.

use sidelane_regexp::{Flags, Limits, Regex};

fn required(pattern: &str, flags: &str) -> Option<char> {
    let source: Vec<u16> = pattern.encode_utf16().collect();
    let flags = Flags::parse(flags).expect("flags");
    let regex = Regex::new(&source, flags, &Limits::default()).expect(pattern);
    regex.required_unit().map(|unit| char::from_u32(u32::from(unit)).unwrap_or('?'))
}

#[test]
fn it_is_the_rarest_of_those_that_no_match_lacks() {
    for (pattern, flags, unit) in [
        (r"(?:foo|bar)\d+x", "", Some('x')),
        (r"error: (\d+)", "", Some(':')),
        ("(?:qa){2,}e*", "", Some('q')),
        ("((a)(?<n>b))", "", Some('b')),
        ("(?:z)?a", "", Some('a')),
        ("z{0}a", "", Some('a')),
        ("z|a", "", None),
        ("(?=z)a", "", Some('a')),
        ("(?<!z)a", "", Some('a')),
        ("(?:)", "", None),
        ("[z]a", "", Some('z')),
        ("[^z]a", "", Some('a')),
        ("za", "i", None),
        ("(?i:z)a", "", Some('a')),
        ("1a", "i", Some('1')),
        ("x1e ", "", Some('x')),
        (r"^\bz$", "m", Some('z')),
        (r"(z)\1", "", Some('z')),
        ("\u{1F600}a", "u", Some('?')),
        ("\u{6F22}a", "", Some('\u{6F22}')),
    ] {
        assert_eq!(required(pattern, flags), unit, "{pattern}");
    }
}
