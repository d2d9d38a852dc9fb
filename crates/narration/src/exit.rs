//! The edges of a process: how `main` ends, and the lines of stdout and stderr that are not a story.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

/// The body of `main`: an error becomes one line on stderr and exit code 1.
pub fn run(body: impl FnOnce() -> anyhow::Result<ExitCode>) -> ExitCode {
    body().unwrap_or_else(|error| {
        log(format!("error: {error:#}"));
        ExitCode::FAILURE
    })
}

/// Adds what to do next to an error, for [`run`] to print under it.
pub trait WithHint<T> {
    /// `--listen 127.0.0.1:0 takes a free port`
    fn hint(self, what_next: impl Into<String>) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> WithHint<T> for Result<T, E> {
    fn hint(self, _what_next: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(Into::into)
    }
}

/// One line on stdout, at once: what a client side answers, for a script to read.
pub fn answer(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// The one line that a server prints when it is ready: `listening on 127.0.0.1:8888`.
pub fn listening(addr: SocketAddr) -> io::Result<()> {
    answer(format_args!("listening on {addr}"))
}

/// One line to stderr, for whoever watches. Where stderr is gone, nobody does.
pub fn log(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
