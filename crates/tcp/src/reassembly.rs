//! Reordered and duplicated segments, put right by their numbers at the receiver.

use std::time::Duration;

use internet::{Fault, Link, TcpConfig, TopologyError, What};

use crate::pair::Pair;

/// A segment as it arrives, and what the receiver has then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its first and its last byte.
    pub bytes: (u32, u32),
    /// The last byte that is in order: up to there the program can read.
    pub in_order: u32,
    /// How many bytes are kept behind a hole.
    pub kept: u32,
}

/// What a receiver saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The segments, in the order in which they arrived.
    pub arrivals: Vec<Arrival>,
    /// What the program read.
    pub read: Vec<u8>,
}

/// The text that is sent, ten bytes in a segment.
pub const TEXT: &str = "one segment, then another, and the last one. in order!";

/// Sends a text in segments of ten bytes over a link that holds two of them back, and duplicates
/// one.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn reassemble() -> Result<Observed, TopologyError> {
    let mut pair = Pair::new(b"", Link::default(), TcpConfig::default(), &[])?;
    pair.net.tcp(pair.tcp).set_nagle_enabled(false);
    pair.run_until(Duration::from_secs(1));
    let before =
        pair.segments().iter().filter(|seen| seen.is_clients && seen.what == What::Sent).count()
            as u64;
    let ms = Duration::from_millis;
    let faults = [(2, Fault::Hold(ms(5))), (3, Fault::Duplicate(ms(3))), (4, Fault::Hold(ms(2)))];
    for (nth, fault) in faults {
        pair.net.fault(pair.client, pair.server, before + nth, fault)?;
    }
    pair.count_from_here();
    for piece in TEXT.as_bytes().chunks(10) {
        pair.send(piece);
        pair.run_until(pair.net.now() + ms(1));
    }
    pair.run_until(Duration::from_secs(2));
    let segments = pair.segments();
    let arrived = segments
        .iter()
        .filter(|seen| seen.is_clients && seen.what == What::Arrived && seen.segment.length > 0);
    let mut had = vec![false; TEXT.len() + 1];
    let arrivals = arrived.map(|seen| {
        let bytes = (seen.segment.first, seen.segment.last());
        for byte in bytes.0..=bytes.1 {
            had[byte as usize] = true;
        }
        let in_order = had[1..].iter().take_while(|has| **has).count() as u32;
        let kept = had.iter().filter(|has| **has).count() as u32 - in_order;
        Arrival { bytes, in_order, kept }
    });
    Ok(Observed { arrivals: arrivals.collect(), read: pair.received })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_out_of_order_is_read_in_order_and_once() -> Result<(), TopologyError> {
        let seen = reassemble()?;
        assert_eq!(String::from_utf8_lossy(&seen.read), TEXT);
        let firsts: Vec<_> = seen.arrivals.iter().map(|arrival| arrival.bytes.0).collect();
        assert_eq!(firsts, [1, 21, 41, 31, 51, 21, 11, 11]);
        let kept: Vec<_> = seen.arrivals.iter().map(|arrival| arrival.kept).collect();
        assert_eq!(kept, [0, 10, 20, 30, 34, 34, 0, 0]);
        Ok(())
    }
}
