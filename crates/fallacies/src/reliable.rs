//! "The network is reliable": a thousand messages over UDP.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use internet::{Link, TopologyError};

use crate::world::{SERVER, Service, World, number};

/// How many messages are sent.
pub const MESSAGES: u32 = 1_000;

/// How often a message is sent at most.
const ATTEMPTS: u32 = 10;

/// What the sender does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// It sends each message once, one a millisecond.
    Once,
    /// It sends each message until it is acknowledged, and then the next.
    UntilAcknowledged,
}

/// What became of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// How many calls that send reported an error.
    pub errors: usize,
    /// How many packets were sent, acknowledgements included.
    pub packets: usize,
    /// How many messages arrived, copies included.
    pub arrived: usize,
    /// How many the receiving program got, each once.
    pub delivered: usize,
}

/// The receiver: it knows what it has delivered.
#[derive(Default)]
struct Receiver {
    acknowledges: bool,
    arrived: usize,
    /// As many numbers at most as there are messages; lesson 04 shows how to bound that.
    delivered: BTreeSet<u32>,
}

impl Service for Receiver {
    fn reply(&mut self, _: Duration, _: Ipv4Addr, message: &[u8]) -> Option<Vec<u8>> {
        let id = number(message, 0)?;
        self.arrived += 1;
        // A copy is not delivered, but acknowledged: the first acknowledgement may be what was
        // lost.
        self.delivered.insert(id);
        self.acknowledges.then(|| id.to_be_bytes().to_vec())
    }
}

/// Sends [`MESSAGES`] over a link.
///
/// # Errors
/// If the link is invalid.
pub fn deliver(link: Link, seed: u64, sender: Sender) -> Result<Delivered, TopologyError> {
    let acknowledges = sender == Sender::UntilAcknowledged;
    // Longer than a message and its acknowledgement take.
    let timeout = 3 * link.delay + Duration::from_millis(1);
    let receiver = Receiver { acknowledges, ..Receiver::default() };
    let mut world = World::new(seed, link, &[SERVER], receiver)?;
    let mut errors = 0;
    for id in 0..MESSAGES {
        let message = id.to_be_bytes();
        match sender {
            Sender::Once => {
                errors += usize::from(!world.send(SERVER, &message));
                world.run_until(Duration::from_millis(1) * (id + 1));
            }
            Sender::UntilAcknowledged => {
                let mut attempt = |_| world.call(SERVER, &message, timeout, |ack| ack == message);
                errors += usize::from((0..ATTEMPTS).find_map(&mut attempt).is_none());
            }
        }
    }
    // For what is in flight.
    world.run_until(world.now() + timeout);
    let (packets, Receiver { arrived, delivered, .. }) = (world.packets(), world.service);
    Ok(Delivered { errors, packets, arrived, delivered: delivered.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{desk, ocean};

    #[test]
    fn the_desk_loses_nothing() -> Result<(), TopologyError> {
        let once = deliver(desk(), 1, Sender::Once)?;
        let all = Delivered { errors: 0, packets: 1_000, arrived: 1_000, delivered: 1_000 };
        assert_eq!(once, all);
        let acknowledged = deliver(desk(), 1, Sender::UntilAcknowledged)?;
        assert_eq!(acknowledged, Delivered { packets: 2_000, ..all });
        Ok(())
    }

    #[test]
    fn only_the_acknowledging_sender_learns_of_a_cut() -> Result<(), TopologyError> {
        // One message a millisecond: half of them have left by then.
        let cut = Link { cuts: vec![Duration::from_millis(500)..Duration::MAX], ..desk() };
        let once = deliver(cut, 1, Sender::Once)?;
        let half = Delivered { errors: 0, packets: 1_000, arrived: 500, delivered: 500 };
        assert_eq!(once, half);
        let cut = Link { cuts: vec![Duration::ZERO..Duration::MAX], ..desk() };
        let none = Delivered { errors: 1_000, packets: 10_000, arrived: 0, delivered: 0 };
        assert_eq!(deliver(cut, 1, Sender::UntilAcknowledged)?, none);
        Ok(())
    }

    #[test]
    fn every_acknowledged_message_gets_through_whatever_the_seed() -> Result<(), TopologyError> {
        for seed in 0..20 {
            let link = Link { lost: 10, ..ocean() };
            let once = deliver(link.clone(), seed, Sender::Once)?;
            assert_eq!((once.errors, once.packets, once.arrived), (0, 1_000, once.delivered));
            assert!((970..1_000).contains(&once.arrived), "seed {seed}: {once:?}");
            let all = deliver(link, seed, Sender::UntilAcknowledged)?;
            assert_eq!((all.errors, all.delivered), (0, 1_000), "seed {seed}");
            // A message that was lost needs one packet more, a lost acknowledgement two.
            assert!(all.arrived > 1_000 && all.packets > 2_000 + 10, "seed {seed}: {all:?}");
        }
        Ok(())
    }
}
