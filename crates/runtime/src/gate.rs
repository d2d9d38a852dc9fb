//! Connections that come in: from other nodes, and from clients.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::error_chain;
use common::transport::{Connection, Deadline, Reason, TransportError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::client;
use super::inbox::Inbox;
use super::links::{HEARTBEAT, Links};
use super::tell::Tell;
use super::wire::{self, Envelope, Greeting, Hello, to_line};
use crate::body::{self, Code, Refusal, malformed};
use worlds::node::Node;

/// How many clients are served at a time. One more is told so. The rest of the connections is left
/// to the other nodes.
pub const MAX_CLIENTS: usize = 400;

/// How many connections may be there besides, of whom nobody knows yet whether they are clients or
/// nodes.
pub(super) const STRANGERS: usize = 100;

/// How long a connection may take to say its first line.
const FIRST_LINE: Duration = Duration::from_secs(5);

/// How long a peer may be silent before its connection counts as dead. It says something each
/// [`HEARTBEAT`].
pub const SILENCE: Duration = Duration::from_secs(5);
const _: () = assert!(SILENCE.as_secs() > 3 * HEARTBEAT.as_secs());

/// How long a client may be silent.
const IDLE: Duration = Duration::from_secs(30);

/// How long a client waits for the node's answer before it is told that nobody knows.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What a message takes in memory besides its line, about.
const OVERHEAD: usize = 64;

/// What the threads of all connections share.
pub(super) struct Gate<N: Node> {
    pub(super) me: Hello,
    pub(super) inbox: Arc<Inbox<N::Message, N::Request>>,
    pub(super) links: Links,
    pub(super) tell: Tell,
    /// By node, its connection.
    present: Mutex<Vec<Peer>>,
    clients: AtomicUsize,
}

/// What is known of another node's connection to this one.
#[derive(Default)]
struct Peer {
    /// While it is connected: from where, and by what.
    connected: Option<(SocketAddr, TcpStream)>,
    /// Which process it is, or was last.
    run: Option<u64>,
    /// How many connections it has had.
    turns: u64,
    /// When something came from it, a heartbeat perhaps.
    heard: Option<Instant>,
    /// Whether its last message found no room.
    is_dropping: bool,
}

impl<N> Gate<N>
where
    N: Node,
    N::Message: DeserializeOwned,
    N::Request: DeserializeOwned,
{
    pub(super) fn new(
        me: Hello,
        inbox: Arc<Inbox<N::Message, N::Request>>,
        links: Links,
        tell: Tell,
    ) -> Gate<N> {
        let present = (0..me.nodes).map(|_| Peer::default()).collect();
        Gate { me, inbox, links, tell, present: Mutex::new(present), clients: AtomicUsize::new(0) }
    }

    /// Serves a connection to its end.
    pub(super) fn serve(&self, connection: &mut Connection) -> Result<(), TransportError> {
        let Some(line) = connection.receive(Deadline::after(FIRST_LINE))? else {
            return Ok(());
        };
        match Hello::read(line) {
            Some(hello) => self.serve_peer(connection, hello),
            None => {
                let line = line.to_vec();
                self.serve_client(connection, line)
            }
        }
    }

    fn serve_peer(
        &self,
        connection: &mut Connection,
        hello: Result<Hello, String>,
    ) -> Result<(), TransportError> {
        let deadline = Deadline::after(FIRST_LINE);
        let peer_addr = connection.peer_addr();
        let addr = peer_addr.map_err(|error| TransportError::Io {
            doing: "greeting a peer",
            source: Reason(error),
        })?;
        let admitted = hello.and_then(|hello| {
            self.me.admits(&hello)?;
            Ok((hello.node, self.enter(&hello, addr, connection)?))
        });
        let (node, turn) = match admitted {
            Ok(admitted) => admitted,
            Err(why) => {
                let why = body::clipped(why);
                // Without the port, which is another one each time.
                let from = addr.ip();
                self.tell.again(format!("a peer at {from} is refused: {why}"));
                return connection.send(&to_line(&Greeting::Refused(why)), deadline);
            }
        };
        let greeting = Greeting::Welcome { node: self.me.node, run: Some(self.me.run) };
        let served = connection
            .send(&to_line(&greeting), deadline)
            .and_then(|()| self.listen(connection, node, turn));
        self.leave(node, turn);
        match &served {
            Ok(()) => {}
            Err(TransportError::TimedOut { .. }) => {
                self.tell.again(format!("nothing came from node {node} for {SILENCE:?}"))
            }
            Err(error) => {
                self.tell.again(format!("node {node} is cut off: {}", error_chain(error)))
            }
        }
        served
    }

    /// Takes a peer's place, if it is free, or the same process has it.
    fn enter(
        &self,
        hello: &Hello,
        addr: SocketAddr,
        connection: &Connection,
    ) -> Result<u64, String> {
        let stream = connection.stream().try_clone();
        let stream = stream.map_err(|error| error.to_string())?;
        let mut present = self.present();
        let peer = &mut present[hello.node];
        let is_another = peer.run.is_some_and(|run| run != hello.run);
        if let Some((first, stream)) = &peer.connected {
            if is_another {
                let node = hello.node;
                return Err(format!(
                    "node {node} is connected from {first} already: are there two of that number?"
                ));
            }
            // What is in flight on it counts no more.
            let _ = stream.shutdown(Shutdown::Both);
        }
        match is_another {
            true => self.links.renew(hello.node, hello.run),
            false => self.links.hurry(),
        }
        peer.run = Some(hello.run);
        peer.connected = Some((addr, stream));
        peer.turns += 1;
        Ok(peer.turns)
    }

    fn leave(&self, node: usize, turn: u64) {
        let peer = &mut self.present()[node];
        if peer.turns == turn {
            peer.connected = None;
        }
    }

    /// Takes a peer's messages until its connection ends.
    fn listen(
        &self,
        connection: &mut Connection,
        node: usize,
        turn: u64,
    ) -> Result<(), TransportError> {
        while let Some(line) = connection.receive(Deadline::after(SILENCE))? {
            let envelope = match line {
                b"" => None,
                line => match wire::read::<Envelope<N::Message>>(line) {
                    Ok(envelope) => Some((line.len() + OVERHEAD, envelope)),
                    Err(why) => {
                        let why =
                            format!("node {node} says what is no message, and is cut off: {why}");
                        self.tell.again(why);
                        return Ok(());
                    }
                },
            };
            if !self.take(node, turn, envelope) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Passes a message on. Says whether this connection still counts: the lock is held until the
    /// message is in its queue, so that none of an earlier connection comes after one of a later.
    fn take(
        &self,
        node: usize,
        turn: u64,
        envelope: Option<(usize, Envelope<N::Message>)>,
    ) -> bool {
        let mut present = self.present();
        let peer = &mut present[node];
        if peer.turns != turn {
            return false;
        }
        peer.heard = Some(now());
        if let Some((size, Envelope { message, stamped })) = envelope {
            let finds_room = self.inbox.push_message(node, size, message, stamped);
            if !std::mem::replace(&mut peer.is_dropping, !finds_room) && !finds_room {
                self.tell.again(format!(
                    "node {node} says more than this node can take, and some is dropped"
                ));
            }
        }
        true
    }

    fn serve_client(
        &self,
        connection: &mut Connection,
        first: Vec<u8>,
    ) -> Result<(), TransportError> {
        let others = self.clients.fetch_add(1, Ordering::SeqCst);
        let served = self.answer_all(connection, first, others);
        self.clients.fetch_sub(1, Ordering::SeqCst);
        served
    }

    fn answer_all(
        &self,
        connection: &mut Connection,
        first: Vec<u8>,
        others: usize,
    ) -> Result<(), TransportError> {
        let mut next = Some(first);
        while let Some(line) = next {
            let answer = match others < MAX_CLIENTS {
                true => self.answer(&line),
                false => {
                    let why = format!("{MAX_CLIENTS} other clients are served at the moment");
                    Err((Code::TemporarilyUnavailable, why))
                }
            };
            let answer = answer.unwrap_or_else(|refusal| refused(&refusal));
            connection.send(&answer, Deadline::after(IDLE))?;
            if others >= MAX_CLIENTS {
                return Ok(());
            }
            next = connection.receive(Deadline::after(IDLE))?.map(<[u8]>::to_vec);
        }
        Ok(())
    }

    /// The answer to a client's line.
    fn answer(&self, line: &[u8]) -> Result<Vec<u8>, Refusal> {
        let line = str::from_utf8(line).map_err(|error| malformed(error.to_string()))?;
        // serde would take the fields of a list, too.
        if !line.trim_start().starts_with('{') {
            return Err(malformed("it is no JSON object"));
        }
        let kind = body::kind(line)?;
        if kind == "links" {
            return Ok(self.links_status());
        }
        let request = body::request(line, &kind)?;
        let (reply_to, reply) = mpsc::sync_channel(1);
        self.inbox.push_request(request, reply_to)?;
        reply.recv_timeout(ANSWER_WITHIN).map_err(|error| {
            let why = match error {
                RecvTimeoutError::Timeout => "the node does not answer",
                RecvTimeoutError::Disconnected => "the node stops",
            };
            (Code::Timeout, format!("{why}, and nobody knows whether it was done"))
        })
    }

    fn links_status(&self) -> Vec<u8> {
        let present = self.present();
        let heard_ms = |node: usize| {
            let heard = present[node].heard?;
            heard.elapsed().as_millis().try_into().ok()
        };
        let mut links = self.links.known();
        for link in &mut links {
            link.heard_ms = link.node.and_then(heard_ms);
        }
        to_line(&client::Links { links })
    }

    /// What is known of peers is whole between any two statements that hold the lock.
    fn present(&self) -> MutexGuard<'_, Vec<Peer>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error in place of an answer.
pub(super) fn refused((code, text): &Refusal) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(tag = "type", rename = "error")]
    struct Refused {
        code: Code,
        text: String,
    }
    to_line(&Refused { code: *code, text: body::clipped(text.clone()) })
}

#[expect(clippy::disallowed_methods, reason = "when a peer was last heard is shown to a person")]
fn now() -> Instant {
    Instant::now()
}
