//! Replicas that are killed again and again while clients count, as real processes.
//!
//! `kill -9` ends a process between any two instructions. What it had handed to the system survives
//! it, in files as on the wire, and everything else is gone: a record half written, an answer not
//! yet sent. Clients that get no answer retry. In the end every add is acknowledged, and the
//! counter has to be their sum: less, and something acknowledged was lost; more, and a retry was
//! counted twice.
//!
//! Left out: a missing sync. What a process has written survives the process, and only a machine
//! that loses power shows what was not durable. The tests of [`runtime::log`] have a disk for that.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};

use anyhow::{Context, ensure};
use common::random::Rng;
use common::transport::{Deadline, free_addrs};

use crate::client::Client;
use crate::cluster::{Cluster, OPERATION_TIMEOUT, peer_args, verdict};
use crate::replica::RequestId;

/// How many replicas run.
pub const REPLICAS: usize = 3;

/// How many clients each of them has.
pub const CLIENTS: usize = 4;

/// A small log, so that replicas are killed while they compact it, too. In bytes.
const COMPACT_AT: u64 = 4096;

const NO_PANIC: &str = "a client does not panic";

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How often a replica was killed.
    pub kills: u64,
    /// The sum of all adds, each of which was acknowledged in the end.
    pub acknowledged: u128,
    /// How often a client retried, since it did not know whether its add was counted.
    pub retries: u64,
    /// The value at each replica in the end.
    pub values: Vec<u128>,
}

impl Outcome {
    /// Whether the value at all replicas is the sum.
    ///
    /// # Errors
    /// What is wrong.
    pub fn verdict(&self) -> Result<(), String> {
        verdict(self.acknowledged, &self.values)
    }
}

/// Kills replicas `times` times, at moments and in an order that the seed decides, while clients
/// count, and calls `killed` with the number of kills after each. `program` is this lesson's, and
/// `folder` is where the replicas keep their data.
///
/// # Errors
/// If a replica does not start, ends by itself, or does not answer.
pub fn run(
    program: &Path,
    folder: &Path,
    times: u64,
    seed: u64,
    killed: impl Fn(u64),
) -> anyhow::Result<Outcome> {
    let (mut cluster, addrs) = replicas(program, folder)?;
    let mut load = Load::start(&addrs, seed);
    let mut rng = Rng::from_seed(seed);
    for kill in 1..=times {
        let replica = rng.below(REPLICAS as u64) as usize;
        // A restart, sometimes before it is ready, and sometimes after some adds.
        for _ in 0..rng.below(20) {
            load.wait_for_add()?;
        }
        cluster.kill(replica)?;
        killed(kill);
        cluster.spawn(replica)?;
        if rng.below(4) > 0 {
            cluster.wait_until_ready(replica)?;
        }
    }
    for replica in 0..REPLICAS {
        cluster.wait_until_ready(replica)?;
    }
    let (acknowledged, retries) = load.stop()?;
    Ok(Outcome { kills: times, acknowledged, retries, values: cluster.agreed(acknowledged)? })
}

/// The replicas, each of which knows where the others are.
fn replicas(program: &Path, folder: &Path) -> anyhow::Result<(Cluster, Vec<String>)> {
    let addrs = free_addrs(REPLICAS)?;
    let args = |replica: usize| {
        let others = addrs.iter().filter(|addr| **addr != addrs[replica]);
        let compact_at = ["--compact-at".to_owned(), COMPACT_AT.to_string()];
        [peer_args(others), compact_at.to_vec()].concat()
    };
    let mut cluster = Cluster::new(program, folder, &addrs, args);
    cluster.start()?;
    Ok((cluster, addrs))
}

/// Clients that count until they are stopped; dropping it stops them, and does not wait.
struct Load {
    clients: Vec<JoinHandle<anyhow::Result<(u128, u64)>>>,
    added: Receiver<()>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    fn start(addrs: &[String], seed: u64) -> Load {
        // Without room, so an add is reported only to a receiver that waits for the next.
        let (add, added) = mpsc::sync_channel(0);
        let is_over = Arc::new(AtomicBool::new(false));
        let clients = (0..REPLICAS * CLIENTS).map(|number| {
            let (add, is_over) = (add.clone(), Arc::clone(&is_over));
            let once = RequestId { client: number as u64 + 1, seq: 1 };
            let seed = seed.wrapping_add(number as u64);
            let client = Client::new(&*addrs[number % REPLICAS], once, seed, OPERATION_TIMEOUT);
            thread::spawn(move || count(client, seed, &add, &is_over))
        });
        Load { clients: clients.collect(), added, is_over }
    }

    fn wait_for_add(&mut self) -> anyhow::Result<()> {
        let added = self.added.recv_timeout(OPERATION_TIMEOUT);
        added.or_else(|why| {
            self.first_failure(why)?;
            Err(why).context("no client is answered any more")
        })
    }

    /// The error of a client that has ended although it was not stopped.
    fn first_failure(&mut self, why: RecvTimeoutError) -> anyhow::Result<()> {
        // Without a sender all have ended, though a thread may still be about to.
        let all = why == RecvTimeoutError::Disconnected;
        let ended = |client: &mut JoinHandle<_>| all || client.is_finished();
        let mut ended = self.clients.extract_if(.., ended);
        ended.try_for_each(|client| client.join().expect(NO_PANIC).map(|_| ()))
    }

    /// Waits until each client's last add is acknowledged. Returns what they have added, and how
    /// often they retried.
    fn stop(mut self) -> anyhow::Result<(u128, u64)> {
        self.is_over.store(true, Ordering::SeqCst);
        let mut all = (0, 0);
        for client in self.clients.drain(..) {
            let (sum, retries) = client.join().expect(NO_PANIC)?;
            all = (all.0 + sum, all.1 + retries);
        }
        Ok(all)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

/// Adds 1 to 9, again and again, each until it is acknowledged.
fn count(
    mut client: Client,
    seed: u64,
    add: &SyncSender<()>,
    is_over: &AtomicBool,
) -> anyhow::Result<(u128, u64)> {
    let mut rng = Rng::from_seed(seed);
    let mut sum = 0;
    while !is_over.load(Ordering::SeqCst) {
        let delta = rng.within(1..=9);
        let deadline = Deadline::after(OPERATION_TIMEOUT);
        while let Err(error) = client.add(delta) {
            // The replica is down.
            ensure!(error.may_pass() && deadline.pause(), error);
        }
        sum += u128::from(delta);
        let _ = add.try_send(());
    }
    Ok((sum, client.retry_count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::frame::Framing;
    use common::transport::{Limits, Server};

    #[test]
    fn an_error_that_no_retry_repairs_ends_the_client() {
        let echo = Server::bind("127.0.0.1:0", Limits::default()).unwrap();
        let echo = echo.spawn(Framing::Lines, |request, reply| reply.extend(request));
        let addrs = vec![echo.addr().to_string(); REPLICAS];
        let mut load = Load::start(&addrs, 1);
        let error = format!("{:#}", load.wait_for_add().unwrap_err());
        assert!(error.contains("is invalid"), "{error}");
    }

    #[test]
    fn dropping_the_load_stops_its_clients() {
        let server = Server::bind("127.0.0.1:0", Limits::default()).unwrap();
        let server = server.spawn(Framing::Lines, |_, reply| {
            reply.extend(br#"{"type":"add_ok"}"#);
        });
        let addrs = vec![server.addr().to_string(); REPLICAS];
        let mut load = Load::start(&addrs, 1);
        load.wait_for_add().unwrap();
        let clients = std::mem::take(&mut load.clients);
        drop(load);
        for client in clients {
            client.join().unwrap().unwrap();
        }
    }
}
