use super::bugs::Bug;
use super::*;
use crate::Verdict;
use crate::program::Task;
use crate::sound::{assert_sound, check, screen_of, work};

#[test]
fn it_is_sound() {
    assert_sound::<Lock>(Arc::new(stub::may_enter));
}

#[test]
fn the_screen_goes_on_until_two_hold_the_lock() {
    let screen = screen_of::<Lock>(Lock::with_bugs(Bugs::one(Bug::QueueAlone)));
    let expected = "\
lock   WRONG   first failure: 2 nodes, 1 action; the first case of all

  a                            b
  │                            │
  │                      m1 ◀──● request 1
  │                            │
  │                            ● enters: wrong
  │                            │
  ● request 1 ──▶ m2 in flight │
  │                            │
  ● ◀── m1                     │
  │                            │
  ● ack 3 ──▶ m3 in flight     │
  │                            │
  ● enters                     │

  request (1,b)
  queue   (1,b)
  heard   (0,a) (0,b)
          want              false
          got               true                      ◀ first wrong answer
  then    two nodes hold the lock at once

  rule    An earlier request may still be in flight, or be made. A node waits
          until every other node has sent it something later than its request:
          nothing earlier can follow that.
  looks   like \"looks at the queue alone\": the same answers in all 798 cases
          compared.
          It takes its own copy of the queue for all there is, but an earlier
          request may still be in flight.
  next    cargo run -- hint lock
          cargo run -- replay lock:2:b
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_screen_goes_on_until_none_ever_holds_the_lock() {
    let screen = screen_of::<Lock>(Lock::with_bugs(Bugs::one(Bug::NoneOfATie)));
    for words in [
        "first failure: 2 nodes, 5 actions;",
        "  ● waits: wrong            │\n",
        "  │                   m4 ──▶●\n\n  request (1,a)\n",
        "\n  then    nothing is in flight, and no node holds the lock\n",
        "\n  rule    A node enters when",
        "cargo run -- replay lock:2:a.b.1.2.3\n",
    ] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

#[test]
fn the_rule_is_that_which_was_broken() {
    for (bug, rule) in [
        (Bug::HeardAlone, "Requests are served in the order"),
        (Bug::BothOfATie, "Requests are served in the order"),
        (Bug::OnePeer, "An earlier request may still be in flight"),
        (Bug::NeverEnters, "A node enters when"),
    ] {
        let screen = screen_of::<Lock>(Lock::with_bugs(Bugs::one(bug)));
        assert!(screen.contains(&format!("\n  rule    {rule}")), "{screen}");
    }
}

/// Three ways to write it, and one mistake by their behaviour.
#[test]
fn a_rule_that_never_enters_is_named_so() {
    let rules: [MayEnter; 3] = [
        Arc::new(|_, _, _| false),
        Arc::new(|request, queue, _| queue.iter().all(|other| request < *other)),
        Arc::new(|request, queue, heard| {
            queue.iter().min() == Some(&request) && heard.iter().all(|heard| *heard > request)
        }),
    ];
    for may_enter in rules {
        let screen = screen_of::<Lock>(may_enter);
        assert!(screen.contains("looks   like \"never enters\": "), "{screen}");
        assert!(screen.contains("The usual causes: "), "{screen}");
        assert!(!screen.contains("hear from itself"), "{screen}");
    }
}

#[test]
fn two_never_hold_the_lock_and_what_harms_is_what_the_rule_excludes() {
    let states = TURNS.map(|turns| visit(turns, &mut Decisions::new()));
    assert_eq!(states, [1_888, 2_283, 2_283, 2_283]);
    for case in Lock::cases() {
        let rule = reference::may_enter(case.request(), &case.queue(), &case.heard());
        assert_eq!(rule, Lock::expected(&case), "{:?}", Lock::describe(&case));
    }
}

/// On links that keep the order of messages an equal time excludes an earlier request as well, and
/// a later one comes with each ack.
#[test]
fn sooner_and_later_are_right_where_they_do_no_harm() {
    fn is_first(request: Stamp, queue: &[Stamp]) -> bool {
        queue.iter().min() == Some(&request)
    }
    fn verdict(is_heard: fn(Stamp, Stamp) -> bool) -> Verdict {
        let may_enter: MayEnter = Arc::new(move |request, queue, heard| {
            let mut others = heard.iter().filter(|heard| heard.node != request.node);
            is_first(request, queue) && others.all(|heard| is_heard(*heard, request))
        });
        check::<Lock>(may_enter, 80).0
    }
    assert_eq!(verdict(|heard, request| heard.time >= request.time), Verdict::Pass);
    assert_eq!(verdict(|heard, request| heard.time > request.time), Verdict::Pass);
    assert_eq!(verdict(|heard, request| heard.time + 1 >= request.time), Verdict::Wrong);
    assert_eq!(verdict(|heard, request| heard.time > request.time + 2), Verdict::Wrong);
}

#[test]
fn times_stay_in_the_bounds_of_the_contract() {
    let largest = |case: Case| case.queue().into_iter().chain(case.heard()).max();
    let largest = Lock::cases().filter_map(largest).max().expect("there are cases");
    assert!((MOST - 20..=MOST).contains(&largest.time), "{largest:?}");
}

#[test]
fn a_panic_is_shown_with_what_the_node_knew() {
    let panics: MayEnter = Arc::new(|request, _, heard| heard[request.node + 2] > request);
    let screen = screen_of::<Lock>(panics);
    for words in
        ["● may it enter?", "heard   (0,a) (0,b)", "got               a panic ", "tests.rs:"]
    {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

#[test]
fn a_case_is_replayed_by_its_schedule() {
    let screen = |text: &str| work::<Lock>(Lock::reference(), Task::Replay(text.to_owned()), 80);
    let (verdict, screen) = screen("2:a.b.1.2.3");
    assert_eq!(verdict, Verdict::Pass, "{screen}");
    assert!(screen.contains("answer            true"), "{screen}");
}
