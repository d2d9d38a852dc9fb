//! Threads share memory, processes do not: one variable, a thread and a child process that change
//! it.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::EXPERIMENT_TIMEOUT;

/// The subcommand with which the program is its own child: it calls [`add_one`] and prints what
/// that returns.
pub const CHILD: &str = "add-one-in-a-child";

/// The variable. Every thread of a process has the same one; every process has one of its own.
static VARIABLE: AtomicU64 = AtomicU64::new(0);

/// Adds 1 to the variable of this process, and returns what it holds then.
pub fn add_one() -> u64 {
    VARIABLE.fetch_add(1, Ordering::SeqCst) + 1
}

/// The values of the variable, each time as this process sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Before any addition.
    pub before: u64,
    /// After a thread of this process has added 1.
    pub after_thread: u64,
    /// What the child reports after it has added 1.
    pub in_child: u64,
    /// After the child has done so.
    pub after_child: u64,
}

/// Has a thread add 1 to the variable, and then a child process: `program` with the argument
/// [`CHILD`].
///
/// # Errors
/// If the thread or the child cannot be started, or the child prints nothing in time.
pub fn compare(program: &Path) -> io::Result<Seen> {
    let before = VARIABLE.load(Ordering::SeqCst);
    let thread = thread::Builder::new().spawn(add_one)?;
    thread.join().expect("adding 1 does not panic");
    let after_thread = VARIABLE.load(Ordering::SeqCst);
    let in_child = reported_by_child(program)?;
    Ok(Seen { before, after_thread, in_child, after_child: VARIABLE.load(Ordering::SeqCst) })
}

fn reported_by_child(program: &Path) -> io::Result<u64> {
    let mut child = Command::new(program)
        .arg(CHILD)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(KillOnDrop)?;
    let stdout = child.0.stdout.take().expect("its output is a pipe");
    let (report, line) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        report.send(read.map(|_| line))
    })?;
    let line = line.recv_timeout(EXPERIMENT_TIMEOUT).map_err(io::Error::other)??;
    line.trim().parse().map_err(io::Error::other)
}

/// A child that is killed and waited for when this is dropped.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        // It fails where the child has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
