//! The views of a trace as files: the ending of a file's name selects the view.
//!
//! * A file is there whole or not at all: it is written beside its place under another name, and
//!   then renamed.
//! * An unknown ending is an error before anything is written, and the error lists the known ones.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process;

use trace::Trace;

use crate::{file, html, shiviz, svg};

/// The width of the ladder in columns, as there is no screen to ask.
const LADDER_COLUMNS: usize = 80;

/// How each view is made, by the ending of its files. The title is the file's name.
const VIEWS: [(&str, View); 5] = [
    ("txt", |trace, _| Ok(trace.ladder(LADDER_COLUMNS).into_bytes())),
    ("svg", |trace, _| Ok(svg(trace).into_bytes())),
    ("html", |trace, title| Ok(html(trace, title).into_bytes())),
    ("shiviz", |trace, _| Ok(shiviz::log(trace).into_bytes())),
    ("jsonl", |trace, _| {
        let mut lines = Vec::new();
        file::write(trace, &mut lines)?;
        Ok(lines)
    }),
];

type View = fn(&Trace, &str) -> Result<Vec<u8>, file::WriteError>;

/// Why a view was not written. The file, if there was one, is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The ending of the file's name is not one of a view.
    #[error("cannot write {file}: its name must end in {}", endings())]
    UnknownEnding {
        /// The file.
        file: String,
    },
    /// The system cannot write the file.
    #[error("cannot write {file}")]
    File {
        /// The file.
        file: String,
        /// Why not.
        source: io::Error,
    },
    /// The trace is larger than its format allows.
    #[error("cannot write {file}")]
    Trace {
        /// The file.
        file: String,
        /// Why not.
        source: file::WriteError,
    },
}

/// Writes the view that the ending of `path` selects, and replaces the file that is there.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = &folder.path().join("run.svg");
/// let mut trace = trace::Trace::new(["n0"]);
/// trace.push(trace::Event::local(0))?;
/// views::write(&trace, path)?;
/// assert_eq!(std::fs::read_to_string(path)?, views::svg(&trace));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ViewError`], which names the file.
pub fn write(trace: &Trace, path: &Path) -> Result<(), ViewError> {
    let file = || path.display().to_string();
    let ending = path.extension().and_then(OsStr::to_str);
    let Some((_, view)) = VIEWS.iter().find(|(known, _)| Some(*known) == ending) else {
        return Err(ViewError::UnknownEnding { file: file() });
    };
    let title = path.file_stem().unwrap_or_default().to_string_lossy();
    let bytes = view(trace, &title).map_err(|source| ViewError::Trace { file: file(), source })?;
    replace(path, &bytes).map_err(|source| ViewError::File { file: file(), source })
}

/// Writes a view if a file is named, and reports that to `say`, a line at a time.
///
/// # Errors
/// As [`write`](write()).
pub fn draw(
    trace: &Trace,
    file: Option<&Path>,
    mut say: impl FnMut(String),
) -> Result<(), ViewError> {
    let Some(path) = file else {
        return Ok(());
    };
    write(trace, path)?;
    say(format!("wrote {}", path.display()));
    if path.extension().is_some_and(|ending| ending == "shiviz") {
        say(format!("its parser expression: {}", shiviz::PARSER));
    }
    Ok(())
}

/// `.txt, .svg or .jsonl`.
fn endings() -> impl Display {
    let endings = VIEWS.map(|(ending, _)| format!(".{ending}"));
    let (last, others) = endings.split_last().expect("there are views");
    format!("{} or {last}", others.join(", "))
}

/// Replaces a file by another, whole, with the permissions of the old one. Something other than a
/// file, such as a pipe, is written into.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return fs::write(path, bytes);
    }
    // If a link leads to a file, that file is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = path.with_file_name(format!(".{}.new", process::id()));
    let written = File::create_new(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| {
            there.map_or(Ok(()), |there| fs::set_permissions(&beside, there.permissions()))
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside); // it may never have been there
    }
    written
}
