//! How a case looks: as a picture of the stream, where that is short, and else in words.

use std::io;

use super::cases::{ALL, Action, Case, byte};
use super::right::Right;
use super::{After, Tcp};
use crate::exercise::{Attempt, draw_end};
use crate::{Screen, grouped, hex, plural};

/// The most columns of a picture: their indexes are digits.
const COLUMNS: u64 = 10;

/// The most actions that are listed, or shown in words before a wrong one; and the longest bytes
/// that are shown as letters.
pub(super) const SHOWN: usize = 6;

/// The longest words beside a picture.
const WORDS: usize = "ack 4, window 0, complete".len();

/// The actions up to the first wrong one, each with what is right after it.
pub(super) fn draw(
    case: &Case,
    want: &[After],
    seen: Option<&Attempt<Tcp>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let got = seen.map_or(&want[..want.len() - 1], |seen| &seen.observation.steps);
    let wrong = (0..want.len()).find(|&place| got.get(place) != Some(&want[place]));
    let shown = &want[..wrong.map_or(want.len(), |wrong| wrong + 1)];
    let actions = &case.actions[..shown.len()];
    // One more for the sign of the end.
    let columns = actions.iter().map(|action| action.end() + u128::from(action.is_last()));
    let limit = Right::after(case, shown.len()).limit();
    match columns.max().unwrap_or(0).max(limit.into()) {
        columns if columns <= COLUMNS.into() => {
            let signs = "[ ] is its window, . a byte to come, F the end (FIN)";
            screen.labelled("buffer", &format!("capacity {}; {signs}", case.capacity))?;
            screen.line("")?;
            in_columns(case, columns as u64, shown, wrong, screen)?;
        }
        _ => {
            screen.labelled("buffer", &format!("capacity {}", grouped(case.capacity)))?;
            in_words(case, shown, wrong, screen)?;
        }
    }
    let Some(wrong) = wrong else { return Ok(()) };
    let Some(got) = got.get(wrong) else {
        return draw_end(&want[wrong].words(), None, seen, "answer", screen);
    };
    let taken = seen.map_or(0, |seen| seen.observation.taken);
    let [wanted, got, kind] = difference(case, wrong, &want[wrong], got, taken);
    draw_end(&wanted, Some(got), seen, &kind, screen)
}

/// For each action the bytes that it brings or takes, and below them those of the buffer.
fn in_columns(
    case: &Case,
    columns: u64,
    shown: &[After],
    wrong: Option<usize>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let cells = |cell: &dyn Fn(u64) -> char| -> Vec<char> {
        let cells = (0..columns).flat_map(|index| [' ', ' ', cell(index)]);
        cells.chain([' ', ' ']).collect()
    };
    let mut row = |label: &str, cells: Vec<char>, words: &str| {
        let line = format!("  {label:8}{}", cells.into_iter().collect::<String>());
        if words.is_empty() || line.len() + 3 + WORDS <= screen.width() {
            return screen.line(&format!("{line}   {words}"));
        }
        screen.line(&line)?;
        screen.labelled("", words)
    };
    row("index", cells(&|index| char::from(b'0' + index as u8)), "")?;
    let mut right = Right::new(case.capacity);
    for (place, (&action, after)) in case.actions.iter().zip(shown).enumerate() {
        let unread = right.read;
        right.act(action);
        let (bytes, end) = match action {
            Action::New => (0..0, None),
            Action::Push { first, count, is_last } => {
                let end = first + count as u64;
                (first..end, is_last.then_some(end))
            }
            Action::Read(_) => (unread..right.read, None),
        };
        let label = match action {
            Action::Push { .. } => "push".to_owned(),
            action => action.words(),
        };
        let no_bytes = bytes.is_empty() && end.is_none() && action != Action::New;
        let moved = cells(&|index| match index {
            _ if bytes.contains(&index) => char::from(byte(index)),
            _ if end == Some(index) => 'F',
            _ => ' ',
        });
        row(&label, moved, if no_bytes { "no bytes" } else { "" })?;
        let mut held = cells(&|index| match index {
            _ if index < right.read => ' ',
            _ if right.has(index) => char::from(byte(index)),
            _ if right.end == Some(index) => 'F',
            _ if index < right.limit() => '.',
            _ => ' ',
        });
        held[3 * right.ack as usize] = '[';
        held[3 * right.limit() as usize + 1] = ']';
        let words = if wrong == Some(place) { String::new() } else { after.state() };
        row("", held, &words)?;
    }
    Ok(())
}

fn in_words(
    case: &Case,
    shown: &[After],
    wrong: Option<usize>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let first = shown.len().saturating_sub(SHOWN);
    if first > 0 {
        screen.labelled(&format!("to {first}"), "all is right")?;
    }
    for (place, after) in shown.iter().enumerate().skip(first) {
        let action = case.actions[place].words();
        let words = match wrong == Some(place) {
            true => action,
            false => format!("{action}: {}", after.words()),
        };
        screen.labelled(&(place + 1).to_string(), &words)?;
    }
    Ok(())
}

/// What is wanted and what came, in words, and of which kind their first difference is.
fn difference(case: &Case, place: usize, want: &After, got: &After, taken: usize) -> [String; 3] {
    if got.takes_too_much {
        let want = format!("at most {} bytes taken", grouped(case.allowed()));
        return [want, format!("{} bytes taken", grouped(taken)), "amount".to_owned()];
    }
    if let (Some(wanted), Some(read)) = (&want.read, &got.read)
        && wanted.len() == read.len()
        && wanted.len() > SHOWN
        && let Some(at) = (0..wanted.len()).find(|&at| wanted[at] != read[at])
    {
        let index = Right::after(case, place).read + at as u64;
        let [want, got] = [wanted, read].map(|bytes| format!("{:02x} at index {index}", bytes[at]));
        return [want, got, "byte".to_owned()];
    }
    let kind = match () {
        () if got.read != want.read => "bytes",
        () if got.ack != want.ack => "ack",
        () if got.window != want.window => "window",
        () => "is_complete",
    };
    [want.words(), got.words(), kind.to_owned()]
}

impl Action {
    pub(super) fn words(self) -> String {
        match self {
            Action::New => "new".to_owned(),
            Action::Push { first, count, is_last } => {
                let last = if is_last { ", the last" } else { "" };
                format!("push {} at {first}{last}", plural(count, "byte"))
            }
            Action::Read(ALL) => "read all".to_owned(),
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
