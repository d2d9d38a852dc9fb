//! Replicas as real processes on this machine, to be killed and started again.
//!
//! Each has a number, an address and a folder, and keeps them when it starts again: so the others
//! find it, and it finds its records. What it says on its standard error is added to a file beside
//! its folder, where it is still read when the process is gone.
//!
//! * A cluster that is dropped leaves no process behind.
//!
//! Left out: machines. A killed process loses what it knew, and never what it has written; see
//! [`crash`](crate::crash).

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use common::transport::Deadline;

use crate::client::Client;
use crate::replica::RequestId;

/// How long anything may take that takes a moment.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The replicas of one counter, each a process that runs or does not; dropping it kills them.
pub struct Cluster {
    program: PathBuf,
    folder: PathBuf,
    seats: Vec<Seat>,
}

/// What stays the same of a replica when it starts again.
struct Seat {
    addr: String,
    args: Vec<String>,
    process: Option<Process>,
}

struct Process {
    child: Child,
    is_ready: bool,
}

impl Cluster {
    /// A replica for each of these addresses (`host:port`), none of which runs yet. `program` is
    /// this lesson's; `folder` exists, and is where they keep their data. `args` has what a replica
    /// is told besides its number, its address and its folder, such as where its peers are.
    pub fn new(
        program: &Path,
        folder: &Path,
        addrs: &[String],
        args: impl Fn(usize) -> Vec<String>,
    ) -> Cluster {
        let seats = addrs.iter().enumerate().map(|(replica, addr)| Seat {
            addr: addr.clone(),
            args: args(replica),
            process: None,
        });
        Cluster { program: program.to_owned(), folder: folder.to_owned(), seats: seats.collect() }
    }

    /// Starts all replicas, and waits until they are ready.
    ///
    /// # Errors
    /// As [`spawn`](Cluster::spawn) and [`wait_until_ready`](Cluster::wait_until_ready).
    ///
    /// # Panics
    /// If one runs already.
    pub fn start(&mut self) -> anyhow::Result<()> {
        (0..self.seats.len()).try_for_each(|replica| self.spawn(replica))?;
        (0..self.seats.len()).try_for_each(|replica| self.wait_until_ready(replica))
    }

    /// Starts a replica, and does not wait for it.
    ///
    /// # Errors
    /// If the program or its log cannot be had.
    ///
    /// # Panics
    /// If it runs already.
    pub fn spawn(&mut self, replica: usize) -> anyhow::Result<()> {
        let log = self.log_path(replica);
        let log = File::options().create(true).append(true).open(log);
        let log = log.context("cannot keep what a replica says")?;
        let data = self.data(replica);
        let seat = &mut self.seats[replica];
        assert!(seat.process.is_none(), "a replica that runs is not started");
        let mut command = Command::new(&self.program);
        command
            .args(["serve", "--id", &replica.to_string()])
            .args(["--listen", &seat.addr])
            .arg("--data")
            .arg(data)
            .args(&seat.args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let child = command.spawn().context("cannot start a replica")?;
        let is_ready = false;
        seat.process = Some(Process { child, is_ready });
        Ok(())
    }

    /// Waits until a replica says on its standard output that it listens. Where that ends instead,
    /// it has ended by itself.
    ///
    /// # Errors
    /// If it does not start, or says nothing for as long as [`PATIENCE`].
    ///
    /// # Panics
    /// If it was not started.
    pub fn wait_until_ready(&mut self, replica: usize) -> anyhow::Result<()> {
        let process = self.seats[replica].process.as_mut();
        let process = process.expect("a replica that is waited for runs");
        if process.is_ready {
            return Ok(());
        }
        let stdout = process.child.stdout.take().expect("it is piped");
        let line = first_line(stdout, PATIENCE);
        let line = line.with_context(|| format!("replica {replica} does not get ready"))?;
        ensure!(line.starts_with("listening on "), "replica {replica} does not start");
        process.is_ready = true;
        Ok(())
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// If it has ended by itself.
    ///
    /// # Panics
    /// If it was not started.
    pub fn kill(&mut self, replica: usize) -> anyhow::Result<()> {
        let process = self.seats[replica].process.take();
        let mut process = process.expect("a replica that is killed runs");
        if let Some(status) = process.child.try_wait()? {
            bail!("replica {replica} has ended by itself, with {status}");
        }
        process.child.kill()?;
        process.child.wait()?;
        Ok(())
    }

    /// Whether it was started, and not killed since.
    pub fn runs(&self, replica: usize) -> bool {
        self.seats[replica].process.is_some()
    }

    /// Where a replica listens.
    pub fn addr(&self, replica: usize) -> &str {
        &self.seats[replica].addr
    }

    /// The folder of a replica.
    pub fn data(&self, replica: usize) -> PathBuf {
        self.folder.join(replica.to_string())
    }

    /// What a replica has said on its standard error, from its first start on.
    ///
    /// # Errors
    /// If it was never started.
    pub fn log(&self, replica: usize) -> anyhow::Result<String> {
        let log = fs::read(self.log_path(replica)).context("cannot read a replica's log")?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    fn log_path(&self, replica: usize) -> PathBuf {
        self.folder.join(format!("{replica}.log"))
    }

    /// What a replica says is counted.
    ///
    /// # Errors
    /// If it does not say.
    pub fn read(&self, replica: usize) -> anyhow::Result<u128> {
        let once = RequestId { client: 0, seq: 1 };
        Ok(Client::new(self.addr(replica), once, 0, PATIENCE).read()?)
    }

    /// What the replicas say, once they all say `sum`; or once one says more; or after
    /// [`PATIENCE`].
    ///
    /// # Errors
    /// If one does not say.
    pub fn agreed(&self, sum: u128) -> anyhow::Result<Vec<u128>> {
        let deadline = Deadline::after(PATIENCE);
        loop {
            let values = (0..self.seats.len()).map(|replica| self.read(replica));
            let values: Vec<u128> = values.collect::<anyhow::Result<_>>()?;
            let is_more = values.iter().any(|value| *value > sum);
            if values.iter().all(|value| *value == sum) || is_more || !deadline.pause() {
                return Ok(values);
            }
        }
    }
}

/// The first line of what is said there, empty if it ends. Read in a thread of its own, which ends
/// with whoever speaks.
fn first_line(from: impl Read + Send + 'static, within: Duration) -> anyhow::Result<String> {
    let (say, said) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(from).read_line(&mut line);
        // Nobody hears it who has lost patience.
        let _ = say.send(read.map(|_| line));
    });
    let said = said.recv_timeout(within);
    Ok(said.with_context(|| format!("it says nothing for {within:?}"))??)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let processes = self.seats.iter_mut().map(|seat| seat.process.take());
        for mut process in processes.flatten() {
            // Both fail only where it has ended already.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

/// Whether replicas that say these values say what was acknowledged.
///
/// # Errors
/// Which of them does not, and what that means.
pub fn verdict(acknowledged: u128, values: &[u128]) -> Result<(), String> {
    let sum = acknowledged;
    let wrong = values.iter().enumerate().find(|(_, value)| **value != sum);
    match wrong {
        None => Ok(()),
        Some((replica, value)) if *value < sum => Err(format!(
            "replica {replica} says {value}, and {sum} were acknowledged: {} are lost",
            sum - value
        )),
        Some((replica, value)) => Err(format!(
            "replica {replica} says {value}, and {sum} were acknowledged: {} were counted twice",
            value - sum
        )),
    }
}

/// The arguments that tell a replica where its peers are.
pub fn peer_args<'a>(peers: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let args = peers.into_iter();
    args.flat_map(|addr| ["--peer".to_owned(), addr.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Write, pipe};

    #[test]
    fn whoever_says_nothing_is_not_waited_for_for_ever() {
        let (silence, speaker) = pipe().unwrap();
        let error = first_line(silence, Duration::from_millis(1)).unwrap_err();
        assert_eq!(error.to_string(), "it says nothing for 1ms");
        drop(speaker);

        let (speech, mut speaker) = pipe().unwrap();
        speaker.write_all(b"one\ntwo").unwrap();
        assert_eq!(first_line(speech, PATIENCE).unwrap(), "one\n");
    }
}
