//! A node as a real process: peers over TCP, timers in real time, and its records in a file.
//!
//! A [`NodeRuntime`] carries out what a [`Node`] wants done, with what a machine has. It listens at
//! one address, for other nodes and for clients; it connects to the others by itself, again and
//! again; and where it is given a [`Folder`](disk::Folder), it keeps the node's records there.
//!
//! One thread runs the node. Around it are a thread for each connection, and between them queues
//! with a bound. The node's thread takes everything that has come, hands it to the node, writes all
//! records with one write and one sync, and then lets messages and answers go: the more clients
//! wait, the more of them share a sync.
//!
//! What holds:
//!
//! * A record is on disk before any message or answer that was pushed after it leaves.
//! * Messages to a node are lost or arrive once, in the order of their sending, as long as neither
//!   process starts again.
//! * Everything that comes from outside is bounded: by [`MAX_MESSAGE`], [`MAX_CLIENTS`],
//!   [`MAX_WAITING_BYTES`], [`MAX_WAITING`], and the log that is told of it by
//!   [`MAX_LINES_A_SECOND`]. What is so again and again is told once a minute.
//! * A disk that refuses a record is a crash of the node and not of the process: whoever waited is
//!   told, the node comes back from what is safe, and goes on with all that needs no record. If
//!   nobody knows what the disk holds, the process ends.
//!
//! A client is whoever connects and does not begin with a hello. It writes requests, each a line of
//! JSON, and reads a line for each: what the node answers, or `{"type":"error","code":…,"text":…}`
//! with a [`Code`]. `nc` will do. The request `{"type":"links"}` is answered by the runtime itself:
//! where the node's peers are, and when each was last heard.
//!
//! Left out: TLS, and any proof that a peer is who it says it is: whoever can connect can count. So
//! it listens on this machine alone, unless told otherwise. Left out, too: nodes that join or
//! leave.

mod body;
pub mod client;
pub mod disk;
mod gate;
mod inbox;
mod links;
pub mod log;
mod running;
pub mod stdio;
mod tell;
mod timers;
mod tracing;
mod wire;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::error_chain;
use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::random::fresh_seed;
use common::transport::{self, Event, Limits, Server, TransportError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use views::file::WriteError;

use disk::Disk;
use gate::{Gate, STRANGERS};
use inbox::Inbox;
use links::Links;
use log::{Identity, Log, LogError};
use running::Running;
use tell::Tell;
use wire::Hello;
use worlds::node::Node;

pub use crate::body::Code;
pub use gate::{ANSWER_WITHIN, MAX_CLIENTS, SILENCE};
pub use inbox::MAX_WAITING_BYTES;
pub use links::{HEARTBEAT, MAX_UNSENT_BYTES};
pub use running::{COMPACT_AT, MAX_WAITING};
pub use tell::MAX_LINES_A_SECOND;
pub use tracing::Tracing;
pub use wire::{MAX_CLUSTER, PROTOCOL};

/// The longest line that is taken from anybody, in bytes.
pub const MAX_MESSAGE: usize = DEFAULT_MAX_MESSAGE;

/// How long clients may take, once the node has stopped, to take their last answer.
const LAST_WORDS: Duration = Duration::from_secs(1);

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
    #[error("there is no node {node}: with {peers} peers there are {}, counted from 0", .peers + 1)]
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
    /// Nobody could be told that it is ready.
    #[error("cannot say that it listens")]
    Ready(#[source] io::Error),
}

impl RuntimeError {
    /// What the user of a program can do about it, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            RuntimeError::Transport(error) => error.advice(),
            RuntimeError::Log(error) => error.advice(),
            RuntimeError::NoSuchNode { .. } => Some("give a --peer for each other node"),
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
    server: Server,
    me: Hello,
    peers: Vec<String>,
    compact_at: u64,
    inbox: Arc<Inbox<N::Message, N::Request>>,
    tell: Tell,
}

/// Ends a [`NodeRuntime`].
pub struct Stopper(Box<dyn Fn() + Send + Sync>);

impl Stopper {
    /// Tells it to end, and returns at once.
    pub fn stop(&self) {
        (self.0)();
    }
}

impl<N> NodeRuntime<N>
where
    N: Node + 'static,
    N::Message: Serialize + DeserializeOwned + Send,
    N::Record: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned + Send,
    N::Reply: Serialize,
{
    /// Takes the address. What whoever runs the process should know goes to `log`, a line each; it
    /// may quote what others sent, control characters and all.
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
            max_connections: MAX_CLIENTS + STRANGERS + nodes,
            idle: LAST_WORDS,
        };
        let tell = Tell::new(log);
        let told = tell.clone();
        let server = Server::bind(&listen, limits)?.on_event(move |_, event| {
            if let Event::NotAccepted(error) = event {
                told.again(error_chain(error));
            }
        });
        Ok(NodeRuntime {
            server,
            me: Hello::new(cluster, nodes, node, fresh_seed()),
            peers,
            compact_at,
            inbox: Arc::new(Inbox::new(nodes)),
            tell,
        })
    }

    /// The address that it listens on, with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.server.local_addr()
    }

    /// What ends it from another thread, such as one that waits for signals.
    pub fn stopper(&self) -> Stopper {
        let inbox = Arc::clone(&self.inbox);
        // The node's thread has the server end when it has ended itself: what it acknowledges last
        // is heard.
        Stopper(Box::new(move || inbox.stop()))
    }

    /// Runs the node that `make` makes from its number, how many there are, and its records, until
    /// it is told to stop. After a disk has failed it is made once more, in the same process.
    /// Without a disk what it appends is gone with the process. `ready` is told when it answers.
    ///
    /// # Errors
    /// A [`RuntimeError`], before it is ready; and later if its address is taken away, or it cannot
    /// be brought back after its disk has failed.
    ///
    /// # Panics
    /// If the node sends to itself or to a node that there is not, or what it says has no form in
    /// JSON.
    pub fn run<E: Error + Send + Sync + 'static>(
        self,
        disk: Option<impl Disk>,
        tracing: Option<Tracing<N>>,
        make: impl Fn(usize, usize, &[N::Record]) -> Result<N, E>,
        ready: impl FnOnce() -> io::Result<()>,
    ) -> Result<(), RuntimeError> {
        let NodeRuntime { server, me, peers, compact_at, inbox, tell } = self;
        let make = |records: &[N::Record]| {
            make(me.node, me.nodes, records).map_err(|error| RuntimeError::Records(Box::new(error)))
        };
        let (log, records) = match disk {
            None => (None, Vec::new()),
            Some(disk) => open(disk, &me, &tell)?,
        };
        let node = make(&records)?;
        drop(records);
        let tracer = tracing.map(|tracing| tracing.start(me.node, me.nodes, me.run, &tell));
        let tracer = tracer.transpose()?;
        let told = Arc::clone(&inbox);
        let links = Links::start(&me, &peers, &tell, move |node| told.push_connected(node));
        let gate = Arc::new(Gate::new(me.clone(), inbox, links, tell));
        let serving = Serving::start(server, &gate);
        ready().map_err(RuntimeError::Ready)?;
        Running::new(gate, node, make, log, compact_at, tracer).run()?;
        Ok(serving.stop()?)
    }
}

/// The threads that serve connections. However they end, the node's thread ends with them, and the
/// other way round.
struct Serving {
    stopper: transport::Stopper,
    thread: Option<JoinHandle<Result<(), TransportError>>>,
}

impl Serving {
    fn start<N>(server: Server, gate: &Arc<Gate<N>>) -> Serving
    where
        N: Node + 'static,
        N::Message: DeserializeOwned + Send,
        N::Request: DeserializeOwned + Send,
    {
        let stopper = server.stopper();
        let gate = Arc::clone(gate);
        let serve = move || {
            let handle = Arc::clone(&gate);
            let served = server
                .serve_connections(Framing::Lines, move |connection| handle.serve(connection));
            gate.inbox.stop();
            served
        };
        let thread = Some(thread::spawn(serve));
        Serving { stopper, thread }
    }

    fn stop(mut self) -> Result<(), TransportError> {
        self.stopper.stop();
        let thread = self.thread.take().expect("it is stopped once");
        thread.join().expect("serving does not panic")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stopper.stop();
    }
}

fn open<D: Disk, R: DeserializeOwned>(
    disk: D,
    me: &Hello,
    tell: &Tell,
) -> Result<(Option<Log<D>>, Vec<R>), RuntimeError> {
    let identity = Identity { cluster: me.cluster.clone(), node: me.node, nodes: me.nodes };
    let (log, records, torn) = Log::open(disk, &identity)?;
    if let Some(torn) = torn {
        tell.line(torn.to_string());
    }
    tell.line(match records.len() {
        0 => "no records are there yet".to_owned(),
        count => format!("{count} records were read"),
    });
    Ok((Some(log), records))
}
