//! A schedule, and the schedule string that prints it and that a reader types.
//!
//! Actions stand between dots: `a.ab.1`. An action consists of letters, digits, `-` and `:`, since
//! a shell interprets most other characters. Nodes and threads are letters, `a` for the first;
//! messages are numbers, 1 for the first that was sent.

use std::error::Error;
use std::fmt::{self, Display};
use std::ops::Deref;
use std::str::FromStr;

/// Actions in their order. It dereferences to a slice.
///
/// ```
/// use explore::Schedule;
///
/// let schedule: Schedule<u8> = "3.1.2".parse()?;
/// assert_eq!(schedule[..], [3, 1, 2]);
/// assert_eq!(schedule.to_string(), "3.1.2");
/// assert_eq!("-".parse(), Ok(Schedule::<u8>::from(vec![])));
/// # Ok::<(), explore::schedule::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule<A>(pub(crate) Vec<A>);

/// The most actions that a schedule string may have. It bounds what a string from outside can cost.
pub const MAX_ACTIONS: usize = 10_000;

/// Why a schedule string cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleError {
    /// It does not parse.
    Parse(ParseError),
    /// It parses, and the model does not allow it.
    InvalidAction(InvalidAction),
}

/// A text that is not a schedule string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// One of its parts is not an action.
    NotAnAction {
        /// Which part, from 1.
        place: usize,
        /// The part; after its first 20 characters stands `…`.
        text: String,
    },
    /// It has more than [`MAX_ACTIONS`] actions.
    TooLong {
        /// The number of actions.
        length: usize,
    },
}

/// An action that cannot happen where a schedule has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAction {
    /// Which action, from 1.
    pub place: usize,
    /// The action.
    pub action: String,
    /// Why it is impossible there, where the model knows it.
    pub reason: Option<String>,
    /// The first few of the possible actions.
    pub possible: String,
}

impl<A> From<Vec<A>> for Schedule<A> {
    fn from(actions: Vec<A>) -> Self {
        Schedule(actions)
    }
}

impl<A> Deref for Schedule<A> {
    type Target = [A];

    fn deref(&self) -> &[A] {
        &self.0
    }
}

impl<A: Display> Display for Schedule<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.split_first() else {
            return f.write_str("-");
        };
        write!(f, "{first}")?;
        rest.iter().try_for_each(|action| write!(f, ".{action}"))
    }
}

impl<A: FromStr> FromStr for Schedule<A> {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text == "-" {
            return Ok(Schedule(Vec::new()));
        }
        let length = text.split('.').count();
        if length > MAX_ACTIONS {
            return Err(ParseError::TooLong { length });
        }
        let actions = text.split('.').zip(1..).map(|(text, place)| {
            text.parse().map_err(|_| ParseError::NotAnAction { place, text: shortened(text) })
        });
        actions.collect::<Result<_, _>>().map(Schedule)
    }
}

impl Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::NotAnAction { place, text } if text.is_empty() => {
                write!(f, "action {place} of the schedule is empty")
            }
            ParseError::NotAnAction { place, text } => {
                write!(f, "action {place} of the schedule is not an action: `{text}`")
            }
            ParseError::TooLong { length } => {
                write!(f, "a schedule of {length} actions is over the limit of {MAX_ACTIONS}")
            }
        }
    }
}

impl Display for InvalidAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InvalidAction { place, action, reason, possible } = self;
        write!(f, "action {place}, `{action}`, is impossible there")?;
        match reason {
            Some(reason) => write!(f, ": {reason}"),
            None => write!(f, "; possible: {possible}"),
        }
    }
}

impl Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScheduleError::Parse(error) => error.fmt(f),
            ScheduleError::InvalidAction(error) => error.fmt(f),
        }
    }
}

impl Error for ParseError {}

impl Error for InvalidAction {}

impl Error for ScheduleError {}

impl From<ParseError> for ScheduleError {
    fn from(error: ParseError) -> Self {
        ScheduleError::Parse(error)
    }
}

impl From<InvalidAction> for ScheduleError {
    fn from(error: InvalidAction) -> Self {
        ScheduleError::InvalidAction(error)
    }
}

/// The letter of a node or thread: `a` for 0, `z` for 25.
///
/// # Panics
/// If `index` is over 25.
pub fn letter(index: usize) -> char {
    char::from(b"abcdefghijklmnopqrstuvwxyz"[index])
}

/// The node or thread of a letter.
///
/// ```
/// use explore::schedule::{index, letter};
///
/// assert_eq!(index(letter(3)), Some(3));
/// assert_eq!(index('D'), None);
/// ```
pub fn index(letter: char) -> Option<usize> {
    letter.is_ascii_lowercase().then(|| usize::from(letter as u8 - b'a'))
}

/// The number that a text begins with, and the rest. A number has one spelling, so that a schedule
/// has one string: none begins with 0.
///
/// ```
/// use explore::schedule::leading_number;
///
/// assert_eq!(leading_number("12x"), Some((12, "x")));
/// assert_eq!(leading_number("012"), None);
/// ```
pub fn leading_number(text: &str) -> Option<(usize, &str)> {
    let rest = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let digits = &text[..text.len() - rest.len()];
    let number = digits.parse().ok()?;
    (!digits.starts_with('0')).then_some((number, rest))
}

/// Text from outside, short enough for an error message and without control characters. What is cut
/// ends with `…`.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 20;
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(MOST).flat_map(char::escape_debug).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
