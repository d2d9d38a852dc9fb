//! `cargo run`: the map of the course, and what the reader does with it.

mod commands;
mod keys;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::Course;
use course::BadArgument;
use narration::WithHint;

/// Foundations of distributed systems, by running them
///
/// Without a command: the map of the course, and then its next lesson.
#[derive(Parser)]
#[command(bin_name = "cargo run --", max_term_width = 80, after_help = EXAMPLES)]
// How the course talks may be said before a command and after it.
#[command(mut_args(|arg| arg.global(true)))]
struct Cli {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    narration: narration::Args,
}

const EXAMPLES: &str = "\
Examples:
  cargo run                                   the map, and then the next lesson
  cargo run -- run echo                       a lesson, by its name or number
  cargo run -- run echo -- serve --help       one of its sides
  cargo run -- check                          your code for the next exercise
  cargo run -- watch                          checks whenever you save
  cargo run -- skip 01-05 retry               lessons that you know already

The next lesson is the first that is neither done nor skipped; the next exercise
is the first of those that has one. Where LESSON is left out, that is taken.

Exit codes: 0 done or PASS, 1 an error, WRONG or KEEPS STATE, 2 wrong arguments,
            3 NOT STARTED, 4 TIMED OUT, 5 DOES NOT COMPILE
The pages to read along are in lessons/.";

#[derive(Subcommand)]
enum What {
    /// Show the map of the course
    List,
    /// Run the next lesson
    Next,
    /// Run a lesson, or with arguments one of its sides
    Run {
        /// Its name or number, and what the lesson's own program is to do
        #[arg(
            required = true,
            num_args = 1..,
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_names = ["LESSON", "ARGUMENTS"]
        )]
        words: Vec<OsString>,
    },
    /// Note that a lesson without an exercise is done
    Done {
        /// Its name or number
        lesson: String,
    },
    /// Note that you know lessons already
    ///
    /// The map shows them as skipped, and the next lesson is one after them. A pass or `done` makes
    /// a skipped lesson done; `reset` opens it again.
    Skip {
        /// Names, numbers, or ranges of numbers as in 01-05
        #[arg(required = true, value_name = "LESSON")]
        lessons: Vec<String>,
    },
    /// Check your code for an exercise
    ///
    /// The exit code is the verdict: 0 PASS, 1 WRONG (also where your code panics or ends the
    /// program) or KEEPS STATE, 3 NOT STARTED, 4 TIMED OUT after 10 s, 5 DOES NOT COMPILE (also
    /// where the file is gone). A pass is noted as done.
    ///
    /// With --all, a line for each exercise; the exit code is then that of the first that is not a
    /// pass.
    Check {
        /// Its name or number; without, the next exercise
        lesson: Option<String>,
        /// Every exercise
        #[arg(long, conflicts_with = "lesson")]
        all: bool,
        /// Print a JSON object for each, on one line
        #[arg(long)]
        json: bool,
    },
    /// Check an exercise whenever you save its file
    ///
    /// It shows how old the result is, and takes keys. A save ends a check that still runs. Needs a
    /// terminal.
    Watch {
        /// The one to begin with; without, the next exercise
        lesson: Option<String>,
    },
    /// Get a hint for an exercise
    ///
    /// Without a level: the one that fits your code as it is now. A 1, 2 or 3 alone is a level, so
    /// that lesson 2 is `hint 02`.
    Hint {
        /// Its name or number; without, the next exercise
        lesson: Option<String>,
        /// 1 a question, 2 the concept, 3 nearly the line
        #[arg(value_parser = clap::value_parser!(u8).range(1..=3))]
        level: Option<u8>,
    },
    /// Show how your file differs from a solution
    Solution {
        /// Its name or number; without, the next exercise
        lesson: Option<String>,
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
    /// Begin a lesson again: it is open, and its exercise's file is what it was in the beginning
    ///
    /// Your file is kept beside the new one.
    Reset {
        /// Its name or number; without, the next exercise
        lesson: Option<String>,
        /// Every lesson
        #[arg(long, conflicts_with = "lesson")]
        all: bool,
    },
    /// Try one case of an exercise again, with your code as it is now
    ///
    /// Where `check` tries all cases and shows the first that fails, this shows the one you name,
    /// right or wrong. The exit code is that of `check`, for this case alone.
    Replay {
        /// What `check` printed, as in echo:000000.00.end
        code: String,
    },
}

fn main() -> ExitCode {
    let mut is_argument = false;
    let code = narration::run(|| {
        let done = narration::parse::<Cli>().run();
        let bad = done.as_ref().err().and_then(|error| error.downcast_ref::<BadArgument>());
        match bad.map(|bad| bad.next.clone()) {
            Some(next) => {
                is_argument = true;
                done.hint(next)
            }
            None => done,
        }
    });
    if is_argument { ExitCode::from(2) } else { code }
}

impl Cli {
    fn run(self) -> anyhow::Result<ExitCode> {
        let mut course = Course::open(self.narration)?;
        match self.what {
            None => course.begin(),
            Some(What::List) => course.show(None).map(|()| ExitCode::SUCCESS),
            Some(What::Next) => course.run_next(),
            Some(What::Run { words }) => course.run(&words),
            Some(What::Done { lesson }) => course.done(&lesson),
            Some(What::Skip { lessons }) => course.skip(&lessons),
            Some(What::Check { all: true, json, .. }) => course.check_all(json),
            Some(What::Check { lesson, json, .. }) => course.check(lesson.as_deref(), json),
            Some(What::Watch { lesson }) => watch::watch(&mut course, lesson.as_deref()),
            Some(What::Hint { lesson, level }) => {
                let (lesson, level) = hint_of(lesson.as_deref(), level);
                course.hint(lesson, level)
            }
            Some(What::Solution { lesson, yes }) => course.solution(lesson.as_deref(), yes),
            Some(What::Reset { all: true, .. }) => course.reset_all(),
            Some(What::Reset { lesson, .. }) => course.reset(lesson.as_deref()),
            Some(What::Replay { code }) => course.replay(&code),
        }
    }
}

/// A level alone is that of the next exercise.
fn hint_of(lesson: Option<&str>, level: Option<u8>) -> (Option<&str>, Option<u8>) {
    match (lesson, level) {
        (Some("1"), None) => (None, Some(1)),
        (Some("2"), None) => (None, Some(2)),
        (Some("3"), None) => (None, Some(3)),
        named => named,
    }
}
