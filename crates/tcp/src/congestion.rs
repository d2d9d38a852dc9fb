//! How a sender finds out what the network carries, and how two of them come to share it.

use std::time::Duration;

use internet::{Internet, Link, NodeId, Tcp, TcpConfig, TopologyError, What, Why, packet};

/// Bits a second of the shared link.
pub const RATE: u64 = 4_000_000;

/// How many packets wait before it.
pub const QUEUE: usize = 20;

/// When the second flow begins.
pub const SECOND_BEGINS: Duration = Duration::from_secs(15);

/// When the experiments end.
pub const END: Duration = Duration::from_secs(60);

/// A moment of one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub time: Duration,
    /// Bytes that were sent and not acknowledged: in flight, as far as the sender knows.
    pub in_flight: u64,
}

/// What a flow did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneFlow {
    /// The bytes in flight, whenever they changed.
    pub samples: Vec<Sample>,
    /// When a packet found the queue full.
    pub drops: Vec<Duration>,
}

/// Two senders, a router, and a receiver behind a slow link.
struct Shared {
    net: Internet,
    senders: [NodeId; 2],
    receiver: NodeId,
    flows: Vec<Tcp>,
    accepted: Vec<Tcp>,
    received: Vec<u64>,
}

impl Shared {
    fn new() -> Result<Shared, TopologyError> {
        let mut net = Internet::new(1);
        let config =
            TcpConfig { receive_buffer: 500_000, send_buffer: 500_000, ..TcpConfig::default() };
        let a = net.host_with("a", "192.0.2.10", config.clone())?;
        let b = net.host_with("b", "192.0.2.20", config.clone())?;
        let router = net.router("router", "192.0.2.1")?;
        let receiver = net.host_with("receiver", "203.0.113.80", config)?;
        let near = Link { delay: Duration::from_millis(1), ..Link::default() };
        let far = Duration::from_millis(20);
        net.link(a, router, near.clone())?;
        net.link(b, router, near)?;
        let slow = Link { delay: far, rate: RATE, queue: QUEUE, ..Link::default() };
        net.link(router, receiver, slow)?;
        net.listen(receiver, 80);
        let (flows, accepted, received) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Shared { net, senders: [a, b], receiver, flows, accepted, received })
    }

    fn begin(&mut self) -> Result<(), TopologyError> {
        let sender = self.senders[self.flows.len()];
        self.flows.push(self.net.connect(sender, "203.0.113.80", 80)?);
        Ok(())
    }

    /// Runs to `until`, with as much to send as the flows take.
    fn run(&mut self, until: Duration) {
        loop {
            for flow in &self.flows {
                self.net.write(*flow, &[b'x'; 10_000]);
            }
            if let Some(tcp) = self.net.accept(self.receiver, 80) {
                self.accepted.push(tcp);
                self.received.push(0);
            }
            for (tcp, received) in self.accepted.iter().zip(&mut self.received) {
                *received += self.net.read(*tcp).len() as u64;
            }
            if !self.net.step(until) {
                break;
            }
        }
    }
}

/// One sender, alone on the link.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn one_flow() -> Result<OneFlow, TopologyError> {
    let mut shared = Shared::new()?;
    shared.begin()?;
    shared.run(END);
    let sender = shared.senders[0];
    let (mut highest, mut acked, mut samples) = (None::<u32>, 0_u32, Vec::new());
    let mut drops = Vec::new();
    for note in &shared.net.record().notes {
        let Some(tcp) = packet::tcp(&note.packet.bytes) else { continue };
        let at_sender = match note.what {
            What::Sent if note.from == sender => {
                let end = (tcp.seq_number().0 as u32).wrapping_add(tcp.segment_len() as u32);
                // Numbers wrap: the later one is less than half the circle ahead.
                let is_later = highest.is_none_or(|highest| end.wrapping_sub(highest) < 1 << 31);
                if is_later {
                    highest = Some(end);
                }
                true
            }
            What::Arrived if note.to == sender => {
                acked = tcp.ack_number().0 as u32;
                true
            }
            What::Dropped(Why::QueueFull) => {
                drops.push(note.time);
                false
            }
            _ => false,
        };
        if let (true, Some(highest)) = (at_sender && acked != 0, highest) {
            let in_flight = u64::from(highest.wrapping_sub(acked));
            samples.push(Sample { time: note.time, in_flight });
        }
    }
    Ok(OneFlow { samples, drops })
}

/// What two flows carried, in each second: the first one, and the second one, in bits.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn two_flows() -> Result<Vec<[u64; 2]>, TopologyError> {
    let mut shared = Shared::new()?;
    shared.begin()?;
    let (mut seconds, mut before) = (Vec::new(), [0; 2]);
    let mut second = Duration::ZERO;
    while second < END {
        if second == SECOND_BEGINS {
            shared.begin()?;
        }
        second += Duration::from_secs(1);
        shared.run(second);
        let now = [0, 1].map(|flow| shared.received.get(flow).copied().unwrap_or(0));
        seconds.push([8 * (now[0] - before[0]), 8 * (now[1] - before[1])]);
        before = now;
    }
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the link and its queue hold: a round trip of 42 ms at its rate, and 20 packets.
    const HOLDS: u64 = RATE / 8 * 42 / 1000 + QUEUE as u64 * 1500;

    #[test]
    fn the_bytes_in_flight_rise_to_what_the_link_holds_and_halve() -> Result<(), TopologyError> {
        let OneFlow { samples, drops } = one_flow()?;
        assert!(drops.len() >= 3, "{drops:?}");
        let most = samples.iter().map(|sample| sample.in_flight).max().unwrap_or(0);
        assert!((HOLDS..HOLDS * 2).contains(&most), "{most} of {HOLDS}");
        // After each drop but those of the start, they fall to about a half within a second.
        for drop in drops.iter().filter(|drop| **drop > Duration::from_secs(5)) {
            let within = |sample: &&Sample| {
                sample.time > *drop && sample.time < *drop + Duration::from_secs(1)
            };
            let least = samples.iter().filter(within).map(|sample| sample.in_flight).min();
            assert!(least.is_some_and(|least| least < HOLDS * 2 / 3), "{drop:?}: {least:?}");
        }
        Ok(())
    }

    #[test]
    fn two_flows_share_the_link_in_the_long_run() -> Result<(), TopologyError> {
        let seconds = two_flows()?;
        let carried = |flow: usize, from: usize, to: usize| -> u64 {
            seconds[from..to].iter().map(|second| second[flow]).sum()
        };
        assert_eq!(carried(1, 0, 15), 0);
        // Alone, the first uses nine tenths at least.
        assert!(carried(0, 5, 15) * 10 > RATE * 10 * 9);
        let (first, second) = (carried(0, 25, 60), carried(1, 25, 60));
        let all = first + second;
        assert!(all * 10 > RATE * 35 * 9, "{all}");
        assert!(first * 10 > all * 4 && second * 10 > all * 4, "{first} {second}");
        Ok(())
    }
}
