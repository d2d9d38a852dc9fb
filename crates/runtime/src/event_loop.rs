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
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::error_chain;
use common::readiness::{ConnectionId, Progress, Sockets};
use common::transport::TransportError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worlds::node::{Client, Effect, Node, NodeEvent, Outbox};

use crate::body::{self, Code, Refusal, malformed};
use crate::disk::Disk;
use crate::driver::Driver;
use crate::log::Log;
use crate::names::Names;
use crate::operator::Operator;
use crate::peers::{Peers, SILENCE};
use crate::tracing::Tracer;
use crate::wire::{self, Envelope, Greeting, Hello, to_line};
use crate::{MAX_MESSAGE, NodeRuntime, RuntimeError};

/// How many clients are served at a time. One more is refused with an error.
pub const MAX_CLIENTS: usize = 2_000;

/// How long a connection may take to send its first line, by which it is a peer's or a client's.
pub(crate) const FIRST_LINE: Duration = Duration::from_secs(5);

/// How long a client may be idle.
const IDLE: Duration = Duration::from_secs(30);

/// How long a client waits for the node's answer before the runtime answers that the outcome is
/// unknown.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// How long a log may become, in bytes, before it is compacted: what is read again at a start
/// takes a moment.
pub const COMPACT_AT: u64 = 4 * 1024 * 1024;

/// How long clients may take, once the node has stopped, to read their last answer.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// A node, and all that its one thread does for it.
pub(crate) struct EventLoop<N: Node, D> {
    sockets: Sockets,
    me: Hello,
    driver: Driver<N, ConnectionId>,
    log: Option<Log<D>>,
    tracer: Option<Tracer<N>>,
    peers: Peers,
    roles: BTreeMap<ConnectionId, Role>,
    clients: usize,
    operator: Arc<Operator>,
    started: Instant,
    /// What the configuration says, and when it is time next.
    compact_at: u64,
    compact_next: u64,
}

/// What is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
enum Role {
    /// It has not sent its first line.
    Unidentified(SocketAddr),
    /// A client. While the node has not answered its request, its next one is not read.
    Client(Option<Client>),
    /// Another node, which sends on this connection.
    Peer(usize),
    /// Another node, to which this one sends: the link's place among the addresses.
    Link(usize),
}

/// What a client's line asks.
enum Asked<Q> {
    /// Something of the node.
    Node(Q),
    /// Where the peers are, of the runtime.
    Links,
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

    fn accept(&mut self) {
        while let Some(accepted) = self.sockets.accept() {
            match accepted {
                Ok((id, from)) => {
                    self.sockets.set_timeout(id, FIRST_LINE);
                    self.roles.insert(id, Role::Unidentified(from));
                }
                Err(error) => self.operator.log(error_chain(&error)),
            }
        }
    }

    fn read_all(&mut self) {
        while let Some(id) = self.sockets.next_ready() {
            let read = match self.roles.get(&id) {
                Some(Role::Unidentified(from)) => self.read_first_line(id, *from),
                Some(Role::Client(_)) => self.read_client(id),
                Some(Role::Peer(node)) => self.read_peer(id, *node),
                Some(Role::Link(place)) => self.read_link(id, *place),
                // It ends when its last answer is sent, or with its deadline.
                None => self.sockets.read(id, |_, _| ControlFlow::Break(())),
            };
            match read {
                Ok(Progress::Open) => {}
                Ok(Progress::Ended) => self.end(id, None),
                Err(error) => self.end(id, Some(&error)),
            }
        }
    }

    /// The first line says whether a peer has connected, or a client.
    fn read_first_line(
        &mut self,
        id: ConnectionId,
        from: SocketAddr,
    ) -> Result<Progress, TransportError> {
        let mut first = None;
        let read = self.sockets.read(id, |line, _| {
            first = Some(line.to_vec());
            ControlFlow::Break(())
        });
        match first {
            Some(line) => {
                match Hello::read(&line) {
                    Some(hello) => self.welcome(id, from, hello),
                    None => self.begin_client(id, &line),
                }
                Ok(Progress::Open)
            }
            None => read,
        }
    }

    /// Lets a peer in, or refuses it.
    fn welcome(&mut self, id: ConnectionId, from: SocketAddr, hello: Result<Hello, String>) {
        let now = self.sockets.now();
        let entered = hello.and_then(|hello| {
            let earlier = self.peers.enter(&hello, id, from, now)?;
            Ok((hello, earlier))
        });
        match entered {
            Ok((hello, earlier)) => {
                // What is in flight on it counts no more.
                earlier.into_iter().for_each(|earlier| self.close(earlier));
                if let Some((place, stale)) = self.peers.stale(&hello) {
                    self.close(stale);
                    self.peers.lose(place, "it has started again", now, &self.operator);
                }
                let incarnation = Some(self.me.incarnation);
                let greeting = Greeting::Welcome { node: self.me.node, incarnation };
                self.sockets.send(id, &to_line(&greeting));
                self.sockets.set_timeout(id, SILENCE);
                self.roles.insert(id, Role::Peer(hello.node));
                self.sockets.resume(id);
            }
            Err(why) => {
                let why = body::clipped(why);
                // Without the port, which is another one each time.
                self.operator.log(format!("a peer at {} is refused: {why}", from.ip()));
                self.sockets.send(id, &to_line(&Greeting::Refused(why)));
                self.finish(id);
            }
        }
    }

    fn begin_client(&mut self, id: ConnectionId, line: &[u8]) {
        self.roles.insert(id, Role::Client(None));
        self.clients += 1;
        if self.clients > MAX_CLIENTS {
            let why = format!("{MAX_CLIENTS} other clients are served at the moment");
            let refusal = (Code::TemporarilyUnavailable, why);
            self.sockets.send(id, &refused(&refusal));
            return self.finish(id);
        }
        self.sockets.set_timeout(id, IDLE);
        match asked::<N>(line) {
            Ok(asked) => self.ask(id, asked),
            Err(refusal) => self.answer(id, &refused(&refusal)),
        }
    }

    /// Takes one request. The lines before it that are none are refused at once.
    fn read_client(&mut self, id: ConnectionId) -> Result<Progress, TransportError> {
        let mut request = None;
        let read = self.sockets.read(id, |line, out| match asked::<N>(line) {
            Ok(asked) => {
                request = Some(asked);
                ControlFlow::Break(())
            }
            Err(refusal) => {
                out.send(&refused(&refusal));
                ControlFlow::Continue(())
            }
        });
        request.into_iter().for_each(|request| self.ask(id, request));
        read
    }

    fn ask(&mut self, id: ConnectionId, asked: Asked<N::Request>) {
        let request = match asked {
            Asked::Node(request) => request,
            Asked::Links => {
                let links = to_line(&self.peers.links(self.sockets.now()));
                return self.answer(id, &links);
            }
        };
        let client = self.driver.expect_answer(id);
        self.roles.insert(id, Role::Client(Some(client)));
        self.sockets.set_timeout(id, ANSWER_WITHIN);
        self.note(&NodeEvent::Asked { node: self.me.node, client, request: &request });
        self.call(|node, out| node.ask(client, request, out));
    }

    /// Answers a client, and has its next request read.
    fn answer(&mut self, id: ConnectionId, line: &[u8]) {
        self.roles.insert(id, Role::Client(None));
        self.sockets.send(id, line);
        self.sockets.set_timeout(id, IDLE);
        self.sockets.resume(id);
    }

    fn read_peer(&mut self, id: ConnectionId, node: usize) -> Result<Progress, TransportError> {
        let mut envelopes = Vec::new();
        let mut invalid = None;
        let read = self.sockets.read(id, |line, _| match wire::read(line) {
            // A heartbeat.
            _ if line.is_empty() => ControlFlow::Continue(()),
            Ok(envelope) => {
                envelopes.push(envelope);
                ControlFlow::Continue(())
            }
            Err(why) => {
                invalid = Some(why);
                ControlFlow::Break(())
            }
        });
        if read.is_ok() {
            self.peers.hear(node, self.sockets.now());
        }
        envelopes.into_iter().for_each(|envelope| self.receive(node, envelope));
        if let Some(why) = invalid {
            self.operator
                .log(format!("node {node} sends an invalid message, and is cut off: {why}"));
            self.close(id);
        }
        read
    }

    fn receive(&mut self, from: usize, Envelope { message, stamped }: Envelope<N::Message>) {
        if let Some(tracer) = &mut self.tracer {
            tracer.received(from, &message, stamped);
        }
        self.call(|node, out| node.receive(from, message, out));
    }

    /// On a link a peer sends its greeting alone.
    fn read_link(&mut self, id: ConnectionId, place: usize) -> Result<Progress, TransportError> {
        let mut greeting = None;
        let read = self.sockets.read(id, |line, _| {
            greeting = Some(line.to_vec());
            ControlFlow::Break(())
        });
        let Some(line) = greeting else {
            return read;
        };
        let now = self.sockets.now();
        match self.peers.greeted(place, &line, now) {
            Ok(node) => {
                let addr = self.peers.addr(place);
                self.operator.log(format!("connected to node {node} at {addr}"));
                self.sockets.resume(id);
                self.call(|it, out| it.connected(node, out));
            }
            Err(why) => {
                self.close(id);
                self.peers.lose(place, &why, now, &self.operator);
            }
        }
        Ok(Progress::Open)
    }

    /// A connection has ended, because of an error or by its peer, or its time is over.
    fn end(&mut self, id: ConnectionId, error: Option<&TransportError>) {
        let is_late = matches!(error, Some(TransportError::TimedOut { .. }));
        match self.roles.get(&id).copied() {
            Some(Role::Client(Some(client))) if is_late => {
                self.driver.take_waiting(client);
                let why = "the node does not answer, and it is unknown whether it was done";
                self.answer(id, &refused(&(Code::Timeout, why.to_owned())));
            }
            // What was answered before may be unsent.
            Some(Role::Client(_)) if !is_late => self.finish(id),
            Some(Role::Peer(node)) => {
                if is_late {
                    self.operator.log(format!("nothing came from node {node} for {SILENCE:?}"));
                } else if let Some(error) = error {
                    let why = error_chain(error);
                    self.operator.log(format!("node {node} is cut off: {why}"));
                }
                self.close(id);
            }
            Some(Role::Link(place)) => {
                self.close(id);
                let why = error.map_or("the peer closed the connection".to_owned(), |error| {
                    error_chain(error)
                });
                self.peers.lose(place, &why, self.sockets.now(), &self.operator);
            }
            _ => self.close(id),
        }
    }

    /// Closes a connection when its last answer is sent.
    fn finish(&mut self, id: ConnectionId) {
        self.forget(id);
        self.sockets.finish(id);
    }

    fn close(&mut self, id: ConnectionId) {
        self.forget(id);
        self.sockets.close(id);
    }

    fn forget(&mut self, id: ConnectionId) {
        match self.roles.remove(&id) {
            Some(Role::Client(waits)) => {
                self.clients -= 1;
                waits.and_then(|client| self.driver.take_waiting(client));
            }
            Some(Role::Peer(node)) => self.peers.leave(node, id),
            Some(Role::Unidentified(_) | Role::Link(_)) | None => {}
        }
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
    fn call(&mut self, handler: impl FnOnce(&mut N, &mut Outbox<N>)) {
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

    fn note(&mut self, event: &NodeEvent<'_, N>) {
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

    /// Writes what the sockets take. All that it depends on is durable.
    fn write(&mut self) {
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
        Ok(self.sockets.drain(LAST_ANSWERS)?)
    }
}

/// What a client's line asks.
fn asked<N: Node>(line: &[u8]) -> Result<Asked<N::Request>, Refusal>
where
    N::Request: DeserializeOwned,
{
    let line = str::from_utf8(line).map_err(|error| malformed(error.to_string()))?;
    // serde would take the fields of a list, too.
    if !line.trim_start().starts_with('{') {
        return Err(malformed("it is not a JSON object"));
    }
    let kind = body::kind(line)?;
    match &*kind {
        "links" => Ok(Asked::Links),
        kind => body::request(line, kind).map(Asked::Node),
    }
}

/// An error in place of an answer.
fn refused((code, text): &Refusal) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(tag = "type", rename = "error")]
    struct Refused {
        code: Code,
        text: String,
    }
    to_line(&Refused { code: *code, text: body::clipped(text.clone()) })
}
