//! The contract of a lesson's servers, each a process of its own.
//!
//! A script that pairs two processes relies on it: one line says where the server listens, nothing
//! else ever stands on its standard output, it ends cleanly on a signal, and it reports a port that
//! is taken in plain words.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};

use crate::Lesson;
use crate::process::{Finished, Process};

const READY: &str = "listening on ";

/// What stands in a server's arguments for a folder of its own.
const SCRATCH: &str = "{scratch}";

impl Lesson {
    /// Starts a server, `args` as in `serve --wire frames`, on a free port, and waits until it
    /// listens. In place of `{scratch}` it gets a folder of its own, which is deleted with it.
    ///
    /// # Errors
    /// It ends or is idle instead, or its first line is not `listening on ADDR`.
    pub fn serve(&self, args: &str) -> Result<(Process, SocketAddr)> {
        self.serve_at(args, "127.0.0.1:0")
    }

    /// The same, on a port that the test has chosen.
    ///
    /// # Errors
    /// As [`serve`](Lesson::serve).
    pub fn serve_at(&self, args: &str, listen: &str) -> Result<(Process, SocketAddr)> {
        let mut server = self.start(args, listen)?;
        let line = server.next_line()?;
        let addr: Option<SocketAddr> = line.strip_prefix(READY).and_then(|addr| addr.parse().ok());
        let addr = addr.with_context(|| {
            format!("a server's first line is `{READY}127.0.0.1:PORT`; this one printed `{line}`")
        })?;
        Ok((server, addr))
    }

    fn start(&self, args: &str, listen: &str) -> Result<Process> {
        let scratch = tempfile::tempdir()?;
        let folder = scratch.path().to_str().context("the temporary folder's name is text")?;
        let args = args.split_whitespace().map(|word| word.replace(SCRATCH, folder));
        let listen = ["--listen", listen].map(str::to_owned);
        Ok(Process::start(self.command(args.chain(listen)))?.keeping(scratch))
    }

    /// Each server says where it listens, and nothing else on standard output.
    #[cfg(unix)]
    pub fn server_announces(&self) -> Result<()> {
        self.each_server(|args| {
            let (server, addr) = self.serve(args)?;
            ensure!(
                addr.ip().is_loopback() && addr.port() != 0,
                "it says that it listens on {addr}"
            );
            server.terminate()?;
            ended_cleanly(server)
        })
    }

    /// Each server ends with exit code 0 on Ctrl-C (SIGINT).
    #[cfg(unix)]
    pub fn server_ends_on_sigint(&self) -> Result<()> {
        self.each_server(|args| {
            let (server, _) = self.serve(args)?;
            server.interrupt()?;
            ended_cleanly(server)
        })
    }

    /// Each server ends with exit code 0 when a supervisor ends it (SIGTERM).
    #[cfg(unix)]
    pub fn server_ends_on_sigterm(&self) -> Result<()> {
        self.each_server(|args| {
            let (server, _) = self.serve(args)?;
            server.terminate()?;
            ended_cleanly(server)
        })
    }

    /// A second copy on the same port reports that in one line that names the port, and exits with
    /// 1.
    pub fn server_names_the_taken_port(&self) -> Result<()> {
        self.each_server(|args| {
            let (_first, addr) = self.serve(args)?;
            let addr = addr.to_string();
            port_is_taken(&self.start(args, &addr)?.finish()?, &addr)
        })
    }

    fn each_server(&self, check: impl Fn(&str) -> Result<()>) -> Result<()> {
        let servers = self.manifest()?.servers;
        servers
            .iter()
            .try_for_each(|args| check(args).with_context(|| format!("the server `{args}`")))
    }
}

#[cfg(unix)]
fn ended_cleanly(server: Process) -> Result<()> {
    let ended = server.finish().and_then(|ended| ended.expect_code(0)).context(
        "a server that a signal ends does so cleanly (its handler must be in place \
         before it says that it listens)",
    )?;
    ensure!(
        ended.stdout.is_empty(),
        "after `{READY}ADDR` a server's standard output stays empty (log to standard error); \
         it printed:\n{}",
        ended.stdout
    );
    Ok(())
}

/// Judges the second server on `addr`.
fn port_is_taken(second: &Finished, addr: &str) -> Result<()> {
    let errors: Vec<&str> =
        second.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    let one_line =
        matches!(errors[..], [error] if error.contains(addr) && error.contains("in use"));
    ensure!(
        second.code == Some(1) && second.stdout.is_empty() && one_line,
        "where {addr} is taken, a server exits with 1 and one line on standard error, `error: \
         cannot listen on {addr}: the port is in use`. This one: {second:#?}"
    );
    Ok(())
}
