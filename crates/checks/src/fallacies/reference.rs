//! Exercise: repair a client that holds three of the eight beliefs. One way to write it.

use checks::fallacies::{ATTEMPTS, Address, BATCH, FIRST_WAIT, GaveUp, Network};

/// The prices of these ids, in their order.
pub fn fetch_all(network: &mut Network, ids: &[u32]) -> Result<Vec<u32>, GaveUp> {
    let mut prices = Vec::new();
    if ids.is_empty() {
        return Ok(prices);
    }
    let mut address = network.look_up();
    for batch in ids.chunks(BATCH) {
        prices.extend(fetch_batch(network, &mut address, batch)?);
    }
    Ok(prices)
}

/// The prices of one batch. The address is the newest afterwards.
fn fetch_batch(
    network: &mut Network,
    address: &mut Address,
    batch: &[u32],
) -> Result<Vec<u32>, GaveUp> {
    let mut wait = FIRST_WAIT;
    for _ in 1..ATTEMPTS {
        if let Ok(prices) = network.call(*address, batch) {
            return Ok(prices);
        }
        network.wait(wait);
        wait *= 2;
        *address = network.look_up();
    }
    network.call(*address, batch).map_err(|_| GaveUp)
}
