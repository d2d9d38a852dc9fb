//! Where logs come from.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::input::Input;
use crate::line::{Fields, Mapping};

/// The most files that are read together.
const MAX_FILES: usize = 256;

/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;

/// Logs, and how they are read.
#[derive(Clone, Debug)]
pub struct Logs {
    files: Vec<PathBuf>,
    /// Their names for the fields.
    pub fields: Fields,
    /// Whether reading stops at the first bad line.
    pub strict: bool,
}

impl Logs {
    /// These files, `-` being standard input.
    ///
    /// # Errors
    /// If there are too many, or standard input is named twice, or two mappings are for one field.
    pub fn new(files: Vec<PathBuf>, mappings: &[Mapping], strict: bool) -> anyhow::Result<Logs> {
        let count = files.len();
        ensure!(count <= MAX_FILES, "{count} files, and {MAX_FILES} is the limit");
        let stdins = files.iter().filter(|file| is_stdin(file)).count();
        ensure!(stdins <= 1, "standard input can be read only once");
        if let Some(field) = Mapping::repeated(mappings) {
            bail!("--field names {field} twice");
        }
        Ok(Logs { files, fields: Fields::new(mappings), strict })
    }

    /// Opens all of them.
    ///
    /// # Errors
    /// If the system does not open one.
    pub(super) fn open(&self) -> anyhow::Result<Vec<Input<Box<dyn BufRead>>>> {
        let open = |file: &PathBuf| {
            let reader: Box<dyn BufRead> = match is_stdin(file) {
                true => Box::new(BufReader::with_capacity(BUFFER, io::stdin())),
                false => {
                    let opened = File::open(file);
                    let opened =
                        opened.with_context(|| format!("cannot open {}", file.display()))?;
                    Box::new(BufReader::with_capacity(BUFFER, opened))
                }
            };
            let name = match is_stdin(file) {
                true => "standard input".to_owned(),
                false => file.display().to_string(),
            };
            Ok(Input::new(name, reader))
        };
        self.files.iter().map(open).collect()
    }

    /// Whether all of them are files, which a pipe is not.
    pub(super) fn can_be_read_twice(&self) -> bool {
        let mut files = self.files.iter();
        files.all(|file| !is_stdin(file) && fs::metadata(file).is_ok_and(|file| file.is_file()))
    }

    /// How many bytes they have together, if that is known.
    pub(super) fn bytes(&self) -> Option<u64> {
        let files = self.files.iter();
        let bytes = files.map(|file| match is_stdin(file) {
            true => None,
            false => fs::metadata(file).ok().filter(|file| file.is_file()).map(|file| file.len()),
        });
        bytes.sum()
    }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}
