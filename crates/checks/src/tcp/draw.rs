//! How a case looks: as a picture of the stream, where that is short, and else in words.

use std::io;

use super::cases::{Action, Case, READ_ALL, byte};
use super::right::Right;
use super::{After, Tcp};
use crate::exercise::{Attempt, draw_end};
use crate::{Screen, grouped, hex, plural};

/// The most columns of a picture: their indexes are digits.
const COLUMNS: u128 = 10;

/// The most actions that are listed, or shown in words before a wrong one; and the longest bytes
/// that are shown as letters.
pub(super) const SHOWN: usize = 6;

/// An action, and what is right after it: not there where the answer is wrong.
type Row<'a> = (Action, Option<&'a After>);

/// The actions up to the first wrong one.
pub(super) fn draw(
    case: &Case,
    want: &[After],
    seen: Option<&Attempt<Tcp>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let got = seen.map_or(&want[..want.len() - 1], |seen| &seen.observation.steps);
    let wrong = (0..want.len()).find(|&place| got.get(place) != Some(&want[place]));
    let right = want[..wrong.unwrap_or(want.len())].iter().map(Some).chain([None]);
    let rows: Vec<Row<'_>> = case.actions.iter().copied().zip(right).collect();
    // One more for the sign of the end.
    let ends = rows.iter().map(|(action, _)| action.brings().end + u128::from(action.is_last()));
    let limit = Right::after(case, rows.len()).limit();
    let columns = ends.max().unwrap_or(0).max(limit.into());
    let capacity = format!("capacity {}", grouped(case.capacity));
    if columns <= COLUMNS {
        let signs = "[ ] is its window, . a byte to come, F the end (FIN)";
        screen.labelled("buffer", &format!("{capacity}; {signs}"))?;
        screen.line("")?;
        in_columns(case.capacity, columns as u64, &rows, screen)?;
    } else {
        screen.labelled("buffer", &capacity)?;
        in_words(&rows, screen)?;
    }
    let Some(wrong) = wrong else { return Ok(()) };
    let Some(got) = got.get(wrong) else {
        return draw_end(&want[wrong].words(), None, seen, "answer", screen);
    };
    let (want, got, kind) = match seen {
        Some(seen) if got.takes_too_much => (
            format!("at most {} bytes taken", grouped(case.allowed())),
            format!("{} bytes taken", grouped(seen.observation.taken)),
            "amount",
        ),
        _ => difference(&want[wrong], got, Right::after(case, wrong).read),
    };
    screen.difference(&want, &got, kind)
}

/// For each action the bytes that it brings or takes, and below them those of the buffer.
fn in_columns(
    capacity: usize,
    columns: u64,
    rows: &[Row<'_>],
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    // Each index has three columns: for the two ends of the window, and for its byte.
    let line = |window: [u64; 2], cell: &dyn Fn(u64) -> char| -> String {
        let sign = |end: usize, index| if window[end] == index { ['[', ']'][end] } else { ' ' };
        (0..=columns).flat_map(|index| [sign(0, index), sign(1, index), cell(index)]).collect()
    };
    let nowhere = [u64::MAX; 2];
    let digit = |index| if index < columns { char::from(b'0' + index as u8) } else { ' ' };
    screen.row("index", &line(nowhere, &digit), "")?;
    let mut right = Right::new(capacity);
    for &(action, after) in rows {
        let unread = right.read;
        right.act(action);
        let (label, bytes) = match action {
            Action::Push { first, count, .. } => ("push".to_owned(), first..first + count as u64),
            Action::New | Action::Read(_) => (action.words(), unread..right.read),
        };
        let moved = line(nowhere, &|index| match index {
            _ if bytes.contains(&index) => char::from(byte(index)),
            _ if action.is_last() && bytes.end == index => 'F',
            _ => ' ',
        });
        let is_empty = bytes.is_empty() && !action.is_last();
        screen.row(&label, &moved, if is_empty { "no bytes" } else { "" })?;
        let held = line([right.ack, right.limit()], &|index| match index {
            _ if index < right.read => ' ',
            _ if right.has(index) => char::from(byte(index)),
            _ if right.end == Some(index) => 'F',
            _ if index < right.limit() => '.',
            _ => ' ',
        });
        screen.row("", &held, &after.map_or(String::new(), After::state))?;
    }
    Ok(())
}

fn in_words(rows: &[Row<'_>], screen: &mut Screen<'_>) -> io::Result<()> {
    let first = rows.len().saturating_sub(SHOWN);
    if first > 0 {
        screen.labelled(&format!("to {first}"), "all is right")?;
    }
    for (place, (action, after)) in rows.iter().enumerate().skip(first) {
        let answers = after.map_or(String::new(), |after| format!(": {}", after.words()));
        screen.labelled(&(place + 1).to_string(), &(action.words() + &answers))?;
    }
    Ok(())
}

/// What is wanted and what came, in words, and of which kind their first difference is. A read
/// begins with the first unread index.
fn difference(want: &After, got: &After, unread: u64) -> (String, String, &'static str) {
    if let (Some(wanted), Some(read)) = (&want.read, &got.read)
        && wanted.len() == read.len()
        && wanted.len() > SHOWN
        && let Some(at) = (0..wanted.len()).find(|&at| wanted[at] != read[at])
    {
        let word = |bytes: &[u8]| format!("{:02x} at index {}", bytes[at], unread + at as u64);
        return (word(wanted), word(read), "byte");
    }
    let kind = match () {
        () if got.read != want.read => "bytes",
        () if got.ack != want.ack => "ack",
        () if got.window != want.window => "window",
        () => "is_complete",
    };
    (want.words(), got.words(), kind)
}

impl Action {
    pub(super) fn words(self) -> String {
        match self {
            Action::New => "new".to_owned(),
            Action::Push { first, count, is_last } => {
                let last = if is_last { ", the last" } else { "" };
                format!("push {} at {first}{last}", plural(count, "byte"))
            }
            READ_ALL => "read all".to_owned(),
            Action::Read(at_most) => format!("read {}", grouped(at_most)),
        }
    }
}

impl After {
    /// All that was answered.
    pub(super) fn words(&self) -> String {
        let read = self.read.as_ref().map(|bytes| match &bytes[..] {
            [_, ..] if bytes.len() <= SHOWN && bytes.iter().all(u8::is_ascii_lowercase) => {
                format!("\"{}\"; ", String::from_utf8_lossy(bytes))
            }
            bytes => format!("{}; ", hex::row(bytes, bytes.len())),
        });
        read.unwrap_or_default() + &self.state()
    }

    fn state(&self) -> String {
        let complete = if self.is_complete { ", complete" } else { "" };
        format!("ack {}, window {}{complete}", self.ack, self.window)
    }
}
