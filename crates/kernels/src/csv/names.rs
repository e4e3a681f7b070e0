//! The header, and which columns are asked for.

use std::collections::{HashMap, HashSet};

use super::{Error, Header, Place, Query, Reader, Reason, Type};
use crate::Checkpoint;

/// Bytes between two polls.
const POLL: usize = 128 << 10;

pub(super) struct Found {
    pub(super) names: Vec<String>,
    /// Where the first row of data begins.
    pub(super) body: usize,
    /// Rows before it.
    pub(super) rows: usize,
}

/// Reads the first row.
pub(super) fn find(
    data: &[u8],
    start: usize,
    query: &Query<'_>,
    checkpoint: &dyn Checkpoint,
) -> Result<Found, Error> {
    if let Header::Names(names) = &query.header {
        return Ok(Found { names: names.clone(), body: start, rows: 0 });
    }
    let mut reader = Reader::from(query.dialect, query.limits, start, 0);
    let quote = query.dialect.quote.unwrap_or_default();
    let mut first: Option<Vec<String>> = None;
    let mut take = |record: super::Record<'_>| {
        let texts = record.fields.iter().map(|field| field.text(data, quote));
        first = Some(texts.map(|text| String::from_utf8_lossy(&text).into_owned()).collect());
        Ok(false)
    };
    let mut until = start;
    while until < data.len() && reader.rows() == 0 {
        checkpoint.poll()?;
        until = (until + POLL).min(data.len());
        reader.advance(&data[..until], &mut take)?;
    }
    if reader.rows() == 0 {
        reader.finish(&mut take)?;
    }
    let texts = first.unwrap_or_default();
    if query.header == Header::None {
        return Ok(Found { names: (0..texts.len()).map(|n| n.to_string()).collect(), body: start, rows: 0 });
    }
    // If there was no row end, there is nothing behind it.
    let body = if reader.is_between_rows() { reader.complete() } else { data.len() };
    Ok(Found { names: unique(texts), body, rows: 1 })
}

/// Names that are there already get a number.
fn unique(texts: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = texts.iter().cloned().collect();
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut name = |text: String| {
        let count = counts.entry(text.clone()).or_insert(0);
        *count += 1;
        if *count == 1 {
            return text;
        }
        loop {
            let name = format!("{text}_{count}");
            if taken.insert(name.clone()) {
                return name;
            }
            *count += 1;
        }
    };
    texts.into_iter().map(&mut name).collect()
}

/// Positions and types of the columns of the result.
pub(super) fn select(names: &[String], query: &Query<'_>) -> Result<Vec<(usize, Option<Type>)>, Error> {
    let positions = positions(names);
    let mut selected = Vec::new();
    let mut used = HashSet::new();
    for column in &query.columns {
        let position = position(&positions, &column.name)?;
        used.insert(position);
        selected.push((position, column.kind));
    }
    if query.others {
        let others = (0..names.len()).filter(|position| !used.contains(position));
        selected.extend(others.map(|position| (position, None)));
        // As in the text.
        selected.sort_by_key(|(position, _)| *position);
    }
    Ok(selected)
}

/// Positions of the filter's fields.
pub(super) fn tested(names: &[String], query: &Query<'_>) -> Result<Vec<(usize, Type)>, Error> {
    let positions = positions(names);
    let each = query.tested.iter().map(|(name, kind)| Ok((position(&positions, name)?, *kind)));
    each.collect()
}

fn positions(names: &[String]) -> HashMap<&str, usize> {
    names.iter().enumerate().map(|(position, name)| (name.as_str(), position)).collect()
}

fn position(positions: &HashMap<&str, usize>, name: &str) -> Result<usize, Error> {
    let missing = || Error::Syntax {
        place: Place { row: 1, column: positions.len() + 1, offset: 0 },
        reason: Reason::NoColumn(name.into()),
    };
    positions.get(name).copied().ok_or_else(missing)
}
