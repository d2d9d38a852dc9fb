//! `cargo run`: the map of the course, and what the reader does with it.

mod commands;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use commands::Course;
use course::BadArgument;
use course::lessons::Lesson;

/// Foundations of distributed systems, by running them
///
/// Without a command: the map of the course, and then its next lesson.
#[derive(Parser)]
#[command(bin_name = "cargo run --", max_term_width = 80, after_help = EXAMPLES)]
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
  cargo run -- check echo                     your code for its exercise
  cargo run -- watch                          checks whenever you save

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
        /// Its name or number
        lesson: String,
        /// What the lesson's own program is to do
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Note that a lesson without an exercise is done
    Done {
        /// Its name or number
        lesson: String,
    },
    /// Check your code for a lesson's exercise
    ///
    /// The exit code is the verdict: 0 PASS, 1 WRONG (also where your code panics or ends the
    /// program) or KEEPS STATE, 3 NOT STARTED, 4 TIMED OUT after 10 s, 5 DOES NOT COMPILE (also
    /// where the file is gone). A pass is noted as done.
    ///
    /// With --all, a line for each exercise; the exit code is then that of the first that is not a
    /// pass.
    Check {
        #[command(flatten)]
        which: Which,
        /// Print a JSON object for each, on one line
        #[arg(long)]
        json: bool,
    },
    /// Check an exercise whenever you save its file
    ///
    /// It shows how old the result is. A save ends a check that still runs. Needs a terminal.
    Watch {
        /// The one to begin with; without, the next one
        lesson: Option<String>,
    },
    /// Get a hint for an exercise
    ///
    /// Without a level: the one that fits your code as it is now.
    Hint {
        /// Its name or number
        lesson: String,
        /// 1 a question, 2 the concept, 3 nearly the line
        #[arg(value_parser = clap::value_parser!(u8).range(1..=3))]
        level: Option<u8>,
    },
    /// Show how your file differs from a solution
    Solution {
        /// Its name or number
        lesson: String,
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
    /// Make an exercise's file what it was in the beginning, and keep yours beside it
    Reset {
        #[command(flatten)]
        which: Which,
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

/// One exercise, or all.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Its name or number
    lesson: Option<String>,
    /// Every exercise
    #[arg(long)]
    all: bool,
}

fn main() -> ExitCode {
    narration::run(|| {
        let done = Cli::parse().run();
        match done {
            Err(error) if error.is::<BadArgument>() => {
                narration::log(format!("error: {error}"));
                Ok(ExitCode::from(2))
            }
            done => done,
        }
    })
}

impl Cli {
    fn run(self) -> anyhow::Result<ExitCode> {
        let mut course = Course::open(self.narration)?;
        match self.what {
            None => course.begin(),
            Some(What::List) => course.show().map(|()| ExitCode::SUCCESS),
            Some(What::Next) => course.run_next(),
            Some(What::Run { lesson, arguments }) => {
                let lesson = course.find(&lesson)?;
                if arguments.is_empty() {
                    course.run_lesson(&lesson)
                } else {
                    course.become_lesson(&lesson, &arguments)
                }
            }
            Some(What::Done { lesson }) => course.done(&lesson),
            Some(What::Check { which, json }) => match which.lesson {
                Some(lesson) => course.check(&lesson, json),
                None => course.check_all(json),
            },
            Some(What::Watch { lesson }) => {
                let lesson = lesson.map(|lesson| course.exercise(&lesson)).transpose()?;
                watch::watch(&mut course, lesson)
            }
            Some(What::Hint { lesson, level }) => course.hint(&lesson, level),
            Some(What::Solution { lesson, yes }) => course.solution(&lesson, yes),
            Some(What::Reset { which }) => {
                let lessons: Vec<Lesson> = match which.lesson {
                    Some(lesson) => vec![course.exercise(&lesson)?],
                    None => course.exercises(),
                };
                course.reset(&lessons)
            }
            Some(What::Replay { code }) => course.replay(&code),
        }
    }
}
