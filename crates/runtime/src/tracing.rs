//! A trace of what one process does, with clocks that travel in the messages.
//!
//! Each process writes the events of its own node. What makes one run of them is in the messages:
//! each carries a name, and the stamps of a Lamport clock and of a vector clock. A message without
//! them, from a node that is not traced, comes from outside.
//!
//! A process that restarts has clocks at zero. The stamps of peers that have met its earlier
//! process count events that it has not had, so they send it none: in its trace these messages come
//! from outside. Left out: that for a peer that knows of the earlier process from others alone. Its
//! stamps are refused until the clock has caught up, and those receipts are not in the trace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use common::clock::{ClockError, LamportClock, VectorClock};
use common::error_chain;
use serde::{Deserialize, Serialize};
use trace::{Event, Kind};
use views::file::{WriteError, Writer};

use super::operator::Operator;
use super::wire::Hello;
use super::{RuntimeError, disk};
use crate::body::clipped;
use worlds::node::{Node, NodeEvent};

/// The longest name of a message that is taken from a peer, in bytes.
const MAX_NAME: usize = 100;

/// Where a process writes its trace, and what it calls its events.
pub struct Tracing<N: Node> {
    output: Box<dyn Write>,
    label: Label<N>,
}

type Label<N> = Box<dyn Fn(&NodeEvent<'_, N>) -> Option<String>>;

/// What the traces need to know of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamped {
    name: String,
    lamport: u64,
    vector: Vec<u64>,
}

/// A trace that is being written.
pub(super) struct Tracer<N: Node> {
    writer: Option<Writer<Box<dyn Write>>>,
    label: Label<N>,
    node: usize,
    /// Ahead of the numbers in its messages' names, so that a process that starts again gives none
    /// twice.
    incarnation: u64,
    sent: usize,
    lamport: LamportClock,
    vector: VectorClock,
    /// The nodes whose last stamps were refused. That is logged once, since a
    /// node may push its message again and again.
    refused: BTreeSet<usize>,
    /// The incarnation of each node that it has met first, and the nodes that have restarted since.
    met: BTreeMap<usize, u64>,
    restarted: BTreeSet<usize>,
    operator: Arc<Operator>,
}

impl<N: Node> Tracing<N> {
    /// Writes to `output`, a line each event. What `label` says nothing of is left out: it has not
    /// happened, as far as the trace and its clocks go.
    pub fn new(
        output: impl Write + 'static,
        label: impl Fn(&NodeEvent<'_, N>) -> Option<String> + 'static,
    ) -> Tracing<N> {
        Tracing { output: Box::new(output), label: Box::new(label) }
    }

    /// Writes to this file, which is made, or held a trace before and is emptied. A node that has a
    /// data folder opens it first: then the trace cannot take the place of a file in there.
    ///
    /// # Errors
    /// [`RuntimeError::TraceFile`] if something other than a trace is there, or the path leads into
    /// a data folder.
    pub fn to_file(
        path: &Path,
        label: impl Fn(&NodeEvent<'_, N>) -> Option<String> + 'static,
    ) -> Result<Tracing<N>, RuntimeError> {
        let in_a_data_folder = "it is in the data folder of a node";
        let file = match leads_into_a_data_folder(path) {
            true => Err(io::Error::new(ErrorKind::AlreadyExists, in_a_data_folder)),
            false => views::file::create(path).map_err(|error| named_folder(path, error)),
        };
        let file =
            file.map_err(|source| RuntimeError::TraceFile { path: path.to_owned(), source })?;
        Ok(Tracing::new(file, label))
    }

    pub(super) fn start(
        self,
        me: &Hello,
        operator: &Arc<Operator>,
    ) -> Result<Tracer<N>, WriteError> {
        let names: Vec<String> = (0..me.nodes).map(|number| format!("n{number}")).collect();
        let vector = VectorClock::new(me.node, me.nodes);
        Ok(Tracer {
            writer: Some(Writer::new(self.output, &names)?),
            label: self.label,
            node: me.node,
            incarnation: me.incarnation,
            sent: 0,
            lamport: LamportClock::new(),
            vector: vector.expect("the node is one of the nodes"),
            refused: BTreeSet::new(),
            met: BTreeMap::new(),
            restarted: BTreeSet::new(),
            operator: Arc::clone(operator),
        })
    }
}

impl<N: Node> Tracer<N> {
    /// Something happened that has to do with no message.
    pub(super) fn local(&mut self, event: &NodeEvent<'_, N>) {
        if let Some(label) = (self.label)(event) {
            self.step(label);
        }
    }

    /// A connection to this incarnation of a node begins, before anything is sent on it.
    pub(super) fn meet(&mut self, node: usize, incarnation: u64) {
        let first = *self.met.entry(node).or_insert(incarnation);
        if first != incarnation && self.restarted.insert(node) {
            self.operator
                .log(format!("node {node} has restarted: it gets no more stamps for its trace"));
        }
    }

    /// A message leaves. What is returned goes with it.
    pub(super) fn sent(&mut self, to: usize, message: &N::Message) -> Option<Stamped> {
        let label =
            (self.label)(&NodeEvent::Sent { node: self.node, to, number: self.sent, message })?;
        self.sent += 1;
        let stamped = Stamped {
            name: format!("n{}-{:x}-{}", self.node, self.incarnation, self.sent),
            lamport: self.lamport.send_timestamp(),
            vector: self.vector.send_timestamp().to_vec(),
        };
        let kind = Kind::Send { message: stamped.name.clone(), to: Some(to) };
        self.write(kind, label, stamped.lamport, stamped.vector.clone());
        (!self.restarted.contains(&to)).then_some(stamped)
    }

    /// A message has arrived.
    pub(super) fn received(&mut self, from: usize, message: &N::Message, stamped: Option<Stamped>) {
        let label = (self.label)(&NodeEvent::Received {
            node: self.node,
            from,
            number: self.sent,
            message,
        });
        match stamped.map(|stamped| self.take(stamped)).transpose() {
            Ok(Some(Stamped { name: message, lamport, vector })) => {
                self.refused.remove(&from);
                let label = label.unwrap_or_default();
                self.write(Kind::Receive { message }, label, lamport, vector);
            }
            Ok(None) => label.into_iter().for_each(|label| self.step(label)),
            Err(why) if self.refused.insert(from) => {
                self.operator.log(format!("the stamps of node {from} are invalid: {why}"))
            }
            Err(_) => {}
        }
    }

    /// An event of this node alone.
    fn step(&mut self, label: String) {
        let (lamport, vector) = (self.lamport.tick(), self.vector.tick().to_vec());
        self.write(Kind::Local, label, lamport, vector);
    }

    /// The stamps of receiving a message with these. A clock that refuses one has not moved; the
    /// other may have, which is a step like any other.
    fn take(&mut self, stamped: Stamped) -> Result<Stamped, ClockError> {
        let name = stamped.name.chars().take(MAX_NAME).collect();
        let vector = self.vector.receive(&stamped.vector)?.to_vec();
        let lamport = self.lamport.receive(stamped.lamport)?;
        Ok(Stamped { name, lamport, vector })
    }

    fn write(&mut self, kind: Kind, label: String, lamport: u64, vector: Vec<u64>) {
        let Some(writer) = &mut self.writer else {
            return;
        };
        let event = Event {
            node: self.node,
            kind,
            // What others sent may be in it, and a line of a trace has a limit.
            label: clipped(label),
            lamport: Some(lamport),
            vector: Some(vector),
            time: wall_clock(),
        };
        if let Err(error) = writer.event(&event) {
            self.operator.log(format!("the trace ends here: {}", error_chain(&error)));
            self.writer = None;
        }
    }
}

/// The system reports a missing folder as a missing file.
fn named_folder(path: &Path, error: io::Error) -> io::Error {
    match path.parent() {
        Some(folder) if error.kind() == ErrorKind::NotFound && !folder.exists() => {
            let why = format!("there is no folder {}", folder.display());
            io::Error::new(ErrorKind::NotFound, why)
        }
        _ => error,
    }
}

fn leads_into_a_data_folder(path: &Path) -> bool {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    target.parent().is_some_and(disk::is_data_folder)
}

/// Nothing where the clock is set to before 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a trace shows what the wall clock said, and nothing follows from it"
)]
fn wall_clock() -> Option<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}
