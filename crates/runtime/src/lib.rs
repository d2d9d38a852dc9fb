//! A node as a real process: peers over TCP, timers in real time, and its records in a file.
//!
//! A [`NodeRuntime`] executes what a [`Node`] wants done, with what a machine has. It listens at
//! one address, for other nodes and for clients; it connects to the others by itself, again and
//! again; and where it is given a [`Folder`](disk::Folder), it keeps the node's records there.
//!
//! One thread runs all of it, a loop over all sockets. It waits until a socket is ready or a timer
//! runs out. It reads all that is ready, and hands each message, request and timer to the node. It
//! appends all records that the node wants written, and syncs once. Only then it writes the answers
//! and messages. What a socket does not take it keeps, and writes when the socket is ready again.
//!
//! | module | holds |
//! |---|---|
//! | `event_loop` | the loop |
//! | `connections` | what is at the other end of each connection, and what its lines mean |
//! | `driver` | the node and its timers, here and on the test bench |
//! | `peers`, `wire`, `names` | the links to other nodes, their lines, their addresses |
//! | [`log`], [`disk`] | the records on disk |
//! | [`client`] | asking a node from outside |
//! | `tracing` | a trace of what one process does |
//! | [`stdio`] | the same node as JSON lines, for the test bench Maelstrom |
//!
//! What holds:
//!
//! * A record is durable before any message or answer leaves that was pushed after it.
//! * Messages to a node are lost or arrive once, in the order of their sending, as long as neither
//!   process starts again.
//! * All that comes from outside is bounded: by [`MAX_MESSAGE`], [`MAX_CLIENTS`],
//!   [`MAX_UNSENT_BYTES`], the deadline of each connection, and a number of log lines in each
//!   second.
//! * A connection is read for a part of a turn, so a peer or client that floods delays the others
//!   and does not stop them.
//! * A disk error ends the process. Nothing was acknowledged that is not durable, and what was
//!   asked in that turn is unknown to its clients, as after a crash.
//!
//! A client is a connection whose first line is not a hello. It writes requests, each a line of
//! JSON, and reads a line for each: what the node answers, or `{"type":"error","code":…,"text":…}`
//! with a [`Code`]. Its next request is read when the last is answered. `nc` will do. The request
//! `{"type":"links"}` is answered by the runtime itself: where the node's peers are, and when each
//! was last heard.
//!
//! Left out: TLS, and any proof that a peer is who it says it is: a client that can connect can
//! count. So it listens on this machine alone, unless told otherwise. Left out, too: nodes that
//! join or leave, and a disk that is tried again after an error.

mod body;
pub mod client;
mod connections;
pub mod disk;
mod driver;
mod event_loop;
pub mod log;
mod names;
mod operator;
mod peers;
pub mod stdio;
mod timers;
mod tracing;
mod wire;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::random::fresh_seed;
use common::readiness::Sockets;
use common::transport::{Limits, TransportError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use views::file::WriteError;

use connections::FIRST_LINE;
use disk::Disk;
use event_loop::EventLoop;
use log::{Identity, Log, LogError};
use operator::Operator;
use wire::Hello;
use worlds::node::Node;

pub use crate::body::Code;
pub use common::readiness::Stopper;
pub use connections::{ANSWER_WITHIN, MAX_CLIENTS};
pub use event_loop::COMPACT_AT;
pub use peers::{HEARTBEAT, MAX_UNSENT_BYTES, SILENCE};
pub use tracing::Tracing;
pub use wire::{MAX_CLUSTER, PROTOCOL};

/// The longest line that a peer or a client may send, in bytes.
pub const MAX_MESSAGE: usize = DEFAULT_MAX_MESSAGE;

/// How many connections there may be besides those of clients and peers: those that have not sent
/// their first line, and clients that are being refused.
const UNIDENTIFIED: usize = 100;

/// Who a node is, and where the others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What the nodes of one cluster call it, so that two clusters do not mix.
    pub cluster: String,
    /// This node's number, from 0.
    pub node: usize,
    /// Where to listen, `host:port`.
    pub listen: String,
    /// Where the other nodes listen, in any order: which is which they say themselves.
    pub peers: Vec<String>,
    /// The log is [compacted](Node::snapshot) when it has this many bytes, and again when it has
    /// grown to four times what that left. [`COMPACT_AT`] is a good size.
    pub compact_at: u64,
}

impl Config {
    /// A node that compacts its log at [`COMPACT_AT`] bytes.
    pub fn new(cluster: &str, node: usize, listen: &str, peers: &[String]) -> Config {
        Config {
            cluster: cluster.to_owned(),
            node,
            listen: listen.to_owned(),
            peers: peers.to_owned(),
            compact_at: COMPACT_AT,
        }
    }
}

/// Why a node cannot run, or go on.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The number is too large.
    #[error(
        "there is no node {node}: with {peers} peer{} there are {}, counted from 0",
        if *.peers == 1 { "" } else { "s" },
        .peers + 1
    )]
    NoSuchNode {
        /// The number.
        node: usize,
        /// How many peers it was given.
        peers: usize,
    },
    /// The address cannot be had, or was lost.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The node cannot be made from its records.
    #[error("the records are not those of this node")]
    Records(#[source] Box<dyn Error + Send + Sync>),
    /// The file of the trace cannot be made.
    #[error("cannot write the trace to {}", .path.display())]
    TraceFile {
        /// Its path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The trace cannot be begun.
    #[error(transparent)]
    Trace(#[from] WriteError),
    /// The caller could not report that it is ready.
    #[error("cannot report that it listens")]
    Ready(#[source] io::Error),
}

impl RuntimeError {
    /// What the user of a program can do about it, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            RuntimeError::Transport(error) => error.advice(),
            RuntimeError::Log(error) => error.advice(),
            RuntimeError::NoSuchNode { .. } => Some("give a --peer for each other node"),
            RuntimeError::TraceFile { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("make the folder first, with mkdir -p, or give a path in one that exists")
            }
            RuntimeError::TraceFile { .. } => Some(
                "--trace takes a new file, or an old trace, which it replaces, in a folder that \
                 you may write to",
            ),
            _ => None,
        }
    }
}

/// A node's address, taken, and all that it needs to run.
pub struct NodeRuntime<N: Node> {
    sockets: Sockets,
    me: Hello,
    peers: Vec<String>,
    compact_at: u64,
    operator: Arc<Operator>,
    node: std::marker::PhantomData<fn() -> N>,
}

impl<N> NodeRuntime<N>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Record: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
{
    /// Takes the address. Lines for the operator of the process go to `log`; they may quote what
    /// others sent, control characters and all.
    ///
    /// # Errors
    /// [`RuntimeError::NoSuchNode`], [`RuntimeError::Transport`].
    pub fn bind(
        config: Config,
        log: impl Fn(String) + Send + Sync + 'static,
    ) -> Result<NodeRuntime<N>, RuntimeError> {
        let Config { cluster, node, listen, peers, compact_at } = config;
        let nodes = peers.len() + 1;
        if node >= nodes {
            let peers = peers.len();
            return Err(RuntimeError::NoSuchNode { node, peers });
        }
        let limits = Limits {
            max_message: MAX_MESSAGE,
            // A link and a connection for each peer.
            max_connections: MAX_CLIENTS + UNIDENTIFIED + 2 * nodes,
            idle: FIRST_LINE,
        };
        allow_descriptors(limits.max_connections);
        Ok(NodeRuntime {
            sockets: Sockets::bind(&listen, Framing::Lines, limits)?,
            me: Hello::new(cluster, nodes, node, fresh_seed()),
            peers,
            compact_at,
            operator: Arc::new(Operator::new(log)),
            node: std::marker::PhantomData,
        })
    }

    /// The address that it listens on, with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.sockets.local_addr()
    }

    /// What ends it from another thread, such as one that waits for signals.
    pub fn stopper(&self) -> Stopper {
        self.sockets.stopper()
    }

    /// Runs the node that `make` makes from its number, how many there are, and its records, until
    /// it is stopped. Without a disk what it appends is gone with the process. `ready` is called
    /// when clients are answered.
    ///
    /// # Errors
    /// A [`RuntimeError`], before it is ready; and later if its disk fails, or the system cannot
    /// wait for sockets.
    ///
    /// # Panics
    /// If the node sends to itself or to a node that does not exist, or what it sends has no form
    /// in JSON.
    pub fn run<E: Error + Send + Sync + 'static>(
        self,
        disk: Option<impl Disk>,
        tracing: Option<Tracing<N>>,
        make: impl FnOnce(usize, usize, &[N::Record]) -> Result<N, E>,
        ready: impl FnOnce() -> io::Result<()>,
    ) -> Result<(), RuntimeError> {
        let me = &self.me;
        let (log, records) = match disk {
            None => (None, Vec::new()),
            Some(disk) => open(disk, me, &self.operator)?,
        };
        let node = make(me.node, me.nodes, &records);
        let node = node.map_err(|error| RuntimeError::Records(Box::new(error)))?;
        drop(records);
        let start = |tracing: Tracing<N>| tracing.start(me, &self.operator);
        let tracer = tracing.map(start).transpose()?;
        ready().map_err(RuntimeError::Ready)?;
        EventLoop::new(self, node, log, tracer).run()
    }
}

fn open<D: Disk, R: DeserializeOwned>(
    disk: D,
    me: &Hello,
    operator: &Operator,
) -> Result<(Option<Log<D>>, Vec<R>), RuntimeError> {
    let identity = Identity { cluster: me.cluster.clone(), node: me.node, nodes: me.nodes };
    let (log, records, torn) = Log::open(disk, &identity)?;
    if let Some(torn) = torn {
        operator.log(torn.to_string());
    }
    operator.log(match records.len() {
        0 => "there are no records yet".to_owned(),
        1 => "1 record was read".to_owned(),
        count => format!("{count} records were read"),
    });
    Ok((Some(log), records))
}

/// Lets this process have as many descriptors as its connections may take, where its limit is lower
/// and may be raised. With fewer, clients wait until others leave.
fn allow_descriptors(connections: usize) {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        // The log, its folder, the poll and what the process had before.
        let wanted = connections as u64 + 100;
        if let Ok((allowed, most)) = getrlimit(Resource::RLIMIT_NOFILE)
            && allowed < wanted
        {
            let _ = setrlimit(Resource::RLIMIT_NOFILE, wanted.min(most), most);
        }
    }
    #[cfg(not(unix))]
    let _ = connections;
}
