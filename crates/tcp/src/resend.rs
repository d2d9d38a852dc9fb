//! Loss: found by a timeout, or earlier by what arrives after the hole.

use std::time::Duration;

use internet::{Fault, Link, TcpConfig, TopologyError, What};
use trace::Trace;

use crate::pair::{Pair, Seen};

/// What became of one lost segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resent {
    /// Which bytes it had: the first and the last.
    pub bytes: (u32, u32),
    /// How long after its loss its sender sent it again.
    pub after: Duration,
    /// How many acknowledgements with the same number reached the sender in between.
    pub repeated_acks: usize,
    /// The number in them.
    pub ack: u32,
    /// What crossed the link from then on.
    pub trace: Trace,
    /// What the client sent and received from the beginning, as a file for Wireshark.
    pub pcap: Vec<u8>,
}

/// The last of four segments is lost: nothing comes after it.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn last_lost() -> Result<Resent, TopologyError> {
    lost(4_000, 4)
}

/// The second of six segments is lost: four come after it.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn second_lost() -> Result<Resent, TopologyError> {
    lost(6_000, 2)
}

/// Sends `length` bytes at once, a thousand in a segment, on a connection that has sent before; the
/// link loses the `nth` segment.
fn lost(length: usize, nth: u64) -> Result<Resent, TopologyError> {
    const BEFORE: usize = 16_000;
    let link = Link { mtu: 1040, ..Link::default() };
    let mut pair = Pair::new(&[b'x'; BEFORE], link, TcpConfig::default(), &[])?;
    pair.run_until(Duration::from_secs(1));
    let sent =
        pair.segments().iter().filter(|seen| seen.is_clients && seen.what == What::Sent).count();
    pair.net.fault(pair.client, pair.server, sent as u64 + nth, Fault::Lose)?;
    pair.count_from_here();
    pair.send(&vec![b'x'; length]);
    pair.run(Duration::from_secs(10), |pair| pair.received.len() < BEFORE + length);
    // The last acknowledgement is on its way.
    pair.run_until(pair.net.now() + Duration::from_millis(50));
    let segments = pair.segments();
    let is_lost = |seen: &&Seen| matches!(seen.what, What::Dropped(_));
    let lost = segments.iter().find(is_lost).expect("the link lost a segment");
    let is_same = |seen: &Seen| seen.what == What::Sent && seen.segment.first == lost.segment.first;
    let sent: Vec<_> = segments
        .iter()
        .filter(|seen| seen.is_clients && is_same(seen))
        .map(|seen| seen.time)
        .collect();
    let acks: Vec<_> = segments
        .iter()
        .filter(|seen| !seen.is_clients && seen.what == What::Arrived && seen.time <= sent[1])
        .filter_map(|seen| seen.segment.ack)
        .collect();
    let ack = acks.last().copied().unwrap_or(0);
    Ok(Resent {
        bytes: (lost.segment.first, lost.segment.last()),
        after: sent[1] - sent[0],
        repeated_acks: acks.iter().filter(|each| **each == ack).count(),
        ack,
        trace: pair.trace(),
        pcap: pair.net.record().pcap(pair.client),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_later_segments_a_timeout_finds_the_loss() -> Result<(), TopologyError> {
        let resent = last_lost()?;
        assert_eq!((resent.bytes, resent.ack, resent.repeated_acks), ((3001, 4000), 3001, 1));
        assert!(resent.after >= Duration::from_secs(1), "{:?}", resent.after);
        Ok(())
    }

    #[test]
    fn repeated_acknowledgements_find_it_in_a_round_trip() -> Result<(), TopologyError> {
        let resent = second_lost()?;
        assert_eq!((resent.bytes, resent.ack, resent.repeated_acks), ((1001, 2000), 1001, 4));
        assert!(resent.after < Duration::from_millis(25), "{:?}", resent.after);
        Ok(())
    }
}
