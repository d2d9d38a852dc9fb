//! Real processes under test.
//!
//! A test that starts a process must not hang with it, must not leave it behind, and must see the
//! same on every machine. So a [`Process`] is read by threads and waited for with a deadline;
//! dropping it, however the test ends, kills it; and [`command`] gives it an environment that does
//! not depend on who runs the tests.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use common::transport::Deadline;
#[cfg(target_os = "linux")]
use nix::sys::wait::{WaitPidFlag, waitpid};
#[cfg(unix)]
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use tempfile::TempDir;

/// How long a test waits for one thing before it gives up on the process. Only a process that hangs
/// takes this long: it is many times what any of them needs, so that no test fails because the
/// machine is busy.
pub const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// How long processes that are ending may take to be gone.
const MOMENT: Duration = Duration::from_secs(10);

#[cfg(test)]
thread_local! {
    /// A shorter one, for a test that leaves a process running on purpose.
    pub(crate) static SHORT_MOMENT: std::cell::Cell<Option<Duration>> =
        const { std::cell::Cell::new(None) };
}

fn moment() -> Duration {
    #[cfg(test)]
    if let Some(short) = SHORT_MOMENT.get() {
        return short;
    }
    MOMENT
}

/// What one process may print, in bytes; a runaway one is cut off here.
const OUTPUT_LIMIT: u64 = 16 * 1024 * 1024;

/// A program that runs, and ends with this value.
pub struct Process {
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
    /// What was started, for messages.
    name: String,
    /// Whether it has a process group of its own, which ends with it.
    is_job: bool,
    /// A folder that goes away after it.
    scratch: Option<TempDir>,
}

/// Where standard output and standard error go.
#[derive(Clone, Copy)]
enum Outputs {
    /// Each to its own reader.
    Apart,
    /// Both the same way, in the order in which they were written, as on a terminal.
    Together,
    /// Each to its own reader, and that of standard output goes away after this many lines.
    ClosedAfter(usize),
}

/// How a process ended, and what it printed.
#[derive(Debug)]
pub struct Finished {
    /// What was started, for messages.
    pub name: String,
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// All of its standard output that was not read before.
    pub stdout: String,
    /// All of its standard error.
    pub stderr: String,
    /// Whether a process that it started was still there when it ended (and was killed).
    pub left_behind: bool,
}

/// A command with a fixed environment: UTF-8, a terminal type with colours (which a pipe must not
/// get), and of the variables around the tests only those that a program needs to start. Nothing is
/// on its standard input.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for kept in ["PATH", "TMPDIR", "SystemRoot"] {
        command.envs(std::env::var_os(kept).map(|value| (kept, value)));
    }
    command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm-256color");
    command.stdin(Stdio::null());
    command
}

impl Process {
    /// Starts a program that runs until it is ended, such as a server. It stays in the tests' own
    /// process group, so that Ctrl-C on `cargo test` ends it too.
    pub fn start(command: Command) -> Result<Process> {
        Process::spawn(command, Outputs::Apart)
    }

    /// Starts a program that ends by itself, as a job of its own, which is what a shell makes of a
    /// command: Ctrl-C reaches all that the job has started, and whatever of that is left is killed
    /// with it.
    pub fn start_job(command: Command) -> Result<Process> {
        Process::spawn_job(command, Outputs::Apart)
    }

    fn spawn_job(mut command: Command, outputs: Outputs) -> Result<Process> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // What outlives its parent becomes a child of ours, which we reap: some systems take their
        // time for it.
        #[cfg(target_os = "linux")]
        nix::sys::prctl::set_child_subreaper(true)?;
        let mut process = Process::spawn(command, outputs)?;
        process.is_job = cfg!(unix);
        Ok(process)
    }

    fn spawn(mut command: Command, outputs: Outputs) -> Result<Process> {
        let name = name(&command);
        let (stdout, stdout_end) = io::pipe()?;
        let (stderr, stderr_end) = match outputs {
            Outputs::Together => (None, stdout_end.try_clone()?),
            Outputs::Apart | Outputs::ClosedAfter(_) => {
                io::pipe().map(|(reader, writer)| (Some(reader), writer))?
            }
        };
        let stdout = match outputs {
            Outputs::ClosedAfter(lines) => read_lines(stdout, lines),
            Outputs::Apart | Outputs::Together => read_lines(stdout, usize::MAX),
        };
        let child = command.stdout(stdout_end).stderr(stderr_end).spawn();
        // It holds the ends that are written to; a reader sees the end of a stream when the last of
        // them is closed.
        drop(command);
        Ok(Process {
            child: child.with_context(|| format!("cannot start `{name}`"))?,
            stdout,
            stderr: stderr
                .map_or_else(|| mpsc::channel().1, |stderr| read_lines(stderr, usize::MAX)),
            name,
            is_job: false,
            scratch: None,
        })
    }

    /// The same process, with a folder that goes away after it.
    pub(crate) fn keeping(mut self, scratch: TempDir) -> Process {
        self.scratch = Some(scratch);
        self
    }

    /// The next line of standard output, without its end.
    ///
    /// # Errors
    /// The process ended its output, or was idle for [`TEST_TIMEOUT`].
    pub fn next_line(&mut self) -> Result<String> {
        match self.stdout.recv_timeout(TEST_TIMEOUT) {
            Ok(line) => Ok(utf8(line)?.trim_end_matches(['\r', '\n']).to_owned()),
            Err(RecvTimeoutError::Timeout) => {
                bail!("`{}` printed no line within {TEST_TIMEOUT:?}", self.name)
            }
            Err(RecvTimeoutError::Disconnected) => bail!(
                "`{}` printed no further line. Its standard error:\n{}",
                self.name,
                utf8(rest(&self.stderr, Deadline::after(TEST_TIMEOUT))?)?
            ),
        }
    }

    /// The next line of standard error in which this text is. That line and those before it are
    /// then read, and are not in [`Finished::stderr`].
    ///
    /// # Errors
    /// The process ended its log without it, or wrote none for [`TEST_TIMEOUT`].
    pub fn logged(&mut self, text: &str) -> Result<String> {
        let mut before = String::new();
        loop {
            let Ok(line) = self.stderr.recv_timeout(TEST_TIMEOUT) else {
                bail!("`{}` does not log `{text}`, but:\n{before}", self.name)
            };
            let line = utf8(line)?;
            if line.contains(text) {
                return Ok(line);
            }
            before += &line;
        }
    }

    /// Sends what Ctrl-C sends: SIGINT.
    #[cfg(unix)]
    pub fn interrupt(&self) -> Result<()> {
        self.signal(Signal::SIGINT)
    }

    /// Sends what a supervisor sends: SIGTERM.
    #[cfg(unix)]
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::SIGTERM)
    }

    /// Kills it, which it cannot prevent: SIGKILL. What it was doing is left half done.
    #[cfg(unix)]
    pub fn kill(&self) -> Result<()> {
        self.signal(Signal::SIGKILL)
    }

    /// Stops it for a while: it neither answers nor is gone.
    #[cfg(unix)]
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    /// Lets one that is frozen go on.
    #[cfg(unix)]
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    #[cfg(unix)]
    fn signal(&self, signal: Signal) -> Result<()> {
        let send = if self.is_job { killpg } else { kill };
        send(self.pid(), signal).with_context(|| format!("cannot send {signal} to `{}`", self.name))
    }

    #[cfg(unix)]
    fn pid(&self) -> Pid {
        let pid = self.child.id().try_into();
        Pid::from_raw(pid.expect("the system's process ids are positive i32"))
    }

    /// Waits until the process has ended.
    ///
    /// # Errors
    /// It is still running after [`TEST_TIMEOUT`], printed what is not UTF-8, or more than a test
    /// can hold.
    pub fn finish(mut self) -> Result<Finished> {
        self.outcome(Deadline::after(TEST_TIMEOUT)).with_context(|| format!("`{}`", self.name))
    }

    fn outcome(&mut self, deadline: Deadline) -> Result<Finished> {
        let stdout = utf8(rest(&self.stdout, deadline)?)?;
        let stderr = utf8(rest(&self.stderr, deadline)?)?;
        let code = self.wait(deadline)?.code();
        Ok(Finished {
            name: self.name.clone(),
            code,
            stdout,
            stderr,
            left_behind: self.leaves_something() && self.kill_job(),
        })
    }

    /// The standard library has no wait with a deadline. Its outputs have ended, so this asks once
    /// or twice.
    fn wait(&mut self, deadline: Deadline) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(deadline.pause(), "did not end in time, and was killed");
        }
    }

    /// Whether something that the process started goes on after it. What a signal has ended
    /// together with it is there a moment longer, until the system has noticed; so only what stays
    /// for [`MOMENT`] counts.
    #[cfg(unix)]
    fn leaves_something(&self) -> bool {
        let deadline = Deadline::after(moment());
        while self.is_job && killpg(self.pid(), None).is_ok() {
            // It takes those of the group that have ended; the process itself was waited for
            // before.
            #[cfg(target_os = "linux")]
            let _ = waitpid(Pid::from_raw(-self.pid().as_raw()), Some(WaitPidFlag::WNOHANG));
            if !deadline.pause() {
                return true;
            }
        }
        false
    }

    #[cfg(not(unix))]
    fn leaves_something(&self) -> bool {
        false
    }

    /// Kills what the process started and left behind. Returns whether there was anything.
    #[cfg(unix)]
    fn kill_job(&self) -> bool {
        self.is_job && killpg(self.pid(), Signal::SIGKILL).is_ok()
    }

    #[cfg(not(unix))]
    fn kill_job(&self) -> bool {
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_job();
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `command` to its end.
pub fn run(command: Command) -> Result<Finished> {
    Process::start_job(command)?.finish()
}

/// Runs `command` to its end; what it writes to standard error stands in [`Finished::stdout`] too,
/// as a terminal shows it.
pub fn run_together(command: Command) -> Result<Finished> {
    Process::spawn_job(command, Outputs::Together)?.finish()
}

/// Runs `command` to its end; the reader of its standard output goes away after `lines` lines.
pub fn run_closing(command: Command, lines: usize) -> Result<Finished> {
    Process::spawn_job(command, Outputs::ClosedAfter(lines))?.finish()
}

/// Runs `command` to its end with `input` on its standard input.
pub fn run_with_input(mut command: Command, input: &str) -> Result<Finished> {
    let (reader, mut writer) = io::pipe()?;
    command.stdin(reader);
    let process = Process::start_job(command)?;
    let input = input.to_owned();
    // A program that ends without reading it all is the caller's to judge, by its exit code.
    thread::spawn(move || writer.write_all(input.as_bytes()));
    process.finish()
}

impl Finished {
    /// Itself, where the exit code is `code`.
    ///
    /// # Errors
    /// What was wanted and what came, with what it wrote.
    pub fn expect_code(self, code: i32) -> Result<Finished> {
        ensure!(
            self.code == Some(code),
            "`{}` must exit with {code}, and exits with {}. It wrote:\n{}{}",
            self.name,
            self.code.map_or("a signal".to_owned(), |code| code.to_string()),
            self.stdout,
            self.stderr
        );
        Ok(self)
    }
}

/// `echo send --to …`: the program's file name and its arguments.
fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// Reads `lines` lines on a thread; the channel closes after them, or when the stream ends.
fn read_lines(stream: impl Read + Send + 'static, lines: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream.take(OUTPUT_LIMIT));
        for _ in 0..lines {
            let mut line = Vec::new();
            let read = stream.read_until(b'\n', &mut line);
            if matches!(read, Ok(0) | Err(_)) || sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Everything up to the end of the stream.
fn rest(lines: &Receiver<Vec<u8>>, deadline: Deadline) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        match lines.recv_timeout(deadline.remaining().unwrap_or_default()) {
            Ok(line) => all.extend(line),
            Err(RecvTimeoutError::Timeout) => {
                let so_far = String::from_utf8_lossy(&all);
                bail!("did not end in time, and was killed; so far it printed:\n{so_far}");
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let limit_reached = u64::try_from(all.len()).is_ok_and(|len| len >= OUTPUT_LIMIT);
    ensure!(!limit_reached, "printed {OUTPUT_LIMIT} bytes or more");
    Ok(all)
}

fn utf8(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).context("printed what is not UTF-8")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = command("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_a_program_prints_and_how_it_ends_comes_back() {
        let ended = run(sh("echo out; echo err >&2; exit 7")).unwrap();
        assert_eq!(ended.stdout, "out\n");
        assert_eq!(ended.stderr, "err\n");
        assert_eq!(ended.code, Some(7));
        assert!(ended.expect_code(0).is_err());
        let ended = run_together(sh("echo out; echo err >&2; echo out")).unwrap();
        assert_eq!(ended.stdout, "out\nerr\nout\n");
        let ended = run_with_input(sh("tr a-z A-Z"), "one\ntwo\n").unwrap();
        assert_eq!(ended.stdout, "ONE\nTWO\n");
    }

    #[test]
    fn the_environment_is_the_same_everywhere() {
        let ended =
            run(sh("echo $LC_ALL ${HOME-none} ${CARGO-none} ${RUST_BACKTRACE-none}; cat")).unwrap();
        assert_eq!(ended.stdout, "C.UTF-8 none none none\n");
    }

    #[test]
    fn what_hangs_is_an_error_and_is_killed() {
        let mut process = Process::start(sh("echo so far; exec sleep 600")).unwrap();
        assert_eq!(process.next_line().unwrap(), "so far");
        let error = process.outcome(Deadline::after(Duration::ZERO)).unwrap_err();
        assert!(error.to_string().starts_with("did not end in time"), "{error}");
        let pid = process.pid();
        assert!(kill(pid, None).is_ok());
        drop(process);
        assert!(kill(pid, None).is_err());
    }

    #[test]
    fn a_job_ends_with_all_that_it_started() {
        let mut process = Process::start_job(sh("sleep 600 & echo started; wait")).unwrap();
        assert_eq!(process.next_line().unwrap(), "started");
        let stdout = std::mem::replace(&mut process.stdout, mpsc::channel().1);
        drop(process);
        // A process that still runs holds the stream open.
        assert!(rest(&stdout, Deadline::after(TEST_TIMEOUT)).is_ok());
    }

    #[test]
    fn what_a_program_leaves_behind_is_reported_and_killed() {
        SHORT_MOMENT.set(Some(Duration::from_secs(1)));
        let ended = run(sh("sleep 600 >/dev/null 2>&1 & echo $!")).unwrap();
        assert!(ended.left_behind);
        assert!(!run(sh("sleep 0")).unwrap().left_behind);
    }

    #[test]
    fn a_reader_that_goes_away_closes_the_pipe() {
        let ended =
            run_closing(sh("trap '' PIPE; echo 1; while echo more; do :; done 2>/dev/null"), 1)
                .unwrap();
        assert_eq!(ended.stdout, "1\n");
    }

    #[test]
    fn output_is_text_of_a_bounded_size() {
        assert!(run(sh("printf '\\377'")).is_err());
        assert!(run(sh("head -c 17000000 /dev/zero")).is_err());
    }
}
