//! What the reader's code sees: the network in virtual time, and what comes from it.

use std::net::Ipv4Addr;

use super::world::Case;
use crate::did_not_terminate;

/// The aliases that one look-up follows at most.
pub const MAX_ALIASES: usize = 8;

/// Questions and other calls of one look-up, after which it is taken to go on for ever. A right one
/// asks up to 18 questions.
const QUESTIONS: usize = 100;
const CALLS: usize = 2_000;

/// What a server replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The id of the question that it answers.
    pub id: u16,
    /// The name that was asked for.
    pub name: String,
    /// What the server says.
    pub body: Body,
}

/// What a server says of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// These records.
    Answer(Vec<Record>),
    /// Other servers know more.
    Referral {
        /// The zone that they have.
        zone: String,
        /// Their addresses, at least one.
        servers: Vec<Ipv4Addr>,
        /// For how many seconds it may be cached.
        ttl: u64,
    },
    /// The name does not exist: NXDOMAIN.
    NoSuchName {
        /// For how many seconds it may be cached.
        ttl: u64,
    },
    /// The server cannot answer: SERVFAIL.
    Failure,
}

/// What there is of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub data: Data,
    /// For how many seconds it may be cached, at most 2^31 - 1.
    pub ttl: u64,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An address: A.
    Address(Ipv4Addr),
    /// Another name, to be looked up instead: CNAME.
    Alias(String),
}

/// Why there is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolveError {
    /// The name, or the target of an alias, does not exist.
    NoSuchName,
    /// No server of a zone gave a usable reply.
    NoAnswer,
    /// There are more than [`MAX_ALIASES`], or they lead in a circle.
    TooManyAliases,
}

/// One thing that a resolver does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It asks this server for this name.
    Ask(Ipv4Addr, String),
    /// It returns from a look-up.
    Return(Result<Ipv4Addr, ResolveError>),
}

/// The servers, and a clock.
#[derive(Debug, Default)]
pub struct Network {
    case: Case,
    number: usize,
    id: u16,
    calls: usize,
    pub(super) steps: Vec<Step>,
}

impl Network {
    pub(super) fn new(case: &Case) -> Network {
        Network { case: case.clone(), ..Network::default() }
    }

    /// Begins the next look-up.
    pub(super) fn begin(&mut self) {
        self.number += 1;
        self.calls = 0;
    }

    /// The time in seconds, below 2^64 - 2^32. It stands still during a look-up.
    pub fn now(&mut self) -> u64 {
        self.count(1);
        self.case.time(self.number)
    }

    /// An id for one question.
    pub fn next_id(&mut self) -> u16 {
        self.count(1);
        // Each once, in an order that looks like none.
        self.id = self.id.wrapping_mul(25_173).wrapping_add(13_849);
        self.id
    }

    /// Asks a server for a name: `None` if no reply comes within the time limit.
    pub fn ask(&mut self, server: Ipv4Addr, id: u16, name: &str) -> Option<Reply> {
        self.count(CALLS / QUESTIONS);
        self.steps.push(Step::Ask(server, name.to_owned()));
        self.case.reply(server, id, name, self.number)
    }

    fn count(&mut self, calls: usize) {
        self.calls += calls;
        if self.calls > CALLS {
            did_not_terminate();
        }
    }
}
