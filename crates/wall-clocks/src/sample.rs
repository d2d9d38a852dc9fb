//! How far another clock is ahead, from four timestamps.
//!
//! A client asks a server for the time. The request leaves at t1 by the client's clock and arrives
//! at t2 by the server's; the reply leaves at t3 by the server's and arrives at t4 by the client's
//! (RFC 5905, section 8). Both ways together took what the client waited, less what the server
//! needed. How that divides into the two ways, no timestamp says. If they took equally long, the
//! server is ahead by the mean of (t2 - t1) and (t3 - t4). In truth one of them may have taken all
//! of it, so the mean can be wrong by up to half.
//!
//! What holds:
//!
//! * *The bound*: if both clocks run at one rate and no way takes less than no time, the server is
//!   ahead by [`offset`](Sample::offset), give or take [`bound`](Sample::bound).
//!
//! Left out: that the clocks drift during the exchange, which RFC 5905 adds to the dispersion.

use std::time::Duration;

use crate::machine::Machine;

/// What four timestamps say of two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How many nanoseconds the server's clock is ahead; negative if it is behind.
    pub offset: i64,
    /// How many nanoseconds the request and the reply took together.
    pub delay: u64,
}

/// Four timestamps that no exchange can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// t4 is before t1.
    #[error("the reply came before the request left: was this machine's clock set meanwhile?")]
    ClientWentBack,
    /// t3 is before t2.
    #[error("the server says that it answered before it was asked")]
    ServerWentBack,
    /// The server claims a longer time than the client waited.
    #[error("the server says that it took longer than the answer took to come")]
    TooLong,
    /// An offset of more than 292 years.
    #[error("the two clocks are centuries apart")]
    TooFar,
}

impl Sample {
    /// The sample of these timestamps, t1 to t4, in nanoseconds: the first and the last by the
    /// client's clock, the two between by the server's.
    ///
    /// # Errors
    /// [`SampleError`], if no exchange can have them.
    pub fn new(timestamps: [i64; 4]) -> Result<Sample, SampleError> {
        // A difference of two numbers of 64 bits can need 65, and a sum of two differences 66.
        let [t1, t2, t3, t4] = timestamps.map(i128::from);
        if t4 < t1 {
            return Err(SampleError::ClientWentBack);
        }
        if t3 < t2 {
            return Err(SampleError::ServerWentBack);
        }
        let delay = u64::try_from((t4 - t1) - (t3 - t2)).map_err(|_| SampleError::TooLong)?;
        let offset = ((t2 - t1) + (t3 - t4)).div_euclid(2);
        let offset = i64::try_from(offset).map_err(|_| SampleError::TooFar)?;
        Ok(Sample { offset, delay })
    }

    /// By how many nanoseconds the offset can be wrong, either way. Half a nanosecond counts as a
    /// whole one, since the offset has lost one.
    pub fn bound(&self) -> u64 {
        self.delay.div_ceil(2)
    }
}

/// The sample to trust: the one with the smallest bound, and so with the shortest round trip.
pub fn best(samples: &[Sample]) -> Option<Sample> {
    samples.iter().copied().min_by_key(|sample| sample.delay)
}

/// How long an exchange takes on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The request, from the client to the server.
    pub out: Duration,
    /// The server, from the request to the reply.
    pub serves: Duration,
    /// The reply, back to the client.
    pub back: Duration,
}

/// The four timestamps of an exchange that begins at the true time `now`.
pub fn exchange(client: &Machine, server: &Machine, now: Duration, path: Path) -> [i64; 4] {
    let arrives = now + path.out;
    let leaves = arrives + path.serves;
    let returns = leaves + path.back;
    [client.wall(now), server.wall(arrives), server.wall(leaves), client.wall(returns)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::MILLISECOND;
    use proptest::prelude::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn the_servers_own_time_does_not_count() {
        let sample = Sample::new([0, 110, 115, 45]);
        assert_eq!(sample, Ok(Sample { offset: 90, delay: 40 }));
        assert_eq!(sample.map(|sample| sample.bound()), Ok(20));
        assert_eq!(Sample::new([0, 110, 1_110, 1_040]), Ok(Sample { offset: 90, delay: 40 }));
    }

    #[test]
    fn impossible_timestamps_are_refused() {
        assert_eq!(Sample::new([10, 0, 0, 9]), Err(SampleError::ClientWentBack));
        assert_eq!(Sample::new([0, 10, 9, 20]), Err(SampleError::ServerWentBack));
        assert_eq!(Sample::new([0, 10, 31, 20]), Err(SampleError::TooLong));
        assert_eq!(Sample::new([i64::MIN, i64::MAX, i64::MAX, i64::MIN]), Err(SampleError::TooFar));
        assert_eq!(Sample::new([i64::MIN; 4]), Ok(Sample { offset: 0, delay: 0 }));
        let longest = Sample::new([i64::MIN, 0, 0, i64::MAX]).map(|sample| sample.delay);
        assert_eq!(longest, Ok(u64::MAX));
    }

    #[test]
    fn the_shortest_round_trip_is_trusted() {
        let samples = [9, 4, 7].map(|delay| Sample { offset: delay as i64, delay });
        assert_eq!(best(&samples), Some(samples[1]));
        assert_eq!(best(&[]), None);
    }

    proptest! {
        // Readers break this on purpose, and the failures they find are not to be kept.
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn the_true_offset_is_within_the_bound_and_can_reach_it(
            ahead in -1_000_000_000_000..1_000_000_000_000_i64,
            [out, serves, back] in [0..1_000_000_u64, 0..1_000_000, 0..1_000_000],
        ) {
            let (client, server) = (Machine::new(-ahead, 0), Machine::new(0, 0));
            let [out, serves, back] = [out, serves, back].map(Duration::from_nanos);
            let sample = |out, back| {
                let path = Path { out, serves, back };
                Sample::new(exchange(&client, &server, ms(1), path)).unwrap()
            };
            let Sample { offset, delay } = sample(out, back);
            prop_assert_eq!(u128::from(delay), (out + back).as_nanos());
            prop_assert!(offset.abs_diff(ahead) <= sample(out, back).bound());
            // All of it one way.
            let (all, none) = (out + back, Duration::ZERO);
            for one_way in [sample(all, none), sample(none, all)] {
                prop_assert!(one_way.offset.abs_diff(ahead) >= delay / 2);
            }
        }
    }

    /// Which of two readings comes first matters, as [`read_clocks`](crate::sides) has it.
    #[test]
    fn the_bound_holds_for_a_late_t4_and_not_for_an_early_one() {
        let (client, server) = (Machine::new(-7 * MILLISECOND, 0), Machine::new(0, 0));
        let path = Path { out: ms(5), serves: ms(1), back: ms(5) };
        let is_bound = |late: i64| {
            let [t1, t2, t3, t4] = exchange(&client, &server, ms(1), path);
            let sample = Sample::new([t1, t2, t3, t4 + late]).unwrap();
            sample.offset.abs_diff(7 * MILLISECOND) <= sample.bound()
        };
        assert!([0, 1, MILLISECOND, 60 * MILLISECOND].into_iter().all(is_bound));
        assert!(!is_bound(-8 * MILLISECOND));
    }

    #[test]
    fn a_clock_that_is_ahead_is_found_behind() {
        let (client, server) = (Machine::new(70 * MILLISECOND, 0), Machine::new(0, 0));
        let path = Path { out: ms(5), serves: ms(1), back: ms(5) };
        let sample = Sample::new(exchange(&client, &server, ms(1), path));
        assert_eq!(sample.map(|sample| sample.offset), Ok(-70 * MILLISECOND));
    }
}
