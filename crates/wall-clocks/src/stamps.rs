//! The order of events by their stamps: those of wall clocks, and hybrid ones.

use std::time::Duration;

use common::clock::{ClockError, HybridClock, HybridStamp};
use common::random::Rng;
use common::timeline::Timeline;
use trace::{Contradiction, Event, Trace};

use crate::machine::{MILLISECOND, Machine, TEN};

/// Something that a machine did, with both stamps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// What it did.
    pub what: &'static str,
    /// What its wall clock said, in nanoseconds since 1970.
    pub wall: i64,
    /// Its hybrid stamp.
    pub hybrid: HybridStamp,
}

/// A request and its reply, in the order in which they happen.
pub const EXCHANGE: [&str; 4] =
    ["request sent", "request received", "reply sent", "reply received"];

/// How many nanoseconds the client's clock is ahead of the server's.
pub const FAST: i64 = 30 * MILLISECOND;

/// How many milliseconds the request takes, and the reply.
pub const WAY: u64 = 10;

/// How many milliseconds the server takes.
pub const SERVES: u64 = 2;

/// A client whose clock is fast asks a server.
///
/// # Errors
/// None: the clocks differ by less than the bound of a hybrid clock.
pub fn request_and_reply() -> Result<Vec<Stamped>, ClockError> {
    let mut nodes = [Node::new(FAST, 0), Node::new(0, 0)];
    let after = |ms| TEN + Duration::from_millis(ms);
    let asked = nodes[0].send(after(0));
    let arrived = nodes[1].receive(after(WAY), asked.1)?;
    let answered = nodes[1].send(after(WAY + SERVES));
    let returned = nodes[0].receive(after(WAY + SERVES + WAY), answered.1)?;
    let stamps = [asked, arrived, answered, returned];
    let stamped = EXCHANGE.into_iter().zip(stamps);
    Ok(stamped.map(|(what, (wall, hybrid))| Stamped { what, wall, hybrid }).collect())
}

/// A request and its reply as a trace, each event with its label.
///
/// # Errors
/// None: nothing in it contradicts.
pub fn trace(labels: impl IntoIterator<Item = String>) -> Result<Trace, Contradiction> {
    let mut trace = Trace::new(["client", "server"]);
    let kinds = [
        Event::send(0, 1, "request"),
        Event::receive(1, "request"),
        Event::send(1, 0, "reply"),
        Event::receive(0, "reply"),
    ];
    for (kind, label) in kinds.into_iter().zip(labels) {
        trace.push(kind.label(label))?;
    }
    Ok(trace)
}

/// A machine and its hybrid clock.
struct Node {
    machine: Machine,
    hybrid: HybridClock,
}

impl Node {
    fn new(ahead: i64, ppm: i32) -> Node {
        Node { machine: Machine::new(ahead, ppm), hybrid: HybridClock::new() }
    }

    fn drawn(rng: &mut Rng) -> Node {
        Node::new(ahead(rng), rng.within(0..=PPM) as i32)
    }

    fn wall(&self, now: Duration) -> (i64, u64) {
        let wall = self.machine.wall(now);
        (wall, u64::try_from(wall).expect("the experiment is in 2024"))
    }

    /// The stamps of sending a message: the wall clock's, and the hybrid clock's.
    fn send(&mut self, now: Duration) -> (i64, HybridStamp) {
        let (wall, since_1970) = self.wall(now);
        (wall, self.hybrid.send_timestamp(since_1970))
    }

    fn receive(
        &mut self,
        now: Duration,
        stamp: HybridStamp,
    ) -> Result<(i64, HybridStamp), ClockError> {
        let (wall, since_1970) = self.wall(now);
        Ok((wall, self.hybrid.receive(stamp, since_1970)?))
    }
}

/// How many machines exchange messages.
pub const MACHINES: usize = 5;

/// Their wall clocks are ahead of true time by 0 up to this many nanoseconds.
pub const DIFFER: i64 = 20 * MILLISECOND;

/// When a clock is set, it is ahead by up to so much. Until it is set again, it drifts.
const SET_TO: i64 = 19 * MILLISECOND;

/// They drift by up to this: 0.1 ms a second.
const PPM: u64 = 100;

/// How many messages are sent.
pub const MESSAGES: u64 = 10_000;

/// How many nanoseconds a message takes, at least and at most.
pub const TAKES: [i64; 2] = [MILLISECOND / 10, 10 * MILLISECOND];

/// How many microseconds pass between two messages, at least and at most.
const BETWEEN: [u64; 2] = [100, 2_000];

/// What the stamps of all messages came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// How many messages were received.
    pub receipts: u64,
    /// How many receipts have a wall time that is not after that of the sending.
    pub wrong_by_wall: u64,
    /// The same, of hybrid stamps.
    pub wrong_by_hybrid: u64,
    /// How far a hybrid stamp was ahead of its machine's wall clock, at most, in nanoseconds.
    pub farthest: i64,
    /// The largest count in a stamp.
    pub largest_count: u32,
}

enum Happens {
    /// A machine sends a message to another, and the next one is due.
    Send {
        from: usize,
        to: usize,
    },
    Receive {
        at: usize,
        sent: (i64, HybridStamp),
    },
    /// A machine's clock is set again, and not quite right.
    IsSet {
        at: usize,
    },
}

/// Machines that drift, and are set again each second, exchange messages.
///
/// # Errors
/// None: the clocks differ by less than the bound of a hybrid clock.
pub fn census(seed: u64) -> Result<Census, ClockError> {
    let mut rng = Rng::from_seed(seed);
    let mut nodes: Vec<Node> = (0..MACHINES).map(|_| Node::drawn(&mut rng)).collect();
    let mut timeline = Timeline::new();
    for at in 0..MACHINES {
        timeline.after(Duration::from_millis(rng.within(1..=1_000)), Happens::IsSet { at });
    }
    timeline.at(TEN, pair(&mut rng));
    let (mut census, mut sent) = (Census::default(), 0);
    while let Some((now, happens)) = timeline.next() {
        match happens {
            Happens::Send { from, to } => {
                let stamps = nodes[from].send(now);
                census.note(stamps);
                let takes = micros(&mut rng, TAKES.map(|nanos| nanos as u64 / 1_000));
                timeline.after(takes, Happens::Receive { at: to, sent: stamps });
                sent += 1;
                if sent < MESSAGES {
                    timeline.after(micros(&mut rng, BETWEEN), pair(&mut rng));
                }
            }
            Happens::Receive { at, sent } => {
                let received = nodes[at].receive(now, sent.1)?;
                census.note(received);
                census.receipts += 1;
                census.wrong_by_wall += u64::from(received.0 <= sent.0);
                census.wrong_by_hybrid += u64::from(received.1 <= sent.1);
            }
            Happens::IsSet { at } => {
                let by = ahead(&mut rng) - nodes[at].machine.ahead(now);
                nodes[at].machine.step(now, by);
                if sent < MESSAGES {
                    timeline.after(Duration::from_secs(1), Happens::IsSet { at });
                }
            }
        }
    }
    Ok(census)
}

impl Census {
    fn note(&mut self, (wall, hybrid): (i64, HybridStamp)) {
        self.farthest = self.farthest.max(hybrid.wall as i64 - wall);
        self.largest_count = self.largest_count.max(hybrid.count);
    }
}

fn ahead(rng: &mut Rng) -> i64 {
    rng.within(0..=SET_TO as u64) as i64
}

fn micros(rng: &mut Rng, [least, most]: [u64; 2]) -> Duration {
    Duration::from_micros(rng.within(least..=most))
}

/// A message from one machine to another.
fn pair(rng: &mut Rng) -> Happens {
    let from = rng.below(MACHINES as u64) as usize;
    let step = rng.within(1..=MACHINES as u64 - 1) as usize;
    Happens::Send { from, to: (from + step) % MACHINES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_stamped_before_its_request_by_the_wall_clocks_alone() -> Result<(), ClockError> {
        let events = request_and_reply()?;
        let ten = crate::machine::true_wall(TEN);
        let walls: Vec<_> = events.iter().map(|event| (event.wall - ten) / MILLISECOND).collect();
        assert_eq!(walls, [30, 10, 12, 52]);
        let hybrid = events
            .iter()
            .map(|event| ((event.hybrid.wall as i64 - ten) / MILLISECOND, event.hybrid.count));
        assert_eq!(hybrid.collect::<Vec<_>>(), [(30, 0), (30, 1), (30, 2), (52, 0)]);
        Ok(())
    }

    #[test]
    fn hybrid_stamps_are_in_order_and_near_whatever_the_seed() -> Result<(), ClockError> {
        for seed in 0..20 {
            let census = census(seed)?;
            assert_eq!((census.receipts, census.wrong_by_hybrid), (MESSAGES, 0), "seed {seed}");
            assert!(census.wrong_by_wall > 500, "seed {seed}: {census:?}");
            assert!((1..=DIFFER).contains(&census.farthest), "seed {seed}: {census:?}");
        }
        Ok(())
    }
}
