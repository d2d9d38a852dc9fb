//! "Bandwidth is infinite": how long a packet waits for a link that others use, too.

use std::iter;

use common::random::Rng;

/// How long the link needs for one packet, in microseconds.
pub const SERVICE: u64 = 1_000;

/// Times are counted in hundredths of [`SERVICE`].
const TICKS: u64 = 100;

/// How the packets come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// One program sends, at equal distances.
    Even,
    /// Many programs send, and know nothing of each other: in each tick a packet comes with the
    /// same chance. The draws follow from this seed.
    Random(u64),
}

/// The mean wait of `packets` packets for the link, in microseconds, at a load in percent.
///
/// # Panics
/// If the load is not 1 to 99.
pub fn mean_wait(percent: u64, arrivals: Arrivals, packets: u64) -> u64 {
    assert!((1..=99).contains(&percent), "at a load of 1 no wait has a mean");
    let mut gap = gaps(percent, arrivals);
    let (mut now, mut free, mut waited) = (0, 0, 0);
    for _ in 0..packets {
        now += gap();
        // What is sent while the link is busy waits its turn.
        let begins = now.max(free);
        waited += begins - now;
        free = begins + TICKS;
    }
    waited * SERVICE / TICKS / packets.max(1)
}

/// The ticks from each packet to the next.
fn gaps(percent: u64, arrivals: Arrivals) -> Box<dyn FnMut() -> u64> {
    // Of this many ticks, `percent` bring a packet.
    let all = TICKS * 100;
    match arrivals {
        // Rounded up: at equal distances none comes before the one ahead is sent.
        Arrivals::Even => Box::new(move || all.div_ceil(percent)),
        Arrivals::Random(seed) => {
            let (mut rng, later) = (Rng::from_seed(seed), later(percent, all));
            Box::new(move || {
                let drawn = rng.below(later[0]);
                later.partition_point(|chance| *chance > drawn) as u64
            })
        }
    }
}

/// The chance that the next packet comes later than after 0, 1, 2 and so on ticks, as a share of
/// the first number. In integers, which are the same on each machine, as `ln` is not.
fn later(percent: u64, all: u64) -> Vec<u64> {
    let chances = iter::successors(Some(1_u64 << 40), |chance| {
        let next = chance * (all - percent) / all;
        (next > 0).then_some(next)
    });
    chances.collect()
}

/// The same mean by the formula for packets that come at random, one after the other, and need
/// equally long: the load over twice what is left of it, times [`SERVICE`] (Pollaczek, Khinchine).
pub fn expected_wait(percent: u64) -> u64 {
    SERVICE * percent / (2 * (100 - percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_evenly_never_waits() {
        for percent in 1..=99 {
            assert_eq!(mean_wait(percent, Arrivals::Even, 1_000), 0, "{percent}");
        }
    }

    #[test]
    fn what_comes_at_random_waits_as_the_formula_says() {
        for (percent, within) in [(10, 5), (50, 5), (80, 5), (90, 5), (95, 10), (99, 30)] {
            let (seen, expected) =
                (mean_wait(percent, Arrivals::Random(1), 1_000_000), expected_wait(percent));
            // In ticks, it is a hundredth less.
            assert!(seen.abs_diff(expected) * 100 <= expected * within, "{percent}: {seen}");
        }
    }

    #[test]
    fn the_formula_at_some_loads() {
        let waits = [50, 80, 90, 95, 99].map(expected_wait);
        assert_eq!(waits, [500, 2_000, 4_500, 9_500, 49_500]);
    }
}
