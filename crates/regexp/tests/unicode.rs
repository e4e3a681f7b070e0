//! The Unicode tables against V8's (`testdata/regexp/unicode.json`, written by `tools/generate-unicode-expectations.mjs`), over all
//! code points and code units.

use std::collections::HashMap;

use proptest::prelude::*;
use serde::Deserialize;
use sidelane_regexp::unicode::{
    CodePointSet, UNICODE_VERSION, canonicalize, close_over_case, property, property_of_strings,
};

#[derive(Deserialize)]
struct Expected {
    from: From,
    properties: Vec<(String, Option<String>, u32, u32)>,
    orbits: Orbits,
}

#[derive(Deserialize)]
struct From {
    unicode: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Orbits {
    unicode: Vec<Vec<u32>>,
    code_units: Vec<Vec<u32>>,
}

#[allow(clippy::unwrap_used)] // clippy.toml exempts test functions, not their helpers
fn expected() -> Expected {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/regexp/unicode.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Members, and FNV-1a of each range as its first code point and the one behind its last, three bytes each.
fn digest(set: &CodePointSet) -> (u32, u32) {
    let count = set.ranges().iter().map(|(first, last)| last - first + 1).sum();
    let bounds = set.ranges().iter().flat_map(|&(first, last)| [first, last + 1]);
    let bytes = bounds.flat_map(|bound| [bound as u8, (bound >> 8) as u8, (bound >> 16) as u8]);
    (count, bytes.fold(0x811C_9DC5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
}

#[test]
fn every_property_is_v8s() {
    let expected = expected();
    assert!(UNICODE_VERSION.starts_with(&expected.from.unicode));
    assert_eq!(expected.properties.len(), 867);
    for (name, value, count, hash) in expected.properties {
        let set = property(&name, value.as_deref()).unwrap_or_else(|| panic!("{name}={value:?} is unknown"));
        assert_eq!(digest(&set), (count, hash), "{name}={value:?}");
    }
}

#[test]
fn canonicalize_joins_what_v8_joins() {
    let Orbits { unicode, code_units } = expected().orbits;
    for (unicode, last, orbits) in [(true, 0x10_FFFF, unicode), (false, 0xFFFF, code_units)] {
        let mut joined: HashMap<u32, Vec<u32>> = HashMap::new();
        for c in 0..=last {
            joined.entry(canonicalize(c, unicode)).or_default().push(c);
        }
        let mut joined: Vec<_> = joined.into_values().filter(|orbit| orbit.len() > 1).collect();
        let mut orbits: Vec<_> = orbits
            .into_iter()
            .map(|mut orbit| {
                orbit.sort_unstable();
                orbit
            })
            .collect();
        joined.sort_unstable();
        orbits.sort_unstable();
        assert_eq!(joined, orbits, "unicode: {unicode}");
    }
}

#[test]
fn closure_is_the_union_of_the_orbits() {
    let Orbits { unicode, code_units } = expected().orbits;
    for (unicode, orbits) in [(true, unicode), (false, code_units)] {
        for orbit in orbits {
            let whole = CodePointSet::from_ranges(orbit.iter().map(|&c| (c, c)));
            for &c in &orbit {
                assert_eq!(close_over_case(&CodePointSet::from_ranges([(c, c)]), unicode), whole, "{c:#x}");
            }
        }
    }
}

#[test]
fn names_that_ecma_262_does_not_list_are_unknown() {
    for (name, value) in [
        ("", None),
        ("gc", None),
        ("Script", None),
        ("lu", None),
        ("InGreek", None),
        ("Block", Some("Greek")),
        ("Line_Break", Some("Alphabetic")),
        ("ASCII", Some("Yes")),
        ("Script", Some("")),
        ("sc", Some("Katakana_Or_Hiragana")),
        ("Other_Alphabetic", None),
        ("Grapheme_Link", None),
        ("RGI_Emoji", None),
    ] {
        assert_eq!(property(name, value), None, "{name}={value:?}");
    }
    assert_eq!(property_of_strings("ASCII"), None);
}

#[test]
fn rgi_emoji_is_the_union_of_the_other_properties_longest_first() {
    let (singles, strings) = property_of_strings("RGI_Emoji").unwrap();
    let mut total = 0;
    for name in [
        "Basic_Emoji",
        "Emoji_Keycap_Sequence",
        "RGI_Emoji_Modifier_Sequence",
        "RGI_Emoji_Flag_Sequence",
        "RGI_Emoji_Tag_Sequence",
        "RGI_Emoji_ZWJ_Sequence",
    ] {
        let (_, part) = property_of_strings(name).unwrap();
        assert!(part.iter().all(|string| strings.contains(string)), "{name}");
        total += part.len();
    }
    assert_eq!(strings.len(), total);
    assert!(strings.is_sorted_by_key(|string| std::cmp::Reverse(string.len())));
    assert!(singles.contains(0x1F600) && !singles.contains(0x1F1E6));
}

fn sets() -> impl Strategy<Value = CodePointSet> {
    prop::collection::vec((0..200_u32, 0..20_u32), 0..12).prop_map(|ranges| {
        CodePointSet::from_ranges(ranges.into_iter().map(|(first, len)| (first, first + len)))
    })
}

proptest! {
    #[test]
    fn set_algebra_is_that_of_membership(a in sets(), b in sets()) {
        for c in (0..230).chain([0xFFFF, 0x10_FFFF]) {
            prop_assert_eq!(a.union(&b).contains(c), a.contains(c) || b.contains(c));
            prop_assert_eq!(a.intersect(&b).contains(c), a.contains(c) && b.contains(c));
            prop_assert_eq!(a.difference(&b).contains(c), a.contains(c) && !b.contains(c));
            prop_assert_eq!(a.negate().contains(c), !a.contains(c));
        }
        prop_assert_eq!(a.negate().negate(), a);
    }
}
