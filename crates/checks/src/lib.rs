//! Judges the exercises: for each a stub, a reference, known mistakes and the cases.
//!
//! The problem: "your answer is wrong" teaches little. The idea: an exercise small enough to be
//! tried on *every* small case, the simplest first. Then the first case that fails is worth
//! showing, since every case before it passes; a pass is a statement about all cases and not about
//! a few lucky ones; and an answer that is wrong in the same way as a known mistake, on case after
//! case, very likely is that mistake.
//!
//! An exercise is one folder here (`echo/`) that implements [`Exercise`], and one program in the
//! crate `exercises`, which hands the reader's file to [`main`]. The program prints a verdict and
//! ends with the [`Verdict`]'s exit code.
//!
//! What holds:
//!
//! * A verdict is only ever the judge's own word. Whatever the reader's code prints, spawns or exits
//!   with, the verdict stands in a file of the judge's: see [`Report`].
//! * The same solution gets the same screen each time. There is no randomness here, and no clock
//!   but two: a solution that does not come back from a case has 10 s, and where the diagnosis of a
//!   wrong solution would never end, the screen comes without it.
//!
//! Left out: bounds on what the reader's code prints, and an end to what it started. Whoever runs
//! the program has those. This crate depends on nothing, so that a save is judged within a second.

// The stubs, references and mistakes read as the reader's own file does, which names this crate
// from outside.
extern crate self as checks;

use std::io;

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
mod old;
mod old_judge;
mod old_program;
#[cfg(test)]
mod old_proofs;
mod program;
mod report;
pub mod retry;
pub mod screen;
pub mod serialization;
#[cfg(test)]
mod sound;
pub mod timeouts;
pub mod vector_clocks;
mod verdict;

pub use catch::{Panic, Stopped, answer, catch, catch as caught, did_not_terminate, unsolved};
pub use old::{Exercise, Mistake};
pub use old_judge::{Diagnosis, Judgement, diagnose, judge};
pub use old_program::main;
#[cfg(test)]
use old_proofs as proofs;
pub use screen::{Screen, grouped, plural};
use verdict::Record;
pub use verdict::{Report, Verdict};

/// The exercises, in the order of their lessons.
pub const EXERCISES: &[ExerciseInfo] = &[
    ExerciseInfo::of::<echo::Echo>(),
    ExerciseInfo::of_old::<timeouts::Timeouts>(),
    ExerciseInfo::of_old::<retry::Retry>(),
    ExerciseInfo::of::<http_client::HttpClient>(),
    ExerciseInfo::of_old::<mutex_deadlock::MutexDeadlock>(),
    ExerciseInfo::of::<serialization::Serialization>(),
    ExerciseInfo::of::<lamport::Lamport>(),
    ExerciseInfo::of_old::<vector_clocks::VectorClocks>(),
    ExerciseInfo::of_old::<g_counter::Counter>(),
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
    /// Draws the case at this place, and says what to do next.
    pub draw: fn(usize, &mut Screen<'_>) -> io::Result<()>,
}

impl ExerciseInfo {
    /// The exercise of this lesson, if it has one.
    pub fn find(lesson: &str) -> Option<&'static ExerciseInfo> {
        EXERCISES.iter().find(|exercise| exercise.name == lesson)
    }

    const fn of<E: exercise::Exercise>() -> ExerciseInfo {
        ExerciseInfo {
            name: E::ABOUT.name,
            stub: E::ABOUT.stub,
            reference: E::ABOUT.reference,
            hints: E::ABOUT.hints,
            check_replay: |text| Cases::<E>::all().find(text).map(drop),
            draw: report::ended::<E>,
        }
    }

    const fn of_old<E: Exercise>() -> ExerciseInfo {
        ExerciseInfo {
            name: E::NAME,
            stub: E::STUB,
            reference: E::REFERENCE,
            hints: E::HINTS,
            check_replay: |code| E::parse(code).map(drop),
            draw: |_, _| Ok(()),
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
