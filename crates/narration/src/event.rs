//! Events: who did what, and to what, in columns.

use textwrap::core::display_width;

use crate::text::{escaped, hanging, left};

/// The least width of the first two columns, so that most events of a step line up with each other.
const COLUMNS: [usize; 2] = [6; 2];
/// What the third column needs, or it moves to lines of its own.
const ROOM_TO_SAY: usize = 16;
/// A screen narrower than this gets smaller gaps.
const NARROW: usize = 60;

/// Events that wait for the last of their group, to line up with it.
pub(crate) struct Events {
    waiting: Vec<[String; 3]>,
    columns: [usize; 2],
}

impl Events {
    pub(crate) fn new() -> Self {
        Events { waiting: Vec::new(), columns: COLUMNS }
    }

    pub(crate) fn push(&mut self, event: [&str; 3]) {
        let event = event.map(escaped);
        for (column, text) in self.columns.iter_mut().zip(&event) {
            *column = display_width(text).max(*column);
        }
        self.waiting.push(event);
    }

    /// The lines of those that wait; afterwards none waits.
    pub(crate) fn draw(&mut self, width: usize) -> String {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.iter().map(|event| self.line(event, width)).collect()
    }

    fn line(&self, [who, does, what]: &[String; 3], width: usize) -> String {
        let (indent, gap) = if width < NARROW { ("    ", "  ") } else { ("      ", "   ") };
        let [who, does_column] = [left(who, self.columns[0]), left(does, self.columns[1])];
        let ahead = format!("{indent}{who}{gap}{does_column}{gap}");
        let start = display_width(&ahead);
        if start + display_width(what).min(ROOM_TO_SAY) <= width {
            return hanging(&ahead, start, what, width);
        }
        let below = indent.len() + 2;
        let said = if what.is_empty() {
            String::new()
        } else {
            hanging(&" ".repeat(below), below, what, width)
        };
        hanging(indent, below, &format!("{who}{gap}{does}"), width) + &said
    }
}
