//! A server and a deadline, and what its caller can know by when.

use std::io::ErrorKind;

use super::Outcome;

/// A server, and a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// What the clock shows at first.
    pub(super) start: u64,
    pub(super) deadline: u64,
    pub(super) server: Server,
}

/// What a server does, each step after a delay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) connect: Connect,
    /// The pieces of the reply. Without a connection there are none.
    pub(super) pieces: Vec<(u64, Vec<u8>)>,
    /// What comes after them. Before a silence there is no delay.
    pub(super) ending: (u64, Ending),
}

/// What a server does about a connection, and after how many milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Connect {
    Accept(u64),
    Refuse(u64, ErrorKind),
    #[default]
    Silence,
}

/// What a server does after its last piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ending {
    #[default]
    Silence,
    End,
    Fail(ErrorKind),
}

impl Case {
    /// What is right, and at which moment, from the moments of all steps at once.
    pub(super) fn right(&self) -> (Outcome, u64) {
        let Server { connect, pieces, ending } = &self.server;
        let is_in_time = |moment: u64| moment < self.deadline;
        let connected = match *connect {
            _ if !is_in_time(self.start) => return (Outcome::NotExecuted, self.start),
            Connect::Accept(delay) => self.start + delay,
            Connect::Refuse(delay, _) => {
                return (Outcome::NotExecuted, self.deadline.min(self.start + delay));
            }
            Connect::Silence => self.deadline,
        };
        if !is_in_time(connected) {
            return (Outcome::NotExecuted, self.deadline);
        }
        let last_piece = connected + pieces.iter().map(|(delay, _)| delay).sum::<u64>();
        let reply = self.server.reply();
        let is_whole = reply.ends_with(b"\n");
        let over = match *ending {
            _ if is_whole && is_in_time(last_piece) => {
                return (Outcome::Executed(reply), last_piece);
            }
            (delay, Ending::End | Ending::Fail(_)) if !is_whole => last_piece + delay,
            _ => self.deadline,
        };
        (Outcome::Unknown, over.min(self.deadline))
    }

    pub(super) fn has_passed(&self) -> bool {
        self.deadline <= self.start
    }

    /// How a caller that keeps to the deadline sees the connection end.
    pub(super) fn ending_in_time(&self) -> Ending {
        match self.right() {
            (_, at) if at < self.deadline => self.server.ending.1,
            _ => Ending::Silence,
        }
    }
}

impl Server {
    pub(super) fn refusing(delay: u64, kind: ErrorKind) -> Server {
        Server { connect: Connect::Refuse(delay, kind), ..Server::default() }
    }

    pub(super) fn accepting(delay: u64) -> Server {
        Server { connect: Connect::Accept(delay), ..Server::default() }
    }

    pub(super) fn sending(mut self, delay: u64, piece: &[u8]) -> Server {
        self.pieces.push((delay, piece.to_vec()));
        self
    }

    pub(super) fn ending(self, delay: u64, ending: Ending) -> Server {
        Server { ending: (delay, ending), ..self }
    }

    pub(super) fn reply(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|(_, piece)| piece.iter().copied()).collect()
    }

    /// The number of its steps, and the sum of its delays.
    pub(super) fn size(&self) -> (usize, u64) {
        let (first, first_delay) = match self.connect {
            Connect::Accept(delay) | Connect::Refuse(delay, _) => (1, delay),
            Connect::Silence => (0, 0),
        };
        let last = usize::from(self.ending.1 != Ending::Silence);
        let delays = self.pieces.iter().map(|(delay, _)| delay).sum::<u64>();
        (first + self.pieces.len() + last, first_delay + delays + self.ending.0)
    }
}
