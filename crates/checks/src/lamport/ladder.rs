//! A schedule as a ladder: a line a node, time runs down, an arrow is a message.

use std::io;

use super::cases::{Case, Kind, MOST_NODES, letter};
use crate::Screen;

/// Where the line of node a stands.
const INDENT: usize = 2;

/// Columns from one line to the next: room for an event and a message that waits, and at most what
/// looks well.
const NEAREST: usize = 12;
const FARTHEST: usize = 26;

/// What things are drawn with.
struct Glyphs {
    line: char,
    event: char,
    dash: char,
    left: char,
    right: char,
}

const UTF8: Glyphs = Glyphs { line: '│', event: '●', dash: '─', left: '◀', right: '▶' };

const ASCII: Glyphs = Glyphs { line: '|', event: 'o', dash: '-', left: '<', right: '>' };

/// Draws the first events of a case, each with its label beside it: a stamp, in ASCII.
pub(super) fn draw(case: &Case, labels: &[String], screen: &mut Screen<'_>) -> io::Result<()> {
    let glyphs = if screen.is_utf8() { &UTF8 } else { &ASCII };
    let pitch = screen.width().saturating_sub(INDENT + NEAREST) / (MOST_NODES - 1);
    let ladder = Ladder { case, labels, glyphs, pitch: pitch.clamp(NEAREST, FARTHEST) };
    let names = (0..case.nodes()).map(|node| (ladder.column(node), letter(node)));
    screen.line(&ladder.text(names))?;
    let mut place = 0;
    while place < labels.len() {
        screen.line(&ladder.lines())?;
        let (row, events) = ladder.row(place);
        screen.line(&row)?;
        place += events;
    }
    Ok(())
}

struct Ladder<'a> {
    case: &'a Case,
    labels: &'a [String],
    glyphs: &'a Glyphs,
    /// Columns from one line to the next.
    pitch: usize,
}

impl Ladder<'_> {
    fn column(&self, node: usize) -> usize {
        INDENT + node * self.pitch
    }

    fn text(&self, chars: impl Iterator<Item = (usize, char)>) -> String {
        let mut row = vec![' '; self.column(self.case.nodes())];
        chars.for_each(|(column, char)| row[column] = char);
        row.into_iter().collect()
    }

    fn lines(&self) -> String {
        let lines = (0..self.case.nodes()).map(|node| (self.column(node), self.glyphs.line));
        self.text(lines)
    }

    /// The row of this event, and how many events are in it: a message that nothing overtakes has
    /// both its ends in one.
    fn row(&self, place: usize) -> (String, usize) {
        let mut row: Vec<char> = self.lines().chars().collect();
        self.event(&mut row, place);
        match self.case.events[place].kind {
            Kind::Local => {}
            Kind::Send { .. } if self.arrives_at_once(place) => {
                self.event(&mut row, place + 1);
                self.arrow(&mut row, place);
                return (row.into_iter().collect(), 2);
            }
            Kind::Send { to } => self.end(&mut row, place, to, self.case.message(place)),
            Kind::Receive { message, sending } => {
                let from = self.case.events[sending].node;
                self.end(&mut row, place, from, message);
            }
        }
        (row.into_iter().collect(), 1)
    }

    fn arrives_at_once(&self, sending: usize) -> bool {
        let next = self.case.events[..self.labels.len()].get(sending + 1);
        next.is_some_and(
            |next| matches!(next.kind, Kind::Receive { sending: of, .. } if of == sending),
        )
    }

    fn event(&self, row: &mut [char], place: usize) {
        let column = self.column(self.case.events[place].node);
        let text = format!("{} {}", self.glyphs.event, self.labels[place]);
        write(row, column, &text);
    }

    /// The first column that is free beside an event.
    fn beside(&self, place: usize) -> usize {
        self.column(self.case.events[place].node) + "o ".len() + self.labels[place].len() + 1
    }

    /// The whole way of a message to the next event, across the line of a node between.
    fn arrow(&self, row: &mut [char], sending: usize) {
        let node = |place: usize| self.case.events[place].node;
        let rightwards = node(sending) < node(sending + 1);
        let (left, right) = match rightwards {
            true => (sending, sending + 1),
            false => (sending + 1, sending),
        };
        let way = &mut row[self.beside(left)..self.column(node(right))];
        for char in way.iter_mut().filter(|char| **char == ' ') {
            *char = self.glyphs.dash;
        }
        match rightwards {
            true => way[way.len() - 1] = self.glyphs.right,
            false => way[0] = self.glyphs.left,
        }
    }

    /// One end of a message that takes its time, on the side of the node at its other end.
    fn end(&self, row: &mut [char], place: usize, other: usize, message: usize) {
        let Glyphs { dash, left, right, .. } = self.glyphs;
        let event = self.case.events[place];
        let other_is_right = other > event.node;
        let leaves = matches!(event.kind, Kind::Send { .. });
        let arrow = match leaves == other_is_right {
            true => format!("{dash}{dash}{right}"),
            false => format!("{left}{dash}{dash}"),
        };
        if other_is_right {
            return write(row, self.beside(place), &format!("{arrow} m{message}"));
        }
        let text = format!("m{message} {arrow}");
        write(row, self.column(event.node) - text.chars().count(), &text);
    }
}

fn write(row: &mut [char], column: usize, text: &str) {
    for (cell, char) in row[column..].iter_mut().zip(text.chars()) {
        *cell = char;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(code: &str, columns: usize) -> String {
        let case = Case::parse(code).expect("it is a code");
        let labels: Vec<String> = case.stamps().iter().map(u64::to_string).collect();
        let mut out = Vec::new();
        draw(&case, &labels, &mut Screen::utf8(&mut out, columns)).expect("a Vec takes everything");
        String::from_utf8(out).expect("screens are text")
    }

    #[test]
    fn a_message_crosses_the_line_between_and_one_that_is_late_says_so_at_both_ends() {
        let expected = "
  a                         b                         c
  │                         │                         │
  ● 2 ◀─────────────────────│─────────────────────────● 1
  │                         │                         │
  ● 3 ──▶ m2                │                         │
  │                         │                         │
  │                   m3 ◀──● 1                       │
  │                         │                         │
  │                   m2 ──▶● 4                       │
  │                         │                         │
  ● 4 ◀── m3                │                         │
  │                         │                         │
  ● 5 ──────────────────────│────────────────────────▶● 6
";
        assert_eq!(format!("\n{}", drawn("ca.1.ab.ba.2.3.ac.4", 80)), expected);
    }

    #[test]
    fn the_longest_schedules_fit_a_narrow_screen() {
        for (code, last) in [
            ("ca.1.ca.2.ca.3.ca.4.ca.5.ca.6", "  ● 7 ◀────────│────────────● 6\n"),
            ("ac.bc.ac.bc.ac.bc.6.5.4.3.2.1", "  │            │      m1 ──▶● 9\n"),
            ("ba.ba.ba.ba.ba.ab.1.2.3.4.5.6", "  │      m6 ──▶● 6\n"),
        ] {
            let ladder = drawn(code, 40);
            assert!(ladder.lines().all(|line| line.chars().count() <= 40), "{ladder}");
            assert!(ladder.ends_with(last), "{ladder}");
        }
    }
}
