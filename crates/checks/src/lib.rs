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
//! * A verdict is only ever the judge's own word. Whatever the reader's code does, panics, ends the
//!   process or prints `PASS`, it is no pass: see [`seal`].
//! * The same solution gets the same screen each time. There is no randomness here, and no clock
//!   but two: a solution that does not come back from a case has 10 s, and where the diagnosis of a
//!   wrong solution would never end, the screen comes without it.
//!
//! Left out: bounds on what the reader's code prints, and an end to what it started. Whoever runs
//! the program has those. This crate depends on nothing, so that a save is judged within a second.

// The stubs, references and mistakes read as the reader's own file does, which names this crate
// from outside.
extern crate self as checks;

use std::fmt::Debug;
use std::io;

mod caught;
pub mod echo;
pub mod g_counter;
mod hex;
pub mod http_client;
mod judge;
pub mod lamport;
pub mod mutex_deadlock;
mod program;
#[cfg(test)]
mod proofs;
pub mod retry;
pub mod screen;
pub mod seal;
pub mod serialization;
pub mod timeouts;
pub mod vector_clocks;

pub use caught::{Panic, Stopped, answer, caught, runs_for_ever, unsolved};
pub use judge::{Diagnosis, Judgement, diagnose, judge};
pub use program::main;
pub use screen::{Screen, grouped, plural};

/// What can be judged, by the name of its lesson.
pub const EXERCISES: &[Listed] = &[
    Listed::of::<echo::Echo>(),
    Listed::of::<timeouts::Timeouts>(),
    Listed::of::<retry::Retry>(),
    Listed::of::<http_client::HttpClient>(),
    Listed::of::<mutex_deadlock::MutexDeadlock>(),
    Listed::of::<serialization::Varints>(),
    Listed::of::<lamport::Lamport>(),
    Listed::of::<vector_clocks::VectorClocks>(),
    Listed::of::<g_counter::Counter>(),
];

/// What can be said of an exercise without building the reader's file.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The lesson's name.
    pub name: &'static str,
    /// The pristine file, as the reader gets it.
    pub stub: &'static str,
    /// A right solution.
    pub reference: &'static str,
    /// What helps, from a question to nearly the line.
    pub hints: [&'static str; 3],
    /// Says what is wrong with a code for replay, if anything is.
    pub check_code: fn(&str) -> Result<(), String>,
}

impl Listed {
    /// The exercise of this lesson, if it has one.
    pub fn find(lesson: &str) -> Option<&'static Listed> {
        EXERCISES.iter().find(|listed| listed.name == lesson)
    }

    const fn of<E: Exercise>() -> Listed {
        Listed {
            name: E::NAME,
            stub: E::STUB,
            reference: E::REFERENCE,
            hints: E::HINTS,
            check_code: |code| E::parse(code).map(drop),
        }
    }
}

/// One exercise: what is asked, every small case of it, and how people get it wrong.
pub trait Exercise: 'static {
    /// The lesson's name.
    const NAME: &'static str;
    /// The pristine file.
    const STUB: &'static str;
    /// A right solution, in a file like the pristine one.
    const REFERENCE: &'static str;
    /// What helps whoever is stuck: a question, then the concept and the section of the page that
    /// has it, then nearly the line.
    const HINTS: [&'static str; 3];
    /// Why a right solution works, in a sentence or two.
    const WHY: &'static str;

    /// What the reader writes, as a function pointer; for a type, its constructor.
    type Solution: Copy + Send + Sync + 'static;
    /// One thing to try a solution on.
    type Case: Send;
    /// All that was seen while a solution worked on a case.
    type Seen: Send;
    /// What brings one case before another.
    type Measure: Ord + Debug;

    /// The order of the cases, to follow "every case before it passes: ".
    const ORDER: &'static str;

    /// The cases that a wrong solution is not compared on, to follow "not ": those that are
    /// dangerous, or in another part. `None` where it is compared on all.
    const NOT_COMPARED: Option<&'static str> = None;

    /// Every case, in that order: the judge shows the first that fails.
    fn cases() -> impl Iterator<Item = Self::Case>;

    /// Whether wrong code may take more memory or time on a case than there is. The judge tries all
    /// cases, up to the first that fails; a solution that is known to be wrong is not tried on
    /// these.
    fn is_dangerous(case: &Self::Case) -> bool;

    /// Which function a case tries, where the reader writes several that stand by themselves. What
    /// is wrong with one is diagnosed by its own cases, whatever the others do.
    fn part(_case: &Self::Case) -> usize {
        0
    }

    /// What all the cases are, to follow "on all 1,234 cases: ".
    fn scope() -> String;

    /// How large a case is, in words, as in "5 bytes in 2 pieces".
    fn size(case: &Self::Case) -> String;

    /// Where a case comes in the order. The cases come sorted by it.
    fn measure(case: &Self::Case) -> Self::Measure;

    /// Tries a solution. What the reader's code does goes through [`caught`].
    ///
    /// # Errors
    /// With what is still to be written, where the solution says so.
    fn observe(solution: Self::Solution, case: &Self::Case) -> Result<Self::Seen, Unsolved>;

    /// The rule that was broken, as a sentence; `None` if everything is right.
    fn broken_rule(case: &Self::Case, seen: &Self::Seen) -> Option<&'static str>;

    /// Whether two solutions gave the same answers, however they came by them.
    fn same_answers(one: &Self::Seen, other: &Self::Seen) -> bool;

    /// Draws what happened, with the first wrong answer marked, in the columns of the screen.
    ///
    /// # Errors
    /// Those of the screen.
    fn draw(case: &Self::Case, seen: &Self::Seen, screen: &mut Screen<'_>) -> io::Result<()>;

    /// The case as a short code that a shell leaves alone: letters, digits, `.`, `-` and `:`.
    fn code(case: &Self::Case) -> String;

    /// The case that [`code`](Exercise::code) wrote.
    ///
    /// # Errors
    /// With what is wrong with the code, as the end of a sentence.
    fn parse(code: &str) -> Result<Self::Case, String>;

    /// Misunderstandings that people have had, each as a solution that has it.
    fn mistakes() -> &'static [Mistake<Self::Solution>];
}

/// A known way to get an exercise wrong.
#[derive(Clone, Copy, Debug)]
pub struct Mistake<S> {
    /// A few words, as in "one read is one message".
    pub name: &'static str,
    /// What it takes for true, and what is true, as one sentence about "it", the solution.
    pub misunderstanding: &'static str,
    /// What to do about it, nearly the line.
    pub hint: &'static str,
    /// A solution that makes it.
    pub solution: S,
}

/// What is still to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsolved {
    /// The words of its `unsolved!`, or of a `todo!`, which may have none.
    pub what: String,
    /// File and line.
    pub place: String,
}

/// What a judge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Right on every case.
    Pass,
    /// Wrong on at least one.
    Wrong,
    /// Something is still `unsolved!`.
    NotStarted,
    /// It did not come back from a case.
    TimedOut,
}

impl Verdict {
    /// The code that the program ends with.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Pass => 0,
            Verdict::Wrong => 1,
            Verdict::NotStarted => 3,
            Verdict::TimedOut => 4,
        }
    }
}
