//! The diagrams and plots on a page, each drawn by a command that the reader finds on it.
//!
//! A page shows `![what is seen](run.svg)` and has, in a `sh` fence, `cargo run -p NAME -- … --draw
//! lessons/…/run.svg`, or, for plots, `cargo run -p NAME --example NAME-plots -- lessons/…`, which
//! draws several. The command is run again, into another folder, and has to draw the same bytes. A
//! diagram that no command draws is refused: nothing would keep it correct.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use trace::Trace;

use crate::markdown::{fences, links};
use crate::process::{self, Finished};
use crate::recorded::hold;
use crate::{Lesson, shell};

/// A command of a page that draws into the page's folder.
#[derive(Debug, PartialEq, Eq)]
struct Drawing {
    /// The program's arguments, without `--draw` and the file.
    args: Vec<String>,
    /// From the root of the project.
    file: PathBuf,
}

impl Lesson {
    /// What the program writes into a file of this name, given `args` and `--draw`. It reports on
    /// standard error that it has.
    ///
    /// # Errors
    /// It does not draw.
    pub fn draw(&self, args: &[impl AsRef<OsStr>], name: impl AsRef<Path>) -> Result<String> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(name);
        let drawn = self.run_drawing(args, &file)?.expect_code(0)?;
        let report = format!("wrote {}\n", file.display());
        ensure!(
            drawn.stderr.starts_with(&report),
            "`--draw` reports on standard error `{}`; this printed: {}",
            report.trim_end(),
            drawn.stderr
        );
        fs::read_to_string(&file).with_context(|| format!("{} is not drawn", file.display()))
    }

    /// With nothing but `--draw`, the program draws this run.
    ///
    /// # Errors
    /// It does not draw, or something else.
    pub fn draws(&self, run: &Trace) -> Result<()> {
        let none: [&str; 0] = [];
        let lines = self.draw(&none, "run.jsonl")?;
        let drawn = views::file::read(lines.as_bytes())?;
        ensure!(drawn == *run, "run.jsonl has another run:\n{lines}");
        Ok(())
    }

    /// With `args`, `--draw` takes each ending that there is, and draws the same run as each view.
    ///
    /// # Errors
    /// An ending is refused, or a view shows another run.
    pub fn draws_each_view(&self, args: &[impl AsRef<OsStr>]) -> Result<()> {
        let run = views::file::read(self.draw(args, "run.jsonl")?.as_bytes())?;
        for (name, view) in [
            ("run.txt", run.ladder(80)),
            ("run.svg", views::svg(&run)),
            ("run.html", views::html(&run, "run")),
            ("run.shiviz", views::shiviz::log(&run)),
        ] {
            let drawn = self.draw(args, name)?;
            ensure!(drawn == view, "{name} shows another run:\n{drawn}");
        }
        Ok(())
    }

    /// `--draw` in front of a command is refused with the place where it stands: it would be taken
    /// for the whole lesson's.
    ///
    /// # Errors
    /// It is taken, or refused in other words.
    pub fn refuses_to_draw_before(&self, command: &str) -> Result<()> {
        let args = ["--draw", "run.svg"].into_iter().chain(command.split(' '));
        let before = self.run(args)?.expect_code(2)?;
        let why = "error: --draw stands after the command that draws\n";
        ensure!(before.stderr.starts_with(why), "{}", before.stderr);
        Ok(())
    }

    /// With `args`, `--draw` refuses a file that has another ending than its views, with exit code
    /// 2, and one in a folder that there is not, in one line and with exit code 1. Either way
    /// nothing is on standard output.
    pub fn refuses_to_draw(&self, args: &[impl AsRef<OsStr>]) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let another = self.run_drawing(args, &folder.path().join("run.png"))?;
        let another = another.expect_code(2)?;
        let nowhere = folder.path().join("none").join("run.svg");
        let nowhere = self.run_drawing(args, &nowhere)?.expect_code(1)?;
        for (refused, why) in [(&another, "its name must end in "), (&nowhere, "cannot write ")] {
            ensure!(
                refused.stdout.is_empty()
                    && refused
                        .stderr
                        .lines()
                        .next()
                        .is_some_and(|line| { line.starts_with("error: ") && line.contains(why) }),
                "a file that cannot be drawn is an error that says `{why}`; \
                 this printed: {refused:#?}"
            );
        }
        ensure!(nowhere.stderr.lines().count() == 1, "{}", nowhere.stderr);
        ensure!(fs::read_dir(folder.path())?.next().is_none(), "it has left a file");
        Ok(())
    }

    fn run_drawing(&self, args: &[impl AsRef<OsStr>], file: &Path) -> Result<Finished> {
        let args = args.iter().map(AsRef::as_ref);
        self.run(args.chain(["--draw".as_ref(), file.as_os_str()]))
    }

    /// What is wrong with the diagrams of the page `file`. With `SNAPSHOTS=overwrite` they are
    /// drawn anew.
    ///
    /// # Errors
    /// A command does not draw.
    pub(crate) fn diagrams(&self, file: &Path, page: &str) -> Result<Vec<String>> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let commands = commands(page);
        let mut drawn = BTreeMap::new();
        for Drawing { args, file } in drawings(&commands, self.name(), folder) {
            let text = self.draw(&args, file.file_name().unwrap_or_default())?;
            drawn.insert(file, text);
        }
        if commands.iter().any(|words| plots_into(words, self.name(), folder)) {
            drawn.extend(self.plots(folder)?);
        }
        let mut complaints = undrawn(page, folder, &drawn.keys().collect());
        for (file, text) in &drawn {
            let held = hold(&self.root().join(file), text);
            complaints.extend(held.err().map(|error| error.to_string()));
        }
        Ok(complaints)
    }

    /// What the lesson's example `NAME-plots` draws, as files of `folder`. Cargo has built it
    /// beside the program, for this test.
    fn plots(&self, folder: &Path) -> Result<Vec<(PathBuf, String)>> {
        let scratch = tempfile::tempdir()?;
        // Cargo puts the examples of all packages into one folder, so each needs a name of its own.
        let example = format!("{}-plots{}", self.name(), env::consts::EXE_SUFFIX);
        let example = Path::new(self.program).with_file_name("examples").join(example);
        let mut command = process::command(example);
        command.arg(scratch.path()).current_dir(self.root());
        process::run(command)?.expect_code(0)?;
        let plots = fs::read_dir(scratch.path())?.map(|plot| {
            let plot = plot?;
            Ok((folder.join(plot.file_name()), fs::read_to_string(plot.path())?))
        });
        plots.collect()
    }
}

/// The commands in the `sh` fences of a page.
fn commands(page: &str) -> Vec<Vec<String>> {
    let fences = fences(page).into_iter().filter(|fence| fence.language == "sh");
    fences.flat_map(|fence| shell::block(&fence.body)).collect()
}

/// `cargo run -p NAME --example NAME-plots -- FOLDER`
fn plots_into(words: &[String], package: &str, folder: &Path) -> bool {
    shell::run(words).is_some_and(|run| {
        let is_plots = run.example == Some(&*format!("{package}-plots"));
        is_plots
            && run.package == Some(package)
            && matches!(run.args, [into] if Path::new(into) == folder)
    })
}

/// Those of the commands that draw a diagram of `package` into `folder`.
fn drawings(commands: &[Vec<String>], package: &str, folder: &Path) -> Vec<Drawing> {
    let drawing = |words: &Vec<String>| {
        let run = shell::run(words).filter(|run| run.package == Some(package))?;
        let mut args = run.args.to_vec();
        let flag = args.iter().position(|arg| arg == "--draw")?;
        let file = PathBuf::from(args.get(flag + 1)?);
        args.drain(flag..flag + 2);
        let is_here = file.starts_with(folder);
        is_here.then_some(Drawing { args, file })
    };
    commands.iter().filter_map(drawing).collect()
}

/// The diagrams on a page that are not among those `drawn`.
fn undrawn(page: &str, folder: &Path, drawn: &BTreeSet<&PathBuf>) -> Vec<String> {
    let shown = links(page).into_iter();
    let undrawn = shown
        .filter(|link| link.target.ends_with(".svg") && !drawn.contains(&folder.join(link.target)));
    let complaint = |link: crate::markdown::Link<'_>| {
        format!(
            "{}:{}: no command on the page draws `{}`: a `sh` fence has one with `--draw {}`",
            folder.join("README.md").display(),
            link.line,
            link.target,
            folder.join(link.target).display()
        )
    };
    undrawn.map(complaint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
![the run](run.svg) and ![another](../x.svg)

```sh
cargo run -p lamport -- draw a.ab --draw \\
  lessons/15-lamport/run.svg
cargo run -p lamport -- --draw target/run.svg
cargo run -p other -- --draw lessons/15-lamport/run.svg
cargo run -p lamport -- --draw
```
";

    #[test]
    fn a_drawing_is_the_lessons_own_and_in_its_folder() {
        let folder = Path::new("lessons/15-lamport");
        let found = drawings(&commands(PAGE), "lamport", folder);
        let args = ["draw", "a.ab"].map(str::to_owned).to_vec();
        let file = folder.join("run.svg");
        assert_eq!(found, [Drawing { args, file: file.clone() }]);
        let complaints = undrawn(PAGE, folder, &BTreeSet::from([&file]));
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with(
            "lessons/15-lamport/README.md:1: no command on the page draws `../x.svg`"
        ));
    }

    #[test]
    fn plots_are_drawn_by_the_example_of_that_name() {
        let folder = Path::new("lessons/08-retry");
        let is_found = |line: &str| plots_into(&shell::block(line)[0], "retry", folder);
        assert!(is_found("cargo run -p retry --example retry-plots -- lessons/08-retry"));
        for line in [
            "cargo run -p retry --example retry-plots",
            "cargo run -p retry --example retry-plots -- lessons/07-timeouts",
            "cargo run -p retry --example plots -- lessons/08-retry",
            "cargo run -p retry -- lessons/08-retry",
        ] {
            assert!(!is_found(line), "{line}");
        }
    }
}
