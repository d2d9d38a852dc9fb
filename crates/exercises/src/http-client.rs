//! The reader's `decide`, handed to its judge.

#[path = "../../../lessons/09-http-client/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::http_client::main(exercise::decide)
}
