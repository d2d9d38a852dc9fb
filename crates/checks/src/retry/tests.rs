use super::*;
use crate::proofs::{assert_wrong, prove, screen_of, screen_of_mistake};

#[test]
fn it_is_sound() {
    prove::<Retry>(stub::after, reference::after);
}

#[test]
fn the_screen_shows_what_was_drawn_and_the_wrong_answer() {
    let expected = "\
retry   WRONG   first failure: attempt 1, Busy with retry_after; every case
          before it passes: the first attempts first, and of each the plainest
          failures

  policy  attempts 3, base 10, cap 40, deadline 100; not idempotent

  attempt 1                 fails: Busy, retry_after 15
          elapsed           0 ms
          chance            the last of the range
          draws within      0..=10 and gets 10
          want              Wait(15), as asked for; the last of 0..=10 is 10
          got               Wait(10)                  ◀ first wrong answer

  rule    A wait that the server asks for is never cut short: either it is kept,
          or there is no further attempt.
  looks   like \"ignores what the server asks for\": your answers equal this
          mistake's on all 15,552 cases compared, not those of attempts from
          65536 on.
          It waits as it likes, but a busy server that asks for a longer wait
          knows better, and an attempt before that is in vain.
  next    cargo run -- hint retry
          cargo run -- replay retry:1-3.busy15.10-40.0.once.all
          shows this one case again, with your code as it is then
";
    assert_eq!(screen_of_mistake::<Retry>("ignores what the server asks for"), expected);
}

/// Whatever a solution draws, or if it draws nothing.
#[test]
fn the_screen_shows_what_was_to_be_drawn() {
    let wanted = |code: &str| {
        let case = Retry::parse(code).expect("it is a code");
        let mut out = Vec::new();
        let draws = Vec::new();
        let answer = rng::Answer::DrawsForEver;
        let drawn = Retry::draw(&case, &Seen { draws, answer }, &mut Screen::utf8(&mut out, 80));
        drawn.expect("a Vec takes everything");
        let screen = String::from_utf8(out).expect("screens are text");
        let rows = screen.lines().map(str::trim);
        let rows: Vec<&str> = rows
            .filter(|row| ["chance ", "want "].iter().any(|label| row.starts_with(label)))
            .map(|row| row[18..].trim())
            .collect();
        rows.join(": ")
    };
    for (code, words) in [
        ("1-3.notsent.10-40.0.once.half", "the middle of the range: Wait(5), the middle of 0..=10"),
        ("3-9.busy0.10-40.0.once.nothing", "the first of the range: Wait(0), the first of 0..=40"),
        (
            "1-3.busy15.10-40.0.once.half",
            "the middle of the range: Wait(15), as asked for; the middle of 0..=10 is 5",
        ),
        (
            "3-9.notsent.10-40.60.once.all",
            "the last of the range: GiveUp; the last of 0..=40 is 40",
        ),
        ("3-3.notsent.10-40.0.once.all", "the last of the range: GiveUp"),
    ] {
        assert_eq!(wanted(code), words);
    }
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    for (name, rule) in [
        ("executes it twice", "may have been executed."),
        ("retries what cannot be mended", "What no retry can mend"),
        ("sleeps after the last attempt", "nothing to wait for."),
        ("an attempt may begin at the deadline", "elapsed counts, and so"),
        ("no reply is final", "What leaves the same"),
        ("only what is idempotent is tried again", "What was never sent"),
        ("more than the cap is too much to ask", "A busy server has not"),
        ("the cap cuts the server's wait", "is never cut short"),
        ("adds the server's wait", "no jitter changes it."),
        ("the exponent is the attempt", "No wait is longer than"),
        ("the server's wait replaces the drawn one", "the longer one of two"),
        ("half the wait is fixed", "drawn from 0 up to the longest"),
        ("the product overflows", "a number would pass the largest"),
    ] {
        let screen = screen_of_mistake::<Retry>(name);
        let words: Vec<&str> = screen.split_whitespace().collect();
        assert!(words.join(" ").contains(rule), "{screen}");
    }
}

/// A right solution but for the longest wait.
fn growing(
    given: (Failure, u32, u64, &Policy, &mut Rng),
    longest: impl Fn(u32, &Policy) -> u64,
) -> Decision {
    let (failure, attempt, elapsed, policy, rng) = given;
    // What the reference draws after attempt 1 is drawn from 0 up to the base.
    let grown = Policy {
        attempts: if attempt < policy.attempts { 2 } else { 1 },
        base: longest(attempt, policy),
        ..*policy
    };
    reference::after(failure, 1, elapsed, &grown, rng)
}

/// Each is right but where the number of the attempt does not fit, which only attempts that are
/// allowed can show.
#[test]
fn no_narrow_number_and_no_loop_passes() {
    let solutions: [(After, &str); 5] = [
        (
            |failure, attempt, elapsed, policy, rng| {
                growing((failure, attempt, elapsed, policy, rng), |attempt, policy| {
                    (policy.base as f64 * 2_f64.powi(attempt as i32 - 1)) as u64
                })
            },
            "attempt u32::MAX - 1, NotSent",
        ),
        (
            |failure, attempt, elapsed, policy, rng| {
                growing((failure, attempt, elapsed, policy, rng), |attempt, policy| {
                    power(policy, u32::from(attempt as u8 - 1))
                })
            },
            "attempt 256, NotSent",
        ),
        (
            |failure, attempt, elapsed, policy, rng| {
                growing((failure, attempt, elapsed, policy, rng), |attempt, policy| {
                    power(policy, u32::from((attempt as u8).wrapping_sub(1)))
                })
            },
            "attempt 257, NotSent",
        ),
        (
            |failure, attempt, elapsed, policy, rng| {
                growing((failure, attempt, elapsed, policy, rng), |attempt, policy| {
                    power(policy, u32::from((attempt as u16).wrapping_sub(1)))
                })
            },
            "attempt 65537, NotSent",
        ),
        (
            // A loop that gives up where it would be too slow: so that no clock decides whether it
            // passes.
            |failure, attempt, elapsed, policy, rng| {
                growing((failure, attempt, elapsed, policy, rng), |attempt, policy| {
                    (1..attempt).fold(policy.base, |longest, turn| {
                        assert!(turn < 1_000_000, "the loop is long");
                        longest.saturating_mul(2)
                    })
                })
            },
            "attempt u32::MAX - 1, NotSent",
        ),
    ];
    for (solution, first) in solutions {
        assert_wrong::<Retry>(solution, &[first]);
    }
}

fn power(policy: &Policy, exponent: u32) -> u64 {
    policy.base.saturating_mul(2_u64.saturating_pow(exponent))
}

#[test]
fn hostile_solutions_are_told_as_what_they_do() {
    let hostile: [(After, &str); 6] = [
        (|_, _, _, _, _| panic!("{}", "no ".repeat(99_999)), "got               a panic "),
        (|_, _, _, _, _| Decision::Wait(u64::MAX), "got               Wait(u64::MAX) "),
        (
            |_, _, _, _, rng| loop {
                rng.within(0..=u64::MAX);
            },
            "and again         97 times",
        ),
        (
            |_, _, _, _, rng| Decision::Wait(rng.within(u64::MAX - 1..=u64::MAX)),
            "18446744073709551614..=u64::MAX and gets u64::MAX",
        ),
        (
            |_, _, _, _, rng| {
                let (first, last) = (2, 1);
                Decision::Wait(rng.within(first..=last))
            },
            "it says           a number is drawn from at least one",
        ),
        (|_, _, _, _, _| Decision::GiveUp, "want              Wait(10)"),
    ];
    for (solution, words) in hostile {
        assert_wrong::<Retry>(solution, &[words]);
    }
}

#[test]
fn a_panic_in_the_readers_own_words_is_still_known() {
    let (_, screen) = screen_of::<Retry>(|failure, attempt, elapsed, policy, rng| {
        let plain = match failure {
            Failure::Busy { .. } => Failure::NotSent,
            other => other,
        };
        let endless = Policy { deadline: u64::MAX, base: 0, ..*policy };
        let decision = reference::after(plain, attempt, 0, &endless, rng);
        if attempt >= 64 && decision != Decision::GiveUp {
            panic!("too many attempts");
        }
        reference::after(failure, attempt, elapsed, policy, rng)
    });
    assert!(screen.contains("it says           too many attempts"), "{screen}");
}
