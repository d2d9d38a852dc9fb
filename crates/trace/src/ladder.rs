//! The ladder: the space-time diagram of a trace in text. Time runs down, a column for each node,
//! arrows between them.

mod list;
mod rows;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::{clipped, stamp};
use crate::{Event, Trace};
use rows::{Row, What};

/// The widest text beside an event, in columns. What is longer is cut.
const LONGEST_TEXT: usize = 30;

/// The shortest arrow: a line, and its head.
const SHORTEST_ARROW: usize = 2;

/// Columns are not set further apart than this, however wide the screen.
const WIDEST_COLUMN: usize = 26;

/// With more rows than this, no empty ones stand between them.
const MOST_AIRY_ROWS: usize = 24;

/// Draws a trace within `width` columns.
pub(crate) fn draw(trace: &Trace, width: usize) -> String {
    let rows = rows::of(trace);
    let texts = [Texts::Beside, Texts::LabelsBelow, Texts::Below].into_iter();
    let mut layouts = texts.filter_map(|texts| Layout::fitting(trace, &rows, texts, width));
    match layouts.next() {
        Some(layout) => layout.draw(&rows),
        None => list::draw(trace),
    }
}

/// Where the stamp and the label of an event stand. What stands below makes the columns narrower.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    /// Both beside it.
    Beside,
    /// The stamp beside it, the label in the next line.
    LabelsBelow,
    /// Both in the next line.
    Below,
}

/// A diagram that fits.
struct Layout<'trace> {
    trace: &'trace Trace,
    texts: Texts,
    /// From one node's column to the next.
    spacing: usize,
}

/// The text beside an event, and below it.
struct Text {
    beside: String,
    below: String,
}

impl<'trace> Layout<'trace> {
    /// The widest layout within `width`, if there is one.
    fn fitting(
        trace: &'trace Trace,
        rows: &[Row],
        texts: Texts,
        width: usize,
    ) -> Option<Layout<'trace>> {
        let mut layout = Layout { trace, texts, spacing: 0 };
        let gaps = trace.nodes().len().checked_sub(1)?;
        // What a column takes, the gap to the next one included; and the last, which has none.
        let (mut column, mut last_column) = (0, 0);
        let names = trace.nodes().iter().enumerate();
        let names = names.map(|(node, name)| (node, shown(name).width() + 1));
        let events = rows.iter().flat_map(|row| layout.ends(row));
        for (node, takes) in names.chain(events) {
            match node < gaps {
                true => column = takes.max(column),
                false => last_column = takes.max(last_column),
            }
        }
        let room = (width + 1).checked_sub(last_column)?;
        if gaps * column > room {
            return None;
        }
        let widest = room.checked_div(gaps).unwrap_or(0);
        layout.spacing = widest.min(WIDEST_COLUMN.max(column));
        Some(layout)
    }

    /// For each event of a row its node, and how many columns it takes from there with what follows
    /// it.
    fn ends(&self, row: &Row) -> Vec<(usize, usize)> {
        let end = |place: usize, what_follows: usize| {
            let event = &self.trace.events()[place];
            let Text { beside, below } = self.text(event);
            let beside = behind(&beside) + what_follows;
            (event.node, beside.max(2 + below.width() + 1))
        };
        let event = row.event;
        match &row.what {
            What::Alone => vec![end(event, 0)],
            What::Arrow { receive, name } => {
                let name = name.as_ref().map_or(0, |name| shown(name).width() + 2);
                let arrow = SHORTEST_ARROW + name;
                let node = |place: usize| self.trace.events()[place].node;
                match node(event) < node(*receive) {
                    true => vec![end(event, arrow), end(*receive, 0)],
                    false => vec![end(event, 0), end(*receive, arrow)],
                }
            }
            What::Cut { note, to_the_left, .. } => {
                let dash = 3 + 1 + shown(note).width() + 1;
                match to_the_left {
                    // It takes room from the column before.
                    true => vec![end(event, 0), (self.trace.events()[event].node - 1, dash)],
                    false => vec![end(event, dash)],
                }
            }
        }
    }

    fn text(&self, event: &Event) -> Text {
        let (stamp, label) = (stamp(event), shown(&event.label));
        let both = format!("{stamp} {label}").trim().to_owned();
        let (beside, below) = match self.texts {
            Texts::LabelsBelow if !stamp.is_empty() => (stamp, label),
            Texts::Below => (String::new(), both),
            _ => (both, String::new()),
        };
        Text { beside, below }
    }

    fn draw(&self, rows: &[Row]) -> String {
        let mut diagram = String::new();
        let mut names = Line(Vec::new());
        for (node, name) in self.trace.nodes().iter().enumerate() {
            names.put(self.column(node), &shown(name));
        }
        diagram += &names.finish();
        let is_airy = rows.len() <= MOST_AIRY_ROWS;
        if !is_airy {
            diagram += &self.lifelines().finish();
        }
        let mut between = self.lifelines();
        for row in rows {
            if is_airy || between != self.lifelines() {
                diagram += &between.finish();
            }
            let line;
            (line, between) = self.row(row);
            diagram += &line.finish();
        }
        if between != self.lifelines() || rows.is_empty() {
            diagram += &between.finish();
        }
        diagram
    }

    /// A row, and the line below it with the labels that stand there.
    fn row(&self, row: &Row) -> (Line, Line) {
        let (mut line, mut below) = (self.lifelines(), self.lifelines());
        let start = self.event(row.event, &mut line, &mut below);
        let x = self.column(self.trace.events()[row.event].node);
        match &row.what {
            What::Alone => {}
            What::Arrow { receive, name } => {
                let other = self.column(self.trace.events()[*receive].node);
                let other_start = self.event(*receive, &mut line, &mut below);
                let name = name.as_deref().map(shown);
                match x < other {
                    true => line.arrow(start, other - 1, Head::Right, name.as_deref()),
                    false => line.arrow(other_start, x - 1, Head::Left, name.as_deref()),
                }
            }
            What::Cut { note, to_the_left, is_send, is_lost } => {
                let note = shown(note);
                let dash = match (is_send, is_lost, to_the_left) {
                    (true, true, false) => "──✗",
                    (true, true, true) => "✗──",
                    (true, false, false) | (false, _, true) => "──▶",
                    (true, false, true) | (false, _, false) => "◀──",
                };
                if *to_the_left {
                    let text = format!("{note} {dash}");
                    line.put(x.saturating_sub(text.width()), &text);
                } else {
                    line.put(start, &format!("{dash} {note}"));
                }
            }
        }
        (line, below)
    }

    /// Draws an event and its text; returns the column where an arrow can begin behind them.
    fn event(&self, place: usize, line: &mut Line, below: &mut Line) -> usize {
        let event = &self.trace.events()[place];
        let (x, text) = (self.column(event.node), self.text(event));
        line.put(x, "●");
        if !text.below.is_empty() {
            below.put(x + 2, &text.below);
        }
        if !text.beside.is_empty() {
            line.put(x + 1, &format!(" {} ", text.beside));
        }
        x + behind(&text.beside)
    }

    fn lifelines(&self) -> Line {
        let mut line = Line(Vec::new());
        for node in 0..self.trace.nodes().len() {
            line.put(self.column(node), "│");
        }
        line
    }

    fn column(&self, node: usize) -> usize {
        node * self.spacing
    }
}

/// One line of the diagram, a string for each column: a character wider than one leaves the columns
/// behind it empty.
#[derive(PartialEq, Eq)]
struct Line(Vec<String>);

/// At which end the head of an arrow is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Left,
    Right,
}

impl Line {
    fn put(&mut self, column: usize, text: &str) {
        let mut at = column;
        for char in text.chars() {
            match char.width().unwrap_or(0) {
                // A combining mark of the letter before it.
                0 => {
                    if let Some(cell) = at.checked_sub(1).and_then(|before| self.0.get_mut(before))
                    {
                        cell.push(char);
                    }
                }
                width => {
                    for place in at..at + width {
                        self.cell(place).clear();
                    }
                    self.cell(at).push(char);
                    at += width;
                }
            }
        }
    }

    /// An arrow from one column to another, both included. Where it crosses a node's line, the line
    /// stays.
    fn arrow(&mut self, first: usize, last: usize, head: Head, name: Option<&str>) {
        for column in first..=last {
            if self.cell(column) == " " {
                self.put(column, "─");
            }
        }
        match head {
            Head::Right => self.put(last, "▶"),
            Head::Left => self.put(first, "◀"),
        }
        if let Some(name) = name {
            self.put(first + 2, &format!(" {name} "));
        }
    }

    fn cell(&mut self, column: usize) -> &mut String {
        while self.0.len() <= column {
            self.0.push(" ".to_owned());
        }
        &mut self.0[column]
    }

    fn finish(&self) -> String {
        format!("{}\n", self.0.concat().trim_end())
    }
}

/// The columns from an event to behind the text beside it.
fn behind(text: &str) -> usize {
    match text.width() {
        0 => 2,
        width => 2 + width + 1,
    }
}

/// Text from outside as it is shown: on one line, [printable](crate::text::printable), and cut.
fn shown(text: &str) -> String {
    clipped(text, LONGEST_TEXT)
}
