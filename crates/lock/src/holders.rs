//! A holder that crashes, and one that is paused: under Lamport's lock, under a lease, and with a
//! storage that checks tokens.
//!
//! All of it is simulated. The pause is a timer of the client, between its look at the clock and
//! its write, since a handler takes no time in the simulator.

use std::collections::BTreeSet;
use std::time::Duration;

use trace::{Event, Kind, Trace};
use worlds::node::Client;
use worlds::sim::{Delay, Fault, Scenario, Sim, Stopped};

use crate::lease::{Holder, LockServer, Machine, SERVER, STORAGE, Storage};
use crate::mutex::{Mutex, Reply, Request};

/// How long each message takes. In whole seconds, so that a reader can add them up.
pub const DELAY: Duration = Duration::from_secs(1);

/// For how long client 1 is paused in [`paused`]: past the end of its lease and the other's write.
pub const PAUSE: Duration = Duration::from_secs(15);

/// When client 2 asks for a lease.
pub const SECOND: Duration = Duration::from_secs(3);

/// When the holder crashes in [`crashed`] and [`crashed_without_leases`].
pub const CRASH: Duration = Duration::from_secs(4);

/// The nodes, as diagrams call them.
pub const NAMES: [&str; 4] = ["lock server", "client 1", "client 2", "storage"];

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

/// Client 1 crashes while it holds its lease. The trace is without the storage.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn crashed() -> Result<Observed, Stopped> {
    let seen = run(Duration::ZERO, true, vec![(CRASH, Fault::Crash(1))])?;
    let trace = without_storage(&seen.trace);
    Ok(Observed { trace, ..seen })
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

/// The messages of the run between nodes with names, and its crashes. An event is called by its
/// time and by the words of its message: `2 s lease 1`.
fn drawn(trace: &Trace) -> Trace {
    let mut drawn = Trace::new(NAMES);
    let is_drawn = |event: &&Event| event.kind != Kind::Local || event.label == "crashes";
    for event in trace.events().iter().filter(is_drawn) {
        let words = event.label.split(|char: char| !char.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let label = format!("{} s {}", seconds(event), words.join(" ").to_lowercase());
        let same = Event { time: None, ..event.clone() };
        let pushed = drawn.push(same.label(label.trim()));
        pushed.expect("a part of a run in its order does not contradict itself");
    }
    drawn
}

/// The events of the lock server and the clients between each other.
fn without_storage(trace: &Trace) -> Trace {
    let to_or_from = |event: &&Event| match event.kind {
        Kind::Send { to, .. } => event.node == STORAGE || to == Some(STORAGE),
        Kind::Receive { .. } | Kind::Local => false,
    };
    let sent = trace.events().iter().filter(to_or_from);
    let of_storage: BTreeSet<&str> = sent.filter_map(message).collect();
    let mut rest = Trace::new(NAMES.into_iter().take(STORAGE));
    for event in trace.events() {
        if event.node != STORAGE && message(event).is_none_or(|name| !of_storage.contains(name)) {
            let pushed = rest.push(event.clone());
            pushed.expect("both ends of each message are left out");
        }
    }
    rest
}

fn message(event: &Event) -> Option<&str> {
    match &event.kind {
        Kind::Send { message, .. } | Kind::Receive { message } => Some(message),
        Kind::Local => None,
    }
}

/// Three nodes share Lamport's lock on links that lose nothing. The first holds it and crashes; the
/// other two ask for it after that: how many of them get it within an hour.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn crashed_without_leases() -> Result<usize, Stopped> {
    let mut scenario = Scenario::new(3, 1);
    scenario.link.delay = Delay::Fixed(DELAY);
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
    use crate::lease::{GRACE, LEASE};

    #[test]
    fn a_lease_whose_holder_has_crashed_ends_by_itself() {
        let seen = crashed().unwrap();
        let first = seen.leased[0];
        assert_eq!(seen.leased, [first, first + (LEASE + GRACE).as_secs()]);
        assert_eq!(seen.written_by, Some(2));
        let labels = seen.trace.events().iter().filter(|event| event.node == 1);
        let labels: Vec<&str> = labels.map(|event| &*event.label).collect();
        assert_eq!(labels, ["0 s", "2 s lease 1", "4 s crashes"]);
        assert_eq!(seen.trace.nodes(), &NAMES[..3]);
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
        let writes: Vec<_> = labels.filter(|label| label.contains("write ")).collect();
        assert_eq!(writes, ["6 s write 1", "18 s write 2"]);
    }
}
