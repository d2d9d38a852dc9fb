//! FIFO links: what a node hears through them, whatever the network does, and what they cost.

use std::time::Duration;

use explore::{Model, SearchResult, search};
use lock::mutex::{Mutex, Reply};
use lock::repaired;
use worlds::fifo::{FifoLinks, MAX_UNACKNOWLEDGED, Message, RETRANSMISSION_TIMEOUT, Timer, WINDOW};
use worlds::node::{Client, Effect, Node, Outbox};
use worlds::nodes::{Nodes, State};
use worlds::sim::{Counts, Delay, Fault, Scenario, Sim};

/// Sends all others a number whenever it is asked to, and checks whether what it receives is in
/// order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Counting {
    number: usize,
    /// Which process of this node it is, from 1.
    incarnation: u64,
    sent: u64,
    /// Of each node what was heard last: its incarnation, and its number.
    heard: Vec<(u64, u64)>,
    /// Whether a message came that was not next.
    is_wrong: bool,
}

impl Counting {
    fn new(number: usize, nodes: usize, incarnation: u64) -> FifoLinks<Counting> {
        let counting =
            Counting { number, incarnation, sent: 0, heard: vec![(0, 0); nodes], is_wrong: false };
        FifoLinks::new(counting, incarnation)
    }
}

impl Node for Counting {
    type Message = (u64, u64);
    type Timer = ();
    /// It has started once more.
    type Record = ();
    type Request = ();
    type Reply = ();

    fn start(&mut self, out: &mut Outbox<Self>) {
        out.append(());
    }

    fn ask(&mut self, client: Client, (): (), out: &mut Outbox<Self>) {
        self.sent += 1;
        let others = (0..self.heard.len()).filter(|other| *other != self.number);
        for other in others {
            out.send(other, (self.incarnation, self.sent));
        }
        out.answer(client, ());
    }

    fn receive(&mut self, from: usize, message: (u64, u64), _: &mut Outbox<Self>) {
        let (incarnation, last) = self.heard[from];
        let is_next = match last {
            0 => message.1 == 1,
            _ => message == (incarnation, last + 1),
        };
        self.is_wrong |= !is_next;
        self.heard[from] = message;
    }
}

type Links = FifoLinks<Counting>;

/// The effects of a handler.
fn effects<N: Node>(handler: impl FnOnce(&mut Outbox<N>)) -> Vec<Effect<N>> {
    let mut out = Outbox::default();
    handler(&mut out);
    out.take()
}

/// The messages among these.
fn sent(effects: Vec<Effect<Links>>) -> Vec<Message<(u64, u64)>> {
    let sent = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send { message, .. } => Some(message),
        _ => None,
    });
    sent.collect()
}

fn numbered(number: u64) -> Message<(u64, u64)> {
    Message::Numbered { run: 1, peer: None, number, message: (1, number) }
}

fn ack(through: u64) -> Message<(u64, u64)> {
    let (run, peer) = (1, 1);
    Message::Ack { run, peer, through }
}

/// Node 0 of two, after this many requests, and what it sent.
fn sender(times: usize) -> (Links, Vec<Message<(u64, u64)>>) {
    let mut node = Counting::new(0, 2, 1);
    let done = effects(|out| {
        for client in 0..times {
            node.ask(Client(client as u64), (), out);
        }
    });
    (node, sent(done))
}

/// A network on which a third of the messages are lost, a third duplicated, and all overtake each
/// other.
fn rough(nodes: usize, seed: u64) -> Scenario {
    let mut scenario = Scenario::new(nodes, seed);
    let millis = Duration::from_millis;
    scenario.link.delay = Delay::OneOf(vec![millis(1), millis(30), millis(400)]);
    (scenario.link.lost, scenario.link.duplicated) = (333, 333);
    scenario.faults = vec![
        (Duration::from_secs(1), Fault::Split(vec![0])),
        (Duration::from_secs(3), Fault::Heal),
    ];
    scenario
}

const ASKED: u64 = 100;

/// Three nodes that send each other all of it, one after another every 20 ms.
fn exchange(mut scenario: Scenario, until: Duration) -> (Vec<Counting>, Counts) {
    scenario.until = until;
    let nodes = scenario.nodes;
    let make = move |number, _: &[()]| Counting::new(number, nodes, 1);
    let mut sim = Sim::new(scenario, make).expect("the scenario is valid");
    for turn in 0..ASKED {
        for node in 0..nodes {
            sim.ask(Duration::from_millis(20 * turn), node, ());
        }
    }
    sim.run().expect("it ends");
    let of = |number| sim.node(number).expect("it runs").node().clone();
    ((0..nodes).map(of).collect(), sim.counts())
}

#[test]
fn all_messages_arrive_once_in_order_then_the_links_are_idle() {
    for seed in 0..100 {
        let (nodes, counts) = exchange(rough(3, seed), Duration::from_secs(60));
        for node in &nodes {
            assert!(!node.is_wrong, "seed {seed}: {node:?}");
            for (other, heard) in node.heard.iter().enumerate() {
                let all = if other == node.number { 0 } else { ASKED };
                assert_eq!(heard.1, all, "seed {seed}, of node {other}: {node:?}");
            }
        }
        assert!(counts.lost > 100 && counts.duplicated > 100, "{counts:?}");
        let (_, later) = exchange(rough(3, seed), Duration::from_secs(120));
        assert_eq!(later, counts, "seed {seed}: after a minute nothing is sent");
    }
}

#[test]
fn without_faults_each_message_costs_one_acknowledgement() {
    let (_, counts) = exchange(Scenario::new(3, 1), Duration::from_secs(10));
    assert_eq!(counts.sent, 3 * 2 * ASKED * 2);
}

/// Two nodes with this many requests, on a network that does all that it can with `room` messages
/// in flight.
fn two(asked: [usize; 2], room: usize) -> Nodes<Links> {
    Nodes::new(2, |number, records| Counting::new(number, 2, records.len() as u64 + 1))
        .asking(0, vec![(); asked[0]])
        .asking(1, vec![(); asked[1]])
        .losing()
        .duplicating()
        .with_room_for(room)
}

/// How many states there are, none of which satisfies `is_it`.
fn never<N: Node>(nodes: &Nodes<N>, is_it: impl FnMut(&State<N>) -> bool) -> usize {
    match search(nodes, 1_000_000, is_it) {
        SearchResult::Never { states } => states,
        SearchResult::Found { schedule, .. } => panic!("{schedule}"),
        SearchResult::Unknown { states } => panic!("more than {states} states"),
    }
}

fn is_out_of_order(state: &State<Links>) -> bool {
    state.nodes().any(|(_, node)| node.node().is_wrong)
}

#[test]
fn in_every_schedule_delivery_is_in_order_and_complete_at_rest() {
    for (asked, room, expected) in [([3, 0], 2, 2_375), ([3, 0], 3, 7_910), ([2, 1], 3, 5_446)] {
        let nodes = two(asked, room);
        let mut at_rest = 0;
        let states = never(&nodes, |state| {
            let is_over = state.is_quiet() && state.answers.len() == asked[0] + asked[1];
            at_rest += usize::from(is_over);
            let heard =
                |number: usize, of: usize| state.node(number).map(|node| node.node().heard[of].1);
            let has_all =
                heard(1, 0) == Some(asked[0] as u64) && heard(0, 1) == Some(asked[1] as u64);
            is_out_of_order(state) || (is_over && !has_all)
        });
        assert_eq!((states, at_rest), (expected, 1), "{asked:?} {room}");
    }
}

#[test]
fn after_a_crash_delivery_is_still_in_order() {
    for (asked, expected) in
        [([2, 0], (21_764, 18_779)), ([1, 1], (13_568, 11_473)), ([2, 1], (144_574, 128_034))]
    {
        let nodes = two(asked, 2).crashing(2).with_slow_disks();
        let mut restarted = 0;
        let states = never(&nodes, |state| {
            restarted += usize::from(state.nodes().any(|(_, node)| node.node().incarnation > 1));
            is_out_of_order(state)
        });
        assert_eq!((states, restarted), expected, "{asked:?}");
    }
}

#[test]
fn over_fifo_links_lamports_lock_is_exclusive_and_is_granted() {
    let lock = repaired::lock([1, 1], 2);
    let all = [Reply::Granted, Reply::Released].repeat(2);
    let mut ends = 0;
    let states = never(&lock, |state| {
        let is_over = lock.actions(state).next().is_none();
        ends += usize::from(is_over);
        let answers = state.answers.iter().map(|(_, reply)| reply);
        let is_stuck = is_over && !answers.eq(&all);
        let holds = |node: &FifoLinks<Mutex>| node.node().holds();
        let holders = state.nodes().filter(|(_, node)| holds(node));
        holders.count() > 1 || is_stuck
    });
    assert_eq!((states, ends), (161_023, 7));
}

#[test]
fn a_restarted_process_and_its_earlier_peer_are_stuck_and_warn() {
    let (mut old, mut peer) = (Counting::new(0, 2, 1), Counting::new(1, 2, 1));
    let pass = |from: usize, done: Vec<Effect<Links>>, to: &mut Links| {
        effects(|out| {
            for message in sent(done) {
                to.receive(from, message, out);
            }
        })
    };
    let messages = effects(|out| old.ask(Client(0), (), out));
    let acks = pass(0, messages, &mut peer);
    assert_eq!(pass(1, acks, &mut old), [Effect::CancelTimer(Timer::Retransmit(1))]);
    assert_eq!(peer.node().heard[0], (1, 1));

    // It restarts, and its number 1 is not taken for the old one, nor acknowledged.
    let mut new = Counting::new(0, 2, 2);
    let messages = effects(|out| new.ask(Client(0), (), out));
    let done = pass(0, messages, &mut peer);
    let why = "node 0 has restarted: messages between it and this node are ignored until this \
               node restarts, too";
    assert_eq!(done, [Effect::Warn(why.to_owned())]);
    assert_eq!(peer.node().heard[0], (1, 1));
    // What the peer sends is for the old one.
    let messages = effects(|out| peer.ask(Client(0), (), out));
    let done = pass(1, messages, &mut new);
    let why = "this node has restarted: messages between it and node 1 are ignored until node 1 \
               restarts, too";
    assert_eq!(done, [Effect::Warn(why.to_owned())]);
    assert_eq!(new.node().heard[1], (0, 0));
    // One warning, however often it is retransmitted.
    for _ in 0..3 {
        let again = effects(|out| new.wake(Timer::Retransmit(1), out));
        assert_eq!(again.len(), 2, "a message, and the timer");
        assert_eq!(pass(0, again, &mut peer), []);
    }
    // An acknowledgement for the old one is not one for the new.
    let late = effects(|out| new.receive(1, ack(1), out));
    assert_eq!(late, []);
    assert_eq!(sent(effects(|out| new.wake(Timer::Retransmit(1), out))).len(), 1);
}

#[test]
fn a_receiver_buffers_one_window_and_acknowledges_deliveries() {
    let mut node = Counting::new(1, 2, 1);
    for number in 2..WINDOW + 10 {
        let acks = sent(effects(|out| node.receive(0, numbered(number), out)));
        assert_eq!(acks, [ack(0)]);
    }
    let acks = sent(effects(|out| node.receive(0, numbered(1), out)));
    assert_eq!(acks, [ack(WINDOW)]);
    assert_eq!(node.node().heard[0], (1, WINDOW));
    // The others were dropped, and are retransmitted.
    let acks = sent(effects(|out| node.receive(0, numbered(WINDOW + 1), out)));
    assert_eq!(acks, [ack(WINDOW + 1)]);
    // Invalid numbers.
    for number in [0, u64::MAX, WINDOW + 2 + WINDOW] {
        let acks = sent(effects(|out| node.receive(0, numbered(number), out)));
        assert_eq!(acks, [ack(WINDOW + 1)], "{number}");
    }
    assert!(!node.node().is_wrong);
}

#[test]
fn an_acknowledgement_by_another_incarnation_is_ignored() {
    let (mut node, first) = sender(1);
    assert_eq!(effects(|out| node.receive(1, ack(0), out)), []);
    let by_another = Message::Ack { run: 2, peer: 1, through: 1 };
    let done = effects(|out| node.receive(1, by_another, out));
    assert!(matches!(&done[..], [Effect::Warn(_)]), "{done:?}");
    let again = sent(effects(|out| node.wake(Timer::Retransmit(1), out)));
    assert_eq!(again.len(), first.len());
}

#[test]
fn sending_more_does_not_postpone_a_retransmission() {
    let mut node = Counting::new(0, 2, 1);
    let is_timer = |effect: &Effect<Links>| matches!(effect, Effect::SetTimer { .. });
    let timers = |done: Vec<Effect<Links>>| done.iter().filter(|effect| is_timer(effect)).count();
    for expected in [1, 0, 0] {
        let done = effects(|out| node.ask(Client(0), (), out));
        assert_eq!(timers(done), expected);
    }
    // It is set anew when all is acknowledged and something new is sent.
    effects(|out| node.receive(1, ack(3), out));
    let done = effects(|out| node.ask(Client(0), (), out));
    assert_eq!(timers(done), 1);
}

#[test]
fn unacknowledged_messages_are_retransmitted_up_to_the_window() {
    let (mut node, first) = sender(WINDOW as usize + 10);
    assert_eq!(first.len(), WINDOW as usize + 10);
    let again = effects(|out| node.wake(Timer::Retransmit(1), out));
    let timer = Effect::SetTimer { timer: Timer::Retransmit(1), after: RETRANSMISSION_TIMEOUT };
    assert_eq!(again.last(), Some(&timer));
    assert_eq!(sent(again), first[..WINDOW as usize]);
    // Acknowledged through 9, and never through what was not sent.
    for through in [9, 3, 0, u64::MAX, WINDOW + 11] {
        assert_eq!(effects(|out| node.receive(1, ack(through), out)), []);
    }
    let again = sent(effects(|out| node.wake(Timer::Retransmit(1), out)));
    let numbers = again.iter().map(|message| match message {
        Message::Numbered { number, peer, .. } => (*number, *peer),
        Message::Ack { .. } => panic!("{message:?}"),
    });
    let expected: Vec<_> = (10..10 + WINDOW).map(|number| (number, Some(1))).collect();
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
    // The last of them: the node is idle.
    let done = effects(|out| node.receive(1, ack(WINDOW + 10), out));
    assert_eq!(done, [Effect::CancelTimer(Timer::Retransmit(1))]);
    assert_eq!(effects(|out| node.wake(Timer::Retransmit(1), out)), []);
}

#[test]
fn a_sender_without_acknowledgements_gives_up_and_leaves_no_gap() {
    let (mut node, first) = sender(MAX_UNACKNOWLEDGED);
    assert_eq!(first.len(), MAX_UNACKNOWLEDGED);
    let answer = Effect::Answer { client: Client(0), reply: () };
    let done = effects(|out| node.ask(Client(0), (), out));
    assert!(matches!(&done[..], [Effect::Warn(_), other] if *other == answer), "{done:?}");
    // One warning; and even when all is acknowledged, the number after the gap is not sent.
    let done = effects(|out| node.ask(Client(0), (), out));
    assert_eq!(done, std::slice::from_ref(&answer));
    let last = MAX_UNACKNOWLEDGED as u64;
    let done = effects(|out| node.receive(1, ack(last), out));
    assert_eq!(done, [Effect::CancelTimer(Timer::Retransmit(1))]);
    assert_eq!(effects(|out| node.ask(Client(0), (), out)), [answer]);
}

/// Has every effect that a node can have.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Busy;

impl Node for Busy {
    type Message = ();
    type Timer = u8;
    type Record = u8;
    type Request = Duration;
    type Reply = Duration;

    fn start(&mut self, out: &mut Outbox<Self>) {
        out.append(1);
    }

    fn receive(&mut self, _: usize, (): (), out: &mut Outbox<Self>) {
        out.append(2);
    }

    fn wake(&mut self, timer: u8, out: &mut Outbox<Self>) {
        out.append(timer);
    }

    fn ask(&mut self, client: Client, after: Duration, out: &mut Outbox<Self>) {
        out.append(3);
        out.set_timer(7, after);
        out.cancel_timer(8);
        out.warn("careful");
        out.answer(client, out.now());
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        Some(vec![9])
    }
}

#[test]
fn other_effects_of_the_inner_node_pass_through_in_their_order() {
    let mut node = FifoLinks::new(Busy, 1);
    assert_eq!(effects(|out| node.start(out)), [Effect::Append(1)]);
    let woken = effects(|out| node.wake(Timer::Inner(5), out));
    assert_eq!(woken, [Effect::Append(5)]);
    let now = Duration::from_secs(3);
    let asked = effects(|out| {
        out.set_now(now);
        node.ask(Client(4), RETRANSMISSION_TIMEOUT, out);
    });
    let expected = [
        Effect::Append(3),
        Effect::SetTimer { timer: Timer::Inner(7), after: RETRANSMISSION_TIMEOUT },
        Effect::CancelTimer(Timer::Inner(8)),
        Effect::Warn("careful".to_owned()),
        Effect::Answer { client: Client(4), reply: now },
    ];
    assert_eq!(asked, expected);
    assert_eq!(node.snapshot(), Some(vec![9]));
    // What a message makes it write is on disk before the message is acknowledged.
    let message = Message::Numbered { run: 1, peer: None, number: 1, message: () };
    let received = effects(|out| node.receive(0, message, out));
    assert!(
        matches!(received[..], [Effect::Append(2), Effect::Send { to: 0, .. }]),
        "{received:?}"
    );
}

#[test]
fn the_messages_as_json() {
    let numbered = |peer| Message::Numbered { run: 7, peer, number: 3, message: (1, 2) };
    let ack = Message::Ack { run: 9, peer: 7, through: 3 };
    for (message, json) in [
        (numbered(None), r#"{"type":"numbered","run":7,"number":3,"message":[1,2]}"#),
        (numbered(Some(9)), r#"{"type":"numbered","run":7,"peer":9,"number":3,"message":[1,2]}"#),
        (ack, r#"{"type":"ack","run":9,"peer":7,"through":3}"#),
    ] {
        assert_eq!(serde_json::to_string(&message).unwrap(), json);
        assert_eq!(serde_json::from_str::<Message<(u64, u64)>>(json).unwrap(), message);
    }
}
