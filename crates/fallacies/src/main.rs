//! Lesson 12 as a program: narrated from start to end.

use std::process::ExitCode;

use clap::Parser;
use fallacies::story;
use narration::Narrator;

/// Which eight beliefs break distributed programs?
///
/// Eight programs that work between two machines on a desk. Each runs again where messages vanish,
/// are read, wait and cost money, and then with its cure. All of it is computed, most in virtual
/// time: nothing leaves this machine, and nothing waits.
#[derive(Parser)]
#[command(name = "fallacies", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(flatten)]
    seed: narration::SeedArgs,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p fallacies
  cargo run -p fallacies -- --seed 7
  cargo run -p fallacies -- --no-pause

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/12-fallacies/README.md";

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        story::run(&mut Narrator::new(&cli.narration), cli.seed.seed)?;
        Ok(ExitCode::SUCCESS)
    })
}
