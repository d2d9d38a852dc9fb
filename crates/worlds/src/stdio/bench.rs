//! What a line does: it makes the node, or is handed to it, or is told to be wrong. Reads no clock: it is told the time.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::lines::{Line, MAX_LINE};
use super::running::Running;
use super::wire::{Code, Envelope, Init, Refusal, Said, malformed, misdirected};
use crate::node::Node;

/// The largest number of nodes that are taken. What a node keeps may grow with the square of it.
pub const MAX_NODES: usize = 1000;

/// A node, before and after it knows who it is.
pub(super) struct Bench<N: Node, F> {
    make: F,
    running: Option<Running<N>>,
    said: Said,
}

impl<N, F> Bench<N, F>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
    F: Fn(usize, usize, &[N::Record]) -> N,
{
    pub(super) fn new(make: F) -> Bench<N, F> {
        Bench {
            make,
            running: None,
            said: Said::default(),
        }
    }

    /// When the next timer runs out.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.running.as_ref()?.next_timer()
    }

    /// What there is to say since the last time.
    pub(super) fn take_said(&mut self) -> Said {
        std::mem::take(&mut self.said)
    }

    /// A line has come, at this time since the start. Blank ones, for whoever types, are nothing.
    pub(super) fn take_line(&mut self, line: Line, now: Duration) {
        let wrong = match line {
            Line::Whole(line) if line.trim_ascii().is_empty() => return,
            Line::Whole(line) => match Envelope::read(&line) {
                Ok(envelope) => return self.take(&envelope, now),
                Err(why) => why,
            },
            Line::TooLong(bytes) => format!("{bytes} bytes, and {MAX_LINE} is the limit"),
        };
        self.said
            .log(format_args!("a line is passed over: {wrong}"));
    }

    /// Wakes the node for each timer that has run out by this time.
    pub(super) fn wake(&mut self, now: Duration) {
        if let Some(running) = &mut self.running {
            running.wake(now, &mut self.said);
        }
    }

    fn take(&mut self, envelope: &Envelope<'_>, now: Duration) {
        let taken = match &mut self.running {
            Some(running) => running.take(envelope, now, &mut self.said),
            None => self.begin(envelope, now),
        };
        if let Err(refusal) = taken {
            self.refuse(envelope, refusal);
        }
    }

    /// Tells whoever waits for an answer what is wrong, and the log if nobody does. No node waits for one.
    fn refuse(&mut self, envelope: &Envelope<'_>, refusal: Refusal) {
        let (src, running) = (&envelope.src, self.running.as_ref());
        let is_node = running.is_some_and(|running| running.number_of(src).is_some());
        // Before `init` the only name there is, is the one by which we were called.
        let name = running.map_or(&*envelope.dest, Running::name);
        match envelope.asker().filter(|_| !is_node) {
            Some(asker) => self.said.refuse(name, &asker, refusal),
            None => {
                let (_, why) = refusal;
                let log = format_args!("a message from {src:?} is passed over: {why}");
                self.said.log(log);
            }
        }
    }

    /// The first message that counts is `init`.
    fn begin(&mut self, envelope: &Envelope<'_>, now: Duration) -> Result<(), Refusal> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename = "init_ok")]
        struct InitOk {}

        let not_yet = || (Code::TemporarilyUnavailable, NOT_YET.to_owned());
        let asker = envelope.asker().ok_or_else(not_yet)?;
        if envelope.kind()? != "init" {
            return Err(not_yet());
        }
        let (number, names) = checked(envelope.body().map_err(malformed)?)?;
        let (name, nodes) = (&names[number], names.len());
        if envelope.dest != *name {
            return Err(misdirected(name, &envelope.dest));
        }
        self.said.answer(name, &asker, &InitOk {});
        let log = format_args!("{name:?} is node {number} of {nodes}, counted from 0");
        self.said.log(log);
        let node = (self.make)(number, nodes, &[]);
        let running = self.running.insert(Running::new(node, number, names));
        running.start(now, &mut self.said);
        Ok(())
    }
}

const NOT_YET: &str = "this node has not had its `init` yet";

/// The node's number, and the names of all.
fn checked(Init { node_id, node_ids }: Init) -> Result<(usize, Vec<String>), Refusal> {
    let nodes = node_ids.len();
    if nodes > MAX_NODES {
        let why = format!("{nodes} nodes, and {MAX_NODES} is the limit");
        return Err(malformed(why));
    }
    let mut sorted: Vec<_> = node_ids.iter().collect();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(malformed(format!("two nodes are called {:?}", pair[0])));
    }
    match node_ids.iter().position(|name| *name == node_id) {
        Some(number) => Ok((number, node_ids)),
        None => Err(malformed(format!("{node_id:?} is none of `node_ids`"))),
    }
}
