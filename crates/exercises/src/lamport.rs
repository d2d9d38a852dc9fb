//! The reader's clock, handed to its judge.

#[path = "../../../lessons/15-lamport/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::lamport::main::<exercise::LamportClock>()
}
