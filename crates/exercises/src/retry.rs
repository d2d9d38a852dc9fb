//! The reader's `after`, handed to its judge.

#[path = "../../../lessons/08-retry/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::retry::main(exercise::after)
}
