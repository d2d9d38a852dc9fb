//! A teller: a server that pays out of an account which it shares with other servers.

use std::time::Duration;

use common::error_chain;
use common::frame::Framing;
use common::transport::{Connection, Deadline, TransportError};

use crate::account::{Reply, Request, dollars};

/// How a teller writes what it has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It writes the new balance, whatever the balance is by then.
    Write,
    /// It writes the new balance if the balance still is what it has read; otherwise it decides
    /// again, from the balance that the account then reports.
    CompareAndSet,
}

/// A server that answers two requests, `read` and `withdraw 50`.
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
    /// The account holds less than was asked for: this balance.
    TooLittle(u64),
}

/// How often a teller tries before it answers with an error.
const ATTEMPTS: u32 = 5;

/// How long the account may take to answer.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest answer of the account that a teller takes, in bytes.
const MAX_REPLY: usize = 1024;

/// The answer to an invalid request.
pub const UNKNOWN: &str = "unknown request, try: read, withdraw 50";

/// Why a request failed, or its outcome is unknown.
#[derive(Debug, thiserror::Error)]
pub enum TellerError {
    /// The account did not answer, and nothing was written.
    #[error("the account cannot be asked, nothing was paid")]
    Store(#[source] TransportError),
    /// It was asked to write, and did not answer.
    #[error("it is unknown whether this was paid")]
    Unknown(#[source] TransportError),
    /// It sent an invalid answer.
    #[error("the account answers \"{0}\", which is not a valid answer")]
    InvalidReply(String),
    /// The account changed under every attempt.
    #[error("the account changes too often, nothing was paid")]
    Busy,
}

impl Teller {
    /// A teller of the account at `store` (`host:port`).
    pub fn new(store: impl Into<String>, way: Way) -> Teller {
        Teller { store: store.into(), way, seen: None }
    }

    /// Reads the balance, and keeps it for the next withdrawal.
    ///
    /// # Errors
    /// If the account does not answer as it should.
    pub fn read(&mut self) -> Result<u64, TellerError> {
        let balance = self.balance()?;
        self.seen = Some(balance);
        Ok(balance)
    }

    /// Pays `amount` dollars: reads the balance unless it has been read, decides, and writes what
    /// is left. After a conflict it decides again, from the balance in the conflict.
    ///
    /// # Errors
    /// If the account does not answer as it should, or changes too often. If the answer to a write
    /// is lost, it is unknown whether it was written.
    pub fn withdraw(&mut self, amount: u64) -> Result<Withdrawn, TellerError> {
        let mut seen = match self.seen.take() {
            Some(seen) => seen,
            None => self.balance()?,
        };
        for conflicts in 0..ATTEMPTS {
            let Some(left) = seen.checked_sub(amount) else {
                return Ok(Withdrawn::TooLittle(seen));
            };
            let write = match self.way {
                Way::Write => Request::Write(left),
                Way::CompareAndSet => Request::CompareAndSet { old: seen, new: left },
            };
            match self.ask(write).map_err(maybe_written)? {
                Reply::Written(left) => return Ok(Withdrawn::Paid { left, conflicts }),
                Reply::Conflict(balance) => seen = balance,
                other => return Err(TellerError::InvalidReply(other.to_text())),
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
                Some(amount) => self.withdraw(amount).map(|how| describe(amount, how)),
                None => Ok(UNKNOWN.to_owned()),
            },
            _ => Ok(UNKNOWN.to_owned()),
        };
        answer.unwrap_or_else(|error| format!("error: {}", error_chain(&error)))
    }

    fn balance(&self) -> Result<u64, TellerError> {
        match self.ask(Request::Read)? {
            Reply::Balance(balance) => Ok(balance),
            other => Err(TellerError::InvalidReply(other.to_text())),
        }
    }

    fn ask(&self, request: Request) -> Result<Reply, TellerError> {
        let deadline = Deadline::after(EXCHANGE_TIMEOUT);
        let mut store = Connection::connect(&self.store, Framing::Lines, MAX_REPLY, deadline)
            .map_err(TellerError::Store)?;
        let reply =
            store.exchange(request.to_text().as_bytes(), deadline).map_err(TellerError::Store)?;
        Reply::parse(reply)
            .ok_or_else(|| TellerError::InvalidReply(String::from_utf8_lossy(reply).into_owned()))
    }
}

/// What a failed write proves: nothing was written only if no connection was made.
fn maybe_written(error: TellerError) -> TellerError {
    use TransportError::{Connect, Resolve};
    match error {
        TellerError::Store(Resolve { .. } | Connect { .. }) => error,
        TellerError::Store(source) => TellerError::Unknown(source),
        other => other,
    }
}

fn describe(amount: u64, how: Withdrawn) -> String {
    match how {
        Withdrawn::TooLittle(balance) => format!("refused, the account holds {balance}"),
        Withdrawn::Paid { left, conflicts: 0 } => format!("paid {amount}, {left} left"),
        Withdrawn::Paid { left, conflicts } => {
            format!("paid {amount}, {left} left, at attempt {}", conflicts + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use common::transport::{Limits, Running, Server};

    /// A store that answers `read`, and each of the other requests with what comes next in
    /// `answers`.
    fn store(answers: &'static [&'static str]) -> Running {
        let next = AtomicUsize::new(0);
        let server = Server::bind("127.0.0.1:0", Limits::default()).unwrap();
        server.spawn_connections(Framing::Lines, move |connection| {
            let deadline = Deadline::after(EXCHANGE_TIMEOUT);
            let is_read = connection.receive(deadline)? == Some(b"read");
            let answer = match is_read {
                true => Some(&"balance 100"),
                false => answers.get(next.fetch_add(1, Ordering::SeqCst)),
            };
            match answer {
                Some(answer) => connection.send(answer.as_bytes(), deadline),
                None => Ok(()),
            }
        })
    }

    fn answer_to_withdraw_50(answers: &'static [&'static str]) -> String {
        let store = store(answers);
        let mut teller = Teller::new(store.addr().to_string(), Way::CompareAndSet);
        teller.answer(b"withdraw 50")
    }

    #[test]
    fn a_conflict_is_retried_a_bounded_number_of_times() {
        const CONFLICT: &str = "conflict 100";
        assert_eq!(answer_to_withdraw_50(&["written 50"]), "paid 50, 50 left");
        assert_eq!(
            answer_to_withdraw_50(&[CONFLICT, CONFLICT, "written 50"]),
            "paid 50, 50 left, at attempt 3"
        );
        let busy = "error: the account changes too often, nothing was paid";
        assert_eq!(answer_to_withdraw_50(&[CONFLICT; ATTEMPTS as usize]), busy);
    }

    #[test]
    fn after_a_conflict_it_decides_from_the_balance_in_it() {
        // A second read would be answered with 100, which is enough.
        assert_eq!(answer_to_withdraw_50(&["conflict 30"]), "refused, the account holds 30");
    }

    #[test]
    fn the_outcome_of_an_unanswered_write_is_unknown() {
        assert_eq!(
            answer_to_withdraw_50(&[]),
            "error: it is unknown whether this was paid: the peer closed the connection without a \
             reply"
        );
        assert_eq!(
            answer_to_withdraw_50(&["written"]),
            "error: the account answers \"written\", which is not a valid answer"
        );
    }

    #[test]
    fn a_read_balance_serves_one_withdrawal() {
        let store = store(&["written 100"]);
        let mut teller = Teller::new(store.addr().to_string(), Way::Write);
        teller.answer(b"read");
        assert!(teller.seen.is_some());
        for _ in 0..2 {
            assert_eq!(teller.answer(b"withdraw 500"), "refused, the account holds 100");
            assert_eq!(teller.seen, None);
        }
    }

    #[test]
    fn an_invalid_request_is_answered_as_unknown() {
        let mut teller = Teller::new("127.0.0.1:1", Way::Write);
        for message in ["", "withdraw", "withdraw -5", "withdraw 5 5", "write 5", "READ"] {
            assert_eq!(teller.answer(message.as_bytes()), UNKNOWN, "{message}");
        }
        assert_eq!(teller.answer(b"withdraw \xff"), UNKNOWN);
    }
}
