//! What is at the other end of each connection, and what its lines mean: a client, a peer that
//! sends to this node, or a link by which this node sends. The first line of a connection says
//! which of the first two it is.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use common::error_chain;
use common::readiness::{ConnectionId, Progress};
use common::transport::TransportError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worlds::node::{Client, Node, NodeEvent};

use crate::body::{self, Code, Refusal, malformed};
use crate::disk::Disk;
use crate::event_loop::EventLoop;
use crate::peers::SILENCE;
use crate::wire::{self, Envelope, Greeting, Hello, to_line};

/// How many clients are served at a time. One more is refused with an error.
pub const MAX_CLIENTS: usize = 2_000;

/// How long a connection may take to send its first line, by which it is a peer's or a client's.
pub(crate) const FIRST_LINE: Duration = Duration::from_secs(5);

/// How long a client may be idle.
const IDLE: Duration = Duration::from_secs(30);

/// How long a client waits for the node's answer before the runtime answers that the outcome is
/// unknown.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
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
    pub(crate) fn accept(&mut self) {
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

    pub(crate) fn read_all(&mut self) {
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
                self.meet(hello.node, Some(hello.incarnation));
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
                let line = format!("a peer at {} is refused: {why}", from.ip());
                self.peers.log_refusal(line, &self.operator);
                self.sockets.send(id, &to_line(&Greeting::Refused(why)));
                self.finish(id);
            }
        }
    }

    /// Before anything is sent to it: the stamps of a trace are for one incarnation of each node.
    fn meet(&mut self, node: usize, incarnation: Option<u64>) {
        if let (Some(tracer), Some(incarnation)) = (&mut self.tracer, incarnation) {
            tracer.meet(node, incarnation);
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
    pub(crate) fn answer(&mut self, id: ConnectionId, line: &[u8]) {
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
            Ok((node, incarnation)) => {
                self.meet(node, incarnation);
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
pub(crate) fn refused((code, text): &Refusal) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(tag = "type", rename = "error")]
    struct Refused {
        code: Code,
        text: String,
    }
    to_line(&Refused { code: *code, text: body::clipped(text.clone()) })
}
