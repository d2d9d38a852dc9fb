//! "There is one administrator": services in a row, each with its own, and two right changes.

use std::ops::Range;

use common::random::Rng;

/// Of a thousand parts of its time, how many a service is down for its administrator's work.
pub const DOWN: u64 = 1;

/// The hours of a year.
pub const YEAR_HOURS: f64 = 8_760.0;

/// A twelfth of a year, in seconds. Each service is down once in it.
const MONTH: u64 = 365 * 24 * 3_600 / 12;

/// Over how many years the outages are counted.
pub const YEARS: u64 = 100;

/// The share of the time in which a request is answered that needs all of `services`, each with
/// `replicas` of which one is enough. By formula: each is down independently of the others.
pub fn expected(services: i32, replicas: i32) -> f64 {
    let down = (DOWN as f64 / 1_000.0).powi(replicas);
    (1.0 - down).powi(services)
}

/// The same, as the hours of a year in which the request fails, of [`YEARS`] years in which each
/// replica is down for a while every month, at a moment of its own.
pub fn simulated(services: usize, replicas: usize, seed: u64) -> f64 {
    let mut rng = Rng::from_seed(seed);
    let months = YEARS * 12;
    let mut outages = Vec::new();
    for _ in 0..services {
        let mut down = maintenance(months, &mut rng);
        for _ in 1..replicas {
            down = both(&down, &maintenance(months, &mut rng));
        }
        outages.append(&mut down);
    }
    covered(outages) as f64 / 3_600.0 / YEARS as f64
}

/// When one replica is down: once a month, in order.
fn maintenance(months: u64, rng: &mut Rng) -> Vec<Range<u64>> {
    let lasts = MONTH * DOWN / 1_000;
    let window = |month| {
        let begins = month * MONTH + rng.within(0..=MONTH - lasts);
        begins..begins + lasts
    };
    (0..months).map(window).collect()
}

/// When both are down. There is one of each in a month, and at the same place.
fn both(one: &[Range<u64>], other: &[Range<u64>]) -> Vec<Range<u64>> {
    let overlap = |(a, b): (&Range<u64>, &Range<u64>)| a.start.max(b.start)..a.end.min(b.end);
    one.iter().zip(other).map(overlap).collect()
}

/// How many seconds lie in at least one of these.
fn covered(mut outages: Vec<Range<u64>>) -> u64 {
    outages.sort_by_key(|outage| outage.start);
    let (mut until, mut seconds) = (0, 0);
    for outage in outages {
        seconds += outage.end.saturating_sub(outage.start.max(until));
        until = until.max(outage.end);
    }
    seconds
}

/// A service behind a firewall, and what their two administrators change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The firewall's closes the port through which nothing has come for months.
    pub closes_idle_port: bool,
    /// The service's moves it to its new port, and all clients know.
    pub moves_service: bool,
}

/// The port of the service today.
pub const OLD_PORT: u16 = 4000;

/// The port that was opened for its next version, and is idle.
pub const NEW_PORT: u16 = 5000;

impl Site {
    /// Whether a client that knows the port gets through to the service.
    pub fn answers(self) -> bool {
        let port = if self.moves_service { NEW_PORT } else { OLD_PORT };
        let open: &[u16] = if self.closes_idle_port { &[OLD_PORT] } else { &[OLD_PORT, NEW_PORT] };
        open.contains(&port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours of a year by the formula.
    fn expected_hours(services: i32, replicas: i32) -> f64 {
        (1.0 - expected(services, replicas)) * YEAR_HOURS
    }

    #[test]
    fn ten_in_a_row_are_up_for_99_percent() {
        assert_eq!(format!("{:.1}", expected(10, 1) * 100.0), "99.0");
        let hours = [(1, 1), (10, 1), (10, 2)]
            .map(|(services, replicas)| format!("{:.2}", expected_hours(services, replicas)));
        assert_eq!(hours, ["8.76", "87.21", "0.09"]);
    }

    #[test]
    fn the_simulation_agrees_with_the_formula_whatever_the_seed() {
        for seed in 0..10 {
            assert_eq!(format!("{:.2}", simulated(1, 1, seed)), "8.76");
            let ten = simulated(10, 1, seed);
            assert!((ten - expected_hours(10, 1)).abs() < 0.2, "seed {seed}: {ten}");
            let twice = simulated(10, 2, seed);
            assert!((0.05..0.14).contains(&twice), "seed {seed}: {twice}");
        }
    }

    #[test]
    fn outages_that_overlap_count_once() {
        assert_eq!(covered(vec![5..9, 0..3, 2..6, 7..8, 20..21, 21..21]), 10);
        assert_eq!(covered(Vec::new()), 0);
        // Where two do not overlap, the range has nothing in it.
        assert_eq!(covered(both(&[0..2, 10..14], &[3..5, 12..16])), 2);
    }

    #[test]
    fn only_both_changes_together_are_an_outage() {
        for closes_idle_port in [false, true] {
            for moves_service in [false, true] {
                let answers = Site { closes_idle_port, moves_service }.answers();
                assert_eq!(answers, !(closes_idle_port && moves_service));
            }
        }
    }
}
