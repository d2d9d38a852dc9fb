use std::io::ErrorKind;

use super::bugs::Bug;
use super::*;
use crate::Verdict;
use crate::judge::Cases;
use crate::sound::{assert_sound, check, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Timeouts>(Arc::new(stub::call));
}

#[test]
fn the_screen_shows_every_wait_and_the_wrong_answer() {
    let screen = screen_of::<Timeouts>(Timeouts::with_bugs(Bugs::one(Bug::TimeoutForEachRead)));
    let expected = "\
timeouts   WRONG   first failure: a server of 2 steps; every case before it
          passes

  server  accepts after 0 ms, \"o\" after 10 ms, then says nothing
  clock   at 100 ms; the deadline is at 130 ms

  100 ms  connect, 30 ms    connected at 100 ms
  100 ms  read, 30 ms       \"o\" at 110 ms
  110 ms  read, 30 ms       WouldBlock at 140 ms
          want              Unknown at 130 ms
          got               Unknown at 140 ms         ◀ first wrong answer

  rule    At the deadline it is over, connecting and all reads together, and
          what comes at that moment or later does not count.
  looks   like \"a timeout for each read\": the same answers in all 3,471 cases
          compared.
          It gives every read all the time that was left after connecting, but a
          server that drips starts that anew with each piece, and none of these
          waits is ever too long.
  next    cargo run -- hint timeouts
          cargo run -- replay timeouts:130.accept-0.1-10.silence
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_outcomes_are_those_of_the_page() {
    let executed = || Outcome::Executed(b"ok\n".to_vec());
    let cases = Cases::<Timeouts>::all();
    for (text, outcome, at) in [
        ("130.silence", Outcome::NotExecuted, 130),
        ("130.refuse-10", Outcome::NotExecuted, 110),
        ("130.refuse-31", Outcome::NotExecuted, 130),
        ("130.accept-30.3-0.silence", Outcome::NotExecuted, 130),
        ("90.accept-0.3-0.end-0", Outcome::NotExecuted, 100),
        ("130.accept-0.silence", Outcome::Unknown, 130),
        ("130.accept-0.end-10", Outcome::Unknown, 110),
        ("130.accept-0.reset-10", Outcome::Unknown, 110),
        ("130.accept-0.reset-31", Outcome::Unknown, 130),
        ("130.accept-0.2-10.end-0", Outcome::Unknown, 110),
        ("130.accept-10.3-10.reset-0", executed(), 120),
        ("130.accept-10.1-0.2-10.silence", executed(), 120),
        ("130.accept-10.1-10.2-10.end-0", Outcome::Unknown, 130),
    ] {
        let (_, right) = cases.find(text).expect("it is a case");
        assert_eq!(right, Answer { outcome, at }, "{text}");
    }
}

#[test]
fn hostile_solutions_are_shown_as_what_they_do() {
    type Hostile = fn(&mut Net, u64) -> Outcome;
    let hostile: [(Hostile, &str); 4] = [
        (
            |_, _| Outcome::Executed(vec![0xff; 100_000]),
            "Executed(\"\\xff\\xff\\xff\" .., 100,000) at 100 ms",
        ),
        (
            |net, _| loop {
                net.now();
            },
            "got               does not terminate",
        ),
        (
            |net, _| loop {
                let _ = net.read(&mut []);
            },
            "and then          994 more waits",
        ),
        (
            |net, deadline| {
                let _ = net.connect(Some(u64::MAX));
                net.set_read_timeout(Some(deadline));
                let _ = net.read(&mut []);
                Outcome::Unknown
            },
            "connect, > 999 s  TimedOut at 18446744073709551615 ms",
        ),
    ];
    for (solution, words) in hostile {
        let screen = screen_of::<Timeouts>(Arc::new(solution));
        assert!(screen.contains(words), "{screen}");
    }
}

#[test]
fn a_caller_that_waits_in_slices_byte_by_byte_is_right() {
    let (verdict, screen) = check::<Timeouts>(
        Arc::new(|net, deadline| {
            if deadline <= net.now() || net.connect(Some(deadline - net.now())).is_err() {
                return Outcome::NotExecuted;
            }
            net.set_read_timeout(Some(1));
            let mut reply = Vec::new();
            let mut byte = [0];
            while net.now() < deadline {
                match net.read(&mut byte) {
                    Ok(1) => reply.push(byte[0]),
                    Err(ErrorKind::WouldBlock) => continue,
                    _ => return Outcome::Unknown,
                }
                if byte == *b"\n" {
                    return Outcome::Executed(reply);
                }
            }
            Outcome::Unknown
        }),
        80,
    );
    assert_eq!(verdict, Verdict::Pass, "{screen}");
}
