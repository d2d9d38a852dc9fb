//! A stream that hands out its bytes as a case cuts them, and notes how it is read.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};

use super::Call;
use super::cases::{Case, Ending};
use crate::did_not_terminate;

/// Reads of nothing in a row after which a solution is taken to be going round in circles. A sound
/// one stops after the first.
const IDLE_READS: usize = 100;

/// What a stream fails with, beside its kind.
#[derive(Debug)]
struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream of the judge fails")
    }
}

impl Error for Failure {}

/// Whether an error is the one that the stream failed with, not a new one of its kind.
pub(super) fn is_own(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Failure>())
}

/// What was seen of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(super) reads: Vec<SeenRead>,
    /// What came of it, if it returned.
    pub(super) call: Option<Call>,
}

/// One read.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeenRead {
    /// How many bytes it was ready to take.
    pub(super) room: usize,
    /// Where in the stream it began.
    pub(super) at: usize,
    /// How many bytes it got.
    pub(super) count: usize,
}

impl SeenRead {
    /// Whether it asked for more than the bytes before this place. Where none came, that is seen
    /// only if it began there.
    pub(super) fn is_past(&self, needed: usize) -> bool {
        self.at + self.count > needed || self.at >= needed && self.room > 0
    }
}

pub(super) struct Pieces<'a> {
    case: &'a Case,
    pub(super) at: usize,
    idle_reads: usize,
    /// The calls; the last one is under way.
    pub(super) seen: &'a mut Vec<Seen>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(case: &'a Case, seen: &'a mut Vec<Seen>) -> Pieces<'a> {
        Pieces { case, at: 0, idle_reads: 0, seen }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = &self.case.bytes[self.at..self.case.piece_end(self.at)];
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        let read = SeenRead { room: buffer.len(), at: self.at, count };
        if let Some(call) = self.seen.last_mut() {
            call.reads.push(read);
        }
        self.at += count;
        self.idle_reads = if count == 0 { self.idle_reads + 1 } else { 0 };
        if self.idle_reads > IDLE_READS {
            did_not_terminate();
        }
        match self.case.ending {
            Ending::Failure(kind) if count == 0 && !buffer.is_empty() => {
                Err(io::Error::new(kind, Failure))
            }
            _ => Ok(count),
        }
    }
}
