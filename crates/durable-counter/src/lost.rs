//! The three ways to lose what was acknowledged all the same: a replica restarts empty, an old copy
//! of its log comes back, or two replicas share a number.
//!
//! In each of them an entry has more than one writer, or a writer that has forgotten; and merging
//! takes the larger of two entries, which then hides what was counted in the smaller.

use std::time::Duration;

use worlds::node::{Client, Effect, Node, Outbox};
use worlds::sim::{Delay, Fault, Scenario, Sim, Stopped};

use crate::replica::{Message, Record, Refusal, Replica, Reply, Request};

/// The replicas: A, B and C.
const REPLICAS: usize = 3;

/// The one that crashes.
const B: usize = 1;

/// How many increments B acknowledges before it crashes, and how many it is asked for afterwards.
pub const BEFORE: u64 = 20;
/// See [`BEFORE`].
pub const AFTER: u64 = 10;

/// How many of its increments an old copy of its log has.
pub const COPIED: usize = 12;

/// What B finds when it starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// All that it wrote.
    Everything,
    /// An empty folder.
    Nothing,
    /// An old copy of its log.
    OldCopy,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many increments were acknowledged, of [`BEFORE`] and [`AFTER`].
    pub acknowledged: u64,
    /// The value at A in the end.
    pub others_say: u64,
    /// What B says to the last add, in the end: none if it counts it.
    pub refusal: Option<Refusal>,
}

impl Outcome {
    /// How many acknowledged increments are gone.
    pub fn lost(&self) -> u64 {
        self.acknowledged.saturating_sub(self.others_say)
    }
}

/// B counts, crashes, finds what is left of its log, and counts on. If its peers are away, they are
/// cut off from before B crashes until it has been asked for everything. In the end it is asked for
/// one more, which is not in the counts.
///
/// # Errors
/// [`Stopped`]: not in a scenario as short as this.
pub fn restarted(found: Found, peers_are_away: bool) -> Result<Outcome, Stopped> {
    let seconds = Duration::from_secs;
    let make = move |number: usize, records: &[Record]| {
        let left = match found {
            _ if number != B => records.len(),
            Found::Everything => records.len(),
            Found::Nothing => 0,
            Found::OldCopy => records.len().min(COPIED),
        };
        Replica::new(number, REPLICAS, &records[..left])
    };
    let mut sim = Sim::new(scenario(peers_are_away), make).expect("the scenario is valid");
    let mut ask = |at| sim.ask(at, B, Request::add(1));
    let each = Duration::from_millis(10);
    let before: Vec<Client> = (1..=BEFORE as u32).map(|number| ask(each * number)).collect();
    let after: Vec<Client> =
        (1..=AFTER as u32).map(|number| ask(seconds(4) + each * number)).collect();
    let last = ask(seconds(9));
    let read = sim.ask(seconds(9) - each, 0, Request::Read);
    sim.run()?;
    let is_added = |client: &&Client| matches!(sim.answer(**client), Some((_, Reply::Added)));
    let others_say = match sim.answer(read) {
        Some((_, Reply::Value(value))) => u64::try_from(*value).expect("they count to thirty"),
        other => unreachable!("a replica answers with its value, not {other:?}"),
    };
    let refusal = match sim.answer(last) {
        Some((_, Reply::Refused(refusal))) => Some(refusal.clone()),
        _ => None,
    };
    let acknowledged = before.iter().chain(&after).filter(is_added).count() as u64;
    Ok(Outcome { acknowledged, others_say, refusal })
}

fn scenario(peers_are_away: bool) -> Scenario {
    let seconds = Duration::from_secs;
    let mut scenario = Scenario::new(REPLICAS, 1);
    scenario.link.delay = Delay::Fixed(Duration::from_millis(5));
    scenario.faults = vec![(seconds(3), Fault::Crash(B)), (seconds(4), Fault::Restart(B))];
    if peers_are_away {
        scenario.faults.insert(0, (seconds(2), Fault::Split(vec![B])));
        scenario.faults.push((seconds(7), Fault::Heal));
    }
    scenario
}

/// The result of two replicas that share one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// What the two have acknowledged.
    pub counted: [u64; 2],
    /// The value at a third when it has heard both.
    pub third: u128,
    /// What the one that has counted less says to the next add, when the third has connected to it.
    pub refusal: Option<Refusal>,
}

/// Two replicas count under number 1, each in a folder of its own, and replica 0 hears both.
pub fn share_a_number(counted: [u64; 2]) -> Shared {
    let mut third = Replica::new(0, 2, &[]);
    let mut twins = counted.map(|_| Replica::new(1, 2, &[]));
    for (twin, delta) in twins.iter_mut().zip(counted) {
        // A word of the third, which has heard of neither.
        call(twin, |node, out| node.receive(0, Message::Ack(vec![(1, 0)]), out));
        call(twin, |node, out| node.ask(Client(0), Request::add(delta), out));
    }
    for counted in counted {
        let push = Message::Push(vec![(1, counted)]);
        call(&mut third, |node, out| node.receive(1, push, out));
    }
    let less = &mut twins[usize::from(counted[1] < counted[0])];
    // It connects, and is pushed what the third knows of it.
    for push in sent(call(&mut third, |node, out| node.connected(1, out))) {
        call(less, |node, out| node.receive(0, push, out));
    }
    let asked = call(less, |node, out| node.ask(Client(1), Request::add(1), out));
    let refusal = asked.into_iter().find_map(|effect| match effect {
        Effect::Answer { reply: Reply::Refused(refusal), .. } => Some(refusal),
        _ => None,
    });
    Shared { counted, third: third.counter().value(), refusal }
}

fn call(
    replica: &mut Replica,
    handler: impl FnOnce(&mut Replica, &mut Outbox<Replica>),
) -> Vec<Effect<Replica>> {
    let mut out = Outbox::default();
    handler(replica, &mut out);
    out.take()
}

fn sent(effects: Vec<Effect<Replica>>) -> Vec<Message> {
    let sends = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send { message, .. } => Some(message),
        _ => None,
    });
    sends.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(found: Found, peers_are_away: bool) -> (u64, u64, u64, bool) {
        let outcome = restarted(found, peers_are_away).unwrap();
        let lost = outcome.lost();
        (outcome.acknowledged, outcome.others_say, lost, outcome.refusal.is_some())
    }

    #[test]
    fn a_replica_with_its_log_loses_nothing() {
        for peers_are_away in [false, true] {
            assert_eq!(of(Found::Everything, peers_are_away), (30, 30, 0, false));
        }
    }

    #[test]
    fn peers_that_are_there_keep_a_replica_without_its_past_from_counting() {
        assert_eq!(of(Found::Nothing, false), (20, 20, 0, true));
        assert_eq!(of(Found::OldCopy, false), (20, 20, 0, true));
    }

    #[test]
    fn alone_it_counts_and_the_larger_entry_hides_the_smaller() {
        assert_eq!(of(Found::Nothing, true), (30, 20, 10, true));
        // 22 is more than the others know, so no one notices.
        assert_eq!(of(Found::OldCopy, true), (30, 22, 8, false));
    }

    #[test]
    fn of_two_with_one_number_the_smaller_is_hidden_and_notices() {
        for counted in [[3, 2], [2, 3]] {
            let shared = share_a_number(counted);
            assert_eq!(shared.third, 3);
            assert_eq!(shared.refusal, Some(Refusal::Lost { claimed: 3, own: 2 }));
        }
    }
}
