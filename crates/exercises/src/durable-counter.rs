//! The reader's recovery of a log, handed to its judge.

#[path = "../../../lessons/21-durable-counter/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::durable_counter::main(exercise::recover)
}
