//! Exercise: repair a client that holds three of the eight beliefs.
//!
//! `fetch_all` asks a server for the price of each item of a list. This version works at the desk:
//!
//! ```text
//! let address = network.look_up();
//! let mut prices = Vec::new();
//! for &id in ids {
//!     prices.extend(network.call(address, &[id]).map_err(|_| GaveUp)?);
//! }
//! Ok(prices)
//! ```
//!
//! It takes the network for reliable: it never retries. It takes latency for zero: it makes a call
//! for each id. And it expects the topology never to change: it keeps one address for ever. Write
//! it anew without these three beliefs. The network is simulated, and so is its clock:
//!
//! | the method | what it does | and takes |
//! |---|---|---|
//! | `look_up()` | returns the address where the server is now | 10 ms |
//! | `call(address, ids)` | returns `Ok(prices)`, in the order of the ids | 56 ms |
//! | | or `Err(CallError::TooMany)`, for more than `BATCH` ids, 3 | 56 ms |
//! | | or `Err(CallError::NoAnswer)`, after a timeout | 200 ms |
//! | `wait(ms)` | waits for this many milliseconds | `ms` ms |
//!
//! `NoAnswer` has one of three causes: the request was lost, the answer was lost, or the server has
//! moved to another address. The client cannot tell which. To ask for a price twice does no harm,
//! so every call may be retried.
//!
//! `fetch_all` returns `Ok` of all prices, in the order of the ids, or `Err(GaveUp)`:
//!
//! 1. For an empty list it returns `Ok` of no prices, without a look-up or a call.
//! 2. It looks up the address once before the first call, and keeps it for all batches until a call
//!    gets no answer.
//! 3. It asks for `BATCH` ids with each call, in the order of the list; the last batch may be
//!    smaller. An id that is in the list twice is asked for twice.
//! 4. After `NoAnswer` it waits, then looks up the address again, then calls again with the same
//!    batch. It waits for `FIRST_WAIT` after the first attempt at a batch, 100 ms, for 200 ms after
//!    the second and for 400 ms after the third.
//! 5. Each batch has up to `ATTEMPTS` attempts, 4. If the last gets no answer, `fetch_all` returns
//!    `Err(GaveUp)`, without another wait, look-up or call.
//! 6. Batches that were answered are not asked for again. Attempts and waits begin anew with each
//!    batch.
//!
//! The judge tries lists without faults first, then one fault, then more, and then lists with ids
//! that are equal or not in order. It compares every
//! look-up, call and wait, in their order, and what is returned. Waits in a row count as one.
//!
//! To check it: `cargo run -- check fallacies`

use checks::fallacies::{ATTEMPTS, BATCH, FIRST_WAIT, GaveUp, Network};

/// The prices of these ids, in their order.
pub fn fetch_all(network: &mut Network, ids: &[u32]) -> Result<Vec<u32>, GaveUp> {
    checks::unsolved!("fetch all prices", network, ids, BATCH, ATTEMPTS, FIRST_WAIT)
}
