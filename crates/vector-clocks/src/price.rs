//! What a stamp costs in a message.

use common::clock::VectorClock;

/// Events of each node before a stamp is measured.
pub const EVENTS: u64 = 1_000;

/// The bytes of a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The nodes of the system.
    pub nodes: usize,
    /// A Lamport stamp, as 64 bits.
    pub lamport: usize,
    /// A vector, each entry as 64 bits.
    pub vector: usize,
    /// The vector as JSON, when each node has had [`EVENTS`] events.
    pub json: usize,
}

/// The price of a stamp in systems of these sizes.
pub fn of(sizes: &[usize]) -> anyhow::Result<Vec<Price>> {
    sizes.iter().map(|&nodes| price(nodes)).collect()
}

fn price(nodes: usize) -> anyhow::Result<Price> {
    let mut clock = VectorClock::new(0, nodes)?;
    // Its last two events are the receipt and the sending below.
    for _ in 0..EVENTS - 2 {
        clock.tick();
    }
    let mut heard = vec![EVENTS; nodes];
    heard[0] = 0;
    clock.receive(&heard)?;
    let stamp = clock.send_timestamp();
    Ok(Price {
        nodes,
        lamport: size_of::<u64>(),
        vector: size_of_val(stamp),
        json: serde_json::to_string(stamp)?.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_8_bytes_a_node() {
        let prices = of(&[3, 1000]).unwrap();
        assert_eq!((prices[0].vector, prices[1].vector), (24, 8_000));
        assert_eq!((prices[0].lamport, prices[1].lamport), (8, 8));
        assert_eq!(prices[0].json, "[1000,1000,1000]".len());
    }
}
