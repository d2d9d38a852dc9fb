//! "Add $100" over a real connection whose reply is lost, and then again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use common::fault::{Fault, Proxy};
use common::frame::Framing;
use common::transport::{Connection, Deadline, Limits, Running, Server, TransportError};

use crate::account::Account;
use crate::scratch::Scratch;

/// What is paid.
pub const DOLLARS: u64 = 100;

/// How many keys the account remembers here. Real ones remember them for hours or days.
pub const MAX_KEYS: usize = 3;

const KEY: &str = "order-17";

/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest reply, in bytes.
const MAX_REPLY: usize = 256;

/// What happens between the attempt whose reply is lost and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// Nothing.
    Nothing,
    /// The bank's process ends, and another one opens its ledger.
    Restart,
    /// This many others pay $1 each.
    Others(usize),
}

/// How a payment went whose first reply was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The client's error from its first attempt.
    pub first_attempt: String,
    /// The answer to its second.
    pub answer: String,
    /// How often its $100 are in the ledger.
    pub times_paid: u64,
}

/// Pays [`DOLLARS`] over a connection that loses the reply, and then over one that does not.
///
/// # Errors
/// If the bank cannot be reached, or the first reply came through after all.
pub fn with_lost_reply(with_key: bool, meanwhile: Meanwhile) -> anyhow::Result<Payment> {
    let request = if with_key { format!("pay {DOLLARS} {KEY}") } else { format!("pay {DOLLARS}") };
    let bank = Bank::open(Scratch::new().context("cannot make a folder for the ledger")?)?;
    let bad_line = Proxy::start(bank.addr(), Fault::Pass, Fault::CutAfter(0))?;
    let lost = exchange(bad_line.addr(), &request).err();
    drop(bad_line);
    let bank = bank.after(meanwhile)?;
    let answer = exchange(bank.addr(), &request)?;
    Ok(Payment {
        first_attempt: lost.context("the first reply was not lost")?.to_string(),
        answer,
        times_paid: bank.close()? / DOLLARS,
    })
}

/// A server with an account, and the folder that its ledger is in.
struct Bank {
    server: Running,
    folder: Scratch,
}

impl Bank {
    fn open(folder: Scratch) -> anyhow::Result<Bank> {
        let account = Mutex::new(Account::open(&ledger(&folder), MAX_KEYS)?);
        let answer = move |request: &[u8], reply: &mut Vec<u8>| {
            let mut account = account.lock().unwrap_or_else(PoisonError::into_inner);
            reply.extend_from_slice(answer(&mut account, request).as_bytes());
        };
        Ok(Bank {
            server: Server::bind("127.0.0.1:0", Limits::default())?.spawn(Framing::Lines, answer),
            folder,
        })
    }

    fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    fn after(self, meanwhile: Meanwhile) -> anyhow::Result<Bank> {
        match meanwhile {
            Meanwhile::Nothing => {}
            Meanwhile::Others(count) => {
                for other in 0..count {
                    exchange(self.addr(), &format!("pay 1 other-{other}"))?;
                }
            }
            Meanwhile::Restart => {
                self.server.stop()?;
                return Bank::open(self.folder);
            }
        }
        Ok(self)
    }

    /// Ends the server and returns the sum of its ledger.
    fn close(self) -> anyhow::Result<u64> {
        self.server.stop()?;
        Ok(Account::open(&ledger(&self.folder), 0)?.dollars())
    }
}

fn ledger(folder: &Scratch) -> PathBuf {
    folder.path().join("ledger")
}

/// Answers `pay DOLLARS` or `pay DOLLARS KEY`.
fn answer(account: &mut Account, request: &[u8]) -> String {
    match parse(request) {
        None => "refused: say pay DOLLARS, or pay DOLLARS KEY".to_owned(),
        Some((dollars, key)) => match account.pay(dollars, key) {
            Ok(total) => format!("paid, balance ${total}"),
            Err(error) => format!("refused: {error}"),
        },
    }
}

fn parse(request: &[u8]) -> Option<(u64, Option<&str>)> {
    let words = str::from_utf8(request).ok()?.strip_prefix("pay ")?;
    let (dollars, key) = match words.split_once(' ') {
        Some((dollars, key)) => (dollars, Some(key)),
        None => (words, None),
    };
    Some((dollars.parse().ok()?, key))
}

fn exchange(bank: SocketAddr, request: &str) -> Result<String, TransportError> {
    let deadline = Deadline::after(ATTEMPT_TIMEOUT);
    let mut connection =
        Connection::connect(&bank.to_string(), Framing::Lines, MAX_REPLY, deadline)?;
    let reply = connection.exchange(request.as_bytes(), deadline)?;
    Ok(String::from_utf8_lossy(reply).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times_paid(with_key: bool, meanwhile: Meanwhile) -> u64 {
        let payment = with_lost_reply(with_key, meanwhile).unwrap();
        assert!(payment.answer.starts_with("paid"), "{payment:?}");
        payment.times_paid
    }

    #[test]
    fn a_lost_reply_pays_twice_unless_the_payment_has_a_key() {
        assert_eq!(times_paid(false, Meanwhile::Nothing), 2);
        assert_eq!(times_paid(true, Meanwhile::Nothing), 1);
    }

    #[test]
    fn a_key_outlives_the_process_but_not_too_many_others() {
        assert_eq!(times_paid(true, Meanwhile::Restart), 1);
        assert_eq!(times_paid(true, Meanwhile::Others(MAX_KEYS - 1)), 1);
        assert_eq!(times_paid(true, Meanwhile::Others(MAX_KEYS)), 2);
    }

    #[test]
    fn invalid_payments_are_refused() {
        let folder = Scratch::new().unwrap();
        let mut account = Account::open(&ledger(&folder), MAX_KEYS).unwrap();
        for request in [
            "",
            "pay",
            "pay ",
            "pay -1",
            "pay 1 ",
            "pay 1 a b",
            "pay 99999999999999999999",
            "PAY 1",
        ] {
            let answer = answer(&mut account, request.as_bytes());
            assert!(answer.starts_with("refused: "), "{request:?}: {answer}");
        }
        assert!(answer(&mut account, b"pay 1 \xff").starts_with("refused: "));
        assert_eq!(account.dollars(), 0);
    }
}
