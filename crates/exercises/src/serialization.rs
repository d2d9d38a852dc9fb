//! The reader's `encode`, `decode` and `read_record`, handed to their judge.

#[path = "../../../lessons/11-serialization/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::serialization::main(exercise::encode, exercise::decode, exercise::read_record)
}
