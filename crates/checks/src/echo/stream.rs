//! A stream that hands out its bytes as a case cuts them, and what a solution does with it.

use std::io::{self, Read};

use super::cases::{Answer, Case, Ending, FAILURE};
use super::{FrameError, HEADER, ReadFrame};
use crate::{Stopped, Unsolved, caught, did_not_terminate};

/// Reads of nothing after which a solution is taken to be going round in circles. A sound one stops
/// after the first.
const IDLE_READS: usize = 100;

/// One call of the solution.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) reads: Vec<SeenRead>,
    pub(super) answer: Answer,
}

/// One read, as the stream saw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeenRead {
    /// How many bytes it was ready to take.
    pub(super) room: usize,
    /// Where in the stream it began.
    pub(super) at: usize,
    /// How many bytes it got.
    pub(super) count: usize,
}

/// Calls `solution` again and again on the stream of `case`, until it answers with anything but a
/// frame.
pub(super) fn observe(solution: ReadFrame, case: &Case) -> Result<Vec<Call>, Unsolved> {
    let mut stream = Pieces::new(case);
    let mut calls = Vec::new();
    // So many frames fit at the most. Who finds more of them need not be asked for ever.
    for _ in 0..=case.bytes.len() / HEADER {
        let outcome = caught(|| solution(&mut stream));
        let reads = std::mem::take(&mut stream.reads);
        let answer = match outcome {
            Ok(result) => answer(result, &reads),
            Err(Stopped::Panicked(panic)) => Answer::Panicked(panic),
            Err(Stopped::DidNotTerminate) => Answer::ReadsForEver,
            Err(Stopped::Unsolved(what)) => return Err(what),
        };
        let last = !matches!(answer, Answer::Frame(_));
        calls.push(Call { reads, answer });
        if last {
            break;
        }
    }
    Ok(calls)
}

fn answer(result: Result<Option<Vec<u8>>, FrameError>, reads: &[SeenRead]) -> Answer {
    // The length is known when the header is. What memory was taken for it cannot be seen, but who
    // reads on can.
    let start = reads.first().map_or(0, |read| read.at);
    let reads_on = |read: &SeenRead| read.at >= start + HEADER && read.room > 0;
    match result {
        Ok(Some(body)) => Answer::Frame(body),
        Ok(None) => Answer::End,
        Err(FrameError::TooLong) if reads.iter().any(reads_on) => Answer::TooLongTooLate,
        Err(FrameError::TooLong) => Answer::TooLong,
        Err(FrameError::CutShort) => Answer::CutShort,
        Err(FrameError::Io(error)) => Answer::Failed(error.kind()),
    }
}

struct Pieces<'a> {
    case: &'a Case,
    at: usize,
    /// Reads since the last call began.
    reads: Vec<SeenRead>,
    idle_reads: usize,
}

impl Pieces<'_> {
    fn new(case: &Case) -> Pieces<'_> {
        Pieces { case, at: 0, reads: Vec::new(), idle_reads: 0 }
    }

    /// Hands out what is left of the piece under way, as far as there is room.
    fn hand_out(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.case.piece(self.at).min(buffer.len());
        buffer[..count].copy_from_slice(&self.case.bytes[self.at..self.at + count]);
        self.reads.push(SeenRead { room: buffer.len(), at: self.at, count });
        self.at += count;
        count
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.hand_out(buffer);
        if count == 0 {
            self.idle_reads += 1;
            if self.idle_reads > IDLE_READS {
                did_not_terminate();
            }
        }
        let at_the_end = self.at == self.case.bytes.len();
        match self.case.ending {
            Ending::Failure if at_the_end && count == 0 && !buffer.is_empty() => {
                Err(FAILURE.into())
            }
            _ => Ok(count),
        }
    }
}
