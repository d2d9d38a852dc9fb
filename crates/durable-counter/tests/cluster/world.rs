//! A world of real processes, to which the faults of the simulator can be applied.

use std::fs;
use std::path::{Path, PathBuf};

use crate::simulated::REPLICAS;
use common::transport::Deadline;
use common::transport::free_addrs;
use durable_counter::client::Client;
use durable_counter::cluster::{Cluster, OPERATION_TIMEOUT, peer_args};
use durable_counter::replica::RequestId;
use durable_counter::replica::Status;
use tempfile::TempDir;
use worlds::sim::Fault;

use super::network::Network;

/// Replicas that run, and the wires between them.
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    network: Network,
    clients: u64,
    folder: TempDir,
}

impl World {
    /// Replicas without faults, which have counted nothing.
    pub(crate) fn start() -> World {
        let folder = tempfile::tempdir().unwrap();
        let addrs = free_addrs(REPLICAS).unwrap();
        let network = Network::new(&addrs);
        let args = |replica| args(folder.path(), &network, replica);
        let mut cluster = Cluster::new(program(), folder.path(), &addrs, args);
        cluster.start().unwrap();
        World { cluster, network, clients: 0, folder }
    }

    /// Applies a fault of the simulator. A replica that restarts is ready when this returns.
    pub(crate) fn strike(&mut self, fault: &Fault) {
        match fault {
            Fault::Cut { from, to } => {
                self.network.cut(|one, other| from.contains(&one) && to.contains(&other));
            }
            Fault::Split(side) => {
                self.network.cut(|one, other| side.contains(&one) != side.contains(&other));
            }
            Fault::Heal => self.network.heal(),
            Fault::Crash(replica) => self.cluster.kill(*replica).unwrap(),
            Fault::Restart(replica) => {
                self.cluster.spawn(*replica).unwrap();
                self.cluster.wait_until_ready(*replica).unwrap();
            }
        }
    }

    /// Heals all faults.
    pub(crate) fn recover(&mut self) {
        self.strike(&Fault::Heal);
        let down = (0..REPLICAS).filter(|replica| !self.cluster.runs(*replica));
        for replica in down.collect::<Vec<_>>() {
            self.strike(&Fault::Restart(replica));
        }
    }

    /// Counts at one replica, which runs.
    pub(crate) fn add(&mut self, replica: usize, delta: u64) {
        self.clients += 1;
        let mut client = client(self.cluster.addr(replica), self.clients);
        client.add(delta).unwrap();
    }

    pub(crate) fn wait_until_says(&self, replica: usize, value: u128) {
        wait_until(&format!("replica {replica} says {value}"), || {
            self.cluster.read(replica).unwrap() == value
        });
    }

    /// Waits until each replica knows of each other one that it has all that was counted here. It
    /// knows that only from the other's ack of what it pushed itself.
    pub(crate) fn wait_until_acked(&self) {
        wait_until("all have acked", || {
            let mut statuses = (0..REPLICAS).map(|replica| status(&self.cluster, replica));
            statuses.all(|status| status.peers.iter().all(|peer| peer.unacked == 0))
        });
    }

    /// Waits until a replica has logged this on its standard error.
    pub(crate) fn wait_until_logged(&self, replica: usize, what: &str) {
        wait_until_logged(&self.cluster, replica, what);
    }

    /// Ends all replicas, and returns where they have left their traces.
    pub(crate) fn end(self) -> (TempDir, Vec<PathBuf>) {
        drop(self.cluster);
        let paths = (0..REPLICAS).map(|replica| trace_path(self.folder.path(), replica));
        let paths = paths.collect();
        (self.folder, paths)
    }

    /// A second process for the number of a replica, with a copy of its folder. It finds the others
    /// as the first does, and they do not find it.
    pub(crate) fn twin_of(&self, replica: usize) -> Twin {
        let folder = tempfile::tempdir().unwrap();
        let addrs = free_addrs(REPLICAS).unwrap();
        let args = |replica| args(folder.path(), &self.network, replica);
        let cluster = Cluster::new(program(), folder.path(), &addrs, args);
        copy(&self.cluster.data(replica), &cluster.data(replica));
        Twin { cluster, _folder: folder }
    }
}

/// A cluster of which one replica runs, or none.
pub(crate) struct Twin {
    pub(crate) cluster: Cluster,
    _folder: TempDir,
}

/// Copies the files of a folder into a new one.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// A client whose first add has the number 1.
pub(crate) fn client(addr: &str, client: u64) -> Client {
    Client::new(addr, RequestId { client, seq: 1 }, client, OPERATION_TIMEOUT)
}

/// What one replica knows of itself and the others.
pub(crate) fn status(cluster: &Cluster, replica: usize) -> Status {
    let mut client = client(cluster.addr(replica), 0);
    client.status().unwrap().0
}

/// Waits until a replica has logged this on its standard error.
pub(crate) fn wait_until_logged(cluster: &Cluster, replica: usize, what: &str) {
    wait_until(&format!("replica {replica} logs: {what}"), || {
        cluster.log(replica).unwrap().contains(what)
    });
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Deadline::after(OPERATION_TIMEOUT);
    while !is_so() {
        assert!(deadline.pause(), "never: {what}");
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_durable-counter"))
}

fn args(folder: &Path, network: &Network, replica: usize) -> Vec<String> {
    let trace = trace_path(folder, replica).display().to_string();
    let mut args = peer_args(network.peers_of(replica));
    args.extend(["--trace".to_owned(), trace]);
    args
}

fn trace_path(folder: &Path, replica: usize) -> PathBuf {
    folder.join(format!("{replica}.trace"))
}
