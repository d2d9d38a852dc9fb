//! What a clock of the reader's makes of a schedule.

use super::NewClock;
use super::cases::{Case, Kind, contains};
use crate::{Stopped, Unsolved, answer};

/// The stamps of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Of each event, up to the one that did not come to its end.
    pub(super) stamps: Vec<u64>,
    /// Why it did not.
    pub(super) stopped: Option<Stopped>,
}

/// The first event that is stamped wrongly.
pub(super) struct Wrong {
    /// Which event it is.
    pub(super) place: usize,
    pub(super) want: u64,
    /// `None` where the clock was stopped.
    pub(super) got: Option<u64>,
    /// An event that happened before it, and has no smaller stamp: the one with the largest.
    pub(super) cause: Option<usize>,
}

/// Stamps every event of a schedule with the clock of its node.
pub(super) fn observe(new: NewClock, case: &Case) -> Result<Seen, Unsolved> {
    let mut stamps = Vec::with_capacity(case.events.len());
    let stopped = answer(|| run(new, case, &mut stamps))?.err();
    Ok(Seen { stamps, stopped })
}

fn run(new: NewClock, case: &Case, stamps: &mut Vec<u64>) {
    let mut clocks: Vec<_> = (0..case.nodes()).map(|_| new()).collect();
    for event in &case.events {
        let clock = &mut clocks[event.node];
        let stamp = match event.kind {
            Kind::Local => clock.tick(),
            Kind::Send { .. } => clock.send_timestamp(),
            Kind::Receive { sending, .. } => clock.receive(stamps[sending]),
        };
        stamps.push(stamp);
    }
}

impl Seen {
    /// The first event whose stamp should be another. Those before it have the right ones, and so
    /// it has the right one to blame it by.
    pub(super) fn first_wrong(&self, case: &Case) -> Option<Wrong> {
        let wants = case.stamps();
        let place =
            (0..wants.len()).find(|&place| self.stamps.get(place) != Some(&wants[place]))?;
        let got = self.stamps.get(place).copied();
        Some(Wrong {
            place,
            want: wants[place],
            got,
            cause: got.and_then(|got| self.not_smaller(case, place, got)),
        })
    }

    fn not_smaller(&self, case: &Case, place: usize, stamp: u64) -> Option<usize> {
        let past = case.pasts()[place];
        (0..place)
            .filter(|&cause| contains(past, cause) && self.stamps[cause] >= stamp)
            .max_by_key(|&cause| self.stamps[cause])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_causes_the_one_with_the_largest_stamp_is_named() {
        let case = Case::parse("a.a.a.ba.1.b").expect("it is a code");
        let seen = Seen { stamps: vec![1, 2, 3, 1, 2, 2], stopped: None };
        let wrong = seen.first_wrong(&case).expect("event 4 is stamped wrongly");
        assert_eq!((wrong.place, wrong.want, wrong.got), (4, 4, Some(2)));
        assert_eq!(wrong.cause, Some(2));
    }
}
