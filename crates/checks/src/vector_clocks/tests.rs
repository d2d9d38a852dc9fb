use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<VectorClocks>(solution(stub::receive, stub::compare));
}

#[test]
fn the_screen_shows_the_vectors_and_the_first_wrong_entry() {
    let screen =
        screen_of::<VectorClocks>(VectorClocks::with_bugs(Bugs::one(bugs::Bug::Overwrites)));
    let expected = "\
vector-clocks   WRONG   first failure: receive, 2 nodes; every case before it
          passes

  receive n0 receives a message
          mine              [1,2]
          theirs            [0,1]
          want              [2,2]
          got               [2,1]                     ◀ first wrong entry: n1's

  rule    To receive a message is to forget nothing: an entry that the message
          does not know more of stays.
  looks   like \"overwrites the entries of the others\": the same answers in all
          2,847 cases compared.
          It believes the message about all nodes but itself, but the sender may
          know less of a third node, or an older message may arrive late.
  next    cargo run -- hint vector-clocks
          cargo run -- replay vector-clocks:receive-0-12-01
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_answers_are_those_of_the_page() {
    use CausalOrdering::{Before, Concurrent, Equal};
    let received = |own, mine: [u64; 3], theirs: [u64; 3]| {
        VectorClocks::expected(&Case { own: Some(own), vectors: [mine.to_vec(), theirs.to_vec()] })
    };
    assert_eq!(received(1, [0, 0, 0], [2, 0, 0]), Answer::Vector(vec![2, 1, 0]));
    assert_eq!(received(2, [0, 0, 1], [2, 2, 0]), Answer::Vector(vec![2, 2, 2]));
    for (a, b, ordering) in [
        ([1, 0, 0], [2, 1, 0], Before),
        ([2, 1, 0], [0, 0, 1], Concurrent),
        ([2, 0, 0], [1, 2, 1], Concurrent),
        ([2, 1, 0], [1, 3, 0], Concurrent),
        ([1, 2, 0], [1, 3, 1], Before),
        ([1, 2, 3], [1, 2, 3], Equal),
        ([2, 1, 0], [3, 2, 0], Before),
    ] {
        let case = Case { own: None, vectors: [a.to_vec(), b.to_vec()] };
        assert_eq!(VectorClocks::expected(&case), Answer::Ordering(ordering), "{a:?} {b:?}");
        assert!(VectorClocks::cases().any(|one| one == case), "{a:?} {b:?}");
    }
}

/// The page says so.
#[test]
fn receive_is_judged_and_diagnosed_alone() {
    let min = |own: usize, mine: &mut [u64], theirs: &[u64]| {
        bugs::receive(Bugs::one(bugs::Bug::Min), own, mine, theirs);
    };
    let screen = screen_of::<VectorClocks>(solution(min, stub::compare));
    assert!(screen.contains("like \"min for max\""), "{screen}");
}

#[test]
fn a_rule_is_said_of_the_entry_that_breaks_it() {
    let receive = Case { own: Some(0), vectors: [vec![1, 2, 1], vec![0, 1, 2]] };
    for (got, words) in [
        ([1, 2, 2], "A receipt is one event"),
        ([2, 1, 2], "To receive a message is to forget nothing"),
        ([2, 2, 1], "What the sender knew has come"),
        ([2, 3, 2], "Of another node the receipt knows"),
    ] {
        let rule = VectorClocks::rule(&receive, &Answer::Vector(got.to_vec()), &());
        assert!(rule.text.starts_with(words), "{got:?}: {}", rule.text);
    }
}

#[test]
fn what_goes_wrong_with_large_numbers_and_many_nodes_is_shown_in_short() {
    let cut = |own: usize, mine: &mut [u64], theirs: &[u64]| {
        reference::receive(own, mine, theirs);
        mine.iter_mut().for_each(|entry| *entry %= 1 << 63);
    };
    let first = |a: &[u64], b: &[u64]| reference::compare(&a[..a.len().min(200)], b);
    let fills = |_: usize, mine: &mut [u64], _: &[u64]| mine.fill(u64::MAX);
    for (solution, words) in [
        (
            solution(cut, reference::compare),
            "want              [9223372036854775807, 9223372036854775808]",
        ),
        (solution(fills, reference::compare), "[18446744073709551615, 18446744073709551615]"),
        (solution(reference::receive, first), "[1; 257] but 2 at 256\n"),
    ] {
        let screen = screen_of::<VectorClocks>(solution);
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}
