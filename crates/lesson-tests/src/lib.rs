//! What the tests of every lesson share.
//!
//! A lesson promises its reader three things: that it behaves as all lessons do, that its
//! transcript is what it prints, and that its page quotes code and output as they are. Each
//! lesson's `tests/lesson.rs` says
//!
//! ```text
//! lesson_tests::lesson!();
//! ```
//!
//! which becomes one test for each promise, so that a failure has a name
//! (`lesson::contract_narrow`). They run the lesson's own program, as cargo has built it for this
//! very test; no test builds anything. What the lesson is, its folder and its servers, they read
//! from the manifest:
//!
//! ```toml
//! [package.metadata.lesson]
//! folder = "lessons/06-echo"
//! servers = ["serve"]
//! script = "scripts/pair"    # where it is not scripts/NAME
//! ```
//!
//! | tests | hold |
//! |---|---|
//! | `contract_…`, `help`, `wrong_flag`, `closed_stdout` | how it behaves in terminals and pipes |
//! | `server_…` | how each of its servers starts, ends, and reports that its port is taken |
//! | `script` | that its script pairs the sides, and leaves no process behind |
//! | `transcript` | that `tests/transcript.txt` is what a run prints |
//! | `page` | the page: its parts are there; its quotes, output, diagrams and links are real |
//!
//! With `SNAPSHOTS=overwrite` in the environment the last two write what they find instead.
//!
//! The macro also defines `LESSON`, a [`Lesson`], for the lesson's own tests of its sides as real
//! processes:
//!
//! ```no_run
//! # static LESSON: lesson_tests::Lesson = lesson_tests::Lesson::new("", "", "", "");
//! let (_server, addr) = LESSON.serve("serve --wire frames")?;
//! let addr = addr.to_string();
//! let sent = LESSON.run(["send", "--to", &addr, "--wire", "frames", "hello"])?;
//! assert_eq!(sent.expect_code(0)?.stdout, "Echo: hello\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Lesson::cluster`](cluster) starts nodes that know each other.
//!
//! No test depends on timing: what hangs is killed after [`process::TEST_TIMEOUT`], many times what
//! is allowed.

pub mod cluster;
mod contract;
mod diagrams;
mod document;
mod form;
mod links;
mod markdown;
mod page;
pub mod process;
mod quote;
mod recorded;
mod servers;
mod shell;
#[cfg(test)]
mod tests;
pub mod workspace;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, anyhow};
pub use anyhow::{Error, Result};
use serde::Deserialize;

use crate::process::Finished;

/// A lesson under test: its program, and where its files are.
pub struct Lesson {
    name: &'static str,
    question: &'static str,
    program: &'static str,
    manifest_dir: &'static str,
    /// The first narrated run, which several tests read; or why there is none.
    first_run: OnceLock<Result<String, String>>,
    /// The recorded transcript, with what the first run changes in it.
    transcript: OnceLock<Result<String, String>>,
}

/// `[package.metadata.lesson]` of a lesson's `Cargo.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The folder of the page, from the root of the project.
    pub(crate) folder: PathBuf,
    /// The arguments that start each server, without `--listen`, and with `{scratch}` for a folder
    /// of its own.
    pub(crate) servers: Vec<String>,
    /// The script that pairs the sides, where it has another name than the lesson.
    script: Option<PathBuf>,
    /// Whether the script needs network namespaces. Where there are none it says so, with the exit
    /// code 2.
    #[serde(default)]
    pub(crate) needs_namespaces: bool,
}

impl Manifest {
    /// The script that pairs the sides of the lesson `name`, from the root of the project; a lesson
    /// without servers needs none.
    pub(crate) fn script(&self, name: &str) -> Option<PathBuf> {
        let named_like_it = || (!self.servers.is_empty()).then(|| Path::new("scripts").join(name));
        self.script.clone().or_else(named_like_it)
    }
}

/// The tests of a lesson, in its `tests/lesson.rs`.
#[macro_export]
macro_rules! lesson {
    () => {
        static LESSON: $crate::Lesson = $crate::Lesson::new(
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_DESCRIPTION"),
            env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))),
            env!("CARGO_MANIFEST_DIR"),
        );

        mod lesson {
            use super::LESSON;

            $crate::lesson! { @tests
                contract_pipe contract_narrow contract_plain
                help wrong_flag closed_stdout
                server_names_the_taken_port
                transcript page
            }
            // Signals, and scripts.
            #[cfg(unix)]
            $crate::lesson! { @tests
                server_announces server_ends_on_sigint server_ends_on_sigterm script
            }
        }
    };
    (@tests $($test:ident)+) => {
        $(
            #[test]
            fn $test() -> $crate::Result<()> {
                LESSON.$test()
            }
        )+
    };
}

impl Lesson {
    /// What [`lesson!`] makes of the caller's package: its name, its description (which is the
    /// lesson's question), its program, and the folder of its manifest.
    pub const fn new(
        name: &'static str,
        question: &'static str,
        program: &'static str,
        manifest_dir: &'static str,
    ) -> Lesson {
        Lesson {
            name,
            question,
            program,
            manifest_dir,
            first_run: OnceLock::new(),
            transcript: OnceLock::new(),
        }
    }

    /// The lesson's program with these arguments, in the environment of [`process::command`],
    /// started where a reader starts it: at the root of the project.
    pub fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = process::command(self.program);
        command.args(args).current_dir(self.root());
        command
    }

    /// Runs the program to its end.
    ///
    /// # Errors
    /// See [`Process::finish`](process::Process::finish).
    pub fn run(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Finished> {
        process::run(self.command(args))
    }

    /// The transcript is what a run prints.
    pub fn transcript(&self) -> Result<()> {
        recorded::hold(&self.transcript_path(), self.recorded()?)
    }

    fn transcript_path(&self) -> PathBuf {
        Path::new(self.manifest_dir).join("tests/transcript.txt")
    }

    /// What the transcript says once this run is recorded.
    fn recorded(&self) -> Result<&str> {
        let recorded = self.transcript.get_or_init(|| {
            let old = fs::read_to_string(self.transcript_path()).unwrap_or_default();
            let new = self.first_run().map_err(|error| format!("{error:#}"))?;
            Ok(recorded::keep(&old, new))
        });
        recorded.as_deref().map_err(|error| anyhow!("{error}"))
    }

    fn first_run(&self) -> Result<&str> {
        let run = self
            .first_run
            .get_or_init(|| self.narrated_run(&[]).map_err(|error| format!("{error:#}")));
        run.as_deref().map_err(|error| anyhow!("{error}"))
    }

    fn name(&self) -> &'static str {
        self.name
    }

    /// The root of the project, which has its crates in `crates/`.
    fn root(&self) -> &'static Path {
        let root = Path::new(self.manifest_dir).ancestors().nth(2);
        root.expect("a lesson's crate is a folder in crates/")
    }

    fn manifest(&self) -> Result<Manifest> {
        workspace::manifest(Path::new(self.manifest_dir))?.with_context(|| {
            format!("{}/Cargo.toml has no [package.metadata.lesson]", self.manifest_dir)
        })
    }

    /// The page, from the root of the project.
    fn page_path(&self) -> Result<PathBuf> {
        Ok(self.manifest()?.folder.join("README.md"))
    }
}
