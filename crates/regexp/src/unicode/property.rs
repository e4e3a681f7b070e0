//! Properties of `\p{...}`, by the names of ECMA-262, 22.2.1 ("Static Semantics: Early Errors" of CharacterClassEscape).

use std::ops::Range;

use super::data::{SETS, STRINGS, Varints, names};
use super::set::CodePointSet;

/// The set of `\p{name}` or `\p{name=value}`; none if ECMA-262 does not list it.
///
/// Names are exact, as there: `General_Category`, `Script`, `Script_Extensions` with a value, or a value of `General_Category` or
/// a binary property alone, each by its name or an alias of the Unicode Character Database. No loose matching.
///
/// ```
/// use sidelane_regexp::unicode::property;
///
/// assert_eq!(property("Lu", None), property("General_Category", Some("Uppercase_Letter")));
/// assert!(property("White_Space", None).unwrap().contains(0x2028));
/// assert!(property("Greek", None).is_none()); // a script needs `Script=`
/// ```
#[must_use]
pub fn property(name: &str, value: Option<&str>) -> Option<CodePointSet> {
    let index = match (name, value) {
        ("General_Category" | "gc", Some(value)) => find(names::GENERAL_CATEGORY, value),
        ("Script" | "sc", Some(value)) => find(names::SCRIPT, value),
        ("Script_Extensions" | "scx", Some(value)) => find(names::SCRIPT_EXTENSIONS, value),
        (_, Some(_)) => None,
        (name, None) => find(names::GENERAL_CATEGORY, name).or_else(|| find(names::BINARY, name)),
    }?;
    Some(set(index))
}

/// The members of a property of strings (`\p{RGI_Emoji}` and the like, flag `v`): those of one code point, and the others, longest
/// first; none if ECMA-262 does not list it.
///
/// ```
/// use sidelane_regexp::unicode::property_of_strings;
///
/// let (singles, strings) = property_of_strings("Emoji_Keycap_Sequence").unwrap();
/// assert!(singles.is_empty());
/// assert!(strings.contains(&vec!['7' as u32, 0xFE0F, 0x20E3]));
/// ```
#[must_use]
pub fn property_of_strings(name: &str) -> Option<(CodePointSet, Vec<Vec<u32>>)> {
    if let Some(property) = names::STRINGS.iter().find(|property| property.name == name) {
        return Some((set(property.singles), strings(property.strings.clone())));
    }
    if name != "RGI_Emoji" {
        return None;
    }
    // UTS #51, ED-27: the union of the others.
    let mut singles = CodePointSet::empty();
    let mut all = Vec::new();
    for property in names::STRINGS {
        singles = singles.union(&set(property.singles));
        all.append(&mut strings(property.strings.clone()));
    }
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    Some((singles, all))
}

fn find(table: &[(&str, u16)], name: &str) -> Option<u16> {
    let at = table.binary_search_by(|(alias, _)| (*alias).cmp(name)).ok()?;
    Some(table[at].1)
}

fn set(index: u16) -> CodePointSet {
    let index = usize::from(index);
    let bytes = &SETS[names::OFFSETS[index] as usize..names::OFFSETS[index + 1] as usize];
    let mut numbers = Varints(bytes);
    let mut end = 0;
    CodePointSet::from_ranges(std::iter::from_fn(|| {
        let first = end + numbers.next()?;
        let last = first + numbers.next()?;
        end = last + 1;
        Some((first, last))
    }))
}

fn strings(range: Range<usize>) -> Vec<Vec<u32>> {
    let mut numbers = Varints(&STRINGS[range]);
    let mut all: Vec<Vec<u32>> = Vec::new();
    while let (Some(shared), Some(own)) = (numbers.next(), numbers.next()) {
        let mut string = all.last().map_or_else(Vec::new, |before| before[..shared as usize].to_vec());
        string.extend(numbers.by_ref().take(own as usize));
        all.push(string);
    }
    all
}
