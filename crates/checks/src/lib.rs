//! Judges the exercises: one judge, and for each exercise its stub, its cases, a reference and the
//! mistakes that people make.
//!
//! The problem: "your answer is wrong" teaches little. The idea: an exercise small enough to be
//! tried on *every* small case, the simplest first, and on every boundary of its contract. Then the
//! first case that fails is worth showing, since every case before it passes; a pass is a statement
//! about all cases and not about a few lucky ones; and answers that are those of a known mistake,
//! on case after case, very likely come from that mistake.
//!
//! An exercise is one folder here (`echo/`) that implements [`exercise::Exercise`], and one program
//! in the crate `exercises`, which hands the reader's file to its `main`. The program exits with
//! the [`Verdict`]'s code.
//!
//! What holds:
//!
//! * A verdict is only ever the judge's own word. Whatever the reader's code prints, spawns or
//!   exits with, it stands in a file of the judge's: see [`Record`](verdict::Record).
//! * A name is given only to answers that equal the mistake's on every case compared.
//! * The same deterministic solution gets the same screen each time. There is no randomness here,
//!   and no clock but two timeouts: a solution that does not return has 10 s, and where the
//!   diagnosis of a wrong solution does not terminate, the screen comes without it.
//!
//! Left out: bounds on what the reader's code prints and takes, and an end to what it started. The
//! course, which runs the program, has those. Without a file for the verdict, code that holds
//! standard output keeps the screen from it.

// The stubs, references and mistakes read as the reader's own file does, which names this crate
// from outside.
extern crate self as checks;

mod catch;
pub mod dns;
pub mod durable_counter;
pub mod echo;
pub mod exercise;
pub mod fallacies;
pub mod g_counter;
mod hex;
pub mod http_client;
mod judge;
pub mod lamport;
pub mod latency;
pub mod lock;
pub mod mutex_deadlock;
mod numbers;
pub mod packets;
mod program;
mod report;
pub mod retry;
pub mod serialization;
pub mod signals;
#[cfg(test)]
mod sound;
pub mod tcp;
#[cfg(test)]
mod tests;
pub mod timeouts;
pub mod udp;
pub mod vector_clocks;
pub mod wall_clocks;

pub use catch::{Panic, Stopped, catch, did_not_terminate, unsolved};
pub use verdict::Screen;
pub(crate) use verdict::{Verdict, grouped, plural, short};

/// What is still to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsolved {
    /// The words of its `unsolved!`, or of a `todo!`, which may have none.
    pub what: String,
    /// File and line.
    pub place: String,
}
