//! Every small run: what the stamps promise, and what they do not.

use std::convert::Infallible;
use std::ops::ControlFlow::{self, Break, Continue};

use explore::messages::Messages;
use trace::{HappenedBefore, Trace};
use worlds::stamps::{Clock, lamport, stamps};

/// The nodes of every schedule here.
pub const NODES: usize = 3;

/// The events of the longest schedules.
pub const LONGEST: usize = 5;

/// The lesson asks how many events must have happened before one of this stamp. It is less than
/// [`LONGEST`], so that in some schedules there are more.
pub const STAMP: u64 = 4;

/// What was counted over all schedules of one length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// The events of each schedule.
    pub events: usize,
    /// How many schedules there are.
    pub schedules: u64,
    /// Pairs of two events in them.
    pub pairs: u64,
    /// Of these, the pairs of which one event happened before the other.
    pub ordered: u64,
    /// Of the ordered, those whose first event does not have the smaller stamp.
    pub broken: u64,
    /// Of the broken, those whose first event has the larger stamp. The stamps of the others are
    /// equal.
    pub reversed: u64,
    /// Of all pairs, those whose stamps differ.
    pub differ: u64,
    /// Of those, the ones that are concurrent.
    pub differ_but_concurrent: u64,
    /// Events whose stamp is not the length of the longest chain that ends with them.
    pub not_the_longest_chain: u64,
    /// The fewest events that happened before an event stamped [`STAMP`].
    pub fewest_before: Option<usize>,
}

/// Counts over every schedule of [`NODES`] nodes with 1 to [`LONGEST`] events, for each length.
pub fn census() -> Vec<Census> {
    census_of(lamport)
}

/// The same for other clocks, which give each event of a trace its stamp.
fn census_of(clocks: impl Fn(&Trace) -> Vec<u64>) -> Vec<Census> {
    let mut counts = vec![Census::default(); LONGEST + 1];
    for_each_trace(|trace| counts[trace.events().len()].add(trace, &clocks(trace)));
    // The empty schedule is not counted.
    counts.split_off(1)
}

impl Census {
    /// The pairs with different stamps of which the event with the smaller stamp happened before
    /// the other.
    pub fn smaller_first(&self) -> u64 {
        self.differ - self.differ_but_concurrent - self.reversed
    }

    fn add(&mut self, trace: &Trace, times: &[u64]) {
        let order = trace.happened_before();
        self.events = trace.events().len();
        self.schedules += 1;
        for (a, b) in order.pairs() {
            let (is_ordered, differ) = (order.holds(a, b), times[a] != times[b]);
            self.pairs += 1;
            self.ordered += u64::from(is_ordered);
            self.broken += u64::from(is_ordered && times[a] >= times[b]);
            self.reversed += u64::from(is_ordered && times[a] > times[b]);
            self.differ += u64::from(differ);
            self.differ_but_concurrent += u64::from(differ && !is_ordered);
        }
        let chains = longest_chains(&order, times.len());
        let wrong = chains.iter().zip(times).filter(|(chain, time)| chain != time);
        self.not_the_longest_chain += wrong.count() as u64;
        let stamped = (0..times.len()).filter(|&event| times[event] == STAMP);
        let before = stamped.map(|event| (0..event).filter(|&x| order.holds(x, event)).count());
        self.fewest_before = self.fewest_before.into_iter().chain(before).min();
    }
}

/// For each event, how many there are in the longest chain of events that ends with it, each before
/// the next.
fn longest_chains(order: &HappenedBefore, events: usize) -> Vec<u64> {
    let mut longest = Vec::with_capacity(events);
    for event in 0..events {
        let causes = (0..event).filter(|&cause| order.holds(cause, event));
        let before: u64 = causes.map(|cause| longest[cause]).max().unwrap_or(0);
        longest.push(before + 1);
    }
    longest
}

/// All lengths together. Its number of events is that of the longest.
pub fn sum(counts: &[Census]) -> Census {
    counts.iter().fold(Census::default(), |sum, count| Census {
        events: sum.events.max(count.events),
        schedules: sum.schedules + count.schedules,
        pairs: sum.pairs + count.pairs,
        ordered: sum.ordered + count.ordered,
        broken: sum.broken + count.broken,
        reversed: sum.reversed + count.reversed,
        differ: sum.differ + count.differ,
        differ_but_concurrent: sum.differ_but_concurrent + count.differ_but_concurrent,
        not_the_longest_chain: sum.not_the_longest_chain + count.not_the_longest_chain,
        fewest_before: sum.fewest_before.into_iter().chain(count.fewest_before).min(),
    })
}

/// A schedule that shows something, with two events of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The schedule as text, to draw it again.
    pub schedule: String,
    /// What happened, with the stamps of the clocks.
    pub trace: Trace,
    /// The places of the two events, the one with the smaller stamp first.
    pub pair: (usize, usize),
    /// Which schedule of the search it was, from 1.
    pub tried: u64,
}

/// The smallest schedule in which an event has a smaller stamp than another, and did not happen
/// before it.
pub fn converse_fails() -> Option<Found> {
    find(lamport, |is_ordered, first, second| !is_ordered && first < second)
}

/// The smallest schedule in which clocks that do not add 1 when they receive break their promise.
pub fn forgetful_clocks_fail() -> Option<Found> {
    let forgetful = |trace: &Trace| stamps(trace, vec![Forgetful::default(); NODES]);
    find(forgetful, |is_ordered, first, second| is_ordered && first >= second)
}

/// A Lamport clock with one bug: at a receipt it does not add 1.
#[derive(Clone, Default)]
struct Forgetful {
    time: u64,
}

impl Clock for Forgetful {
    type Stamp = u64;

    fn local(&mut self) -> u64 {
        self.time += 1;
        self.time
    }

    fn send(&mut self) -> u64 {
        self.local()
    }

    fn receive(&mut self, stamp: &u64) -> u64 {
        self.time = self.time.max(*stamp);
        self.time
    }
}

/// The first schedule with a pair of events that fits, given whether they are ordered, and their
/// stamps. Concurrent events are tried both ways round.
fn find(
    clocks: impl Fn(&Trace) -> Vec<u64>,
    fits: impl Fn(bool, u64, u64) -> bool,
) -> Option<Found> {
    let mut tried = 0;
    let found = Messages::between(NODES).each_trace(LONGEST, |schedule, trace| {
        tried += u64::from(!schedule.is_empty());
        let (order, times) = (trace.happened_before(), clocks(trace));
        let both_ways = order.pairs().flat_map(|(a, b)| [(a, b), (b, a)]);
        let mut pairs = both_ways.filter(|&(a, b)| !order.holds(b, a));
        match pairs.find(|&(a, b)| fits(order.holds(a, b), times[a], times[b])) {
            None => Continue(()),
            Some(pair) => Break(Found {
                schedule: schedule.to_string(),
                trace: trace.clone().with_lamport(times),
                pair,
                tried,
            }),
        }
    });
    found.break_value()
}

/// Shows what happens in every schedule.
pub(crate) fn for_each_trace(mut visit: impl FnMut(&Trace)) {
    let network = Messages::between(NODES);
    let all: ControlFlow<Infallible> = network.each_trace(LONGEST, |_, trace| {
        visit(trace);
        Continue(())
    });
    let Continue(()) = all;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_small_schedule_keeps_the_promise_and_no_more() {
        let all = sum(&census());
        let expected = Census {
            events: LONGEST,
            schedules: 118_221,
            pairs: 1_136_760,
            ordered: 456_324,
            broken: 0,
            reversed: 0,
            differ: 833_634,
            differ_but_concurrent: 377_310,
            not_the_longest_chain: 0,
            fewest_before: Some(3),
        };
        assert_eq!(all, expected);
    }

    /// A clock with another receipt: its time after one, from its own time and the stamp.
    #[derive(Clone)]
    struct Receiving(Forgetful, fn(u64, u64) -> u64);

    impl Clock for Receiving {
        type Stamp = u64;

        fn local(&mut self) -> u64 {
            self.0.local()
        }

        fn send(&mut self) -> u64 {
            self.0.send()
        }

        fn receive(&mut self, stamp: &u64) -> u64 {
            self.0.time = (self.1)(self.0.time, *stamp);
            self.0.time
        }
    }

    fn census_with(receive: fn(u64, u64) -> u64) -> Census {
        let clock = Receiving(Forgetful::default(), receive);
        sum(&census_of(|trace| stamps(trace, vec![clock.clone(); NODES])))
    }

    #[test]
    fn an_equal_stamp_is_broken_and_not_reversed() {
        // It does not tick where its own time is not behind.
        let all = census_with(|own, stamp| own.max(stamp + 1));
        assert_eq!((all.broken, all.reversed), (6_810, 0));
        assert_eq!(all.smaller_first(), all.ordered - all.broken);
    }

    #[test]
    fn a_reversed_pair_is_not_one_with_the_smaller_first() {
        // It goes on from the stamp, even if that is smaller than its own time.
        let all = census_with(|_, stamp| stamp + 1);
        assert!(all.reversed > 0 && all.broken > all.reversed, "{all:?}");
        assert_eq!(all.smaller_first(), all.ordered - all.broken);
    }

    #[test]
    fn the_smallest_schedules_that_show_something() {
        let converse = converse_fails().unwrap();
        assert_eq!((&*converse.schedule, converse.pair), ("a.a.b", (2, 1)));
        let forgetful = forgetful_clocks_fail().unwrap();
        assert_eq!((&*forgetful.schedule, forgetful.pair), ("ab.1", (0, 1)));
    }
}
