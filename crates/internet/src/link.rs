//! Links: what happens to a packet between two nodes.
//!
//! A link is two wires, one for each direction. A wire sends one packet at a time; the packets that
//! come meanwhile wait in a queue, and one that finds the queue full is dropped. On its way, a
//! packet can be lost, duplicated, overtaken or altered: as the [`Link`]'s chances have it, or on
//! purpose ([`Fault`]).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use common::random::Rng;

use crate::record::Why;

/// A link between two nodes, the same in both directions.
///
/// ```
/// use internet::Link;
/// use std::time::Duration;
///
/// let across_an_ocean = Link { delay: Duration::from_millis(28), lost: 10, ..Link::default() };
/// ```
#[derive(Clone, Debug)]
pub struct Link {
    /// From when the last bit leaves one end to when it reaches the other.
    pub delay: Duration,
    /// Bits a second, at least 1.
    pub rate: u64,
    /// How many packets wait while another is sent; the next one is dropped.
    pub queue: usize,
    /// The largest packet that it takes, in bytes, header included: 68 to 65,535.
    pub mtu: usize,
    /// Of a thousand packets, how many are lost.
    pub lost: u64,
    /// Of a thousand packets, how many arrive twice.
    pub duplicated: u64,
    /// Of a thousand packets, how many are held back for up to four times the delay, so that
    /// others overtake them.
    pub reordered: u64,
    /// Of a thousand packets, how many arrive with one bit flipped.
    pub flipped: u64,
    /// When the link is cut: it loses what it is given then. What it was given before arrives.
    pub cuts: Vec<Range<Duration>>,
}

impl Default for Link {
    /// Ten milliseconds, 100 Mbit a second, without faults.
    fn default() -> Link {
        Link {
            delay: Duration::from_millis(10),
            rate: 100_000_000,
            queue: 100,
            mtu: 1500,
            lost: 0,
            duplicated: 0,
            reordered: 0,
            flipped: 0,
            cuts: Vec::new(),
        }
    }
}

/// What happens to one packet on a link.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It does not arrive.
    Lose,
    /// It arrives twice, the second time this much later.
    Duplicate(Duration),
    /// It arrives this much later.
    Hold(Duration),
    /// It arrives altered.
    Alter(fn(&mut [u8])),
    /// It arrives with this bit flipped, counted from its first; a bit beyond its end counts on
    /// from its first.
    Flip(u64),
}

/// One direction of a link.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) link: Link,
    /// When it has sent all that was given to it.
    free: Duration,
    /// When the packets that wait begin to be sent, and some that began before.
    starts: VecDeque<Duration>,
    /// How many packets it has sent.
    sent: u64,
    planned: BTreeMap<u64, Vec<Fault>>,
}

/// What becomes of a packet that a wire takes.
#[derive(Debug)]
pub(crate) struct Passage {
    /// How many packets it waits for.
    pub(crate) ahead: usize,
    /// When its last bit would arrive without a fault.
    pub(crate) arrives: Duration,
    /// How long it takes to send.
    pub(crate) takes: Duration,
    pub(crate) faults: Vec<Fault>,
}

impl Wire {
    pub(crate) fn new(from: usize, to: usize, link: Link) -> Wire {
        let (free, starts) = (Duration::ZERO, VecDeque::new());
        Wire { from, to, link, free, starts, sent: 0, planned: BTreeMap::new() }
    }

    /// Has the `nth` packet, counted from 1, meet `fault`, beside what else it meets.
    pub(crate) fn plan(&mut self, nth: u64, fault: Fault) {
        self.planned.entry(nth).or_default().push(fault);
    }

    /// Takes a packet of `size` bytes, or drops it.
    pub(crate) fn send(
        &mut self,
        now: Duration,
        size: usize,
        rng: &mut Rng,
    ) -> Result<Passage, Why> {
        if size > self.link.mtu {
            return Err(Why::TooLarge);
        }
        if self.link.cuts.iter().any(|cut| cut.contains(&now)) {
            return Err(Why::Cut);
        }
        while self.starts.front().is_some_and(|start| *start <= now) {
            self.starts.pop_front();
        }
        if self.free > now && self.starts.len() >= self.link.queue {
            return Err(Why::QueueFull);
        }
        let ahead = self.starts.len() + usize::from(self.free > now);
        let start = now.max(self.free);
        self.starts.push_back(start);
        let takes = self.sending_time(size);
        self.free = start + takes;
        self.sent += 1;
        let mut faults = self.planned.remove(&self.sent).unwrap_or_default();
        self.draw(&mut faults, rng);
        Ok(Passage { ahead, arrives: self.free + whole_micros(self.link.delay), takes, faults })
    }

    fn sending_time(&self, size: usize) -> Duration {
        let bits = 8 * size as u64;
        Duration::from_micros((bits * 1_000_000).div_ceil(self.link.rate))
    }

    /// Draws what this packet meets. A chance of nothing draws nothing, so that a link without
    /// faults leaves the numbers to the others.
    fn draw(&self, faults: &mut Vec<Fault>, rng: &mut Rng) {
        let link = &self.link;
        let mut meets = |of_a_thousand: u64| of_a_thousand > 0 && rng.below(1000) < of_a_thousand;
        let (lost, duplicated) = (meets(link.lost), meets(link.duplicated));
        let (reordered, flipped) = (meets(link.reordered), meets(link.flipped));
        if lost {
            faults.push(Fault::Lose);
        }
        if duplicated {
            faults.push(Fault::Duplicate(Duration::ZERO));
        }
        if reordered {
            let longest = whole_micros(link.delay.saturating_mul(4)).as_micros().max(1);
            faults.push(Fault::Hold(Duration::from_micros(rng.within(1..=longest as u64))));
        }
        if flipped {
            faults.push(Fault::Flip(rng.below(8 * link.mtu as u64)));
        }
    }
}

/// Rounded up to microseconds, which is how the stacks count time.
pub(crate) fn whole_micros(time: Duration) -> Duration {
    Duration::from_micros(u64::try_from(time.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX))
}

/// Flips a bit, counted from the first.
pub(crate) fn flip(bytes: &mut [u8], bit: u64) {
    if !bytes.is_empty() {
        let bit = (bit % (8 * bytes.len() as u64)) as usize;
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wire that needs 1 ms for 1,000 bytes, and then 10 ms.
    fn wire(queue: usize) -> Wire {
        Wire::new(0, 1, Link { rate: 8_000_000, queue, ..Link::default() })
    }

    fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    #[test]
    fn packets_wait_for_those_before_them_and_a_full_queue_drops() {
        let (mut wire, mut rng) = (wire(2), Rng::from_seed(1));
        let mut send = |now| match wire.send(now, 1000, &mut rng) {
            Ok(passage) => Some((passage.ahead, passage.arrives)),
            Err(Why::QueueFull) => None,
            Err(other) => panic!("{other}"),
        };
        assert_eq!(send(ms(0)), Some((0, ms(11))));
        assert_eq!(send(ms(0)), Some((1, ms(12))));
        assert_eq!(send(ms(0)), Some((2, ms(13))));
        assert_eq!(send(ms(0)), None);
        // The first is sent, so the second left the queue.
        assert_eq!(send(ms(1)), Some((2, ms(14))));
        assert_eq!(send(ms(1)), None);
        assert_eq!(send(ms(4)), Some((0, ms(15))));
    }

    #[test]
    fn a_queue_for_none_takes_a_packet_when_the_wire_is_free() {
        let (mut wire, mut rng) = (wire(0), Rng::from_seed(1));
        assert!(matches!(wire.send(ms(0), 1000, &mut rng), Ok(Passage { ahead: 0, .. })));
        assert!(matches!(wire.send(ms(0), 1000, &mut rng), Err(Why::QueueFull)));
        assert!(matches!(wire.send(ms(1), 1000, &mut rng), Ok(Passage { ahead: 0, .. })));
    }

    #[test]
    fn a_cut_begins_and_ends_at_its_times() {
        let (mut wire, mut rng) = (wire(9), Rng::from_seed(1));
        wire.link.cuts = vec![ms(5)..ms(7), ms(20)..ms(30)];
        let mut is_cut = |now| matches!(wire.send(now, 100, &mut rng), Err(Why::Cut));
        let seen: Vec<_> = [4, 5, 6, 7, 19, 20, 29, 30].map(|now| is_cut(ms(now))).into();
        assert_eq!(seen, [false, true, true, false, false, true, true, false]);
    }

    #[test]
    fn chances_come_out_in_the_long_run() {
        let (mut wire, mut rng) = (wire(usize::MAX), Rng::from_seed(1));
        wire.send(ms(0), 100, &mut rng).expect("a free wire");
        assert_eq!(rng, Rng::from_seed(1), "a link without faults draws nothing");
        wire.link = Link { lost: 999, duplicated: 200, flipped: 300, reordered: 0, ..wire.link };
        let (mut lost, mut duplicated, mut bits) = (0, 0, Vec::new());
        for _ in 0..10_000 {
            if let Ok(Passage { faults, .. }) = wire.send(ms(0), 100, &mut rng) {
                for fault in faults {
                    match fault {
                        Fault::Lose => lost += 1,
                        Fault::Duplicate(_) => duplicated += 1,
                        Fault::Flip(bit) => bits.push(bit),
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
        assert!((9_900..10_000).contains(&lost), "{lost}");
        assert!((1850..2150).contains(&duplicated), "{duplicated}");
        assert!((2850..3150).contains(&bits.len()) && bits.iter().max() > Some(&(8 * 1490)));
    }

    #[test]
    fn bits_count_from_the_first_and_wrap_at_the_end() {
        let mut bytes = [0, 0];
        flip(&mut bytes, 0);
        flip(&mut bytes, 16 + 15);
        assert_eq!(bytes, [0x80, 0x01]);
        flip(&mut [], 3);
    }
}
