//! The clocks, with honest peers and with others.

use common::clock::{
    CausalOrdering, ClockError, DEFAULT_MAX_JUMP, LAST_STAMP, LamportClock, Timestamp, VectorClock,
};
use proptest::prelude::*;

fn lamport_at(time: u64) -> LamportClock {
    let mut clock = LamportClock::with_max_jump(u64::MAX);
    clock.receive(time - 1).expect("within the bound");
    clock
}

#[test]
fn lamports_worked_example() {
    let (mut p1, mut p2) = (LamportClock::new(), LamportClock::new());
    assert_eq!(p1.current_time(), 0);
    assert_eq!(p1.tick(), 1);
    let first = p1.send_timestamp();
    assert_eq!(first, 2);
    assert_eq!(p2.receive(first), Ok(3));
    assert_eq!(p2.tick(), 4);
    assert_eq!(p1.tick(), 3);
    let second = p2.send_timestamp();
    assert_eq!(second, 5);
    assert_eq!(p1.receive(second), Ok(6));
    assert_eq!(p1.current_time(), 6);
}

#[test]
fn the_largest_stamp_within_the_bound_is_accepted() {
    let mut clock = LamportClock::with_max_jump(10);
    clock.tick();
    let refused = ClockError::TooFarAhead { stamp: 12, now: 1, latest: 11 };
    assert_eq!(
        refused.to_string(),
        "a stamp of 12 is too far ahead: this clock is at 1 and takes 11 at most"
    );
    assert_eq!(clock.receive(12), Err(refused));
    assert_eq!(clock.current_time(), 1);
    assert_eq!(clock.receive(11), Ok(12));
    assert_eq!(clock.receive(3), Ok(13), "an old stamp does no harm");

    let mut clock = LamportClock::new();
    assert!(clock.receive(DEFAULT_MAX_JUMP + 1).is_err());
    assert_eq!(clock.receive(DEFAULT_MAX_JUMP), Ok(DEFAULT_MAX_JUMP + 1));
}

#[test]
fn a_peer_cannot_push_a_clock_to_where_it_cannot_tick() {
    let mut clock = lamport_at(7);
    for stamp in [u64::MAX, u64::MAX - 1, LAST_STAMP + 1] {
        assert!(clock.receive(stamp).is_err(), "{stamp}");
        assert_eq!(clock.current_time(), 7);
    }
    assert_eq!(clock.receive(LAST_STAMP), Ok(LAST_STAMP + 1));
    assert_eq!(clock.tick(), LAST_STAMP + 2);
    let json = serde_json::to_string(&clock).unwrap();
    assert_eq!(serde_json::from_str::<LamportClock>(&json).unwrap(), clock, "it is read back");
    assert!(
        clock.receive(LAST_STAMP + 2).is_err(),
        "its own time does not justify a stamp that no honest peer has"
    );
}

#[test]
fn the_total_order_is_by_time_and_then_by_node() {
    let stamp = |time, node| Timestamp { time, node };
    let mut stamps = [stamp(2, 1), stamp(10, 0), stamp(2, 0), stamp(1, 9)];
    stamps.sort();
    assert_eq!(stamps, [stamp(1, 9), stamp(2, 0), stamp(2, 1), stamp(10, 0)]);
}

#[test]
fn the_vectors_worked_example() {
    let clock = |node| VectorClock::new(node, 3).unwrap();
    let (mut n0, mut n1, mut n2) = (clock(0), clock(1), clock(2));
    let a = n0.tick().to_vec();
    let sent = n0.send_timestamp().to_vec();
    let b = n1.receive(&sent).unwrap().to_vec();
    let c = n2.tick().to_vec();
    let sent = n1.send_timestamp().to_vec();
    let d = n2.receive(&sent).unwrap().to_vec();
    assert_eq!(a, [1, 0, 0]);
    assert_eq!(b, [2, 1, 0]);
    assert_eq!(c, [0, 0, 1]);
    assert_eq!(sent, [2, 2, 0]);
    assert_eq!(d, [2, 2, 2]);
    for (one, other, ordering) in [
        (&a, &b, CausalOrdering::Before),
        (&b, &a, CausalOrdering::After),
        (&b, &c, CausalOrdering::Concurrent),
        (&a, &c, CausalOrdering::Concurrent),
        (&c, &d, CausalOrdering::Before),
        (&b, &d, CausalOrdering::Before),
        (&d, &d, CausalOrdering::Equal),
    ] {
        assert_eq!(VectorClock::compare(one, other), Ok(ordering));
    }
}

#[test]
fn an_invalid_vector_is_refused_and_the_clock_is_unchanged() {
    assert_eq!(
        VectorClock::new(3, 3).unwrap_err().to_string(),
        "there is no node 3: there are 3, counted from 0"
    );
    assert!(VectorClock::new(0, 0).is_err());

    let mut clock = VectorClock::with_max_jump(1, 3, 100).unwrap();
    clock.receive(&[5, 0, 7]).unwrap();
    clock.tick();
    let before = clock.clone();
    for (stamp, error) in [
        (vec![9, 0], ClockError::WrongLength { got: 2, expected: 3 }),
        (vec![9, 0, 9, 9], ClockError::WrongLength { got: 4, expected: 3 }),
        (vec![9, 3, 9], ClockError::OwnEntryAhead { node: 1, claimed: 3, own: 2 }),
        (vec![9, 0, 108], ClockError::TooFarAhead { stamp: 108, now: 7, latest: 107 }),
        (vec![u64::MAX, 0, 9], ClockError::TooFarAhead { stamp: u64::MAX, now: 5, latest: 105 }),
    ] {
        assert_eq!(clock.receive(&stamp), Err(error), "{stamp:?}");
        assert_eq!(clock, before, "{stamp:?}");
    }
    assert_eq!(clock.receive(&[9, 2, 107]), Ok(&[9, 3, 107][..]));

    let mut trusting = VectorClock::with_max_jump(0, 2, u64::MAX).unwrap();
    assert!(trusting.receive(&[0, LAST_STAMP + 1]).is_err());
    assert!(trusting.receive(&[0, LAST_STAMP]).is_ok());
}

#[test]
fn stamps_of_different_systems_have_no_order() {
    for (one, other) in [(&[1, 2][..], &[1, 2, 3][..]), (&[1, 2, 3], &[1, 2]), (&[], &[1])] {
        assert!(matches!(VectorClock::compare(one, other), Err(ClockError::WrongLength { .. })));
    }
    assert_eq!(VectorClock::compare(&[], &[]), Ok(CausalOrdering::Equal));
}

#[test]
fn clocks_are_read_back_as_they_were_written() {
    let mut lamport = LamportClock::with_max_jump(9);
    lamport.tick();
    let json = serde_json::to_string(&lamport).unwrap();
    assert_eq!(json, r#"{"time":1,"max_jump":9}"#);
    assert_eq!(serde_json::from_str::<LamportClock>(&json).unwrap(), lamport);

    let mut vector = VectorClock::new(1, 2).unwrap();
    vector.receive(&[4, 0]).unwrap();
    let json = serde_json::to_string(&vector).unwrap();
    assert_eq!(json, r#"{"node":1,"entries":[4,1],"max_jump":4294967296}"#);
    assert_eq!(serde_json::from_str::<VectorClock>(&json).unwrap(), vector);

    let stamp = Timestamp { time: 3, node: 1 };
    let json = serde_json::to_string(&stamp).unwrap();
    assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), stamp);
}

#[test]
fn a_stored_clock_of_the_wrong_shape_is_refused() {
    for json in [
        r#"{"time":18446744073709551615,"max_jump":9}"#,
        r#"{"time":13835058055282163711,"max_jump":9}"#,
        r#"{"time":-1,"max_jump":9}"#,
        r#"{"time":1.5,"max_jump":9}"#,
        r#"{"time":"1","max_jump":9}"#,
        r#"{"time":1}"#,
        r#"{"time":1,"max_jump":9,"more":0}"#,
        "[]",
        "1",
    ] {
        assert!(serde_json::from_str::<LamportClock>(json).is_err(), "{json}");
    }
    for json in [
        r#"{"node":2,"entries":[4,1],"max_jump":9}"#,
        r#"{"node":0,"entries":[],"max_jump":9}"#,
        r#"{"node":0,"entries":[18446744073709551615],"max_jump":9}"#,
        r#"{"node":0,"entries":{"a":1},"max_jump":9}"#,
        r#"{"node":-1,"entries":[4,1],"max_jump":9}"#,
    ] {
        assert!(serde_json::from_str::<VectorClock>(json).is_err(), "{json}");
    }
}

/// The definition, not optimised.
fn reference_compare(v1: &[u64], v2: &[u64]) -> CausalOrdering {
    let every = |holds: fn(&u64, &u64) -> bool| v1.iter().zip(v2).all(|(a, b)| holds(a, b));
    match (every(|a, b| a <= b), every(|a, b| a >= b)) {
        (true, true) => CausalOrdering::Equal,
        (true, false) => CausalOrdering::Before,
        (false, true) => CausalOrdering::After,
        (false, false) => CausalOrdering::Concurrent,
    }
}

/// Entries that are often equal, often nearly so, and sometimes absurd.
fn entry() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..4_u64, 1 => any::<u64>(), 1 => Just(u64::MAX)]
}

/// Entries near those at which a clock begins to refuse.
fn around_the_bounds() -> impl Strategy<Value = u64> {
    let near = |bound: u64| bound - 3..=bound.saturating_add(3);
    prop_oneof![0..8_u64, near(1 << 32), near(1 << 33), near(LAST_STAMP), near(u64::MAX)]
}

proptest! {
    // Readers break this on purpose, and the failures they find are not to be kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_lamport_clock_only_grows_and_a_refusal_changes_nothing(
        max_jump in prop_oneof![0..10_u64, any::<u64>()],
        stamps in prop::collection::vec(entry(), 0..50),
    ) {
        let mut clock = LamportClock::with_max_jump(max_jump);
        for stamp in stamps {
            let before = clock.clone();
            match clock.receive(stamp) {
                Ok(time) => {
                    prop_assert!(time > stamp && time > before.current_time());
                    prop_assert_eq!(time, clock.current_time());
                }
                Err(_) => {
                    prop_assert!(stamp > LAST_STAMP || stamp - before.current_time() > max_jump);
                    prop_assert_eq!(&clock, &before);
                }
            }
            let now = clock.current_time();
            prop_assert_eq!(clock.tick(), now + 1);
        }
    }

    #[test]
    fn a_vector_clock_only_grows_and_a_refusal_changes_nothing(
        max_jump in prop_oneof![0..10_u64, any::<u64>()],
        stamps in prop::collection::vec(prop::collection::vec(entry(), 2..5), 0..50),
    ) {
        let mut clock = VectorClock::with_max_jump(0, 3, max_jump).unwrap();
        for stamp in stamps {
            let before = clock.clone();
            if clock.receive(&stamp).is_ok() {
                for earlier in [before.current(), &stamp] {
                    let order = VectorClock::compare(earlier, clock.current());
                    prop_assert_eq!(order, Ok(CausalOrdering::Before));
                }
                prop_assert_eq!(clock.current()[0], before.current()[0] + 1);
            } else {
                prop_assert_eq!(&clock, &before);
            }
        }
    }

    #[test]
    fn a_vector_is_accepted_exactly_if_each_entry_is_valid(
        max_jump in prop_oneof![0..10_u64, Just(1 << 32), any::<u64>()],
        mine in prop::collection::vec(around_the_bounds(), 3),
        own in 0..5_u64,
        theirs in prop::collection::vec(around_the_bounds(), 2),
    ) {
        let theirs = [own, theirs[0], theirs[1]];
        let mine: Vec<u64> = mine.into_iter().map(|entry| entry.min(LAST_STAMP)).collect();
        let mut clock = VectorClock::with_max_jump(0, 3, u64::MAX).unwrap();
        for _ in 0..3 {
            clock.tick();
        }
        clock.receive(&[0, mine[1], mine[2]]).unwrap();
        let json = serde_json::to_string(&clock).unwrap();
        let limit = |max_jump: u64| format!(r#""max_jump":{max_jump}"#);
        let json = json.replace(&limit(u64::MAX), &limit(max_jump));
        let mut clock: VectorClock = serde_json::from_str(&json).unwrap();

        let before = clock.current().to_vec();
        let is_valid = theirs[0] <= before[0]
            && before.iter().zip(&theirs).all(|(mine, theirs)| {
                *theirs <= mine.saturating_add(max_jump).min(LAST_STAMP)
            });
        match clock.receive(&theirs) {
            Ok(after) => {
                prop_assert!(is_valid);
                let merged = [before[0] + 1, before[1].max(theirs[1]), before[2].max(theirs[2])];
                prop_assert_eq!(after, merged);
            }
            Err(_) => {
                prop_assert!(!is_valid);
                prop_assert_eq!(clock.current(), before);
            }
        }
    }

    #[test]
    fn vectors_compare_as_the_definition_says((v1, v2) in (0..40_usize).prop_flat_map(|len| {
        (prop::collection::vec(0..3_u64, len), prop::collection::vec(0..3_u64, len))
    })) {
        prop_assert_eq!(VectorClock::compare(&v1, &v2), Ok(reference_compare(&v1, &v2)));
        // One that is later in some entries, so that the two orders come up as often as
        // concurrency.
        let later: Vec<u64> = v1.iter().zip(&v2).map(|(a, b)| *a.max(b)).collect();
        prop_assert_eq!(VectorClock::compare(&v1, &later), Ok(reference_compare(&v1, &later)));
        prop_assert_eq!(VectorClock::compare(&later, &v1), Ok(reference_compare(&later, &v1)));
    }
}
