//! Threads share memory, processes do not: one variable, a thread and a child process that change
//! it.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::PATIENCE;

/// The subcommand with which the program is its own child: it calls [`add_one`] and prints what
/// that returns.
pub const CHILD: &str = "add-one-in-a-child";

/// The variable. Every thread of a process has the same one; every process has one of its own.
static VARIABLE: AtomicU64 = AtomicU64::new(0);

/// Adds 1 to the variable of this process, and returns what it holds then.
pub fn add_one() -> u64 {
    VARIABLE.fetch_add(1, Ordering::SeqCst) + 1
}

/// What became of the variable, each time as this process sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Before anybody did anything.
    pub before: u64,
    /// After a thread of this process had added 1.
    pub after_thread: u64,
    /// What the child says that it has, after it had added 1.
    pub in_child: u64,
    /// After the child had done so.
    pub after_child: u64,
}

/// Has a thread add 1 to the variable, and then a child process: `program` with the argument
/// [`CHILD`].
///
/// # Errors
/// If the thread or the child cannot be started, or the child says nothing in time.
pub fn compare(program: &Path) -> io::Result<Seen> {
    let before = VARIABLE.load(Ordering::SeqCst);
    let thread = thread::Builder::new().spawn(add_one)?;
    thread.join().expect("adding 1 does not panic");
    let after_thread = VARIABLE.load(Ordering::SeqCst);
    let in_child = said_by_child(program)?;
    Ok(Seen { before, after_thread, in_child, after_child: VARIABLE.load(Ordering::SeqCst) })
}

fn said_by_child(program: &Path) -> io::Result<u64> {
    let mut child = Command::new(program)
        .arg(CHILD)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(Ended)?;
    let stdout = child.0.stdout.take().expect("its output is a pipe");
    let (said, line) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        said.send(read.map(|_| line))
    })?;
    let line = line.recv_timeout(PATIENCE).map_err(io::Error::other)??;
    line.trim().parse().map_err(io::Error::other)
}

/// A child that is gone when this is dropped, whatever happened.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It fails where the child has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
