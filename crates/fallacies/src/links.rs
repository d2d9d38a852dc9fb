//! "The network is homogeneous": one request over links of five kinds.

use std::time::Duration;

use internet::{Link, TopologyError};

use crate::fetch::fetch;
use crate::world::{desk, ocean};

/// The answer, in bytes.
pub const ANSWER: usize = 100_000;

/// A kind of link. Those after the desk are typical, and measured nowhere.
pub struct Kind {
    /// What it is.
    pub name: &'static str,
    /// What it does to packets.
    pub link: Link,
}

/// The five links.
pub fn kinds() -> [Kind; 5] {
    let link = |micros, rate, mtu, lost| Link {
        delay: Duration::from_micros(micros),
        rate,
        mtu,
        lost,
        ..Link::default()
    };
    [
        Kind { name: "desk", link: desk() },
        // Jumbo frames, as many networks inside of a datacentre have them.
        Kind { name: "rack", link: link(10, 10_000_000_000, 9_000, 0) },
        Kind { name: "datacentre", link: link(250, 10_000_000_000, 9_000, 0) },
        Kind { name: "ocean", link: Link { rate: 100_000_000, ..ocean() } },
        // A mobile network carries a packet inside another packet, which leaves it less room.
        Kind { name: "phone", link: link(40_000, 10_000_000, 1_400, 10) },
    ]
}

/// How long one request and its answer take over each of the five.
///
/// # Errors
/// None: the links are valid.
pub fn times(seed: u64) -> Result<Vec<Option<Duration>>, TopologyError> {
    kinds().into_iter().map(|kind| fetch(kind.link, seed, ANSWER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_takes_a_thousand_times_as_long_elsewhere() -> Result<(), TopologyError> {
        for seed in 0..30 {
            let times: Vec<_> = times(seed)?.into_iter().flatten().collect();
            assert_eq!(times.len(), 5, "seed {seed}");
            assert!(times[4] > 1_000 * times[1], "seed {seed}: {times:?}");
            // What a timeout of ten times the desk's leaves.
            let is_in_time = |time: &Duration| *time <= 10 * times[0];
            let in_time: Vec<_> = times.iter().map(is_in_time).collect();
            assert_eq!(in_time, [true, true, true, false, false], "seed {seed}");
        }
        Ok(())
    }
}
