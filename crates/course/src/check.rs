//! Having the reader's file judged, whatever it does.
//!
//! The exercise's program is built, and then run within [`Bounds`]. A verdict is the judge's own
//! word and comes with its [seal]; where the program ended without one, the reader's code ended it,
//! and that is reported as what it is.

use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitStatus};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context;
use checks::screen::COLOUR;
use checks::{Screen, Verdict, seal};
use serde_json::Value;

use crate::bounded::{self, Bounds, End, Ran};
use crate::lessons::Lesson;

/// For cargo: a first build takes as long as it takes, and a message is some kilobytes.
const BUILD: Bounds = Bounds { time: Duration::MAX, output: 1024 * 1024 };

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The judge has given its verdict.
    Judged(Verdict),
    /// There was nothing to run.
    DoesNotCompile,
    /// It did not terminate in time.
    TimedOut,
    /// The reader's code ended the judge's process.
    Ended,
    /// The reader did not want to wait.
    Interrupted,
}

impl Outcome {
    /// What the screens call it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Judged(Verdict::Pass) => "PASS",
            Outcome::Judged(Verdict::Wrong) | Outcome::Ended => "WRONG",
            Outcome::Judged(Verdict::NotStarted) => "NOT STARTED",
            Outcome::DoesNotCompile => "DOES NOT COMPILE",
            Outcome::Judged(Verdict::TimedOut) | Outcome::TimedOut => "TIMED OUT",
            Outcome::Interrupted => "INTERRUPTED",
        }
    }

    /// The exit code that says so.
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::Judged(verdict) => verdict.exit_code(),
            Outcome::Ended => Verdict::Wrong.exit_code(),
            Outcome::TimedOut => Verdict::TimedOut.exit_code(),
            Outcome::DoesNotCompile => 5,
            // What a shell makes of SIGINT.
            Outcome::Interrupted => 130,
        }
    }
}

/// What came of a check, and what the reader sees of it.
#[derive(Debug)]
pub struct Checked {
    /// In a word.
    pub outcome: Outcome,
    /// The screen: what the program printed, and what is to be said beyond that.
    pub screen: Vec<u8>,
}

/// What it takes to check.
#[derive(Debug)]
pub struct Checker<'a> {
    /// The root of the course.
    pub root: &'a Path,
    /// The cargo that builds.
    pub cargo: OsString,
    /// What the exercise's program may take.
    pub bounds: Bounds,
    /// Set when the reader presses Ctrl-C.
    pub interrupted: &'a AtomicBool,
    /// The columns of the reader's terminal.
    pub columns: usize,
    /// Whether it shows colours.
    pub colour: bool,
}

impl Checker<'_> {
    /// Builds a lesson's exercise and runs it with `arguments`. The compiler's words go to stderr
    /// as they come.
    ///
    /// # Errors
    /// If cargo or the program cannot be run.
    pub fn check(&self, lesson: &Lesson, arguments: &[&str]) -> anyhow::Result<Checked> {
        let file = lesson.exercise();
        if !self.root.join(&file).is_file() {
            return Ok(self.gone(lesson));
        }
        let program = match self.build(lesson)? {
            Ok(program) => program,
            Err(outcome) => {
                let why = match outcome {
                    Outcome::Interrupted => "nothing was run".to_owned(),
                    _ => format!("the compiler's words are above; the file is {}", file.display()),
                };
                return Ok(self.unjudged(outcome, lesson, Vec::new(), &why));
            }
        };
        self.run(lesson, &program, arguments)
    }

    /// Returns the program, or why there is none.
    fn build(&self, lesson: &Lesson) -> anyhow::Result<Result<PathBuf, Outcome>> {
        let mut cargo = Command::new(&self.cargo);
        cargo.current_dir(self.root);
        cargo.args(["build", "--quiet", "--package", "exercises", "--bin"]);
        cargo.arg(format!("exercise-{}", lesson.name));
        cargo.arg("--message-format=json-render-diagnostics");
        let Ran { end, output } =
            bounded::run_with_stderr(cargo, BUILD, self.interrupted).context("cannot run cargo")?;
        match end {
            End::Exited(status) if status.success() => {}
            End::Exited(status) if status.code().is_some() => {
                return Ok(Err(Outcome::DoesNotCompile));
            }
            // Another process may have ended it, too.
            End::Exited(_) | End::Interrupted | End::TimedOut => {
                return Ok(Err(Outcome::Interrupted));
            }
        }
        let program = executable(&output).context("cargo does not say where the program is")?;
        Ok(Ok(program))
    }

    fn run(&self, lesson: &Lesson, program: &Path, arguments: &[&str]) -> anyhow::Result<Checked> {
        let token = token();
        let mut command = Command::new(program);
        // The judge reports a panic by its message and place.
        command
            .env("RUST_BACKTRACE", "0")
            .args(arguments)
            .current_dir(self.root)
            // It prints into a pipe, and so cannot ask the terminal.
            .env("COLUMNS", self.columns.to_string())
            .env(seal::TOKEN, &token);
        if self.colour {
            command.env(COLOUR, "1");
        } else {
            command.env_remove(COLOUR);
        }
        let ran = bounded::run(command, self.bounds, self.interrupted);
        let Ran { end, output } =
            ran.with_context(|| format!("cannot run {}", program.display()))?;
        if let Some((screen, verdict)) = seal::take(&output, &token) {
            let (outcome, screen) = (Outcome::Judged(verdict), seal::heard(screen, &token));
            return Ok(Checked { outcome, screen });
        }
        let output = seal::heard(&output, &token);
        let (outcome, why) = match end {
            End::Exited(status) => (Outcome::Ended, how_it_ended(status, &output)),
            End::Interrupted => (Outcome::Interrupted, "no verdict".to_owned()),
            End::TimedOut => {
                let seconds = self.bounds.time.as_secs_f64();
                let why =
                    format!("no verdict after {seconds} s: on some case your code does not return");
                (Outcome::TimedOut, why)
            }
        };
        Ok(self.unjudged(outcome, lesson, output, &why))
    }

    /// Adds to what the program printed what the judge could not say.
    fn unjudged(&self, outcome: Outcome, lesson: &Lesson, printed: Vec<u8>, why: &str) -> Checked {
        let mut screen = printed;
        if screen.last().is_some_and(|&last| last != b'\n') {
            screen.push(b'\n');
        }
        let file = lesson.exercise().display().to_string();
        let mut on = Screen::new(&mut screen, self.columns);
        on.headline(&lesson.name, outcome.word(), why)
            .and_then(|()| on.labelled("file", &file))
            .expect("a Vec takes everything");
        Checked { outcome, screen }
    }

    /// Without its file an exercise does not compile either; but the compiler would not say how to
    /// get it back.
    fn gone(&self, lesson: &Lesson) -> Checked {
        let back = format!("cargo run -- reset {}", lesson.name);
        let why = "its file is not there";
        let mut gone = self.unjudged(Outcome::DoesNotCompile, lesson, Vec::new(), why);
        Screen::new(&mut gone.screen, self.columns)
            .command("next", &back)
            .expect("a Vec takes everything");
        gone
    }
}

/// The program that cargo's messages name, one JSON object a line.
fn executable(messages: &[u8]) -> Option<PathBuf> {
    let messages = messages.split(|&byte| byte == b'\n');
    let mut messages = messages.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    messages.find_map(|message| Some(message["executable"].as_str()?.into()))
}

/// Something that the reader's code does not print by accident.
fn token() -> String {
    format!("{:016x}", RandomState::new().hash_one(process::id()))
}

/// Says what happened to a judge that was not allowed to come to its verdict.
fn how_it_ended(status: ExitStatus, output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    // The runtime's words for it; the system knows both as an abort only.
    if output.contains("has overflowed its stack") {
        return "your code overflowed the stack: something calls itself without end".to_owned();
    }
    if output.contains("memory allocation of") {
        return "your code asked for more memory than there is".to_owned();
    }
    match status.code() {
        Some(code) => format!(
            "your code ended the whole program, with exit code {code}, before the judge came \
             to a verdict"
        ),
        None => format!("your code was ended by the system: {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_in_cargos_messages() {
        let messages = br#"{"reason":"compiler-artifact","executable":null,"fresh":true}
{"reason":"compiler-artifact","executable":"C:\\a \"b\"\\exercise-echo.exe","fresh":true}
{"reason":"build-finished","success":true}"#;
        let program = executable(messages).unwrap();
        assert_eq!(program, Path::new(r#"C:\a "b"\exercise-echo.exe"#));
        assert_eq!(executable(br#"{"executable":"/tmp/a"#), None);
        assert_eq!(executable(br#"{"executable":null}"#), None);
    }

    #[test]
    fn each_outcome_has_its_exit_code() {
        let codes = [
            Outcome::Judged(Verdict::Pass),
            Outcome::Judged(Verdict::Wrong),
            Outcome::Ended,
            Outcome::Judged(Verdict::NotStarted),
            Outcome::TimedOut,
            Outcome::DoesNotCompile,
            Outcome::Interrupted,
        ]
        .map(Outcome::exit_code);
        assert_eq!(codes, [0, 1, 1, 3, 4, 5, 130]);
    }
}
