//! Telling, and being told.

use super::*;
use worlds::sim::{Fault, Scenario, Sim};

#[test]
fn what_is_not_confirmed_is_told_again_and_then_there_is_silence() {
    let (mut one, mut other) = (Replica::new(0, 2, &[]), Replica::new(1, 2, &[]));
    add(&mut one, 3, None);
    for _ in 0..2 {
        let woken = effects(|out| one.wake(Timer::Gossip, out));
        assert_eq!(tells(&woken), [(1, Message::Push(vec![(0, 3)]))]);
        assert_eq!(woken.len(), 2, "and the timer is set again");
    }
    let heard = told(&mut other, 0, Message::Push(vec![(0, 3)]));
    let expected = [
        Effect::Append(Record::Heard(vec![(0, 3)])),
        Effect::Send { to: 0, message: Message::Ack(vec![(0, 3)]) },
    ];
    assert_eq!(heard, expected, "and it has nothing to tell");
    let confirmed = told(&mut one, 1, Message::Ack(vec![(0, 3)]));
    assert_eq!(confirmed, [Effect::CancelTimer(Timer::Gossip)]);
    assert_eq!(effects(|out| one.wake(Timer::Gossip, out)), []);
    assert_eq!(effects(|out| one.wake(Timer::Repair, out)), []);
}

#[test]
fn when_all_have_confirmed_they_are_told_and_leave_it_at_that() {
    let mut owner = Replica::new(0, 3, &[counted(3)]);
    let mut other = Replica::new(1, 3, &[]);
    effects(|out| owner.start(out));
    let entry = vec![(0, 3)];
    let heard = told(&mut other, 0, Message::Push(entry.clone()));
    let repair = Effect::SetTimer { timer: Timer::Repair, after: REPAIR };
    assert!(heard.contains(&repair), "replica 2 may lack it: {heard:?}");
    told(&mut owner, 1, Message::Ack(entry.clone()));
    let tell = tells(&effects(|out| owner.wake(Timer::Gossip, out)));
    assert_eq!(tell, [(2, Message::Push(entry.clone()))], "one has not");
    assert_eq!(told(&mut owner, 2, Message::Ack(entry.clone())), []);
    let woken = effects(|out| owner.wake(Timer::Gossip, out));
    let stable = Message::Stable(entry);
    assert_eq!(woken.len(), 2, "and no timer is set: {woken:?}");
    assert_eq!(tells(&woken), [(1, stable.clone()), (2, stable.clone())]);
    let heard = told(&mut other, 0, stable);
    assert_eq!(heard, [Effect::CancelTimer(Timer::Repair)]);
}

#[test]
fn what_a_lost_owner_has_told_one_is_passed_on_to_one_after_the_other() {
    let mut replica = Replica::new(1, 4, &[]);
    told(&mut replica, 0, Message::Push(vec![(0, 3)]));
    let mut repair = || tells(&effects(|out| replica.wake(Timer::Repair, out)));
    let tell = |to| vec![(to, Message::Push(vec![(0, 3)]))];
    assert_eq!([repair(), repair(), repair()], [tell(2), tell(3), tell(2)]);
    told(&mut replica, 2, Message::Ack(vec![(0, 3)]));
    let mut repair = || tells(&effects(|out| replica.wake(Timer::Repair, out)));
    assert_eq!([repair(), repair()], [tell(3), tell(3)]);
}

/// So many replicas in a world where nothing goes wrong but this, for a minute. Replica 0 is asked
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
fn an_owner_that_dies_when_it_has_told_one_is_stood_in_for() {
    let cut = Fault::Cut { from: vec![0], to: vec![2, 3, 4] };
    // Replica 2 is the first to be passed it, and never answers.
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
fn after_a_restart_a_replica_tells_all_it_has_to_one_peer_at_a_time() {
    let records = [counted(3), Record::Heard(vec![(1, 4), (2, 7)]), counted(5)];
    let mut replica = Replica::new(0, 3, &records);
    assert_eq!(replica.counter().entries(), [5, 4, 7]);
    assert_eq!(effects(|out| replica.start(out)).len(), 2, "two timers");
    let told = tells(&effects(|out| replica.wake(Timer::Repair, out)));
    let all_but_its_own = Message::Push(vec![(0, 5), (2, 7)]);
    assert_eq!(told, [(1, all_but_its_own)]);
}

#[test]
fn a_confirmation_says_what_one_has_and_that_may_be_news() {
    let mut replica = Replica::new(1, 3, &[Record::Heard(vec![(2, 7)])]);
    let heard = told(&mut replica, 0, Message::Push(vec![(2, 5)]));
    assert_eq!(tells(&heard), [(0, Message::Ack(vec![(2, 7)]))]);
    let mut told_more = Replica::new(0, 3, &[Record::Heard(vec![(2, 5)])]);
    let heard = told(&mut told_more, 1, Message::Ack(vec![(2, 7)]));
    assert_eq!(heard[0], Effect::Append(Record::Heard(vec![(2, 7)])));
    assert_eq!(told_more.counter().entries(), [0, 0, 7]);
}
