//! The contract that every lesson keeps, whatever it teaches.
//!
//! A reader types `cargo run -p NAME` in any terminal, pipes it, closes it, mistypes it. These
//! checks make all lessons behave alike.

use std::thread;

use anyhow::{Context, Result, bail, ensure};
use unicode_width::UnicodeWidthStr;

use crate::process;
use crate::recorded::normal;
use crate::{Lesson, shell};

/// The columns of a screen that no line exceeds.
pub(crate) const SCREEN: usize = 80;

/// The examples that `--help` shows at least.
const EXAMPLES: usize = 3;

/// No lesson has a flag of this name.
const WRONG_FLAG: &str = "--no-such-flag";

const NO_ARGUMENTS: [&str; 0] = [];

impl Lesson {
    /// With no arguments, no input and a pipe: the whole run, the same each time, on a screen of 80
    /// columns.
    pub fn contract_pipe(&self) -> Result<()> {
        // Both at once: a run waits more than it computes.
        let (first, second) = thread::scope(|scope| {
            let second = scope.spawn(|| self.narrated_run(&[]));
            (self.first_run(), second.join().expect("a run does not panic"))
        });
        let (first, second) = (first?, second?);
        check_screen(first, SCREEN)?;
        check_alike(first, &second)
    }

    /// In a terminal of 40 columns no line is longer.
    pub fn contract_narrow(&self) -> Result<()> {
        check_screen(&self.narrated_run(&[("COLUMNS", "40")])?, 40).context("with COLUMNS=40")
    }

    /// A terminal that can do nothing, in a locale that is not UTF-8, gets plain ASCII.
    pub fn contract_plain(&self) -> Result<()> {
        let story = self.narrated_run(&[("TERM", "dumb"), ("LC_ALL", "C")])?;
        check_screen(&story, SCREEN)?;
        let offender = story.lines().find(|line| !line.is_ascii());
        ensure!(
            offender.is_none(),
            "with TERM=dumb and LC_ALL=C everything is ASCII, but not this line: {}",
            offender.unwrap_or_default()
        );
        Ok(())
    }

    /// `--help` has examples that parse, the exit codes, and the lesson's page.
    pub fn help(&self) -> Result<()> {
        let mut command = self.command(["--help"]);
        command.env("COLUMNS", "80");
        let help = process::run(command)?.expect_code(0)?.stdout;
        check_screen(&help, SCREEN)?;
        let page = self.page_path()?;
        for wanted in ["Exit codes", &page.to_string_lossy()] {
            ensure!(help.contains(wanted), "`--help` must mention `{wanted}`; it prints:\n{help}");
        }
        let examples = examples(&help, self.name());
        ensure!(
            examples.len() >= EXAMPLES,
            "`--help` must have {EXAMPLES} examples to paste, lines that begin with `cargo run -p \
             {}`; it has {}:\n{help}",
            self.name(),
            examples.len()
        );
        examples.iter().try_for_each(|example| self.parses(example))
    }

    /// A flag that does not exist is reported on standard error, with exit code 2.
    pub fn wrong_flag(&self) -> Result<()> {
        let refused = self.run([WRONG_FLAG])?.expect_code(2)?;
        ensure!(
            refused.stdout.is_empty() && refused.stderr.starts_with("error: "),
            "wrong arguments are an `error: …` on standard error and nothing else; \
             this printed: {refused:#?}"
        );
        let hostile = format!("{WRONG_FLAG}\u{1b}[2J{}", "x y".repeat(10_000));
        let refused = self.run([&*hostile])?.expect_code(2)?.stderr;
        ensure!(
            !refused.contains('\u{1b}') && refused.len() < 1_000,
            "wrong arguments are quoted escaped and not in full; this printed: {refused:?}"
        );
        Ok(())
    }

    /// A reader that goes away (`| head -1`) ends the run quietly, whether it goes at once or after
    /// the first line.
    pub fn closed_stdout(&self) -> Result<()> {
        for lines in [0, 1] {
            let ended = process::run_closing(self.command(NO_ARGUMENTS), lines)?.expect_code(0)?;
            ensure!(
                ended.stderr.is_empty(),
                "when its reader goes away after {lines} lines, a run ends and reports nothing; \
                 this one printed:\n{}",
                ended.stderr
            );
        }
        Ok(())
    }

    /// The narrated run in a pipe, with these variables set.
    pub(crate) fn narrated_run(&self, variables: &[(&str, &str)]) -> Result<String> {
        let mut command = self.command(NO_ARGUMENTS);
        command.envs(variables.iter().copied());
        let ended = process::run(command)
            .context(
                "a run without arguments takes 2 s, and at most 5 s on a machine with nothing \
                 else to do",
            )?
            .expect_code(0)?;
        ensure!(
            ended.stderr.is_empty() && !ended.left_behind,
            "a run prints its story on standard output alone, and ends with all that it \
             started: {ended:#?}"
        );
        Ok(ended.stdout)
    }

    /// Whether the lesson takes `args`, without doing what they say.
    ///
    /// With `--help` after them, clap reads the arguments up to there and shows the help: a
    /// command, flag or value that it does not know is an error all the same. It does not come to
    /// check that a required flag is there; the usage line of that help shows it.
    pub(crate) fn parses(&self, args: &[String]) -> Result<()> {
        let line = args.join(" ");
        let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
        let mut asked = args.to_vec();
        asked.insert(end, "--help".to_owned());
        let answer = self.run(&asked)?;
        if answer.code != Some(0) {
            bail!("`{} {line}` is refused: {}", self.name(), answer.stderr.trim_end());
        }
        let given = |flag: &&str| args.iter().any(|arg| arg.split('=').next() == Some(*flag));
        let missing = required_flags(&answer.stdout).into_iter().find(|flag| !given(flag));
        ensure!(
            missing.is_none(),
            "`{} {line}` lacks {}",
            self.name(),
            missing.unwrap_or_default()
        );
        Ok(())
    }
}

/// No escape byte, and no line wider than `width` columns.
pub(crate) fn check_screen(text: &str, width: usize) -> Result<()> {
    for (line, number) in text.lines().zip(1..) {
        ensure!(
            !line.contains('\u{1b}'),
            "line {number} has an escape code, which a pipe must not get: {line:?}"
        );
        ensure!(
            line.width() <= width,
            "line {number} has {} columns, more than {width}: {line}",
            line.width()
        );
    }
    ensure!(!text.is_empty(), "it prints nothing");
    Ok(())
}

fn check_alike(first: &str, second: &str) -> Result<()> {
    let (first, second) = (normal(first), normal(second));
    let differ = first.lines().zip(second.lines()).find(|(first, second)| first != second);
    ensure!(
        first == second,
        "two runs must print the same but for ports and measured times (`≈ 203 ms`). The first \
         difference:\n\
         {differ:#?}"
    );
    Ok(())
}

/// The arguments of every line of `help` that runs the lesson.
fn examples(help: &str, lesson: &str) -> Vec<Vec<String>> {
    let commands = help.lines().flat_map(shell::commands);
    let args = |words: Vec<String>| {
        let run = shell::run(&words)?;
        (run.package == Some(lesson)).then(|| run.args.to_vec())
    };
    commands.filter_map(args).collect()
}

/// The flags in `Usage: echo send [OPTIONS] --to <ADDR> [MESSAGE]...` that are not in brackets.
fn required_flags(help: &str) -> Vec<&str> {
    let usage = help.lines().find(|line| line.starts_with("Usage: "));
    let words = usage.unwrap_or_default().split_whitespace();
    words.filter(|word| word.starts_with("--") && *word != "--").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_has_no_escape_codes_no_long_lines_and_is_not_empty() {
        assert!(check_screen(&"─".repeat(80), 80).is_ok());
        for (text, complaint) in [
            ("a\n\u{1b}[1mb\n".to_owned(), "line 2 has an escape code"),
            ("─".repeat(81), "line 1 has 81 columns, more than 80"),
            ("\u{4e2d}".repeat(41), "line 1 has 82 columns"),
            (String::new(), "it prints nothing"),
        ] {
            let error = check_screen(&text, 80).unwrap_err().to_string();
            assert!(error.starts_with(complaint), "{error}");
        }
    }

    #[test]
    fn two_runs_differ_in_ports_and_measured_times_at_most() {
        assert!(check_alike("on 127.0.0.1:40000, ≈ 1 ms", "on 127.0.0.1:40001, ≈ 2 ms").is_ok());
        assert!(check_alike("1 ms", "2 ms").is_err());
        assert!(check_alike("a\n", "a\nb\n").is_err());
    }

    #[test]
    fn examples_are_the_lines_that_run_this_lesson() {
        let help = "cargo run -p echo\n  cargo run -p echo -- send 'a b'  # remark\n  cargo run -p \
                    other\ncargo run\n";
        assert_eq!(examples(help, "echo"), [vec![], vec!["send".to_owned(), "a b".to_owned()]]);
    }

    #[test]
    fn required_flags_are_not_in_brackets() {
        let help = "About.\n\nUsage: echo send [OPTIONS] --to <ADDR> [--wire <WIRE>] \
                    [MESSAGE]...\n\n  --more\n";
        assert_eq!(required_flags(help), ["--to"]);
        assert_eq!(required_flags("nothing"), Vec::<&str>::new());
    }
}
