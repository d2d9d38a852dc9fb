//! Building the exercise's program, and whose fault it is where that fails.
//!
//! Cargo prints a [JSON object] a line. The compiler's words in them, and cargo's own between them,
//! go to stderr as they come. An error in the reader's file, or in the exercise's lines that call
//! it, is the reader's; any other, as that of a full disk, is not.
//!
//! [JSON object]: https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, IsTerminal, PipeReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, anyhow};
use narration::WithHint;
use serde_json::Value;

use crate::bounded::{self, Bounds, End, Ran};
use crate::check::Checker;
use crate::lessons::Lesson;

/// A first build takes what it takes; its output is read as it comes.
const BOUNDS: Bounds = Bounds { time: Duration::MAX, memory: u64::MAX, output: 0 };

/// What came of a build.
pub(crate) enum Built {
    Program(PathBuf),
    /// The reader's file does not compile. It lacks these: what the exercise calls by name.
    Faulty(BTreeSet<String>),
    Interrupted,
}

impl Checker<'_> {
    /// Fails where the build does, and not through the reader's file.
    pub(crate) fn build(&self, lesson: &Lesson) -> anyhow::Result<Built> {
        let mut cargo = Command::new(&self.cargo);
        cargo.current_dir(self.root);
        cargo.args(["build", "--quiet", "--package", "exercises", "--bin"]);
        cargo.arg(format!("exercise-{}", lesson.name));
        let is_coloured = self.colour && io::stderr().is_terminal();
        let format = if is_coloured { "json-diagnostic-rendered-ansi" } else { "json" };
        cargo.arg(format!("--message-format={format}"));
        let files =
            [lesson.exercise(), PathBuf::from(format!("crates/exercises/src/{}.rs", lesson.name))];
        let relay = move |messages| relay(messages, &files);
        let Ran { end, output: Messages { program, has_fault, missing } } =
            bounded::run_reading(cargo, BOUNDS, self.interrupted, relay)
                .context("cannot build the exercise: cannot run cargo")
                .hint("it comes with Rust: https://rustup.rs")?;
        match end {
            End::Exited(status) if status.success() => {
                program.map(Built::Program).context("cargo does not say where the program is")
            }
            // Another process may have ended it, too.
            End::Exited(status) if status.code().is_none() => Ok(Built::Interrupted),
            End::Exited(_) if has_fault => Ok(Built::Faulty(missing)),
            End::Exited(_) => {
                let again = format!("cargo run -- check {}", lesson.name);
                let next = format!("the fault is not in your file; when it is fixed: {again}");
                Err(anyhow!("cannot build the exercise: cargo's words are above")).hint(next)
            }
            End::Interrupted | End::TimedOut => Ok(Built::Interrupted),
        }
    }
}

/// What cargo's messages say of an exercise.
#[derive(Default)]
struct Messages {
    program: Option<PathBuf>,
    /// Whether an error is the reader's.
    has_fault: bool,
    missing: BTreeSet<String>,
}

/// Takes from the messages what matters here, and shows the reader the rest. The files are the
/// reader's and the one that calls it.
fn relay(messages: PipeReader, files: &[PathBuf; 2]) -> Messages {
    let mut found = Messages::default();
    // An error ends the messages as their end does.
    for mut line in BufReader::new(messages).split(b'\n').map_while(Result::ok) {
        let words = match serde_json::from_slice::<Value>(&line) {
            Ok(message @ Value::Object(_)) => found.note(&message, files).into(),
            // Of the reader's errors cargo says only that they are there.
            _ if found.has_fault => Vec::new(),
            _ => {
                line.push(b'\n');
                line
            }
        };
        // A closed stderr does not stop a build.
        let _ = io::stderr().write_all(&words);
    }
    found
}

impl Messages {
    /// Returns what the reader sees of a message.
    fn note<'a>(&mut self, message: &'a Value, files: &[PathBuf; 2]) -> &'a str {
        if let Some(program) = message["executable"].as_str() {
            self.program = Some(program.into());
        }
        let message = &message["message"];
        let shown = message["rendered"].as_str().unwrap_or_default();
        if message["level"] == "error" {
            let spans = || message["spans"].as_array().into_iter().flatten();
            self.has_fault |= spans().any(|span| files.iter().any(|file| is_in(span, file)));
            let missing = missing(message);
            if spans().any(|span| is_in(span, &files[1])) && !missing.is_empty() {
                self.missing.extend(missing);
                return "";
            }
        }
        // It says how to read more about an error, which is not shown where a name is missing.
        let is_beside = message["level"] == "failure-note" && !self.missing.is_empty();
        if is_beside { "" } else { shown }
    }
}

/// The names that an error misses in the reader's file. Its message has them, and the module,
/// between backquotes.
fn missing(error: &Value) -> Vec<String> {
    let codes = ["E0412", "E0425", "E0432", "E0433"];
    let words = error["message"].as_str().unwrap_or_default();
    if !codes.iter().any(|code| error["code"]["code"] == *code) || !words.contains("`exercise") {
        return Vec::new();
    }
    let names = words.split('`').skip(1).step_by(2).filter_map(|path| path.rsplit("::").next());
    names.filter(|&name| name != "exercise").map(str::to_owned).collect()
}

/// Whether a span is in this file, or in what a macro makes of it.
fn is_in(span: &Value, file: &Path) -> bool {
    let name = span["file_name"].as_str().unwrap_or_default();
    let expanded = &span["expansion"]["span"];
    Path::new(name).ends_with(file) || (expanded.is_object() && is_in(expanded, file))
}
