//! Lesson 19 as a program.

use std::process::ExitCode;

use clap::Parser;
use g_counter::story;
use narration::Narrator;

/// How can replicas count together with no one in charge?
///
/// Lets two replicas count and merge; tries four counters on every small schedule of a network that loses and doubles
/// messages; tries the laws of merging on every small state; shows what such a counter cannot do; and tells it what cannot
/// be.
#[derive(Parser)]
#[command(name = "g-counter", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p g-counter
  cargo run -p g-counter -- --no-pause
  cargo run -p g-counter -- --color never

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/19-g-counter/README.md";

fn main() -> ExitCode {
    let cli = Cli::parse();
    narration::run(|| {
        story::tell(&mut Narrator::new(&cli.narration))?;
        Ok(ExitCode::SUCCESS)
    })
}
