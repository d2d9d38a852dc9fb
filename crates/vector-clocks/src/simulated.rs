//! A long run on a network that loses, duplicates and reorders messages, in virtual time.

use std::time::Duration;

use worlds::node::{Node, Outbox};
use worlds::sim::{Delay, Scenario, Sim};
use worlds::stamps::{lamport, vectors};

use crate::schedules::agrees;

/// The nodes of the run.
pub const NODES: usize = 5;

/// What was counted over all pairs of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Events.
    pub events: usize,
    /// Messages that were lost, and copies that came besides.
    pub lost_and_duplicated: (u64, u64),
    /// Pairs of two events.
    pub pairs: u64,
    /// Those that are concurrent.
    pub concurrent: u64,
    /// Pairs that the vectors order otherwise than the messages do.
    pub wrong_by_vectors: u64,
    /// The same for Lamport stamps, taken for an order.
    pub wrong_by_lamport: u64,
}

/// Sends each of the others a message, in turn, every 50 ms.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Chatter {
    number: usize,
    sent: usize,
}

impl Node for Chatter {
    type Message = ();
    type Timer = ();
    type Record = ();
    type Request = ();
    type Reply = ();

    fn start(&mut self, out: &mut Outbox<Self>) {
        out.set_timer((), Duration::from_millis(10 * (self.number as u64 + 1)));
    }

    fn wake(&mut self, (): (), out: &mut Outbox<Self>) {
        let step = 1 + self.sent % (NODES - 1);
        self.sent += 1;
        out.send((self.number + step) % NODES, ());
        out.set_timer((), Duration::from_millis(50));
    }

    fn receive(&mut self, _from: usize, (): (), _out: &mut Outbox<Self>) {}
}

/// Runs five nodes for two seconds, and judges every pair of events by both clocks.
pub fn judged(seed: u64) -> anyhow::Result<Counted> {
    let millis = Duration::from_millis;
    let mut scenario = Scenario::new(NODES, seed);
    scenario.link.delay = Delay::OneOf(vec![millis(1), millis(20), millis(300)]);
    scenario.link.lost = 100;
    scenario.link.duplicated = 100;
    scenario.until = Duration::from_secs(2);
    let make = |number, _: &[()]| Chatter { number, sent: 0 };
    let mut sim = Sim::new(scenario, make)?.traced();
    sim.run()?;
    let mut counted = Counted {
        lost_and_duplicated: (sim.counts().lost, sim.counts().duplicated),
        ..Counted::default()
    };
    let trace = sim.trace().expect("the run is traced");
    counted.events = trace.events().len();
    let (order, times, vectors) = (trace.happened_before(), lamport(trace), vectors(trace));
    for (a, b) in order.pairs() {
        let is_before = order.holds(a, b);
        counted.pairs += 1;
        counted.concurrent += u64::from(!is_before);
        counted.wrong_by_vectors += u64::from(!agrees(&vectors[a], &vectors[b], is_before));
        counted.wrong_by_lamport += u64::from((times[a] != times[b]) != is_before);
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_are_right_of_every_pair_of_a_long_run() {
        for seed in 0..20 {
            let counted = judged(seed).unwrap();
            assert!(counted.events > 300, "{counted:?}");
            assert!(counted.lost_and_duplicated.0 > 0 && counted.lost_and_duplicated.1 > 0);
            assert!(counted.concurrent > 1000 && counted.wrong_by_lamport > 1000, "{counted:?}");
            assert_eq!(counted.wrong_by_vectors, 0);
        }
    }
}
