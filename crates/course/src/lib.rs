//! The map of the course, and the commands that run a lesson and check an exercise.
//!
//! | module | holds |
//! |---|---|
//! | [`root`] | where the course is |
//! | [`lessons`] | the lessons that exist, as their pages describe them |
//! | [`progress`] | what the reader has done |
//! | [`map`] | both, drawn |
//! | [`check`] | having the reader's file judged |
//! | [`bounded`] | running a program that may do anything |
//! | [`exercise`] | the reader's file beside what it began as and what it may become |
//! | [`saves`] | noticing that it was saved |
//! | [`mod@replace`] | replacing a file whole |
//!
//! Nothing here needs the lessons' crates: cargo builds one when it is to run. So the map is there
//! within seconds, on a machine that has built nothing yet.

use std::fmt;

pub mod bounded;
mod build;
pub mod check;
pub mod exercise;
pub mod lessons;
pub mod map;
pub mod progress;
pub mod replace;
pub mod root;
pub mod saves;

/// An invalid argument: the program prints both lines, and exits with 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadArgument {
    /// What is invalid, as a sentence.
    pub what: String,
    /// What to do next, a sentence or a command.
    pub next: String,
}

impl BadArgument {
    /// An error that says `what` is invalid, and what to do `next`.
    pub fn new(what: impl Into<String>, next: impl Into<String>) -> BadArgument {
        BadArgument { what: what.into(), next: next.into() }
    }
}

impl fmt::Display for BadArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for BadArgument {}
