//! A receiver that does not read stops its sender.

use std::time::Duration;

use internet::{Link, TcpConfig, TopologyError, What};

use crate::pair::{Pair, Segment};

/// The bytes that the receiver has room for.
pub const ROOM: usize = 4_000;

/// When the receiver's program begins to read.
pub const READS_FROM: Duration = Duration::from_millis(1_500);

/// What a sender meets whose receiver does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What left either side, and when; whether it is the client's.
    pub sent: Vec<(Duration, bool, Segment)>,
    /// How many bytes the client had sent when it had to stop.
    pub stopped_at: u32,
    /// How many segments of one byte it sent to ask whether there is room.
    pub probes: usize,
    /// How many bytes the server's program has read in the end.
    pub read: usize,
}

/// A client sends 10,000 bytes to a server with room for 4,000, whose program reads nothing until
/// [`READS_FROM`].
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn small_window() -> Result<Observed, TopologyError> {
    let config = TcpConfig { receive_buffer: ROOM, ..TcpConfig::default() };
    let link = Link { mtu: 1040, ..Link::default() };
    let mut pair = Pair::new(&[b'x'; 10_000], link, config, &[])?;
    pair.reads_from = READS_FROM;
    pair.run_until(READS_FROM);
    pair.run_until(Duration::from_secs(10));
    let segments = pair.segments();
    let sent: Vec<_> = segments
        .iter()
        .filter(|seen| seen.what == What::Sent)
        .map(|seen| (seen.time, seen.is_clients, seen.segment))
        .collect();
    let before = || {
        sent.iter().filter(|(time, is_clients, segment)| {
            *is_clients && *time < READS_FROM && segment.length > 0
        })
    };
    let is_probe = |segment: &Segment| segment.length == 1;
    let data = before().filter(|(.., segment)| !is_probe(segment));
    Ok(Observed {
        stopped_at: data.map(|(.., segment)| segment.last()).max().unwrap_or(0),
        probes: before().filter(|(.., segment)| is_probe(segment)).count(),
        read: pair.received.len(),
        sent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_stops_at_the_room_and_asks_and_goes_on() -> Result<(), TopologyError> {
        let seen = small_window()?;
        assert_eq!(seen.stopped_at, ROOM as u32);
        assert!(seen.probes >= 1);
        assert_eq!(seen.read, 10_000);
        assert!(
            seen.sent.iter().any(|(_, is_clients, segment)| !is_clients && segment.window == 0)
        );
        Ok(())
    }
}
