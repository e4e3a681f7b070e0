//! Following a selection through a text, in one pass and without recursion.

use super::selection::Child;
use super::{Column, Error, Limits, Scanner, Selection, Span, string};
use crate::Checkpoint;

/// How much of the text is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// All of it. Of duplicate names the last counts, as for `JSON.parse`.
    #[default]
    Checked,
    /// Only what is selected: the text is known to be JSON without duplicate names. Other text gives some result or an error.
    Trusted,
}

/// The values that `selection` leads to, as places in `data`: a column for each pointer.
///
/// A pointer without a wildcard has one result or, where it leads nowhere, none. One with a wildcard has a result for every
/// element that its last wildcard stands for, [`Span::MISSING`] where the rest of it leads nowhere.
///
/// # Errors
///
/// Those of [`validate`](super::validate), and [`Error::TooLarge`] for more than `max_results` results.
///
/// # Example
///
/// ```
/// use sidelane_kernels::Uninterruptible;
/// use sidelane_kernels::json::{Limits, Mode, Pointer, Selection, extract};
///
/// let selection = Selection::new(&[Pointer::parse("/a/*/b")?])?;
/// let data = br#"{"a":[{"b":1},{},{"b":[2]}]}"#;
/// let columns = extract(data, &selection, Mode::Checked, Limits::default(), &Uninterruptible)?;
/// let found: Vec<_> = columns[0].iter().map(|span| span.of(data)).collect();
/// assert_eq!(found, [Some(&b"1"[..]), None, Some(b"[2]")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn extract(
    data: &[u8],
    selection: &Selection,
    mode: Mode,
    limits: Limits,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<Column>, Error> {
    let mut extractor = Extractor::new(selection, mode, limits.max_results);
    let mut scanner = Scanner::new(data, limits, checkpoint);
    if !extractor.run(&mut scanner)? {
        scanner.end()?;
    }
    Ok(extractor.columns)
}

/// The results so far, and the containers between the text's beginning and the place it has come to. Reused from text to text.
pub(crate) struct Extractor<'s> {
    selection: &'s Selection,
    mode: Mode,
    max_results: usize,
    pub(crate) columns: Vec<Column>,
    results: usize,
    frames: Vec<Frame>,
    /// For each frame the lengths that its columns had when it began.
    marks: Vec<usize>,
}

/// An array or object that a pointer leads through.
struct Frame {
    node: usize,
    start: usize,
    marks: usize,
    /// Elements so far; none: an object.
    elements: Option<usize>,
}

/// What comes next.
enum Next {
    /// A value, at this node.
    Value(usize),
    /// A value that no pointer leads to.
    Other,
    /// The end of the innermost container.
    Close,
    /// What stands behind a value.
    After,
}

impl<'s> Extractor<'s> {
    pub(crate) fn new(selection: &'s Selection, mode: Mode, max_results: usize) -> Self {
        let columns = vec![Column::new(); selection.columns()];
        Self { selection, mode, max_results, columns, results: 0, frames: Vec::new(), marks: Vec::new() }
    }

    /// Forgets the results.
    pub(crate) fn clear(&mut self) {
        self.columns.iter_mut().for_each(Column::clear);
        self.frames.clear();
        self.marks.clear();
        self.results = 0;
    }

    /// Follows the selection through the value here. `true`: everything was found before its end, where [`Mode::Trusted`] stops.
    pub(crate) fn run(&mut self, scanner: &mut Scanner<'_>) -> Result<bool, Error> {
        self.follow(scanner, 0)
    }

    /// Follows a selection of elements of the outermost array through those that begin from here on and before `until`, and tells where the next
    /// one begins; none: the array has ended.
    pub(super) fn elements(
        &mut self,
        scanner: &mut Scanner<'_>,
        each: usize,
        until: usize,
    ) -> Result<Option<usize>, Error> {
        self.clear();
        let under = self.selection.node(0).under.len();
        self.marks.resize(under, 0);
        self.frames.push(Frame { node: 0, start: 0, marks: 0, elements: Some(0) });
        loop {
            scanner.space();
            if scanner.at >= until {
                return Ok(Some(scanner.at));
            }
            if let Some(Frame { elements: Some(elements), .. }) = self.frames.last_mut() {
                *elements += 1;
            }
            self.follow(scanner, each)?;
            scanner.space();
            match scanner.byte() {
                b',' => scanner.at += 1,
                b']' => {
                    scanner.leave();
                    return Ok(None);
                }
                _ => return Err(scanner.expected("',' or ']'")),
            }
        }
    }

    /// Follows the selection from the node `at` through the value here.
    fn follow(&mut self, scanner: &mut Scanner<'_>, mut at: usize) -> Result<bool, Error> {
        let stops = self.mode == Mode::Trusted && !self.selection.has_lists();
        let outside = self.frames.len();
        loop {
            let mut next = self.begin(scanner, at)?;
            at = loop {
                if stops && self.results >= self.columns.len() {
                    return scanner.delimited().map(|()| true);
                }
                next = match next {
                    Next::Value(node) => break node,
                    Next::Other => {
                        self.skip(scanner)?;
                        Next::After
                    }
                    Next::Close => {
                        self.close(scanner)?;
                        Next::After
                    }
                    Next::After if self.frames.len() == outside => return Ok(false),
                    Next::After => self.after(scanner)?,
                };
            };
        }
    }

    /// Opens the container here if pointers lead on, else steps over the value.
    fn begin(&mut self, scanner: &mut Scanner<'_>, at: usize) -> Result<Next, Error> {
        scanner.space();
        let start = scanner.at;
        let node = self.selection.node(at);
        if !node.leads_on() || !matches!(scanner.byte(), b'{' | b'[') {
            // What is selected is checked in either mode: it will be parsed.
            if node.ends.is_empty() {
                self.skip(scanner)?
            } else {
                scanner.value()?
            }
            self.found(at, start, scanner.at)?;
            return Ok(Next::After);
        }
        // Nor would its other parts be checked on the way through.
        if self.mode == Mode::Trusted && !node.ends.is_empty() {
            scanner.value()?;
            scanner.at = start;
        }
        let object = scanner.byte() == b'{';
        scanner.enter(object)?;
        let marks = self.marks.len();
        self.marks.extend(node.under.iter().map(|column| self.columns[*column].len()));
        self.frames.push(Frame { node: at, start, marks, elements: (!object).then_some(0) });
        scanner.space();
        match (scanner.byte(), object) {
            (b'}', true) | (b']', false) => Ok(Next::Close),
            _ => self.step(scanner),
        }
    }

    /// From behind a value in a container to the next one.
    fn after(&mut self, scanner: &mut Scanner<'_>) -> Result<Next, Error> {
        let object = self.frames.last().is_some_and(|frame| frame.elements.is_none());
        if object && let Some(next) = self.plain_members(scanner) {
            return Ok(next);
        }
        scanner.space();
        match (scanner.byte(), object) {
            (b',', _) => {
                scanner.at += 1;
                self.step(scanner)
            }
            (b'}', true) | (b']', false) => Ok(Next::Close),
            (_, true) => Err(scanner.expected("',' or '}'")),
            (_, false) => Err(scanner.expected("',' or ']'")),
        }
    }

    /// Steps over plain members that no pointer leads to, up to the value of one that is something else.
    fn plain_members(&mut self, scanner: &mut Scanner<'_>) -> Option<Next> {
        let frame = self.frames.last()?;
        let (node, marks) = (self.selection.node(frame.node), frame.marks);
        let mut at = scanner.at;
        let mut next = None;
        while let Some(plain) = scanner.plain(at)
            && let Some((key, value)) = plain.member(at)
        {
            at = value;
            if let Some(child) = node.named(&scanner.data[key.start..key.end]) {
                self.take_back(child, marks);
                next = Some(Next::Value(child.node));
                break;
            }
            let Some(end) = plain.scalar(value) else {
                next = Some(Next::Other);
                break;
            };
            at = end;
        }
        scanner.at = at;
        next
    }

    /// At a member or element: whether a pointer leads to it.
    fn step(&mut self, scanner: &mut Scanner<'_>) -> Result<Next, Error> {
        let Some(frame) = self.frames.last_mut() else { return Ok(Next::After) };
        let (node, marks) = (self.selection.node(frame.node), frame.marks);
        let child = match &mut frame.elements {
            Some(elements) => {
                *elements += 1;
                if let Some(each) = node.each {
                    return Ok(Next::Value(each));
                }
                node.indexed(*elements - 1)
            }
            None => {
                scanner.space();
                let key = scanner.key()?;
                let raw = &scanner.data[key.start..key.end];
                if key.escaped { node.named(&string::decode(raw)) } else { node.named(raw) }
            }
        };
        let Some(child) = child else { return Ok(Next::Other) };
        self.take_back(child, marks);
        Ok(Next::Value(child.node))
    }

    /// If a name was there before: what it led to does not count any more.
    fn take_back(&mut self, child: &Child, marks: usize) {
        let marks = &self.marks[marks + child.under..];
        for (column, mark) in self.selection.node(child.node).under.iter().zip(marks) {
            let column = &mut self.columns[*column];
            self.results -= column.len() - mark;
            column.truncate(*mark);
        }
    }

    fn close(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        scanner.leave();
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        self.marks.truncate(frame.marks);
        self.found(frame.node, frame.start, scanner.at)
    }

    /// The value of a node has ended.
    fn found(&mut self, at: usize, start: usize, end: usize) -> Result<(), Error> {
        let node = self.selection.node(at);
        for column in &node.ends {
            self.columns[*column].push(Span { start, end });
            self.results += 1;
        }
        if let Some(Frame { node: parent, marks, elements: Some(elements), .. }) = self.frames.last() {
            let first = marks + self.selection.node(*parent).each_under;
            for (column, position) in &node.rows {
                let column = &mut self.columns[*column];
                if column.len() < self.marks[first + position] + elements {
                    column.push(Span::MISSING);
                    self.results += 1;
                }
            }
        }
        if self.results > self.max_results {
            return Err(Error::TooLarge { what: "results", limit: self.max_results });
        }
        Ok(())
    }

    fn skip(&self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        match self.mode {
            Mode::Checked => scanner.value(),
            Mode::Trusted => scanner.skip_trusted(),
        }
    }
}
