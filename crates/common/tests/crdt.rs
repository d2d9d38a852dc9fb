//! The laws of merging, and versions of it that break each of them.

use common::crdt::{CounterError, GCounter};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// The entries of a replica.
type Entries = Vec<u64>;
/// A way to merge two of them.
type Merge = fn(&[u64], &[u64]) -> Entries;

/// The real merge, at a replica that counts nothing itself and has merged `one` before.
fn merge(one: &[u64], other: &[u64]) -> Entries {
    let mut counter = GCounter::new(3, 4).expect("there is a node 3");
    for entries in [one, other] {
        let entries = [entries, &[0]].concat();
        counter.merge(&entries).expect("the entries are valid");
    }
    counter.entries()[..3].to_vec()
}

fn entrywise(one: &[u64], other: &[u64], of: fn(u64, u64) -> u64) -> Entries {
    one.iter().zip(other).map(|(a, b)| of(*a, *b)).collect()
}

fn grows(one: &[u64], other: &[u64]) -> bool {
    one.iter().zip(other).all(|(a, b)| a <= b)
}

/// Checks a law over many random triples of states, and returns whether it held for all.
fn holds(law: fn(Merge, &[Entries; 3]) -> bool, merge: Merge) -> bool {
    // So small that no wrong merge reaches the bound of an entry.
    let entries = prop::collection::vec(prop_oneof![0..4_u64, 0..GCounter::MAX_ENTRY / 8], 3);
    let states = [entries.clone(), entries.clone(), entries];
    // These failures are made on purpose: they are not to be kept.
    let config = Config { failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&states, |states| {
        prop_assert!(law(merge, &states));
        Ok(())
    });
    run.is_ok()
}

const COMMUTATIVE: fn(Merge, &[Entries; 3]) -> bool = |merge, [a, b, _]| merge(a, b) == merge(b, a);
const ASSOCIATIVE: fn(Merge, &[Entries; 3]) -> bool =
    |merge, [a, b, c]| merge(&merge(a, b), c) == merge(a, &merge(b, c));
const IDEMPOTENT: fn(Merge, &[Entries; 3]) -> bool =
    |merge, [a, b, _]| merge(&merge(a, b), b) == merge(a, b);
const ONLY_GROWS: fn(Merge, &[Entries; 3]) -> bool =
    |merge, [a, b, _]| grows(a, &merge(a, b)) && grows(b, &merge(a, b));

#[test]
fn merging_is_commutative_and_taking_the_others_entries_is_not() {
    assert!(holds(COMMUTATIVE, merge));
    assert!(!holds(COMMUTATIVE, |_, other| other.to_vec()));
}

#[test]
fn merging_is_associative_and_the_mean_is_not() {
    assert!(holds(ASSOCIATIVE, merge));
    assert!(!holds(ASSOCIATIVE, |one, other| {
        entrywise(one, other, |a, b| (a + b).div_ceil(2))
    }));
}

#[test]
fn merging_is_idempotent_and_adding_is_not() {
    assert!(holds(IDEMPOTENT, merge));
    assert!(!holds(IDEMPOTENT, |one, other| entrywise(one, other, |a, b| a + b)));
}

#[test]
fn merging_only_grows_and_the_minimum_does_not() {
    assert!(holds(ONLY_GROWS, merge));
    assert!(!holds(ONLY_GROWS, |one, other| entrywise(one, other, u64::min)));
}

#[test]
fn the_worked_example() {
    let (mut a, mut b) = (GCounter::new(0, 3).unwrap(), GCounter::new(1, 3).unwrap());
    assert_eq!(a.increment(2), Ok(2));
    assert_eq!((a.entries(), a.value()), (&[2, 0, 0][..], 2));
    assert_eq!(b.increment(3), Ok(3));
    assert_eq!((b.entries(), b.value()), (&[0, 3, 0][..], 3));
    a.merge(b.entries()).unwrap();
    b.merge(a.entries()).unwrap();
    for counter in [a, b] {
        assert_eq!((counter.entries(), counter.value()), (&[2, 3, 0][..], 5));
    }
}

#[test]
fn a_value_is_exact_where_64_bits_are_not_enough() {
    let nodes = 1 << 12;
    let mut counter = GCounter::new(0, nodes).unwrap();
    counter.increment(GCounter::MAX_ENTRY).unwrap();
    let mut full = vec![GCounter::MAX_ENTRY; nodes];
    full[0] = 0;
    counter.merge(&full).unwrap();
    assert_eq!(counter.value(), 1 << 65);
}

#[test]
fn invalid_input_is_refused_and_the_counter_is_unchanged() {
    let mut counter = GCounter::new(1, 3).unwrap();
    counter.increment(5).unwrap();
    counter.merge(&[2, 0, 9]).unwrap();
    let before = counter.clone();
    let too_large = GCounter::MAX_ENTRY + 1;
    for (entries, error) in [
        (&[9, 0][..], CounterError::WrongLength { got: 2, expected: 3 }),
        (&[9, 6, 9], CounterError::OwnEntryAhead { node: 1, claimed: 6, own: 5 }),
        (&[9, 0, too_large], CounterError::TooLarge { node: 2, entry: too_large }),
    ] {
        assert_eq!(counter.merge(entries), Err(error), "{entries:?}");
        assert_eq!(counter, before);
    }
    for delta in [&[(0, 9), (3, 1)][..], &[(0, 9), (1, 6)], &[(0, 9), (2, u64::MAX)]] {
        assert!(counter.merge_delta(delta).is_err(), "{delta:?}");
        assert_eq!(counter, before);
    }
    for by in [u64::MAX, GCounter::MAX_ENTRY] {
        assert!(counter.increment(by).is_err(), "{by}");
        assert_eq!(counter, before);
    }
    assert_eq!(counter.increment(GCounter::MAX_ENTRY - 5), Ok(GCounter::MAX_ENTRY));
    assert!(counter.delta_since(&[0]).is_err());
    assert!(GCounter::new(3, 3).is_err());
    counter.merge(&[1, 4, 8]).unwrap();
    assert_eq!(counter.entries(), [2, GCounter::MAX_ENTRY, 9], "old entries change nothing");
}

#[test]
fn a_stored_counter_is_read_back_or_refused_if_invalid() {
    let mut counter = GCounter::new(1, 2).unwrap();
    counter.increment(3).unwrap();
    let json = serde_json::to_string(&counter).unwrap();
    assert_eq!(json, r#"{"node":1,"entries":[0,3]}"#);
    assert_eq!(serde_json::from_str::<GCounter>(&json).unwrap(), counter);
    for json in [
        r#"{"node":2,"entries":[0,3]}"#,
        r#"{"node":0,"entries":[]}"#,
        r#"{"node":0,"entries":[9007199254740993]}"#,
        r#"{"node":0,"entries":[-1]}"#,
        r#"{"node":0,"entries":[0.5]}"#,
        r#"{"node":0}"#,
        r#"{"node":0,"entries":[1],"more":1}"#,
        "null",
    ] {
        assert!(serde_json::from_str::<GCounter>(json).is_err(), "{json}");
    }
}

proptest! {
    // Readers break this on purpose, and the failures they find are not to be kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entries_are_accepted_exactly_if_each_is_valid(
        theirs in prop::collection::vec(
            prop_oneof![0..8_u64, GCounter::MAX_ENTRY - 3..GCounter::MAX_ENTRY + 3, any::<u64>()],
            3,
        ),
    ) {
        let mut counter = GCounter::new(0, 3).unwrap();
        counter.increment(4).unwrap();
        let is_valid = theirs[0] <= 4 && theirs.iter().all(|entry| *entry <= GCounter::MAX_ENTRY);
        prop_assert_eq!(counter.merge(&theirs).is_ok(), is_valid);
        let expected = if is_valid { [4, theirs[1], theirs[2]] } else { [4, 0, 0] };
        prop_assert_eq!(counter.entries(), expected);
    }

    #[test]
    fn a_delta_brings_what_the_whole_state_brings(
        known in prop::collection::vec(0..5_u64, 3),
        news in prop::collection::vec(0..5_u64, 3),
    ) {
        let at = |entries: &[u64]| {
            let mut counter = GCounter::new(3, 4).unwrap();
            counter.merge(&[entries, &[0]].concat()).unwrap();
            counter
        };
        let (sender, receiver) = (at(&news), at(&known));
        let delta = sender.delta_since(receiver.entries()).unwrap();
        prop_assert!(delta.iter().all(|(node, entry)| known[*node] < *entry));
        let (mut by_delta, mut by_state) = (receiver.clone(), receiver);
        by_delta.merge_delta(&delta).unwrap();
        by_state.merge(sender.entries()).unwrap();
        prop_assert_eq!(by_delta, by_state);
    }
}
