//! What is measured, as a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// This program again, with one of its hidden subcommands; ended when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) addr: SocketAddr,
}

impl Process {
    /// Starts it, and waits until it prints where it listens, as the last word of its first line.
    pub(crate) fn start<A: AsRef<OsStr>>(
        args: impl IntoIterator<Item = A>,
    ) -> anyhow::Result<Process> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        match listens_at(&mut child) {
            Ok(addr) => Ok(Process { child, addr }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    /// A replica of the counter that is alone, with its log in this folder.
    pub(crate) fn replica(folder: &Path) -> anyhow::Result<Process> {
        let args = ["serve-counter", "--listen", "127.0.0.1:0", "--data"];
        let folder = folder.as_os_str();
        Process::start(args.into_iter().map(OsStr::new).chain([folder]))
    }

    /// As Linux accounts it.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<f64> {
        crate::resident_kib(&self.child.id().to_string())
    }

    /// The most that was resident at a time, as Linux accounts it.
    pub(crate) fn peak_kib(&self) -> anyhow::Result<f64> {
        crate::memory_kib(&self.child.id().to_string(), "VmHWM:")
    }

    /// Stops it where it is, as if its machine were cut off, or lets it go on.
    pub(crate) fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status()?;
        anyhow::ensure!(status.success(), "kill {signal} {id}: {status}");
        Ok(())
    }
}

fn listens_at(child: &mut Child) -> anyhow::Result<SocketAddr> {
    let stdout = child.stdout.take().context("its output is a pipe")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let addr = line.split_whitespace().last();
    addr.and_then(|addr| addr.parse().ok()).context("it does not print where it listens")
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
