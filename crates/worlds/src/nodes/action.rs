//! What can happen next, and how a schedule string writes it.

use std::fmt::{self, Display};
use std::str::FromStr;

use explore::schedule::leading_number;
use explore::schedule::{index, letter};

/// The syntax of a schedule string, in one line for the user who types one.
pub const SYNTAX: &str = "between dots: a asks node a, 1 delivers message 1, 1x loses it, 1c \
                          delivers it and keeps a copy, at is a's timer (at2 its second), ax \
                          a crash of a, ar its restart, aw writes a's record";

/// One thing that happens. Nodes are numbered from 0 and have letters in a schedule string;
/// messages are numbered from 1 in the order of their sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A node gets its next request. Written `a`.
    Ask(usize),
    /// A message arrives. Written `1`.
    Deliver(usize),
    /// A message arrives, and a copy of it is still in flight. Written `1c`.
    DeliverCopy(usize),
    /// A message is lost. Written `1x`.
    Lose(usize),
    /// The timer at this place among those that a node has set, from 0, runs out. Written `at`, and
    /// of the others `at2`, `at3`.
    Wake(usize, usize),
    /// The oldest record that awaits a node's disk gets there. Written `aw`.
    Write(usize),
    /// A node crashes. Written `ax`.
    Crash {
        /// The node.
        node: usize,
        /// How many of the records that await its disk get there, the oldest first; the effects
        /// that waited for them are lost. Written `ax1` for one.
        written: usize,
    },
    /// A node that is down restarts. Written `ar`.
    Restart(usize),
}

impl Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Action::Ask(node) => write!(f, "{}", letter(node)),
            Action::Deliver(number) => write!(f, "{number}"),
            Action::DeliverCopy(number) => write!(f, "{number}c"),
            Action::Lose(number) => write!(f, "{number}x"),
            Action::Wake(node, 0) => write!(f, "{}t", letter(node)),
            Action::Wake(node, timer) => write!(f, "{}t{}", letter(node), timer + 1),
            Action::Write(node) => write!(f, "{}w", letter(node)),
            Action::Crash { node, written: 0 } => write!(f, "{}x", letter(node)),
            Action::Crash { node, written } => write!(f, "{}x{written}", letter(node)),
            Action::Restart(node) => write!(f, "{}r", letter(node)),
        }
    }
}

impl FromStr for Action {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some((number, end)) = leading_number(text) {
            return match end {
                "" => Ok(Action::Deliver(number)),
                "c" => Ok(Action::DeliverCopy(number)),
                "x" => Ok(Action::Lose(number)),
                _ => Err(()),
            };
        }
        let mut chars = text.chars();
        let node = chars.next().and_then(index).ok_or(())?;
        let kind = chars.next();
        let number = match chars.as_str() {
            "" => None,
            digits => match leading_number(digits).ok_or(())? {
                (number, "") => Some(number),
                _ => return Err(()),
            },
        };
        match (kind, number) {
            (None, _) => Ok(Action::Ask(node)),
            (Some('t'), None) => Ok(Action::Wake(node, 0)),
            // The first timer has one spelling, so that a schedule has one string.
            (Some('t'), Some(number @ 2..)) => Ok(Action::Wake(node, number - 1)),
            (Some('w'), None) => Ok(Action::Write(node)),
            (Some('x'), written) => {
                let written = written.unwrap_or(0);
                Ok(Action::Crash { node, written })
            }
            (Some('r'), None) => Ok(Action::Restart(node)),
            _ => Err(()),
        }
    }
}
