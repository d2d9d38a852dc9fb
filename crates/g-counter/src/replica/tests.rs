//! One replica, handed one thing at a time.

use super::*;
use worlds::node::Effect;

/// What a handler wants done.
fn effects(handler: impl FnOnce(&mut Outbox<Replica>)) -> Vec<Effect<Replica>> {
    let mut out = Outbox::default();
    handler(&mut out);
    out.take()
}

fn told(replica: &mut Replica, from: usize, message: Message) -> Vec<Effect<Replica>> {
    effects(|out| replica.receive(from, message, out))
}

/// Adds, and returns the answer. What it wants done besides is of no interest.
fn add(replica: &mut Replica, delta: u64, once: Option<Once>) -> Reply {
    let request = Request::Add { delta, once };
    let done = effects(|out| replica.ask(Client(0), request, out));
    let mut answers = done.into_iter().filter_map(|effect| match effect {
        Effect::Answer { reply, .. } => Some(reply),
        _ => None,
    });
    answers.next_back().expect("it is answered at once")
}

fn once(client: u64, seq: u64) -> Option<Once> {
    Some(Once { client, seq })
}

fn refusal(reply: Reply) -> Refusal {
    match reply {
        Reply::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Who is told what.
fn tells(effects: &[Effect<Replica>]) -> Vec<(usize, Message)> {
    let sends = effects.iter().filter_map(|effect| match effect {
        Effect::Send { to, message } => Some((*to, message.clone())),
        _ => None,
    });
    sends.collect()
}

fn counted(entry: u64) -> Record {
    Record::Counted {
        replica: 0,
        entry,
        by: None,
    }
}

#[test]
fn an_increment_is_written_before_it_is_answered() {
    let mut replica = Replica::new(0, 2, &[]);
    let done = effects(|out| replica.ask(Client(1), Request::add(3), out));
    let expected = [
        Effect::Append(counted(3)),
        Effect::Answer {
            client: Client(1),
            reply: Reply::Added,
        },
        Effect::SetTimer {
            timer: Timer::Gossip,
            after: GOSSIP,
        },
    ];
    assert_eq!(done, expected);
}

#[test]
fn what_is_not_confirmed_is_told_again_and_then_there_is_silence() {
    let (mut one, mut other) = (Replica::new(0, 2, &[]), Replica::new(1, 2, &[]));
    add(&mut one, 3, None);
    for _ in 0..2 {
        let woken = effects(|out| one.wake(Timer::Gossip, out));
        assert_eq!(tells(&woken), [(1, Message::Tell(vec![(0, 3)]))]);
        assert_eq!(woken.len(), 2, "and the timer is set again");
    }
    let heard = told(&mut other, 0, Message::Tell(vec![(0, 3)]));
    let expected = [
        Effect::Append(Record::Heard(vec![(0, 3)])),
        Effect::Send {
            to: 0,
            message: Message::Confirm(vec![(0, 3)]),
        },
    ];
    assert_eq!(heard, expected, "and it has nothing to tell");
    let confirmed = told(&mut one, 1, Message::Confirm(vec![(0, 3)]));
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
    let heard = told(&mut other, 0, Message::Tell(entry.clone()));
    let repair = Effect::SetTimer {
        timer: Timer::Repair,
        after: REPAIR,
    };
    assert!(heard.contains(&repair), "replica 2 may lack it: {heard:?}");
    told(&mut owner, 1, Message::Confirm(entry.clone()));
    let tell = tells(&effects(|out| owner.wake(Timer::Gossip, out)));
    assert_eq!(tell, [(2, Message::Tell(entry.clone()))], "one has not");
    assert_eq!(told(&mut owner, 2, Message::Confirm(entry.clone())), []);
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
    told(&mut replica, 0, Message::Tell(vec![(0, 3)]));
    let mut repair = || tells(&effects(|out| replica.wake(Timer::Repair, out)));
    let tell = |to| vec![(to, Message::Tell(vec![(0, 3)]))];
    assert_eq!([repair(), repair(), repair()], [tell(2), tell(3), tell(2)]);
    told(&mut replica, 2, Message::Confirm(vec![(0, 3)]));
    let mut repair = || tells(&effects(|out| replica.wake(Timer::Repair, out)));
    assert_eq!([repair(), repair()], [tell(3), tell(3)]);
}

#[test]
fn after_a_restart_a_replica_tells_all_it_has_to_one_peer_at_a_time() {
    let records = [counted(3), Record::Heard(vec![(1, 4), (2, 7)]), counted(5)];
    let mut replica = Replica::new(0, 3, &records);
    assert_eq!(replica.counter().entries(), [5, 4, 7]);
    assert_eq!(effects(|out| replica.start(out)).len(), 2, "two timers");
    let told = tells(&effects(|out| replica.wake(Timer::Repair, out)));
    let all_but_its_own = Message::Tell(vec![(0, 5), (2, 7)]);
    assert_eq!(told, [(1, all_but_its_own)]);
}

#[test]
fn a_confirmation_says_what_one_has_and_that_may_be_news() {
    let mut replica = Replica::new(1, 3, &[Record::Heard(vec![(2, 7)])]);
    let heard = told(&mut replica, 0, Message::Tell(vec![(2, 5)]));
    assert_eq!(tells(&heard), [(0, Message::Confirm(vec![(2, 7)]))]);
    let mut told_more = Replica::new(0, 3, &[Record::Heard(vec![(2, 5)])]);
    let heard = told(&mut told_more, 1, Message::Confirm(vec![(2, 7)]));
    assert_eq!(heard[0], Effect::Append(Record::Heard(vec![(2, 7)])));
    assert_eq!(told_more.counter().entries(), [0, 0, 7]);
}

#[test]
fn what_cannot_be_is_refused_changes_nothing_and_is_warned_of() {
    let mut replica = Replica::new(0, 2, &[counted(3)]);
    let before = replica.clone();
    for (message, why) in [
        (Message::Tell(vec![(7, 1)]), "there is no replica 7"),
        (Message::Tell(vec![(1, 1), (0, 9)]), "a peer knows of 9"),
        (Message::Tell(vec![(1, u64::MAX)]), "entry 1 would be"),
        (Message::Confirm(vec![(7, 1)]), "there is no replica 7"),
        (Message::Confirm(vec![(0, 4)]), "a peer knows of 4"),
        (Message::Stable(vec![(0, 4)]), "a peer knows of 4"),
    ] {
        let done = told(&mut replica, 1, message);
        let [Effect::Warn(warning)] = &done[..] else {
            panic!("{done:?}");
        };
        let expected = format!("replica 1 is not believed: {why}");
        assert!(warning.starts_with(&expected), "{warning}");
        assert_eq!(replica, before);
    }
}

#[test]
fn a_retry_is_answered_and_not_counted() {
    let mut replica = Replica::new(0, 2, &[]);
    for (seq, value) in [(1, 3), (1, 3), (2, 6), (2, 6), (9, 9)] {
        assert_eq!(add(&mut replica, 3, once(7, seq)), Reply::Added);
        assert_eq!(replica.counter().value(), value);
    }
    let retry = Request::Add {
        delta: 3,
        once: once(7, 9),
    };
    let answer = effects(|out| replica.ask(Client(5), retry, out));
    assert_eq!(answer.len(), 1, "nothing is written: {answer:?}");
}

#[test]
fn a_refusal_says_whether_the_add_may_have_been_counted() {
    let mut replica = Replica::new(0, 2, &[]);
    assert_eq!(add(&mut replica, 3, once(7, 1)), Reply::Added);
    assert_eq!(add(&mut replica, 3, once(7, 2)), Reply::Added);
    let before = replica.clone();
    let full = common::crdt::GCounter::MAX_ENTRY;
    for (delta, client, seq, may_be) in [
        (3, 7, 0, false),
        (3, 7, 1, true),
        (4, 7, 2, false),
        (full, 7, 3, false),
        (full, 8, 1, false),
        (3, 8, 2, true),
    ] {
        let refusal = refusal(add(&mut replica, delta, once(client, seq)));
        assert_eq!(refusal.may_be_counted(), may_be, "{refusal}");
        assert_eq!(replica, before, "{refusal}");
        let code = if may_be { 13 } else { 14 };
        let said = serde_json::to_value(Reply::Refused(refusal)).unwrap();
        assert_eq!(said["code"], code, "{said}");
    }
    let free = add(&mut replica, 4, once(7, 3));
    assert_eq!(free, Reply::Added, "a number not counted is not used up");
}

#[test]
fn the_client_whose_last_add_is_oldest_is_forgotten_first() {
    let mut replica = Replica::new(0, 2, &[]);
    let clients = MAX_CLIENTS as u64;
    for client in 0..clients {
        add(&mut replica, 1, once(client, 1));
    }
    add(&mut replica, 1, once(0, 2));
    assert_eq!(add(&mut replica, 1, once(1, 1)), Reply::Added, "a retry");
    assert_eq!(replica.counter().value(), u128::from(clients) + 1);
    add(&mut replica, 1, once(clients, 1));
    assert_eq!(
        refusal(add(&mut replica, 1, once(1, 2))),
        Refusal::Forgotten(Once { client: 1, seq: 2 }),
        "a retry keeps nobody remembered"
    );
    for (client, seq) in [(0, 2), (2, 1), (clients, 1)] {
        add(&mut replica, 1, once(client, seq));
    }
    assert_eq!(replica.counter().value(), u128::from(clients) + 2);
    let records = replica.snapshot().unwrap();
    assert_eq!(records.len(), 2 + MAX_CLIENTS);
    assert_eq!(Replica::new(0, 2, &records).clients, replica.clients);
}

#[test]
fn records_that_are_not_its_own_are_refused_by_their_place() {
    let by = |client, seq| {
        let by = once(client, seq).map(|once| Counted { once, delta: 1 });
        Record::Counted {
            replica: 0,
            entry: 9,
            by,
        }
    };
    let max = GCounter::MAX_ENTRY;
    for (record, why) in [
        (Record::Heard(vec![(2, 1)]), "there is no replica 2"),
        (Record::Heard(vec![(1, max + 1)]), "entry 1 would be"),
        (Record::Heard(vec![(0, 3)]), "another replica wrote it"),
        (counted(max + 1), "entry 0 would be 9007199254740993"),
        (counted(u64::MAX), "entry 0 would be"),
        (by(7, 1), "add 1 of client 7 stands behind a later one"),
        (by(8, 0), "add 0 of client 8"),
        (
            Record::Counted {
                replica: 1,
                entry: 3,
                by: None,
            },
            "it was written by replica 1, and this is replica 0",
        ),
    ] {
        let records = [by(7, 2), record];
        let Err(RestoreError::Record { place: 2, why: is }) = Replica::restored(0, 2, &records)
        else {
            panic!("{records:?}");
        };
        assert!(is.to_string().starts_with(why), "{is}");
    }
    assert!(matches!(
        Replica::restored(2, 2, &[]),
        Err(RestoreError::Number(CounterError::NoSuchNode { .. }))
    ));
}

#[test]
fn records_are_read_back_from_json() {
    let mut replica = Replica::new(0, 3, &[Record::Heard(vec![(2, 7)])]);
    add(&mut replica, 3, None);
    add(&mut replica, 3, once(7, 1));
    let records = replica.snapshot().unwrap();
    let text = serde_json::to_string(&records).unwrap();
    let expected = r#"[{"heard":[[2,7]]},{"counted":{"replica":0,"entry":6,"by":null}},"#;
    assert!(text.starts_with(expected), "{text}");
    let read: Vec<Record> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, records);
}

#[test]
fn a_status_says_what_each_peer_has_and_when_it_was_heard() {
    let mut replica = Replica::new(0, 3, &[counted(5), Record::Heard(vec![(1, 4), (2, 7)])]);
    let mut out = Outbox::default();
    out.set_now(Duration::from_millis(1_500));
    replica.receive(1, Message::Tell(vec![(0, 3), (1, 6)]), &mut out);
    out.take();
    out.set_now(Duration::from_secs(4));
    replica.ask(Client(1), Request::Status, &mut out);
    let [Effect::Answer { reply, .. }] = &out.take()[..] else {
        panic!("it is answered, and nothing else");
    };
    let expected = serde_json::json!({
        "type": "status_ok",
        "number": 0,
        "entries": [5, 6, 7],
        "peers": [
            {"peer": 1, "behind": 2, "lacks": 2, "heard_ago": 2},
            {"peer": 2, "behind": 5, "lacks": 2, "heard_ago": null},
        ],
    });
    assert_eq!(serde_json::to_value(reply).unwrap(), expected);
}
