//! The reader's counter, handed to its judge.

#[path = "../../../lessons/19-g-counter/exercise.rs"]
mod exercise;

use checks::g_counter::{Counter, Solution};

fn main() -> std::process::ExitCode {
    checks::main::<Counter>(Solution {
        increment: exercise::increment,
        merge: exercise::merge,
        value: exercise::value,
    })
}
