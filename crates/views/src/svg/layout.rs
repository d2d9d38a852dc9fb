//! The positions of everything, in the units of the diagram from its upper left corner.

use unicode_width::UnicodeWidthStr;

use trace::text::{clipped, stamp};
use trace::{Event, Kind, Trace};

/// Around the diagram.
pub(super) const MARGIN: i64 = 24;
/// Of an event.
pub(super) const RADIUS: i64 = 4;
/// From an event to its text.
pub(super) const TEXT_X: i64 = 10;
/// Half of the height of a text of 12 units: from its middle to its upper or lower end.
const HALF_TEXT: i64 = 7;
/// From the middle of a text to its baseline.
const BASELINE: i64 = 4;
/// From an event to the middle of a text that stands above or below it.
const ASIDE: i64 = 10;
/// From one row to the next, where no text is in the way.
const ROW: i64 = 26;
/// From one text of a column to the next, so that each is seen to belong to its event.
const BETWEEN_TEXTS: i64 = 8;
/// Between a text and the next column, so that a message from outside has room.
const GAP: i64 = 28;
/// The narrowest column, so that an arrow has a direction to see.
const NARROWEST: i64 = 96;
/// After this many rows the names of the nodes are repeated.
const ROWS_BETWEEN_NAMES: usize = 30;

/// The columns that a text leaves to each one before it.
const LEAST: usize = 4;

/// Columns, rows, and the size of it all.
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    /// A row for each event.
    pub(super) rows: Vec<Row>,
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
pub(super) struct Row {
    pub(super) y: i64,
    pub(super) words: Words,
    side: Side,
}

/// Where the text of an event stands: to the right of it, and out of the way of an arrow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Level,
    /// Its arrow goes down to the right.
    Above,
    /// Its arrow comes down from the right.
    Below,
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
        let (columns, width) = columns(trace, &words, room);
        let (rows, names_at, height) = rows(trace, words);
        Layout { columns, rows, names_at, width, height }
    }

    /// Where an event stands.
    pub(super) fn at(&self, trace: &Trace, place: usize) -> (i64, i64) {
        let node = trace.events()[place].node;
        (self.columns[node].x, self.rows[place].y)
    }

    /// Where the lines of the nodes begin.
    pub(super) fn first_y(&self) -> i64 {
        MARGIN + 2 * HALF_TEXT + 4
    }
}

impl Row {
    pub(super) fn baseline(&self) -> i64 {
        self.y + self.side.offset() + BASELINE
    }
}

impl Side {
    /// From the event to the middle of its text.
    fn offset(self) -> i64 {
        match self {
            Side::Level => 0,
            Side::Above => -ASIDE,
            Side::Below => ASIDE,
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
fn columns(trace: &Trace, words: &[Words], room: usize) -> (Vec<Column>, i64) {
    let names = trace.nodes().iter();
    let names: Vec<Words> = names.map(|name| Words::new(&[("", name)], room)).collect();
    let mut widths: Vec<i64> = names.iter().map(|name| name.width).collect();
    for (event, words) in trace.events().iter().zip(words) {
        let width = &mut widths[event.node];
        *width = words.width.max(*width);
    }
    let mut x = MARGIN + GAP;
    let mut columns = Vec::new();
    for (name, width) in names.into_iter().zip(&widths) {
        columns.push(Column { x, name });
        x += (TEXT_X + width + GAP).max(NARROWEST);
    }
    (columns, x - GAP + MARGIN)
}

/// The rows, the places of the names of the nodes between them, and the height of the diagram.
fn rows(trace: &Trace, words: Vec<Words>) -> (Vec<Row>, Vec<i64>, i64) {
    let mut names_at = vec![MARGIN + HALF_TEXT + BASELINE];
    let mut y = MARGIN + 2 * HALF_TEXT;
    let mut rows: Vec<Row> = Vec::new();
    // Of each node, where its last text ends.
    let mut ends = vec![y; trace.nodes().len()];
    for (place, words) in words.into_iter().enumerate() {
        if place > 0 && place % ROWS_BETWEEN_NAMES == 0 {
            y = ends.iter().fold(y + RADIUS, |y, end| y.max(*end)) + 2 * HALF_TEXT;
            names_at.push(y + BASELINE);
            y += HALF_TEXT;
        }
        let node = trace.events()[place].node;
        let side = side(trace, place);
        let middle = side.offset();
        y = (y + ROW).max(ends[node] + BETWEEN_TEXTS + HALF_TEXT - middle);
        ends[node] = y + middle + HALF_TEXT;
        rows.push(Row { y, words, side });
    }
    (rows, names_at, y + ROW + MARGIN)
}

/// Where the text of an event is not in the way of its own arrow.
fn side(trace: &Trace, place: usize) -> Side {
    let event: &Event = &trace.events()[place];
    let node = event.node;
    match &event.kind {
        Kind::Local => Side::Level,
        Kind::Send { message, to } => {
            let received = &trace.messages()[message].received;
            let is_right = |place: &usize| trace.events()[*place].node > node;
            let leads_right = match received.is_empty() {
                true => leads_right(node, *to, trace.nodes().len()),
                false => received.iter().any(is_right),
            };
            match leads_right {
                true => Side::Above,
                false => Side::Level,
            }
        }
        Kind::Receive { .. } => match trace.sending(place) {
            Some(sent) if trace.events()[sent].node > node => Side::Below,
            _ => Side::Level,
        },
    }
}

/// Whether a message without a receipt is drawn to the right: towards its receiver, or towards the
/// others.
pub(super) fn leads_right(from: usize, to: Option<usize>, nodes: usize) -> bool {
    match to {
        Some(to) if to != from => to > from,
        _ => from + 1 < nodes || nodes == 1,
    }
}
