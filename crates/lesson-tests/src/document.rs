//! A document, and the truth of what its fences quote.
//!
//! A document is compared with itself as it would be written now. Each fence says by its language,
//! and by the directive above it, where its text comes from. In every document:
//!
//! | directive | fence | text |
//! |---|---|---|
//! | `<!-- quote: PATH ITEM -->` | `rust` | an item of a source file |
//! | `<!-- transcript: LESSON N -->` | `text` | step N of a lesson's recorded transcript |
//! | | `sh` | commands for the reader to type; the packages and scripts that they name exist |
//!
//! A lesson's page has more of them. Any other fence, such as a drawing, is the author's own, and
//! so are `json`, `toml` and the like. But `rust` and `text` without a directive are refused:
//! nothing would keep them correct.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::markdown::{Fence, refill};
use crate::recorded::hold;
use crate::{links, quote, shell};

/// What is wrong with the document `file`, a line each: fences for which `fill` has no text or
/// another one, broken links, and what `amend` changes. With `SNAPSHOTS=overwrite` it is written
/// anew.
///
/// # Errors
/// There is no such file.
pub(crate) fn complaints(
    root: &Path,
    file: &Path,
    fill: impl FnMut(&Fence<'_>) -> Result<String>,
    amend: impl FnOnce(&str) -> String,
) -> Result<Vec<String>> {
    let path = root.join(file);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", file.display()))?;
    let (refilled, unfilled) = refill(&text, fill);
    let unfilled = unfilled.iter();
    let mut complaints: Vec<String> =
        unfilled.map(|complaint| format!("{}: {complaint}", file.display())).collect();
    complaints.extend(links::broken(root, file)?);
    complaints.extend(hold(&path, &amend(&refilled)).err().map(|error| error.to_string()));
    Ok(complaints)
}

/// What `fence` says when it is written now.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(crate) fn fill(root: &Path, fence: &Fence<'_>) -> Result<String> {
    match (fence.directive, fence.language) {
        (Some(("quote", what)), "rust") => source(root, what),
        (Some(("transcript", what)), "text") => {
            let (lesson, number) =
                what.split_once(' ').context("`transcript` names a lesson and a step here")?;
            let path = root.join("crates").join(lesson).join("tests/transcript.txt");
            let transcript = fs::read_to_string(path)
                .with_context(|| format!("`{lesson}` has no transcript"))?;
            step(&transcript, number)
        }
        (Some((name, _)), language) => bail!(
            "no `{name}` before a `{language}` fence: there are `quote` before `rust`, \
             `transcript` before `text`, and on a lesson's page `script` before `text`"
        ),
        (None, "rust") => bail!("code is quoted: put `<!-- quote: PATH ITEM -->` before it"),
        (None, "text") => bail!(
            "output is recorded: put `<!-- transcript: STEP -->` or `<!-- script: scripts/NAME \
             -->` before it (a drawing is a fence without a language)"
        ),
        (None, "console") => {
            bail!("commands are run again on a lesson's page alone; here they are `sh`")
        }
        (None, "sh") => {
            let commands = shell::block(&fence.body);
            commands.iter().try_for_each(|words| exists(root, words))?;
            Ok(fence.body.clone())
        }
        (None, _) => Ok(fence.body.clone()),
    }
}

fn source(root: &Path, what: &str) -> Result<String> {
    let (path, item) = what.split_once(' ').context("`quote` names a path and an item")?;
    let source =
        fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))?;
    quote::quote(&source, item).context(path.to_owned())
}

/// Whether the package and the script that a command names exist. Other programs, such as `nc`, are
/// the reader's own.
fn exists(root: &Path, words: &[String]) -> Result<()> {
    let program = words.first().map_or("", String::as_str);
    if program.starts_with("scripts/") {
        ensure!(root.join(program).exists(), "there is no `{program}`");
    }
    if program != "cargo" {
        return Ok(());
    }
    if let Some(package) = shell::package(words) {
        let manifest = Path::new("crates").join(package).join("Cargo.toml");
        ensure!(root.join(manifest).exists(), "there is no package `{package}`");
    }
    Ok(())
}

/// The lines of one step of a transcript, without the empty ones around them. The step is named by
/// its number, the end of the lesson by `Remember`.
///
/// # Errors
/// It has no such step.
pub(crate) fn step(transcript: &str, number: &str) -> Result<String> {
    let mut lines = transcript.lines().skip_while(|line| heading(line) != Some(number));
    let first = lines.next().with_context(|| format!("the transcript has no step `{number}`"))?;
    let rest = lines.take_while(|line| heading(line).is_none());
    let text: Vec<&str> = std::iter::once(first).chain(rest).collect();
    Ok(format!("{}\n", text.join("\n").trim_end()))
}

/// The first word of a line that a rule fills: `2` in ` 2 Bytes, not messages ───── real sockets
/// ──`, `10` where the number has two digits.
fn heading(line: &str) -> Option<&str> {
    let is_numbered = line.starts_with(|first: char| first.is_ascii_digit());
    let text = line.strip_prefix(' ').or(is_numbered.then_some(line))?;
    let is_heading = !text.starts_with(' ') && text.ends_with("──");
    text.split(' ').next().filter(|_| is_heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSCRIPT: &str = "\
 echo

 1  Connect ── real sockets ──

    ● 2 send ──

 12  Wait ── virtual time ──

    Nothing.


 Remember ──

    All of it.
";

    #[test]
    fn a_step_goes_from_its_heading_to_the_next() {
        for (number, text) in [
            ("1", " 1  Connect ── real sockets ──\n\n    ● 2 send ──\n"),
            ("12", " 12  Wait ── virtual time ──\n\n    Nothing.\n"),
            ("Remember", " Remember ──\n\n    All of it.\n"),
        ] {
            assert_eq!(step(TRANSCRIPT, number).unwrap(), text);
        }
        for number in ["2", "echo", "●", ""] {
            assert!(step(TRANSCRIPT, number).is_err(), "{number}");
        }
    }
}
