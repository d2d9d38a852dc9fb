//! A bound on retries that many calls share.

use std::sync::atomic::{AtomicU64, Ordering};

/// What one retry costs, in hundredths of a token: a first attempt brings in its percentage.
const RETRY: u64 = 100;

/// A token bucket that keeps retries to a share of the first attempts, however many of them fail.
///
/// A client that retries each failure twice trebles its traffic the moment a server fails, which is
/// the worst moment for it. With a budget of 10 % it adds a tenth. Every call of a client shares
/// one budget; threads may, too.
///
/// After `n` first attempts there were at most `reserve + n * percent / 100` retries.
///
/// ```
/// use common::retry::Budget;
///
/// let budget = Budget::new(10, 2);
/// let retried = (0..1000).filter(|_| {
///     budget.deposit();
///     budget.withdraw()
/// });
/// // The reserve, and a tenth of all but the first call, which found the bucket full.
/// assert_eq!(retried.count(), 2 + 99);
/// ```
#[derive(Debug)]
pub struct Budget {
    /// What is in the bucket, in hundredths of a token.
    tokens: AtomicU64,
    /// What each first attempt brings in, in hundredths of a token.
    percent: u64,
    /// What the bucket holds at most, in hundredths of a token.
    capacity: u64,
}

impl Budget {
    /// A bucket that each first attempt adds `percent` hundredths of a retry to. It holds at most
    /// `reserve` retries, and does so at the start.
    pub fn new(percent: u32, reserve: u32) -> Budget {
        let capacity = u64::from(reserve) * RETRY;
        Budget { tokens: AtomicU64::new(capacity), percent: u64::from(percent), capacity }
    }

    /// Adds the share that one first attempt brings in.
    pub fn deposit(&self) {
        self.update(|tokens| Some((tokens + self.percent).min(self.capacity)));
    }

    /// Pays for one retry. `false`: there are too few tokens, and none was taken.
    pub fn withdraw(&self) -> bool {
        self.update(|tokens| tokens.checked_sub(RETRY))
    }

    fn update(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
        // The count alone is shared; it orders nothing else.
        self.tokens.try_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}
