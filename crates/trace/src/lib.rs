//! What happened in a run.
//!
//! A distributed run is a list of events, each at one node, and of messages between them. A
//! [`Trace`] is that list, and everything else is a view of it: the order of cause and effect
//! ([`HappenedBefore`]), and a **space-time diagram**: time runs down, a column for each node, an
//! arrow for each message. Its text form is what we call a *ladder* ([`Trace::ladder`]). The crate
//! `views` has the others: files, SVG, a page to explore.
//!
//! ```
//! use trace::{Event, Trace};
//!
//! let mut trace = Trace::new(["P1", "P2"]);
//! trace.push(Event::local(0).lamport(1))?;
//! trace.push(Event::send(0, 1, "m1").lamport(2).label("send"))?;
//! trace.push(Event::receive(1, "m1").lamport(3).label("receive"))?;
//! trace.push(Event::local(0).lamport(3))?;
//!
//! let order = trace.happened_before();
//! assert!(order.holds(0, 2));
//! assert!(order.are_concurrent(2, 3));
//! assert_eq!(trace.ladder(32), "
//! P1                   P2
//! │                    │
//! ● 1                  │
//! │                    │
//! ● 2 send ───────────▶● 3 receive
//! │                    │
//! ● 3                  │
//! ".trim_start_matches('\n'));
//! # Ok::<(), trace::Contradiction>(())
//! ```
//!
//! What holds:
//!
//! * A message is sent once, by one node, and before it is received; it may be received more than
//!   once, or never.
//! * No clock is trusted: stamps are shown, and no order is derived from them.
//!
//! Left out: when things happened. Nodes have no common time; the list is in an order in which it
//! can have happened. An event may have the time of its node's wall clock, which is shown and not
//! trusted either.

mod ladder;
pub mod layout;
mod order;
pub mod text;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Display};

pub use order::HappenedBefore;

/// The events, in an order in which they can have happened: those of a node in their order, a
/// message's sending before its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    nodes: Vec<String>,
    events: Vec<Event>,
    messages: BTreeMap<String, Message>,
}

/// Something that happened at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The node, by its place among the nodes of the trace.
    pub node: usize,
    /// What it does with messages.
    pub kind: Kind,
    /// Its name for people, or nothing.
    pub label: String,
    /// Its Lamport stamp.
    pub lamport: Option<u64>,
    /// Its vector stamp, an entry for each node of the trace.
    pub vector: Option<Vec<u64>>,
    /// The time of its node's wall clock, in milliseconds since 1970.
    pub time: Option<u64>,
}

/// What an event does with messages. Each message has a unique name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Local,
    /// It sends one.
    Send {
        /// Its name.
        message: String,
        /// The node that it is for, where that is known.
        to: Option<usize>,
    },
    /// It receives one.
    Receive {
        /// Its name. A message without a sending comes from outside.
        message: String,
    },
}

/// What became of a message, with the places of its events in the trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The event that sends it, unless it comes from outside.
    pub sent: Option<usize>,
    /// The node that it is for, where that is known.
    pub to: Option<usize>,
    /// The events that receive it, the first one first.
    pub received: Vec<usize>,
    /// Whether the network lost it, or one of its copies.
    pub is_lost: bool,
}

/// An event that contradicts the events before it. The trace is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// The trace has no such node.
    NoSuchNode {
        /// The node asked for.
        node: usize,
        /// The number of nodes.
        nodes: usize,
    },
    /// A message is lost that was not sent before.
    NeverSent {
        /// Its name.
        message: String,
    },
    /// Two events send the same message.
    SentTwice {
        /// Its name.
        message: String,
    },
    /// A message was received before it is sent.
    ReceivedBeforeSent {
        /// Its name.
        message: String,
    },
    /// A message arrives where it was not sent to.
    Misdelivered {
        /// Its name.
        message: String,
        /// The node that receives it.
        at: String,
        /// The node that it is for.
        to: String,
    },
    /// A vector stamp does not have an entry for each node.
    WrongLength {
        /// Its entries.
        got: usize,
        /// The nodes.
        expected: usize,
    },
}

impl Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contradiction::NoSuchNode { node, nodes } => {
                write!(f, "there is no node {node}: the trace has {nodes}, counted from 0")
            }
            Contradiction::NeverSent { message } => {
                write!(f, "message {message} is lost, and was not sent before")
            }
            Contradiction::SentTwice { message } => {
                write!(f, "message {message} is sent a second time")
            }
            Contradiction::ReceivedBeforeSent { message } => {
                write!(f, "message {message} is sent here, and was received before")
            }
            Contradiction::Misdelivered { message, at, to } => {
                write!(f, "message {message} arrives at {at}, and was sent to {to}")
            }
            Contradiction::WrongLength { got, expected } => {
                write!(f, "a vector of {got} entries in a trace of {expected} nodes")
            }
        }
    }
}

impl Error for Contradiction {}

impl Event {
    /// An event that concerns its node alone.
    pub fn local(node: usize) -> Event {
        Event::new(node, Kind::Local)
    }

    /// The sending of a message to the node `to`.
    pub fn send(node: usize, to: usize, message: impl Into<String>) -> Event {
        let (message, to) = (message.into(), Some(to));
        Event::new(node, Kind::Send { message, to })
    }

    /// The receipt of a message.
    pub fn receive(node: usize, message: impl Into<String>) -> Event {
        let message = message.into();
        Event::new(node, Kind::Receive { message })
    }

    fn new(node: usize, kind: Kind) -> Event {
        Event { node, kind, label: String::new(), lamport: None, vector: None, time: None }
    }

    /// The same event, with a label.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Event {
        let label = label.into();
        Event { label, ..self }
    }

    /// The same event, with a Lamport stamp.
    #[must_use]
    pub fn lamport(self, time: u64) -> Event {
        let lamport = Some(time);
        Event { lamport, ..self }
    }

    /// The same event, with a vector stamp.
    #[must_use]
    pub fn vector(self, stamp: impl Into<Vec<u64>>) -> Event {
        let vector = Some(stamp.into());
        Event { vector, ..self }
    }

    /// The same event, at this time by its node's wall clock, in milliseconds since 1970.
    #[must_use]
    pub fn time(self, milliseconds: u64) -> Event {
        let time = Some(milliseconds);
        Event { time, ..self }
    }

    /// The message that it sends or receives.
    pub fn message(&self) -> Option<&str> {
        match &self.kind {
            Kind::Local => None,
            Kind::Send { message, .. } | Kind::Receive { message } => Some(message),
        }
    }
}

/// A vector as it stands beside an event.
///
/// ```
/// assert_eq!(trace::vector_text(&[2, 1, 0]), "[2,1,0]");
/// ```
pub fn vector_text(vector: &[u64]) -> String {
    let entries: Vec<_> = vector.iter().map(u64::to_string).collect();
    format!("[{}]", entries.join(","))
}

impl Trace {
    /// An empty trace between these nodes.
    pub fn new(nodes: impl IntoIterator<Item = impl Into<String>>) -> Trace {
        Trace {
            nodes: nodes.into_iter().map(Into::into).collect(),
            events: Vec::new(),
            messages: BTreeMap::new(),
        }
    }

    /// Adds the next event.
    ///
    /// # Errors
    /// A [`Contradiction`] of the events before it.
    pub fn push(&mut self, event: Event) -> Result<(), Contradiction> {
        self.check(&event)?;
        let place = self.events.len();
        match &event.kind {
            Kind::Local => {}
            Kind::Send { message, to } => {
                let message = self.messages.entry(message.clone()).or_default();
                (message.sent, message.to) = (Some(place), *to);
            }
            Kind::Receive { message } => {
                let message = self.messages.entry(message.clone()).or_default();
                message.received.push(place);
            }
        }
        self.events.push(event);
        Ok(())
    }

    /// Notes that the network lost a message, or one of its copies.
    ///
    /// # Errors
    /// [`Contradiction::NeverSent`].
    pub fn lose(&mut self, message: &str) -> Result<(), Contradiction> {
        match self.messages.get_mut(message) {
            Some(message) if message.sent.is_some() => {
                message.is_lost = true;
                Ok(())
            }
            _ => {
                let message = message.to_owned();
                Err(Contradiction::NeverSent { message })
            }
        }
    }

    /// The names of the nodes.
    pub fn nodes(&self) -> &[String] {
        &self.nodes
    }

    /// The events, in their order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The same trace with these labels, one for each event.
    #[must_use]
    pub fn with_labels(mut self, labels: impl IntoIterator<Item = String>) -> Trace {
        for (event, label) in self.events.iter_mut().zip(labels) {
            event.label = label;
        }
        self
    }

    /// The same trace with these Lamport stamps, one for each event.
    #[must_use]
    pub fn with_lamport(mut self, stamps: impl IntoIterator<Item = u64>) -> Trace {
        for (event, stamp) in self.events.iter_mut().zip(stamps) {
            event.lamport = Some(stamp);
        }
        self
    }

    /// The same trace with these vector stamps, one for each event.
    ///
    /// # Panics
    /// If one does not have an entry for each node.
    #[must_use]
    pub fn with_vectors(mut self, stamps: impl IntoIterator<Item = Vec<u64>>) -> Trace {
        for (event, stamp) in self.events.iter_mut().zip(stamps) {
            assert_eq!(stamp.len(), self.nodes.len(), "a vector has an entry for each node");
            event.vector = Some(stamp);
        }
        self
    }

    /// The same trace without vector stamps, so that a diagram has room for the others.
    #[must_use]
    pub fn without_vectors(mut self) -> Trace {
        self.events.iter_mut().for_each(|event| event.vector = None);
        self
    }

    /// The same trace with its messages called m1, m2 …, in the order in which they first appear:
    /// for diagrams.
    ///
    /// ```
    /// use trace::{Event, Trace};
    ///
    /// let mut trace = Trace::new(["n0", "n1"]);
    /// trace.push(Event::send(0, 1, "n0-7f3a-1"))?;
    /// trace.push(Event::receive(1, "n0-7f3a-1"))?;
    /// assert_eq!(trace.with_short_names().events()[1].message(), Some("m1"));
    /// # Ok::<(), trace::Contradiction>(())
    /// ```
    #[must_use]
    pub fn with_short_names(mut self) -> Trace {
        let mut names = BTreeMap::new();
        for event in &mut self.events {
            if let Kind::Send { message, .. } | Kind::Receive { message } = &mut event.kind {
                let number = names.len() + 1;
                let name = names.entry(message.clone());
                message.clone_from(name.or_insert_with(|| format!("m{number}")));
            }
        }
        let messages = self.messages.into_iter();
        self.messages = messages.map(|(name, message)| (names[&name].clone(), message)).collect();
        self
    }

    /// What became of each message, by its name.
    pub fn messages(&self) -> &BTreeMap<String, Message> {
        &self.messages
    }

    /// The names of the messages that were sent and neither received nor lost.
    pub fn in_flight(&self) -> impl Iterator<Item = &str> {
        let messages = self.messages.iter();
        messages
            .filter(|(_, message)| message.received.is_empty() && !message.is_lost)
            .map(|(name, _)| &**name)
    }

    /// Which events happened before which.
    pub fn happened_before(&self) -> HappenedBefore {
        HappenedBefore::of(self)
    }

    /// Where a space-time diagram has its events and messages.
    pub fn layout(&self) -> layout::Layout {
        layout::Layout::of(self)
    }

    /// The space-time diagram in text: time runs down, a column for each node, arrows between them,
    /// at most `width` columns wide; where that is too narrow, a list. The text beside an event is
    /// its vector stamp, or else its Lamport stamp, and its label.
    pub fn ladder(&self, width: usize) -> String {
        ladder::draw(self, width)
    }

    /// The place of the event that sends the message which the event at `place` receives.
    ///
    /// # Panics
    /// If the trace has no such event.
    pub fn sending(&self, place: usize) -> Option<usize> {
        match &self.events[place].kind {
            Kind::Receive { message } => self.messages[message].sent,
            _ => None,
        }
    }

    fn check(&self, event: &Event) -> Result<(), Contradiction> {
        self.check_node(event.node)?;
        if let Some(vector) = &event.vector {
            let (got, expected) = (vector.len(), self.nodes.len());
            if got != expected {
                return Err(Contradiction::WrongLength { got, expected });
            }
        }
        let known = event.message().and_then(|name| self.messages.get(name));
        match (&event.kind, known) {
            (Kind::Send { message, to }, known) => {
                to.map_or(Ok(()), |to| self.check_node(to))?;
                let message = message.clone();
                match known {
                    None => Ok(()),
                    Some(Message { sent: Some(_), .. }) => {
                        Err(Contradiction::SentTwice { message })
                    }
                    Some(_) => Err(Contradiction::ReceivedBeforeSent { message }),
                }
            }
            (Kind::Receive { message }, Some(Message { to: Some(to), .. }))
                if *to != event.node =>
            {
                Err(Contradiction::Misdelivered {
                    message: message.clone(),
                    at: self.nodes[event.node].clone(),
                    to: self.nodes[*to].clone(),
                })
            }
            _ => Ok(()),
        }
    }

    fn check_node(&self, node: usize) -> Result<(), Contradiction> {
        match self.nodes.len() {
            nodes if node < nodes => Ok(()),
            nodes => Err(Contradiction::NoSuchNode { node, nodes }),
        }
    }
}
