//! The edges of a process: how `main` ends, and the lines on stdout and stderr that are not part of
//! a story.

use std::env;
use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, Write};
use std::process::ExitCode;

use crate::terminal::for_locale;
use crate::text::{one_line, quoting};

/// The body of `main`.
///
/// An error becomes `error: what failed: why` on one line of stderr, what to do next on a second
/// one where it has a [hint](WithHint), on a third where it has another, and exit code 1, unless
/// [another](WithHint::exit_from) is set. Two ends are not errors, and are quiet with exit code 0:
/// the reader of a [`Narrator`](crate::Narrator) quits, and the reader of stdout closes the pipe
/// (`| head -1`).
///
/// Rust ignores SIGPIPE, so a closed pipe arrives as an [`io::Error`]. It counts where it is the
/// error itself, under any context; inside the error of another type it is a lost connection, which
/// must be reported to the user.
///
/// ```no_run
/// # use std::process::ExitCode;
/// # fn serve() -> anyhow::Result<()> { Ok(()) }
/// fn main() -> ExitCode {
///     narration::run(|| {
///         serve()?;
///         Ok(ExitCode::SUCCESS)
///     })
/// }
/// ```
pub fn run(body: impl FnOnce() -> anyhow::Result<ExitCode>) -> ExitCode {
    match body() {
        Ok(code) => code,
        Err(error) if is_quiet(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let report = report(&error);
            let report = for_locale(&report);
            let _ = io::stderr().write_all(report.as_bytes()); // there is nowhere else to report it
            error.downcast_ref().map_or(1, |hinted: &Hinted| hinted.code).into()
        }
    }
}

/// Adds to an error what to do next, for [`run`] to print under it.
///
/// ```
/// use narration::WithHint;
///
/// let error = "80 80".parse::<u16>().hint("a port is a number up to 65535").unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
pub trait WithHint<T, E> {
    /// The same result; an error in it also says `what_next`, a sentence or a command to paste, on
    /// a line below the hints that it has already.
    ///
    /// # Errors
    /// The error that was there.
    fn hint(self, what_next: impl Into<String>) -> anyhow::Result<T>;

    /// As [`hint`](WithHint::hint), for errors that know what to do next, or know that nothing can
    /// be done.
    ///
    /// # Errors
    /// The error that was there.
    fn hint_from(self, what_next: impl FnOnce(&E) -> Option<&'static str>) -> anyhow::Result<T>;

    /// As [`hint_from`](WithHint::hint_from), for errors that also know with which exit code the
    /// program is to end.
    ///
    /// # Errors
    /// The error that was there.
    fn exit_from(
        self,
        code_and_what_next: impl FnOnce(&E) -> (u8, Option<&'static str>),
    ) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> WithHint<T, E> for Result<T, E> {
    fn hint(self, what_next: impl Into<String>) -> anyhow::Result<T> {
        let what_next = Some(what_next.into());
        self.map_err(|error| Hinted { error: error.into(), what_next, code: 1 }.into())
    }

    fn hint_from(self, what_next: impl FnOnce(&E) -> Option<&'static str>) -> anyhow::Result<T> {
        match self.as_ref().err().and_then(what_next) {
            Some(what_next) => self.hint(what_next),
            None => self.map_err(Into::into),
        }
    }

    fn exit_from(
        self,
        code_and_what_next: impl FnOnce(&E) -> (u8, Option<&'static str>),
    ) -> anyhow::Result<T> {
        self.map_err(|error| {
            let (code, what_next) = code_and_what_next(&error);
            let what_next = what_next.map(str::to_owned);
            Hinted { error: error.into(), what_next, code }.into()
        })
    }
}

/// The one line that a server prints on stdout, when it is ready: `listening on 127.0.0.1:8888`.
///
/// # Errors
/// If stdout cannot be written.
pub fn listening(addr: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("listening on {addr}\n").as_bytes())?;
    out.flush()
}

/// One line to stderr, for the operator. Newlines in it become spaces; control characters come out
/// escaped.
pub fn log(line: impl Display) {
    let line = one_line(&line.to_string()) + "\n";
    // A closed stderr does not stop a server.
    let _ = io::stderr().write_all(for_locale(&line).as_bytes());
}

/// Lines to stderr, up to a limit: for a server whose every sender can make it write.
///
/// ```
/// let mut log = narration::Log::up_to(1_000);
/// log.line("127.0.0.1:40000 answered");
/// ```
#[derive(Clone, Debug)]
pub struct Log {
    /// How many are still written.
    remaining: u64,
}

impl Log {
    /// A log of up to `lines` lines, and one more that says that what follows is not logged.
    pub fn up_to(lines: u64) -> Log {
        Log { remaining: lines.saturating_add(1) }
    }

    /// One more line, as [`log`].
    pub fn line(&mut self, line: impl Display) {
        match self.remaining {
            0 => {}
            1 => log("what follows is not logged"),
            _ => log(line),
        }
        self.remaining = self.remaining.saturating_sub(1);
    }
}

/// The error of a reader who quits.
pub(crate) fn quit() -> io::Error {
    io::Error::other(Quit)
}

#[derive(Debug)]
struct Quit;

impl Display for Quit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reader quit")
    }
}

impl Error for Quit {}

/// An error with advice. It shows as the error does, and has the same sources.
#[derive(Debug)]
struct Hinted {
    error: anyhow::Error,
    what_next: Option<String>,
    code: u8,
}

impl Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Whether an error is one of the two quiet ends of [`run`].
pub(crate) fn is_quiet(error: &anyhow::Error) -> bool {
    if let Some(Hinted { error, .. }) = error.downcast_ref() {
        return is_quiet(error);
    }
    error.downcast_ref::<io::Error>().is_some_and(|error| {
        let quit = error.get_ref().is_some_and(|inner| inner.is::<Quit>());
        quit || error.kind() == io::ErrorKind::BrokenPipe
    })
}

fn report(error: &anyhow::Error) -> String {
    let text = quoting(&format!("{error:#}"), env::args_os().skip(1));
    let mut report = format!("error: {}\n", one_line(&text));
    for hint in hints(error) {
        report += &format!("       {}\n", one_line(hint));
    }
    report
}

/// The hints of an error, the first that was added first.
fn hints(error: &anyhow::Error) -> Vec<&str> {
    let Some(Hinted { error, what_next, .. }) = error.downcast_ref() else {
        return Vec::new();
    };
    hints(error).into_iter().chain(what_next.as_deref()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    fn broken_pipe() -> io::Error {
        io::ErrorKind::BrokenPipe.into()
    }

    #[test]
    fn an_error_is_one_line_and_its_hint_another() {
        let error = Err::<(), _>(io::Error::other("the port\nis in \x1buse"))
            .context("cannot listen on 127.0.0.1:8888")
            .hint("another copy may be running;\n--listen 127.0.0.1:0 takes a free port")
            .unwrap_err();
        assert_eq!(
            report(&error),
            "error: cannot listen on 127.0.0.1:8888: the port is in \\u{1b}use\n       \
             another copy may be running; --listen 127.0.0.1:0 takes a free port\n"
        );
    }

    #[test]
    fn a_hint_shows_through_added_context() {
        let error = Err::<(), _>(broken_pipe()).hint("wait").context("cannot begin").unwrap_err();
        assert_eq!(report(&error), "error: cannot begin: broken pipe\n       wait\n");
    }

    #[test]
    fn each_hint_is_a_line() {
        let error = Err::<(), _>(broken_pipe()).context("seed 7").hint("run it").hint("draw it");
        let expected = "error: seed 7: broken pipe\n       run it\n       draw it\n";
        assert_eq!(report(&error.unwrap_err()), expected);
    }

    #[test]
    fn a_closed_pipe_and_a_quit_are_quiet() {
        let closed = || Err::<(), _>(broken_pipe());
        assert!(is_quiet(&closed().unwrap_err().into()));
        assert!(is_quiet(&closed().context("cannot print").unwrap_err()));
        assert!(is_quiet(&closed().hint("turn it on").unwrap_err()));
        assert!(is_quiet(&quit().into()));
    }

    #[test]
    fn a_broken_connection_is_not() {
        #[derive(Debug)]
        struct Lost(io::Error);
        impl Display for Lost {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the connection is lost")
            }
        }
        impl Error for Lost {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        let lost = anyhow::Error::from(Lost(broken_pipe()));
        assert!(!is_quiet(&lost));
        assert_eq!(report(&lost), "error: the connection is lost: broken pipe\n");
    }
}
