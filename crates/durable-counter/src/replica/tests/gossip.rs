//! Pushes, acks, and what becomes stable.

use super::*;
use worlds::sim::{Fault, Scenario, Sim};

#[test]
fn an_entry_is_pushed_until_it_is_acked() {
    let (mut one, mut other) = (Replica::new(0, 2, &[]), Replica::new(1, 2, &[]));
    add(&mut one, 3, None);
    for _ in 0..2 {
        let woken = effects(|out| one.wake(Timer::Gossip, out));
        assert_eq!(sent(&woken), [(1, Message::Push(vec![(0, 3)]))]);
        assert_eq!(woken.len(), 2, "and the timer is set again");
    }
    let heard = receive(&mut other, 0, Message::Push(vec![(0, 3)]));
    let expected = [
        Effect::Append(Record::Heard(vec![(0, 3)])),
        Effect::Send { to: 0, message: Message::Ack(vec![(0, 3)]) },
    ];
    assert_eq!(heard, expected, "and it has nothing to push");
    let acked = receive(&mut one, 1, Message::Ack(vec![(0, 3)]));
    assert_eq!(acked, [Effect::CancelTimer(Timer::Gossip)]);
    assert_eq!(effects(|out| one.wake(Timer::Gossip, out)), []);
    assert_eq!(effects(|out| one.wake(Timer::Repair, out)), []);
}

/// The moments, in milliseconds, of the rounds from `from` on in which peer 1 is pushed the entry.
fn pushed_at(replica: &mut Replica, from: u64, until: u64) -> Vec<u64> {
    let rounds = (from..until).step_by(GOSSIP.as_millis() as usize);
    let is_pushed = |at: &u64| {
        let mut out = Outbox::default();
        out.set_now(Duration::from_millis(*at));
        replica.wake(Timer::Gossip, &mut out);
        !sent(&out.take()).is_empty()
    };
    rounds.filter(is_pushed).collect()
}

#[test]
fn a_silent_peer_is_pushed_less_and_less_often() {
    let mut replica = Replica::new(0, 2, &[counted(3)]);
    let expected = [0, 100, 200, 400, 800, 1_600, 2_600, 3_600, 4_600];
    assert_eq!(pushed_at(&mut replica, 0, 5_000), expected);
    // Once it is heard, it is pushed as often as at first, acked or not.
    let mut out = Outbox::default();
    out.set_now(Duration::from_millis(5_000));
    replica.receive(1, Message::Push(vec![(1, 4)]), &mut out);
    assert_eq!(pushed_at(&mut replica, 5_000, 5_500), [5_000, 5_100, 5_200, 5_400]);
    effects(|out| replica.connected(1, out));
    assert_eq!(pushed_at(&mut replica, 5_500, 5_700), [5_500, 5_600]);
}

#[test]
fn an_entry_that_all_have_acked_is_stable() {
    let mut owner = Replica::new(0, 3, &[counted(3)]);
    let mut other = Replica::new(1, 3, &[]);
    effects(|out| owner.start(out));
    let entry = vec![(0, 3)];
    let heard = receive(&mut other, 0, Message::Push(entry.clone()));
    let repair = Effect::SetTimer { timer: Timer::Repair, after: REPAIR };
    assert!(heard.contains(&repair), "replica 2 may be missing it: {heard:?}");
    receive(&mut owner, 1, Message::Ack(entry.clone()));
    let pushed = sent(&effects(|out| owner.wake(Timer::Gossip, out)));
    assert_eq!(pushed, [(2, Message::Push(entry.clone()))], "one has not");
    assert_eq!(receive(&mut owner, 2, Message::Ack(entry.clone())), []);
    let woken = effects(|out| owner.wake(Timer::Gossip, out));
    let stable = Message::Stable(entry);
    assert_eq!(woken.len(), 2, "and no timer is set: {woken:?}");
    assert_eq!(sent(&woken), [(1, stable.clone()), (2, stable.clone())]);
    let heard = receive(&mut other, 0, stable);
    assert_eq!(heard, [Effect::CancelTimer(Timer::Repair)]);
}

#[test]
fn an_unstable_entry_of_another_is_passed_on_in_turn() {
    let mut replica = Replica::new(1, 4, &[]);
    receive(&mut replica, 0, Message::Push(vec![(0, 3)]));
    let mut repair = || sent(&effects(|out| replica.wake(Timer::Repair, out)));
    let push = |to| vec![(to, Message::Push(vec![(0, 3)]))];
    assert_eq!([repair(), repair(), repair()], [push(2), push(3), push(2)]);
    receive(&mut replica, 2, Message::Ack(vec![(0, 3)]));
    let mut repair = || sent(&effects(|out| replica.wake(Timer::Repair, out)));
    assert_eq!([repair(), repair()], [push(3), push(3)]);
}

/// `replicas` replicas in a world with these faults and no others, for a minute. Replica 0 is asked
/// to count 1.
fn simulated(
    replicas: usize,
    faults: Vec<(Duration, Fault)>,
) -> Sim<Replica, impl Fn(usize, &[Record]) -> Replica> {
    let mut scenario = Scenario::new(replicas, 1);
    scenario.faults = faults;
    scenario.until = Duration::from_secs(60);
    let make = move |number, records: &[Record]| Replica::new(number, replicas, records);
    let mut sim = Sim::new(scenario, make).unwrap();
    sim.ask(Duration::from_millis(1), 0, Request::add(1));
    sim.run().unwrap();
    sim
}

#[test]
fn an_increment_alone_costs_three_messages_for_each_peer() {
    for (replicas, sent) in [(1, 0), (2, 2), (3, 6), (10, 27), (50, 147)] {
        assert_eq!(simulated(replicas, vec![]).counts().sent, sent);
    }
}

#[test]
fn a_silent_peer_costs_a_message_a_second() {
    let crashed = vec![(Duration::ZERO, Fault::Crash(1))];
    assert_eq!(simulated(2, crashed).counts().sent, 64, "in a minute; the page says so, too");
}

#[test]
fn an_entry_pushed_once_outlives_its_owner() {
    let cut = Fault::Cut { from: vec![0], to: vec![2, 3, 4] };
    // Replica 2 is the first that it is passed on to, and never answers.
    let faults = vec![
        (Duration::ZERO, cut),
        (Duration::ZERO, Fault::Crash(2)),
        (Duration::from_millis(300), Fault::Crash(0)),
    ];
    let sim = simulated(5, faults);
    let knows = |number| sim.node(number).map(|node: &Replica| node.counter().value());
    assert_eq!([0, 1, 2, 3, 4].map(knows), [None, Some(1), None, Some(1), Some(1)]);
}

#[test]
fn a_restarted_replica_pushes_all_to_one_peer_at_a_time() {
    let records = [counted(3), Record::Heard(vec![(1, 4), (2, 7)]), counted(5)];
    let mut replica = Replica::new(0, 3, &records);
    assert_eq!(replica.counter().entries(), [5, 4, 7]);
    assert_eq!(effects(|out| replica.start(out)).len(), 2, "two timers");
    let pushed = sent(&effects(|out| replica.wake(Timer::Repair, out)));
    let all_but_its_own = Message::Push(vec![(0, 5), (2, 7)]);
    assert_eq!(pushed, [(1, all_but_its_own)]);
}

#[test]
fn an_ack_says_what_its_sender_has_and_may_be_news() {
    let mut replica = Replica::new(1, 3, &[Record::Heard(vec![(2, 7)])]);
    let heard = receive(&mut replica, 0, Message::Push(vec![(2, 5)]));
    assert_eq!(sent(&heard), [(0, Message::Ack(vec![(2, 7)]))]);
    let mut behind = Replica::new(0, 3, &[Record::Heard(vec![(2, 5)])]);
    let heard = receive(&mut behind, 1, Message::Ack(vec![(2, 7)]));
    assert_eq!(heard[0], Effect::Append(Record::Heard(vec![(2, 7)])));
    assert_eq!(behind.counter().entries(), [0, 0, 7]);
}
