//! Having the reader's file judged, whatever it does.
//!
//! The exercise's program is built, and then run within [`Bounds`]. Its verdict is what stands in
//! the judge's [file](Report), however the program ended. Where there is none, the reader's code
//! ended the program, and that is reported as what it is, with the case that it was at.
//!
//! What the program prints is the reader's alone. A check tries thousands of cases, so what it
//! prints is left out, and the case that is shown is run once more to print for itself.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{self, Command, ExitStatus};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, anyhow};
use narration::WithHint;
use verdict::{CANNOT_WRITE, COLOUR, Report, Screen, Verdict};

use crate::BadArgument;
use crate::bounded::{self, Bounds, End, Ran};
use crate::build::Built;
use crate::lessons::Lesson;
use crate::replace;

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
            Outcome::Judged(verdict) => verdict.word(),
            Outcome::Ended => Verdict::Wrong.word(),
            Outcome::TimedOut => Verdict::TimedOut.word(),
            Outcome::DoesNotCompile => "DOES NOT COMPILE",
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
    /// What the program printed at the case that is shown, and then the screen of the verdict.
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
    /// If cargo or the program cannot be run, or fails through no fault of the reader's file.
    pub fn check(&self, lesson: &Lesson, arguments: &[&str]) -> anyhow::Result<Checked> {
        let reset = format!("cargo run -- reset {}", lesson.name);
        let cannot_run = |outcome, why: &str| self.unjudged(outcome, lesson, Vec::new(), why);
        match replace::read(&self.root.join(lesson.exercise())) {
            // The compiler would not say how to get it back.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let gone = cannot_run(Outcome::DoesNotCompile, "its file is not there");
                return Ok(self.with(gone, |on| on.command("next", &reset)));
            }
            // To the compiler this would be a fault of the program that includes it.
            read => read.with_context(|| format!("cannot read {}", lesson.exercise().display()))?,
        };
        match self.build(lesson)? {
            Built::Program(program) => self.judge(lesson, &program, arguments),
            Built::Interrupted => Ok(cannot_run(Outcome::Interrupted, "nothing was run")),
            Built::Faulty(missing) if missing.is_empty() => {
                Ok(cannot_run(Outcome::DoesNotCompile, "the compiler's words are above"))
            }
            Built::Faulty(missing) => {
                let names = missing.into_iter().collect::<Vec<_>>().join(", ");
                let stub = lesson.judge().join("stub.rs");
                let lacks = cannot_run(
                    Outcome::DoesNotCompile,
                    "the exercise calls what your file does not have",
                );
                Ok(self.with(lacks, |on| {
                    on.labelled(
                        "missing",
                        &format!("{names}: copy it, with its `use` line, from {}", stub.display()),
                    )?;
                    on.command("next", &reset)?;
                    on.labelled("", "begins anew and keeps your file beside the new one")
                }))
            }
        }
    }

    fn judge(
        &self,
        lesson: &Lesson,
        program: &Path,
        arguments: &[&str],
    ) -> anyhow::Result<Checked> {
        let (report, Ran { end, output }) = self.run(program, arguments)?;
        if let Some((verdict, screen)) = report.verdict {
            let is_wrong = matches!(verdict, Verdict::Wrong | Verdict::KeepsState);
            let printed = match (arguments, report.case) {
                (["replay", _], _) => output,
                ([], Some(place)) if is_wrong && !output.is_empty() => {
                    // The verdict stands, whatever becomes of this run.
                    self.run(program, &["replay", &format!("@{place}")])
                        .map_or(Vec::new(), |(_, ran)| ran.output)
                }
                _ => Vec::new(),
            };
            let screen = [whole_lines(printed), screen].concat();
            return Ok(Checked { outcome: Outcome::Judged(verdict), screen });
        }
        if let (Some(why), ["replay", case]) = (report.refused, arguments) {
            let refused = format!("no case of {} has the replay string \"{case}\"", lesson.name);
            let next =
                format!("cargo run -- check {} prints that of the first failure", lesson.name);
            return Err(BadArgument::new(format!("{refused}: {why}"), next).into());
        }
        let (outcome, why) = match end {
            End::Exited(status) => (Outcome::Ended, how_it_ended(status, &output)),
            End::Interrupted => {
                return Ok(self.unjudged(Outcome::Interrupted, lesson, output, "no verdict"));
            }
            End::TimedOut => {
                let seconds = self.bounds.time.as_secs_f64();
                (
                    Outcome::TimedOut,
                    format!("no verdict after {seconds} s: your code does not return"),
                )
            }
        };
        let mut ended = self.unjudged(outcome, lesson, without_runtime(output), &why);
        // The hint that follows is the next step.
        if let ["hint"] = arguments {
            return Ok(ended);
        }
        // How it ended stands, whatever becomes of this run.
        let draw = |place: usize| self.run(program, &["draw", &place.to_string()]).ok();
        let drawn = report.case.and_then(draw).and_then(|(report, _)| report.verdict);
        let Some((_, drawn)) = drawn else {
            let next = format!("cargo run -- hint {}", lesson.name);
            return Ok(self.with(ended, |on| on.command("next", &next)));
        };
        ended.screen.push(b'\n');
        ended.screen.extend(drawn);
        Ok(ended)
    }

    /// Runs the program, and returns what stands in the judge's file then.
    fn run(&self, program: &Path, arguments: &[&str]) -> anyhow::Result<(Report, Ran)> {
        let mut file = program.with_extension("").into_os_string();
        file.push(format!(".verdict-{}", process::id()));
        let mut command = Command::new(program);
        command
            .arg(&file)
            .args(arguments)
            // The judge reports a panic by its message and place.
            .env("RUST_BACKTRACE", "0")
            .current_dir(self.root)
            // It prints into a pipe, and so cannot ask the terminal.
            .env("COLUMNS", self.columns.to_string());
        if self.colour {
            command.env(COLOUR, "1");
        } else {
            command.env_remove(COLOUR);
        }
        let ran = bounded::run(command, self.bounds, self.interrupted);
        let report = Report::read(Path::new(&file));
        // The program may have ended before it made one.
        let _ = fs::remove_file(&file);
        let ran = ran.with_context(|| format!("cannot run {}", program.display()))?;
        let report = match report {
            Err(error) if error.kind() == ErrorKind::NotFound => Report::default(),
            read => {
                read.with_context(|| format!("cannot read the verdict in {}", file.display()))?
            }
        };
        let cannot_write =
            matches!(ran.end, End::Exited(status) if status.code() == Some(CANNOT_WRITE.into()));
        let said = String::from_utf8_lossy(&ran.output);
        // The reader's code may end with that exit code, too.
        if let (true, None, Some((_, why))) =
            (cannot_write, &report.verdict, said.rsplit_once(UNWRITTEN))
        {
            let folder = program.parent().unwrap_or(program).display();
            let next = format!("make room, or the right to write, in {folder}");
            return Err(anyhow!("cannot write the verdict: {}", why.trim())).hint(next);
        }
        Ok((report, ran))
    }

    /// Says of an outcome without the judge's screen what it is, below what the program printed.
    fn unjudged(&self, outcome: Outcome, lesson: &Lesson, printed: Vec<u8>, why: &str) -> Checked {
        let file = lesson.exercise().display().to_string();
        self.with(Checked { outcome, screen: whole_lines(printed) }, |on| {
            on.headline(&lesson.name, outcome.word(), why)?;
            on.labelled("file", &file)
        })
    }

    /// Adds to a screen.
    fn with(
        &self,
        mut checked: Checked,
        add: impl FnOnce(&mut Screen<'_>) -> io::Result<()>,
    ) -> Checked {
        add(&mut Screen::new(&mut checked.screen, self.columns)).expect("a Vec takes everything");
        checked
    }
}

/// How the judge reports that it could not write there.
const UNWRITTEN: &str = "error: cannot write the verdict: ";

/// The runtime's words before it aborts. The system knows both as an abort only.
const OVERFLOW: &str = "has overflowed its stack";
const ALLOCATION: &str = "memory allocation of ";

/// Says what happened to a judge that was not allowed to come to its verdict.
fn how_it_ended(status: ExitStatus, output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    if output.contains(OVERFLOW) {
        return "your code overflowed the stack: something calls itself without end".to_owned();
    }
    if output.contains(ALLOCATION) {
        return "your code asked for more memory than a check may take".to_owned();
    }
    match status.code() {
        Some(code) => format!(
            "your code ended the whole program, with exit code {code}, before the judge came \
             to a verdict"
        ),
        None => format!("your code was ended by the system: {status}"),
    }
}

/// What was printed, without the runtime's words, which the headline says in plainer ones. Those
/// about memory follow on what the reader's code printed without a newline.
fn without_runtime(printed: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&printed);
    let lines = text.split_inclusive('\n').filter(|line| {
        let ends = ["fatal runtime error: stack overflow", "note: run with `RUST_BACKTRACE"];
        !line.contains(OVERFLOW) && !ends.iter().any(|words| line.starts_with(words))
    });
    lines.map(|line| line.split(ALLOCATION).next().unwrap_or(line)).collect::<String>().into()
}

fn whole_lines(mut printed: Vec<u8>) -> Vec<u8> {
    if printed.last().is_some_and(|&last| last != b'\n') {
        printed.push(b'\n');
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

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
