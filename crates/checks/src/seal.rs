//! The judge's own word, to tell a verdict from an exit code.
//!
//! The reader's code runs in the judge's process. It may end that process with any exit code, 0
//! among them, and print whatever it likes. So whoever runs an exercise's program puts a token that
//! nobody knows beforehand into its environment, and the judge, when it has come to its verdict,
//! prints token and verdict as the last line of all.
//!
//! This is against accidents. Code that looks for the token can cheat, and cheats its author.

use std::env;
use std::io::{self, Write};

use crate::Verdict;

/// The environment variable that holds the token. Without it, no seal is printed.
pub const TOKEN: &str = "COURSE_SEAL";

/// Ends the output with the seal, if one is asked for.
pub(crate) fn put(verdict: Verdict, out: &mut dyn Write) -> io::Result<()> {
    if let Ok(token) = env::var(TOKEN) {
        out.write_all(&line(&token, verdict))?;
    }
    out.flush()
}

/// Has whoever runs the program leave out what is printed from here on: the reader's code prints at
/// every case, and nobody wants to read all of that.
pub(crate) fn mute() -> io::Result<()> {
    mark("mute")
}

/// The end of [`mute`].
pub(crate) fn unmute() -> io::Result<()> {
    mark("unmute")
}

fn mark(word: &str) -> io::Result<()> {
    match env::var(TOKEN) {
        Ok(token) => writeln!(io::stdout(), "{word} {token}"),
        Err(_) => Ok(()),
    }
}

/// What `output` holds but for what was muted. Where the muting has no end, only its mark goes: the
/// program did not come to its verdict, and what it printed is all there is.
///
/// ```
/// use checks::seal;
///
/// assert_eq!(seal::heard(b"mute 17\nnoise\nunmute 17\nwords\n", "17"), b"words\n");
/// assert_eq!(seal::heard(b"mute 17\nwords\n", "17"), b"words\n");
/// ```
pub fn heard(output: &[u8], token: &str) -> Vec<u8> {
    let (mute, unmute) = (format!("mute {token}\n"), format!("unmute {token}\n"));
    let find = |mark: &str| {
        let mut windows = output.windows(mark.len());
        windows.position(|bytes| bytes == mark.as_bytes())
    };
    match (find(&mute), find(&unmute)) {
        (Some(from), Some(to)) if from < to => {
            [&output[..from], &output[to + unmute.len()..]].concat()
        }
        (Some(from), _) => [&output[..from], &output[from + mute.len()..]].concat(),
        _ => output.to_vec(),
    }
}

/// The verdict that `output` ends with, and the output without it. `None`: the judge has not
/// spoken.
///
/// ```
/// use checks::{Verdict, seal};
///
/// assert_eq!(seal::take(b"words\nseal 17 0\n", "17"), Some((&b"words\n"[..], Verdict::Pass)));
/// assert_eq!(seal::take(b"PASS\n", "17"), None);
/// ```
pub fn take<'a>(output: &'a [u8], token: &str) -> Option<(&'a [u8], Verdict)> {
    [Verdict::Pass, Verdict::Wrong, Verdict::NotStarted, Verdict::TimedOut]
        .into_iter()
        .find_map(|verdict| Some((output.strip_suffix(&line(token, verdict)[..])?, verdict)))
}

fn line(token: &str, verdict: Verdict) -> Vec<u8> {
    format!("seal {token} {}\n", verdict.exit_code()).into_bytes()
}
