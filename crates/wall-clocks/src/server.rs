//! A client whose clock is 100 ms slow asks a server that is right.

use std::time::Duration;

use common::random::Rng;

use crate::machine::{MILLISECOND, Machine, START, TEN, nanos};
use crate::sample::{Path, Sample, SampleError, exchange};

/// How many nanoseconds the server's clock is ahead of the client's.
pub const AHEAD: i64 = 100 * MILLISECOND;

/// How many milliseconds the server takes for a reply.
const SERVES: u64 = 5;

/// How many milliseconds each way takes without a queue.
pub const WAY: u64 = 10;

/// How many milliseconds a packet waits in a queue, at most.
pub const QUEUE: u64 = 40;

/// An exchange as the client sees it, and as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What really happened on the way, which the client does not see.
    pub path: Path,
    /// The four timestamps.
    pub timestamps: [i64; 4],
    /// What the client concludes.
    pub sample: Sample,
}

impl Asked {
    /// How many nanoseconds the offset is too large; negative if it is too small.
    pub fn error(&self) -> i64 {
        self.sample.offset - AHEAD
    }
}

/// One exchange, with the milliseconds that each way takes.
///
/// # Errors
/// None: these timestamps are of an exchange.
pub fn ask(now: Duration, [out, back]: [u64; 2]) -> Result<Asked, SampleError> {
    let [out, serves, back] = [out, SERVES, back].map(Duration::from_millis);
    let path = Path { out, serves, back };
    let (client, server) = (Machine::new(-AHEAD, 0), Machine::new(0, 0));
    let timestamps = exchange(&client, &server, now, path);
    Ok(Asked { path, timestamps, sample: Sample::new(timestamps)? })
}

/// The cases in which the client gets the very same timestamps: how far ahead the server's clock
/// is, if the request takes each of these times in milliseconds, and the reply what is left.
///
/// # Panics
/// If a request takes longer than both together.
pub fn alike(asked: &Asked, outs: &[u64]) -> Vec<(u64, i64)> {
    let begins = Duration::from_nanos((asked.timestamps[0] + AHEAD - START) as u64);
    let both = asked.path.out + asked.path.back;
    let mut cases = Vec::new();
    for &request in outs {
        let out = Duration::from_millis(request);
        let path = Path { out, back: both.saturating_sub(out), ..asked.path };
        // A request that takes longer leaves less for the server's clock to be ahead.
        let ahead = AHEAD + nanos(asked.path.out) - nanos(out);
        let (client, server) = (Machine::new(-AHEAD, 0), Machine::new(ahead - AHEAD, 0));
        let timestamps = exchange(&client, &server, begins, path);
        assert_eq!(timestamps, asked.timestamps, "the client cannot tell the cases apart");
        cases.push((request, ahead));
    }
    cases
}

/// Several exchanges a second apart, in which each packet waits in a queue for a while.
///
/// # Errors
/// None: these timestamps are of an exchange.
pub fn several(count: u64, seed: u64) -> Result<Vec<Asked>, SampleError> {
    let mut rng = Rng::from_seed(seed);
    let mut way = || WAY + rng.within(0..=QUEUE);
    (0..count).map(|second| ask(TEN + Duration::from_secs(second), [way(), way()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_case_of_those_alike_reaches_the_bound() -> Result<(), SampleError> {
        let asked = ask(TEN, [10, 30])?;
        assert_eq!((asked.sample.offset, asked.sample.bound()), (90 * MILLISECOND, 20_000_000));
        let cases = alike(&asked, &[0, 10, 20, 40]);
        let aheads: Vec<_> = cases.iter().map(|(_, ahead)| ahead / MILLISECOND).collect();
        assert_eq!(aheads, [110, 100, 90, 70]);
        Ok(())
    }

    #[test]
    fn no_sample_is_off_by_more_than_its_bound() -> Result<(), SampleError> {
        for seed in 0..100 {
            for asked in several(5, seed)? {
                assert!(asked.error().unsigned_abs() <= asked.sample.bound(), "{asked:?}");
            }
        }
        Ok(())
    }
}
