//! The commands: each reads what it needs, does one thing, and returns the exit code.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use course::bounded::Bounds;
use course::check::{Checked, Checker, Outcome};
use course::exercise::{self, Reset};
use course::lessons::{self, Lesson};
use course::progress::{Progress, Status};
use course::{BadArgument, map, root};
use narration::{Narrator, WithHint};
use verdict::{Screen, Verdict};

/// The course, as the reader has it.
pub(crate) struct Course {
    root: PathBuf,
    lessons: Vec<Lesson>,
    progress: Progress,
    narration: narration::Args,
    pub(crate) narrator: Narrator<'static>,
}

impl Course {
    /// Finds it and reads its pages and the progress.
    pub(crate) fn open(narration: narration::Args) -> anyhow::Result<Course> {
        let here = env::current_dir().context("cannot find the current folder")?;
        let root = root::find(&here)
            .context("the course is not found from here")
            .hint("change into its folder, the one with lessons/ in it")?;
        let narrator = Narrator::new(&narration);
        Ok(Course {
            lessons: lessons::read(&root)?,
            progress: Progress::read(&root)?,
            root,
            narration,
            narrator,
        })
    }

    /// The main job: the map, and then the next lesson.
    pub(crate) fn begin(&mut self) -> anyhow::Result<ExitCode> {
        self.show()?;
        if let Some(next) = map::next(&self.with_status()) {
            let goes_on = format!("runs {}", next.name);
            self.narrator.pause(&goes_on)?;
            return self.run_next();
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Shows the map.
    pub(crate) fn show(&mut self) -> anyhow::Result<()> {
        let map = map::draw(&self.with_status(), self.narrator.width());
        self.narrator.picture(&map)?;
        Ok(())
    }

    /// Runs the first lesson that is not done.
    pub(crate) fn run_next(&mut self) -> anyhow::Result<ExitCode> {
        match map::next(&self.with_status()).cloned() {
            Some(next) => self.run_lesson(&next),
            None => {
                self.narrator.say("All lessons are done.")?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    fn with_status(&self) -> Vec<(&Lesson, Status)> {
        let with_status = |lesson| (lesson, self.progress.status(&self.root, lesson));
        self.lessons.iter().map(with_status).collect()
    }

    /// The lesson of that name or number.
    pub(crate) fn find(&self, called: &str) -> Result<Lesson, BadArgument> {
        lessons::find(&self.lessons, called).cloned()
    }

    /// Runs a lesson's own program, and says what is left to do.
    pub(crate) fn run_lesson(&mut self, lesson: &Lesson) -> anyhow::Result<ExitCode> {
        let mut flags = Vec::new();
        if self.narration.no_pause {
            flags.push("--no-pause".into());
        }
        flags.push(format!("--color={}", self.narration.color).into());
        let status = self.cargo_run(lesson, &flags).status().context("cannot run cargo")?;
        if status.success() {
            self.after(lesson)?;
        }
        Ok(exit_code(status))
    }

    fn after(&mut self, lesson: &Lesson) -> anyhow::Result<()> {
        if self.progress.status(&self.root, lesson) == Status::Done {
            return Ok(());
        }
        let Lesson { name, .. } = lesson;
        // The narrator does not know that a lesson has run meanwhile.
        io::stdout().write_all(b"\n")?;
        if lesson.has_exercise {
            let file = lesson.exercise();
            let yours = format!("Your turn: {}, then cargo run -- check {name}", file.display());
            self.narrator.say(&yours)?;
        } else if self.narrator.is_interactive() {
            self.narrator.pause(&format!("notes that {name} is done"))?;
            // At the end of input the reader has not pressed Enter.
            if self.narrator.is_interactive() {
                self.progress.done(name)?;
            }
        }
        Ok(())
    }

    /// Runs one of a lesson's sides in place of this program, so that Ctrl-C and the exit code are
    /// the side's own.
    pub(crate) fn become_lesson(
        &self,
        lesson: &Lesson,
        arguments: &[OsString],
    ) -> anyhow::Result<ExitCode> {
        let mut command = self.cargo_run(lesson, arguments);
        #[cfg(unix)]
        {
            let error = std::os::unix::process::CommandExt::exec(&mut command);
            Err(error).context("cannot run cargo")
        }
        #[cfg(not(unix))]
        {
            Ok(exit_code(command.status().context("cannot run cargo")?))
        }
    }

    fn cargo_run(&self, lesson: &Lesson, arguments: &[OsString]) -> Command {
        let mut command = Command::new(cargo());
        command.arg("run");
        // Cargo's own words are only in the way, but for the first time, when there is much to
        // build.
        if is_built(lesson) {
            command.arg("--quiet");
        }
        let manifest = self.root.join("Cargo.toml");
        command
            .arg("--manifest-path")
            .arg(manifest)
            .args(["--package", &lesson.name, "--"])
            .args(arguments);
        command
    }

    /// Notes that a lesson without an exercise is done.
    pub(crate) fn done(&mut self, called: &str) -> anyhow::Result<ExitCode> {
        let Lesson { name, has_exercise, .. } = &self.find(called)?;
        if *has_exercise {
            let check = format!("cargo run -- check {name}");
            return Err(BadArgument(format!(
                "{name} has an exercise, and is done when {check} passes"
            ))
            .into());
        }
        self.progress.done(name)?;
        self.narrator.say(&format!("{name} is done."))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The lesson of that name or number, if it has an exercise.
    pub(crate) fn exercise(&self, called: &str) -> Result<Lesson, BadArgument> {
        let lesson = self.find(called)?;
        let name = &lesson.name;
        match lesson.has_exercise {
            true => Ok(lesson),
            false => Err(BadArgument(format!(
                "{name} has no exercise; cargo run -- done {name} notes that it is done"
            ))),
        }
    }

    /// One of the texts that an exercise's judge has.
    fn text(&self, lesson: &Lesson, file: &str) -> anyhow::Result<String> {
        let path = self.root.join(lesson.judge()).join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// All lessons that have an exercise.
    pub(crate) fn exercises(&self) -> Vec<Lesson> {
        let lessons = self.lessons.iter();
        lessons.filter(|lesson| lesson.has_exercise).cloned().collect()
    }

    /// The next lesson that has an exercise, or else the first.
    pub(crate) fn next_exercise(&self) -> Option<Lesson> {
        let all = self.exercises();
        let open = |lesson: &&Lesson| self.progress.status(&self.root, lesson) != Status::Done;
        all.iter().find(open).or(all.first()).cloned()
    }

    /// Judges one file.
    pub(crate) fn check(&mut self, called: &str, json: bool) -> anyhow::Result<ExitCode> {
        let lesson = self.exercise(called)?;
        listen_for_ctrl_c()?;
        let checked = self.judge(&lesson)?;
        if json {
            show(json_of(&lesson, &checked).as_bytes())?;
        } else {
            show(&checked.screen)?;
        }
        Ok(ExitCode::from(checked.outcome.exit_code()))
    }

    /// Judges every file, a line each.
    pub(crate) fn check_all(&mut self, json: bool) -> anyhow::Result<ExitCode> {
        listen_for_ctrl_c()?;
        let mut first = None;
        for lesson in self.exercises() {
            let checked = self.judge(&lesson)?;
            let Lesson { number, name, .. } = &lesson;
            if json {
                show(json_of(&lesson, &checked).as_bytes())?;
            } else {
                let word = checked.outcome.word();
                show(format!("  {number:02}  {name:16}{word}\n").as_bytes())?;
            }
            if checked.outcome != Outcome::Judged(Verdict::Pass) {
                first.get_or_insert((name.clone(), checked.outcome));
            }
            if checked.outcome == Outcome::Interrupted {
                break;
            }
        }
        let Some((name, outcome)) = first else {
            return Ok(ExitCode::SUCCESS);
        };
        if !json {
            show(format!("\n  next  cargo run -- check {name}\n").as_bytes())?;
        }
        Ok(ExitCode::from(outcome.exit_code()))
    }

    /// Has the reader's file judged, and notes a pass.
    pub(crate) fn judge(&mut self, lesson: &Lesson) -> anyhow::Result<Checked> {
        // The file is read before it is built: should it be saved meanwhile, then what passed is
        // not what is noted, and the map will say that it was edited since.
        let file = fs::read(self.path(lesson)).unwrap_or_default();
        let checked = self.run_exercise(lesson, &[])?;
        if checked.outcome == Outcome::Judged(Verdict::Pass) {
            self.progress.passed(&lesson.name, &file)?;
        }
        Ok(checked)
    }

    /// Shows one case of an exercise again.
    pub(crate) fn replay(&self, code: &str) -> anyhow::Result<ExitCode> {
        let (name, case) = code.split_once(':').ok_or_else(|| {
            BadArgument(format!(
                "\"{code}\" is not a replay string; one begins with its lesson, as in echo:end"
            ))
        })?;
        let lesson = self.exercise(name)?;
        listen_for_ctrl_c()?;
        let Checked { outcome, screen } = self.run_exercise(&lesson, &["replay", case])?;
        show(&screen)?;
        Ok(ExitCode::from(outcome.exit_code()))
    }

    /// Shows the hint of that level, or else the one that fits the reader's file as it is.
    pub(crate) fn hint(&self, called: &str, level: Option<u8>) -> anyhow::Result<ExitCode> {
        let lesson = self.exercise(called)?;
        listen_for_ctrl_c()?;
        show(&self.hint_for(&lesson, level)?)?;
        Ok(ExitCode::SUCCESS)
    }

    pub(crate) fn hint_for(&self, lesson: &Lesson, level: Option<u8>) -> anyhow::Result<Vec<u8>> {
        let mut screen = Vec::new();
        if level.is_none() {
            let checked = self.run_exercise(lesson, &["hint"])?;
            screen = checked.screen;
            if matches!(checked.outcome, Outcome::Judged(_) | Outcome::Interrupted) {
                return Ok(screen);
            }
            screen.push(b'\n');
        }
        // Where there is no verdict, it is not known which hint fits.
        let level = usize::from(level.unwrap_or(1));
        let hints = self.text(lesson, "hints.txt")?;
        Screen::new(&mut screen, self.narrator.width()).hint(&lesson.name, &hints, level)?;
        Ok(screen)
    }

    /// Shows how the reader's file differs from a right one, if that is what the reader wants.
    pub(crate) fn solution(&mut self, called: &str, yes: bool) -> anyhow::Result<ExitCode> {
        let lesson = self.exercise(called)?;
        let name = &lesson.name;
        if !yes && !self.narrator.is_interactive() {
            return Err(BadArgument(format!(
                "it is shown only if you say so: cargo run -- solution {name} --yes"
            ))
            .into());
        }
        let question = format!("Show a solution of {name}?");
        if !yes && !self.narrator.confirm(&question)? {
            return Ok(ExitCode::SUCCESS);
        }
        let [stub, right] = ["stub.rs", "reference.rs"].map(|file| self.text(&lesson, file));
        let solution = exercise::solution(&self.path(&lesson), &stub?, &right?)?;
        if solution.is_empty() {
            self.narrator.say("Your file is this solution.")?;
        } else {
            show(solution.as_bytes())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Makes files what a reader gets, and keeps beside them what they were.
    pub(crate) fn reset(&mut self, lessons: &[Lesson]) -> anyhow::Result<ExitCode> {
        for lesson in lessons {
            let stub = self.text(lesson, "stub.rs")?;
            let file = lesson.exercise().display().to_string();
            let report = match exercise::reset(&self.path(lesson), &stub)? {
                Reset::Untouched => format!("{file} is as you got it."),
                Reset::Restored => format!("{file} is there again."),
                Reset::Kept(kept) => {
                    let kept = kept.file_name().unwrap_or_default().display();
                    format!("{file} is as you got it. What it was is beside it, in {kept}.")
                }
            };
            self.narrator.say(&report)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Where a lesson's file is.
    pub(crate) fn path(&self, lesson: &Lesson) -> PathBuf {
        self.root.join(lesson.exercise())
    }

    fn run_exercise(&self, lesson: &Lesson, arguments: &[&str]) -> anyhow::Result<Checked> {
        let checker = Checker {
            root: &self.root,
            cargo: cargo(),
            bounds: Bounds::default(),
            interrupted: &INTERRUPTED,
            columns: self.narrator.width(),
            colour: self.narrator.is_coloured(),
        };
        checker.check(lesson, arguments)
    }
}

/// Ends the check that runs.
pub(crate) static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn listen_for_ctrl_c() -> anyhow::Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")
}

/// A command that reads only the beginning, as `head` does, still gets the exit code.
pub(crate) fn show(screen: &[u8]) -> io::Result<()> {
    let mut out = io::stdout();
    match out.write_all(screen).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// What came of a check, as one line for another program.
fn json_of(lesson: &Lesson, Checked { outcome, screen }: &Checked) -> String {
    let line = serde_json::json!({
        "lesson": lesson.name,
        "file": lesson.exercise(),
        "verdict": outcome.word(),
        "exit_code": outcome.exit_code(),
        "screen": String::from_utf8_lossy(screen),
    });
    format!("{line}\n")
}

/// The cargo that runs us, which is the one that built us.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Whether the lesson's program lies beside this one.
fn is_built(lesson: &Lesson) -> bool {
    let program = format!("{}{}", lesson.name, env::consts::EXE_SUFFIX);
    env::current_exe().is_ok_and(|own| own.with_file_name(program).exists())
}

/// A program that a signal ended has no exit code to pass on.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
