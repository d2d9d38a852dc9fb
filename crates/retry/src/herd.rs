//! A herd of clients and the one server that all of them want, in virtual time.
//!
//! The server works on one request at a time and lets a bounded number wait. While it is down the
//! system refuses connections in its place, at no cost. Once it is up a full queue makes it refuse
//! by itself, and that takes it a moment: as with interrupts, refusals come before the work in
//! flight (Mogul and Ramakrishnan, "Eliminating Receive Livelock in an Interrupt-driven Kernel",
//! 1997). A client that stops waiting does not notify the server, which then works in vain, unless
//! it drops stale requests.
//!
//! When to try again is not decided here: that is [`Policy::after_failure`] and [`Budget`], the
//! code that real programs use.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use common::random::Rng;
use common::retry::{Budget, Failure, Jitter, Policy};
use common::timeline::Timeline;

/// The width of one interval in [`Outcome::arrivals`].
pub const INTERVAL: Duration = Duration::from_millis(100);

/// The calls, the server, and what goes wrong.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How many calls there are.
    pub calls: u32,
    /// The time between the beginnings of two calls; zero: all begin at once.
    pub every: Duration,
    /// How long a message travels, in either direction.
    pub one_way: Duration,
    /// How long a client waits for the answer to one attempt.
    pub attempt_timeout: Duration,
    /// When the server is down.
    pub down: Range<Duration>,
    /// How long the server works on one request.
    pub work: Duration,
    /// How many requests may wait; more of them are refused.
    pub queue: usize,
    /// How long the server takes to refuse a request.
    pub refusal: Duration,
    /// Whether the server drops a request that it would answer too late for its client.
    pub drops_stale: bool,
}

/// How clients behave.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// When they retry. Its deadline bounds the whole call, which has to be idempotent.
    pub policy: Policy,
    /// What their retries may add to the traffic in percent, and how many retries they start with.
    pub budget: Option<(u32, u32)>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Attempts of all calls together.
    pub attempts: u64,
    /// Requests that reached the server or the place where it would be, in each [`INTERVAL`] from
    /// the start.
    pub arrivals: Vec<u32>,
    /// Calls that were answered while their client waited.
    pub succeeded: u32,
    /// When the last of them was answered.
    pub last_success: Duration,
    /// Requests that the server worked on to the end.
    pub worked: u32,
    /// For each call that failed, how long its client had waited.
    pub failed_after: Vec<Duration>,
}

impl Outcome {
    /// Requests that were worked on although the client no longer waited for the answer.
    pub fn wasted(&self) -> u32 {
        self.worked - self.succeeded
    }

    /// The most arrivals in one [`INTERVAL`] from the moment `since` on.
    pub fn peak(&self, since: Duration) -> u32 {
        let from = interval(since);
        self.arrivals.iter().skip(from).max().copied().unwrap_or(0)
    }
}

/// A value of many runs: the middle one, and between which two all of them lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread<T> {
    /// The least.
    pub least: T,
    /// As many runs have less as have more.
    pub median: T,
    /// The most.
    pub most: T,
}

impl<T: Ord + Copy> Spread<T> {
    /// Looks at one value of each run.
    ///
    /// # Panics
    /// If there is no run.
    pub fn over(runs: &[Outcome], value: impl Fn(&Outcome) -> T) -> Spread<T> {
        let mut values: Vec<T> = runs.iter().map(value).collect();
        values.sort();
        let at = |index: usize| *values.get(index).expect("there is at least one run");
        Spread {
            least: at(0),
            median: at(values.len() / 2),
            most: at(values.len().saturating_sub(1)),
        }
    }
}

/// One run for each seed; where nothing is drawn at random, one run is enough.
pub fn run_over(scenario: &Scenario, behaviour: &Behaviour, seeds: &Range<u64>) -> Vec<Outcome> {
    let runs = match behaviour.policy.jitter {
        Jitter::None => 1,
        Jitter::Full => usize::MAX,
    };
    seeds.clone().take(runs).map(|seed| run(scenario, behaviour, seed)).collect()
}

/// Lets the scenario run until every call is over.
pub fn run(scenario: &Scenario, behaviour: &Behaviour, seed: u64) -> Outcome {
    let mut world = World::new(scenario, behaviour, seed);
    while let Some((_, event)) = world.timeline.next() {
        world.handle(event);
    }
    world.outcome
}

/// One attempt of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Request {
    call: u32,
    attempt: u32,
    /// When the client stops waiting.
    expires: Duration,
}

#[derive(Debug)]
enum Event {
    Begin(u32),
    Arrive(Request),
    /// The server may be done with this one; refusals may have delayed it.
    Worked(Request),
    Answer(Request),
    Refusal(Request),
    TimeOut(Request),
    Down,
    Up,
}

struct World<'a> {
    scenario: &'a Scenario,
    policy: &'a Policy,
    budget: Option<Budget>,
    rng: Rng,
    timeline: Timeline<Event>,
    /// For each call the attempt whose answer it takes; `None` before the first, and when it is
    /// over.
    awaited: Vec<Option<u32>>,
    server: Server,
    outcome: Outcome,
}

#[derive(Debug)]
struct Server {
    is_up: bool,
    waiting: VecDeque<Request>,
    /// What it works on, and when that will be done.
    working: Option<(Request, Duration)>,
    /// When the refusals that it has begun are done.
    refusing_until: Duration,
}

impl<'a> World<'a> {
    fn new(scenario: &'a Scenario, behaviour: &'a Behaviour, seed: u64) -> World<'a> {
        let mut timeline = Timeline::new();
        timeline.at(scenario.down.start, Event::Down);
        timeline.at(scenario.down.end, Event::Up);
        for call in 0..scenario.calls {
            timeline.at(scenario.every * call, Event::Begin(call));
        }
        World {
            scenario,
            policy: &behaviour.policy,
            budget: behaviour.budget.map(|(percent, reserve)| Budget::new(percent, reserve)),
            rng: Rng::from_seed(seed),
            timeline,
            awaited: vec![None; scenario.calls as usize],
            server: Server {
                is_up: true,
                waiting: VecDeque::new(),
                working: None,
                refusing_until: Duration::ZERO,
            },
            outcome: Outcome {
                attempts: 0,
                arrivals: Vec::new(),
                succeeded: 0,
                last_success: Duration::ZERO,
                worked: 0,
                failed_after: Vec::new(),
            },
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Begin(call) => self.begin(call),
            Event::Arrive(request) => self.arrive(request),
            Event::Worked(request) => self.worked(request),
            Event::Answer(request) => self.answered(request),
            Event::Refusal(request) | Event::TimeOut(request) => self.failed(request),
            Event::Down => self.go_down(),
            Event::Up => self.server.is_up = true,
        }
    }

    // The clients.

    fn begin(&mut self, call: u32) {
        if let Some(budget) = &self.budget {
            budget.deposit();
        }
        self.attempt(call, 1, Duration::ZERO);
    }

    fn attempt(&mut self, call: u32, attempt: u32, wait: Duration) {
        let start = self.timeline.now() + wait;
        let deadline = self.policy.deadline.unwrap_or(Duration::MAX);
        let gives_up = self.began(call).saturating_add(deadline);
        let request =
            Request { call, attempt, expires: gives_up.min(start + self.scenario.attempt_timeout) };
        self.outcome.attempts += 1;
        self.awaited[call as usize] = Some(attempt);
        self.timeline.at(start + self.scenario.one_way, Event::Arrive(request));
        self.timeline.at(request.expires, Event::TimeOut(request));
    }

    fn answered(&mut self, request: Request) {
        if self.ends_waiting(request) {
            self.outcome.succeeded += 1;
            self.outcome.last_success = self.timeline.now();
        }
    }

    fn failed(&mut self, request: Request) {
        if !self.ends_waiting(request) {
            return;
        }
        let elapsed = self.timeline.now() - self.began(request.call);
        let failures = request.attempt;
        let next = self.policy.after_failure(failures, elapsed, Failure::NoAnswer, &mut self.rng);
        match next {
            Ok(wait) if self.budget.as_ref().is_none_or(Budget::withdraw) => {
                self.attempt(request.call, failures + 1, wait);
            }
            _ => self.outcome.failed_after.push(elapsed),
        }
    }

    /// Whether the client waits for this very attempt; from now on it does not.
    fn ends_waiting(&mut self, request: Request) -> bool {
        let awaited = &mut self.awaited[request.call as usize];
        awaited.take_if(|attempt| *attempt == request.attempt).is_some()
    }

    fn began(&self, call: u32) -> Duration {
        self.scenario.every * call
    }

    // The network.

    fn send(&mut self, message: Event) {
        self.timeline.after(self.scenario.one_way, message);
    }

    // The server.

    fn arrive(&mut self, request: Request) {
        let now = self.timeline.now();
        let interval = interval(now);
        if self.outcome.arrivals.len() <= interval {
            self.outcome.arrivals.resize(interval + 1, 0);
        }
        self.outcome.arrivals[interval] += 1;

        if !self.server.is_up {
            self.send(Event::Refusal(request));
        } else if self.server.working.is_none() {
            self.work_on(request);
        } else if self.server.waiting.len() < self.scenario.queue {
            self.server.waiting.push_back(request);
        } else {
            self.refuse(request);
        }
    }

    fn work_on(&mut self, request: Request) {
        let start = self.timeline.now().max(self.server.refusing_until);
        let done = start + self.scenario.work;
        self.server.working = Some((request, done));
        self.timeline.at(done, Event::Worked(request));
    }

    fn refuse(&mut self, request: Request) {
        let cost = self.scenario.refusal;
        let now = self.timeline.now();
        self.server.refusing_until = self.server.refusing_until.max(now) + cost;
        if let Some((_, done)) = &mut self.server.working {
            *done += cost;
        }
        self.timeline
            .at(self.server.refusing_until + self.scenario.one_way, Event::Refusal(request));
    }

    fn worked(&mut self, request: Request) {
        let now = self.timeline.now();
        match self.server.working {
            Some((current, done)) if current == request && done > now => {
                self.timeline.at(done, Event::Worked(request));
            }
            Some((current, _)) if current == request => {
                self.outcome.worked += 1;
                self.send(Event::Answer(request));
                self.server.working = None;
                self.work_on_next();
            }
            // It went down meanwhile.
            _ => {}
        }
    }

    fn work_on_next(&mut self) {
        while let Some(request) = self.server.waiting.pop_front() {
            if !self.scenario.drops_stale || self.can_answer_in_time(request) {
                return self.work_on(request);
            }
        }
    }

    /// Whether work begun now is done before its client stops waiting. A request that would expire
    /// on the way is as stale as one that has.
    fn can_answer_in_time(&self, request: Request) -> bool {
        self.timeline.now() + self.scenario.work + self.scenario.one_way < request.expires
    }

    /// The process ends, and the system closes its connections.
    fn go_down(&mut self) {
        self.server.is_up = false;
        let working = self.server.working.take().map(|(request, _)| request);
        let waiting = std::mem::take(&mut self.server.waiting);
        for request in working.into_iter().chain(waiting) {
            self.send(Event::Refusal(request));
        }
    }
}

fn interval(time: Duration) -> usize {
    (time.as_millis() / INTERVAL.as_millis()) as usize
}
