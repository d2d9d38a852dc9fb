//! `cargo run`: the map of the course, and what the reader does with it.

mod commands;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::Course;
use course::BadArgument;

/// Foundations of distributed systems, by running them
///
/// Without a command: the map of the course, and then its next lesson.
#[derive(Parser)]
#[command(bin_name = "cargo run --", max_term_width = 80, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    telling: narration::Args,
}

const EXAMPLES: &str = "\
Examples:
  cargo run                                   the map, and then the next lesson
  cargo run -- run echo                       a lesson, by its name or number
  cargo run -- run echo -- serve --help       one of its sides
  cargo run -- check echo                     your code for its exercise

Exit codes: 0 done or PASS, 1 an error or WRONG, 2 wrong arguments,
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
    /// The exit code is the verdict: 0 PASS, 1 WRONG (also where your code panics or ends the program), 3 NOT STARTED,
    /// 4 TIMED OUT after 10 s, 5 DOES NOT COMPILE (also where the file is gone). A pass is noted as done.
    Check {
        /// Its name or number
        lesson: String,
    },
    /// Try one case of an exercise again, with your code as it is now
    ///
    /// Where `check` tries all cases and shows the first that fails, this shows the one you name, right or wrong.
    /// The exit code is that of `check`, for this case alone.
    Replay {
        /// What `check` printed, as in echo:000000.00.end
        code: String,
    },
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
        let mut course = Course::open(self.telling)?;
        match self.what {
            None => course.begin(),
            Some(What::List) => course.show().map(|()| ExitCode::SUCCESS),
            Some(What::Next) => course.run_next(),
            Some(What::Run { lesson, arguments }) => {
                let lesson = course.find(&lesson)?;
                if arguments.is_empty() {
                    course.tell(&lesson)
                } else {
                    course.become_lesson(&lesson, &arguments)
                }
            }
            Some(What::Done { lesson }) => course.done(&lesson),
            Some(What::Check { lesson }) => course.check(&lesson),
            Some(What::Replay { code }) => course.replay(&code),
        }
    }
}
