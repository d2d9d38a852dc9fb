//! "Latency is zero": a hundred calls in turn, one batch, and what a distance costs.

use std::net::Ipv4Addr;
use std::time::Duration;

use internet::{Link, TopologyError};

use crate::world::{SERVER, Service, World, number};

/// How many values the client wants.
pub const VALUES: u32 = 100;

/// Light in a vacuum, in km a second.
pub const VACUUM: f64 = 299_792.458;

/// By how much light is slower in fibre: the index of refraction of its glass.
pub const INDEX: f64 = 1.468;

/// No call waits longer than this.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A server that knows a value for each id: here its square.
struct Squares;

impl Service for Squares {
    fn reply(&mut self, _: Duration, _: Ipv4Addr, ids: &[u8]) -> Option<Vec<u8>> {
        let ids = ids.chunks_exact(4).filter_map(|id| number(id, 0));
        Some(ids.flat_map(|id| id.wrapping_mul(id).to_be_bytes()).collect())
    }
}

/// How the values came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// How many calls it took.
    pub calls: usize,
    /// How many values came.
    pub values: usize,
    /// How long all calls took.
    pub time: Duration,
}

/// Fetches [`VALUES`] values over a link, `batch` of them with each call, one call after the other.
///
/// # Errors
/// If the link is invalid.
///
/// # Panics
/// If `batch` is 0.
pub fn fetch(link: Link, batch: usize) -> Result<Fetched, TopologyError> {
    let mut world = World::new(1, link, &[SERVER], Squares)?;
    let ids: Vec<u32> = (0..VALUES).collect();
    let (mut calls, mut values) = (0, 0);
    for ids in ids.chunks(batch) {
        let request: Vec<u8> = ids.iter().flat_map(|id| id.to_be_bytes()).collect();
        let reply = world.call(SERVER, &request, TIMEOUT, |_| true);
        values += reply.map_or(0, |reply| reply.len() / 4);
        calls += 1;
    }
    Ok(Fetched { calls, values, time: world.now() })
}

/// How many milliseconds light needs for `km` kilometres: in a vacuum, and in straight fibre.
pub fn light(km: f64) -> [f64; 2] {
    let vacuum = km / VACUUM * 1_000.0;
    [vacuum, vacuum * INDEX]
}

/// How many kilometres of fibre light passes in `ms` milliseconds.
pub fn fibre(ms: f64) -> f64 {
    VACUUM / INDEX * ms / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{desk, ocean};

    /// Milliseconds, rounded to tenths.
    fn tenths(time: Duration) -> u128 {
        (time.as_micros() + 50) / 100
    }

    #[test]
    fn calls_in_turn_pay_a_round_trip_each() -> Result<(), TopologyError> {
        for (link, in_turn, batch) in [(desk(), 104, 1), (ocean(), 56_004, 560)] {
            let [one, all] = [fetch(link.clone(), 1)?, fetch(link, VALUES as usize)?];
            assert_eq!((one.calls, one.values), (100, 100));
            assert_eq!((all.calls, all.values), (1, 100));
            assert_eq!((tenths(one.time), tenths(all.time)), (in_turn, batch));
        }
        Ok(())
    }

    #[test]
    fn distances_in_a_vacuum_and_in_fibre() {
        let shown = |km| light(km).map(|ms| format!("{ms:.1}"));
        assert_eq!(shown(5_570.0), ["18.6", "27.3"]);
        assert_eq!(shown(10_850.0), ["36.2", "53.1"]);
        assert_eq!(fibre(0.5).round(), 102.0);
        assert_eq!((fibre(0.0005) * 1_000.0).round(), 102.0);
    }
}
