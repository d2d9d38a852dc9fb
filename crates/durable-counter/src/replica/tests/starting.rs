//! What a replica waits for before it counts, and what it says when it has lost its past.

use super::*;
use explore::{SearchResult, search};
use worlds::nodes::{Action, Nodes};
use worlds::sim::{Fault, Scenario, Sim};

/// The answers among these effects.
fn answers(effects: &[Effect<Replica>]) -> Vec<&Reply> {
    let answers = effects.iter().filter_map(|effect| match effect {
        Effect::Answer { reply, .. } => Some(reply),
        _ => None,
    });
    answers.collect()
}

fn ask(replica: &mut Replica, delta: u64) -> Vec<Effect<Replica>> {
    effects(|out| replica.ask(Client(delta), Request::add(delta), out))
}

#[test]
fn a_replica_that_starts_asks_its_peers_what_they_know_of_it() {
    let mut replica = Replica::new(0, 3, &[counted(5)]);
    let push = || Message::Push(vec![(0, 5)]);
    let started = effects(|out| replica.start(out));
    assert_eq!(sent(&started), [(1, push()), (2, push())]);
    assert!(started.contains(&Effect::SetTimer { timer: Timer::Startup, after: STARTUP }));
    let mut peer = counting(1, 3, &[Record::Heard(vec![(0, 4)])]);
    let heard = receive(&mut peer, 0, push());
    assert_eq!(sent(&heard), [(0, Message::Ack(vec![(0, 5)]))], "what it has by now");
    let connected = effects(|out| peer.connected(2, out));
    assert_eq!(sent(&connected), [(2, Message::Push(vec![(2, 0)]))], "a word, also where it is 0");
}

#[test]
fn adds_are_held_back_until_a_peer_has_confirmed_the_log() {
    let mut replica = Replica::new(0, 3, &[counted(5)]);
    effects(|out| replica.start(out));
    assert_eq!(answers(&ask(&mut replica, 1)), [] as [&Reply; 0]);
    assert_eq!(answers(&ask(&mut replica, 2)), [] as [&Reply; 0]);
    receive(&mut replica, 2, Message::Push(vec![(1, 7)]));
    assert_eq!(replica.own_entry(), 5, "that was no word about this replica");
    let heard = receive(&mut replica, 1, Message::Ack(vec![(0, 5)]));
    let expected = [
        Effect::Append(counted(6)),
        Effect::Answer { client: Client(1), reply: Reply::Added },
        Effect::Append(counted(8)),
        Effect::Answer { client: Client(2), reply: Reply::Added },
    ];
    assert_eq!(heard[..4], expected);
    assert!(heard.contains(&Effect::CancelTimer(Timer::Startup)));
    assert_eq!(answers(&ask(&mut replica, 1)), [&Reply::Added], "and then at once");
}

#[test]
fn a_replica_that_no_peer_confirms_counts_and_warns() {
    let mut replica = Replica::new(0, 2, &[counted(5)]);
    effects(|out| replica.start(out));
    ask(&mut replica, 1);
    let woken = effects(|out| replica.wake(Timer::Startup, out));
    assert!(matches!(&woken[0], Effect::Warn(what) if what.starts_with("no peer has answered")));
    assert_eq!(answers(&woken), [&Reply::Added]);
    let mut alone = Replica::new(0, 1, &[]);
    assert_eq!(effects(|out| alone.start(out)), [], "without peers there is nothing to wait for");
    assert_eq!(answers(&ask(&mut alone, 1)), [&Reply::Added]);
}

#[test]
fn a_replica_that_lost_its_past_counts_no_more() {
    let mut replica = Replica::new(0, 2, &[counted(3)]);
    ask(&mut replica, 1);
    let (claimed, own) = (9, 3);
    let lost = Reply::Refused(Refusal::Lost { claimed, own });
    let heard = receive(&mut replica, 1, Message::Push(vec![(0, 9)]));
    assert_eq!(answers(&heard), [&lost], "nor what it has held back");
    let is_warned = |done: &[Effect<Replica>]| {
        done.iter()
            .any(|effect| matches!(effect, Effect::Warn(what) if what.contains("refusing adds")))
    };
    assert!(is_warned(&heard));
    let heard = receive(&mut replica, 1, Message::Ack(vec![(0, 4)]));
    assert!(!is_warned(&heard), "once, and not at each push: {heard:?}");
    assert_eq!(answers(&ask(&mut replica, 1)), [&lost]);
    assert_eq!(replica.counter().entries(), [3, 0]);
}

#[test]
fn what_was_counted_before_is_acknowledged_by_a_lost_replica_too() {
    let mut replica = counting(0, 2, &[]);
    assert_eq!(add(&mut replica, 3, once(7, 1)), Reply::Added);
    receive(&mut replica, 1, Message::Ack(vec![(0, 9)]));
    assert_eq!(add(&mut replica, 3, once(7, 1)), Reply::Added);
    let lost = add(&mut replica, 3, once(7, 2));
    assert!(matches!(lost, Reply::Refused(Refusal::Lost { .. })), "{lost:?}");
}

#[test]
fn a_replica_that_starts_holds_back_so_many_adds_and_no_more() {
    let mut replica = Replica::new(0, 2, &[]);
    (0..MAX_HELD).for_each(|_| assert!(answers(&ask(&mut replica, 1)).is_empty()));
    let refused = ask(&mut replica, 1);
    assert_eq!(answers(&refused), [&Reply::Refused(Refusal::Starting)]);
    let said = serde_json::to_value(answers(&refused)[0]).unwrap();
    assert_eq!(said["code"], 11, "a client may retry: {said}");
}

/// Replica 1 of three counts 3, crashes, and restarts with nothing, 3 s later. It is asked for 1
/// more at once. Its answer, and when it came.
fn restarted_empty(peers_are_away: bool) -> (Duration, Reply) {
    let seconds = Duration::from_secs;
    let mut scenario = Scenario::new(3, 1);
    scenario.faults = vec![(seconds(2), Fault::Crash(1)), (seconds(5), Fault::Restart(1))];
    if peers_are_away {
        scenario.faults.insert(1, (seconds(3), Fault::Split(vec![1])));
    }
    let make = |number, _: &[Record]| Replica::new(number, 3, &[]);
    let mut sim = Sim::new(scenario, make).unwrap();
    sim.ask(seconds(1), 1, Request::add(3));
    let at = seconds(5) + Duration::from_millis(1);
    let client = sim.ask(at, 1, Request::add(1));
    sim.run().unwrap();
    let (answered, reply) = sim.answer(client).expect("it is answered");
    (*answered - at, reply.clone())
}

#[test]
fn a_restarted_replica_waits_for_its_peers_and_not_forever() {
    let (after, reply) = restarted_empty(false);
    assert_eq!(reply, Reply::Refused(Refusal::Lost { claimed: 3, own: 0 }));
    assert!(after < STARTUP, "as soon as a peer has answered, after {after:?}");
    let (after, reply) = restarted_empty(true);
    assert_eq!(reply, Reply::Added);
    assert!(after >= STARTUP - Duration::from_millis(1), "after {after:?}");
}

/// Two replicas, of which one is asked for one add, and one crash, after which a replica has lost
/// its disk if `forgets`.
fn searched(forgets: bool) -> SearchResult<Action> {
    let make = move |number, records: &[Record]| {
        Replica::new(number, 2, if forgets { &[] } else { records })
    };
    let nodes = Nodes::new(2, make).asking(0, [Request::add(1)]);
    let nodes = nodes.losing().with_slow_disks().crashing(1).with_room_for(2);
    search(&nodes, 500_000, |state| {
        let acknowledged = state.answers.iter().filter(|(_, reply)| *reply == Reply::Added).count();
        state.node(0).is_some_and(|replica| replica.own_entry() < acknowledged as u64)
    })
}

#[test]
fn in_no_small_schedule_is_an_acknowledged_add_gone() {
    let never = searched(false);
    assert!(matches!(never, SearchResult::Never { .. }), "{never:?}");
    assert!(matches!(searched(true), SearchResult::Found { .. }));
}
