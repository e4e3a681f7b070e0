//! Following a selection through one large array on several threads.
//!
//! Where an element begins cannot be known without reading all that is before it, but it can be guessed: by what stands between the first two
//! elements and by the name that the second begins with. Each thread begins at a guess, as if an element began there, and reads up to the next. Then,
//! from the first piece on, a guess counts if the piece before it ended there; if not, the piece is read again from the right place. So the answer, and
//! the first error, are those of one pass, whatever was guessed.

use memchr::memmem::Finder;

use super::{Column, Error, Extractor, Limits, Mode, Scanner, Selection, extract};
use crate::{Checkpoint, Threads};

/// Bytes that a thread takes at a time: 1 ms.
const PIECE: usize = 1 << 20;
/// Where the first two elements must begin, and how far a guess is looked for.
const NEAR: usize = 64 << 10;

/// As [`extract`], with the threads there are. They share the work where all pointers lead to elements of the outermost array (`/*/...`) and its elements are
/// objects that begin with the same name; else the calling one does it.
///
/// # Errors
///
/// Those of [`extract`].
pub fn extract_with(
    data: &[u8],
    selection: &Selection,
    mode: Mode,
    limits: Limits,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<Vec<Column>, Error> {
    let split = Split { data, selection, mode, limits, checkpoint };
    let each = selection.only_elements().filter(|_| threads.are_several() && data.len() >= 2 * PIECE);
    let starts = each.and_then(|_| split.guess()).filter(|starts| starts.len() > 1);
    match (each, starts) {
        (Some(each), Some(starts)) => split.run(each, &starts, threads),
        _ => extract(data, selection, mode, limits, checkpoint),
    }
}

struct Split<'s> {
    data: &'s [u8],
    selection: &'s Selection,
    mode: Mode,
    limits: Limits,
    checkpoint: &'s dyn Checkpoint,
}

/// What a piece holds, and where the next element begins; none: the text has ended.
type Piece = Result<(Vec<Column>, Option<usize>), Error>;

impl Split<'_> {
    fn run(&self, each: usize, starts: &[usize], threads: Threads<'_>) -> Result<Vec<Column>, Error> {
        let until = |piece: usize| starts.get(piece + 1).copied().unwrap_or(usize::MAX);
        let mut pieces: Vec<Option<Piece>> = starts.iter().map(|_| None).collect();
        threads.for_each(starts.iter().enumerate().zip(&mut pieces), |((number, start), piece)| {
            match piece.insert(self.piece(each, *start, until(number))) {
                Err(Error::Interrupted) => Err(Error::Interrupted),
                // Of a wrong guess, an error means nothing.
                _ => Ok(()),
            }
        })?;
        let mut columns = vec![Column::new(); self.selection.columns()];
        let (mut results, mut at) = (0, Some(starts[0]));
        for (number, piece) in pieces.into_iter().enumerate() {
            // The elements before may have taken in all of it.
            let Some(start) = at else { break };
            if start >= until(number) {
                continue;
            }
            let (found, next) = match piece.filter(|_| start == starts[number]) {
                Some(piece) => piece?,
                None => self.piece(each, start, until(number))?,
            };
            for (column, found) in columns.iter_mut().zip(&found) {
                results += found.len();
                column.extend_from_slice(found);
            }
            if results > self.limits.max_results {
                return Err(Error::TooLarge { what: "results", limit: self.limits.max_results });
            }
            at = next;
        }
        Ok(columns)
    }

    /// Of the elements from `start`, where one begins, up to the first that begins at `until` or later.
    fn piece(&self, each: usize, start: usize, until: usize) -> Piece {
        let mut extractor = Extractor::new(self.selection, self.mode, self.limits.max_results);
        let mut scanner = Scanner::new(self.data, self.limits, self.checkpoint);
        // As if the array's bracket stood right before.
        scanner.at = start - 1;
        scanner.enter(false)?;
        let next = extractor.elements(&mut scanner, each, until)?;
        if next.is_none() {
            scanner.end()?;
        }
        Ok((extractor.columns, next))
    }

    /// Where elements may begin, about [`PIECE`] apart; the first does. None: this is no array of objects whose beginning is known.
    fn guess(&self) -> Option<Vec<usize>> {
        let head = &self.data[..self.data.len().min(NEAR)];
        let mut scanner = Scanner::new(head, self.limits, self.checkpoint);
        scanner.space();
        if scanner.byte() != b'[' {
            return None;
        }
        scanner.at += 1;
        scanner.space();
        let mut starts = vec![scanner.at];
        scanner.value().ok()?;
        let from = scanner.at.checked_sub(1)?;
        scanner.space();
        if scanner.byte() != b',' {
            return None;
        }
        scanner.at += 1;
        scanner.space();
        let second = scanner.at;
        if scanner.byte() != b'{' {
            return None;
        }
        scanner.at += 1;
        scanner.space();
        scanner.key().ok()?;
        let mark = Finder::new(&head[from..scanner.at]);
        let mut at = PIECE;
        while at < self.data.len() {
            let near = &self.data[at..self.data.len().min(at + NEAR)];
            starts.extend(mark.find(near).map(|found| at + found + (second - from)));
            at += PIECE;
        }
        Some(starts)
    }
}
