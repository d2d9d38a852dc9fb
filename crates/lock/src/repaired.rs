//! The lock on links that lose, duplicate and reorder, which [`FifoLinks`] repairs.
//!
//! The lock is the same. What it requires of its links is now the work of a node around it. Two
//! searches ask whether that is enough: one through every schedule of two nodes with a few messages
//! in flight, and long runs of three in virtual time.

use std::time::Duration;

use explore::{Model, SearchResult};
use worlds::fifo::FifoLinks;
use worlds::node::{Client, Node};
use worlds::nodes::{Nodes, State};
use worlds::sim::{Counts, Delay, Scenario, Sim, Stopped};

use crate::exclusion::MOST_STATES;
use crate::mutex::{Mutex, Reply, Request};

/// No node starts a second time here, so all can have the same incarnation.
const INCARNATION: u64 = 1;

/// Two nodes on links that do all that links can do with `room` messages in flight. The client of
/// each node wants the lock this many times.
pub fn lock(times: [usize; 2], room: usize) -> Nodes<FifoLinks<Mutex>> {
    let turns = |times: usize| (0..times).flat_map(|_| [Request::Acquire, Request::Release]);
    let make = |number, _: &[()]| FifoLinks::new(Mutex::new(number, 2), INCARNATION);
    Nodes::new(2, make)
        .one_at_a_time()
        .asking(0, turns(times[0]))
        .asking(1, turns(times[1]))
        .losing()
        .duplicating()
        .with_room_for(room)
}

/// What was observed over all reachable states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// How many there are.
    pub states: usize,
    /// In how many of them both nodes hold the lock.
    pub shared: usize,
    /// In how many of them nothing more can happen.
    pub ends: usize,
    /// In how many of those a client has not got the lock and given it back as often as it wanted.
    pub stuck: usize,
}

/// Visits every state of [`lock`]; none if there are more than [`MOST_STATES`].
pub fn search(times: [usize; 2], room: usize) -> Option<Searched> {
    let lock = lock(times, room);
    let wanted = [Reply::Granted, Reply::Released].repeat(times[0] + times[1]);
    let mut seen = Searched::default();
    let all = explore::search(&lock, MOST_STATES, |state| {
        seen.states += 1;
        seen.shared += usize::from(holders(state) > 1);
        if lock.actions(state).next().is_none() {
            let replies = state.answers.iter().map(|(_, reply)| reply);
            seen.ends += 1;
            seen.stuck += usize::from(!replies.eq(&wanted));
        }
        false
    });
    matches!(all, SearchResult::Never { .. }).then_some(seen)
}

fn holders(state: &State<FifoLinks<Mutex>>) -> usize {
    let holding = state.nodes().filter(|(_, node)| node.node().holds());
    holding.count()
}

/// The nodes of the simulated runs.
pub const NODES: usize = 3;

/// How often each client of the simulated runs asks for the lock.
pub const TURNS: usize = 10;

/// How long from one turn of a client to its next.
const EVERY: Duration = Duration::from_secs(10);

/// How often a client tries to give the lock back, whether it has it or not.
const TRIES_TO_RELEASE: Duration = Duration::from_millis(100);

/// The result of a simulated run, in which [`NODES`] clients each ask for the lock [`TURNS`] times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulated {
    /// How often one of them got it.
    pub granted: usize,
    /// How often one of them got it while another had it.
    pub overlaps: usize,
    /// The counts of messages.
    pub counts: Counts,
}

/// Runs the lock on bad links, and [`FifoLinks`] between them.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn with_fifo_links(seed: u64) -> Result<Simulated, Stopped> {
    run(seed, |number| FifoLinks::new(Mutex::new(number, NODES), INCARNATION))
}

/// Runs the lock on the bad links alone.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn without_fifo_links(seed: u64) -> Result<Simulated, Stopped> {
    run(seed, |number| Mutex::new(number, NODES))
}

fn run<N>(seed: u64, make: impl Fn(usize) -> N) -> Result<Simulated, Stopped>
where
    N: Node<Request = Request, Reply = Reply>,
{
    let mut sim = Sim::new(bad_links(seed), |number, _: &[N::Record]| make(number))
        .expect("the scenario does not contradict itself");
    let mut asked = Vec::new();
    for turn in 0..TURNS as u32 {
        for node in 0..NODES {
            asked.push((node, sim.ask(EVERY * turn, node, Request::Acquire)));
        }
    }
    let mut at = TRIES_TO_RELEASE;
    while at < EVERY * TURNS as u32 {
        for node in 0..NODES {
            asked.push((node, sim.ask(at, node, Request::Release)));
        }
        at += TRIES_TO_RELEASE;
    }
    sim.run()?;
    let answer = |client: Client| sim.answer(client).copied();
    let replies = asked
        .into_iter()
        .filter_map(|(node, client)| answer(client).map(|(at, reply)| (at, node, reply)));
    Ok(judged(replies.collect(), sim.counts()))
}

/// Links on which one in five messages is lost and one in five is duplicated, and a message may
/// take longer than the retransmission interval.
fn bad_links(seed: u64) -> Scenario {
    let millis = Duration::from_millis;
    let mut scenario = Scenario::new(NODES, seed);
    scenario.link.delay = Delay::OneOf(vec![millis(1), millis(20), millis(300)]);
    (scenario.link.lost, scenario.link.duplicated) = (200, 200);
    scenario.until = EVERY * TURNS as u32;
    scenario
}

/// Goes through the replies to clients, in the order of time.
fn judged(mut replies: Vec<(Duration, usize, Reply)>, counts: Counts) -> Simulated {
    replies.sort_by_key(|(at, ..)| *at);
    let mut seen = Simulated { counts, ..Simulated::default() };
    let mut holds = [false; NODES];
    for (_, node, reply) in replies {
        match reply {
            Reply::Granted => {
                seen.granted += 1;
                seen.overlaps += usize::from(holds.contains(&true));
                holds[node] = true;
            }
            Reply::Released => holds[node] = false,
            Reply::Refused(_) => {}
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    // The tests of `worlds` go through the same states, in a build that is optimized.
    #[test]
    #[ignore = "half a minute in a debug build"]
    fn with_fifo_links_the_lock_is_exclusive_and_always_granted() {
        let expected = Searched { states: 161_023, shared: 0, ends: 7, stuck: 0 };
        assert_eq!(search([1, 1], 2), Some(expected));
    }

    #[test]
    #[ignore = "a minute in a release build, several in a debug build"]
    fn the_same_holds_with_one_message_more_in_flight() {
        let expected = Searched { states: 875_098, shared: 0, ends: 7, stuck: 0 };
        assert_eq!(search([1, 1], 3), Some(expected));
    }

    #[test]
    fn in_long_runs_only_fifo_links_grant_every_request() {
        let mut overlaps = 0;
        for seed in 0..100 {
            let seen = with_fifo_links(seed).unwrap();
            assert_eq!((seen.granted, seen.overlaps), (NODES * TURNS, 0), "seed {seed}");
            let bare = without_fifo_links(seed).unwrap();
            assert!(bare.granted < NODES * TURNS, "seed {seed}: {bare:?}");
            overlaps += bare.overlaps;
        }
        assert!(overlaps > 0);
    }
}
