use super::*;
use crate::Verdict;
use crate::proofs::{assert_wrong, prove, screen_of, screen_of_mistake};

#[test]
fn it_is_sound() {
    prove::<HttpClient>(stub::decide, reference::decide);
}

#[test]
fn the_screen_shows_what_was_sent_what_came_and_the_decision() {
    let screen = screen_of_mistake::<HttpClient>("ignores Retry-After");
    let expected = "\
http-client   WRONG   first failure: GET and 429 with Retry-After; every case
          before it passes: answers without a header, then those with one, then
          no answer, by status and method

  sent    GET
  came    429 Too Many Requests
          Retry-After: 2

          want              RetryAfter(2)
          got               Retry                     ◀ first wrong decision

  rule    The server says that the same request may succeed later, and
          Retry-After in how many seconds. It knows better than any formula.
  looks   like \"ignores Retry-After\": your answers equal this mistake's on all
          474 cases compared.
          It waits by its own formula, but the server has said when to come
          again: whoever comes sooner may be refused again, and costs it work.
  next    cargo run -- hint http-client
          cargo run -- replay http-client:get.429.Retry-After.2
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn a_panic_is_wrong_and_told_with_its_words_and_place() {
    let says = ["got               a panic ", "it says           no decision", "tests.rs:"];
    assert_wrong::<HttpClient>(|_, _| panic!("no\ndecision"), &says);
}

#[test]
fn hostile_decisions_are_wrong_and_shown_in_short() {
    let hostile: [(Decide, &str); 5] = [
        (|_, _| Decision::Follow("a ".repeat(99_999)), "Follow(\"a a a a a a a \" .., 199,998)"),
        (|_, _| Decision::Follow("\x1b[2J\n".repeat(99_999)), "499,995)"),
        (|_, _| Decision::Follow("漢".repeat(20)), "\\u{6f22}"),
        (|_, _| Decision::RetryAfter(u64::MAX), "RetryAfter(18446744073709551615)"),
        (|_, _| crate::runs_for_ever(), "got               no decision "),
    ];
    for (solution, words) in hostile {
        assert_wrong::<HttpClient>(solution, &[words]);
    }
}

#[test]
fn a_panic_of_many_words_is_wrong_and_shown_in_short() {
    let (verdict, screen) =
        screen_of::<HttpClient>(|_, _| panic!("{}", "\x1b\u{7}word ".repeat(99_999)));
    assert_eq!(verdict, Verdict::Wrong);
    assert!(screen.contains("a panic"), "{screen}");
    assert!(!screen.contains(['\x1b', '\u{7}']), "{screen}");
    let widest = screen.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{screen}");
}

#[test]
fn what_is_solved_in_part_is_not_started_but_counted() {
    let (verdict, screen) = screen_of::<HttpClient>(|method, outcome| match outcome {
        Ok(answer) if answer.status < 300 => Decision::Done,
        _ => crate::unsolved!("the rest", method, outcome),
    });
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("so far  24 cases right"), "{screen}");
}
