//! Tables: columns that line up, narrower ones where the screen is narrow, records where they do
//! not fit at all.

use textwrap::core::display_width;

use crate::terminal::{BOLD, DIM, Terminal};
use crate::text::{escaped, hanging, left, right, wrapped};

/// Spaces between two columns.
const GAP: &str = "  ";
/// What stands after a marked row.
const MARK: &str = "  ◀";
/// Where a table stands, and where it moves if that makes it fit.
const INDENTS: [&str; 2] = ["    ", "  "];
/// Text is not wrapped into fewer columns than this.
const NARROWEST: usize = 16;

/// Rows of cells under headings. A column of numbers lines up by the decimal point, any other on
/// the left.
///
/// ```
/// use narration::{Narrator, Table, number};
///
/// let mut screen = Vec::new();
/// Narrator::plain(80, &mut screen).table(
///     &Table::new(["policy", "attempts", "recovered, s"])
///         .row(["at once".into(), number(9_412), "14.25".into()])
///         .marked_row(["full jitter".into(), number(431), "3.1".into()]),
/// )?;
/// assert_eq!(String::from_utf8_lossy(&screen), "    \
///     policy       attempts  recovered, s
///     at once         9,412         14.25
///     full jitter       431          3.1   ◀
/// ");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    cells: Vec<String>,
    is_marked: bool,
}

impl Table {
    /// A table with no rows yet. A heading names its column's unit: `"recovered, s"`.
    pub fn new<C: Into<String>>(headings: impl IntoIterator<Item = C>) -> Self {
        Table { headings: cells(headings), rows: Vec::new() }
    }

    /// With one more row.
    ///
    /// # Panics
    /// If it has not a cell for each heading.
    #[must_use]
    pub fn row<C: Into<String>>(self, cells: impl IntoIterator<Item = C>) -> Self {
        self.with_row(cells, false)
    }

    /// With one more row, marked as the one that matters.
    ///
    /// # Panics
    /// If it has not a cell for each heading.
    #[must_use]
    pub fn marked_row<C: Into<String>>(self, cells: impl IntoIterator<Item = C>) -> Self {
        self.with_row(cells, true)
    }

    fn with_row<C: Into<String>>(
        mut self,
        row: impl IntoIterator<Item = C>,
        is_marked: bool,
    ) -> Self {
        let cells = cells(row);
        assert_eq!(cells.len(), self.headings.len(), "a row has a cell for each heading");
        self.rows.push(Row { cells, is_marked });
        self
    }

    /// The lines of the table, within the width of the terminal.
    pub(crate) fn draw(&self, terminal: &Terminal) -> String {
        let is_marked = self.rows.iter().any(|row| row.is_marked);
        let mark = if is_marked { display_width(MARK) } else { 0 };
        let gaps = GAP.len() * self.headings.len().saturating_sub(1);
        let mut columns: Vec<_> =
            (0..self.headings.len()).map(|index| self.column(index)).collect();
        let room = |indent: &str| terminal.width.saturating_sub(indent.len() + gaps + mark);
        if let Some(indent) = INDENTS.into_iter().find(|indent| width(&columns) <= room(indent)) {
            return self.grid(terminal, &columns, indent);
        }
        for indent in INDENTS {
            if narrow(&mut columns, room(indent)) {
                return self.grid(terminal, &columns, indent);
            }
        }
        self.records(terminal)
    }

    fn column(&self, index: usize) -> Column {
        let cells: Vec<_> = self.rows.iter().map(|row| &*row.cells[index]).collect();
        Column::around(&self.headings[index], &cells)
    }

    fn grid(&self, terminal: &Terminal, columns: &[Column], indent: &str) -> String {
        let mut text = String::new();
        let headings =
            self.headings.iter().zip(columns).map(|(heading, column)| column.heading(heading));
        for line in side_by_side(headings.collect(), columns) {
            text += &format!("{indent}{}\n", terminal.paint(DIM, line.trim_end()));
        }
        for row in &self.rows {
            let cells = row.cells.iter().zip(columns).map(|(cell, column)| column.cell(cell));
            for (index, line) in side_by_side(cells.collect(), columns).iter().enumerate() {
                let line = match row.is_marked && index == 0 {
                    true => terminal.paint(BOLD, &format!("{line}{MARK}")),
                    false => line.trim_end().to_owned(),
                };
                text += &format!("{indent}{line}\n");
            }
        }
        text
    }

    /// Each row as lines of `heading: value`.
    fn records(&self, terminal: &Terminal) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let mark = if row.is_marked { MARK } else { "" };
            for (index, (heading, cell)) in self.headings.iter().zip(&row.cells).enumerate() {
                let (indent, mark) = if index == 0 { ("    ", mark) } else { ("      ", "") };
                let line = format!("{heading}: {cell}{mark}");
                text += &hanging(indent, indent.len() + 2, &line, terminal.width);
            }
        }
        text
    }
}

fn cells<C: Into<String>>(cells: impl IntoIterator<Item = C>) -> Vec<String> {
    cells.into_iter().map(|cell| escaped(&cell.into())).collect()
}

/// How the cells of one column are placed.
struct Column {
    width: usize,
    /// Neither a word nor a number is cut.
    narrowest: usize,
    /// In a column of numbers, the columns from the decimal point to the right edge.
    behind_point: Option<usize>,
}

impl Column {
    fn around(heading: &str, cells: &[&str]) -> Self {
        let text = widest(cells.iter().copied());
        let heading_word = widest(heading.split(' '));
        let numbers: Vec<_> = cells.iter().filter_map(|cell| around_point(cell)).collect();
        if numbers.is_empty() || numbers.len() < cells.len().div_ceil(2) {
            let width = text.max(display_width(heading));
            let word = widest(cells.iter().flat_map(|cell| cell.split(' '))).max(heading_word);
            let narrowest = word.max(NARROWEST).min(width);
            return Column { width, narrowest, behind_point: None };
        }
        let [ahead, behind] = numbers
            .iter()
            .fold([0, 0], |most, number| [0, 1].map(|side| most[side].max(number[side])));
        let body = text.max(ahead + behind);
        let width = body.max(display_width(heading));
        Column { width, narrowest: body.max(heading_word), behind_point: Some(behind) }
    }

    fn heading(&self, heading: &str) -> Vec<String> {
        let lines = wrapped(heading, self.width);
        match self.behind_point {
            Some(_) => lines.iter().map(|line| right(line, self.width)).collect(),
            None => lines,
        }
    }

    fn cell(&self, cell: &str) -> Vec<String> {
        match (self.behind_point, around_point(cell)) {
            (None, _) => wrapped(cell, self.width),
            (Some(_), None) => vec![right(cell, self.width)],
            (Some(most), Some([ahead, _])) => vec![right(&left(cell, ahead + most), self.width)],
        }
    }
}

fn width(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.width).sum()
}

/// Takes space from the widest columns that have some to give; whether all of them come to fit in
/// `room`.
fn narrow(columns: &mut [Column], room: usize) -> bool {
    while width(columns) > room {
        let shrinkable = columns.iter_mut().filter(|column| column.width > column.narrowest);
        match shrinkable.max_by_key(|column| column.width) {
            Some(widest) => widest.width -= 1,
            None => return false,
        }
    }
    true
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(display_width).max().unwrap_or(0)
}

/// The columns that a number takes ahead of its decimal point, and from there on: its fraction and
/// its unit. `None` for what is not one number with at most a unit after it.
fn around_point(cell: &str) -> Option<[usize; 2]> {
    let number = cell.trim_start_matches(['≈', '~', ' ', '+', '-', '−', '$']);
    let end =
        number.find(|char: char| !char.is_ascii_digit() && char != ',').unwrap_or(number.len());
    let (whole, rest) = number.split_at(end);
    let unit = rest
        .strip_prefix('.')
        .unwrap_or(rest)
        .trim_start_matches(|char: char| char.is_ascii_digit());
    let is_number = whole.starts_with(|char: char| char.is_ascii_digit())
        && !unit.contains(|char: char| char.is_ascii_digit())
        && unit.split_whitespace().count() <= 1;
    let behind = display_width(rest);
    is_number.then(|| [display_width(cell) - behind, behind])
}

/// The lines of a row whose cells may have several each.
fn side_by_side(cells: Vec<Vec<String>>, columns: &[Column]) -> Vec<String> {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |index: usize| {
        let pieces = cells
            .iter()
            .zip(columns)
            .map(|(cell, column)| left(cell.get(index).map_or("", String::as_str), column.width));
        pieces.collect::<Vec<_>>().join(GAP)
    };
    (0..height).map(line).collect()
}
