//! What can happen to packets on a link, each made on purpose and counted at the receiver.

use std::time::Duration;

use internet::packet::{self, datagram};
use internet::{Fault, Internet, Link, NodeId, TopologyError, What};
use trace::Trace;

use crate::world::{LAPTOP, SERVER};

/// How many datagrams a sender sends.
pub const SENT: u8 = 10;

/// The time between two of them.
const PACE: Duration = Duration::from_millis(5);

/// What the link does to one of the datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// The fourth is lost.
    Lost,
    /// The fourth arrives twice.
    Duplicated,
    /// The fourth is held back until others have passed it.
    Reordered,
    /// A bit of the fourth is flipped.
    Corrupted,
    /// The link is slow for all of them.
    Delayed,
}

impl Trouble {
    /// All of them, in the order in which the lesson shows them.
    pub const ALL: [Trouble; 6] = [
        Trouble::None,
        Trouble::Lost,
        Trouble::Duplicated,
        Trouble::Reordered,
        Trouble::Corrupted,
        Trouble::Delayed,
    ];

    fn fault(self) -> Option<Fault> {
        match self {
            Trouble::None | Trouble::Delayed => None,
            Trouble::Lost => Some(Fault::Lose),
            Trouble::Duplicated => Some(Fault::Duplicate(Duration::ZERO)),
            Trouble::Reordered => Some(Fault::Hold(Duration::from_millis(12))),
            // A bit of the datagram's payload.
            Trouble::Corrupted => Some(Fault::Flip(8 * 29)),
        }
    }
}

/// What a receiver counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What the link did.
    pub trouble: Trouble,
    /// The numbers of the datagrams with a right checksum, in the order in which they arrived.
    pub arrived: Vec<u8>,
    /// How many had a wrong checksum.
    pub damaged: usize,
    /// The longest time that one of them took.
    pub slowest: Duration,
}

impl Counted {
    /// The numbers that are missing, as far as the receiver can know.
    pub fn missing(&self) -> Vec<u8> {
        (1..=SENT).filter(|number| !self.arrived.contains(number)).collect()
    }

    /// How many came after one with a higher number.
    pub fn late(&self) -> usize {
        let later = |(place, number): (usize, &u8)| {
            self.arrived[..place].iter().max().is_some_and(|highest| highest > number)
        };
        self.arrived.iter().enumerate().filter(|each| later(*each)).count()
    }

    /// How many came that had come before.
    pub fn twice(&self) -> usize {
        let again = |(place, number): (usize, &u8)| self.arrived[..place].contains(number);
        self.arrived.iter().enumerate().filter(|each| again(*each)).count()
    }
}

/// Sends ten numbered datagrams over a link with this trouble.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn count(trouble: Trouble) -> Result<Counted, TopologyError> {
    let delay = Duration::from_millis(if trouble == Trouble::Delayed { 600 } else { 10 });
    let mut pair = Pair::new(1, Link { delay, ..Link::default() })?;
    if let Some(fault) = trouble.fault() {
        pair.net.fault(pair.sender, pair.receiver, 4, fault)?;
    }
    let mut counted = Counted { trouble, arrived: Vec::new(), damaged: 0, slowest: Duration::ZERO };
    for (number, at) in pair.send(1..=SENT) {
        match number {
            Some(number) => counted.arrived.push(number),
            None => counted.damaged += 1,
        }
        // Each was sent a pace after the one before.
        let sent = number.map_or(at, |number| PACE * u32::from(number - 1));
        counted.slowest = counted.slowest.max(at.saturating_sub(sent));
    }
    Ok(counted)
}

/// A sender and a receiver, with a link between them.
struct Pair {
    net: Internet,
    sender: NodeId,
    receiver: NodeId,
}

impl Pair {
    fn new(seed: u64, link: Link) -> Result<Pair, TopologyError> {
        let mut net = Internet::new(seed);
        let sender = net.tap("sender", &LAPTOP.to_string())?;
        let receiver = net.tap("receiver", &SERVER.to_string())?;
        net.link(sender, receiver, link)?;
        Ok(Pair { net, sender, receiver })
    }

    /// Sends datagrams with these numbers, and returns what arrives and when: the number, or `None`
    /// where the checksum is wrong.
    fn send(&mut self, numbers: impl IntoIterator<Item = u8>) -> Vec<(Option<u8>, Duration)> {
        for number in numbers {
            let probe = datagram(LAPTOP, SERVER, 64, (50_000, 7), &[number; 100]);
            self.net.inject(self.sender, probe);
            self.net.run_until(self.net.now() + PACE);
        }
        self.net.run_until(self.net.now() + Duration::from_secs(2));
        let arrivals: Vec<_> =
            self.net.record().notes.iter().filter(|note| note.what == What::Arrived).collect();
        arrivals.iter().map(|note| (number(&note.packet.bytes), note.time)).collect()
    }
}

/// The number in a datagram whose checksum is right.
fn number(bytes: &[u8]) -> Option<u8> {
    let number = *packet::udp(bytes)?.payload().first()?;
    packet::transport_checksum_holds(bytes).then_some(number)
}

/// What it took to have all pieces of a file arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resent {
    /// How many pieces the file has.
    pub pieces: usize,
    /// How many the receiver asked for again.
    pub missing: usize,
    /// How many packets were sent in all.
    pub packets: u64,
}

/// Sends a file of 100 numbered pieces, of which the link loses one; the receiver names what is
/// missing, and that is sent again.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn resend_what_is_missing() -> Result<Resent, TopologyError> {
    let pieces = 1..=100;
    let mut pair = Pair::new(1, Link::default())?;
    pair.net.fault(pair.sender, pair.receiver, 37, Fault::Lose)?;
    let arrived = pair.send(pieces.clone());
    let has = |piece| arrived.iter().any(|(number, _)| *number == Some(piece));
    let missing: Vec<u8> = pieces.clone().filter(|piece| !has(*piece)).collect();
    pair.send(missing.iter().copied());
    let sent = pair.net.record().notes.iter().filter(|note| note.what == What::Sent).count();
    Ok(Resent { pieces: pieces.count(), missing: missing.len(), packets: sent as u64 })
}

/// Eight datagrams over a link of 2 ms, with its chances and with planned faults: what the reader
/// plays with. A datagram has arrived before the next is sent, unless it is held back.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn draw(seed: u64, link: Link, planned: &[(u64, Fault)]) -> Result<Trace, TopologyError> {
    let mut pair = Pair::new(seed, Link { delay: Duration::from_millis(2), ..link })?;
    for (nth, fault) in planned {
        pair.net.fault(pair.sender, pair.receiver, *nth, *fault)?;
    }
    pair.send(1..=8);
    let nodes = [pair.sender, pair.receiver];
    Ok(pair.net.record().trace(&nodes, |note| match (note.what, number(&note.packet.bytes)) {
        // The header is damaged, so the receiver's system drops it.
        (What::Dropped(_), _) => "drops it".to_owned(),
        (_, Some(number)) => number.to_string(),
        (_, None) => "wrong checksum".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_shows_in_its_own_count() -> Result<(), TopologyError> {
        let seen = |trouble| -> Result<_, TopologyError> {
            let counted = count(trouble)?;
            let (late, twice) = (counted.late(), counted.twice());
            Ok((counted.missing(), twice, late, counted.damaged, counted.slowest.as_millis()))
        };
        let none = Vec::new;
        assert_eq!(seen(Trouble::None)?, (none(), 0, 0, 0, 10));
        assert_eq!(seen(Trouble::Lost)?, (vec![4], 0, 0, 0, 10));
        assert_eq!(seen(Trouble::Duplicated)?, (none(), 1, 0, 0, 10));
        assert_eq!(seen(Trouble::Reordered)?, (none(), 0, 1, 0, 22));
        assert_eq!(seen(Trouble::Corrupted)?, (vec![4], 0, 0, 1, 10));
        assert_eq!(seen(Trouble::Delayed)?, (none(), 0, 0, 0, 600));
        Ok(())
    }

    #[test]
    fn one_lost_piece_costs_one_more_packet() -> Result<(), TopologyError> {
        let resent = resend_what_is_missing()?;
        assert_eq!(resent, Resent { pieces: 100, missing: 1, packets: 101 });
        Ok(())
    }
}
