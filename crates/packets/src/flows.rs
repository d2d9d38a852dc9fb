//! Two flows share one wire, packet by packet.

use std::time::Duration;

use internet::packet::{self, datagram};
use internet::{Internet, Link, TopologyError};

/// How many packets each sender sends at once.
pub const EACH: u16 = 4;

/// A packet that crossed the shared wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossed {
    /// Who sent it, and which of its packets it is: `a1`.
    pub name: String,
    /// When it arrived at the other end.
    pub at: Duration,
}

/// Two senders send four packets each to one receiver, at the same moment. Their router has one
/// wire to the receiver, ten times slower than the two that come in.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn share_a_wire() -> Result<Vec<Crossed>, TopologyError> {
    let mut net = Internet::new(1);
    let a = net.tap("a", "192.0.2.10")?;
    let b = net.tap("b", "192.0.2.20")?;
    let router = net.router("router", "192.0.2.1")?;
    let receiver = net.tap("receiver", "203.0.113.80")?;
    let delay = Duration::from_millis(1);
    net.link(a, router, Link { delay, ..Link::default() })?;
    net.link(b, router, Link { delay, ..Link::default() })?;
    net.link(router, receiver, Link { delay, rate: 10_000_000, ..Link::default() })?;
    for number in 1..=EACH {
        for sender in [a, b] {
            let data = [&number.to_be_bytes()[..], &[0; 1470]].concat();
            let (from, to) = (net.address(sender), net.address(receiver));
            net.inject(sender, datagram(from, to, 64, (50_000, 7), &data));
        }
    }
    let mut crossed = Vec::new();
    let from_a = net.address(a);
    net.run(Duration::from_secs(1), |net| {
        while let Some(bytes) = net.take(receiver) {
            let number = bytes[packet::IPV4_HEADER + 9];
            let is_a = packet::ipv4(&bytes).is_some_and(|header| header.src_addr() == from_a);
            let name = format!("{}{number}", if is_a { "a" } else { "b" });
            crossed.push(Crossed { name, at: net.now() });
        }
        true
    });
    Ok(crossed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flows_take_turns() -> Result<(), TopologyError> {
        let crossed = share_a_wire()?;
        let names: Vec<_> = crossed.iter().map(|crossed| &*crossed.name).collect();
        assert_eq!(names, ["a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"]);
        // 1,500 bytes at 10 Mbit a second.
        let gaps = crossed.windows(2).map(|pair| pair[1].at - pair[0].at);
        assert!(gaps.into_iter().all(|gap| gap == Duration::from_micros(1200)));
        Ok(())
    }
}
