//! A server and a deadline, and what its caller can know by when.

use std::io::ErrorKind;

use super::{Answer, Outcome};

/// A server, and a deadline.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What the clock shows at first.
    pub(super) start: u64,
    pub(super) deadline: u64,
    pub(super) steps: Steps,
}

/// What a server does, each step so many milliseconds after the one before it. After the last it
/// says nothing.
pub(super) type Steps = Vec<(u64, Step)>;

/// What a server does at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It lets the client connect: always first, except where it refuses.
    Accept,
    /// It sends this piece of the reply.
    Send(Vec<u8>),
    End,
    /// It resets the connection, or refuses it, where this is the first step.
    Fail(ErrorKind),
}

impl Case {
    /// What is right, and at which moment, from the moments of all steps at once.
    pub(super) fn right(&self) -> Answer {
        let steps = self.steps_in_time();
        let last = steps.iter().find(|(_, step)| match step {
            Step::Accept => false,
            Step::Send(piece) => piece.ends_with(b"\n"),
            Step::End | Step::Fail(_) => true,
        });
        let outcome = match last {
            Some((_, Step::Send(_))) => Outcome::Executed(self.reply()),
            _ if steps.iter().any(|(_, step)| **step == Step::Accept) => Outcome::Unknown,
            _ => Outcome::NotExecuted,
        };
        let over = self.deadline.max(self.start);
        Answer { outcome, at: last.map_or(over, |(at, _)| *at) }
    }

    /// The steps before the deadline, and their moments.
    fn steps_in_time(&self) -> Vec<(u64, &Step)> {
        let moments = self.steps.iter().scan(self.start, |moment, (delay, step)| {
            *moment += delay;
            Some((*moment, step))
        });
        moments.take_while(|(moment, _)| *moment < self.deadline).collect()
    }

    /// Whether the server ends or fails, and does not fall silent.
    pub(super) fn has_an_end(&self) -> bool {
        matches!(self.steps.last(), Some((_, Step::End | Step::Fail(_))))
    }

    pub(super) fn has_passed(&self) -> bool {
        self.deadline <= self.start
    }

    /// All that the server sends, whenever that is.
    pub(super) fn reply(&self) -> Vec<u8> {
        let pieces = self.steps.iter().map(|(_, step)| match step {
            Step::Send(piece) => &piece[..],
            _ => &[],
        });
        pieces.collect::<Vec<_>>().concat()
    }

    /// The sum of its delays.
    pub(super) fn time(&self) -> u64 {
        self.steps.iter().map(|(delay, _)| delay).sum()
    }
}
