//! The reader's file beside what it began as and what it may become.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use similar::TextDiff;

use crate::replace;

/// How many old files of one exercise are kept.
const MOST_KEPT: usize = 1000;

/// What became of a file that was reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reset {
    /// It was as a reader gets it already.
    Untouched,
    /// It is there again.
    Restored,
    /// It is as a reader gets it; what it was is kept here.
    Kept(PathBuf),
}

/// Makes the file at `path` the `stub` that a reader gets, and keeps what it was beside it.
///
/// # Errors
/// If it cannot be read, kept or written; it is as it was then.
pub fn reset(path: &Path, stub: &str) -> anyhow::Result<Reset> {
    let was = read(path)?;
    if was.as_deref() == Some(stub.as_bytes()) {
        return Ok(Reset::Untouched);
    }
    let kept = was.map(|was| keep(path, &was)).transpose()?;
    replace::replace(path, stub.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(kept.map_or(Reset::Restored, Reset::Kept))
}

/// Writes `bytes` beside `path`, under the first name that is free.
fn keep(path: &Path, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    for count in 1..=MOST_KEPT {
        let number = if count == 1 { String::new() } else { format!(".{count}") };
        let kept = path.with_extension(format!("rs.old{number}"));
        match replace::create(&kept, bytes) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => {
                created.with_context(|| format!("cannot write {}", kept.display()))?;
                return Ok(kept);
            }
        }
    }
    anyhow::bail!("{MOST_KEPT} old files of {} are kept already", path.display())
}

/// What the solution `right` is, as far as the reader's file at `path` is another: lines that begin
/// with `-` go, and those with `+` come. All of it, where the file is still the `stub`.
///
/// # Errors
/// If the file cannot be read.
pub fn solution(path: &Path, stub: &str, right: &str) -> anyhow::Result<String> {
    let right = code(right);
    let yours = match read(path)? {
        Some(yours) if yours != stub.as_bytes() => yours,
        _ => return Ok(right.to_owned()),
    };
    let yours = String::from_utf8_lossy(&yours);
    let difference = TextDiff::from_lines(code(&yours), right);
    Ok(difference.unified_diff().to_string())
}

/// A file without its documentation, which solutions do not share.
fn code(file: &str) -> &str {
    let mut rest = file;
    while let Some((line, after)) = rest.split_once('\n') {
        if !line.is_empty() && !line.starts_with("//!") {
            break;
        }
        rest = after;
    }
    rest
}

fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match replace::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some).with_context(|| format!("cannot read {}", path.display())),
    }
}
