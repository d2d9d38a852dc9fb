//! What is due to which peer, round by round.

use std::time::Duration;

use common::crdt::Delta;
use common::gossip::{Peers, ROUND};

/// What is due in one round, the first after another.
fn due(peers: &mut Peers, entries: &[u64], round: u32) -> Vec<(usize, Delta)> {
    peers.due(entries, round * ROUND)
}

#[test]
fn an_entry_is_pushed_until_it_is_acked() {
    let mut peers = Peers::new(0, 2);
    assert!(peers.is_settled(&[0, 0]));
    for round in 1..=2 {
        assert_eq!(due(&mut peers, &[3, 0], round), [(1, vec![(0, 3)])]);
        assert!(!peers.is_settled(&[3, 0]));
    }
    peers.note_has(1, &[(0, 3)]);
    assert!(peers.is_settled(&[3, 0]));
    assert_eq!(due(&mut peers, &[3, 0], 3), []);
    peers.note_has(1, &[(0, 2)]);
    assert!(peers.is_settled(&[3, 0]), "an old ack takes nothing back");
}

#[test]
fn what_others_have_counted_is_passed_on_later() {
    let mut peers = Peers::new(1, 3);
    let push = |to| vec![(to, vec![(0, 3)])];
    assert_eq!(due(&mut peers, &[3, 0, 0], 1), []);
    assert_eq!(due(&mut peers, &[3, 0, 0], 2), push(2), "and not to its owner");
    let mut peers = Peers::new(2, 3);
    assert_eq!(due(&mut peers, &[3, 0, 0], 1), []);
    assert_eq!(due(&mut peers, &[3, 0, 0], 2), [], "the peer has a smaller number");
    assert_eq!(due(&mut peers, &[3, 0, 0], 3), push(1));
}

#[test]
fn a_peer_gets_one_push_in_a_round() {
    let mut peers = Peers::new(1, 3);
    due(&mut peers, &[3, 0, 0], 1);
    let both = vec![(0, 4), (1, 7)];
    assert_eq!(due(&mut peers, &[4, 7, 0], 2), [(0, vec![(1, 7)]), (2, both)]);
}

/// The rounds in which peer 1 is pushed the entry of replica 0.
fn pushed_in(peers: &mut Peers, rounds: std::ops::Range<u32>) -> Vec<u32> {
    rounds.filter(|round| !due(peers, &[3, 0], *round).is_empty()).collect()
}

#[test]
fn a_peer_that_does_not_answer_is_pushed_less_often() {
    let mut peers = Peers::new(0, 2);
    assert_eq!(pushed_in(&mut peers, 0..50), [0, 1, 2, 4, 8, 16, 26, 36, 46]);
    peers.note_has(1, &[(1, 4)]);
    assert_eq!(pushed_in(&mut peers, 50..55), [50, 51, 52, 54], "it was heard, acked or not");
    peers.connected(1);
    assert_eq!(pushed_in(&mut peers, 55..57), [55, 56]);
}

#[test]
fn where_time_stands_still_a_push_is_always_due() {
    let mut peers = Peers::new(1, 3);
    let mut states = Vec::new();
    for _ in 0..10 {
        assert_eq!(peers.due(&[3, 5, 0], Duration::ZERO).len(), 2);
        if !states.contains(&peers) {
            states.push(peers.clone());
        }
    }
    assert_eq!(states.len(), 2, "a search of its states terminates");
}
