//! Connections to the other nodes, for what this node says. (What they say comes by connections of
//! theirs.)
//!
//! A thread for each address that the node was given connects there, finds out which node answers,
//! and writes that node's messages until the connection breaks; then it begins again, after waits
//! that grow.
//!
//! * A message to a node that is not connected is lost, and so may be those that are in flight when
//!   a connection breaks. None comes twice, and none overtakes another.
//! * A peer that reads too slowly loses messages, once [`MAX_UNSENT_BYTES`] wait for it.
//! * Where there is nothing to say, an empty line goes out each [`HEARTBEAT`], so that both ends
//!   notice a dead connection: the other one since nothing comes for [`SILENCE`], and this one
//!   since the system hears no acknowledgement for as long. (On Linux. Other systems take their own
//!   time.)

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use common::error_chain;
use common::frame::Framing;
use common::random::Rng;
use common::retry::{Jitter, Policy};
use common::transport::{Connection, Deadline, TransportError};

use super::MAX_MESSAGE;
use super::client;
use super::gate::SILENCE;
use super::tell::Tell;
use super::wire::{self, Greeting, Hello};

/// How long a connection is silent at most.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// How many bytes may wait to be sent to a node.
pub const MAX_UNSENT_BYTES: usize = 1024 * 1024;

/// How long a peer may take to be connected and to greet, and then to take what is written.
const PATIENCE: Duration = Duration::from_secs(5);

/// The waits between attempts to connect. Without an end: a peer may be away for days.
const BACKOFF: Policy = Policy {
    base: Duration::from_millis(50),
    factor: 2,
    cap: Duration::from_secs(2),
    jitter: Jitter::Full,
    attempts: NonZeroU32::MAX,
    deadline: None,
    idempotent: true,
};

/// The connections of one node.
pub(super) struct Links {
    links: Vec<Arc<Link>>,
    shared: Arc<Shared>,
}

struct Shared {
    me: Hello,
    tell: Tell,
    connected: Box<dyn Fn(usize) + Send + Sync>,
    /// By node, the link that leads there.
    by_node: Mutex<Vec<Option<Arc<Link>>>>,
}

/// One address, and what is to be sent there.
struct Link {
    addr: String,
    unsent: Mutex<Unsent>,
    changed: Condvar,
}

#[derive(Default)]
struct Unsent {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Whether a line found no room since lines were last taken.
    is_dropping: bool,
    /// Whether to connect at once, instead of waiting on.
    is_hurried: bool,
    /// The process that the connection is to, if it has said which.
    run: Option<u64>,
    /// Whether that one is gone.
    is_stale: bool,
    is_stopping: bool,
}

impl Links {
    /// Begins to connect to these addresses, and tells `connected` who can be sent something. Each
    /// link's waits are drawn from a seed of its own.
    pub(super) fn start(
        me: &Hello,
        addrs: &[String],
        tell: &Tell,
        connected: impl Fn(usize) + Send + Sync + 'static,
    ) -> Links {
        let shared = Arc::new(Shared {
            me: me.clone(),
            tell: tell.clone(),
            connected: Box::new(connected),
            by_node: Mutex::new(vec![None; me.nodes]),
        });
        let links: Vec<_> = addrs.iter().map(|addr| Arc::new(Link::new(addr))).collect();
        for (link, seed) in links.iter().cloned().zip(me.run..) {
            let shared = Arc::clone(&shared);
            let keep = move || shared.keep_connected(&link, Rng::from_seed(seed));
            if let Err(error) = thread::Builder::new().spawn(keep) {
                tell.line(format!("cannot start a thread for a peer: {error}"));
            }
        }
        Links { links, shared }
    }

    /// Sends a line to a node, if it is connected.
    pub(super) fn send(&self, to: usize, line: Vec<u8>) {
        let link = self.shared.by_node()[to].clone();
        if let Some(link) = link
            && link.push(line)
        {
            self.shared.tell.again(format!(
                "node {to} takes messages more slowly than they come, and some are dropped"
            ));
        }
    }

    /// Has whatever is not connected tried at once: a node that connects to this one has just come
    /// back.
    pub(super) fn hurry(&self) {
        for link in &self.links {
            link.lock().is_hurried = true;
            link.changed.notify_all();
        }
    }

    /// Has the connection to a node made anew, unless it is to this run already: another process
    /// has its number now.
    pub(super) fn renew(&self, node: usize, run: u64) {
        let link = self.shared.by_node()[node].clone();
        if let Some(link) = link {
            let mut unsent = link.lock();
            unsent.is_stale |= unsent.run != Some(run);
        }
        self.hurry();
    }

    /// All addresses, and who is connected.
    pub(super) fn known(&self) -> Vec<client::Link> {
        let by_node = self.shared.by_node();
        let node_of = |link: &Arc<Link>| {
            let is_it = |at: &Option<Arc<Link>>| matches!(at, Some(at) if Arc::ptr_eq(at, link));
            by_node.iter().position(is_it)
        };
        let known = |link: &Arc<Link>| client::Link {
            addr: link.addr.clone(),
            node: node_of(link),
            heard_ms: None,
        };
        self.links.iter().map(known).collect()
    }
}

impl Drop for Links {
    /// The threads end with the next thing that they wait for, and nobody waits for them.
    fn drop(&mut self) {
        for link in &self.links {
            link.lock().is_stopping = true;
            link.changed.notify_all();
        }
    }
}

impl Shared {
    fn keep_connected(&self, link: &Arc<Link>, mut rng: Rng) {
        let mut failures = 0;
        let mut told = String::new();
        while !link.pause(BACKOFF.wait(failures, &mut rng)) {
            failures += 1;
            let why = match self.connect(link) {
                Ok((connection, node)) => {
                    told.clear();
                    let a_while = Deadline::after(SILENCE);
                    let why = link.carry(connection);
                    self.by_node()[node] = None;
                    if a_while.remaining().is_none() {
                        failures = 1;
                    }
                    format!("node {node} at {} is gone: {why}", link.addr)
                }
                Err(why) => why,
            };
            if why != told && !link.lock().is_stopping {
                self.tell.line(&*why);
                told = why;
            }
        }
    }

    /// Connects, and finds out who is there. Or why not, with the address.
    fn connect(&self, link: &Arc<Link>) -> Result<(Connection, usize), String> {
        let addr = &link.addr;
        let (connection, greeting) = self.greet(addr).map_err(|error| match error {
            TransportError::Connect { .. } | TransportError::Resolve { .. } => error_chain(&error),
            error => format!("cannot connect to {addr}: {}", error_chain(&error)),
        })?;
        let node = self.enter(link, &greeting);
        let node = node.map_err(|why| format!("no peer is at {addr}: {why}"))?;
        self.tell.line(format!("connected to node {node} at {addr}"));
        (self.connected)(node);
        Ok((connection, node))
    }

    /// Gives the link to the node that has greeted.
    fn enter(&self, link: &Arc<Link>, greeting: &[u8]) -> Result<usize, String> {
        let (node, run) = match wire::read(greeting)? {
            Greeting::Welcome { node, run } => (node, run),
            Greeting::Refused(why) => return Err(format!("this node is refused: {why}")),
        };
        self.me.admits_node(node)?;
        let mut by_node = self.by_node();
        if let Some(other) = &by_node[node] {
            let other = &other.addr;
            return Err(format!("it says that it is node {node}, and so does {other}"));
        }
        link.begin(run);
        by_node[node] = Some(Arc::clone(link));
        Ok(node)
    }

    fn greet(&self, addr: &str) -> Result<(Connection, Vec<u8>), TransportError> {
        let deadline = Deadline::after(PATIENCE);
        let mut connection = Connection::connect(addr, Framing::Lines, MAX_MESSAGE, deadline)?;
        connection.give_up_after(SILENCE);
        let greeting = connection.exchange(&self.me.to_line(), deadline)?.to_vec();
        Ok((connection, greeting))
    }

    fn by_node(&self) -> MutexGuard<'_, Vec<Option<Arc<Link>>>> {
        self.by_node.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    fn new(addr: &str) -> Link {
        Link { addr: addr.to_owned(), unsent: Mutex::default(), changed: Condvar::new() }
    }

    /// Writes what is to be sent until that fails, or has no sense any more. Says why.
    fn carry(&self, mut connection: Connection) -> String {
        while let Some(lines) = self.take() {
            let lines = lines.iter().map(Vec::as_slice);
            if let Err(error) = connection.send_all(lines, Deadline::after(PATIENCE)) {
                return error_chain(&error);
            }
        }
        "it has started again".to_owned()
    }

    /// What is to be sent, after at most one [`HEARTBEAT`]. `None` once the node is to stop, or the
    /// connection is stale.
    fn take(&self) -> Option<VecDeque<Vec<u8>>> {
        let nothing = |unsent: &mut Unsent| {
            unsent.lines.is_empty() && !unsent.is_stopping && !unsent.is_stale
        };
        let (mut unsent, _) = self
            .changed
            .wait_timeout_while(self.lock(), HEARTBEAT, nothing)
            .unwrap_or_else(PoisonError::into_inner);
        (unsent.bytes, unsent.is_dropping) = (0, false);
        let mut lines = std::mem::take(&mut unsent.lines);
        if lines.is_empty() {
            lines.push_back(Vec::new());
        }
        (!unsent.is_stopping && !unsent.is_stale).then_some(lines)
    }

    /// Adds a line. Says whether it is the first that finds no room.
    fn push(&self, line: Vec<u8>) -> bool {
        let mut unsent = self.lock();
        if unsent.bytes + line.len() > MAX_UNSENT_BYTES {
            return !std::mem::replace(&mut unsent.is_dropping, true);
        }
        unsent.bytes += line.len();
        unsent.lines.push_back(line);
        self.changed.notify_all();
        false
    }

    /// Has nothing to send to this process yet.
    fn begin(&self, run: Option<u64>) {
        let mut unsent = self.lock();
        unsent.lines.clear();
        unsent.bytes = 0;
        (unsent.is_dropping, unsent.is_stale) = (false, false);
        unsent.run = run;
    }

    /// Waits. Says whether the node is to stop.
    fn pause(&self, wait: Duration) -> bool {
        let goes_on = |unsent: &mut Unsent| !(unsent.is_stopping || unsent.is_hurried);
        let (mut unsent, _) = self
            .changed
            .wait_timeout_while(self.lock(), wait, goes_on)
            .unwrap_or_else(PoisonError::into_inner);
        unsent.is_hurried = false;
        unsent.is_stopping
    }

    /// The lines are whole between any two statements that hold the lock.
    fn lock(&self) -> MutexGuard<'_, Unsent> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
