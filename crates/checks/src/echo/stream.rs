//! A stream that hands out its bytes as a case cuts them, and notes how it is read.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};

use super::cases::Case;
use crate::did_not_terminate;

/// Reads of nothing in a row after which a solution is taken to be going round in circles. A sound
/// one stops after the first.
const IDLE_READS: usize = 12;

/// What a stream fails with, beside its kind: a type of its own, which tells the stream's error
/// from another of its kind.
#[derive(Debug)]
pub(super) struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream of the judge fails")
    }
}

impl Error for Failure {}

/// One read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeenRead {
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

/// The stream as one call sees it.
pub(super) struct Stream<'a> {
    pub(super) case: &'a Case,
    pub(super) at: usize,
    pub(super) reads: &'a mut Vec<SeenRead>,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = &self.case.bytes[self.at..self.case.piece_end(self.at)];
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        self.reads.push(SeenRead { room: buffer.len(), at: self.at, count });
        self.at += count;
        if self.reads.iter().rev().take_while(|read| read.count == 0).count() > IDLE_READS {
            did_not_terminate();
        }
        match self.case.failure {
            Some(kind) if count == 0 && !buffer.is_empty() => Err(io::Error::new(kind, Failure)),
            _ => Ok(count),
        }
    }
}
