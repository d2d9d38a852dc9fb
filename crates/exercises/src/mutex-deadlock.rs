//! The reader's `transfer`, handed to its judge.

#[path = "../../../lessons/10-mutex-deadlock/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::mutex_deadlock::main(exercise::transfer)
}
