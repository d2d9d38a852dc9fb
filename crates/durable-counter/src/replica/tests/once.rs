//! Adds with request ids.

use super::*;

fn refusal(reply: Reply) -> Refusal {
    match reply {
        Reply::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_retry_is_answered_and_not_counted() {
    let mut replica = counting(0, 2, &[]);
    for (seq, value) in [(1, 3), (1, 3), (2, 6), (2, 6), (9, 9)] {
        assert_eq!(add(&mut replica, 3, once(7, seq)), Reply::Added);
        assert_eq!(replica.counter().value(), value);
    }
    let retry = Request::Add { delta: 3, once: once(7, 9) };
    let answer = effects(|out| replica.ask(Client(5), retry, out));
    assert_eq!(answer.len(), 1, "nothing is written: {answer:?}");
}

#[test]
fn a_refusal_says_whether_the_add_may_have_been_counted() {
    let mut replica = counting(0, 2, &[]);
    assert_eq!(add(&mut replica, 3, once(7, 1)), Reply::Added);
    assert_eq!(add(&mut replica, 3, once(7, 2)), Reply::Added);
    let before = replica.clone();
    let full = common::crdt::GCounter::MAX_ENTRY;
    for (delta, client, seq, may_be, code) in [
        (3, 7, 0, false, 14),
        (3, 7, 1, true, 13),
        (4, 7, 2, false, 22),
        (full, 7, 3, false, 14),
        (full, 8, 1, false, 14),
        (3, 8, 2, true, 13),
    ] {
        let refusal = refusal(add(&mut replica, delta, once(client, seq)));
        assert_eq!(refusal.may_be_counted(), may_be, "{refusal}");
        assert_eq!(replica, before, "{refusal}");
        let said = serde_json::to_value(Reply::Refused(refusal)).unwrap();
        assert_eq!(said["code"], code, "{said}");
    }
    let free = add(&mut replica, 4, once(7, 3));
    assert_eq!(free, Reply::Added, "an id that is not counted is not used up");
}

#[test]
fn the_client_whose_last_add_is_oldest_is_forgotten_first() {
    let mut replica = counting(0, 2, &[]);
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
        Refusal::Forgotten(RequestId { client: 1, seq: 2 }),
        "a retry does not keep a client remembered"
    );
    for (client, seq) in [(0, 2), (2, 1), (clients, 1)] {
        add(&mut replica, 1, once(client, seq));
    }
    assert_eq!(replica.counter().value(), u128::from(clients) + 2);
    let records = replica.snapshot().unwrap();
    assert_eq!(records.len(), 2 + MAX_CLIENTS);
    assert_eq!(Replica::new(0, 2, &records).clients, replica.clients);
}
