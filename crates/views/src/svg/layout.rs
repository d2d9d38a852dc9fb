//! The positions of everything, in the units of the diagram from its upper left corner.

use unicode_width::UnicodeWidthStr;

use trace::layout::{Arrow, Track};
use trace::text::{clipped, stamp};
use trace::{Event, Kind, Trace};

/// Around the diagram.
pub(super) const MARGIN: i64 = 24;
/// Of an event.
pub(super) const RADIUS: i64 = 4;
/// From an event to its text.
pub(super) const TEXT_X: i64 = 10;
/// From a text to an arrow.
const BEHIND_TEXT: i64 = 4;
/// Half of the height of a text of 12 units: from its middle to its upper or lower end.
const HALF_TEXT: i64 = 7;
/// From the middle of a text to its baseline.
const BASELINE: i64 = 4;
/// From one row to the next.
const ROW: i64 = 26;
/// Between a text and the next column, so that an arrow can be seen there.
const GAP: i64 = 56;
/// From the line of a node to its first track, so that the head of an arrow has room.
const FIRST_TRACK: i64 = 18;
/// From one track to the next.
const TRACK: i64 = 8;
/// The narrowest column, so that an arrow has a direction to see.
const NARROWEST: i64 = 120;
/// After this many rows the names of the nodes are repeated.
const ROWS_BETWEEN_NAMES: usize = 30;

/// The columns that a text leaves to each one before it.
const LEAST: usize = 4;

/// Columns, rows, and the size of it all.
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    /// Where each event stands, and its text.
    pub(super) events: Vec<Placed>,
    pub(super) arrows: Vec<Arrow>,
    /// The baselines on which the names of the nodes stand.
    pub(super) names_at: Vec<i64>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A node.
pub(super) struct Column {
    pub(super) x: i64,
    pub(super) name: Words,
}

/// An event.
pub(super) struct Placed {
    pub(super) x: i64,
    pub(super) y: i64,
    /// To the right of it.
    pub(super) words: Words,
}

/// Text on one line, cut to what there is room for.
pub(super) struct Words {
    /// Each a class, or none, and what is shown in it.
    pub(super) parts: Vec<(&'static str, String)>,
    pub(super) width: i64,
    /// Nothing but ASCII, which every monospaced font sets alike.
    pub(super) is_plain: bool,
}

impl Layout {
    pub(super) fn of(trace: &Trace) -> Layout {
        let room = columns_for_words(trace.nodes().len());
        let places = 0..trace.events().len();
        let words: Vec<Words> = places.map(|place| words(trace, place, room)).collect();
        let trace::layout::Layout { rows, arrows, tracks } = trace.layout();
        let (columns, width) = columns(trace, &words, room, &tracks);
        let (heights, names_at, height) = heights(rows.last().map_or(0, |last| last + 1));
        let placed = trace.events().iter().zip(rows).zip(words);
        let events = placed.map(|((event, row), words)| {
            let (x, y) = (columns[event.node].x, heights[row]);
            Placed { x, y, words }
        });
        Layout { events: events.collect(), columns, arrows, names_at, width, height }
    }

    /// Where the lines of the nodes begin.
    pub(super) fn first_y(&self) -> i64 {
        MARGIN + 2 * HALF_TEXT + 4
    }

    pub(super) fn track_x(&self, track: Track) -> i64 {
        let number = i64::try_from(track.number).expect("a track is a count of messages");
        self.columns[track.node].x - FIRST_TRACK - TRACK * number
    }
}

impl Placed {
    pub(super) fn baseline(&self) -> i64 {
        self.y + BASELINE
    }

    /// Where an arrow begins or ends to the left of it.
    pub(super) fn left(&self) -> i64 {
        self.x - RADIUS - 1
    }

    /// Where an arrow begins or ends to the right of it, behind its text.
    pub(super) fn right(&self) -> i64 {
        match self.words.width {
            0 => self.x + RADIUS + 1,
            width => self.x + TEXT_X + width + BEHIND_TEXT,
        }
    }
}

impl Words {
    /// These texts, cut to `columns`. The last gets room first, as each is more useful than the one
    /// before: the rest of a cut vector is of little use.
    fn new(texts: &[(&'static str, &str)], columns: usize) -> Words {
        let texts: Vec<_> = texts.iter().filter(|(_, text)| !text.is_empty()).collect();
        let mut left = columns.saturating_sub(texts.len().saturating_sub(1));
        let mut shown = vec![String::new(); texts.len()];
        for (place, (_, text)) in texts.iter().enumerate().rev() {
            shown[place] = clipped(text, left.saturating_sub(LEAST * place));
            left -= shown[place].width().min(left);
        }
        let columns = shown.join(" ").width();
        Words {
            is_plain: shown.iter().all(|text| text.replace('…', ".").is_ascii()),
            parts: texts.iter().map(|(class, _)| *class).zip(shown).collect(),
            width: width_of(columns),
        }
    }
}

/// The width of `columns` columns of a monospaced font of 12 units: the widest in use takes 0.62 of
/// its size.
fn width_of(columns: usize) -> i64 {
    let columns = i64::try_from(columns).expect("text is cut to a few columns");
    (columns * 15 + 1) / 2
}

/// How many columns of text stand beside an event: fewer, where there are many nodes.
fn columns_for_words(nodes: usize) -> usize {
    match nodes {
        0..=4 => 36,
        5..=8 => 24,
        _ => 22,
    }
}

fn words(trace: &Trace, place: usize, room: usize) -> Words {
    let event = &trace.events()[place];
    let (stamp, note) = (stamp(event), note(trace, place, event));
    let texts = [("stamp", &*stamp), ("", &event.label), ("note", &note)];
    Words::new(&texts, room)
}

/// What is unusual about the event's message.
fn note(trace: &Trace, place: usize, event: &Event) -> String {
    let Some(name) = event.message() else {
        return String::new();
    };
    let message = &trace.messages()[name];
    let what = match (&event.kind, message.sent, message.received.first()) {
        (Kind::Receive { .. }, None, _) => "from outside",
        (Kind::Receive { .. }, _, Some(&first)) if first != place => "again",
        (Kind::Send { .. }, _, None) if message.is_lost => "lost",
        (Kind::Send { .. }, _, None) => "in flight",
        _ => return String::new(),
    };
    format!("{name} {what}")
}

/// The columns, as wide as their texts, and the width of the diagram.
fn columns(trace: &Trace, words: &[Words], room: usize, tracks: &[usize]) -> (Vec<Column>, i64) {
    let names = trace.nodes().iter();
    let names: Vec<Words> = names.map(|name| Words::new(&[("", name)], room)).collect();
    let mut widths: Vec<i64> = names.iter().map(|name| name.width).collect();
    for (event, words) in trace.events().iter().zip(words) {
        let width = &mut widths[event.node];
        *width = words.width.max(*width);
    }
    let mut x = MARGIN + FIRST_TRACK;
    let mut columns = Vec::new();
    let mut least_x = x;
    for ((name, width), tracks) in names.into_iter().zip(&widths).zip(tracks) {
        let tracks = i64::try_from(*tracks).expect("a track is a count of messages");
        x = least_x.max(x + TRACK * tracks);
        columns.push(Column { x, name });
        least_x = x + NARROWEST;
        x += TEXT_X + width + GAP;
    }
    (columns, x + MARGIN)
}

/// The height of each row, the places of the names of the nodes between them, and the height of the
/// diagram.
fn heights(rows: usize) -> (Vec<i64>, Vec<i64>, i64) {
    let mut names_at = vec![MARGIN + HALF_TEXT + BASELINE];
    let mut y = MARGIN + 2 * HALF_TEXT;
    let mut heights = Vec::with_capacity(rows);
    for row in 0..rows {
        y += ROW;
        if row > 0 && row % ROWS_BETWEEN_NAMES == 0 {
            names_at.push(y + BASELINE);
            y += ROW;
        }
        heights.push(y);
    }
    (heights, names_at, y + ROW + MARGIN)
}

/// Whether a message without a receipt is drawn to the right: towards its receiver, or towards the
/// others.
pub(super) fn leads_right(from: usize, to: Option<usize>, nodes: usize) -> bool {
    match to {
        Some(to) if to != from => to > from,
        _ => from + 1 < nodes || nodes == 1,
    }
}
