//! The other nodes: from where each is connected to this one, and the links by which this one
//! sends to them.
//!
//! Two nodes have two connections, one begun by each; on its own, a node sends. A **link** is an
//! address of a peer that this node was given. It connects there, learns by the greeting which node
//! answers, sends what that node is to hear, and begins again when the connection breaks, after
//! waits that grow.
//!
//! * A message to a node that is not connected is lost, and so may be those in flight when a
//!   connection breaks. None is duplicated, and none overtakes another.
//! * For a peer that reads too slowly up to [`MAX_UNSENT_BYTES`] are kept. Beyond that the oldest
//!   messages are dropped and counted: what is pushed later says more.
//! * Where there is nothing to send, an empty line goes out each [`HEARTBEAT`], so that both ends
//!   notice a dead connection: the receiver since nothing comes for [`SILENCE`], and the sender
//!   since the system gets no acknowledgement for as long. (On Linux. Other systems take their own
//!   time.)
//! * Each node number has one connection. A new one of the same process takes its place; one of
//!   another process is refused as long as the first is there.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use common::random::Rng;
use common::readiness::{ConnectionId, Sockets};
use common::retry::{Jitter, Policy};

use crate::client;
use crate::names::Names;
use crate::operator::Operator;
use crate::wire::{Greeting, Hello};

/// How long a link is silent at most.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// How long a peer may be silent before its connection counts as dead.
pub const SILENCE: Duration = Duration::from_secs(5);
const _: () = assert!(SILENCE.as_secs() > 3 * HEARTBEAT.as_secs());

/// How many bytes may wait to be sent to a peer.
pub const MAX_UNSENT_BYTES: usize = 1024 * 1024;

/// How many bytes are handed to a socket at a time. The rest stays in the queue, where the oldest
/// can still be dropped.
const AT_A_TIME: usize = 64 * 1024;

/// The waits between attempts to connect. They do not end: a peer may be away for days.
const BACKOFF: Policy = Policy {
    base: Duration::from_millis(50),
    factor: 2,
    cap: Duration::from_secs(2),
    jitter: Jitter::Full,
    attempts: NonZeroU32::MAX,
    deadline: None,
    idempotent: true,
};

/// What a node knows of the others' connections.
pub(crate) struct Peers {
    me: Hello,
    /// By node, its connection to this one.
    incoming: Vec<Incoming>,
    links: Vec<Link>,
    names: Names,
    rng: Rng,
    /// The last refusal that was logged.
    refusal: String,
}

#[derive(Clone, Default)]
struct Incoming {
    /// While it is connected: by what, and from where.
    connection: Option<(ConnectionId, SocketAddr)>,
    /// Which process it is, or was last.
    incarnation: Option<u64>,
    /// When a line came from it last, a heartbeat perhaps.
    heard: Option<Instant>,
}

/// One address, and how far the connection to it has got.
struct Link {
    addr: String,
    state: State,
    /// Attempts since the last connection that lasted.
    failures: u32,
    /// The last line about it, which is not logged a second time.
    logged: String,
}

enum State {
    /// The next attempt is at this time.
    Waiting(Instant),
    LookingUp,
    /// The greeting has not come yet.
    Greeting(ConnectionId),
    Connected(Connected),
}

struct Connected {
    id: ConnectionId,
    node: usize,
    incarnation: Option<u64>,
    since: Instant,
    /// When something was sent last.
    sent: Instant,
    unsent: VecDeque<Vec<u8>>,
    bytes: usize,
    dropped: u64,
}

impl Peers {
    /// Links to these addresses, all to be connected at once. The waits between attempts are drawn
    /// from the incarnation's number, so that no two nodes draw the same.
    pub(crate) fn new(me: &Hello, addrs: &[String], names: Names, now: Instant) -> Peers {
        let link = |addr: &String| Link {
            addr: addr.clone(),
            state: State::Waiting(now),
            failures: 0,
            logged: String::new(),
        };
        Peers {
            me: me.clone(),
            incoming: vec![Incoming::default(); me.nodes],
            links: addrs.iter().map(link).collect(),
            names,
            rng: Rng::from_seed(me.incarnation),
            refusal: String::new(),
        }
    }

    /// A peer has sent its hello. Returns its earlier connection, which counts no more.
    ///
    /// # Errors
    /// Why it is refused.
    pub(crate) fn enter(
        &mut self,
        hello: &Hello,
        id: ConnectionId,
        from: SocketAddr,
        now: Instant,
    ) -> Result<Option<ConnectionId>, String> {
        self.me.admits(hello)?;
        let Incoming { connection, incarnation, .. } = &mut self.incoming[hello.node];
        let is_another = incarnation.is_some_and(|known| known != hello.incarnation);
        if let Some((_, first)) = connection
            && is_another
        {
            let node = hello.node;
            return Err(format!(
                "node {node} is connected from {first} already: are there two of that number?"
            ));
        }
        *incarnation = Some(hello.incarnation);
        let earlier = connection.replace((id, from));
        // It has just come, so it can be reached.
        for link in &mut self.links {
            if let State::Waiting(at) = &mut link.state {
                *at = now;
            }
        }
        Ok(earlier.map(|(id, _)| id))
    }

    /// Logs a refusal, unless it is the same as the last: a refused peer comes back every 2 s.
    pub(crate) fn log_refusal(&mut self, line: String, operator: &Operator) {
        if line != self.refusal {
            operator.log(&*line);
            self.refusal = line;
        }
    }

    /// A link to a process whose number another one has by now, if there is one.
    pub(crate) fn stale(&self, hello: &Hello) -> Option<(usize, ConnectionId)> {
        let is_stale = |link: &Link| match &link.state {
            State::Connected(connected) => {
                let is_it = connected.node == hello.node;
                (is_it && connected.incarnation.is_some_and(|known| known != hello.incarnation))
                    .then_some(connected.id)
            }
            _ => None,
        };
        let mut links = self.links.iter().enumerate();
        links.find_map(|(place, link)| Some((place, is_stale(link)?)))
    }

    /// A line has come from a peer.
    pub(crate) fn hear(&mut self, node: usize, now: Instant) {
        self.incoming[node].heard = Some(now);
    }

    /// A peer's connection has ended. A later one of it stays.
    pub(crate) fn leave(&mut self, node: usize, id: ConnectionId) {
        self.incoming[node].connection.take_if(|(current, _)| *current == id);
    }

    /// Begins the attempts that are due, and returns the connections that were begun, each with the
    /// place of its link.
    pub(crate) fn connect_due(
        &mut self,
        sockets: &mut Sockets,
        operator: &Operator,
    ) -> Vec<(ConnectionId, usize)> {
        let now = sockets.now();
        for (place, link) in self.links.iter_mut().enumerate() {
            if matches!(link.state, State::Waiting(at) if at <= now) {
                link.state = State::LookingUp;
                self.names.look_up(place, &link.addr);
            }
        }
        let mut begun = Vec::new();
        while let Some((place, addrs)) = self.names.next_found() {
            match self.connect(place, addrs, sockets) {
                Ok(id) => begun.push((id, place)),
                Err(why) => self.lose(place, &why, now, operator),
            }
        }
        begun
    }

    /// Begins to connect to one of these addresses, each attempt to the next of them.
    fn connect(
        &mut self,
        place: usize,
        addrs: std::io::Result<Vec<SocketAddr>>,
        sockets: &mut Sockets,
    ) -> Result<ConnectionId, String> {
        let link = &mut self.links[place];
        let unknown = |why: &str| format!("cannot find the address of {}: {why}", link.addr);
        let addrs = addrs.map_err(|error| unknown(&error.to_string()))?;
        let in_turn = link.failures as usize % addrs.len().max(1);
        let addr = addrs.get(in_turn).ok_or_else(|| unknown("there is none"))?;
        let id = sockets.connect(*addr).map_err(|error| common::error_chain(&error))?;
        sockets.set_timeout(id, SILENCE);
        sockets.give_up_after(id, SILENCE);
        sockets.send(id, &self.me.to_line());
        link.state = State::Greeting(id);
        Ok(id)
    }

    /// A link's peer has greeted. Returns which node it is, and which incarnation of that.
    ///
    /// # Errors
    /// Why the link cannot be used.
    pub(crate) fn greeted(
        &mut self,
        place: usize,
        line: &[u8],
        now: Instant,
    ) -> Result<(usize, Option<u64>), String> {
        let State::Greeting(id) = self.links[place].state else {
            return Err("the peer sends where it has nothing to send".to_owned());
        };
        let addr = &self.links[place].addr;
        let no_peer = |why: String| format!("no peer is at {addr}: {why}");
        let (node, incarnation) = match crate::wire::read(line).map_err(no_peer)? {
            Greeting::Welcome { node, incarnation } => (node, incarnation),
            Greeting::Refused(why) => return Err(format!("{addr} refuses this node: {why}")),
        };
        self.me.admits_node(node).map_err(no_peer)?;
        if let Some(other) = self.links.iter().find(|link| link.node() == Some(node)) {
            let other = &other.addr;
            return Err(no_peer(format!("it says that it is node {node}, and so does {other}")));
        }
        let (since, sent) = (now, now);
        let (unsent, bytes, dropped) = (VecDeque::new(), 0, 0);
        let connected = Connected { id, node, incarnation, since, sent, unsent, bytes, dropped };
        self.links[place].state = State::Connected(connected);
        self.links[place].logged.clear();
        Ok((node, incarnation))
    }

    /// Which address a link leads to.
    pub(crate) fn addr(&self, place: usize) -> &str {
        &self.links[place].addr
    }

    /// A link's connection has ended, or did not come about: the next attempt is after a while. The
    /// reason is logged, unless it is the same as the last.
    pub(crate) fn lose(&mut self, place: usize, why: &str, now: Instant, operator: &Operator) {
        let link = &mut self.links[place];
        let line = match &link.state {
            State::Connected(connected) => {
                if now.saturating_duration_since(connected.since) >= SILENCE {
                    link.failures = 0;
                }
                format!("node {} at {} is gone: {why}", connected.node, link.addr)
            }
            _ if why.contains(&link.addr) => why.to_owned(),
            _ => format!("cannot connect to {}: {why}", link.addr),
        };
        if line != link.logged {
            operator.log(&*line);
            link.logged = line;
        }
        link.failures = link.failures.saturating_add(1);
        link.state = State::Waiting(now + BACKOFF.wait(link.failures, &mut self.rng));
    }

    /// Queues a message, if the node is connected.
    pub(crate) fn send(&mut self, to: usize, line: Vec<u8>, operator: &Operator) {
        let mut links = self.links.iter_mut();
        let Some(connected) = links.find_map(|link| link.connected().filter(|it| it.node == to))
        else {
            return;
        };
        connected.bytes += line.len();
        connected.unsent.push_back(line);
        while connected.bytes > MAX_UNSENT_BYTES
            && let Some(oldest) = connected.unsent.pop_front()
        {
            connected.bytes -= oldest.len();
            if connected.dropped == 0 {
                operator.log(format!("node {to} reads too slowly, and some messages are dropped"));
            }
            connected.dropped += 1;
        }
    }

    /// Hands to each socket what it can take soon, or a heartbeat.
    pub(crate) fn hand_over(&mut self, sockets: &mut Sockets) {
        let now = sockets.now();
        for connected in self.links.iter_mut().filter_map(Link::connected) {
            while sockets.unsent(connected.id) < AT_A_TIME
                && let Some(line) = connected.unsent.pop_front()
            {
                connected.bytes -= line.len();
                connected.sent = now;
                sockets.send(connected.id, &line);
            }
            if now.saturating_duration_since(connected.sent) >= HEARTBEAT {
                connected.sent = now;
                sockets.send(connected.id, b"");
            }
        }
    }

    /// When there is something to do here next.
    pub(crate) fn next_due(&self, sockets: &Sockets) -> Option<Instant> {
        let due = |link: &Link| match &link.state {
            State::Waiting(at) => Some(*at),
            // By its own deadline, or that of the look-up.
            State::LookingUp | State::Greeting(_) => None,
            State::Connected(connected) => {
                let can_send = !connected.unsent.is_empty() && sockets.unsent(connected.id) == 0;
                Some(if can_send { sockets.now() } else { connected.sent + HEARTBEAT })
            }
        };
        self.links.iter().filter_map(due).min()
    }

    /// All links, for a client that asks.
    pub(crate) fn links(&self, now: Instant) -> client::Links {
        let heard_ms = |node: usize| {
            let heard = now.saturating_duration_since(self.incoming[node].heard?);
            heard.as_millis().try_into().ok()
        };
        let links = self.links.iter().map(|link| client::Link {
            addr: link.addr.clone(),
            node: link.node(),
            heard_ms: link.node().and_then(heard_ms),
            dropped: link.dropped(),
        });
        client::Links { links: links.collect() }
    }
}

impl Link {
    fn connected(&mut self) -> Option<&mut Connected> {
        match &mut self.state {
            State::Connected(connected) => Some(connected),
            _ => None,
        }
    }

    fn node(&self) -> Option<usize> {
        match &self.state {
            State::Connected(connected) => Some(connected.node),
            _ => None,
        }
    }

    /// How many messages were dropped since it is connected.
    fn dropped(&self) -> u64 {
        match &self.state {
            State::Connected(connected) => connected.dropped,
            _ => 0,
        }
    }
}
