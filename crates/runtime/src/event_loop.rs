//! The loop under a node: one thread, and one order of work.
//!
//! 1. It **waits** until a socket is ready or a timer runs out.
//! 2. It **reads** all that is ready, and hands each message, request and timer to the node.
//! 3. It appends all records that the node wants written, and **syncs** once.
//! 4. Only then it **writes** the answers and messages.
//! 5. What a socket does not take it **keeps**, and writes in a later turn, when the socket is
//!    ready again.
//!
//! So the clients whose requests come while the disk is busy share the next sync: that is **group
//! commit**, and it needs no further code. And nothing that depends on a record can leave before it
//! is durable, since nothing at all leaves before the sync of its turn. A disk error ends the loop:
//! what was to leave in that turn does not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::readiness::{ConnectionId, Sockets};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worlds::node::{Client, Effect, Node, NodeEvent, Outbox};

use crate::body::Code;
use crate::connections::{Role, refused};
use crate::disk::Disk;
use crate::driver::Driver;
use crate::log::Log;
use crate::names::Names;
use crate::operator::Operator;
use crate::peers::Peers;
use crate::tracing::Tracer;
use crate::wire::{Envelope, Hello, to_line};
use crate::{MAX_MESSAGE, NodeRuntime, RuntimeError};

/// How long a log may become, in bytes, before it is compacted: what is read again at a start
/// takes a moment.
pub const COMPACT_AT: u64 = 4 * 1024 * 1024;

/// How long clients may take, once the node has stopped, to read their last answer.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// A node, and all that its one thread does for it.
pub(crate) struct EventLoop<N: Node, D> {
    pub(crate) sockets: Sockets,
    pub(crate) me: Hello,
    pub(crate) driver: Driver<N, ConnectionId>,
    log: Option<Log<D>>,
    pub(crate) tracer: Option<Tracer<N>>,
    pub(crate) peers: Peers,
    pub(crate) roles: BTreeMap<ConnectionId, Role>,
    pub(crate) clients: usize,
    pub(crate) operator: Arc<Operator>,
    started: Instant,
    /// What the configuration says, and when it is time next.
    compact_at: u64,
    compact_next: u64,
}

impl<N, D> EventLoop<N, D>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Record: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
    D: Disk,
{
    pub(crate) fn new(
        runtime: NodeRuntime<N>,
        node: N,
        log: Option<Log<D>>,
        tracer: Option<Tracer<N>>,
    ) -> EventLoop<N, D> {
        let NodeRuntime { sockets, me, peers, compact_at, operator, .. } = runtime;
        let started = sockets.now();
        EventLoop {
            driver: Driver::new(node, me.node, me.nodes),
            peers: Peers::new(&me, &peers, Names::new(sockets.stopper()), started),
            sockets,
            me,
            log,
            tracer,
            roles: BTreeMap::new(),
            clients: 0,
            operator,
            started,
            compact_at,
            compact_next: compact_at,
        }
    }

    /// Runs until it is stopped.
    ///
    /// # Errors
    /// If the disk or the system's way of waiting fails.
    pub(crate) fn run(mut self) -> Result<(), RuntimeError> {
        self.call(Node::start);
        self.sync()?;
        while self.sockets.wait(self.until_next_timer())? {
            self.accept();
            self.read_all();
            self.wake_due();
            self.connect_due();
            self.sync()?;
            self.write();
        }
        self.stop()
    }

    /// By the node's own clock: the time since it has started.
    fn now(&self) -> Duration {
        self.sockets.now() - self.started
    }

    fn until_next_timer(&self) -> Option<Duration> {
        let of_node = self.driver.next_timer().map(|at| at.saturating_sub(self.now()));
        let of_peers = self.peers.next_due(&self.sockets);
        let of_peers = of_peers.map(|at| at.saturating_duration_since(self.sockets.now()));
        of_node.into_iter().chain(of_peers).min()
    }

    fn wake_due(&mut self) {
        for _ in 0..self.driver.due(self.now()) {
            if let Some(timer) = self.driver.take_due(self.now()) {
                self.note(&NodeEvent::Woke { node: self.me.node, timer: &timer });
                self.call(|node, out| node.wake(timer, out));
            }
        }
    }

    fn connect_due(&mut self) {
        for (id, place) in self.peers.connect_due(&mut self.sockets, &self.operator) {
            self.roles.insert(id, Role::Link(place));
        }
    }

    /// Calls a handler, and executes what it wants done. What it sends and answers waits for this
    /// turn's sync, as all does.
    pub(crate) fn call(&mut self, handler: impl FnOnce(&mut N, &mut Outbox<N>)) {
        for effect in self.driver.call(self.now(), handler) {
            match effect {
                Effect::Append(record) => self.append(&record),
                Effect::Send { to, message } => self.send(to, message),
                Effect::Answer { client, reply } => self.reply(client, &reply),
                Effect::Warn(what) => self.operator.log(what),
                Effect::SetTimer { .. } | Effect::CancelTimer(_) => {
                    unreachable!("the driver keeps the timers")
                }
            }
        }
    }

    /// Without a disk a record is gone with the process, as `NodeRuntime::run` says.
    fn append(&mut self, record: &N::Record) {
        if let Some(log) = &mut self.log {
            log.append(record);
        }
    }

    fn send(&mut self, to: usize, message: N::Message) {
        let tracer = self.tracer.as_mut();
        let stamped = tracer.and_then(|tracer| tracer.sent(to, &message));
        let line = to_line(&Envelope { message, stamped });
        match line.len() {
            bytes if bytes > MAX_MESSAGE => self.operator.log(format!(
                "a message of {bytes} bytes for node {to} is over the limit of {MAX_MESSAGE}, \
                 and dropped"
            )),
            _ => self.peers.send(to, line, &self.operator),
        }
    }

    /// An answer for which no client waits comes too late, or a second time.
    fn reply(&mut self, client: Client, reply: &N::Reply) {
        self.note(&NodeEvent::Answered { node: self.me.node, client, reply });
        if let Some(id) = self.driver.take_waiting(client) {
            self.answer(id, &to_line(reply));
        }
    }

    pub(crate) fn note(&mut self, event: &NodeEvent<'_, N>) {
        if let Some(tracer) = &mut self.tracer {
            tracer.local(event);
        }
    }

    /// Makes the records of this turn durable, with one sync, and compacts a log that has grown.
    fn sync(&mut self) -> Result<(), RuntimeError> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        log.sync()?;
        if log.len() < self.compact_next {
            return Ok(());
        }
        self.compact_next = match self.driver.node.snapshot() {
            Some(records) => {
                log.replace(&records)?;
                self.compact_at.max(4 * log.len())
            }
            None => u64::MAX,
        };
        Ok(())
    }

    /// Writes what the sockets take: the only place from which bytes leave.
    fn write(&mut self) {
        let has_unsynced = self.log.as_ref().is_some_and(Log::has_unsynced);
        assert!(!has_unsynced, "what leaves depends on durable records alone");
        self.peers.hand_over(&mut self.sockets);
        self.sockets.flush();
    }

    /// Ends: what a client waits for may be done or not.
    fn stop(mut self) -> Result<(), RuntimeError> {
        while let Some(id) = self.driver.take_oldest() {
            let why = "the node stops, and it is unknown whether it was done".to_owned();
            self.answer(id, &refused(&(Code::Timeout, why)));
        }
        self.log.map_or(Ok(()), Log::close)?;
        Ok(self.sockets.drain(LAST_ANSWERS, |_, _| {})?)
    }
}
