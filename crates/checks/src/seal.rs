//! The judge's own word, to tell a verdict from an exit code.
//!
//! The reader's code runs in the judge's process. It may end that process with any exit code, 0 among them, and print
//! whatever it likes. So whoever runs an exercise's program puts a token that nobody knows beforehand into its
//! environment, and the judge, when it has come to its verdict, prints token and verdict as the last line of all.
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

/// The verdict that `output` ends with, and the output without it. `None`: the judge has not spoken.
///
/// ```
/// use checks::{Verdict, seal};
///
/// assert_eq!(seal::take(b"words\nseal 17 0\n", "17"), Some((&b"words\n"[..], Verdict::Pass)));
/// assert_eq!(seal::take(b"PASS\n", "17"), None);
/// ```
pub fn take<'a>(output: &'a [u8], token: &str) -> Option<(&'a [u8], Verdict)> {
    [
        Verdict::Pass,
        Verdict::Wrong,
        Verdict::NotStarted,
        Verdict::TimedOut,
    ]
    .into_iter()
    .find_map(|verdict| Some((output.strip_suffix(&line(token, verdict)[..])?, verdict)))
}

fn line(token: &str, verdict: Verdict) -> Vec<u8> {
    format!("seal {token} {}\n", verdict.exit_code()).into_bytes()
}
