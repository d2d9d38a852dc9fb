//! An account that is paid once for each idempotency key, also across a restart.
//!
//! The client makes up a key for each payment and sends it with every attempt. The account
//! remembers the keys that it has seen with its answers, and repeats the answer instead of the
//! payment.
//!
//! What holds:
//!
//! * The payment and its key are one record: no crash can leave one without the other.
//! * A payment is answered only when its record is durable (`fsync`).
//! * A record that a crash cut short was never answered; opening the account removes it.
//! * At most as many keys are remembered as the account was opened with, the latest ones. A retry
//!   that comes after its key was forgotten pays again.
//!
//! Left out: the ledger is never compacted; the folder's own entry for a new file is not synced;
//! and a key belongs to the account, where a real service has keys for each client. One process at
//! a time may have a ledger open.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The longest key, in bytes.
pub const MAX_KEY: usize = 64;

/// Stands in the ledger where a payment has no key.
const NO_KEY: &str = "-";

/// An account and its ledger, one record a line: the key or `-`, a space, the dollars.
#[derive(Debug)]
pub struct Account {
    ledger: File,
    /// The length of the ledger up to its last whole record.
    len: u64,
    dollars: u64,
    keys: Keys,
}

/// What can be wrong with a payment, or with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A key has 1 to [`MAX_KEY`] letters, digits, `-` or `_`, and is not `-` alone.
    #[error("not a valid key: a key has 1 to {MAX_KEY} letters, digits, - or _")]
    Key,
    /// The key belongs to a payment of another amount.
    #[error("this key belongs to a payment of ${0}")]
    OtherPayment(u64),
    /// The sum is too large for an account.
    #[error("an account cannot hold that much")]
    TooMuch,
    /// A line of the ledger is not a record.
    #[error("line {0} of the ledger is damaged")]
    Damaged(usize),
    /// The ledger cannot be read or written.
    #[error("the ledger cannot be used")]
    Ledger(#[from] io::Error),
}

impl Account {
    /// Opens the ledger at `path`, or begins it, and remembers up to `max_keys` keys.
    ///
    /// # Errors
    /// [`AccountError::Ledger`], or [`AccountError::Damaged`] if a line in it is not a record.
    pub fn open(path: &Path, max_keys: usize) -> Result<Account, AccountError> {
        let mut ledger =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut records = Vec::new();
        ledger.read_to_end(&mut records)?;
        let whole = records.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut account =
            Account { ledger, len: whole as u64, dollars: 0, keys: Keys::new(max_keys) };
        for (line, number) in records[..whole].split_inclusive(|byte| *byte == b'\n').zip(1..) {
            account.replay(line).ok_or(AccountError::Damaged(number))?;
        }
        Ok(account)
    }

    /// The dollars in it.
    pub fn dollars(&self) -> u64 {
        self.dollars
    }

    /// Pays in `dollars`, unless a payment with `key` was made before. Returns what the account
    /// holds then, or held when that payment was made.
    ///
    /// # Errors
    /// As [`AccountError`] says. Nothing is paid then; but after [`AccountError::Ledger`] the
    /// record may have reached the disk all the same, so that the next process to open the ledger
    /// finds it. Retry with the same key.
    pub fn pay(&mut self, dollars: u64, key: Option<&str>) -> Result<u64, AccountError> {
        if let Some(key) = key {
            if !is_key(key) {
                return Err(AccountError::Key);
            }
            if let Some(paid) = self.keys.get(key) {
                return paid.answer_to(dollars);
            }
        }
        let total = self.dollars.checked_add(dollars).ok_or(AccountError::TooMuch)?;
        self.append(&format!("{} {dollars}\n", key.unwrap_or(NO_KEY)))?;
        self.apply(dollars, total, key);
        Ok(total)
    }

    /// Appends a record and syncs it. What a failed append has left behind is overwritten by the
    /// next.
    fn append(&mut self, record: &str) -> io::Result<()> {
        self.ledger.set_len(self.len)?;
        self.ledger.seek(SeekFrom::Start(self.len))?;
        self.ledger.write_all(record.as_bytes())?;
        self.ledger.sync_data()?;
        self.len += record.len() as u64;
        Ok(())
    }

    /// Applies a line of the ledger. `None`: it is not a record.
    fn replay(&mut self, line: &[u8]) -> Option<()> {
        let (key, dollars) = str::from_utf8(line).ok()?.strip_suffix('\n')?.split_once(' ')?;
        let dollars = dollars.parse().ok()?;
        let key = (key != NO_KEY).then_some(key);
        if !key.is_none_or(is_key) {
            return None;
        }
        let total = self.dollars.checked_add(dollars)?;
        self.apply(dollars, total, key);
        Some(())
    }

    fn apply(&mut self, dollars: u64, total: u64, key: Option<&str>) {
        self.dollars = total;
        if let Some(key) = key {
            self.keys.remember(key, Paid { dollars, total });
        }
    }
}

fn is_key(key: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_KEY).contains(&key.len()) && key != NO_KEY && key.bytes().all(is_allowed)
}

/// A payment that was made.
#[derive(Clone, Copy, Debug)]
struct Paid {
    dollars: u64,
    total: u64,
}

impl Paid {
    fn answer_to(self, dollars: u64) -> Result<u64, AccountError> {
        if dollars == self.dollars {
            Ok(self.total)
        } else {
            Err(AccountError::OtherPayment(self.dollars))
        }
    }
}

/// The latest keys, and what was paid with them.
#[derive(Debug)]
struct Keys {
    max: usize,
    /// The oldest first.
    order: VecDeque<String>,
    paid: BTreeMap<String, Paid>,
}

impl Keys {
    fn new(max: usize) -> Keys {
        Keys { max, order: VecDeque::new(), paid: BTreeMap::new() }
    }

    fn get(&self, key: &str) -> Option<Paid> {
        self.paid.get(key).copied()
    }

    fn remember(&mut self, key: &str, paid: Paid) {
        // A ledger that was kept with fewer keys before may name one twice.
        if self.paid.insert(key.to_owned(), paid).is_none() {
            self.order.push_back(key.to_owned());
        }
        if self.order.len() > self.max
            && let Some(oldest) = self.order.pop_front()
        {
            self.paid.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::fs;

    struct Ledger(Scratch);

    impl Ledger {
        fn new() -> Ledger {
            Ledger(Scratch::new().unwrap())
        }
        fn path(&self) -> std::path::PathBuf {
            self.0.path().join("ledger")
        }
        fn open(&self) -> Result<Account, AccountError> {
            Account::open(&self.path(), 2)
        }
    }

    #[test]
    fn a_key_pays_once_and_is_answered_alike() {
        let mut account = Ledger::new().open().unwrap();
        assert_eq!(account.pay(100, Some("a")).unwrap(), 100);
        assert_eq!(account.pay(1, None).unwrap(), 101);
        assert_eq!(account.pay(100, Some("a")).unwrap(), 100, "what it held then");
        assert_eq!(account.dollars(), 101);
        assert!(matches!(account.pay(7, Some("a")), Err(AccountError::OtherPayment(100))));
    }

    #[test]
    fn without_a_key_every_attempt_pays() {
        let mut account = Ledger::new().open().unwrap();
        account.pay(100, None).unwrap();
        assert_eq!(account.pay(100, None).unwrap(), 200);
    }

    #[test]
    fn keys_survive_a_restart_and_only_the_latest_are_remembered() {
        let ledger = Ledger::new();
        let mut account = ledger.open().unwrap();
        for key in ["a", "b", "c"] {
            account.pay(1, Some(key)).unwrap();
        }
        for mut account in [account, ledger.open().unwrap()] {
            account.pay(1, Some("b")).unwrap();
            account.pay(1, Some("c")).unwrap();
            assert_eq!(account.dollars(), 3);
        }
        let mut account = ledger.open().unwrap();
        account.pay(1, Some("a")).unwrap();
        assert_eq!(account.dollars(), 4, "\"a\" was forgotten");
        assert_eq!(ledger.open().unwrap().dollars(), 4);
    }

    #[test]
    fn a_record_that_a_crash_cut_short_is_removed() {
        let ledger = Ledger::new();
        ledger.open().unwrap().pay(100, Some("a")).unwrap();
        let whole = fs::read(ledger.path()).unwrap();
        for cut in 0..whole.len() {
            fs::write(ledger.path(), [&whole, &whole[..cut]].concat()).unwrap();
            let mut account = ledger.open().unwrap();
            assert_eq!(account.pay(1, None).unwrap(), 101);
            assert_eq!(fs::read(ledger.path()).unwrap(), [&whole[..], b"- 1\n"].concat());
        }
    }

    #[test]
    fn a_damaged_ledger_is_named_by_its_line() {
        let ledger = Ledger::new();
        let first = format!("a {}\n", u64::MAX);
        let damaged: [&[u8]; 6] = [b"b\n", b"b x\n", b"\xff 0\n", b"\n", b"b  0\n", b"b 1\n"];
        for second in damaged {
            fs::write(ledger.path(), [first.as_bytes(), second].concat()).unwrap();
            assert!(matches!(ledger.open(), Err(AccountError::Damaged(2))), "{second:?}");
        }
    }

    #[test]
    fn invalid_payments_are_refused_and_nothing_is_paid() {
        let mut account = Ledger::new().open().unwrap();
        for key in ["", "-", "two words", "a\n", &"k".repeat(MAX_KEY + 1)] {
            assert!(matches!(account.pay(1, Some(key)), Err(AccountError::Key)), "{key:?}");
        }
        account.pay(u64::MAX, Some(&"k".repeat(MAX_KEY))).unwrap();
        assert!(matches!(account.pay(1, Some("b")), Err(AccountError::TooMuch)));
        assert_eq!(account.dollars(), u64::MAX);
    }
}
