//! What this counter cannot do.

use common::crdt::{CounterError, GCounter};

/// What came of going down in a counter that takes the larger entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WentDown {
    /// The replica's entry before.
    pub before: u64,
    /// What it wrote instead.
    pub written: u64,
    /// The entry after it has merged with a replica that had received the first.
    pub merged: u64,
    /// The error that the counter of this course returns.
    pub refusal: Option<CounterError>,
}

/// A replica that has pushed `before` to another sets its entry to a smaller number, and then
/// merges the other's entries.
///
/// # Errors
/// If the counters refuse a step before that.
pub fn go_down(before: u64, written: u64) -> Result<WentDown, CounterError> {
    let (mut replica, mut other) = (GCounter::new(0, 2)?, GCounter::new(1, 2)?);
    replica.increment(before)?;
    other.merge(replica.entries())?;
    // There is no way to make a counter fall, so this is another one with the same number.
    let mut fallen = GCounter::new(0, 2)?;
    fallen.increment(written)?;
    Ok(WentDown {
        before,
        written,
        merged: fallen.entries()[0].max(other.entries()[0]),
        refusal: fallen.merge(other.entries()).err(),
    })
}

/// Two counters, one of what went up and one of what went down. Both only grow, and the value is
/// their difference.
#[derive(Clone, Debug)]
pub struct UpAndDown {
    up: GCounter,
    down: GCounter,
}

impl UpAndDown {
    /// The pair of replica `node` of `nodes`.
    ///
    /// # Errors
    /// As [`GCounter::new`].
    pub fn new(node: usize, nodes: usize) -> Result<Self, CounterError> {
        Ok(UpAndDown { up: GCounter::new(node, nodes)?, down: GCounter::new(node, nodes)? })
    }

    /// Counts `by` up, or down if it is negative.
    ///
    /// # Errors
    /// As [`GCounter::increment`].
    pub fn add(&mut self, by: i64) -> Result<(), CounterError> {
        let counter = if by < 0 { &mut self.down } else { &mut self.up };
        counter.increment(by.unsigned_abs()).map(drop)
    }

    /// Merges what another pair knows.
    ///
    /// # Errors
    /// As [`GCounter::merge`].
    pub fn merge(&mut self, other: &UpAndDown) -> Result<(), CounterError> {
        self.up.merge(other.up.entries())?;
        self.down.merge(other.down.entries())
    }

    /// Up less down, as far as this replica knows.
    pub fn value(&self) -> i128 {
        let as_signed = |value: u128| i128::try_from(value).expect("entries are below 2^53");
        as_signed(self.up.value()) - as_signed(self.down.value())
    }
}

/// One replica goes up by 5, another down by 2, and they merge both ways. Returns both values.
///
/// # Errors
/// If a pair refuses what the other knows.
pub fn up_and_down() -> Result<[i128; 2], CounterError> {
    let (mut one, mut other) = (UpAndDown::new(0, 2)?, UpAndDown::new(1, 2)?);
    one.add(5)?;
    other.add(-2)?;
    one.merge(&other)?;
    other.merge(&one)?;
    Ok([one.value(), other.value()])
}

/// Seats that were sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sold {
    /// How many there are.
    pub seats: u128,
    /// How many replicas sold the last one, each because its counter said that it was free.
    pub sold_the_last: usize,
    /// The value of the counter when both have merged.
    pub counted: u128,
}

/// All seats but one are sold, and both replicas know it. Then a buyer comes to each.
///
/// # Errors
/// If a counter refuses what the other knows.
pub fn sell_the_last(seats: u64) -> Result<Sold, CounterError> {
    let (mut one, mut other) = (GCounter::new(0, 2)?, GCounter::new(1, 2)?);
    one.increment(seats.saturating_sub(1))?;
    other.merge(one.entries())?;
    let limit = u128::from(seats);
    let mut sold_the_last = 0;
    for replica in [&mut one, &mut other] {
        if replica.value() < limit {
            replica.increment(1)?;
            sold_the_last += 1;
        }
    }
    one.merge(other.entries())?;
    Ok(Sold { seats: limit, sold_the_last, counted: one.value() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_restores_an_entry_that_was_decreased() {
        let fallen = go_down(3, 2).unwrap();
        assert_eq!(fallen.merged, 3);
        assert!(matches!(
            fallen.refusal,
            Some(CounterError::OwnEntryAhead { claimed: 3, own: 2, .. })
        ));
        assert_eq!(go_down(3, 0).unwrap().merged, 3);
    }

    #[test]
    fn a_pair_goes_up_and_down() {
        assert_eq!(up_and_down(), Ok([3, 3]));
    }

    #[test]
    fn two_replicas_exceed_a_limit() {
        let sold = sell_the_last(100).unwrap();
        assert_eq!((sold.sold_the_last, sold.counted), (2, 101));
    }
}
