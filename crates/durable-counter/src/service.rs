//! A replica and its log, without sockets: what the runtime does with them, one turn at a time.

use runtime::disk::Disk;
use runtime::log::{Identity, Log, LogError};
use worlds::node::{Client, Effect, Node, Outbox};

use crate::replica::{Record, Replica, Reply, Request};

/// A replica without peers, and its log on a disk.
pub struct Service<D> {
    replica: Replica,
    log: Log<D>,
}

/// What came of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What was written.
    pub records: Vec<Record>,
    /// The answers, in the order of the requests.
    pub replies: Vec<Reply>,
}

impl<D: Disk> Service<D> {
    /// Starts a replica from the log on this disk, which it begins if there is none.
    ///
    /// # Errors
    /// [`LogError`].
    ///
    /// # Panics
    /// If the records are not those of a replica without peers.
    pub fn start(disk: D) -> Result<Service<D>, LogError> {
        let identity = Identity { cluster: "counter".to_owned(), node: 0, nodes: 1 };
        let (log, records, _) = Log::open(disk, &identity)?;
        Ok(Service { replica: Replica::new(0, 1, &records), log })
    }

    /// Handles all these requests, makes all that they have written durable with one sync, and only
    /// then answers. A replica alone answers each request at once.
    ///
    /// # Errors
    /// [`LogError`]: then none of them is answered.
    pub fn turn(&mut self, requests: &[Request]) -> Result<Turn, LogError> {
        let mut out = Outbox::default();
        for request in requests {
            self.replica.ask(Client(0), request.clone(), &mut out);
        }
        let mut turn = Turn { records: Vec::new(), replies: Vec::new() };
        for effect in out.take() {
            match effect {
                Effect::Append(record) => {
                    self.log.append(&record);
                    turn.records.push(record);
                }
                Effect::Answer { reply, .. } => turn.replies.push(reply),
                other => unreachable!("a replica without peers does not want {other:?}"),
            }
        }
        if !turn.records.is_empty() {
            self.log.sync()?;
        }
        Ok(turn)
    }

    /// The value.
    pub fn value(&self) -> u128 {
        self.replica.counter().value()
    }
}
