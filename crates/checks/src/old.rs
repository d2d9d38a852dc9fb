//! The form of an exercise before the thin one; it goes as soon as the last exercise has left it.

use std::fmt::Debug;
use std::io;

use crate::{Screen, Unsolved};

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

    /// Tries a solution. What the reader's code does goes through [`crate::catch`].
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
