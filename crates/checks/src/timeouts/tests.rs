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
  looks   like \"a timeout for each read\": the same answers in all 3,472 cases
          compared.
          It gives each read all the time that was left after connecting, but a
          server that drips starts that anew with each piece.
  next    cargo run -- hint timeouts
          cargo run -- replay timeouts:130.accept-0.1-10.silence
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_outcomes_are_those_of_the_page() {
    let executed = || Outcome::Executed(b"ok\n".to_vec());
    let cases = Cases::<Timeouts>::all();
    for (text, outcome, at) in [
        ("130.silence", Outcome::NotExecuted, 130),
        ("130.ConnectionRefused-10", Outcome::NotExecuted, 110),
        ("130.ConnectionRefused-31", Outcome::NotExecuted, 130),
        ("130.accept-30.3-0.silence", Outcome::NotExecuted, 130),
        ("90.accept-0.3-0.silence", Outcome::NotExecuted, 100),
        ("130.accept-0.silence", Outcome::Unknown, 130),
        ("130.accept-0.end-10", Outcome::Unknown, 110),
        ("130.accept-0.ConnectionReset-10", Outcome::Unknown, 110),
        ("130.accept-0.ConnectionReset-31", Outcome::Unknown, 130),
        ("130.accept-0.2-10.end-0", Outcome::Unknown, 110),
        ("130.accept-10.3-10.ConnectionReset-0", executed(), 120),
        ("130.accept-10.1-0.2-10.silence", executed(), 120),
        ("130.accept-10.1-10.2-10.end-0", Outcome::Unknown, 130),
    ] {
        let (_, case) = cases.find(text).expect("it is a case");
        let right = Timeouts::expected(&case);
        assert_eq!(right, Answer { outcome, at }, "{text}");
    }
}

#[test]
fn hostile_solutions_are_shown_as_what_they_do() {
    fn shows(call: fn(&mut Net, u64) -> Outcome, words: &str) {
        let screen = screen_of::<Timeouts>(Arc::new(call));
        assert!(screen.contains(words), "{screen}");
    }
    let long = "Executed(\"\\xff\\xff\\xff\" .., 100,000) at 100 ms";
    shows(|_, _| Outcome::Executed(vec![0xff; 100_000]), long);
    let spin = |net: &mut Net, _| loop {
        net.now();
    };
    shows(spin, "got               does not terminate");
    let many = |net: &mut Net, _| loop {
        let _ = net.read(&mut []);
    };
    shows(many, "and then          994 more waits");
    let late = |net: &mut Net, _| {
        let _ = net.connect(Some(u64::MAX));
        Outcome::Unknown
    };
    shows(late, "connect, > 999 s  TimedOut at 18446744073709551615 ms");
}

#[test]
fn a_caller_that_waits_in_slices_byte_by_byte_is_right() {
    let call = |net: &mut Net, deadline: u64| {
        if net.connect(Some(deadline.saturating_sub(net.now()))).is_err() {
            return Outcome::NotExecuted;
        }
        net.set_read_timeout(Some(1));
        let (mut reply, mut byte) = (Vec::new(), [0]);
        while net.now() < deadline {
            match net.read(&mut byte) {
                Ok(1) => reply.push(byte[0]),
                Err(ErrorKind::WouldBlock) => continue,
                _ => break,
            }
            if byte == *b"\n" {
                return Outcome::Executed(reply);
            }
        }
        Outcome::Unknown
    };
    let (verdict, screen) = check::<Timeouts>(Arc::new(call), 80);
    assert_eq!(verdict, Verdict::Pass, "{screen}");
}

#[test]
fn the_net_fails_as_a_socket_does() {
    let net = |steps| Net::new(&Case { start: 100, deadline: 130, steps });
    let mut silent = net(vec![]);
    assert_eq!((silent.connect(None), silent.now()), (Err(ErrorKind::TimedOut), 131_100));
    assert_eq!(silent.read(&mut [0]), Err(ErrorKind::NotConnected));
    let mut resetting = net(vec![(0, Step::Accept), (0, Step::Fail(ErrorKind::ConnectionReset))]);
    assert_eq!(resetting.connect(Some(0)), Err(ErrorKind::TimedOut));
    assert_eq!(resetting.connect(Some(1)), Ok(()));
    assert_eq!(resetting.connect(Some(1)), Err(ErrorKind::InvalidInput));
    assert_eq!(resetting.read(&mut [0]), Err(ErrorKind::ConnectionReset));
    assert_eq!(resetting.read(&mut [0]), Ok(0));
}
