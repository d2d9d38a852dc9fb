//! A lamp on one hill, and a watcher on the other, each with a clock of its own.

use std::time::Duration;

/// How long the sender keeps the lamp as it is, by its own clock.
pub const SLOT: Duration = Duration::from_millis(100);

/// A lamp over time: for each slot, whether it is lit. Before and after, it is dark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulses(pub Vec<bool>);

impl Pulses {
    /// One slot for each bit of the bytes, and nothing between them.
    pub fn bare(bytes: &[u8]) -> Pulses {
        Pulses(bytes.iter().copied().flat_map(bits).collect())
    }

    /// How long it takes to send them.
    pub fn takes(&self) -> Duration {
        SLOT * u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Whether the lamp is lit at the moment `at`.
    pub fn is_lit(&self, at: Duration) -> bool {
        let slot = at.as_micros() / SLOT.as_micros();
        usize::try_from(slot).is_ok_and(|slot| self.0.get(slot) == Some(&true))
    }

    /// The first moment, from `from` on, at which the lamp is lit.
    pub fn next_lit(&self, from: Duration) -> Option<Duration> {
        let first = usize::try_from(from.as_micros() / SLOT.as_micros()).ok()?;
        let lit = (first..self.0.len()).find(|slot| self.0[*slot])?;
        Some(from.max(SLOT * u32::try_from(lit).ok()?))
    }
}

/// The bits of a byte, the most significant one first, as people write numbers.
pub fn bits(byte: u8) -> [bool; 8] {
    std::array::from_fn(|place| byte & (0x80 >> place) != 0)
}

/// The byte of these bits.
pub fn byte(bits: [bool; 8]) -> u8 {
    bits.into_iter().fold(0, |byte, bit| 2 * byte + u8::from(bit))
}

/// What lit and dark slots look like in a line of text.
pub fn line(slots: &[bool]) -> String {
    slots.iter().map(|is_lit| if *is_lit { '█' } else { '▁' }).collect()
}

/// A receiver that reads the lamp by its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watcher {
    /// How long a slot lasts for it, in true time.
    slot: Duration,
}

/// How many percent a clock is too fast or too slow at most.
pub const WORST_CLOCK: i32 = 50;

impl Watcher {
    /// A watcher whose clock runs this many percent too fast, or too slow where that is negative.
    ///
    /// # Panics
    /// If that is more than [`WORST_CLOCK`].
    pub fn new(percent_fast: i32) -> Watcher {
        let is_possible = (-WORST_CLOCK..=WORST_CLOCK).contains(&percent_fast);
        assert!(is_possible, "a clock is at most {WORST_CLOCK} % wrong, not {percent_fast} %");
        // A fast clock has counted 100 ms before 100 ms have passed.
        Watcher { slot: SLOT * 100 / (100 + percent_fast).unsigned_abs() }
    }

    /// The middle of the `nth` slot, counted from 0, after the moment `start`: as far as possible
    /// from both edges, at which the lamp may change.
    ///
    /// # Panics
    /// If that is slot 2³¹ or a later one.
    pub fn middle(self, start: Duration, nth: usize) -> Duration {
        let halves = u32::try_from(2 * nth + 1).expect("a message of less than 6 years");
        start + self.slot * halves / 2
    }

    /// What it takes for the bytes, counted from the first slot on.
    pub fn read_bare(self, pulses: &Pulses) -> Vec<u8> {
        let sees = |nth| pulses.is_lit(self.middle(Duration::ZERO, nth));
        let letters = 0..pulses.0.len() / 8;
        letters.map(|letter| byte(std::array::from_fn(|bit| sees(8 * letter + bit)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_with_a_good_clock_reads_what_was_sent() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let pulses = Pulses::bare(&every_byte);
        assert_eq!(pulses.0.len(), 8 * 256);
        assert_eq!(Watcher::new(0).read_bare(&pulses), every_byte);
    }

    #[test]
    fn hello_takes_four_seconds() {
        let pulses = Pulses::bare(b"Hello");
        assert_eq!(pulses.takes(), Duration::from_secs(4));
        assert_eq!(line(&pulses.0[..8]), "▁█▁▁█▁▁▁");
    }

    /// The middle of slot n is off by 3 % of n and a half; half a slot is too much.
    #[test]
    fn a_fast_clock_slips_after_seventeen_slots() {
        let read = Watcher::new(3).read_bare(&Pulses::bare(b"Hello"));
        assert_eq!(read[..2], *b"He");
        assert_ne!(read[2], b'l');
        let slow = Watcher::new(-3).read_bare(&Pulses::bare(b"Hello"));
        assert_ne!(slow, b"Hello");
    }

    #[test]
    fn a_clock_beyond_the_worst_is_refused() {
        for percent in [i32::MIN, -51, 51, i32::MAX] {
            let refused = std::panic::catch_unwind(|| Watcher::new(percent));
            let message = refused.expect_err("it panics").downcast::<String>().expect("a text");
            assert!(message.ends_with(&format!("not {percent} %")), "{message}");
        }
    }

    #[test]
    fn light_is_found_from_any_moment_on() {
        let pulses = Pulses(vec![false, true, true, false]);
        let ms = Duration::from_millis;
        assert_eq!(pulses.next_lit(ms(0)), Some(ms(100)));
        assert_eq!(pulses.next_lit(ms(250)), Some(ms(250)));
        assert_eq!(pulses.next_lit(ms(300)), None);
        assert!(!pulses.is_lit(ms(99)) && pulses.is_lit(ms(100)) && !pulses.is_lit(ms(400)));
    }
}
