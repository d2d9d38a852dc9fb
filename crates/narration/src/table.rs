//! Tables.

/// Rows under headings, each a cell a heading.
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) headings: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with no rows yet. A heading names its unit: `"recovered, s"`.
    pub fn new<C: Into<String>>(headings: impl IntoIterator<Item = C>) -> Self {
        Table {
            headings: headings.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<C: Into<String>>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    /// Adds the row that matters.
    pub fn marked_row<C: Into<String>>(self, cells: impl IntoIterator<Item = C>) -> Self {
        self.row(cells)
    }
}
