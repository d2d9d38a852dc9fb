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
use course::progress::{Progress, Status, next};
use course::replace;
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

    /// The main job: the map, and then the next lesson. Where nothing waits for the reader, the
    /// lesson moves the map out of sight, and so it comes once more.
    pub(crate) fn begin(&mut self) -> anyhow::Result<ExitCode> {
        let is_interactive = self.narrator.is_interactive();
        self.show(is_interactive.then(|| self.narrator.height()))?;
        let Some(next) = self.next() else {
            return Ok(ExitCode::SUCCESS);
        };
        self.narrator.pause(&format!("runs {}", next.name))?;
        let code = self.run_lesson(&next)?;
        if !is_interactive {
            self.show(None)?;
        }
        Ok(code)
    }

    /// Shows the map, all of it or what fits into that many rows.
    pub(crate) fn show(&mut self, height: Option<usize>) -> anyhow::Result<()> {
        // Another terminal may have noted something.
        self.progress.refresh()?;
        let map = map::draw(&self.with_status(), self.narrator.width(), height);
        self.narrator.picture(&map)?;
        Ok(())
    }

    /// Runs the next lesson.
    pub(crate) fn run_next(&mut self) -> anyhow::Result<ExitCode> {
        match self.next() {
            Some(next) => self.run_lesson(&next),
            None => {
                self.narrator.say("All lessons are done.")?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    /// The next lesson.
    pub(crate) fn next(&self) -> Option<Lesson> {
        next(&self.with_status()).cloned()
    }

    /// The next lesson that has an exercise.
    pub(crate) fn next_exercise(&self) -> Option<Lesson> {
        let mut lessons = self.with_status();
        lessons.retain(|(lesson, _)| lesson.has_exercise);
        next(&lessons).cloned()
    }

    fn with_status(&self) -> Vec<(&Lesson, Status)> {
        let with_status = |lesson| (lesson, self.progress.status(&self.root, lesson));
        self.lessons.iter().map(with_status).collect()
    }

    /// The lesson of that name or number.
    pub(crate) fn find(&self, called: &str) -> Result<Lesson, BadArgument> {
        lessons::find(&self.lessons, called).cloned()
    }

    /// Runs the lesson that is the first of these words. Any others are arguments of its own
    /// program, perhaps behind a `--`.
    pub(crate) fn run(&mut self, words: &[OsString]) -> anyhow::Result<ExitCode> {
        let [called, arguments @ ..] = words else { unreachable!("clap asks for one") };
        let lesson = self.find(&called.to_string_lossy())?;
        match arguments {
            [] => self.run_lesson(&lesson),
            [dashes, arguments @ ..] if dashes == "--" => self.become_lesson(&lesson, arguments),
            arguments => self.become_lesson(&lesson, arguments),
        }
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
            let page = lesson.page();
            self.narrator.say(&format!(
                "Go on with the page, {}. Your turn: {}, then cargo run -- check {name}",
                page.display(),
                file.display()
            ))?;
        } else if self.narrator.is_interactive() {
            self.narrator
                .pause_or(&format!("notes that {name} is done"), "q Enter leaves it open")?;
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
            let what = format!("{name} has an exercise, and is done when that passes");
            return Err(BadArgument::new(what, format!("cargo run -- check {name}")).into());
        }
        self.progress.done(name)?;
        self.narrator.say(&format!("{name} is done."))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Notes that lessons are known already. What is done stays done.
    pub(crate) fn skip(&mut self, called: &[String]) -> anyhow::Result<ExitCode> {
        let mut skipped = Vec::new();
        for lesson in lessons::find_all(&self.lessons, called)? {
            if self.progress.status(&self.root, lesson) == Status::Open {
                self.progress.skip(&lesson.name)?;
                skipped.push(&lesson.name[..]);
            }
        }
        self.narrator.say(&match &skipped[..] {
            [] => "All of these are done or skipped already.".to_owned(),
            names => {
                let names = names.join(", ");
                format!("Skipped: {names}. cargo run -- reset NAME opens one again.")
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }

    /// The lesson of that name or number, if it has an exercise.
    pub(crate) fn exercise(&self, called: &str) -> Result<Lesson, BadArgument> {
        let lesson = self.find(called)?;
        let name = &lesson.name;
        match lesson.has_exercise {
            true => Ok(lesson),
            false => Err(BadArgument::new(
                format!("{name} has no exercise"),
                format!("cargo run -- done {name} notes that it is done"),
            )),
        }
    }

    /// The exercise of that name or number, or else the next one, which is reported.
    fn exercise_or_next(&self, called: Option<&str>) -> Result<Lesson, BadArgument> {
        if let Some(called) = called {
            return self.exercise(called);
        }
        let next = self.open_exercise()?;
        let Lesson { number, name, .. } = &next;
        narration::log(format!("next: {number:02} {name}, {}", next.exercise().display()));
        Ok(next)
    }

    /// The next exercise, for a command that needs one.
    pub(crate) fn open_exercise(&self) -> Result<Lesson, BadArgument> {
        let all_done = "every exercise is done or skipped";
        let name_one = "name the one you mean; cargo run -- list shows them all";
        self.next_exercise().ok_or_else(|| BadArgument::new(all_done, name_one))
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

    /// Judges one file.
    pub(crate) fn check(&mut self, called: Option<&str>, json: bool) -> anyhow::Result<ExitCode> {
        let lesson = self.exercise_or_next(called)?;
        listen_for_ctrl_c()?;
        let checked = self.judge(&lesson)?;
        if json {
            show(json_of(&lesson, &checked).as_bytes())?;
        } else {
            show(&checked.screen)?;
            if checked.outcome == Outcome::Judged(Verdict::Pass) {
                show(self.after_pass().as_bytes())?;
            }
        }
        Ok(ExitCode::from(checked.outcome.exit_code()))
    }

    /// What to read after a pass.
    pub(crate) fn after_pass(&self) -> String {
        match self.next() {
            Some(next) => {
                let page = next.page();
                format!("  next    {:02} {}: {}\n", next.number, next.name, page.display())
            }
            None => "  next    nothing: all lessons are done\n".to_owned(),
        }
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
                first.get_or_insert(checked.outcome);
            }
            if checked.outcome == Outcome::Interrupted {
                break;
            }
        }
        if let (Some(next), false) = (self.next_exercise(), json) {
            show(format!("\n  next  cargo run -- check {}\n", next.name).as_bytes())?;
        }
        Ok(first.map_or(ExitCode::SUCCESS, |outcome| ExitCode::from(outcome.exit_code())))
    }

    /// Has the reader's file judged, and notes a pass.
    pub(crate) fn judge(&mut self, lesson: &Lesson) -> anyhow::Result<Checked> {
        // The file is read before it is built: should it be saved meanwhile, then what passed is
        // not what is noted, and the map will say that it was edited since.
        let file = replace::read(&self.path(lesson)).unwrap_or_default();
        let checked = self.run_exercise(lesson, &[])?;
        if checked.outcome == Outcome::Judged(Verdict::Pass)
            && let Err(error) = self.progress.passed(&lesson.name, &file)
        {
            // In a folder that is read-only the verdict stands all the same.
            narration::log(format!("error: the pass is not noted: {error:#}"));
        }
        Ok(checked)
    }

    /// Shows one case of an exercise again.
    pub(crate) fn replay(&self, code: &str) -> anyhow::Result<ExitCode> {
        let (name, case) = code.split_once(':').ok_or_else(|| {
            let what = format!("\"{code}\" is not a replay string");
            BadArgument::new(what, "one begins with its lesson, as in echo:end")
        })?;
        let lesson = self.exercise(name)?;
        listen_for_ctrl_c()?;
        let Checked { outcome, screen } = self.run_exercise(&lesson, &["replay", case])?;
        show(&screen)?;
        Ok(ExitCode::from(outcome.exit_code()))
    }

    /// Shows the hint of that level, or else the one that fits the reader's file as it is.
    pub(crate) fn hint(&self, called: Option<&str>, level: Option<u8>) -> anyhow::Result<ExitCode> {
        let lesson = self.exercise_or_next(called)?;
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
    pub(crate) fn solution(&mut self, called: Option<&str>, yes: bool) -> anyhow::Result<ExitCode> {
        let lesson = self.exercise_or_next(called)?;
        let name = &lesson.name;
        if !yes && !self.narrator.is_interactive() {
            let what = "a solution is shown only if you say so";
            let next = format!("cargo run -- solution {name} --yes");
            return Err(BadArgument::new(what, next).into());
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

    /// Begins the lesson of that name or number again, or else the next exercise.
    pub(crate) fn reset(&mut self, called: Option<&str>) -> anyhow::Result<ExitCode> {
        let lesson = match called {
            Some(called) => self.find(called)?,
            None => self.exercise_or_next(None)?,
        };
        self.reset_lesson(&lesson)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Begins every lesson again.
    pub(crate) fn reset_all(&mut self) -> anyhow::Result<ExitCode> {
        for lesson in self.lessons.clone() {
            self.reset_lesson(&lesson)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Makes a lesson open and its file what a reader gets, and keeps beside it what that was.
    pub(crate) fn reset_lesson(&mut self, lesson: &Lesson) -> anyhow::Result<()> {
        let was_open = self.progress.status(&self.root, lesson) == Status::Open;
        let report = if lesson.has_exercise {
            let stub = self.text(lesson, "stub.rs")?;
            let file = lesson.exercise().display().to_string();
            match exercise::reset(&self.path(lesson), &stub)? {
                Reset::Untouched => format!("{file} is as you got it."),
                Reset::Restored => format!("{file} is there again."),
                Reset::Kept(kept) => {
                    let kept = kept.file_name().unwrap_or_default().display();
                    format!("{file} is as you got it. What it was is beside it, in {kept}.")
                }
            }
        } else {
            format!("{} is open.", lesson.name)
        };
        self.progress.reopen(&lesson.name)?;
        let opened =
            if was_open || !lesson.has_exercise { "" } else { " The lesson is open again." };
        self.narrator.say(&format!("{report}{opened}"))?;
        Ok(())
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
