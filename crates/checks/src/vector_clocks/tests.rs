use super::cases::{comparison, receipt};
use super::*;
use crate::Verdict;
use crate::sound::{assert_sound, check, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<VectorClocks>(Functions::new(stub::receive, stub::compare));
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
          2,170 cases compared.
          It believes the message about all nodes but itself, but the sender may
          know less of a third node, or an older message may arrive late.
  next    cargo run -- hint vector-clocks
          cargo run -- replay vector-clocks:receive-0-12-01
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_answers_are_those_of_the_page() {
    use CausalOrdering::{Before, Concurrent, Equal};
    let received = |own, mine: &[u64], theirs: &[u64]| {
        let case = receipt(own, mine.to_vec(), theirs.to_vec()).expect("a run comes to it");
        VectorClocks::expected(&case)
    };
    assert_eq!(received(1, &[0, 0, 0], &[2, 0, 0]), Answer::Vector(vec![2, 1, 0]));
    assert_eq!(received(2, &[0, 0, 1], &[2, 2, 0]), Answer::Vector(vec![2, 2, 2]));
    for (a, b, ordering) in [
        ([1, 0, 0], [2, 1, 0], Before),
        ([2, 1, 0], [0, 0, 1], Concurrent),
        ([2, 0, 0], [1, 2, 1], Concurrent),
        ([2, 1, 0], [1, 3, 0], Concurrent),
        ([1, 2, 0], [1, 3, 1], Before),
        ([1, 2, 3], [1, 2, 3], Equal),
        ([2, 1, 0], [3, 2, 0], Before),
    ] {
        let case = comparison((a.to_vec(), b.to_vec()));
        assert_eq!(VectorClocks::expected(&case), Answer::Ordering(ordering), "{a:?} {b:?}");
        assert!(VectorClocks::cases().any(|one| one == case), "{a:?} {b:?}");
    }
}

#[test]
fn one_function_is_diagnosed_whatever_the_other_does() {
    let receive = |own: usize, mine: &mut [u64], theirs: &[u64]| {
        bugs::receive(Bugs::one(bugs::Bug::Min), own, mine, theirs);
    };
    let sums = |a: &[u64], b: &[u64]| bugs::compare(Bugs::one(bugs::Bug::Sums), a, b);
    for compare in [stub::compare, sums, |_: &[u64], _: &[u64]| panic!("not yet")] {
        let screen = screen_of::<VectorClocks>(Functions::new(receive, compare));
        assert!(screen.contains("like \"min for max\""), "{screen}");
    }
    let half = Functions::new(reference::receive, stub::compare);
    let (verdict, screen) = check::<VectorClocks>(half, 80);
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("1 of 2 written"), "{screen}");
}

#[test]
fn a_rule_is_said_of_the_entry_or_the_answer_that_breaks_it() {
    use CausalOrdering::{After, Before, Equal};
    let (mine, theirs) = (vec![1, 2, 1], vec![0, 1, 2]);
    let receive = receipt(0, mine, theirs).expect("a run comes to it");
    for (got, words) in [
        ([1, 2, 2], "A receipt is one event"),
        ([2, 1, 2], "To receive a message is to forget nothing"),
        ([2, 2, 1], "What the sender knew has come"),
        ([2, 3, 2], "Of another node the receipt knows"),
    ] {
        let rule = VectorClocks::rule(&receive, &Answer::Vector(got.to_vec()), &());
        assert!(rule.text.starts_with(words), "{got:?}: {}", rule.text);
    }
    for (a, b, got, words) in [
        ([1, 1], [1, 1], Before, "Stamps that are the same"),
        ([1, 0], [1, 1], Equal, "a is before b if"),
        ([1, 1], [1, 0], Before, "a is after b if"),
        ([1, 0], [0, 1], After, "If each knows of an event"),
    ] {
        let case = comparison((a.to_vec(), b.to_vec()));
        let rule = VectorClocks::rule(&case, &Answer::Ordering(got), &());
        assert!(rule.text.starts_with(words), "{a:?} {b:?}: {}", rule.text);
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
        (Functions::new(cut, reference::compare), "[9223372036854775808, 2]"),
        (Functions::new(fills, reference::compare), "[18446744073709551615, 18446744073709551615]"),
        (Functions::new(reference::receive, first), "smaller in a: n256's"),
        (Functions::new(reference::receive, first), "[1; 257] but 2 at 256\n"),
    ] {
        let screen = screen_of::<VectorClocks>(solution);
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}
