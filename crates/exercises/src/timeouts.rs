//! The reader's `call`, handed to its judge.

#[path = "../../../lessons/07-timeouts/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::timeouts::main(exercise::call)
}
