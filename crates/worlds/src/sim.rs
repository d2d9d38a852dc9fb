//! A simulated network: the nodes run, and everything around them goes wrong, the same way each
//! time.
//!
//! A [`Scenario`] says how long messages take and how many are lost or duplicated, how long a disk
//! takes, how far clocks are off, and which faults strike when. A [`Sim`] executes the effects that
//! the nodes want, in virtual time and with chance from one seed. A minute takes milliseconds, and
//! a run that shows a mistake shows it again.
//!
//! ```
//! use std::time::Duration;
//! use worlds::node::{Client, Node, Outbox};
//! use worlds::sim::{Scenario, Sim};
//!
//! /// Answers with the time on the other node's clock.
//! #[derive(Clone, PartialEq, Eq, Hash, Debug)]
//! struct AskTheOther(usize);
//!
//! impl Node for AskTheOther {
//!     type Message = (Client, Option<Duration>);
//!     type Timer = ();
//!     type Record = ();
//!     type Request = ();
//!     type Reply = Duration;
//!
//!     fn ask(&mut self, client: Client, (): (), out: &mut Outbox<Self>) {
//!         out.send(1 - self.0, (client, None));
//!     }
//!
//!     fn receive(&mut self, from: usize, (client, time): Self::Message, out: &mut Outbox<Self>) {
//!         match time {
//!             None => out.send(from, (client, Some(out.now()))),
//!             Some(time) => out.answer(client, time),
//!         }
//!     }
//! }
//!
//! let scenario = Scenario::new(2, 1);
//! let mut sim = Sim::new(scenario, |number, _records| AskTheOther(number))?;
//! let client = sim.ask(Duration::from_secs(3), 0, ());
//! sim.run()?;
//! let (answered_at, time) = sim.answer(client).unwrap();
//! assert!(*time > Duration::from_secs(3) && time < answered_at);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What holds:
//!
//! * The same scenario and the same requests give the same run, on every machine.
//! * A node restarts from the records that had reached its disk, and from nothing else.
//! * An effect after a record waits until the record is durable; the effects after that wait, too.
//! * Without a trace, nothing is spent on one.
//!
//! Left out: bandwidth (a link takes any number of messages), and processors (a handler takes no
//! time).

mod disk;
mod scenario;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use common::random::Rng;
use common::timeline::Timeline;
use trace::{Event, Trace};

use crate::node::{Client, Effect, Node, Outbox};

pub use scenario::{Clock, Delay, Fault, Link, Scenario, ScenarioError};

/// How many handlers may be called at one moment. More than this is a node that wakes itself at
/// once, again and again, so that time stands still.
pub const MAX_STEPS_AT_ONCE: u64 = 1_000_000;

/// Why a run was given up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// Time stands still.
    #[error(
        "handlers were called {MAX_STEPS_AT_ONCE} times at {at:?} and time stands still: \
         does a node wake itself at once?"
    )]
    StandsStill {
        /// When.
        at: Duration,
    },
    /// The run does not end within its limit.
    #[error(
        "handlers were called {max_steps} times by {at:?}, which is the limit of this \
         scenario (`max_steps`)"
    )]
    TooLong {
        /// When.
        at: Duration,
        /// The scenario's limit.
        max_steps: u64,
    },
}

/// What was counted in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that nodes sent.
    pub sent: u64,
    /// Messages that nodes received, each copy counted.
    pub delivered: u64,
    /// Messages that were lost, by chance, by a cut, or because the receiver was down.
    pub lost: u64,
    /// Messages that were duplicated.
    pub duplicated: u64,
    /// Records that became durable.
    pub records: u64,
    /// Times that a disk synced records.
    pub syncs: u64,
}

/// A run of a scenario.
pub struct Sim<N: Node, F> {
    scenario: Scenario,
    make: F,
    timeline: Timeline<SimEvent<N>>,
    rng: Rng,
    nodes: Vec<SimNode<N>>,
    /// Whose messages to whom are dropped.
    cuts: Vec<(Vec<usize>, Vec<usize>)>,
    outbox: Outbox<N>,
    clients: u64,
    answers: BTreeMap<Client, Vec<(Duration, N::Reply)>>,
    counts: Counts,
    trace: Option<Trace>,
    steps: u64,
    /// How many of the steps were made at this moment.
    at_once: (Duration, u64),
}

/// Where a node runs: what outlives it, and what does not.
struct SimNode<N: Node> {
    /// None while it is down.
    node: Option<N>,
    clock: Clock,
    /// The records that are durable.
    disk: Vec<N::Record>,
    /// Unsynced records, and the effects that wait for a record ahead of them.
    awaiting_sync: VecDeque<Effect<N>>,
    /// How many of the unsynced records are being synced.
    syncing: Option<usize>,
    /// The timers that are set, and by which of all settings.
    timers: Vec<(N::Timer, u64)>,
    settings: u64,
    /// How often it has crashed: a sync of an earlier incarnation makes nothing durable.
    incarnation: u64,
}

/// What is ahead.
enum SimEvent<N: Node> {
    Arrives { to: usize, from: usize, message: N::Message, name: u64 },
    Wakes { node: usize, setting: u64 },
    Synced { node: usize, incarnation: u64 },
    Asked { node: usize, client: Client, request: N::Request },
    Fault(usize),
    End,
}

impl<N: Node, F: Fn(usize, &[N::Record]) -> N> Sim<N, F> {
    /// A run that has not begun. `make` makes a node from its number and what stands on its disk.
    ///
    /// # Errors
    /// A [`ScenarioError`], if the scenario contradicts itself.
    pub fn new(scenario: Scenario, make: F) -> Result<Self, ScenarioError> {
        scenario.check()?;
        let mut timeline = Timeline::new();
        for (number, (at, _)) in scenario.faults.iter().enumerate() {
            timeline.at(*at, SimEvent::Fault(number));
        }
        let place = |number: usize| SimNode {
            node: Some(make(number, &[])),
            clock: scenario.clocks.get(number).copied().unwrap_or_default(),
            disk: Vec::new(),
            awaiting_sync: VecDeque::new(),
            syncing: None,
            timers: Vec::new(),
            settings: 0,
            incarnation: 0,
        };
        Ok(Sim {
            nodes: (0..scenario.nodes).map(place).collect(),
            rng: Rng::from_seed(scenario.seed),
            scenario,
            make,
            timeline,
            cuts: Vec::new(),
            outbox: Outbox::default(),
            clients: 0,
            answers: BTreeMap::new(),
            counts: Counts::default(),
            trace: None,
            steps: 0,
            at_once: (Duration::ZERO, 0),
        })
    }

    /// The same run, which also records a trace. The time of an event is what its node's clock
    /// shows, in whole milliseconds.
    #[must_use]
    pub fn traced(mut self) -> Self {
        let names = (0..self.nodes.len()).map(|number| format!("n{number}"));
        self.trace = Some(Trace::new(names));
        self
    }

    /// Has a client send a request to a node. A node that is down at that time does not answer.
    ///
    /// # Panics
    /// If there is no such node, that time has passed, or the run ends before it.
    pub fn ask(&mut self, at: Duration, node: usize, request: N::Request) -> Client {
        assert!(node < self.nodes.len(), "a client asks a node that exists");
        assert!(at < self.scenario.until, "a client asks before the run ends");
        let client = Client(self.clients);
        self.clients += 1;
        let asked = SimEvent::Asked { node, client, request };
        self.timeline.at(at, asked);
        client
    }

    /// Runs to the end of the scenario.
    ///
    /// # Errors
    /// [`Stopped`] at one of the limits.
    pub fn run(&mut self) -> Result<(), Stopped> {
        self.timeline.at(self.scenario.until, SimEvent::End);
        for number in 0..self.nodes.len() {
            self.call_handler(number, Node::start);
        }
        while let Some((at, event)) = self.timeline.next() {
            if matches!(event, SimEvent::End) {
                break;
            }
            self.apply(event);
            self.check_limits(at)?;
        }
        Ok(())
    }

    /// A node as it is now. None while it is down.
    pub fn node(&self, number: usize) -> Option<&N> {
        self.nodes.get(number)?.node.as_ref()
    }

    /// The records of a node that are durable.
    pub fn disk(&self, number: usize) -> &[N::Record] {
        &self.nodes[number].disk
    }

    /// The first answer to a client, and its time.
    pub fn answer(&self, client: Client) -> Option<&(Duration, N::Reply)> {
        self.answers(client).first()
    }

    /// All answers to a client, and their times. More than one answer is a mistake of the node,
    /// which a client does not see.
    pub fn answers(&self, client: Client) -> &[(Duration, N::Reply)] {
        self.answers.get(&client).map_or(&[], Vec::as_slice)
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What happened so far, if the run is [`traced`](Sim::traced).
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    fn apply(&mut self, event: SimEvent<N>) {
        match event {
            SimEvent::Arrives { to, from, message, name } => {
                if self.nodes[to].node.is_none() {
                    return self.lose(name);
                }
                self.counts.delivered += 1;
                self.note(|| Event::receive(to, format!("m{name}")).label(format!("{message:?}")));
                self.call_handler(to, |node, out| node.receive(from, message, out));
            }
            SimEvent::Wakes { node, setting } => {
                let timers = &mut self.nodes[node].timers;
                if let Some(set) = timers.iter().position(|(_, latest)| *latest == setting) {
                    let (timer, _) = timers.swap_remove(set);
                    self.call_handler(node, |node, out| node.wake(timer, out));
                }
            }
            SimEvent::Synced { node, incarnation }
                if self.nodes[node].incarnation == incarnation =>
            {
                self.synced(node)
            }
            SimEvent::Asked { node, client, request } if self.nodes[node].node.is_some() => {
                self.note(|| Event::local(node).label(format!("{request:?}")));
                self.call_handler(node, |node, out| node.ask(client, request, out));
            }
            SimEvent::Fault(number) => self.strike(number),
            SimEvent::Synced { .. } | SimEvent::Asked { .. } | SimEvent::End => {}
        }
    }

    /// Calls a handler of a node, and executes the effects that need not wait for the disk.
    fn call_handler(&mut self, number: usize, handler: impl FnOnce(&mut N, &mut Outbox<N>)) {
        let place = &mut self.nodes[number];
        let Some(node) = &mut place.node else {
            return;
        };
        self.steps += 1;
        self.outbox.set_now(place.clock.shows(self.timeline.now()));
        handler(node, &mut self.outbox);
        let mut outbox = std::mem::take(&mut self.outbox);
        for effect in outbox.drain() {
            let awaits_sync = matches!(effect, Effect::Append(_)) && !self.scenario.sync.is_zero();
            let place = &mut self.nodes[number];
            if awaits_sync || !place.awaiting_sync.is_empty() {
                place.awaiting_sync.push_back(effect);
            } else {
                self.execute(number, effect);
            }
        }
        self.outbox = outbox;
        self.sync(number);
    }

    fn execute(&mut self, number: usize, effect: Effect<N>) {
        match effect {
            Effect::Send { to, message } => self.send(number, to, message),
            Effect::SetTimer { timer, after } => {
                let place = &mut self.nodes[number];
                place.timers.retain(|(set, _)| *set != timer);
                place.settings += 1;
                let (node, setting) = (number, place.settings);
                place.timers.push((timer, setting));
                let takes = place.clock.takes(after);
                self.timeline.after(takes, SimEvent::Wakes { node, setting });
            }
            Effect::CancelTimer(timer) => {
                self.nodes[number].timers.retain(|(set, _)| *set != timer);
            }
            Effect::Append(record) => {
                self.counts.records += 1;
                self.nodes[number].disk.push(record);
            }
            Effect::Answer { client, reply } => {
                let now = self.timeline.now();
                self.note(|| Event::local(number).label(format!("→ {reply:?}")));
                self.answers.entry(client).or_default().push((now, reply));
            }
            Effect::Warn(what) => {
                self.note(|| Event::local(number).label(format!("warns: {what}")))
            }
        }
    }

    fn send(&mut self, from: usize, to: usize, message: N::Message) {
        assert!(
            to < self.nodes.len() && to != from,
            "node {from} sends to node {to}: it can send to any other of {} nodes",
            self.nodes.len()
        );
        self.counts.sent += 1;
        let name = self.counts.sent;
        self.note(|| Event::send(from, to, format!("m{name}")));
        let is_cut = |(these, those): &(Vec<usize>, Vec<usize>)| {
            these.contains(&from) && those.contains(&to)
        };
        if self.cuts.iter().any(is_cut) || self.strikes(self.scenario.link.lost) {
            return self.lose(name);
        }
        if self.strikes(self.scenario.link.duplicated) {
            self.counts.duplicated += 1;
            self.arrive_later(from, to, message.clone(), name);
        }
        self.arrive_later(from, to, message, name);
    }

    fn arrive_later(&mut self, from: usize, to: usize, message: N::Message, name: u64) {
        let delay = self.scenario.link.delay.draw(&mut self.rng);
        let arrives = SimEvent::Arrives { to, from, message, name };
        self.timeline.after(delay, arrives);
    }

    /// Whether chance strikes: it does `of_a_thousand` times in a thousand.
    fn strikes(&mut self, of_a_thousand: u16) -> bool {
        of_a_thousand > 0 && self.rng.below(1000) < u64::from(of_a_thousand)
    }

    fn lose(&mut self, name: u64) {
        self.counts.lost += 1;
        if let Some(trace) = &mut self.trace {
            let lost = trace.lose(&format!("m{name}"));
            lost.expect("what is lost was sent");
        }
    }

    fn strike(&mut self, number: usize) {
        let (_, fault) = self.scenario.faults[number].clone();
        match fault {
            Fault::Cut { from, to } => self.cuts.push((from, to)),
            Fault::Split(side) => {
                let others = (0..self.nodes.len()).filter(|node| !side.contains(node));
                let others: Vec<usize> = others.collect();
                self.cuts.push((side.clone(), others.clone()));
                self.cuts.push((others, side));
            }
            Fault::Heal => self.cuts.clear(),
            Fault::Crash(node) => self.crash(node),
            Fault::Restart(node) => {
                let place = &mut self.nodes[node];
                place.node = Some((self.make)(node, &place.disk));
                self.note(|| Event::local(node).label("restarts"));
                self.call_handler(node, Node::start);
            }
        }
    }

    fn note(&mut self, event: impl FnOnce() -> Event) {
        if let Some(trace) = &mut self.trace {
            let event = event();
            let shown = self.nodes[event.node].clock.shows(self.timeline.now());
            let pushed = trace.push(event.time(shown.as_millis() as u64));
            pushed.expect("a simulated run does not contradict itself");
        }
    }

    fn check_limits(&mut self, at: Duration) -> Result<(), Stopped> {
        let max_steps = self.scenario.max_steps;
        if self.steps > max_steps {
            return Err(Stopped::TooLong { at, max_steps });
        }
        if self.at_once.0 != at {
            self.at_once = (at, self.steps);
        }
        if self.steps - self.at_once.1 > MAX_STEPS_AT_ONCE {
            return Err(Stopped::StandsStill { at });
        }
        Ok(())
    }
}
