//! What a stamp costs in a message.

use common::clock::{ClockError, VectorClock};

/// The bytes of a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The nodes of the system.
    pub nodes: usize,
    /// A Lamport stamp, as 64 bits.
    pub lamport: usize,
    /// A vector, each entry as 64 bits.
    pub vector: usize,
}

/// The price of a stamp in systems of these sizes.
///
/// # Errors
/// If a clock cannot have so many nodes.
pub fn of(sizes: &[usize]) -> Result<Vec<Price>, ClockError> {
    sizes.iter().map(|&nodes| price(nodes)).collect()
}

fn price(nodes: usize) -> Result<Price, ClockError> {
    let mut clock = VectorClock::new(0, nodes)?;
    let stamp = clock.send_timestamp();
    Ok(Price { nodes, lamport: size_of::<u64>(), vector: size_of_val(stamp) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_8_bytes_a_node() {
        let prices = of(&[3, 1000]).unwrap();
        assert_eq!((prices[0].vector, prices[1].vector), (24, 8_000));
        assert_eq!((prices[0].lamport, prices[1].lamport), (8, 8));
    }
}
