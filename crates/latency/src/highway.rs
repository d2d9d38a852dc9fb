//! A road: how long one car takes, and how many arrive in an hour.

use std::time::Duration;

/// Cars in one lane keep this far apart.
pub const HEADWAY: Duration = Duration::from_secs(2);

/// A road between two towns.
#[derive(Clone, Copy, Debug)]
pub struct Highway {
    /// Its length.
    pub miles: u64,
    /// How fast each car is, in miles an hour.
    pub speed: u64,
    /// How many cars go side by side.
    pub lanes: u64,
}

impl Highway {
    /// How long one car takes: the road's latency.
    pub fn travel_time(&self) -> Duration {
        Duration::from_secs(3600 * self.miles / self.speed)
    }

    /// How many cars arrive in an hour, once the first one has: its throughput.
    pub fn cars_an_hour(&self) -> u64 {
        self.lanes * 3600 / HEADWAY.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_change_the_throughput_and_not_the_latency() {
        let [one, four] = [1, 4].map(|lanes| Highway { miles: 100, speed: 50, lanes });
        assert_eq!([one, four].map(|road| road.travel_time().as_secs()), [7_200; 2]);
        assert_eq!([one, four].map(|road| road.cars_an_hour()), [1_800, 7_200]);
    }
}
