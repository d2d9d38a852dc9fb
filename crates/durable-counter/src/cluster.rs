//! Replicas as real processes on this machine, to be killed and started again.
//!
//! Each has a number, an address and a folder, and keeps them when it starts again: so the others
//! find it, and it finds its records. Its standard error is appended to a file beside its folder,
//! which can still be read when the process is gone.
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

use anyhow::{Context, bail};
use common::transport::Deadline;

use crate::client::Client;
use crate::replica::RequestId;

/// How long one operation may take: a start, a request, or until all agree.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(60);

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
    /// this lesson's; `folder` exists, and is where they keep their data. `args` returns the
    /// arguments of a replica besides its number, its address and its folder, such as its peers.
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
    /// If the program cannot be started, or its log cannot be opened.
    ///
    /// # Panics
    /// If it runs already.
    pub fn spawn(&mut self, replica: usize) -> anyhow::Result<()> {
        let path = self.log_path(replica);
        let log = File::options().create(true).append(true).open(&path);
        let log =
            log.with_context(|| format!("cannot write a replica's log to {}", path.display()))?;
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

    /// Waits until a replica prints on its standard output that it listens. Where the output ends
    /// instead, the process has ended by itself.
    ///
    /// # Errors
    /// If it does not start, or prints nothing within [`OPERATION_TIMEOUT`].
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
        let line = first_line(stdout, OPERATION_TIMEOUT);
        let line = line.with_context(|| format!("replica {replica} does not get ready"))?;
        if !line.starts_with("listening on ") {
            let log = self.log(replica)?;
            let why = log.lines().rev().find_map(|line| line.strip_prefix("error: "));
            let why = why.unwrap_or("it has ended by itself");
            bail!("replica {replica} does not start: {why}");
        }
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

    /// What a replica has logged on its standard error, from its first start on.
    ///
    /// # Errors
    /// If it was never started.
    pub fn log(&self, replica: usize) -> anyhow::Result<String> {
        let path = self.log_path(replica);
        let log = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    fn log_path(&self, replica: usize) -> PathBuf {
        self.folder.join(format!("{replica}.log"))
    }

    /// The value at a replica.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn read(&self, replica: usize) -> anyhow::Result<u128> {
        let once = RequestId { client: 0, seq: 1 };
        Ok(Client::new(self.addr(replica), once, 0, OPERATION_TIMEOUT).read()?)
    }

    /// The values at the replicas, once all are `sum`; or once one is larger; or after
    /// [`OPERATION_TIMEOUT`].
    ///
    /// # Errors
    /// If one does not answer.
    pub fn agreed(&self, sum: u128) -> anyhow::Result<Vec<u128>> {
        let deadline = Deadline::after(OPERATION_TIMEOUT);
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

/// The first line of this output, empty if it ends. It is read in a thread of its own, which ends
/// with the output.
fn first_line(from: impl Read + Send + 'static, within: Duration) -> anyhow::Result<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(from).read_line(&mut line);
        // There is no receiver any more if the caller has timed out.
        let _ = sender.send(read.map(|_| line));
    });
    let line = receiver.recv_timeout(within);
    Ok(line.with_context(|| format!("it printed no line within {within:?}"))??)
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

/// Whether the values at the replicas are what was acknowledged.
///
/// # Errors
/// Which of them is not, and what that means.
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

/// The arguments with the addresses of a replica's peers.
pub fn peer_args<'a>(peers: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let args = peers.into_iter();
    args.flat_map(|addr| ["--peer".to_owned(), addr.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Write, pipe};

    #[test]
    fn waiting_for_the_first_line_times_out() {
        let (idle, writer) = pipe().unwrap();
        let error = first_line(idle, Duration::from_millis(1)).unwrap_err();
        assert_eq!(error.to_string(), "it printed no line within 1ms");
        drop(writer);

        let (output, mut writer) = pipe().unwrap();
        writer.write_all(b"one\ntwo").unwrap();
        assert_eq!(first_line(output, OPERATION_TIMEOUT).unwrap(), "one\n");
    }
}
