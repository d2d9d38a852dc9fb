//! One replica, handed one event at a time.

mod once;
mod starting;

use super::*;
use worlds::node::Effect;

/// A replica that counts: its peer 1 has confirmed its log.
fn counting(number: usize, replicas: usize, records: &[Record]) -> Replica {
    let mut replica = Replica::new(number, replicas, records);
    let peer = usize::from(number == 0);
    let own = replica.own_entry();
    receive(&mut replica, peer, Message::Push(vec![(number, own)]));
    replica
}

/// What a handler wants done.
fn effects(handler: impl FnOnce(&mut Outbox<Replica>)) -> Vec<Effect<Replica>> {
    let mut out = Outbox::default();
    handler(&mut out);
    out.take()
}

fn receive(replica: &mut Replica, from: usize, message: Message) -> Vec<Effect<Replica>> {
    effects(|out| replica.receive(from, message, out))
}

/// Adds, and returns the answer. What it wants done besides is of no interest.
fn add(replica: &mut Replica, delta: u64, once: Option<RequestId>) -> Reply {
    let request = Request::Add { delta, once };
    let done = effects(|out| replica.ask(Client(0), request, out));
    let mut answers = done.into_iter().filter_map(|effect| match effect {
        Effect::Answer { reply, .. } => Some(reply),
        _ => None,
    });
    answers.next_back().expect("it is answered at once")
}

fn once(client: u64, seq: u64) -> Option<RequestId> {
    Some(RequestId { client, seq })
}

/// The messages that are sent, and to whom.
fn sent(effects: &[Effect<Replica>]) -> Vec<(usize, Message)> {
    let sends = effects.iter().filter_map(|effect| match effect {
        Effect::Send { to, message } => Some((*to, message.clone())),
        _ => None,
    });
    sends.collect()
}

fn counted(entry: u64) -> Record {
    Record::Counted { replica: 0, entry, by: None }
}

#[test]
fn an_increment_is_written_before_it_is_answered() {
    let mut replica = counting(0, 2, &[]);
    let done = effects(|out| replica.ask(Client(1), Request::add(3), out));
    let expected = [
        Effect::Append(counted(3)),
        Effect::Answer { client: Client(1), reply: Reply::Added },
        Effect::SetTimer { timer: Timer::Gossip, after: ROUND },
    ];
    assert_eq!(done, expected);
}

#[test]
fn an_invalid_message_is_logged_and_changes_no_entry() {
    let mut replica = Replica::new(0, 2, &[counted(3)]);
    let before = replica.clone();
    for (message, why) in [
        (Message::Push(vec![(7, 1)]), "there is no replica 7"),
        (Message::Push(vec![(1, u64::MAX)]), "entry 1 would be"),
        (Message::Ack(vec![(7, 1)]), "there is no replica 7"),
    ] {
        let done = receive(&mut replica, 1, message);
        let warning = done.iter().find_map(|effect| match effect {
            Effect::Warn(warning) => Some(warning),
            _ => None,
        });
        let warning = warning.expect("it is logged");
        let expected = format!("the message of replica 1 is invalid: {why}");
        assert!(warning.starts_with(&expected), "{warning}");
        assert_eq!(replica.counter(), before.counter());
        let peers = |replica: &Replica| replica.status().peers;
        assert_eq!(peers(&replica), peers(&before));
    }
}

#[test]
fn records_that_are_not_its_own_are_refused_by_their_place() {
    let by = |client, seq| {
        let by = once(client, seq).map(|once| CompletedAdd { once, delta: 1 });
        Record::Counted { replica: 0, entry: 9, by }
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
            Record::Counted { replica: 1, entry: 3, by: None },
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
    let mut replica = counting(0, 3, &[Record::Heard(vec![(2, 7)])]);
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
fn a_status_says_what_each_peer_has_acked() {
    let mut replica = Replica::new(0, 3, &[counted(5), Record::Heard(vec![(1, 4), (2, 7)])]);
    receive(&mut replica, 1, Message::Push(vec![(0, 3), (1, 6)]));
    let status = serde_json::to_value(Reply::Status(replica.status())).unwrap();
    let expected = serde_json::json!({
        "type": "status_ok",
        "number": 0,
        "entries": [5, 6, 7],
        "peers": [{"peer": 1, "unacked": 2}, {"peer": 2, "unacked": 5}],
    });
    assert_eq!(status, expected);
}
