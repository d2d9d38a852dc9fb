//! Running a program that may do anything, but within limits of time, memory and output.
//!
//! A thread of its own reads what the program prints, from one pipe for both its streams, so that a
//! flood neither blocks it nor fills our memory, and its lines stay in their order. The program
//! runs in a process group of its own, so that when its time is up all that it started ends with
//! it. The terminal's Ctrl-C does not reach that group: the caller catches it and sets a flag.
//!
//! Left out: a program that moves to another group escapes, and on Windows so does all that it
//! started. Memory is limited on Linux alone: macOS takes the limit and does not keep it, and
//! Windows has it for jobs, which the standard library does not know.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How much a program may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Time to run.
    pub time: Duration,
    /// Bytes of its address space.
    pub memory: u64,
    /// Bytes of output that are kept of its beginning, and as many of its end.
    pub output: usize,
}

/// Some twenty times what a judge takes, and less than a laptop misses.
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            // The judge gives up after ten by itself, unless the reader's code keeps it from that.
            time: Duration::from_secs(15),
            memory: MEMORY,
            output: 4 * 1024,
        }
    }
}

/// What a program did.
#[derive(Debug)]
pub struct Ran<T = Vec<u8>> {
    /// How it ended.
    pub end: End,
    /// What it printed. Where that was too much, a line says how much of the middle is missing.
    pub output: T,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Exited(ExitStatus),
    /// Its time was up.
    TimedOut,
    /// The reader did not want to wait.
    Interrupted,
}

/// Between two polls of whether the program has ended. The standard library has no wait with a
/// timeout.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// How long its output may lag behind its end.
const LAG: Duration = Duration::from_secs(1);

/// Runs `command`, with nothing to read on its standard input, until it ends or `interrupted` is
/// set. Where something that it started gets away and holds its output, that is lost.
///
/// # Errors
/// If it cannot be started.
pub fn run(command: Command, bounds: Bounds, interrupted: &AtomicBool) -> io::Result<Ran> {
    run_reading(command, bounds, interrupted, move |output| take_in(output, bounds.output))
}

/// Like [`run`], but `read` has all of its output, as it comes.
///
/// # Errors
/// As [`run`].
pub fn run_reading<T: Default + Send + 'static>(
    mut command: Command,
    bounds: Bounds,
    interrupted: &AtomicBool,
    read: impl FnOnce(PipeReader) -> T + Send + 'static,
) -> io::Result<Ran<T>> {
    let (output, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = with_memory(bounds.memory, || command.spawn())?;
    // With it go our ends of the pipe. The output is over when the program's are closed too.
    drop(command);

    let (taken, take) = mpsc::channel();
    thread::spawn(move || taken.send(read(output)));
    let end = wait(&mut child, bounds.time, interrupted)?;
    if !matches!(end, End::Exited(_)) {
        end_group(&mut child);
        child.wait()?;
    }
    let output = take.recv_timeout(LAG).or_else(|_| {
        // It left something running that can still print.
        end_group(&mut child);
        take.recv_timeout(LAG)
    });
    Ok(Ran { end, output: output.unwrap_or_default() })
}

/// A program has the limits of the one that starts it, and to set others in between takes unsafe
/// code. So ours is lower for that moment; the course starts one program at a time.
#[cfg(unix)]
fn with_memory<T>(bytes: u64, start: impl FnOnce() -> T) -> T {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let before = getrlimit(Resource::RLIMIT_AS);
    // A program without a limit still has its time.
    let limit = |soft, hard| setrlimit(Resource::RLIMIT_AS, soft, hard).unwrap_or_default();
    if let Ok((soft, hard)) = before {
        limit(soft.min(bytes), hard);
    }
    let started = start();
    if let Ok((soft, hard)) = before {
        limit(soft, hard);
    }
    started
}

#[cfg(not(unix))]
fn with_memory<T>(_bytes: u64, start: impl FnOnce() -> T) -> T {
    start()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a real process takes real time, and can only be polled"
)]
fn wait(child: &mut Child, time: Duration, interrupted: &AtomicBool) -> io::Result<End> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Exited(status));
        }
        if interrupted.load(Ordering::Relaxed) {
            return Ok(End::Interrupted);
        }
        if start.elapsed() >= time {
            return Ok(End::TimedOut);
        }
        thread::sleep(POLL_INTERVAL);
    }
}

#[cfg(unix)]
fn end_group(child: &mut Child) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;

    // Process ids fit; and a group that is gone already needs no ending.
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
fn end_group(child: &mut Child) {
    // It may have ended in this moment.
    let _ = child.kill();
}

/// Reads to the end, keeping `most` bytes of the beginning and as many of the end.
fn take_in(mut from: PipeReader, most: usize) -> Vec<u8> {
    let mut head = Vec::new();
    let mut tail: VecDeque<u8> = VecDeque::new();
    let mut left_out: u64 = 0;
    let mut buffer = [0; 16 * 1024];
    // An error ends the output as its end does: there is nothing more to be had.
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let (first, rest) = buffer[..count].split_at(count.min(most - head.len()));
        head.extend_from_slice(first);
        tail.extend(rest);
        let excess = tail.len().saturating_sub(most);
        tail.drain(..excess);
        left_out += excess as u64;
    }
    if left_out > 0 {
        let notice = format!("\n[{left_out} bytes of output are left out here]\n");
        head.extend_from_slice(notice.as_bytes());
    }
    head.extend(tail);
    head
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn sh(script: &str, time: Duration) -> Ran {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command, Bounds { time, output: 100, ..Bounds::default() }, &AtomicBool::new(false))
            .unwrap()
    }

    fn code(ran: &Ran) -> Option<i32> {
        match ran.end {
            End::Exited(status) => status.code(),
            End::TimedOut | End::Interrupted => None,
        }
    }

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(100);

    #[test]
    fn the_output_of_both_streams_comes_in_order_with_the_exit_code() {
        let ran = sh("echo one; echo two >&2; echo three; exit 7", LONG);
        assert_eq!(ran.output, b"one\ntwo\nthree\n");
        assert_eq!(code(&ran), Some(7));
    }

    #[test]
    fn standard_input_is_empty() {
        assert_eq!(sh("cat; echo end", LONG).output, b"end\n");
    }

    #[test]
    fn a_flood_keeps_its_beginning_and_its_end() {
        let ran = sh("echo first; seq 1 1000000; echo last", LONG);
        let output = String::from_utf8(ran.output).unwrap();
        assert!(output.starts_with("first\n1\n2\n"), "{output}");
        assert!(output.contains("\n[6888707 bytes of output are left out here]\n"), "{output}");
        assert!(output.ends_with("999999\n1000000\nlast\n"), "{output}");
        assert!(output.len() < 300, "{output}");
    }

    /// Runs a script that does not end for a short time, and for longer until it has printed
    /// something.
    fn sh_until_it_prints(script: &str) -> Ran {
        (0..10)
            .map(|doubled| sh(script, SHORT * 2_u32.pow(doubled)))
            .find(|ran| !ran.output.is_empty())
            .unwrap()
    }

    #[test]
    fn when_its_time_is_up_it_ends_with_all_that_it_started() {
        // The output is complete only when every process that can write it is gone.
        let ran = sh_until_it_prints("echo start; sleep 1000 & sleep 1000");
        assert_eq!(ran.output, b"start\n");
        assert_eq!(ran.end, End::TimedOut);
    }

    #[test]
    fn an_endless_flood_ends_when_its_time_is_up() {
        let ran = sh("while :; do echo flood; done", SHORT);
        assert_eq!(ran.end, End::TimedOut);
    }

    #[test]
    fn processes_that_it_leaves_running_end_too() {
        let ran = sh("sleep 1000 & echo done", LONG);
        assert_eq!(ran.output, b"done\n");
        assert_eq!(code(&ran), Some(0));
    }

    #[test]
    fn a_program_that_does_not_exist_is_an_error() {
        let command = Command::new("/no/such/program");
        assert!(run(command, Bounds::default(), &AtomicBool::new(false)).is_err());
    }

    #[test]
    fn an_interruption_ends_it_at_once() {
        let mut command = Command::new("sleep");
        command.arg("1000");
        let ran = run(command, Bounds::default(), &AtomicBool::new(true)).unwrap();
        assert_eq!(ran.end, End::Interrupted);
    }
}
