//! A holder that crashes, leases, and why a lease without a token is not a lock.
//!
//! A holder of Lamport's lock that crashes keeps it forever. A **lease** is a lock that ends by
//! itself: a server gives it for a time, and gives the next when that is over. But a holder can be
//! slow without knowing it. It looks at its clock, sees that its lease is valid, is paused, and
//! writes when the next holder has written. No clock of the holder prevents that, since the pause
//! can come after the look, however late the look is.
//!
//! What prevents it is the storage. Each lease comes with a **fencing token**, a number that grows,
//! and each write carries the token of its lease. The storage refuses a token that is smaller than
//! the largest that it has taken.
//!
//! C. Gray, D. Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache
//! Consistency", SOSP 1989; M. Burrows, "The Chubby Lock Service for Loosely-Coupled Distributed
//! Systems", OSDI 2006, section 2.4 (sequencers).
//!
//! * At most one lease is valid, by the clock of the server and by that of each client, as long as
//!   a message takes less than [`GRACE`] and no clock is much slower.
//! * A lease's token is larger than those of all earlier leases.
//! * A storage that checks takes writes in the order of their tokens.
//!
//! Left out: giving a lease back before it ends, renewing it, and a server that crashes: it would
//! have to keep the last token, on disk or on other machines.

use std::collections::VecDeque;
use std::time::Duration;

use trace::{Event, Kind, Trace};
use worlds::node::{Client, Node, Outbox};
use worlds::sim::{Delay, Fault, Scenario, Sim, Stopped};

use crate::mutex::{Mutex, Reply, Request};

/// For how long a client may use a lease, from when it arrives.
pub const LEASE: Duration = Duration::from_secs(10);

/// How much longer the server waits until it gives the next lease: for the way of the message to
/// the client, and for clocks that differ.
pub const GRACE: Duration = Duration::from_secs(2);

/// How long a client works under its lease before it writes.
pub const WORK: Duration = Duration::from_secs(3);

/// How long each message takes. In whole seconds, so that a reader can add them up.
pub const DELAY: Duration = Duration::from_secs(1);

/// For how long client 1 is paused in [`paused`]: past the end of its lease and the other's write.
pub const PAUSE: Duration = Duration::from_secs(15);

/// When client 2 asks for a lease.
pub const SECOND: Duration = Duration::from_secs(3);

/// When the holder crashes in [`crashed`] and [`crashed_without_leases`].
pub const CRASH: Duration = Duration::from_secs(4);

const SERVER: usize = 0;
const STORAGE: usize = 3;
/// The nodes, as diagrams call them.
pub const NAMES: [&str; 4] = ["lock server", "client 1", "client 2", "storage"];

/// One of the nodes: the lock server, a client, the storage.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Machine {
    Server(LockServer),
    Client(Holder),
    Storage(Storage),
}

/// Gives leases, one at a time, in the order of the requests.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct LockServer {
    /// The token of the last lease.
    token: u64,
    is_leased: bool,
    waiting: VecDeque<usize>,
}

/// Gets a lease, works, and writes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Holder {
    /// How long its process stops between its look at the clock and its write.
    pause: Duration,
    token: u64,
    /// When its lease ends, by its own clock.
    ends: Duration,
}

/// What the lock protects.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Storage {
    checks_tokens: bool,
    /// The largest token that it has taken.
    largest: u64,
    /// The client whose write it holds.
    written_by: Option<usize>,
}

/// In diagrams an event is called by the words of its message: `lease 1`, `write token 1`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Message {
    Acquire,
    Lease(u64),
    Write { token: u64 },
    Written,
    Refused,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Timer {
    /// Of the server: the lease is over, and the grace, too.
    LeaseEnded,
    /// Of a client: the work is done.
    Worked,
    /// Of a client: its process runs again.
    GoesOn,
}

impl LockServer {
    fn enqueue(&mut self, client: usize, out: &mut Outbox<Machine>) {
        self.waiting.push_back(client);
        self.grant_next(out);
    }

    fn grant_next(&mut self, out: &mut Outbox<Machine>) {
        if !self.is_leased
            && let Some(client) = self.waiting.pop_front()
        {
            self.is_leased = true;
            self.token += 1;
            out.send(client, Message::Lease(self.token));
            out.set_timer(Timer::LeaseEnded, LEASE + GRACE);
        }
    }
}

impl Holder {
    fn begin(&mut self, token: u64, out: &mut Outbox<Machine>) {
        (self.token, self.ends) = (token, out.now() + LEASE);
        out.set_timer(Timer::Worked, WORK);
    }

    /// The look is the last thing before the write, and still the two are not one: the timer is the
    /// pause between them.
    fn write_if_valid(&self, out: &mut Outbox<Machine>) {
        if out.now() < self.ends {
            out.set_timer(Timer::GoesOn, self.pause);
        }
    }
}

impl Storage {
    fn write(&mut self, client: usize, token: u64, out: &mut Outbox<Machine>) {
        if self.checks_tokens && token < self.largest {
            return out.send(client, Message::Refused);
        }
        self.largest = token.max(self.largest);
        self.written_by = Some(client);
        out.send(client, Message::Written);
    }
}

impl Node for Machine {
    type Message = Message;
    type Timer = Timer;
    type Record = ();
    /// Get a lease, and write.
    type Request = ();
    type Reply = ();

    fn ask(&mut self, _: Client, (): (), out: &mut Outbox<Self>) {
        out.send(SERVER, Message::Acquire);
    }

    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        match (self, message) {
            (Machine::Server(server), Message::Acquire) => server.enqueue(from, out),
            (Machine::Client(client), Message::Lease(token)) => client.begin(token, out),
            (Machine::Storage(storage), Message::Write { token }) => {
                storage.write(from, token, out);
            }
            // What became of the write. The client has nothing more to do.
            _ => {}
        }
    }

    fn wake(&mut self, timer: Timer, out: &mut Outbox<Self>) {
        match (self, timer) {
            (Machine::Server(server), Timer::LeaseEnded) => {
                server.is_leased = false;
                server.grant_next(out);
            }
            (Machine::Client(client), Timer::Worked) => client.write_if_valid(out),
            (Machine::Client(client), Timer::GoesOn) => {
                out.send(STORAGE, Message::Write { token: client.token });
            }
            _ => {}
        }
    }
}

/// What was observed of two clients that each want to write under a lease: client 1 asks for it at
/// once, client 2 after [`SECOND`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The run, each event with its time in whole seconds.
    pub trace: Trace,
    /// When the server gave each lease, in seconds.
    pub leased: Vec<u64>,
    /// The number of the client whose write the storage holds in the end: 1 or 2.
    pub written_by: Option<usize>,
    /// The largest token that the storage has taken.
    pub largest: u64,
}

/// Client 1 crashes while it holds its lease.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn crashed() -> Result<Observed, Stopped> {
    run(Duration::ZERO, true, vec![(CRASH, Fault::Crash(1))])
}

/// Client 1 is paused between its look at the clock and its write.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn paused(checks_tokens: bool) -> Result<Observed, Stopped> {
    run(PAUSE, checks_tokens, Vec::new())
}

fn run(
    pause: Duration,
    checks_tokens: bool,
    faults: Vec<(Duration, Fault)>,
) -> Result<Observed, Stopped> {
    let make = |number, _: &[()]| match number {
        SERVER => Machine::Server(LockServer::default()),
        STORAGE => Machine::Storage(Storage { checks_tokens, ..Storage::default() }),
        1 => Machine::Client(Holder { pause, ..Holder::default() }),
        _ => Machine::Client(Holder::default()),
    };
    let mut scenario = Scenario::new(NAMES.len(), 1);
    scenario.link.delay = Delay::Fixed(DELAY);
    scenario.faults = faults;
    scenario.until = Duration::from_secs(60);
    let sim = Sim::new(scenario, make).expect("the scenario does not contradict itself");
    let mut sim = sim.traced();
    sim.ask(Duration::ZERO, 1, ());
    sim.ask(SECOND, 2, ());
    sim.run()?;
    let (written_by, largest) = match sim.node(STORAGE) {
        Some(Machine::Storage(storage)) => (storage.written_by, storage.largest),
        _ => (None, 0),
    };
    let trace = sim.trace().expect("the run is traced");
    let of_server = trace.events().iter().filter(|event| event.node == SERVER);
    let leases = of_server.filter(|event| matches!(event.kind, Kind::Send { .. }));
    let leased = leases.map(seconds).collect();
    Ok(Observed { trace: drawn(trace), leased, written_by, largest })
}

/// When it happened. Each node's clock is exact here.
fn seconds(event: &Event) -> u64 {
    event.time.map_or(0, |millis| millis / 1_000)
}

/// The messages of the run between nodes with names, and beside each event its time.
fn drawn(trace: &Trace) -> Trace {
    let mut drawn = Trace::new(NAMES);
    for event in trace.events().iter().filter(|event| event.kind != Kind::Local) {
        let words = event.label.split(|char: char| !char.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let label = format!("{} s {}", seconds(event), words.join(" ").to_lowercase());
        let same = Event { time: None, ..event.clone() };
        let pushed = drawn.push(same.label(label.trim()));
        pushed.expect("a part of a run in its order does not contradict itself");
    }
    drawn
}

/// Three nodes share Lamport's lock on links that lose nothing. The first holds it and crashes; the
/// other two ask for it after that: how many of them get it within an hour.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn crashed_without_leases() -> Result<usize, Stopped> {
    let mut scenario = Scenario::new(3, 1);
    scenario.link.delay = Delay::Fixed(DELAY / 2);
    scenario.faults = vec![(CRASH, Fault::Crash(0))];
    scenario.until = Duration::from_secs(3_600);
    let mut sim = Sim::new(scenario, |number, _: &[()]| Mutex::new(number, 3))
        .expect("the scenario does not contradict itself");
    let holder = sim.ask(Duration::ZERO, 0, Request::Acquire);
    let others = [1, 2].map(|node| sim.ask(CRASH * 2, node, Request::Acquire));
    sim.run()?;
    let is_granted = |client: Client| matches!(sim.answer(client), Some((_, Reply::Granted)));
    assert!(is_granted(holder), "it holds the lock when it crashes");
    Ok(others.into_iter().filter(|client| is_granted(*client)).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_whose_holder_has_crashed_ends_by_itself() {
        let seen = crashed().unwrap();
        let first = seen.leased[0];
        assert_eq!(seen.leased, [first, first + (LEASE + GRACE).as_secs()]);
        assert_eq!(seen.written_by, Some(2));
    }

    #[test]
    fn without_a_lease_a_crashed_holder_keeps_the_lock() {
        assert_eq!(crashed_without_leases(), Ok(0));
    }

    #[test]
    fn only_with_a_token_the_write_of_a_paused_holder_is_refused() {
        assert_eq!(paused(false).unwrap().written_by, Some(1));
        let seen = paused(true).unwrap();
        assert_eq!((seen.written_by, seen.largest), (Some(2), 2));
    }

    #[test]
    fn without_a_pause_both_write_under_their_leases() {
        let seen = run(Duration::ZERO, true, Vec::new()).unwrap();
        let labels = seen.trace.events().iter().map(|event| &*event.label);
        let writes: Vec<_> = labels.filter(|label| label.contains("write token")).collect();
        assert_eq!(writes, ["6 s write token 1", "18 s write token 2"]);
    }

    #[test]
    fn a_client_whose_lease_is_over_does_not_write() {
        let holder = Holder { ends: LEASE, ..Holder::default() };
        for (now, writes) in [(LEASE - Duration::from_nanos(1), true), (LEASE, false)] {
            let mut out = Outbox::default();
            out.set_now(now);
            holder.clone().write_if_valid(&mut out);
            assert_eq!(!out.take().is_empty(), writes, "{now:?}");
        }
    }

    #[test]
    fn a_storage_takes_an_equal_token_and_no_smaller_one() {
        let mut storage = Storage { checks_tokens: true, largest: 2, written_by: None };
        for (client, token, written_by) in [(1, 1, None), (2, 2, Some(2)), (1, 3, Some(1))] {
            storage.write(client, token, &mut Outbox::default());
            assert_eq!(storage.written_by, written_by, "{token}");
        }
        assert_eq!(storage.largest, 3);
    }
}
