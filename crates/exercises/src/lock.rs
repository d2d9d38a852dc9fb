//! The reader's `may_enter`, handed to its judge.

#[path = "../../../lessons/20-lock/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::lock::main(exercise::may_enter)
}
