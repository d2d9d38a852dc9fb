//! The account of a bank, as a store that servers share: it holds one number and answers three
//! requests.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the account holds when the bank opens, in dollars.
pub const OPENING: u64 = 100;

/// One balance. Every request is executed atomically, one at a time.
#[derive(Debug)]
pub struct Account {
    balance: Mutex<u64>,
}

/// A request to the account. As text: `read`, `write 50`, `compare-and-set 100 50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// What is the balance?
    Read,
    /// Set the balance to this, whatever it is.
    Write(u64),
    /// Set the balance to `new` if it is `old`, and reply with a conflict if it is not.
    CompareAndSet {
        /// The balance that the client has read.
        old: u64,
        /// The balance to write.
        new: u64,
    },
}

/// The account's reply. As text: `balance 100`, `written 50`, `conflict 50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// This is the balance.
    Balance(u64),
    /// This is the balance now, as requested.
    Written(u64),
    /// Nothing was written: this is the balance, and not the one that the client has read.
    Conflict(u64),
}

/// The answer to an invalid request.
pub const UNKNOWN: &str = "unknown request, try: read, write 50, compare-and-set 100 50";

impl Account {
    /// An account that holds `balance` dollars.
    pub fn of(balance: u64) -> Account {
        Account { balance: Mutex::new(balance) }
    }

    /// Executes one request.
    pub fn execute(&self, request: Request) -> Reply {
        let mut balance = self.lock();
        match request {
            Request::Read => Reply::Balance(*balance),
            Request::CompareAndSet { old, .. } if old != *balance => Reply::Conflict(*balance),
            Request::Write(new) | Request::CompareAndSet { new, .. } => {
                *balance = new;
                Reply::Written(new)
            }
        }
    }

    /// Answers one message: executes it if it is a request, and returns [`UNKNOWN`] if it is not.
    pub fn answer(&self, message: &[u8]) -> String {
        match Request::parse(message) {
            Some(request) => self.execute(request).to_text(),
            None => UNKNOWN.to_owned(),
        }
    }

    /// The balance is valid even after a panic: it is written in one step.
    fn lock(&self) -> MutexGuard<'_, u64> {
        self.balance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Request {
    /// Parses a request; `None` if it is invalid.
    pub fn parse(message: &[u8]) -> Option<Request> {
        let text = std::str::from_utf8(message).ok()?;
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        match words[..] {
            ["read"] => Some(Request::Read),
            ["write", new] => Some(Request::Write(dollars(new)?)),
            ["compare-and-set", old, new] => {
                Some(Request::CompareAndSet { old: dollars(old)?, new: dollars(new)? })
            }
            _ => None,
        }
    }

    /// The request as it is sent.
    pub fn to_text(self) -> String {
        match self {
            Request::Read => "read".to_owned(),
            Request::Write(new) => format!("write {new}"),
            Request::CompareAndSet { old, new } => format!("compare-and-set {old} {new}"),
        }
    }
}

impl Reply {
    /// Parses a reply; `None` if it is invalid.
    pub fn parse(message: &[u8]) -> Option<Reply> {
        let (word, number) = std::str::from_utf8(message).ok()?.split_once(' ')?;
        let number = dollars(number)?;
        match word {
            "balance" => Some(Reply::Balance(number)),
            "written" => Some(Reply::Written(number)),
            "conflict" => Some(Reply::Conflict(number)),
            _ => None,
        }
    }

    /// The reply as it is sent.
    pub fn to_text(self) -> String {
        match self {
            Reply::Balance(balance) => format!("balance {balance}"),
            Reply::Written(balance) => format!("written {balance}"),
            Reply::Conflict(balance) => format!("conflict {balance}"),
        }
    }
}

/// A number of dollars in digits alone.
pub(crate) fn dollars(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_replies_are_read_as_they_are_written() {
        let (old, new) = (100, u64::MAX);
        for request in [Request::Read, Request::Write(new), Request::CompareAndSet { old, new }] {
            assert_eq!(Request::parse(request.to_text().as_bytes()), Some(request));
        }
        for reply in [Reply::Balance(0), Reply::Written(new), Reply::Conflict(7)] {
            assert_eq!(Reply::parse(reply.to_text().as_bytes()), Some(reply));
        }
    }

    #[test]
    fn an_invalid_request_changes_nothing() {
        let account = Account::of(OPENING);
        for message in [
            "",
            "write",
            "write -1",
            "write +1",
            "write 1 2",
            "write 18446744073709551616",
            "compare-and-set 100",
            "compare-and-set 100 x",
            "READ",
            "\u{1b}[2J",
        ] {
            assert_eq!(account.answer(message.as_bytes()), UNKNOWN, "{message}");
        }
        assert_eq!(account.answer(b"\xff"), UNKNOWN);
        assert_eq!(account.execute(Request::Read), Reply::Balance(OPENING));
    }

    #[test]
    fn compare_and_set_overwrites_only_what_was_read() {
        let account = Account::of(100);
        let set = |old, new| account.execute(Request::CompareAndSet { old, new });
        assert_eq!(set(100, 50), Reply::Written(50));
        for unseen in [100, 49, 51, 0] {
            assert_eq!(set(unseen, 70), Reply::Conflict(50), "{unseen}");
        }
        assert_eq!(account.execute(Request::Write(70)), Reply::Written(70));
    }
}
