//! The files that the processes of a run have written, read and merged.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::file::{ReadError, SoFar, read_so_far};
use crate::merge::{MergeError, merge};
use trace::Trace;

/// Why files do not make a trace.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The system cannot open a file.
    #[error("cannot open {file}")]
    Open {
        /// The file.
        file: String,
        /// Why not.
        source: io::Error,
    },
    /// A file is not a trace.
    #[error("{file}")]
    Read {
        /// The file.
        file: String,
        /// What is wrong with it, and in which line.
        source: ReadError,
    },
    /// Two files contradict each other.
    #[error("{first} and {second}")]
    Two {
        /// A file.
        first: String,
        /// Another, or the same, given twice.
        second: String,
        /// Why not.
        source: MergeError,
    },
    /// The files contradict each other.
    #[error("the files are not of one run")]
    Merge(#[source] MergeError),
}

/// The trace of several files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// The run.
    pub trace: Trace,
    /// What is missing.
    pub cut: Vec<Cut>,
}

/// A line that was left out, since its file ends inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The file.
    pub file: String,
    /// The line's number.
    pub line: usize,
}

impl Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cut { file, line } = self;
        write!(f, "{file}: line {line} is cut, and left out: the file ends inside it")
    }
}

/// Reads files and merges them. `-` is `stdin`. A file may end inside a line, as that of a process
/// that was killed.
///
/// # Errors
/// [`FilesError`] names the file, and the line where it is one.
pub fn read(files: &[PathBuf], mut stdin: impl BufRead) -> Result<Together, FilesError> {
    let (mut traces, mut cut) = (Vec::new(), Vec::new());
    for path in files {
        let file = name(path);
        let so_far = match path.as_os_str() == "-" {
            true => read_so_far(&mut stdin),
            false => read_so_far(open(path)?),
        };
        match so_far {
            Ok(SoFar { trace, cut: line }) => {
                traces.push(trace);
                cut.extend(line.map(|line| Cut { file, line }));
            }
            Err(source) => return Err(FilesError::Read { file, source }),
        }
    }
    match merge(traces) {
        Ok(trace) => Ok(Together { trace, cut }),
        Err(source) => Err(match source.traces() {
            None => FilesError::Merge(source),
            Some([first, second]) => {
                FilesError::Two { first: name(&files[first]), second: name(&files[second]), source }
            }
        }),
    }
}

fn open(path: &Path) -> Result<BufReader<File>, FilesError> {
    let file = File::open(path).map_err(|source| FilesError::Open { file: name(path), source })?;
    Ok(BufReader::new(file))
}

fn name(path: &Path) -> String {
    match path.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}
