use std::io::ErrorKind;

use super::*;
use crate::Verdict;
use crate::proofs::{assert_wrong, prove, screen_of, screen_of_mistake};

#[test]
fn it_is_sound() {
    prove::<Timeouts>(stub::call, reference::call);
}

#[test]
fn the_screen_shows_every_wait_and_the_wrong_answer() {
    let expected = "\
timeouts   WRONG   first failure: a server of 2 steps; every case before it
          passes: servers that do little first, then those with short delays

  server  accepts after 0 ms, \"o\" after 10 ms, then says nothing
  clock   at 100 ms; the deadline is at 130 ms

  100 ms  connect, 30 ms    connected at 100 ms
  100 ms  read, 30 ms       \"o\" at 110 ms
  110 ms  read, 30 ms       WouldBlock at 140 ms
          want              Unknown at 130 ms
          got               Unknown at 140 ms         ◀ first wrong answer

  rule    At the deadline it is over, connecting and all reads together, and
          what comes at that moment or later does not count.
  looks   like \"a timeout for each read\": your answers equal this mistake's on
          all 2,910 cases compared.
          It gives every read all the time that was left after connecting, but a
          server that drips starts that anew with each piece, and none of these
          waits is ever too long.
  next    cargo run -- hint timeouts
          cargo run -- replay timeouts:130.accept-0.1-10.silence
          shows this one case again, with your code as it is then
";
    assert_eq!(screen_of_mistake::<Timeouts>("a timeout for each read"), expected);
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    for (name, rule) in [
        ("the clock starts at the connection", "At the deadline it is over"),
        ("no timeout to connect", "At the deadline it is over"),
        ("no timeout to read", "A read without a timeout"),
        ("the time left is below nothing", "it does not panic"),
        ("a reset is not executed", "A reset says that the connection"),
        ("a timeout is not executed", "That you have stopped waiting"),
        ("an end without a reply is not executed", "A server that closes without"),
        ("every failure is unknown", "Without a connection nothing was"),
        ("one read is the reply", "A reply without its newline"),
        ("loses bytes already read", "every byte that came"),
        ("reads on after the end", "A read of 0 bytes is the end"),
    ] {
        let screen = screen_of_mistake::<Timeouts>(name);
        let words: Vec<&str> = screen.split_whitespace().collect();
        assert!(words.join(" ").contains(rule), "{screen}");
    }
}

#[test]
fn hostile_solutions_are_told_as_what_they_do() {
    let hostile: [(Call, &str); 10] = [
        (|_, _| panic!("{}", "no ".repeat(99_999)), "got               a panic at 100 ms "),
        (
            |_, _| Outcome::Executed(vec![0xff; 100_000]),
            "Executed(\"\\xff\\xff\\xff\" .., 100,000) at 100 ms",
        ),
        (
            |net, _| loop {
                net.now();
            },
            "got               goes on for ever ",
        ),
        (
            |net, _| loop {
                let _ = net.read(&mut []);
            },
            "and then          994 more waits",
        ),
        (
            |net, deadline| {
                net.set_read_timeout(Some(u64::MAX));
                while net.connect(Some(u64::MAX)).is_ok() || net.now() < deadline {}
                let _ = net.read(&mut [0; 9]);
                Outcome::NotExecuted
            },
            "at > 999 s",
        ),
        (
            |net, _| loop {
                let _ = net.connect(Some(0));
            },
            "goes on for ever",
        ),
        (
            |net, deadline| {
                while net.connect(Some(deadline.saturating_sub(net.now()))).is_err() {}
                Outcome::Unknown
            },
            "At the deadline it is over:",
        ),
        (
            |net, deadline| {
                while net.connect(Some(deadline.saturating_sub(net.now()))).is_err() {
                    if net.now() >= deadline {
                        return Outcome::NotExecuted;
                    }
                }
                Outcome::Unknown
            },
            "A failure is final:",
        ),
        (|_, _| Outcome::NotExecuted, "As long as there is time left"),
        (|_, _| Outcome::Unknown, "Without a connection"),
    ];
    for (solution, words) in hostile {
        assert_wrong::<Timeouts>(solution, &[words]);
    }
}

#[test]
fn a_panic_in_the_readers_own_words_is_still_known() {
    let (_, screen) = screen_of::<Timeouts>(|net, deadline| {
        assert!(net.now() <= deadline, "too late");
        reference::call(net, deadline)
    });
    assert!(screen.contains("it says           too late"), "{screen}");
    assert!(screen.contains("like \"the time left is below nothing\""), "{screen}");
}

#[test]
fn a_buffer_without_room_is_told_from_an_end() {
    let (_, screen) = screen_of::<Timeouts>(|net, deadline| {
        if net.connect(Some(deadline.saturating_sub(net.now()))).is_err() {
            return Outcome::NotExecuted;
        }
        let _ = net.read(&mut Vec::new());
        Outcome::Unknown
    });
    assert!(screen.contains("0 bytes, the buffer has no room at 100 ms"), "{screen}");
    assert!(screen.contains("rule    A read into a buffer without room"), "{screen}");
}

#[test]
fn whoever_polls_in_small_steps_is_right_as_well() {
    let (verdict, screen) = screen_of::<Timeouts>(|net, deadline| {
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
    });
    assert_eq!(verdict, Verdict::Pass, "{screen}");
}
