use super::*;
use crate::proofs::{assert_wrong, prove, screen_of, screen_of_mistake};
use crate::{Verdict, did_not_terminate};

const STUB: Solution =
    Solution { increment: stub::increment, merge: stub::merge, value: stub::value };

const REFERENCE: Solution =
    Solution { increment: reference::increment, merge: reference::merge, value: reference::value };

#[test]
fn it_is_sound() {
    prove::<Counter>(STUB, REFERENCE);
}

#[test]
fn the_screen_shows_every_step_and_the_first_wrong_one() {
    let expected = "\
g-counter   WRONG   first failure: 4 steps, 2 replicas; every case before it
          passes: the fewest steps first, then the fewest replicas

  entries a has entry 0, b has entry 1

  step 1  a counts 1        [1, 0], value 1
  step 2  a counts 1        [2, 0], value 2
  step 3  a tells b         [1, 0] of step 1, late
          b is at           [1, 0], value 1
  step 4  a tells b         [2, 0]
          b was at          [1, 0]
          want              [2, 0], value 2
          got               [1, 0], value 1           ◀ first wrong step

  rule    Where a message knows at least as much of every entry, all that it
          knows is taken over.
  looks   like \"merge believes the first news only\": your answers equal this
          mistake's on all 11,612 cases compared.
          It takes an entry in only where it knows nothing, but the entry grows
          on, and later messages say how far.
  next    cargo run -- hint g-counter
          cargo run -- replay g-counter:a.a.ab:1.ab
          shows this one case again, with your code as it is then
";
    assert_eq!(screen_of_mistake::<Counter>("merge believes the first news only"), expected);
}

/// Each as a mistake that breaks it first, and words of the rule.
#[test]
fn the_rule_is_the_one_that_was_broken() {
    for (name, rule) in [
        ("merge adds", "Merging is idempotent:"),
        ("merge takes the other's entries", "Merging only grows:"),
        ("merge adds what is told to its own entry", "Merging counts nothing:"),
        ("merge keeps the row with the larger sum", "Each knows something that the other does not"),
        ("merge keeps the smaller", "Where a message knows at least as much"),
        ("increments entry 0", "A replica counts in its own entry:"),
        ("increments every entry", "A replica increments its own entry alone:"),
        ("increments by one", "A count is added to the own entry,"),
        ("the value is the own entry", "The value is the sum of all entries:"),
    ] {
        let screen = screen_of_mistake::<Counter>(name);
        assert!(screen.contains(&format!("  rule    {rule}")), "{screen}");
    }
}

/// Nobody knows more of a replica's own entry than the replica itself.
#[test]
fn leaving_the_own_entry_out_of_a_merge_is_no_mistake() {
    let skips_its_own = |counter: &mut GCounter, entries: &[u64]| {
        let own = counter.entries[counter.node];
        reference::merge(counter, entries);
        counter.entries[counter.node] = own;
    };
    let solution = Solution { merge: skips_its_own, ..REFERENCE };
    assert_eq!(screen_of::<Counter>(solution).0, Verdict::Pass);
}

/// Nobody can tell them apart by their answers, so the one name has to be true of both.
#[test]
fn doing_nothing_and_looking_at_the_own_entry_are_one_mistake() {
    let solution = Solution { merge: |_, _| {}, ..REFERENCE };
    let named = screen_of_mistake::<Counter>("merge takes nothing in");
    assert!(named.contains("either it does nothing, or"), "{named}");
    assert_eq!(screen_of::<Counter>(solution).1, named);
}

#[test]
fn another_length_is_wrong_and_ends_the_schedule() {
    let solution =
        Solution { merge: |counter, entries| counter.entries.extend(entries), ..REFERENCE };
    let rule = "A counter has an entry for each replica, from the beginning";
    assert_wrong::<Counter>(solution, &["got               4 numbers", rule]);
    let solution = Solution { merge: |counter, _| counter.entries.clear(), ..REFERENCE };
    assert_wrong::<Counter>(solution, &["got               no numbers", rule]);
    let case = Counter::parse("b.ab.a.b").unwrap();
    let seen = Counter::observe(solution, &case).unwrap();
    assert_eq!(
        seen,
        [Answer::Counter(vec![0, 2], 2), Answer::Entries(0)],
        "the later steps are not tried"
    );
    let solution =
        Solution { increment: |counter, _| counter.entries = vec![0; 1_000_000], ..REFERENCE };
    assert_wrong::<Counter>(solution, &["got               1,000,000 numbers", rule]);
}

#[test]
fn the_largest_numbers_fit_on_the_screen() {
    let solution = Solution {
        increment: |counter, by| counter.entries.iter_mut().for_each(|entry| *entry -= by),
        ..REFERENCE
    };
    assert_wrong::<Counter>(solution, &["it says           attempt to subtract with overflow"]);
    let solution = Solution {
        increment: |counter, _| counter.entries.fill(u64::MAX),
        value: |_| u64::MAX,
        ..REFERENCE
    };
    assert_wrong::<Counter>(solution, &["18446744073709551615]"]);
    let solution = Solution { increment: |counter, _| counter.entries.fill(u64::MAX), ..REFERENCE };
    assert_wrong::<Counter>(
        solution,
        &["got               a panic", "attempt to add with overflow"],
    );
}

#[test]
fn a_panic_is_told_with_its_words_and_place_and_what_never_ends_as_that() {
    let counted_from_1 =
        |counter: &mut GCounter, by: u64| counter.entries[counter.node.wrapping_sub(1)] += by;
    let solution = Solution { increment: counted_from_1, ..REFERENCE };
    assert_wrong::<Counter>(solution, &["it says           index out of bounds", "tests.rs:"]);
    let solution = Solution { value: |_| did_not_terminate(), ..REFERENCE };
    assert_wrong::<Counter>(solution, &["got               no end"]);
}

/// Where the judge believed the number that comes back, or handed it out of range, one of these
/// would show.
#[test]
fn a_changed_number_of_the_replica_changes_nothing() {
    let solution = Solution {
        increment: |counter, by| {
            reference::increment(counter, by);
            counter.node = usize::MAX;
        },
        ..REFERENCE
    };
    assert_eq!(screen_of::<Counter>(solution).0, Verdict::Pass);
}

#[test]
fn what_is_solved_in_part_is_not_started_but_counted() {
    let solution = Solution { merge: stub::merge, ..REFERENCE };
    let (verdict, screen) = screen_of::<Counter>(solution);
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("still to be written: take in what another has told"), "{screen}");
    assert!(screen.contains("so far  2 cases right without it"), "{screen}");
}
