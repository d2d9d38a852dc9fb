use std::cell::Cell;

use super::mistakes::{RIGHT, Rule, clock};
use super::*;
use crate::proofs::{assert_wrong, mistake, prove, screen_of, screen_of_mistake};
use crate::{Stopped, Verdict};

#[test]
fn it_is_sound() {
    prove::<Lamport>(new::<stub::LamportClock>, new::<reference::LamportClock>);
}

#[test]
fn the_screen_shows_the_schedule_and_the_first_wrong_stamp() {
    let screen = screen_of_mistake::<Lamport>("+ 1 to the stamp alone");
    let expected = "\
lamport   WRONG   first failure: 4 events; every case before it passes: the
          shortest schedules come first

  a                         b
  │                         │
  ● 1                       │
  │                         │
  ● 2                       │
  │                         │
  ● ? ◀─────────────────────● 1

  event   a, last stamped 2, receives m1, stamped 1
          want              3
          got               2                         ◀ first wrong stamp
  cause   event 2 of a has stamp 2; its effect, the receipt of m1, has 2

  rule    A cause has a smaller stamp than its effect. A receipt comes after the
          sending and after all that its own node did: the larger of the two
          numbers, and then one more.
  looks   like \"+ 1 to the stamp alone\": your answers equal this mistake's on
          all 19,706 cases compared.
          It takes the larger of its own number and the stamp plus 1, but where
          its own is the larger the receipt gets no number of its own.
  next    cargo run -- hint lamport
          cargo run -- replay lamport:a.a.ba.1
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn a_cause_is_blamed_only_where_it_shows() {
    let keeps = "the promise is kept here; it is not Lamport's rule";
    for (solution, code, words) in [
        (by_two as NewClock, "a", "A larger one breaks no promise"),
        (mistake::<Lamport>("receive ticks twice"), "a.ba.1", keeps),
        (mistake::<Lamport>("adds the two numbers"), "a.ba.1", keeps),
        (mistake::<Lamport>("send does not tick"), "ab", "the stamp is 1."),
        (
            mistake::<Lamport>("no + 1 on receipt"),
            "ab.1",
            "the sending of m1 has stamp 1; its effect",
        ),
        (
            mistake::<Lamport>("send does not tick"),
            "ab",
            "event a, at its first event, sends m1 to b",
        ),
    ] {
        let (_, screen) = screen_of::<Lamport>(solution);
        let replay = format!("replay lamport:{code}\n");
        assert!(screen.contains(&replay), "{screen}");
        let text: Vec<&str> = screen.split_whitespace().collect();
        assert!(text.join(" ").contains(words), "{screen}");
        let blames = words.ends_with("its effect");
        assert_eq!(screen.contains("A cause has a smaller stamp"), blames, "{screen}");
    }
}

fn by_two() -> Box<dyn Clock> {
    let tick = |time: &mut u64| {
        *time += 2;
        *time
    };
    clock(Rule { tick, send: tick, ..RIGHT })
}

#[test]
fn every_rule_is_said_of_the_event_that_breaks_it() {
    let said = |code: &str, stamps: &[u64]| {
        let case = Case::parse(code).expect("it is a code");
        let stamps = stamps.to_vec();
        let ends = stamps.len() == case.events.len();
        let stopped = (!ends).then_some(Stopped::DidNotTerminate);
        Lamport::broken_rule(&case, &Seen { stamps, stopped }).unwrap_or("nothing is broken")
    };
    for (code, stamps, words) in [
        ("ab.1.b", &[1, 2, 3][..], "nothing is broken"),
        ("ab.1.b", &[1, 2, 2], "What a node does follows"),
        ("ab.1.ba", &[1, 2, 2], "To send is an event"),
        ("ab.1.b", &[1, 2, 4], "An event that is no receipt"),
        ("ab.1", &[1, 1], "A receipt comes after"),
        ("ab.1", &[1, 9], "On receipt: the larger"),
        ("a.b", &[1, 0], "where nothing happened before"),
        ("a.b", &[1, 3], "A larger one breaks no promise"),
        ("a.b", &[1], "Every call comes to its end."),
    ] {
        assert!(said(code, stamps).contains(words), "{code} {stamps:?}");
    }
}

#[test]
fn whatever_a_clock_does_is_told_as_what_it_is() {
    thread_local! {
        static CALLS: Cell<u64> = const { Cell::new(0) };
    }
    fn ticks(tick: fn(&mut u64) -> u64) -> Box<dyn Clock> {
        clock(Rule { tick, ..RIGHT })
    }
    fn receives(receive: fn(&mut u64, u64) -> u64) -> Box<dyn Clock> {
        clock(Rule { receive, ..RIGHT })
    }
    let (max, panics) = ("got               18446744073709551615 ", "got               a panic ");
    for (solution, words) in [
        ((|| panic!("no {}", "clock ".repeat(99))) as NewClock, panics),
        (|| ticks(|_| panic!("not now")), "it says           not now"),
        (|| ticks(|_| u64::MAX), max),
        (|| ticks(|_| crate::did_not_terminate()), "goes on for ever "),
        (|| ticks(|_| CALLS.replace(CALLS.get() + 1)), "wrong stamp"),
        (|| receives(|_, _| 0), "its effect, the receipt of m1, has 0"),
        (|| receives(|_, _| u64::MAX), max),
        (|| receives(|_, stamp| stamp - u64::MAX), panics),
        (|| receives(|_, _| panic!("{}", "x".repeat(999))), panics),
    ] {
        assert_wrong::<Lamport>(solution, &[words]);
    }
}

#[test]
fn what_is_solved_in_part_is_not_started_but_counted() {
    let (verdict, screen) = screen_of::<Lamport>(|| {
        clock(Rule {
            receive: |_, stamp| crate::unsolved!("the stamp of a receipt", stamp),
            ..RIGHT
        })
    });
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("so far  16 cases right without it"), "{screen}");
}
