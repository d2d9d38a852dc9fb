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

/// What an event has to do with messages, in words, or nothing. It is as the trace has it: not
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

/// Text from outside on one line, without signs that a terminal or a reader of lines obeys.
pub fn printable(text: &str) -> String {
    let mut shown = String::new();
    text.chars().for_each(|char| push(&mut shown, char));
    shown
}

/// The same, not wider than so many columns of a terminal: what is longer ends with `…`.
pub fn clipped(text: &str, columns: usize) -> String {
    let mut shown = String::new();
    // Some signs take no column, so columns alone would let them go on for ever.
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

/// Signs that turn the direction of the text behind them, and so a picture into nonsense.
fn is_direction(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Signs that end a line for some readers and are no control characters, and the mark of byte
/// order, which some take for a space.
fn is_line_end(char: char) -> bool {
    matches!(char, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
