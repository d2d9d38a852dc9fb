use super::*;
use crate::Verdict;
use crate::sound::{assert_sound, check, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Counter>(solution(stub::increment, stub::merge, stub::value));
}

#[test]
fn the_screen_shows_every_step_and_the_first_wrong_one() {
    let screen = screen_of::<Counter>(Counter::with_bugs(Bugs::one(bugs::Bug::TakesOthers)));
    let expected = "\
g-counter   WRONG   first failure: 3 steps, 3 replicas; every case before it
          passes

  entries of a to c, in this order

  step 1  a counts 1        [1,0,0], value 1
  step 2  a pushes to b     [1,0,0]
          b is at           [1,0,0], value 1
  step 3  c pushes to b     [0,0,0]
          b was at          [1,0,0]
          want              [1,0,0], value 1
          got               [0,0,0], value 0          ◀ first wrong step

  rule    Merging only grows: an entry that was known never falls, whatever a
          message says or does not know.
  looks   like \"merge keeps its own and takes the rest\": the same answers in all
          11,684 cases compared.
          It protects its own entry and believes the sender in all others, but a
          message may come late, or from one who has heard less of a third
          replica.
  next    cargo run -- hint g-counter
          cargo run -- replay g-counter:a.ab.cb
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

/// The page's first run: A counts 2, B counts 3, and each hears of the other.
#[test]
fn the_right_entries_follow_from_who_has_heard_of_what() {
    let after = |string: &str| -> Vec<Vec<u64>> {
        let mut cases = Counter::cases();
        let case = cases.find(|case| Counter::replay_string(case).as_deref() == Some(string));
        let after = Counter::expected(&case.expect("it is one of the schedules"));
        after.into_iter().map(|after| after.counter.entries).collect()
    };
    assert_eq!(after("a.b.ba.ab.ab"), [[1, 0], [0, 2], [1, 2], [1, 2], [1, 2]]);
    assert_eq!(after("a.a.ab:1.ab.ab:1")[2..], [[1, 0], [2, 0], [2, 0]]);
    assert_eq!(after("a.ab.b.bc")[2..], [[1, 2, 0], [1, 2, 0]]);
}

/// No other replica knows more of a replica's own entry than the replica itself.
#[test]
fn leaving_the_own_entry_out_of_a_merge_is_right() {
    let merge = |counter: &mut GCounter, entries: &[u64]| {
        let own = counter.entries[counter.node];
        reference::merge(counter, entries);
        counter.entries[counter.node] = own;
    };
    let solution = solution(reference::increment, merge, reference::value);
    assert_eq!(check::<Counter>(solution, 80).0, Verdict::Pass);
}

#[test]
fn a_counter_that_does_not_fit_is_wrong_and_ends_the_schedule() {
    let clears = |counter: &mut GCounter, _: &[u64]| counter.entries.clear();
    let renames = |counter: &mut GCounter, _: &[u64]| counter.node = usize::MAX;
    for (merge, got) in [
        (clears as fn(&mut GCounter, &[u64]), "got               [], node 1 "),
        (renames, "got               [0,0], node 18446744073709551615 "),
    ] {
        let solution = solution(reference::increment, merge, reference::value);
        let screen = screen_of::<Counter>(solution);
        for words in [got, "A replica keeps its number"] {
            assert!(screen.contains(words), "{words} is missing:\n{screen}");
        }
    }
}

#[test]
fn large_numbers_and_long_schedules_fit_on_the_screen() {
    let overflows = |counter: &mut GCounter, _: u64| counter.entries.fill(u64::MAX);
    let tires = |counter: &mut GCounter, by: u64| {
        counter.entries[counter.node] += if counter.entries == [23, 44] { 0 } else { by };
    };
    for (increment, words) in [
        (overflows as fn(&mut GCounter, u64), "got               a panic"),
        (overflows, "attempt to add with overflow"),
        (tires, "to 85   all is right"),
        (tires, "step 88 a pushes to b     [22,0] as of step 85, late"),
    ] {
        let solution = solution(increment, reference::merge, reference::value);
        let screen = screen_of::<Counter>(solution);
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

#[test]
fn a_long_action_and_what_comes_of_it_stand_apart() {
    let forgets = |counter: &mut GCounter, entries: &[u64]| {
        if entries != [1, u64::MAX - 1] {
            reference::merge(counter, entries);
        }
    };
    let screen = screen_of::<Counter>(solution(reference::increment, forgets, reference::value));
    let words = "step 2  b counts 18446744073709551614  [0, 18446744073709551614], value";
    assert!(screen.contains(words), "{words} is missing:\n{screen}");
}
