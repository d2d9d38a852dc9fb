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
retry   WRONG   first failure: attempt 1, Busy with retry_after; every case
          before it passes

  policy  attempts 3, base 20, cap 10, deadline 100; not idempotent
  attempt 1 fails: Busy, retry_after 15
  elapsed 0 ms
  chance  the last of the range; of 0..=10 that is 10

          draws within      0..=10 and gets 10
          want              Wait(15)
          got               Wait(10)                  ◀ first wrong answer

  rule    A wait that the server asks for is never cut short: either it is kept,
          or there is no further attempt.
  looks   like \"the cap cuts the server's wait\": the same answers in all 20,521
          cases compared.
          It bounds the server's wait by the cap, but the cap is for its own
          waits: an attempt before the server's time is in vain.
  next    cargo run -- hint retry
          cargo run -- replay retry:1045
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

fn after(failure: Failure, attempt: u32, elapsed: u64, idempotent: bool, draw: u64) -> Decision {
    let policy = Policy { attempts: 9, base: 10, cap: 40, deadline: 100, idempotent };
    expected(failure, attempt, elapsed, &policy, draw)
}

#[test]
fn a_request_may_be_sent_again_as_the_table_of_the_page_says() {
    let busy = Failure::Busy { retry_after: None };
    for (failure, once, twice) in [
        (Failure::NotSent, Decision::Wait(0), Decision::Wait(0)),
        (busy, Decision::Wait(0), Decision::Wait(0)),
        (Failure::Unanswered, Decision::GiveUp, Decision::Wait(0)),
        (Failure::Rejected, Decision::GiveUp, Decision::GiveUp),
    ] {
        assert_eq!(after(failure, 1, 0, false, 0), once, "{failure:?}");
        assert_eq!(after(failure, 1, 0, true, 0), twice, "{failure:?}");
    }
}

#[test]
fn the_right_waits_are_those_of_the_page() {
    const HALF: u64 = 1 << 63;
    let waits = [1, 2, 3, 4].map(|attempt| after(Failure::NotSent, attempt, 0, false, u64::MAX));
    assert_eq!(waits, [10, 20, 40, 40].map(Decision::Wait));
    for (asked, elapsed, draw, decision) in [
        (None, 0, HALF, Decision::Wait(10)),
        (None, 79, u64::MAX, Decision::Wait(20)),
        (None, 80, u64::MAX, Decision::GiveUp),
        (Some(15), 0, u64::MAX, Decision::Wait(20)),
        (Some(15), 0, HALF, Decision::Wait(15)),
        (Some(70), 29, HALF, Decision::Wait(70)),
        (Some(70), 30, HALF, Decision::GiveUp),
        (Some(u64::MAX), 1, 0, Decision::GiveUp),
    ] {
        let failure = Failure::Busy { retry_after: asked };
        assert_eq!(after(failure, 2, elapsed, false, draw), decision, "{asked:?} {elapsed}");
    }
}

#[test]
fn hostile_solutions_are_shown_as_what_they_do() {
    type Hostile = fn(&mut Rng) -> Decision;
    let hostile: [(Hostile, &str); 4] = [
        (|_| panic!("{}", "no ".repeat(99_999)), "got               a panic "),
        (|_| Decision::Wait(u64::MAX), "got               Wait(u64::MAX) "),
        (
            |rng| loop {
                rng.within(0..=u64::MAX);
            },
            "and again         97 times",
        ),
        (
            |rng| Decision::Wait(rng.within(u64::MAX - 1..=u64::MAX)),
            "18446744073709551614..=u64::MAX and gets u64::MAX",
        ),
    ];
    for (solution, words) in hostile {
        let screen = screen_of::<Retry>(Arc::new(move |_, _, _, _, rng| solution(rng)));
        assert!(screen.contains(words), "{screen}");
    }
}
