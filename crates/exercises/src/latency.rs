//! The reader's percentiles, handed to their judge.

#[path = "../../../lessons/13-latency/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::latency::main(exercise::percentile, exercise::merge, exercise::percentile_of_all)
}
