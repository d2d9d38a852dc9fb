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
//!   exits with, it stands in a file of the judge's: see [`Report`].
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

use std::io;

use exercise::Exercise;
use judge::Cases;

mod catch;
pub mod echo;
pub mod exercise;
pub mod g_counter;
mod hex;
pub mod http_client;
mod judge;
pub mod lamport;
pub mod mutex_deadlock;
mod numbers;
mod program;
mod report;
pub mod retry;
pub mod screen;
pub mod serialization;
#[cfg(test)]
mod sound;
#[cfg(test)]
mod tests;
pub mod timeouts;
pub mod vector_clocks;
mod verdict;

pub use catch::{Panic, Stopped, catch, did_not_terminate, unsolved};
pub(crate) use screen::short;
pub use screen::{Screen, grouped, plural};
pub use verdict::{Report, Verdict};

/// The exercises, in the order of their lessons.
pub const EXERCISES: &[ExerciseInfo] = &[
    ExerciseInfo::of::<echo::Echo>(),
    ExerciseInfo::of::<timeouts::Timeouts>(),
    ExerciseInfo::of::<retry::Retry>(),
    ExerciseInfo::of::<http_client::HttpClient>(),
    ExerciseInfo::of::<mutex_deadlock::MutexDeadlock>(),
    ExerciseInfo::of::<serialization::Serialization>(),
    ExerciseInfo::of::<lamport::Lamport>(),
    ExerciseInfo::of::<vector_clocks::VectorClocks>(),
    ExerciseInfo::of::<g_counter::Counter>(),
];

/// The exit code of an exercise's program that could not write its verdict.
pub const CANNOT_WRITE: u8 = 74;

/// What can be said of an exercise without building the reader's file.
#[derive(Clone, Copy, Debug)]
pub struct ExerciseInfo {
    /// The lesson's name.
    pub name: &'static str,
    /// The pristine file, as the reader gets it.
    pub stub: &'static str,
    /// A right solution.
    pub reference: &'static str,
    /// What helps, from a question to nearly the line.
    pub hints: [&'static str; 3],
    /// Says what is wrong with a replay string, if anything is.
    pub check_replay: fn(&str) -> Result<(), String>,
    /// The text that replays the case at this place.
    pub replay_string: fn(usize) -> String,
    /// Draws the case at this place, and says what to do next.
    pub draw: fn(usize, &mut Screen<'_>) -> io::Result<()>,
}

impl ExerciseInfo {
    /// The exercise of this lesson, if it has one.
    pub fn find(lesson: &str) -> Option<&'static ExerciseInfo> {
        EXERCISES.iter().find(|exercise| exercise.name == lesson)
    }

    const fn of<E: Exercise>() -> ExerciseInfo {
        ExerciseInfo {
            name: E::ABOUT.name,
            stub: E::ABOUT.stub,
            reference: E::ABOUT.reference,
            hints: E::ABOUT.hints,
            check_replay: |text| Cases::<E>::all().find(text).map(drop),
            replay_string: |place| Cases::<E>::all().replay_string(place),
            draw: report::ended::<E>,
        }
    }
}

/// What is still to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsolved {
    /// The words of its `unsolved!`, or of a `todo!`, which may have none.
    pub what: String,
    /// File and line.
    pub place: String,
}
