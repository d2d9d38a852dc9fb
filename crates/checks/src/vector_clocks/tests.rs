use super::*;
use crate::Verdict;
use crate::proofs::{assert_wrong, mistake, prove, screen_of, screen_of_mistake};

const STUB: Functions = Functions { receive: stub::receive, compare: stub::compare };

const REFERENCE: Functions = Functions { receive: reference::receive, compare: reference::compare };

#[test]
fn it_is_sound() {
    prove::<VectorClocks>(STUB, REFERENCE);
}

#[test]
fn the_screen_shows_the_vectors_and_the_first_wrong_entry() {
    let screen = screen_of_mistake::<VectorClocks>("overwrites all entries but its own");
    let expected = "\
vector-clocks   WRONG   first failure: receive, 2 nodes; every case before it
          passes: receive before compare, the smallest vectors first

  receive n0 receives a message
          mine              [1,2]
          theirs            [0,1]
          want              [2,2]
          got               [2,1]                     ◀ first wrong entry: n1's

  rule    To receive a message is to forget nothing: an entry that was larger
          than the message's stays.
  looks   like \"overwrites all entries but its own\": your answers equal this
          mistake's on all 1,168 cases compared, not those of the other
          function.
          It believes the message about all nodes but itself, but the sender may
          know less of a third node, or an older message may arrive late.
  next    cargo run -- hint vector-clocks
          cargo run -- replay vector-clocks:receive-0-12-01
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn a_comparison_is_shown_with_the_entries_that_differ() {
    for (name, entries) in [
        ("compares the first entry", "smaller in a: n1's"),
        ("equal called concurrent", "all are the same"),
        ("Before and After swapped", "smaller in a: n1's"),
        ("compares as words are sorted", "smaller in a: n0's; larger in a: n1's"),
    ] {
        let screen = screen_of_mistake::<VectorClocks>(name);
        assert!(screen.contains(&format!("  entries {entries}\n")), "{screen}");
    }
}

#[test]
fn one_function_is_diagnosed_whatever_the_other_does() {
    let name = "min for max";
    let receive = mistake::<VectorClocks>(name).receive;
    let others: [Compare; 3] =
        [stub::compare, mistake::<VectorClocks>("compares the sums").compare, |_, _| {
            panic!("not yet")
        }];
    for compare in others {
        let (_, screen) = screen_of::<VectorClocks>(Functions { receive, compare });
        assert!(screen.contains(&format!("like \"{name}\"")), "{screen}");
    }
    let (verdict, screen) =
        screen_of::<VectorClocks>(Functions { compare: stub::compare, ..REFERENCE });
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("so far  1,168 cases right"), "{screen}");
}

#[test]
fn every_rule_is_said_of_the_entry_or_the_answer_that_breaks_it() {
    use CausalOrdering::{After, Before, Concurrent, Equal};
    let vector = |entries: &[u64]| Answer::Vector(entries.to_vec());
    for (code, answer, words) in [
        ("receive-0-12-01", vector(&[1, 2]), "A receipt is one event"),
        ("receive-0-12-01", vector(&[3, 1]), "A receipt is one event"),
        ("receive-0-12-01", vector(&[2, 1]), "To receive a message is to forget"),
        ("receive-0-11-02", vector(&[2, 1]), "What the sender knew has come"),
        ("receive-0-11-02", vector(&[2, 3]), "Of another node the receipt knows"),
        ("compare-11-11", Answer::Ordering(Before), "Stamps that are the same"),
        ("compare-10-11", Answer::Ordering(Equal), "a is before b if"),
        ("compare-11-10", Answer::Ordering(Before), "a is after b if"),
        ("compare-10-01", Answer::Ordering(After), "If each knows of an event"),
        ("compare-10-01", Answer::Ordering(Concurrent), "nothing is broken"),
    ] {
        let case = Case::parse(code).expect("it is a code");
        let said = VectorClocks::broken_rule(&case, &Ok(answer));
        let said = said.unwrap_or("nothing is broken");
        assert!(said.starts_with(words), "{code}: {said}");
    }
}

#[test]
fn whatever_a_function_does_is_told_as_what_it_is() {
    let right = REFERENCE;
    let panics = "got               a panic ";
    for (solution, words) in [
        (
            Functions { receive: |_, mine, _| mine.fill(u64::MAX), ..right },
            "[18446744073709551615, 18446744073709551615]",
        ),
        (
            Functions {
                receive: |own, mine, theirs| match mine.len() {
                    2 => reference::receive(own, mine, theirs),
                    _ => mine.fill(u64::MAX),
                },
                ..right
            },
            "[18446744073709551615, 18446744073709551615,\n",
        ),
        (Functions { receive: |own, mine, _| mine[own + 2] += 1, ..right }, panics),
        (Functions { receive: |_, _, _| panic!("{}", "x".repeat(999)), ..right }, panics),
        (Functions { receive: |_, mine, theirs| mine[0] = theirs[0] - theirs[1], ..right }, panics),
        (
            Functions { compare: |_, _| crate::did_not_terminate(), ..right },
            "got               goes on for ever ",
        ),
        (Functions { compare: |_, _| panic!("no {}", "order ".repeat(99)), ..right }, panics),
    ] {
        assert_wrong::<VectorClocks>(solution, &[words]);
    }
}
