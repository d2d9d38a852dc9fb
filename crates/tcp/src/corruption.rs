//! Bits that flip, with the checksum verified and without.

use std::time::Duration;

use internet::{Link, TcpConfig, TopologyError};

use crate::pair::Pair;

/// How many bytes are sent.
pub const LENGTH: usize = 100_000;

/// How many of a thousand packets the link damages.
pub const FLIPPED: u64 = 50;

/// What arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Whether the receiver verified checksums.
    pub verified: bool,
    /// How many of its bytes are not those that were sent.
    pub wrong: usize,
    /// When the last one was there.
    pub after: Duration,
}

/// Sends bytes over a link that flips a bit in some packets.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn send(verify_checksums: bool) -> Result<Arrived, TopologyError> {
    let sent: Vec<u8> = (0..LENGTH).map(|byte| (byte % 251) as u8).collect();
    let link = Link { flipped: FLIPPED, ..Link::default() };
    let config = TcpConfig { verify_checksums, ..TcpConfig::default() };
    let mut pair = Pair::new(&sent, link, config, &[])?;
    pair.run(Duration::from_secs(600), |pair| pair.received.len() < LENGTH);
    let wrong = sent.iter().zip(&pair.received).filter(|(sent, got)| sent != got).count();
    Ok(Arrived { verified: verify_checksums, wrong, after: pair.net.now() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verified_is_late_and_right_unverified_is_early_and_wrong() -> Result<(), TopologyError> {
        let (verified, unverified) = (send(true)?, send(false)?);
        assert_eq!(verified.wrong, 0);
        assert!(unverified.wrong > 0);
        assert!(verified.after > unverified.after, "{verified:?} {unverified:?}");
        Ok(())
    }
}
