//! What no error prevents: processes that end while they read.
//!
//! Each reading here may end the process that does it, so each has a process of its own: the
//! program starts itself again with one of these cases, and observes how that ended.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::format::{Format, FormatError};
use crate::hostile::{Stream, limited};
use crate::memory::Meter;
use crate::nesting::{Counted, Nested, in_binary, in_json};

/// The subcommand with which the program starts itself again; a case follows it.
pub const COMMAND: &str = "victim";

/// The exit code of a process that read an error.
pub const REFUSED: u8 = 3;

/// How many levels the deep values have.
pub const LEVELS: usize = 100_000;

/// The stack that a reading has, in bytes: the same on every system.
const STACK: usize = 1 << 20;

/// The memory that a victim may take, in bytes. None of the claims below asks for less than all
/// there is, so this is only to protect the machine.
const MEMORY: usize = 64 << 20;

/// How long a victim may run.
const VICTIM_TIMEOUT: Duration = Duration::from_secs(60);

/// How much of a victim's standard error is kept, in bytes.
const MAX_STDERR: u64 = 16 << 10;

/// What a victim reads, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// [`LEVELS`] levels, in this format.
    Deep(Format),
    /// The same in bincode, read by a type that counts its levels.
    DeepCounted,
    /// A text of 2^62 bytes, from a stream.
    Claim62,
    /// A text of 2^63 bytes, from a stream.
    Claim63,
    /// The same, read with a limit.
    ClaimLimited,
}

/// How a victim ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It read a value.
    Read,
    /// It got an error, with this message.
    Refused(String),
    /// It panicked: the stack was unwound, and a caller could have gone on.
    Panicked,
    /// It was killed, in the words of the system; nothing in it could have prevented that.
    Killed(String),
    /// It was still running at the timeout, and was killed.
    TooSlow,
}

/// A victim, and its end.
#[derive(Debug)]
pub struct Death {
    /// What it read.
    pub case: Case,
    /// How many bytes it read, at most.
    pub came: usize,
    /// How it ended.
    pub ended: Ended,
    /// The cause, where the runtime named one of those that we know.
    pub cause: Option<&'static str>,
}

/// What Rust's runtime writes to standard error about a cause, and our name for that.
const CAUSES: [(&str, &str); 3] = [
    ("stack overflow", "stack overflow"),
    ("capacity overflow", "capacity overflow"),
    ("memory allocation of 4611686018427387904 bytes failed", "no such memory"),
];

/// How a process that was killed is reported on this system: the status, and our name for it.
#[cfg(unix)]
const KILLS: [(i32, &str); 4] = [
    (4, "signal 4, SIGILL"),
    (6, "signal 6, SIGABRT"),
    (9, "signal 9, SIGKILL"),
    (11, "signal 11, SIGSEGV"),
];
#[cfg(not(unix))]
const KILLS: [(i32, &str); 3] = [
    (0xC000_00FD_u32 as i32, "STATUS_STACK_OVERFLOW"),
    (0xC000_0409_u32 as i32, "STATUS_STACK_BUFFER_OVERRUN"), // what `abort` shows as
    (0xC000_0005_u32 as i32, "STATUS_ACCESS_VIOLATION"),
];

/// The exit code of a Rust program whose main thread panicked.
const PANICKED: i32 = 101;

impl Case {
    /// All of them, in the order of the story.
    pub const ALL: [Case; 7] = [
        Case::Deep(Format::Json),
        Case::Deep(Format::Bincode),
        Case::Deep(Format::Postcard),
        Case::DeepCounted,
        Case::Claim63,
        Case::Claim62,
        Case::ClaimLimited,
    ];

    /// The argument of [`COMMAND`] for it.
    pub fn name(self) -> &'static str {
        match self {
            Case::Deep(Format::Json) => "deep-json",
            Case::Deep(Format::Bincode) => "deep-bincode",
            Case::Deep(Format::Postcard) => "deep-postcard",
            Case::DeepCounted => "deep-counted",
            Case::Claim62 => "claim-62",
            Case::Claim63 => "claim-63",
            Case::ClaimLimited => "claim-limited",
        }
    }

    /// The case of that name.
    pub fn named(name: &str) -> Option<Case> {
        Case::ALL.into_iter().find(|case| case.name() == name)
    }

    /// The bytes that the victim reads.
    fn bytes(self) -> Vec<u8> {
        match self {
            Case::Deep(Format::Json) => in_json(LEVELS),
            Case::Deep(_) | Case::DeepCounted => in_binary(LEVELS),
            Case::Claim62 => (1_u64 << 62).to_le_bytes().to_vec(),
            Case::Claim63 | Case::ClaimLimited => (1_u64 << 63).to_le_bytes().to_vec(),
        }
    }

    fn read(self, bytes: &[u8]) -> Result<(), FormatError> {
        match self {
            // A value of this many levels would overflow the stack once more when it is dropped.
            Case::Deep(format) => format.read::<Nested>(bytes).map(std::mem::forget),
            Case::DeepCounted => Format::Bincode.read::<Counted>(bytes).map(drop),
            Case::Claim62 | Case::Claim63 => {
                bincode::deserialize_from::<_, String>(Stream(bytes))?;
                Ok(())
            }
            Case::ClaimLimited => limited::<String>(Stream(bytes)).map(drop),
        }
    }
}

/// The victim's side: reads what the case says, in a process that leaves no core file and takes
/// little memory.
///
/// # Errors
/// The error of the reading.
///
/// # Panics
/// Where the reading panics. Where the reading ends the process, this does not return: that is its
/// purpose.
pub fn read(case: Case, meter: Meter) -> anyhow::Result<()> {
    leave_no_core()?;
    meter.limit_to(MEMORY);
    let reading = move || case.read(&case.bytes());
    match thread::Builder::new().stack_size(STACK).spawn(reading)?.join() {
        Ok(result) => Ok(result?),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

#[cfg(unix)]
fn leave_no_core() -> io::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    Ok(setrlimit(Resource::RLIMIT_CORE, 0, 0)?)
}

#[cfg(not(unix))]
fn leave_no_core() -> io::Result<()> {
    Ok(())
}

/// Starts `program`, which has [`COMMAND`], once for each case, and observes how it ends.
///
/// # Errors
/// It cannot be started, or waited for.
pub fn deaths(program: &Path) -> io::Result<Vec<Death>> {
    Case::ALL.into_iter().map(|case| death(program, case, VICTIM_TIMEOUT)).collect()
}

fn death(program: &Path, case: Case, timeout: Duration) -> io::Result<Death> {
    let mut child = Command::new(program)
        .args([COMMAND, case.name()])
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = last_words(&mut child, timeout);
    if stderr.is_none() {
        child.kill()?;
    }
    let status = child.wait()?;
    let words = stderr.as_deref().unwrap_or_default();
    Ok(Death {
        case,
        came: case.bytes().len(),
        ended: if stderr.is_some() { ended(status, words) } else { Ended::TooSlow },
        cause: CAUSES.iter().find(|(message, _)| words.contains(message)).map(|(_, cause)| *cause),
    })
}

/// All that a process writes to standard error, up to its end; `None` if it does not end before the
/// timeout.
fn last_words(child: &mut Child, timeout: Duration) -> Option<String> {
    let stderr = child.stderr.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut words = Vec::new();
        // What cannot be read counts as not written. After the timeout there is no receiver.
        let _ = stderr.take(MAX_STDERR).read_to_end(&mut words);
        let _ = sender.send(String::from_utf8_lossy(&words).into_owned());
    });
    receiver.recv_timeout(timeout).ok()
}

fn ended(status: ExitStatus, words: &str) -> Ended {
    match status.code() {
        Some(0) => Ended::Read,
        Some(code) if code == i32::from(REFUSED) => Ended::Refused(words.trim_end().to_owned()),
        Some(PANICKED) => Ended::Panicked,
        code => Ended::Killed(kill_in_words(code.or_else(|| signal(status)), status)),
    }
}

fn kill_in_words(number: Option<i32>, status: ExitStatus) -> String {
    let known = KILLS.iter().find(|(known, _)| Some(*known) == number);
    known.map_or_else(|| status.to_string(), |(_, name)| (*name).to_owned())
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        for case in Case::ALL {
            assert_eq!(Case::named(case.name()), Some(case));
        }
        assert_eq!(Case::named("deep"), None);
    }

    /// `yes` prints its arguments until it is killed.
    #[cfg(unix)]
    #[test]
    fn a_victim_that_does_not_terminate_is_killed() {
        let timeout = Duration::from_millis(50);
        let death = death(Path::new("yes"), Case::Claim62, timeout).unwrap();
        assert_eq!((death.ended, death.cause), (Ended::TooSlow, None));
    }
}
