//! Cause and effect, against cases that were computed by hand.

use trace::{Contradiction, Event, Trace};

#[test]
fn node_order_and_messages_make_happened_before() {
    let mut trace = Trace::new(["a", "b", "c"]);
    for event in [
        Event::local(0),         // 0
        Event::send(0, 1, "m1"), // 1
        Event::local(1),         // 2
        Event::receive(1, "m1"), // 3
        Event::send(1, 2, "m2"), // 4
        Event::local(0),         // 5
        Event::local(2),         // 6
        Event::receive(2, "m2"), // 7
        Event::receive(2, "m2"), // 8: the same message again
        Event::receive(0, "m9"), // 9: from outside
    ] {
        trace.push(event).unwrap();
    }
    let order = trace.happened_before();
    let expected = [
        (0, vec![1, 3, 4, 5, 7, 8, 9]),
        (1, vec![3, 4, 5, 7, 8, 9]),
        (2, vec![3, 4, 7, 8]),
        (3, vec![4, 7, 8]),
        (4, vec![7, 8]),
        (5, vec![9]),
        (6, vec![7, 8]),
        (7, vec![8]),
        (8, vec![]),
        (9, vec![]),
    ];
    for (a, after) in expected {
        let found: Vec<_> = (0..10).filter(|b| order.holds(a, *b)).collect();
        assert_eq!(found, after, "after {a}");
    }
    assert!(order.are_concurrent(2, 1) && order.are_concurrent(6, 5));
    assert!(!order.are_concurrent(4, 4) && !order.are_concurrent(0, 7));
    assert_eq!(order.pairs().count(), 45);
}

#[test]
fn a_contradiction_is_refused_and_leaves_the_trace_unchanged() {
    let mut trace = Trace::new(["a", "b"]);
    trace.push(Event::send(0, 1, "m1")).unwrap();
    trace.push(Event::receive(1, "m2")).unwrap();
    let before = trace.clone();
    let message = |name: &str| name.to_owned();
    for (event, expected) in [
        (Event::local(2), Contradiction::NoSuchNode { node: 2, nodes: 2 }),
        (Event::send(0, 2, "m3"), Contradiction::NoSuchNode { node: 2, nodes: 2 }),
        (Event::send(1, 0, "m1"), Contradiction::SentTwice { message: message("m1") }),
        (Event::send(0, 1, "m2"), Contradiction::ReceivedBeforeSent { message: message("m2") }),
        (
            Event::receive(0, "m1"),
            Contradiction::Misdelivered {
                message: message("m1"),
                at: message("a"),
                to: message("b"),
            },
        ),
        (Event::local(0).vector([1, 2, 3]), Contradiction::WrongLength { got: 3, expected: 2 }),
    ] {
        assert_eq!(trace.push(event), Err(expected));
        assert_eq!(trace, before);
    }
    for never_sent in ["m2", "m7"] {
        assert!(trace.lose(never_sent).is_err());
        assert_eq!(trace, before);
    }
}

#[test]
fn a_message_is_in_flight_until_it_is_received_or_lost() {
    let mut trace = Trace::new(["a", "b"]);
    for message in ["m1", "m2", "m3"] {
        trace.push(Event::send(0, 1, message)).unwrap();
    }
    trace.push(Event::receive(1, "m2")).unwrap();
    trace.push(Event::receive(1, "from outside")).unwrap();
    trace.lose("m3").unwrap();
    assert_eq!(trace.in_flight().collect::<Vec<_>>(), ["m1"]);
}
