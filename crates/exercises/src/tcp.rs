//! The reader's receive buffer, handed to its judge, with an allocator that counts what it takes.

use std::alloc::System;

use cap::Cap;

#[path = "../../../lessons/03-tcp/exercise.rs"]
mod exercise;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

fn main() -> std::process::ExitCode {
    checks::tcp::main::<exercise::ReceiveBuffer>(|| ALLOCATOR.allocated())
}
