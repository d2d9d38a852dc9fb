//! What an exercise is: data and a few functions. The judge does the rest.

use std::fmt::Debug;
use std::io;

use crate::{Panic, Screen, Stopped};

/// One exercise: every case that a solution is tried on, what is right there, and how people get it
/// wrong.
///
/// The judge tries the cases in their order, catches panics, limits the time, looks for state that
/// is kept between calls, draws the first failure, names the mistakes and gives the hints.
pub trait Exercise: Sized + 'static {
    /// Its name and its words.
    const ABOUT: About;

    /// The mistakes that people make, at most sixteen. Those of one inner list exclude each other.
    const MISTAKES: &'static [&'static [Mistake<Self::Bug>]];

    /// What is called, or makes what is called. The reader's code and a solution with bugs have the
    /// same type.
    type Solution: Clone + Send + 'static;
    /// One thing to try a solution on.
    type Case: Clone + Send + Sync + 'static;
    /// All that the reader's code returns or changes.
    type Answer: Clone + Debug + PartialEq + Send + Sync + 'static;
    /// What was seen on the way, for the drawing; it has a part in no comparison.
    type Observation: Default + Send + 'static;
    /// The name of a mistake.
    type Bug: Copy + Debug + PartialEq + Sync + 'static;

    /// Every small case, the simplest first, and then the boundaries.
    fn cases() -> impl Iterator<Item = Self::Case>;

    /// What these cases are, to follow "on all 1,234 cases: ".
    fn scope() -> String;

    /// Runs a solution on a case. It may panic; what it has noted until then is kept.
    fn call(
        solution: &Self::Solution,
        case: &Self::Case,
        observation: &mut Self::Observation,
    ) -> Self::Answer;

    /// The right answer, found by another way than a solution works.
    fn expected(case: &Self::Case) -> Self::Answer;

    /// The rule of the page that a wrong answer breaks: it blames no more than was seen.
    fn rule(case: &Self::Case, got: &Self::Answer, seen: &Self::Observation) -> Rule;

    /// The rule that is broken by a panic, or by not coming to an end.
    fn rule_of_stop(_case: &Self::Case, stopped: &Stopped, _seen: &Self::Observation) -> Rule {
        stopped.rule()
    }

    /// One solution, which has these bugs and no other.
    fn with_bugs(bugs: Bugs<Self::Bug>) -> Self::Solution;

    /// The right solution that the reader may see in the end.
    fn reference() -> Self::Solution;

    /// A case in a few words, as in "2 events".
    fn title(case: &Self::Case) -> String;

    /// A case in a few lines, each with its label.
    fn describe(case: &Self::Case) -> Vec<(&'static str, String)>;

    /// An answer in words, best of at most 24 columns.
    fn words(answer: &Self::Answer) -> String;

    /// Which function a case tries, where the reader writes several that stand by themselves. What
    /// is wrong with one is diagnosed by its own cases, whatever the others do.
    fn part(_case: &Self::Case) -> usize {
        0
    }

    /// Whether a solution that is known to be wrong is tried on this case: not where it may take
    /// more memory or time than there is.
    fn is_compared(_case: &Self::Case) -> bool {
        true
    }

    /// Draws what was seen on the way, to stand between a case and its answers.
    fn draw_observation(_seen: &Self::Observation, _screen: &mut Screen<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Draws a case, what is wanted, and what was seen, if that is known: the first wrong thing
    /// marked.
    fn draw(
        case: &Self::Case,
        want: &Self::Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        screen.all_labelled(&Self::describe(case))?;
        screen.line("")?;
        if let Some(seen) = seen {
            Self::draw_observation(&seen.observation, screen)?;
        }
        draw_answers(want, seen, screen)
    }

    /// A case as a short text that a shell leaves alone: letters, digits, `.`, `-` and `:`. `None`:
    /// its number among the cases will do.
    fn replay_string(_case: &Self::Case) -> Option<String> {
        None
    }

    /// The case of a replay string that is not one of the [cases](Exercise::cases).
    ///
    /// # Errors
    /// With what is wrong with it, as the end of a sentence.
    fn parse(_text: &str) -> Result<Self::Case, String> {
        Err("it is not one of the cases".to_owned())
    }
}

/// Draws what is wanted and what came, the last rows of most cases.
pub fn draw_answers<E: Exercise>(
    want: &E::Answer,
    seen: Option<&Attempt<E>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let got = match seen.map(|seen| &seen.end) {
        Some(Ok(got)) if got == want => return screen.row("", "answer", &E::words(want)),
        Some(Ok(got)) => Some(E::words(got)),
        Some(Err(_)) | None => None,
    };
    draw_end(&E::words(want), got, seen, "answer", screen)
}

/// Draws what is wanted and, marked as the first wrong thing of this kind, what came: or why
/// nothing came, if that is known.
pub fn draw_end<E: Exercise>(
    want: &str,
    got: Option<String>,
    seen: Option<&Attempt<E>>,
    kind: &str,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    match (got, seen.map(|seen| &seen.end)) {
        (Some(got), _) => screen.difference(want, &got, kind),
        (None, Some(Err(stopped))) => draw_stopped(want, stopped, kind, screen),
        (None, _) => screen.row("", "want", want),
    }
}

/// Draws what is wanted, and why nothing came in its place.
pub(crate) fn draw_stopped(
    want: &str,
    stopped: &Stopped,
    kind: &str,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    screen.difference(want, stopped.words(), kind)?;
    match stopped {
        Stopped::Panicked(panic) => draw_panic(panic, screen),
        Stopped::DidNotTerminate | Stopped::Unsolved(_) => Ok(()),
    }
}

/// Draws what a panic says and where, as rows of the table.
pub(crate) fn draw_panic(panic: &Panic, screen: &mut Screen<'_>) -> io::Result<()> {
    const MOST: usize = 200;
    let message: String = panic.message.chars().take(MOST).collect();
    screen.row("", "message", &message)?;
    screen.row("", "at", &panic.place)
}

/// An exercise's name and its words.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The lesson's name.
    pub name: &'static str,
    /// The number of functions that the reader writes.
    pub functions: usize,
    /// What helps a reader who is stuck, as three paragraphs: a question, then the concept and the
    /// section of the page that has it, then nearly the line.
    pub hints: &'static str,
    /// Why a right solution works, in a sentence or two.
    pub why: &'static str,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Attempt<E: Exercise> {
    /// The answer, or why there is none.
    pub end: Result<E::Answer, Stopped>,
    /// What was seen on the way.
    pub observation: E::Observation,
}

/// What a wrong answer breaks, and what helps with that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule, as a sentence or two.
    pub text: &'static str,
    /// What to do about it, nearly the line.
    pub hint: &'static str,
}

impl Rule {
    /// A rule and its hint.
    pub const fn new(text: &'static str, hint: &'static str) -> Rule {
        Rule { text, hint }
    }
}

/// A way to get an exercise wrong that people have.
#[derive(Clone, Copy, Debug)]
pub struct Mistake<B> {
    /// The bug that it leaves in a solution.
    pub bug: B,
    /// A few words, as in "one read is one message".
    pub name: &'static str,
    /// What it takes for true, and what is true, as one sentence about "it", the solution.
    pub misunderstanding: &'static str,
}

impl<B> Mistake<B> {
    /// A mistake, its name, and what it takes for true.
    pub const fn new(bug: B, name: &'static str, misunderstanding: &'static str) -> Mistake<B> {
        Mistake { bug, name, misunderstanding }
    }
}

/// Declares the bugs of an exercise, each with its mistake: its name, and what it takes for true.
/// Those that begin with `|` and the one above them exclude each other: a solution has at most one.
macro_rules! mistakes {
    ($(
        $bug:ident, $name:literal: $takes:literal;
        $(| $or:ident, $or_name:literal: $or_takes:literal;)*
    )+) => {
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(crate) enum Bug { $($bug, $($or,)*)+ }

        pub(crate) const MISTAKES: &[&[$crate::exercise::Mistake<Bug>]] = &[$(&[
            $crate::exercise::Mistake::new(Bug::$bug, $name, $takes),
            $($crate::exercise::Mistake::new(Bug::$or, $or_name, $or_takes),)*
        ],)+];
    };
}
pub(crate) use mistakes;

/// The bugs that a solution has: none, one or two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bugs<B>([Option<B>; 2]);

impl<B: Copy + PartialEq> Bugs<B> {
    /// No bug.
    pub const NONE: Bugs<B> = Bugs([None, None]);

    /// One bug.
    pub fn one(bug: B) -> Bugs<B> {
        Bugs([Some(bug), None])
    }

    /// Two bugs at once.
    pub fn two(bugs: [B; 2]) -> Bugs<B> {
        Bugs(bugs.map(Some))
    }

    /// Whether a solution has this bug.
    pub fn has(&self, bug: B) -> bool {
        self.0.contains(&Some(bug))
    }
}
