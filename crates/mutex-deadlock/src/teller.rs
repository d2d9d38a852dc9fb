//! A teller: a server that pays out of an account which it shares with other servers.

use std::time::Duration;

use common::frame::Wire;
use common::transport::{Connection, Deadline, TransportError};

use crate::account::{Reply, Request, dollars};

/// How a teller writes what it has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It writes the new balance, whatever the balance is by then.
    Write,
    /// It writes the new balance if the balance still is what it has seen; otherwise it reads and decides once more.
    CompareAndSet,
}

/// A server that knows two requests, `read` and `withdraw 50`.
#[derive(Debug)]
pub struct Teller {
    /// Where the account is, `host:port`.
    store: String,
    way: Way,
    /// The balance that it has read and not used yet. It is this that may be out of date.
    seen: Option<u64>,
}

/// How a withdrawal went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// The money is out.
    Paid {
        /// What the teller wrote as the new balance.
        left: u64,
        /// How often the account had changed between reading and writing.
        conflicts: u32,
    },
    /// There is less in the account than was asked for; this.
    TooLittle(u64),
}

/// How often a teller tries before it sends its customer away.
const ATTEMPTS: u32 = 5;

/// How long the account may take to answer.
const EXCHANGE: Duration = Duration::from_secs(2);

/// The longest answer of the account that a teller takes, in bytes.
const MAX_REPLY: usize = 1024;

/// The answer to what is no request.
pub const UNKNOWN: &str = "unknown request, try: read, withdraw 50";

/// Why a teller cannot say how it went.
#[derive(Debug, thiserror::Error)]
pub enum TellerError {
    /// The account did not answer.
    #[error("the account cannot be asked")]
    Store(#[from] TransportError),
    /// It answered with something else than an account does.
    #[error("the account answers \"{0}\", which is no answer")]
    Strange(String),
    /// The account changed under every attempt.
    #[error("the account changes too often, nothing was paid")]
    Busy,
}

impl Teller {
    /// A teller of the account at `store` (`host:port`).
    pub fn new(store: impl Into<String>, way: Way) -> Teller {
        Teller {
            store: store.into(),
            way,
            seen: None,
        }
    }

    /// Reads the balance, and keeps it for the next withdrawal.
    ///
    /// # Errors
    /// If the account does not answer as it should.
    pub fn read(&mut self) -> Result<u64, TellerError> {
        let balance = match self.ask(Request::Read)? {
            Reply::Balance(balance) => balance,
            other => return Err(TellerError::Strange(other.to_text())),
        };
        self.seen = Some(balance);
        Ok(balance)
    }

    /// Pays `amount` dollars: reads the balance unless it has been read, decides, and writes what is left.
    ///
    /// # Errors
    /// If the account does not answer as it should, or changes too often. Where the answer to a write is lost, nobody knows
    /// whether it was written.
    pub fn withdraw(&mut self, amount: u64) -> Result<Withdrawn, TellerError> {
        for conflicts in 0..ATTEMPTS {
            let seen = match self.seen.take() {
                Some(seen) => seen,
                None => self.read()?,
            };
            let Some(left) = seen.checked_sub(amount) else {
                return Ok(Withdrawn::TooLittle(seen));
            };
            let write = match self.way {
                Way::Write => Request::Write(left),
                Way::CompareAndSet => Request::CompareAndSet {
                    old: seen,
                    new: left,
                },
            };
            // Whatever comes of it, what was seen is used up.
            self.seen = None;
            match self.ask(write)? {
                Reply::Written(left) => return Ok(Withdrawn::Paid { left, conflicts }),
                Reply::Conflict(_) => {}
                other => return Err(TellerError::Strange(other.to_text())),
            }
        }
        Err(TellerError::Busy)
    }

    /// Answers one message of a customer.
    pub fn answer(&mut self, message: &[u8]) -> String {
        let words: Vec<&[u8]> = message.split(|byte| *byte == b' ').collect();
        let answer = match words[..] {
            [b"read"] => self.read().map(|balance| format!("balance {balance}")),
            [b"withdraw", amount] => match std::str::from_utf8(amount).ok().and_then(dollars) {
                Some(amount) => self.withdraw(amount).map(|how| told(amount, how)),
                None => Ok(UNKNOWN.to_owned()),
            },
            _ => Ok(UNKNOWN.to_owned()),
        };
        answer.unwrap_or_else(|error| match std::error::Error::source(&error) {
            Some(source) => format!("error: {error}: {source}"),
            None => format!("error: {error}"),
        })
    }

    fn ask(&self, request: Request) -> Result<Reply, TellerError> {
        let deadline = Deadline::after(EXCHANGE);
        let mut store = Connection::connect(&self.store, Wire::Lines, MAX_REPLY, deadline)?;
        let reply = store.exchange(request.to_text().as_bytes(), deadline)?;
        Reply::parse(reply)
            .ok_or_else(|| TellerError::Strange(String::from_utf8_lossy(reply).into_owned()))
    }
}

fn told(amount: u64, how: Withdrawn) -> String {
    match how {
        Withdrawn::TooLittle(balance) => format!("refused, the account holds {balance}"),
        Withdrawn::Paid { left, conflicts: 0 } => format!("paid {amount}, {left} left"),
        Withdrawn::Paid { left, conflicts } => {
            format!("paid {amount}, {left} left, at attempt {}", conflicts + 1)
        }
    }
}
