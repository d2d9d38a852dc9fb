//! The views of a trace as files: which one, says the ending of the file's name.
//!
//! | ending | view |
//! |---|---|
//! | `.txt` | [`Trace::ladder`], 80 columns wide |
//! | `.svg` | [`Trace::svg`] |
//! | `.html` | [`Trace::html`], with the file's name for its title |
//! | `.shiviz` | [`Trace::shiviz`] |
//! | `.jsonl` | the trace itself, [`file::write`] |
//!
//! Programs that make a trace flatten [`DrawArgs`] into their arguments, so that `--draw FILE` is
//! the same everywhere.
//!
//! * A file is there whole or not at all: it is written beside its place under another name, and
//!   then renamed.
//! * Another ending is an error before anything is written, and it names those that there are.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::{Trace, file, shiviz};

/// How a trace is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The picture in text.
    Text,
    /// The picture as SVG.
    Svg,
    /// The page to explore it in a browser.
    Html,
    /// The log that ShiViz reads.
    ShiViz,
    /// The trace itself.
    JsonLines,
}

/// The columns of the picture in text, which has no screen to ask.
const TEXT_COLUMNS: usize = 80;

/// Of every view the ending of its files.
const ENDINGS: [(&str, View); 5] = [
    ("txt", View::Text),
    ("svg", View::Svg),
    ("html", View::Html),
    ("shiviz", View::ShiViz),
    ("jsonl", View::JsonLines),
];

/// A file's name that says no view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its name must end in {}", endings())]
pub struct UnknownEnding;

/// Why a view was not written. What stood in the file before, if anything, stands there still.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The system does not take it.
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

impl View {
    /// The view that the ending of the file's name says.
    ///
    /// ```
    /// use std::path::Path;
    /// use trace::view::View;
    ///
    /// assert_eq!(View::of(Path::new("run.svg")), Ok(View::Svg));
    /// assert!(View::of(Path::new("run.png")).is_err());
    /// ```
    ///
    /// # Errors
    /// [`UnknownEnding`].
    pub fn of(path: &Path) -> Result<View, UnknownEnding> {
        let ending = path.extension().and_then(OsStr::to_str);
        let mut views = ENDINGS.into_iter();
        let found = views.find(|(known, _)| Some(*known) == ending);
        found.map(|(_, view)| view).ok_or(UnknownEnding)
    }

    /// Writes this view of a trace to a file, in place of what is there.
    ///
    /// # Errors
    /// [`ViewError`], which names the file.
    pub fn write(self, trace: &Trace, path: &Path) -> Result<(), ViewError> {
        let name = || path.display().to_string();
        let title = path.file_stem().unwrap_or_default().to_string_lossy();
        let bytes = self
            .bytes(trace, &title)
            .map_err(|source| ViewError::Trace { file: name(), source })?;
        replace(path, &bytes).map_err(|source| ViewError::File { file: name(), source })
    }

    fn bytes(self, trace: &Trace, title: &str) -> Result<Vec<u8>, file::WriteError> {
        Ok(match self {
            View::Text => trace.ladder(TEXT_COLUMNS).into_bytes(),
            View::Svg => trace.svg().into_bytes(),
            View::Html => trace.html(title).into_bytes(),
            View::ShiViz => trace.shiviz().into_bytes(),
            View::JsonLines => {
                let mut lines = Vec::new();
                file::write(trace, &mut lines)?;
                lines
            }
        })
    }
}

/// Where to draw, as every program that makes a trace is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct DrawArgs {
    /// Draw the run into a file, by its ending: .txt and .svg are pictures, .html is a page to
    /// explore, .shiviz a log for ShiViz, .jsonl the trace itself
    #[arg(long = "draw", value_name = "FILE", value_parser = drawing)]
    drawing: Option<Drawing>,
}

/// A file, and the view that goes into it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawing {
    path: PathBuf,
    view: View,
}

impl DrawArgs {
    /// Draws the trace, if that is asked for, and tells `say` where, a line at a time.
    ///
    /// # Errors
    /// [`ViewError`].
    pub fn draw(&self, trace: &Trace, mut say: impl FnMut(String)) -> Result<(), ViewError> {
        let Some(Drawing { path, view }) = &self.drawing else {
            return Ok(());
        };
        view.write(trace, path)?;
        say(format!("wrote {}", path.display()));
        if *view == View::ShiViz {
            say(format!("its parser expression: {}", shiviz::PARSER));
        }
        Ok(())
    }

    /// Ends the program as other wrong arguments do, if the picture would take the place of one of
    /// these `inputs`.
    pub fn refuse_inputs<P: CommandFactory>(&self, inputs: &[PathBuf]) {
        let real = |path: &PathBuf| fs::canonicalize(path).ok();
        let Some(drawn) = self.drawing.as_ref().and_then(|drawing| real(&drawing.path)) else {
            return;
        };
        if inputs.iter().filter_map(real).any(|input| input == drawn) {
            let why = format!("--draw would replace {}, which is read", drawn.display());
            P::command().error(ErrorKind::ArgumentConflict, why).exit();
        }
    }

    /// Ends the program as other wrong arguments do, if `--draw` was given before a command: there
    /// it is the run's own, and the command would pass over it.
    pub fn refuse_before_a_command<P: CommandFactory>(&self) {
        if self.drawing.is_some() {
            let why = "--draw stands after the command that draws";
            P::command().error(ErrorKind::ArgumentConflict, why).exit();
        }
    }
}

fn drawing(path: &str) -> Result<Drawing, UnknownEnding> {
    let path = PathBuf::from(path);
    let view = View::of(&path)?;
    Ok(Drawing { path, view })
}

/// `.txt, .svg or .jsonl`.
fn endings() -> impl Display {
    let endings = ENDINGS.map(|(ending, _)| format!(".{ending}"));
    let (last, others) = endings.split_last().expect("there are views");
    format!("{} or {last}", others.join(", "))
}

/// Puts a file in the place of another, whole, with its permissions. What is no file, as a pipe, is
/// written into.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return fs::write(path, bytes);
    }
    // Where a link leads to a file, that is the one to replace.
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
