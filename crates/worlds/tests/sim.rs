//! The simulator: what it does to nodes, and that it does the same each time.

use std::time::Duration;

use common::clock::LamportClock;
use worlds::node::{Client, Node, Outbox};
use worlds::sim::{Clock, Counts, Delay, Fault, Scenario, ScenarioError, Sim, Stopped};

const MS: Duration = Duration::from_millis(1);

/// Counts its requests, and sends each number to the next node; the record comes first.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Counter {
    number: usize,
    nodes: usize,
    heard: Vec<u64>,
    counted: u64,
}

impl Counter {
    fn make(nodes: usize) -> impl Fn(usize, &[u64]) -> Counter {
        move |number, records| Counter {
            number,
            nodes,
            heard: Vec::new(),
            counted: records.last().copied().unwrap_or(0),
        }
    }
}

impl Node for Counter {
    type Message = u64;
    type Timer = &'static str;
    type Record = u64;
    type Request = &'static str;
    type Reply = u64;

    fn receive(&mut self, _from: usize, number: u64, _out: &mut Outbox<Self>) {
        self.heard.push(number);
    }

    fn wake(&mut self, timer: &'static str, out: &mut Outbox<Self>) {
        match timer {
            "at once" => out.set_timer("at once", Duration::ZERO),
            "soon" => out.set_timer("soon", MS),
            _ => self.heard.push(out.now().as_millis() as u64),
        }
    }

    fn ask(&mut self, client: Client, request: &'static str, out: &mut Outbox<Self>) {
        match request {
            "count" => {
                self.counted += 1;
                out.append(self.counted);
                out.answer(client, self.counted);
                out.send((self.number + 1) % self.nodes, self.counted);
            }
            "cancel" => out.cancel_timer("later"),
            "twice" => {
                out.answer(client, 1);
                out.answer(client, 2);
            }
            timer => out.set_timer(timer, 100 * MS),
        }
    }
}

fn sim(scenario: Scenario) -> Sim<Counter, impl Fn(usize, &[u64]) -> Counter> {
    let nodes = scenario.nodes;
    Sim::new(scenario, Counter::make(nodes)).expect("the tests' scenarios are valid")
}

fn heard<F: Fn(usize, &[u64]) -> Counter>(sim: &Sim<Counter, F>, number: usize) -> &[u64] {
    &sim.node(number).expect("it runs").heard
}

/// A world in which everything goes wrong.
fn rough(seed: u64) -> Scenario {
    let mut scenario = Scenario::new(3, seed);
    scenario.link.delay = Delay::OneOf(vec![MS, 5 * MS, 200 * MS]);
    scenario.link.lost = 200;
    scenario.link.duplicated = 200;
    scenario.clocks = vec![Clock { offset: 70 * MS, drift_ppm: -40 }];
    scenario.faults = vec![
        (100 * MS, Fault::Split(vec![0])),
        (300 * MS, Fault::Heal),
        (400 * MS, Fault::Crash(1)),
        (600 * MS, Fault::Restart(1)),
    ];
    scenario.until = Duration::from_secs(2);
    scenario
}

/// The file of a run's trace, its counts and its answers.
fn outcome(scenario: Scenario) -> (String, Counts, Vec<Option<(Duration, u64)>>) {
    let mut sim = sim(scenario).traced();
    let clients: Vec<_> = (0..60)
        .map(|number: u32| sim.ask(17 * number * MS, number as usize % 3, "count"))
        .collect();
    sim.run().expect("it is within the limits");
    let mut file = Vec::new();
    let trace = sim.trace().expect("it is traced");
    views::file::write(trace, &mut file).expect("memory takes it");
    let answers = clients.iter().map(|client| sim.answer(*client).copied());
    (String::from_utf8(file).expect("a trace is text"), sim.counts(), answers.collect())
}

#[test]
fn the_same_scenario_is_the_same_run_and_another_seed_is_not() {
    for seed in 0..20 {
        let first = outcome(rough(seed));
        assert_eq!(first, outcome(rough(seed)));
        assert_ne!(first, outcome(rough(seed + 1)));
        let read = views::file::read(first.0.as_bytes()).expect("what is written is read");
        assert!(read.events().len() > 100);
    }
}

#[test]
fn a_trace_changes_nothing() {
    let run = |mut sim: Sim<Counter, _>| {
        for number in 0..60 {
            sim.ask(17 * number * MS, number as usize % 3, "count");
        }
        sim.run().unwrap();
        (sim.counts(), heard(&sim, 0).to_vec())
    };
    assert_eq!(run(sim(rough(3))), run(sim(rough(3)).traced()));
}

#[test]
fn a_scenario_is_written_down_and_read_again() {
    let written = serde_json::to_string(&rough(3)).unwrap();
    assert_eq!(serde_json::from_str::<Scenario>(&written).unwrap(), rough(3));
    assert!(serde_json::from_str::<Scenario>(&written.replace("seed", "sed")).is_err());
}

#[test]
fn messages_are_lost_duplicated_and_overtaken_as_configured() {
    let mut scenario = Scenario::new(2, 1);
    scenario.link.lost = 100;
    scenario.link.duplicated = 50;
    let mut sim = sim(scenario);
    for number in 0..2000 {
        sim.ask(number * MS, 0, "count");
    }
    sim.run().unwrap();
    let counts = sim.counts();
    assert_eq!((counts.sent, counts.records), (2000, 2000));
    assert_eq!(counts.delivered, counts.sent - counts.lost + counts.duplicated);
    assert!((150..250).contains(&counts.lost), "{counts:?}");
    assert!((60..120).contains(&counts.duplicated), "{counts:?}");
    assert!(!heard(&sim, 1).is_sorted(), "some were overtaken");
}

#[test]
fn a_cut_goes_one_way_a_split_both_and_in_flight_ones_arrive() {
    let mut scenario = Scenario::new(2, 1);
    scenario.link.delay = Delay::Fixed(10 * MS);
    scenario.sync = Duration::ZERO;
    scenario.faults = vec![
        (5 * MS, Fault::Cut { from: vec![0], to: vec![1] }),
        (50 * MS, Fault::Heal),
        (100 * MS, Fault::Split(vec![1])),
        (150 * MS, Fault::Heal),
    ];
    let mut sim = sim(scenario);
    for at in [0, 20, 60, 120, 160] {
        sim.ask(at * MS, 0, "count");
        sim.ask(at * MS, 1, "count");
    }
    sim.run().unwrap();
    assert_eq!(heard(&sim, 1), [1, 3, 5], "2 and 4 are sent while node 0 is cut off");
    assert_eq!(heard(&sim, 0), [1, 2, 3, 5]);
}

#[test]
fn effects_wait_for_their_record_and_records_share_a_sync() {
    let mut scenario = Scenario::new(2, 1);
    scenario.sync = 100 * MS;
    scenario.link.delay = Delay::Fixed(MS);
    let mut sim = sim(scenario);
    let clients = [0, 10, 20, 30].map(|at| sim.ask(at * MS, 0, "count"));
    sim.run().unwrap();
    let answered = clients.map(|client| sim.answer(client).unwrap().0);
    assert_eq!(answered, [100 * MS, 200 * MS, 200 * MS, 200 * MS]);
    assert_eq!((sim.counts().records, sim.counts().syncs), (4, 2));
    assert_eq!(heard(&sim, 1), [1, 2, 3, 4]);
}

#[test]
fn a_restarted_node_has_a_prefix_with_all_that_it_answered() {
    let mut prefixes = Vec::new();
    for seed in 0..50 {
        let mut scenario = Scenario::new(2, seed);
        scenario.sync = 100 * MS;
        scenario.faults = vec![(150 * MS, Fault::Crash(0)), (160 * MS, Fault::Restart(0))];
        let mut sim = sim(scenario);
        let clients = [0, 110, 120].map(|at| sim.ask(at * MS, 0, "count"));
        let after = sim.ask(200 * MS, 0, "count");
        sim.run().unwrap();
        let answered = clients.map(|client| sim.answer(client).is_some());
        assert_eq!(answered, [true, false, false], "the others were not durable");
        let (_, counted) = sim.answer(after).expect("it runs again");
        assert!((2..=4).contains(counted), "{counted}");
        assert_eq!(sim.disk(0).last(), Some(counted));
        prefixes.push(*counted);
    }
    prefixes.sort_unstable();
    prefixes.dedup();
    assert_eq!(prefixes, [2, 3, 4], "each prefix survives some time");
}

#[test]
fn a_sync_that_a_crash_cut_off_makes_nothing_durable() {
    let mut scenario = Scenario::new(2, 1);
    scenario.sync = 100 * MS;
    scenario.faults = vec![(50 * MS, Fault::Crash(0)), (60 * MS, Fault::Restart(0))];
    let mut sim = sim(scenario);
    let cut_off = sim.ask(Duration::ZERO, 0, "count");
    let whole = sim.ask(70 * MS, 0, "count");
    sim.run().unwrap();
    assert_eq!(sim.answer(cut_off), None);
    assert_eq!(sim.answer(whole).unwrap().0, 170 * MS);
}

#[test]
fn a_node_that_is_down_hears_nothing_and_its_timers_are_gone() {
    let mut scenario = Scenario::new(2, 1);
    scenario.link.delay = Delay::Fixed(10 * MS);
    scenario.faults = vec![(50 * MS, Fault::Crash(1)), (80 * MS, Fault::Restart(1))];
    let mut sim = sim(scenario);
    sim.ask(MS, 1, "later");
    for at in [30, 45, 60, 90] {
        sim.ask(at * MS, 0, "count");
    }
    let unheard = sim.ask(60 * MS, 1, "count");
    sim.run().unwrap();
    assert_eq!(heard(&sim, 1), [4]);
    assert_eq!(sim.answer(unheard), None);
    assert_eq!(sim.counts().lost, 2);
}

#[test]
fn timers_are_moved_and_cancelled_and_go_by_the_nodes_own_clock() {
    let mut scenario = Scenario::new(1, 1);
    scenario.clocks = vec![Clock { offset: Duration::from_secs(5), drift_ppm: 1_000_000 }];
    let mut sim = sim(scenario);
    sim.ask(Duration::ZERO, 0, "later");
    // The clock is twice as fast: 100 ms of it are over after 50. Before that the timer is moved.
    sim.ask(25 * MS, 0, "later");
    sim.ask(200 * MS, 0, "later");
    sim.ask(225 * MS, 0, "cancel");
    sim.run().unwrap();
    assert_eq!(heard(&sim, 0), [5150]);
}

#[test]
fn a_second_answer_to_a_client_is_recorded() {
    let mut sim = sim(Scenario::new(1, 1));
    let (twice, never) = (sim.ask(MS, 0, "twice"), sim.ask(MS, 0, "later"));
    sim.run().unwrap();
    assert_eq!(sim.answers(twice), [(MS, 1), (MS, 2)]);
    assert_eq!(sim.answer(twice), Some(&(MS, 1)));
    assert_eq!((sim.answer(never), sim.answers(never)), (None, &[][..]));
}

#[test]
#[should_panic(expected = "before the run ends")]
fn a_request_after_the_end_of_the_run_is_refused() {
    sim(Scenario::new(1, 1)).ask(Duration::from_secs(10), 0, "count");
}

#[test]
fn a_node_that_is_never_idle_is_stopped_with_the_limit_named() {
    let mut at_once = sim(Scenario::new(1, 1));
    at_once.ask(MS, 0, "at once");
    let stopped = at_once.run().unwrap_err();
    assert_eq!(stopped, Stopped::StandsStill { at: 101 * MS });
    assert!(stopped.to_string().contains("1000000 times"), "{stopped}");

    let mut scenario = Scenario::new(1, 1);
    scenario.max_steps = 500;
    let mut soon = sim(scenario);
    soon.ask(MS, 0, "soon");
    let stopped = soon.run().unwrap_err();
    assert!(matches!(stopped, Stopped::TooLong { max_steps: 500, .. }));
    assert!(stopped.to_string().contains("`max_steps`"), "{stopped}");
}

#[test]
fn a_contradictory_scenario_is_refused_with_the_reason() {
    let refused = |change: fn(&mut Scenario)| {
        let mut scenario = Scenario::new(3, 1);
        change(&mut scenario);
        let error = scenario.check().expect_err("it should be refused");
        assert!(Sim::new(scenario, Counter::make(3)).is_err());
        error
    };
    let fault = 1;
    assert_eq!(
        refused(|it| it.faults = vec![(MS, Fault::Cut { from: vec![0, 1], to: vec![1] })]),
        ScenarioError::FromItself { fault, node: 1 }
    );
    for side in [vec![], vec![0, 1, 2]] {
        let mut scenario = Scenario::new(3, 1);
        scenario.faults = vec![(MS, Fault::Split(side))];
        assert_eq!(scenario.check(), Err(ScenarioError::OneSided { fault }));
    }
    assert_eq!(
        refused(|it| it.faults = vec![(MS, Fault::Restart(0))]),
        ScenarioError::Runs { fault, node: 0 }
    );
    assert_eq!(
        refused(|it| it.faults = vec![(MS, Fault::Crash(0)), (2 * MS, Fault::Crash(0))]),
        ScenarioError::IsDown { fault: 2, node: 0 }
    );
    assert_eq!(
        refused(|it| it.faults = vec![(MS, Fault::Crash(3))]),
        ScenarioError::NoSuchNode { fault, node: 3, nodes: 3 }
    );
    assert_eq!(
        refused(|it| it.faults = vec![(2 * MS, Fault::Heal), (MS, Fault::Heal)]),
        ScenarioError::OutOfOrder { fault: 2 }
    );
    assert_eq!(
        refused(|it| it.link.lost = 1001),
        ScenarioError::MoreThanAll { what: "lost", share: 1001 }
    );
    assert_eq!(refused(|it| it.link.delay = Delay::Between(2 * MS, MS)), ScenarioError::NoDelay);
    assert_eq!(refused(|it| it.link.delay = Delay::OneOf(vec![])), ScenarioError::NoDelay);
    assert_eq!(
        refused(|it| it.clocks = vec![Clock::default(); 4]),
        ScenarioError::TooManyClocks { clocks: 4, nodes: 3 }
    );
    let stands = Clock { offset: MS, drift_ppm: -1_000_000 };
    let mut scenario = Scenario::new(3, 1);
    scenario.clocks = vec![stands];
    assert_eq!(scenario.check(), Err(ScenarioError::Stands(1_000_000)));
}

/// Stamps what it sends with a Lamport clock, and keeps the largest stamp that came.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Stamping(LamportClock, u64);

impl Node for Stamping {
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Request = ();
    type Reply = ();

    fn receive(&mut self, _from: usize, stamp: u64, _out: &mut Outbox<Self>) {
        self.1 = self.1.max(self.0.receive(stamp).expect("its peers are honest"));
    }

    fn ask(&mut self, _client: Client, (): (), out: &mut Outbox<Self>) {
        out.send(1, self.0.send_timestamp());
    }
}

#[test]
fn a_traced_run_is_in_an_order_that_clocks_can_be_judged_by() {
    let scenario = Scenario::new(2, 1);
    let mut sim = Sim::new(scenario, |_, _| Stamping(LamportClock::new(), 0)).unwrap().traced();
    for number in 0..20 {
        sim.ask(number * MS, 0, ());
    }
    sim.run().unwrap();
    let trace = sim.trace().unwrap();
    let order = trace.happened_before();
    let times = worlds::stamps::lamport(trace);
    assert!(order.pairs().all(|(a, b)| !order.holds(a, b) || times[a] < times[b]));
    assert!(sim.node(1).unwrap().1 > 20);
}
