//! Text of a trace, as every view shows it.

use unicode_width::UnicodeWidthStr;

use crate::{Event, Kind, Trace, vector_text};

/// `[2,1,0]`, or `3`, or nothing.
pub fn stamp(event: &Event) -> String {
    match (&event.vector, event.lamport) {
        (Some(vector), _) => vector_text(vector),
        (None, Some(time)) => time.to_string(),
        (None, None) => String::new(),
    }
}

/// What an event does with messages, in words, or nothing. The names are as in the trace: not
/// [`printable`] yet.
pub fn deed(trace: &Trace, event: &Event) -> String {
    match &event.kind {
        Kind::Local => String::new(),
        Kind::Send { message, to: Some(to) } => {
            format!("sends {message} to {}", trace.nodes()[*to])
        }
        Kind::Send { message, to: None } => format!("sends {message}"),
        Kind::Receive { message } => format!("receives {message}"),
    }
}

/// Text from outside on one line, with control, direction and line-end characters escaped.
pub fn printable(text: &str) -> String {
    let mut shown = String::new();
    text.chars().for_each(|char| push(&mut shown, char));
    shown
}

/// The same, at most `columns` terminal columns wide: a longer text ends with `…`.
pub fn clipped(text: &str, columns: usize) -> String {
    let mut shown = String::new();
    // Some characters have no width, so columns alone would not bound their number.
    let most = 4 * columns;
    for (char, count) in text.chars().zip(1..) {
        push(&mut shown, char);
        if shown.width() > columns || count > most {
            while shown.width() > columns.saturating_sub(1) {
                shown.pop();
            }
            return shown + "…";
        }
    }
    shown
}

fn push(shown: &mut String, char: char) {
    match char.is_control() || is_direction(char) || is_line_end(char) {
        true => shown.extend(char.escape_unicode()),
        false => shown.push(char),
    }
}

/// Characters that turn the direction of the text after them, which would garble a diagram.
fn is_direction(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that end a line for some readers and are not control characters, and the byte order
/// mark, which some treat as a space.
fn is_line_end(char: char) -> bool {
    matches!(char, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
