//! What a solution answers.

use super::cases::Case;
use super::{Solution, VarintError};
use crate::{Stopped, Unsolved, answer};

/// Bytes of an encoding that are kept. A right one has no more than ten.
pub(super) const MOST_BYTES: usize = 12;

/// What came of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The first bytes of an encoding.
    Encoded {
        /// At most [`MOST_BYTES`] of them.
        start: Vec<u8>,
        /// How many there are in all.
        count: usize,
    },
    /// A number and how many bytes it took, or why there is none.
    Decoded(Result<(u64, usize), VarintError>),
    /// What stopped it.
    Stopped(Stopped),
}

impl Answer {
    /// An encoding.
    pub(super) fn bytes(bytes: Vec<u8>) -> Answer {
        let start = bytes.iter().copied().take(MOST_BYTES).collect();
        let count = bytes.len();
        Answer::Encoded { start, count }
    }

    /// Whether it is the same, wherever in its code a panic came from and whatever it said.
    pub(super) fn is_like(&self, other: &Answer) -> bool {
        let panicked = |answer: &Answer| matches!(answer, Answer::Stopped(Stopped::Panicked(_)));
        self == other || panicked(self) && panicked(other)
    }
}

/// Tries the one function that the case is for.
pub(super) fn observe(solution: Solution, case: &Case) -> Result<Answer, Unsolved> {
    let answer = match case {
        Case::Encode(number) => answer(|| (solution.encode)(*number))?.map(Answer::bytes),
        Case::Decode(bytes) => answer(|| (solution.decode)(bytes))?.map(Answer::Decoded),
    };
    Ok(answer.unwrap_or_else(Answer::Stopped))
}
