//! Which events share a row, and in which order the rows stand.
//!
//! The order of a trace is one of many in which it can have happened. The ladder uses another one
//! where that makes a message one level arrow: an event waits until its partner can stand beside
//! it. A message that a later one overtakes is not drawn so: it is late, and is marked so at both
//! ends.

use std::collections::{BTreeSet, VecDeque};

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
    let mut placing = Placing::new(trace);
    let mut rows = Vec::new();
    while let Some(row) = placing.next_row() {
        rows.push(row);
    }
    rows
}

/// The events that have no row yet, by node.
struct Placing<'trace> {
    trace: &'trace Trace,
    ahead: Vec<VecDeque<usize>>,
    is_placed: Vec<bool>,
    /// The sendings of messages that were overtaken.
    late: BTreeSet<usize>,
}

impl<'trace> Placing<'trace> {
    fn new(trace: &'trace Trace) -> Placing<'trace> {
        let mut ahead = vec![VecDeque::new(); trace.nodes().len()];
        for (place, event) in trace.events().iter().enumerate() {
            ahead[event.node].push_back(place);
        }
        Placing { trace, ahead, is_placed: vec![false; trace.events().len()], late: late(trace) }
    }

    /// The earliest row that can stand now. Where every node waits for another, messages cross:
    /// then one is cut.
    fn next_row(&mut self) -> Option<Row> {
        let mut heads: Vec<usize> = self.heads().collect();
        heads.sort_unstable();
        let ready = heads.iter().find_map(|&place| self.ready(place));
        let row = ready.or_else(|| {
            let send = heads.iter().find(|place| self.partner(**place).is_some());
            send.map(|&place| self.cut(place))
        })?;
        self.place(row.event);
        if let What::Arrow { receive, .. } = row.what {
            self.place(receive);
        }
        Some(row)
    }

    /// Each node's next event.
    fn heads(&self) -> impl Iterator<Item = usize> {
        self.ahead.iter().filter_map(|ahead| ahead.front().copied())
    }

    fn place(&mut self, event: usize) {
        self.ahead[self.trace.events()[event].node].pop_front();
        self.is_placed[event] = true;
    }

    /// The row of an event, if it need not wait for another.
    fn ready(&self, place: usize) -> Option<Row> {
        if let Some(receive) = self.partner(place) {
            let is_beside = self.heads().any(|head| head == receive);
            return is_beside.then(|| Row {
                event: place,
                what: What::Arrow { receive, name: self.name_on_arrow(place) },
            });
        }
        match self.trace.events()[place].kind {
            Kind::Local => Some(Row { event: place, what: What::Alone }),
            Kind::Send { .. } => Some(self.cut(place)),
            Kind::Receive { .. } => {
                let sending = self.trace.sending(place);
                let can_stand = sending.is_none_or(|sending| self.is_placed[sending]);
                can_stand.then(|| self.cut(place))
            }
        }
    }

    /// The receipt that can share a row with the sending at `place`.
    fn partner(&self, place: usize) -> Option<usize> {
        let event = &self.trace.events()[place];
        let Kind::Send { message, .. } = &event.kind else {
            return None;
        };
        let first = *self.trace.messages[message].received.first()?;
        let is_level = self.trace.events()[first].node != event.node && !self.late.contains(&place);
        is_level.then_some(first)
    }

    fn name_on_arrow(&self, send: usize) -> Option<String> {
        let name = self.trace.events()[send].message()?;
        let message = &self.trace.messages[name];
        (message.received.len() > 1 || message.is_lost).then(|| name.to_owned())
    }

    /// One end of a message, by itself.
    fn cut(&self, place: usize) -> Row {
        let event = &self.trace.events()[place];
        let name = event.message().unwrap_or_default();
        let message = &self.trace.messages[name];
        let is_send = matches!(event.kind, Kind::Send { .. });
        let other = match is_send {
            true => {
                let received = message.received.first();
                received.map(|first| self.trace.events()[*first].node).or(message.to)
            }
            false => message.sent.map(|sent| self.trace.events()[sent].node),
        };
        let to_the_left = match other {
            Some(other) => other < event.node,
            // Unknown; towards the other nodes.
            None => is_send && event.node > 0 && event.node + 1 == self.trace.nodes().len(),
        };
        Row {
            event: place,
            what: What::Cut {
                note: self.note(place, name, message),
                to_the_left,
                is_send,
                is_lost: message.is_lost && message.received.is_empty(),
            },
        }
    }

    /// The text beside one end of a message.
    fn note(&self, place: usize, name: &str, message: &Message) -> String {
        match (message.sent, message.received.first()) {
            (None, _) => format!("{name} from outside"),
            (Some(_), None) if message.is_lost => format!("{name} lost"),
            (Some(_), None) => format!("{name} in flight"),
            (Some(sent), Some(&first)) => match place == sent || place == first {
                true if self.late.contains(&sent) => format!("{name} late"),
                true => name.to_owned(),
                false => format!("{name} again"),
            },
        }
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
