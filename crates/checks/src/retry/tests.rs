use super::bugs::Bug;
use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Retry>(Arc::new(stub::after));
}

#[test]
fn the_screen_shows_what_was_drawn_and_the_wrong_answer() {
    let screen = screen_of::<Retry>(Retry::with_bugs(Bugs::one(Bug::CapCutsServersWait)));
    let expected = "\
retry   WRONG   first failure: attempt 1, Busy { retry_after: Some(15) }; every
          case before it passes

  policy  attempts: 3, base: 20, cap: 10, deadline: 100, idempotent: false
  attempt 1 fails: Busy { retry_after: Some(15) }
  elapsed 0 ms
  chance  the last of the range; of 0..=10 that is 10

          draws within      0..=10 and gets 10
          want              Wait(15)
          got               Wait(10)                  ◀ first wrong answer

  rule    A wait that the server asks for is never cut short: either it is kept,
          or there is no further attempt.
  looks   like \"the cap cuts the server's wait\": the same answers in all 21,673
          cases compared.
          It bounds the server's wait by the cap, but the cap is for its own
          waits: an attempt before the server's time is in vain.
  next    cargo run -- hint retry
          cargo run -- replay retry:1045
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_decisions_are_those_of_the_page() {
    const HALF: u64 = 1 << 63;
    const LAST: u64 = u64::MAX;
    use Decision::{GiveUp, Wait};
    use Failure::{NotSent, Rejected, Unanswered};
    let busy = |retry_after| Failure::Busy { retry_after };
    for (failure, idempotent, attempt, elapsed, draw, decision) in [
        (NotSent, false, 1, 0, LAST, Wait(10)),
        (NotSent, false, 2, 0, LAST, Wait(20)),
        (NotSent, false, 3, 0, LAST, Wait(40)),
        (NotSent, false, 4, 0, LAST, Wait(40)),
        (NotSent, false, 9, 0, LAST, GiveUp),
        (NotSent, false, 2, 0, HALF, Wait(10)),
        (NotSent, false, 2, 79, LAST, Wait(20)),
        (NotSent, false, 2, 80, LAST, GiveUp),
        (Unanswered, false, 1, 0, 0, GiveUp),
        (Unanswered, true, 1, 0, 0, Wait(0)),
        (Rejected, true, 1, 0, 0, GiveUp),
        (busy(None), false, 1, 0, 0, Wait(0)),
        (busy(Some(15)), false, 2, 0, LAST, Wait(20)),
        (busy(Some(15)), false, 2, 0, HALF, Wait(15)),
        (busy(Some(70)), false, 2, 29, HALF, Wait(70)),
        (busy(Some(70)), false, 2, 30, HALF, GiveUp),
        (busy(Some(LAST)), false, 2, 1, 0, GiveUp),
    ] {
        let policy = Policy { attempts: 9, base: 10, cap: 40, deadline: 100, idempotent };
        let right = expected(failure, attempt, elapsed, &policy, draw);
        assert_eq!(right, decision, "{failure:?} {attempt} {elapsed}");
    }
}

#[test]
fn hostile_solutions_are_shown_as_what_they_do() {
    fn shows(after: fn(&mut Rng) -> Decision, words: &str) {
        let screen = screen_of::<Retry>(Arc::new(move |_, _, _, _, rng| after(rng)));
        assert!(screen.contains(words), "{screen}");
    }
    shows(|_| Decision::Wait(u64::MAX), "got               Wait(u64::MAX) ");
    let draws = |rng: &mut Rng| loop {
        rng.within(0..=u64::MAX);
    };
    shows(draws, "and again         97 times");
    let last = "18446744073709551614..=u64::MAX and gets u64::MAX";
    shows(|rng| Decision::Wait(rng.within(u64::MAX - 1..=u64::MAX)), last);
}
