//! Many patterns, one subject: which of them match.

mod literals;
mod trie;

use std::sync::Arc;

use crate::engines::scan::Scan;
use crate::program::FirstUnits;
use crate::{Checkpoint, ExecError, Regex, Scratch, Subject};

/// Bytes of the subject between two looks at the checkpoint.
const CHUNK: usize = 64 << 10;

/// Patterns that are asked together which of them a subject matches.
///
/// One pass over the subject looks for texts of which every match must hold one, of all patterns at once; only patterns whose texts
/// occur are run, from where their first match could begin. A pattern without such a text is always run.
///
/// # Example
///
/// ```
/// use sidelane_regexp::{Flags, Limits, Regex, RegexSet, Scratch, SetPattern, Subject, Unstoppable};
///
/// let pattern = |source: &str| {
///     let source: Vec<u16> = source.encode_utf16().collect();
///     Regex::new(&source, Flags::default(), &Limits::default()).map(|regex| SetPattern { regex: regex.into(), sticky: false })
/// };
/// let set = RegexSet::new(vec![pattern(r"\d+ms")?, pattern("error|fatal")?, pattern("^$")?]);
/// let found = set.matches(Subject::Latin1(b"fatal after 20ms"), &mut Scratch::new(), &Unstoppable)?;
/// assert_eq!(found, [0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RegexSet {
    patterns: Vec<SetPattern>,
    filter: Option<Filter>,
    /// Patterns that the filter knows nothing of.
    unfiltered: Vec<usize>,
}

/// A pattern of a set.
#[derive(Debug, Clone)]
pub struct SetPattern {
    /// The compiled pattern.
    pub regex: Arc<Regex>,
    /// Whether only a match at the subject's beginning counts.
    pub sticky: bool,
}

#[derive(Debug)]
struct Filter {
    texts: trie::Trie,
    beginnings: Beginnings,
    /// By text: who needs it.
    owners: Vec<Vec<usize>>,
    /// By pattern: how far before its text a match can begin; none: anywhere.
    before: Vec<Option<usize>>,
    /// Patterns that have texts.
    count: usize,
    /// Of the longest text.
    longest: usize,
}

impl RegexSet {
    /// A set of patterns; their positions are their names.
    pub fn new(patterns: Vec<SetPattern>) -> RegexSet {
        let needs: Vec<_> = patterns
            .iter()
            .map(|pattern| if pattern.sticky { None } else { literals::required(pattern.regex.ast()) })
            .collect();
        let filter = Filter::new(&needs);
        let unfiltered =
            (0..patterns.len()).filter(|&index| filter.is_none() || needs[index].is_none()).collect();
        RegexSet { patterns, filter, unfiltered }
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The positions of the patterns that match, ascending.
    ///
    /// # Errors
    ///
    /// [`ExecError`] of the first pattern that has one.
    pub fn matches(
        &self,
        subject: Subject<'_>,
        scratch: &mut Scratch,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Vec<usize>, ExecError> {
        let mut found = Vec::new();
        for (index, from) in self.candidates(subject, checkpoint)? {
            if self.holds(index, from, subject, scratch, checkpoint)? {
                found.push(index);
            }
        }
        Ok(found)
    }

    /// Whether any pattern matches.
    ///
    /// # Errors
    ///
    /// [`ExecError`] of the first pattern that has one before one matches.
    pub fn is_match(
        &self,
        subject: Subject<'_>,
        scratch: &mut Scratch,
        checkpoint: &dyn Checkpoint,
    ) -> Result<bool, ExecError> {
        for (index, from) in self.candidates(subject, checkpoint)? {
            if self.holds(index, from, subject, scratch, checkpoint)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn holds(
        &self,
        index: usize,
        from: usize,
        subject: Subject<'_>,
        scratch: &mut Scratch,
        checkpoint: &dyn Checkpoint,
    ) -> Result<bool, ExecError> {
        // Between patterns too: a search of a short subject takes too few steps to look by itself.
        checkpoint.check().map_err(|_| ExecError::Stopped)?;
        let SetPattern { regex, sticky } = &self.patterns[index];
        regex.is_match(subject, from, *sticky, scratch, checkpoint)
    }

    /// The patterns, by their positions.
    pub fn patterns(&self) -> &[SetPattern] {
        &self.patterns
    }

    /// The patterns that can match, and before where none of their matches begins, ascending.
    ///
    /// # Errors
    ///
    /// [`ExecError::Stopped`].
    pub fn candidates(
        &self,
        subject: Subject<'_>,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Vec<(usize, usize)>, ExecError> {
        let mut candidates: Vec<_> = self.unfiltered.iter().map(|&index| (index, 0)).collect();
        if let Some(filter) = &self.filter {
            let places = filter.first_places(subject, self.len(), checkpoint)?;
            let seen = places.iter().enumerate().filter_map(|(index, place)| Some((index, (*place)?)));
            candidates.extend(seen.map(|(index, place)| {
                (index, filter.before[index].map_or(0, |before| place.saturating_sub(before)))
            }));
            candidates.sort_unstable();
        }
        Ok(candidates)
    }
}

impl Filter {
    fn new(needs: &[Option<literals::Required>]) -> Option<Filter> {
        let mut texts: Vec<&[u8]> =
            needs.iter().flatten().flat_map(|required| required.texts.iter().map(Vec::as_slice)).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut owners = vec![Vec::new(); texts.len()];
        for (pattern, required) in needs.iter().enumerate() {
            for text in required.iter().flat_map(|required| &required.texts) {
                if let Ok(at) = texts.binary_search(&text.as_slice()) {
                    owners[at].push(pattern);
                }
            }
        }
        let longest = texts.iter().map(|text| text.len()).max()?;
        let beginnings = Beginnings::new(&texts);
        let texts = trie::Trie::new(&texts);
        let before = needs.iter().map(|required| required.as_ref().and_then(|required| required.before));
        Some(Filter {
            texts,
            beginnings,
            owners,
            before: before.collect(),
            count: needs.iter().flatten().count(),
            longest,
        })
    }

    /// By pattern: where the first of its texts begins.
    fn first_places(
        &self,
        subject: Subject<'_>,
        patterns: usize,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Vec<Option<usize>>, ExecError> {
        let mut places = vec![None; patterns];
        let mut known = vec![false; self.owners.len()];
        let mut left = self.count;
        let mut low = Vec::new();
        let mut from = 0;
        while from < subject.len() && left > 0 {
            let to = subject.len().min(from + CHUNK);
            // Texts that the cut goes through.
            let end = subject.len().min(to + self.longest);
            let bytes = match subject {
                Subject::Latin1(units) => &units[from..end],
                Subject::Utf16(units) => {
                    low.clear();
                    low.extend(units[from..end].iter().map(|unit| *unit as u8));
                    &low
                }
            };
            let mut at = 0;
            while let Some(hit) = self.beginnings.next(bytes, at) {
                self.texts.each(&bytes[hit..], |text| {
                    if !std::mem::replace(&mut known[text], true) {
                        for &pattern in &self.owners[text] {
                            left -= usize::from(places[pattern].is_none());
                            places[pattern].get_or_insert(from + hit);
                        }
                    }
                });
                at = hit + 1;
            }
            checkpoint.check().map_err(|_| ExecError::Stopped)?;
            from = to;
        }
        Ok(places)
    }
}

/// How texts begin.
#[derive(Debug)]
struct Beginnings {
    /// Pairs of bytes: of most places a look at them is all, at half a nanosecond.
    pairs: Box<[u64; 1024]>,
    /// A scan for the first bytes, if they have so much in common that it skips nearly all: a tenth of a nanosecond.
    scan: Option<Scan<u8>>,
}

/// Places of a text that the scan looks at.
const PLACES: usize = 8;

impl Beginnings {
    fn new(texts: &[&[u8]]) -> Beginnings {
        let shortest = texts.iter().map(|text| text.len()).min().unwrap_or(0);
        let place = |index: usize| {
            let bytes = texts.iter().flat_map(|text| cases(text[index])).map(u16::from);
            FirstUnits::from_ranges(bytes.map(|byte| (byte, byte)).collect())
        };
        let places: Vec<FirstUnits> = (0..shortest.min(PLACES)).map(place).collect();
        let scan = Some(Scan::new(&places)).filter(Scan::is_selective);
        let mut beginnings = Beginnings { pairs: Box::new([0; 1024]), scan };
        for text in texts {
            for first in cases(text[0]) {
                match text.get(1) {
                    Some(second) => cases(*second).for_each(|second| beginnings.insert(first, second)),
                    None => (0..=255).for_each(|second| beginnings.insert(first, second)),
                }
            }
        }
        beginnings
    }

    fn insert(&mut self, first: u8, second: u8) {
        let pair = u16::from_le_bytes([first, second]);
        self.pairs[usize::from(pair >> 6)] |= 1 << (pair & 63);
    }

    #[inline]
    fn contains(&self, first: u8, second: u8) -> bool {
        let pair = u16::from_le_bytes([first, second]);
        self.pairs[usize::from(pair >> 6)] >> (pair & 63) & 1 != 0
    }

    /// The next place at or after `from` where a text could begin.
    fn next(&self, bytes: &[u8], from: usize) -> Option<usize> {
        if let Some(scan) = &self.scan {
            return scan.next(bytes, from);
        }
        let rest = bytes.get(from..)?;
        let found = rest.windows(2).position(|pair| self.contains(pair[0], pair[1]));
        // The last byte has no second one, which a text of one byte does not ask for.
        let last = || (!rest.is_empty() && self.contains(rest[rest.len() - 1], 0)).then(|| rest.len() - 1);
        found.or_else(last).map(|at| from + at)
    }
}

fn cases(byte: u8) -> impl Iterator<Item = u8> {
    [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()].into_iter()
}
