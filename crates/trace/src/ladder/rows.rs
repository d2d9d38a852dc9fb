//! What stands in each row of the ladder.
//!
//! A row has one event, or a level arrow with the events at its ends ([`Layout`]). A message that
//! is not level is named at both ends; one that a later one overtakes is marked as late there.

use std::collections::BTreeSet;

use crate::layout::Layout;
use crate::{Kind, Message, Trace};

/// One row of the ladder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its event; of an arrow, the one that sends.
    pub(super) event: usize,
    pub(super) what: What,
}

/// What else is in the row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing.
    Alone,
    /// The event that receives, and the message's name where other rows mention it.
    Arrow { receive: usize, name: Option<String> },
    /// One end of a message whose other end is elsewhere or nowhere.
    Cut { note: String, to_the_left: bool, is_send: bool, is_lost: bool },
}

/// The rows of a trace.
pub(super) fn of(trace: &Trace) -> Vec<Row> {
    let (layout, late) = (trace.layout(), late(trace));
    let mut rows: Vec<Row> = Vec::new();
    for place in 0..trace.events().len() {
        let is_drawn = place > 0 && layout.level(place - 1) == Some(place);
        if !is_drawn {
            rows.push(Row { event: place, what: what(trace, &layout, &late, place) });
        }
    }
    rows
}

fn what(trace: &Trace, layout: &Layout, late: &BTreeSet<usize>, place: usize) -> What {
    match (layout.level(place), trace.events()[place].message()) {
        (_, None) => What::Alone,
        (Some(receive), Some(name)) => {
            let message = &trace.messages[name];
            let is_mentioned = message.received.len() > 1 || message.is_lost;
            What::Arrow { receive, name: is_mentioned.then(|| name.to_owned()) }
        }
        (None, Some(name)) => cut(trace, late, place, name),
    }
}

/// One end of a message, by itself.
fn cut(trace: &Trace, late: &BTreeSet<usize>, place: usize, name: &str) -> What {
    let (event, message) = (&trace.events()[place], &trace.messages[name]);
    let is_send = matches!(event.kind, Kind::Send { .. });
    let node = |place: &usize| trace.events()[*place].node;
    let other = match is_send {
        true => message.received.first().map(node).or(message.to),
        false => message.sent.as_ref().map(node),
    };
    let to_the_left = match other {
        Some(other) => other < event.node,
        // Unknown; towards the other nodes.
        None => is_send && event.node > 0 && event.node + 1 == trace.nodes().len(),
    };
    let is_lost = message.is_lost && message.received.is_empty();
    What::Cut { note: note(late, place, name, message), to_the_left, is_send, is_lost }
}

/// The text beside one end of a message.
fn note(late: &BTreeSet<usize>, place: usize, name: &str, message: &Message) -> String {
    match (message.sent, message.received.first()) {
        (None, _) => format!("{name} from outside"),
        (Some(_), None) if message.is_lost => format!("{name} lost"),
        (Some(_), None) => format!("{name} in flight"),
        (Some(sent), Some(&first)) => match place == sent || place == first {
            true if late.contains(&sent) => format!("{name} late"),
            true => name.to_owned(),
            false => format!("{name} again"),
        },
    }
}

/// The sendings of messages that were overtaken: one that was sent later, to the same node, arrived
/// earlier.
fn late(trace: &Trace) -> BTreeSet<usize> {
    let mut latest_sending = vec![0; trace.nodes().len()];
    let mut late = BTreeSet::new();
    for (place, event) in trace.events().iter().enumerate() {
        let Some(sent) = trace.sending(place) else {
            continue;
        };
        let message = event.message().map(|name| &trace.messages[name]);
        let is_first = message.is_some_and(|message| message.received.first() == Some(&place));
        let latest = &mut latest_sending[event.node];
        if is_first && sent < *latest {
            late.insert(sent);
        }
        *latest = sent.max(*latest);
    }
    late
}
