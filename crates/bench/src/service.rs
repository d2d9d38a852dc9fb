//! The counter as a durable service, beside the disk that it writes to.
//!
//! One replica runs as a process of its own. Each client has a thread here and a connection, and
//! asks for its next add when the last is acknowledged. What it stands beside is the least that a
//! durable add could cost: a line as long as the replica's, appended and synced, again and again.
//! On a disk that takes its time, clients share its syncs; on a folder in memory a sync is next to
//! nothing, and what is left is the way through sockets and threads.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::transport::Deadline;
use durable_counter::client::Client;
use durable_counter::replica::RequestId;

use crate::process::Process;
use crate::{compare as in_turn, heading};

/// How long each of the two is measured at a time.
const ROUND: Duration = Duration::from_millis(400);

/// How often. All of it takes half a minute.
const ROUNDS: usize = 9;

/// How long a client waits for an add before something is wrong.
const ADD_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) fn compare() -> anyhow::Result<()> {
    heading("adds acknowledged a second", ["counter", "bare syncs"]);
    let program = std::env::current_exe()?;
    let disk = program.parent().context("a program is in a folder")?;
    compare_in(disk, "on the disk")?;
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        compare_in(memory, "in memory")?;
    }
    Ok(())
}

/// Measures with a folder in this one.
fn compare_in(parent: &Path, place: &str) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(parent)?;
    let folder = scratch.path().join("replica");
    let replica = Process::replica(&folder)?;
    let mut first = 0;
    for count in [1, 64] {
        let mut clients = clients(&replica, first, count);
        first += count;
        // Connects them, and leaves a line in the log that the other side is to be like.
        add_until(&mut clients, Deadline::after(ROUND))?;
        let mut bare = Bare::like(&folder.join("log"), scratch.path().join("bare"))?;
        let rates = in_turn(ROUNDS, [Side::Counter, Side::Bare], |side| {
            let deadline = Deadline::after(ROUND);
            match side {
                Side::Counter => add_until(&mut clients, deadline),
                Side::Bare => bare.append_until(deadline),
            }
        })?;
        let plural = if count == 1 { "" } else { "s" };
        rates.print(&format!("{place}, {count} client{plural}"));
    }
    Ok(())
}

/// Which of the two is measured.
enum Side {
    Counter,
    Bare,
}

/// `count` clients, whose numbers begin with `first`.
fn clients(replica: &Process, first: u64, count: u64) -> Vec<Client> {
    let client = |number| {
        let once = RequestId { client: number, seq: 1 };
        Client::new(replica.addr.to_string(), once, number, ADD_TIMEOUT)
    };
    (first..first + count).map(client).collect()
}

/// Each client adds until `deadline`. Returns how many adds were acknowledged.
fn add_until(clients: &mut [Client], deadline: Deadline) -> anyhow::Result<u64> {
    let add = |client: &mut Client| {
        let mut added = 0;
        while deadline.remaining().is_some() {
            client.add(1)?;
            added += 1;
        }
        anyhow::Ok(added)
    };
    thread::scope(|scope| {
        let adding: Vec<_> =
            clients.iter_mut().map(|client| scope.spawn(move || add(client))).collect();
        let added =
            adding.into_iter().map(|client| client.join().expect("a client does not panic"));
        added.sum()
    })
}

/// A file to which a line is appended, again and again.
struct Bare {
    file: File,
    line: Vec<u8>,
}

impl Bare {
    /// Its line is as long as the last of a log.
    fn like(log: &Path, path: PathBuf) -> anyhow::Result<Bare> {
        let log = fs::read(log)?;
        // The zeros after the last line are room for the next.
        let mut lines = log.split_inclusive(|byte| *byte == b'\n');
        let last = lines.rfind(|line| line.ends_with(b"\n"));
        Ok(Bare {
            file: OpenOptions::new().append(true).create(true).open(path)?,
            line: last.context("a log has a line")?.to_vec(),
        })
    }

    /// Returns how often the line was synced until `deadline`.
    fn append_until(&mut self, deadline: Deadline) -> anyhow::Result<u64> {
        let mut synced = 0;
        while deadline.remaining().is_some() {
            self.file.write_all(&self.line)?;
            self.file.sync_data()?;
            synced += 1;
        }
        Ok(synced)
    }
}
