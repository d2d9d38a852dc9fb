//! Replicas that are killed again and again while clients count, as real processes.
//!
//! `kill -9` ends a process between any two instructions. What it had handed to the system survives it, in files as on the
//! wire, and everything else is gone: a record half written, an answer not yet sent. Clients that hear nothing ask again. In
//! the end every add is acknowledged, and the counter has to be their sum: less, and something acknowledged was lost; more,
//! and a retry was counted twice.
//!
//! Left out: a missing sync. What a process has written survives the process, and only a machine that loses power shows what
//! had not reached its disk. The tests of [`worlds::host::log`] have a disk for that.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use common::random::{Rng, fresh_seed};
use common::transport::Deadline;

use crate::client::Client;
use crate::replica::Once;

/// How many replicas run.
pub const REPLICAS: usize = 3;

/// How many clients each of them has.
pub const CLIENTS: usize = 4;

/// A small log, so that replicas are killed while they sum it up, too. In bytes.
const SUM_UP_AT: u64 = 4096;

/// How long anything may take that takes a moment.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How often a replica was killed.
    pub kills: u64,
    /// The sum of all adds, each of which was acknowledged in the end.
    pub acknowledged: u128,
    /// How often a client asked again, since nobody knew whether its add was counted.
    pub asked_again: u64,
    /// What each replica says in the end.
    pub values: Vec<u128>,
}

impl Outcome {
    /// Whether all replicas say the sum.
    ///
    /// # Errors
    /// What is wrong.
    pub fn verdict(&self) -> Result<(), String> {
        let sum = self.acknowledged;
        let wrong = self.values.iter().position(|value| *value != sum);
        let wrong = wrong.map(|replica| (replica, self.values[replica]));
        match wrong {
            None => Ok(()),
            Some((replica, value)) if value < sum => Err(format!(
                "replica {replica} says {value}, and {sum} were acknowledged: {} are lost",
                sum - value
            )),
            Some((replica, value)) => Err(format!(
                "replica {replica} says {value}, and {sum} were acknowledged: {} were counted twice",
                value - sum
            )),
        }
    }
}

/// Kills replicas so many times, at moments and in an order that the seed draws, while clients count. `program` is this
/// lesson's, and `folder` is where the replicas keep their data.
///
/// # Errors
/// If a replica does not start, ends by itself, or does not answer.
pub fn run(program: &Path, folder: &Path, times: u64, seed: u64) -> anyhow::Result<Outcome> {
    let mut cluster = Cluster::start(program, folder)?;
    let load = Load::start(&cluster.addrs, seed);
    let mut rng = Rng::from_seed(seed);
    for _ in 0..times {
        let replica = rng.below(REPLICAS as u64) as usize;
        // A restart, sometimes before it is ready, and sometimes after some adds.
        for _ in 0..rng.below(20) {
            load.wait_for_add()?;
        }
        cluster.kill(replica)?;
        cluster.spawn(replica)?;
        if rng.below(4) > 0 {
            cluster.wait_until_ready(replica)?;
        }
    }
    for replica in 0..REPLICAS {
        cluster.wait_until_ready(replica)?;
    }
    let (acknowledged, asked_again) = load.stop()?;
    Ok(Outcome {
        kills: times,
        acknowledged,
        asked_again,
        values: cluster.agreed(acknowledged)?,
    })
}

/// The replicas as processes; dropping it kills them.
struct Cluster<'a> {
    program: &'a Path,
    folder: PathBuf,
    addrs: Vec<String>,
    processes: Vec<Option<Process>>,
}

struct Process {
    child: Child,
    is_ready: bool,
}

impl<'a> Cluster<'a> {
    fn start(program: &'a Path, folder: &Path) -> anyhow::Result<Cluster<'a>> {
        let mut cluster = Cluster {
            program,
            folder: folder.to_owned(),
            addrs: free_addrs(REPLICAS)?,
            processes: (0..REPLICAS).map(|_| None).collect(),
        };
        for replica in 0..REPLICAS {
            cluster.spawn(replica)?;
        }
        for replica in 0..REPLICAS {
            cluster.wait_until_ready(replica)?;
        }
        Ok(cluster)
    }

    fn spawn(&mut self, replica: usize) -> anyhow::Result<()> {
        let mut command = Command::new(self.program);
        command
            .args(["serve", "--id", &replica.to_string()])
            .args(["--sum-up-at", &SUM_UP_AT.to_string()])
            .args(["--listen", &self.addrs[replica]])
            .arg("--data")
            .arg(self.folder.join(replica.to_string()));
        let others = self
            .addrs
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != replica);
        for (_, addr) in others {
            command.args(["--peer", addr]);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let child = command.spawn().context("cannot start a replica")?;
        let is_ready = false;
        self.processes[replica] = Some(Process { child, is_ready });
        Ok(())
    }

    /// It says so on its standard output. Where that ends instead, it has ended by itself.
    fn wait_until_ready(&mut self, replica: usize) -> anyhow::Result<()> {
        let process = self.processes[replica].as_mut().expect("all replicas run");
        if process.is_ready {
            return Ok(());
        }
        let stdout = process.child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(
            line.starts_with("listening on "),
            "replica {replica} does not start again"
        );
        process.is_ready = true;
        Ok(())
    }

    /// SIGKILL. One that has ended by itself is an error.
    fn kill(&mut self, replica: usize) -> anyhow::Result<()> {
        let mut process = self.processes[replica].take().expect("all replicas run");
        if let Some(status) = process.child.try_wait()? {
            bail!("replica {replica} has ended by itself, with {status}");
        }
        process.child.kill()?;
        process.child.wait()?;
        Ok(())
    }

    /// What the replicas say, once they all say this; or in the end.
    fn agreed(&self, sum: u128) -> anyhow::Result<Vec<u128>> {
        let deadline = Deadline::after(PATIENCE);
        loop {
            let values = self.addrs.iter().map(|addr| Ok(reader(addr).read()?));
            let values: Vec<u128> = values.collect::<anyhow::Result<_>>()?;
            let is_more = values.iter().any(|value| *value > sum);
            if values.iter().all(|value| *value == sum) || is_more || deadline.left().is_none() {
                return Ok(values);
            }
            pause();
        }
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        for mut process in self.processes.drain(..).flatten() {
            // Both fail only where it has ended already.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

fn reader(addr: &str) -> Client {
    let once = Once { client: 0, seq: 1 };
    Client::new(addr, once, 0, PATIENCE)
}

#[expect(
    clippy::disallowed_methods,
    reason = "replicas tell each other in their own time, and nobody tells when they have"
)]
fn pause() {
    thread::sleep(Duration::from_millis(10));
}

/// Addresses of this machine on which nobody listens. Systems give out ports from 32768 on, or higher, so that nobody gets
/// one of these by chance while its replica is down.
fn free_addrs(count: usize) -> anyhow::Result<Vec<String>> {
    let mut rng = Rng::from_seed(fresh_seed());
    let mut held: Vec<TcpListener> = Vec::new();
    for _ in 0..1000 {
        if held.len() == count {
            break;
        }
        let port = rng.within(10_000..=30_000) as u16;
        held.extend(TcpListener::bind(("127.0.0.1", port)));
    }
    ensure!(held.len() == count, "this machine has no free ports");
    let addr = |listener: &TcpListener| Ok(listener.local_addr()?.to_string());
    held.iter().map(addr).collect()
}

/// Clients that count until they are told to stop.
struct Load {
    clients: Vec<JoinHandle<anyhow::Result<(u128, u64)>>>,
    added: Receiver<()>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    fn start(addrs: &[String], seed: u64) -> Load {
        // Whoever waits for an add waits for the next, and nobody else is told.
        let (add, added) = mpsc::sync_channel(0);
        let is_over = Arc::new(AtomicBool::new(false));
        let clients = (0..REPLICAS * CLIENTS).map(|number| {
            let (add, is_over) = (add.clone(), Arc::clone(&is_over));
            let once = Once {
                client: number as u64 + 1,
                seq: 1,
            };
            let seed = seed.wrapping_add(number as u64);
            let client = Client::new(&*addrs[number % REPLICAS], once, seed, PATIENCE);
            thread::spawn(move || count(client, seed, &add, &is_over))
        });
        Load {
            clients: clients.collect(),
            added,
            is_over,
        }
    }

    fn wait_for_add(&self) -> anyhow::Result<()> {
        self.added
            .recv_timeout(PATIENCE)
            .context("no client is answered any more")
    }

    /// Waits until each client's last add is acknowledged. What they have added, and how often they asked again.
    fn stop(self) -> anyhow::Result<(u128, u64)> {
        self.is_over.store(true, Ordering::SeqCst);
        let mut all = (0, 0);
        for client in self.clients {
            let (sum, asked_again) = client.join().expect("a client does not panic")?;
            all = (all.0 + sum, all.1 + asked_again);
        }
        Ok(all)
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
        let deadline = Deadline::after(PATIENCE);
        while let Err(error) = client.add(delta) {
            ensure!(deadline.left().is_some(), error);
            // The replica is down.
            pause();
        }
        sum += u128::from(delta);
        let _ = add.try_send(());
    }
    Ok((sum, client.asked_again()))
}
