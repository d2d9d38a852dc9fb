//! Where a space-time diagram has its events and its messages: one layout for the ladder, the SVG
//! and the page.
//!
//! The rows are in the order of the trace. Each event has a row of its own, with one exception: a
//! sending and its receipt share a row if the receipt is the very next event, and the message is a
//! level arrow. Any other message goes level along the row of its sending, down a **track** beside
//! a node's line, and level along the row of its receipt. The tracks of a node stand to the left of
//! its line, behind the texts of the node before: no event and no text is there.
//!
//! So no arrow passes through another event or its text:
//!
//! * A row has no event but those that its arrow joins.
//! * Two messages that are in flight in one row do not share a track.

use crate::{Kind, Trace};

/// The layout of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The row of each event, from 0.
    pub rows: Vec<usize>,
    /// The messages that are received, an arrow for each receipt, in the order of their rows.
    pub arrows: Vec<Arrow>,
    /// How many tracks stand to the left of each node's line.
    pub tracks: Vec<usize>,
}

/// A message from its sending to a receipt, by the places of the two in the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The event that sends it.
    pub send: usize,
    /// The event that receives it.
    pub receive: usize,
    /// How it goes down; none if it is level.
    pub track: Option<Track>,
}

/// A place where messages go down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track {
    /// The node to the left of whose line it stands.
    pub node: usize,
    /// Its number, from the line outwards.
    pub number: usize,
}

impl Layout {
    pub(crate) fn of(trace: &Trace) -> Layout {
        let mut layout =
            Layout { rows: rows(trace), arrows: Vec::new(), tracks: vec![0; trace.nodes().len()] };
        // Of each node and track, the row in which it becomes free.
        let mut free_from: Vec<Vec<usize>> = vec![Vec::new(); trace.nodes().len()];
        for (send, event) in trace.events().iter().enumerate() {
            let Kind::Send { message, .. } = &event.kind else {
                continue;
            };
            for &receive in &trace.messages[message].received {
                let (first, last) = (layout.rows[send], layout.rows[receive]);
                let receiver = trace.events()[receive].node;
                // From the right it comes down behind the texts of its receiver.
                let node = if receiver < event.node { receiver + 1 } else { receiver };
                let track = (first < last).then(|| {
                    let free_from = &mut free_from[node];
                    let free = free_from.iter().position(|&row| row < first);
                    let number = free.unwrap_or(free_from.len());
                    free_from.resize(free_from.len().max(number + 1), 0);
                    free_from[number] = last;
                    layout.tracks[node] = free_from.len();
                    Track { node, number }
                });
                layout.arrows.push(Arrow { send, receive, track });
            }
        }
        layout
    }

    /// The receipt that shares the row of the event at `place`.
    pub(crate) fn level(&self, place: usize) -> Option<usize> {
        let is_next = self.rows.get(place + 1) == Some(&self.rows[place]);
        is_next.then_some(place + 1)
    }
}

fn rows(trace: &Trace) -> Vec<usize> {
    let mut rows: Vec<usize> = Vec::with_capacity(trace.events().len());
    for place in 0..trace.events().len() {
        let row = match rows.last() {
            None => 0,
            Some(&row) if is_level(trace, place) => row,
            Some(&row) => row + 1,
        };
        rows.push(row);
    }
    rows
}

/// Whether the event at `place` receives what the event before it sends to it, and to no other
/// node: a copy for another one may have to pass it.
fn is_level(trace: &Trace, place: usize) -> bool {
    let (Some(send), Some(name)) = (trace.sending(place), trace.events()[place].message()) else {
        return false;
    };
    let node = |place: usize| trace.events()[place].node;
    let mut receipts = trace.messages[name].received.iter();
    send + 1 == place
        && node(send) != node(place)
        && receipts.all(|receipt| node(*receipt) == node(place))
}
