//! A server whose work must not be done twice: it pays.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The request of every experiment.
pub const REQUEST: &[u8] = b"pay 100";

/// The answer to it, once it is done.
pub const RECEIPT: &[u8] = b"paid 100";

/// How many payments a server has made. Only this shows whether a request was executed.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<AtomicU64>);

impl Ledger {
    /// Executes one request and writes the reply. Returns the number of payments after it, if it
    /// was a payment.
    pub fn answer(&self, request: &[u8], reply: &mut Vec<u8>) -> Option<u64> {
        let Some(amount) = request.strip_prefix(b"pay ") else {
            reply.extend_from_slice(b"unknown request, try: pay 100");
            return None;
        };
        let payments = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        reply.extend_from_slice(b"paid ");
        reply.extend_from_slice(amount);
        Some(payments)
    }

    /// How many payments were made so far.
    pub fn payments(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
