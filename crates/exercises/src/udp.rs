//! The reader's receiver of datagrams, handed to its judge.

#[path = "../../../lessons/04-udp/exercise.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    checks::udp::main::<exercise::ReorderBuffer>(exercise::is_newer)
}
