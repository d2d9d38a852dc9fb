//! Nodes under the explorer: what the network, the disks and the crashes of that world do.

use std::collections::BTreeSet;
use std::ops::ControlFlow::{self, Continue};

use explore::{SearchResult, explore, replay, search};
use g_counter::replica::{Replica, Reply, Request};
use worlds::node::{Client, Node, NodeEvent, Outbox};
use worlds::nodes::{Action, Nodes, Schedule, State};

/// Sends what it is asked to the other node, which forgets it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Post(usize);

impl Node for Post {
    type Message = u8;
    type Timer = u8;
    type Record = ();
    type Request = u8;
    type Reply = ();

    fn start(&mut self, out: &mut Outbox<Self>) {
        assert_eq!(out.now(), std::time::Duration::ZERO);
    }

    fn receive(&mut self, _: usize, _: u8, _: &mut Outbox<Self>) {}

    /// Above 9 it sets a timer instead, above 99 it cancels it.
    fn ask(&mut self, _: Client, request: u8, out: &mut Outbox<Self>) {
        match request {
            0..10 => out.send(1 - self.0, request),
            10..100 => out.set_timer(request, std::time::Duration::ZERO),
            _ => out.cancel_timer(request - 100),
        }
    }
}

fn post(requests: impl IntoIterator<Item = u8>) -> Nodes<Post> {
    Nodes::new(2, |number, _| Post(number)).asking(0, requests)
}

fn counters(adds: usize) -> Nodes<Replica> {
    Nodes::new(2, |number, records| Replica::new(number, 2, records))
        .asking(0, (0..adds).map(|_| Request::Add { delta: 1 }))
}

fn states<N: Node>(nodes: &Nodes<N>) -> usize {
    match search(nodes, 100_000, |_| false) {
        SearchResult::Never { states } => states,
        other => panic!("{other:?}"),
    }
}

fn end<N: Node>(nodes: &Nodes<N>, text: &str) -> State<N> {
    let schedule: Schedule = text.parse().expect("it is a schedule string");
    replay(nodes, &schedule).expect("it can happen")
}

/// Why a schedule cannot be replayed.
fn refusal<N: Node>(nodes: &Nodes<N>, text: &str) -> String {
    let schedule: Schedule = text.parse().expect("it is a schedule string");
    let refusal = replay(nodes, &schedule).expect_err("it cannot happen");
    refusal.to_string()
}

#[test]
fn there_are_as_many_states_as_a_plainer_count_says() {
    for messages in 0..6 {
        let different = || post(0..messages);
        // With j of them sent, any of these may be in flight.
        assert_eq!(states(&different()), (1 << (messages + 1)) - 1);
        assert_eq!(states(&different().duplicating().losing()), (1 << (messages + 1)) - 1);
        // On an ordered link, the last few. And of equal ones it matters only how many.
        let last_few: usize = (1..=usize::from(messages) + 1).sum();
        assert_eq!(states(&different().with_ordered_links()), last_few);
        assert_eq!(states(&post((0..messages).map(|_| 7))), last_few);
    }
    // Where any can be lost, the order is kept and each may be missing.
    assert_eq!(states(&post(0..3).with_ordered_links().losing()), 15);
    // Timers: both are set, then each runs out first or second, or is cancelled.
    assert_eq!(states(&post([10, 11])), 1 + 2 + 4);
    assert_eq!(end(&post([10, 11, 110]), "a.a.a").places[0].timers.len(), 1);
}

#[test]
fn states_are_equal_if_nothing_that_can_happen_tells_them_apart() {
    let nodes = post([1, 2, 1]);
    assert_eq!(end(&nodes, "a.a.1.a"), end(&nodes, "a.a.a.1"));
    assert_eq!(end(&nodes, "a.a.a.1"), end(&nodes, "a.a.a.3"));
    assert_ne!(end(&nodes, "a.a.a.1"), end(&nodes, "a.a.a.2"));
    let ordered = nodes.with_ordered_links().losing();
    assert_ne!(end(&ordered, "a.a.a.1x"), end(&ordered, "a.a.a.3x"));
    let timers = post([10, 11]).asking(1, [1]);
    assert_eq!(end(&timers, "a.a.b"), end(&timers, "b.a.a"));
}

#[test]
fn schedules_come_once_and_their_strings_replay() {
    let nodes = counters(2).losing().duplicating().crashing(1).with_slow_disks();
    let mut seen = BTreeSet::new();
    let all: ControlFlow<()> = explore(&nodes, 6, |schedule, state| {
        let text = schedule.to_string();
        assert_eq!(text.parse().as_ref(), Ok(schedule));
        assert_eq!(end(&nodes, &text), *state);
        assert!(text.chars().all(|char| char.is_ascii_alphanumeric() || ".-:".contains(char)));
        assert!(nodes.trace(schedule, |event| Some(event.to_string())).is_ok());
        assert!(seen.insert(text));
        Continue(())
    });
    assert_eq!(all, Continue(()));
    assert!(seen.contains("a.aw.at.1c.bx1"), "a crash in which one record is written");
    for action in ["a", "ar", "at", "at2", "at10", "aw", "ax", "ax2", "z", "1", "12c", "3x"] {
        let parsed: Action = action.parse().unwrap();
        assert_eq!(parsed.to_string(), action);
    }
    for action in
        ["", "at0", "at1", "at01", "ax0", "aw1", "ar2", "ab", "a1", "A", "0", "1y", "ax1x", "é"]
    {
        assert!(action.parse::<Action>().is_err(), "{action}");
    }
}

#[test]
fn the_network_does_what_is_switched_on_and_nothing_else() {
    let nodes = post([1, 2]);
    assert!(refusal(&nodes, "a.1x").ends_with("possible: a 1"));
    assert!(refusal(&nodes, "a.a.1c").ends_with("possible: 1 2"));
    assert!(refusal(&nodes, "a.ax").ends_with("possible: a 1"));
    assert!(refusal(&nodes.clone().with_ordered_links(), "a.a.2").ends_with("possible: 1"));
    assert!(refusal(&nodes.clone().losing(), "a.2").ends_with("possible: a 1 1x"));
    assert!(refusal(&nodes.clone().with_room_for(1).duplicating(), "a.a").ends_with("possible: 1"));
    assert!(refusal(&nodes.one_at_a_time(), "a.a").ends_with("possible: 1"));
    assert_eq!(end(&post([1]).duplicating(), "a.1c.1c.1").in_flight.len(), 0);
}

#[test]
fn a_node_that_is_down_hears_nothing_and_its_messages_stay() {
    let nodes = post([1, 2]).crashing(1);
    assert!(refusal(&nodes, "a.bx.1").ends_with("possible: a br"));
    assert!(end(&nodes, "a.bx.br.1").in_flight.is_empty());
    assert!(refusal(&nodes, "bx.br.ax").ends_with("possible: a"), "it crashes once");
    assert_eq!(end(&nodes, "a.ax").in_flight.len(), 1);
    assert!(refusal(&nodes, "ax.a").ends_with("possible: ar"));
}

#[test]
fn a_crash_takes_what_is_not_on_disk() {
    let nodes = counters(1).crashing(1).with_slow_disks();
    let own_entry = |text| end(&nodes, text).node(0).unwrap().counter().entries()[0];
    let answers = |text| end(&nodes, text).answers;
    assert_eq!(answers("a"), [], "it waits for the disk");
    assert_eq!(answers("a.aw"), [(Client(0), Reply::Added)]);
    assert_eq!(own_entry("a.ax.ar"), 0);
    assert_eq!(own_entry("a.ax1.ar"), 1);
    assert_eq!(answers("a.ax1.ar"), []);
    assert_eq!(own_entry("a.aw.ax.ar"), 1);
    assert_eq!(nodes.asked_by(Client(0)), Some(0));
    assert_eq!(nodes.asked_by(Client(1)), None);
}

#[test]
fn each_write_goes_as_far_as_the_next_record() {
    let nodes = counters(2).with_slow_disks();
    assert_eq!(end(&nodes, "a.a.aw").answers.len(), 1);
    assert_eq!(end(&nodes, "a.a.aw").places[0].disk.len(), 1);
    assert_eq!(end(&nodes, "a.a.aw.aw").answers.len(), 2);
}

#[test]
fn a_search_ends_at_its_limit_and_reports_it() {
    let nodes = post(0..3);
    let (there, nowhere) = (|state: &State<Post>| state.places[0].asked == 1, |_: &_| false);
    assert_eq!(search(&nodes, 15, nowhere), SearchResult::Never { states: 15 });
    assert_eq!(search(&nodes, 14, nowhere), SearchResult::Unknown { states: 14 });
    assert_eq!(search(&nodes, 1, there), SearchResult::Unknown { states: 1 });
    let SearchResult::Found { schedule, states } = search(&nodes, 2, there) else {
        panic!("it is the second state");
    };
    assert_eq!((schedule.to_string(), states), ("a".to_owned(), 2));
}

#[test]
fn a_schedule_becomes_a_trace() {
    let nodes = counters(2).losing().crashing(1);
    let schedule = "a.at.1x.bx.at.br.2".parse().unwrap();
    let label = |event: &NodeEvent<'_, Replica>| match event {
        NodeEvent::Wrote { .. } => None,
        NodeEvent::Asked { .. } => Some("asked".to_owned()),
        event => Some(event.to_string()),
    };
    let trace = nodes.trace(&schedule, label).unwrap();
    assert_eq!(
        trace.ladder(76),
        "
a                            b
│                            │
● asked                      │
│                            │
● answers Added              │
│                            │
● timer Round                │
│                            │
● Push([(0, 1)]) ──✗ m1 lost │
│                            │
│                            ● crashes
│                            │
● timer Round                │
│                            │
● Push([(0, 1)]) ──▶ m2      │
│                            │
│                            ● restarts
│                            │
│                      m2 ──▶● Push([(0, 1)])
│                            │
│            m3 in flight ◀──● Ack([(0, 1)])
"
        .trim_start_matches('\n')
    );
}

#[test]
#[should_panic(expected = "node 0 sends to node 1")]
fn a_message_to_no_node_is_a_bug_of_the_node() {
    let alone = Nodes::new(1, |number, _| Post(number)).asking(0, [1]);
    end(&alone, "a");
}
