use super::*;
use crate::judge::{Cases, Judgement};
use crate::report;
use crate::sound::{assert_sound, screen_of, written};

#[test]
fn it_is_sound() {
    assert_sound::<Lamport>(Arc::new(|| Box::new(stub::LamportClock::new())));
}

#[test]
fn the_screen_shows_the_schedule_and_the_first_wrong_stamp() {
    let screen = screen_of::<Lamport>(Lamport::with_bugs(Bugs::one(bugs::Bug::PlusOneToStamp)));
    let expected = "\
lamport   WRONG   first failure: 4 events; every case before it passes

  a                         b
  │                         │
  ● 1                       │
  │                         │
  ● 2                       │
  │                         │
  ● ? ◀─────────────────────● 1

  event   the receipt of m1, stamped 1; a was last stamped 2
          want              3
          got               2                         ◀ first wrong stamp
  cause   event 2 of a has stamp 2; its effect, the receipt of m1, has 2

  rule    A cause has a smaller stamp than its effect. A receipt comes after the
          sending and after all that its own node did: the larger of the two
          numbers, and then one more.
  looks   like \"+ 1 to the stamp alone\": the same answers in all 19,789 cases
          compared.
          It takes the larger of its own number and the stamp plus 1, but where
          its own is the larger the receipt gets no number of its own.
  next    cargo run -- hint lamport
          cargo run -- replay lamport:a.a.ba.1
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

fn timed_out(case: impl Fn(&Case) -> bool) -> String {
    let cases = Cases::<Lamport>::all();
    let place = cases.0.iter().position(|(one, _)| case(one)).expect("there is such a case");
    let judgement = Judgement::TimedOut { place, seconds: 2.0, is_alone: true };
    written(80, |screen| report::check(&cases, &judgement, screen)).1
}

#[test]
fn what_was_not_answered_in_time_has_no_stamp() {
    let screen = timed_out(|case| case.schedule.to_string() == "ab.1");
    let expected = "\
lamport   TIMED OUT   after 2 s your code has not returned from this case: 2
          events

  a                         b
  │                         │
  ● 1 ─────────────────────▶● ?

          want              2

  next    cargo run -- hint lamport
          cargo run -- replay lamport:ab.1
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
    // Beside a peer a shorter schedule was not tried: which call hangs is unknown.
    let screen = timed_out(|case| case.peer == [255]);
    let drawing = "
  ● ? ◀─────────────────────● 255
  │                         │
  ● ?                       │
  │                         │
  ● ? ──▶ m2 in flight      │

  peer    b, whose clock has run for long; its stamps: 255
          want              256 257 258

  next ";
    assert!(screen.contains(drawing), "{screen}");
}

#[test]
fn a_drawing_that_ends_early_says_so() {
    struct Truncates(u64);
    impl Clock for Truncates {
        fn new() -> Truncates {
            Truncates(0)
        }
        fn tick(&mut self) -> u64 {
            self.0 += 1;
            self.0
        }
        fn send_timestamp(&mut self) -> u64 {
            self.tick()
        }
        fn receive(&mut self, stamp: u64) -> u64 {
            self.0 = self.0.max(stamp & u64::from(u32::MAX));
            self.tick()
        }
    }
    let screen = screen_of::<Lamport>(Arc::new(|| Box::new(Truncates(0))));
    for words in [
        "first failure: 5 events after 3 of a's own",
        "\n  drawn   events 1 to 3 of 5, up to the first wrong stamp\n",
    ] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

/// The page counts every schedule of nodes that have names.
#[test]
fn with_every_naming_the_cases_are_as_many_as_the_page_says() {
    let namings = |case: &Case| [3, 6, 6][case.trace().nodes().len() - 1];
    let mut count = [0; EVENTS + 1];
    for case in Lamport::cases().filter(|case| case.before == 0 && case.peer.is_empty()) {
        count[case.schedule.len()] += namings(&case);
    }
    assert_eq!(count, [0, 9, 87, 891, 9_585, 107_649]);
}

#[test]
fn the_right_stamps_are_those_of_the_page() {
    for (schedule, stamps) in [
        ("ab.1.bc.c.2.ca.b.3", &[1, 2, 3, 1, 4, 5, 4, 6][..]),
        ("a.ab.1.b.a.ba.2", &[1, 2, 3, 4, 3, 5, 6]),
        ("a.b.b.b.ab.1", &[1, 1, 2, 3, 2, 4]),
    ] {
        let case = Lamport::parse(schedule).expect("it is a schedule");
        assert_eq!(Lamport::expected(&case), stamps, "{schedule}");
    }
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    let said = |schedule: &str, stamps: &[u64]| {
        let case = Lamport::parse(schedule).expect("it is a schedule");
        Lamport::rule(&case, &stamps.to_vec(), &Vec::new()).text
    };
    for (schedule, stamps, words) in [
        ("ab.1.b", &[1, 2, 2][..], "What a node does, to send as well"),
        ("ab.1.ba", &[1, 2, 2], "What a node does, to send as well"),
        ("ab.1.b", &[1, 2, 4], "An event that is not a receipt"),
        ("ab.1", &[1, 1], "A receipt comes after"),
        ("ab.1", &[1, 9], "On receipt: the larger"),
        ("a.b", &[1, 0], "where nothing happened before"),
        ("a.b", &[1, 3], "where nothing happened before"),
    ] {
        assert!(said(schedule, stamps).contains(words), "{schedule} {stamps:?}");
    }
}

#[test]
fn a_panic_in_the_middle_shows_the_stamps_before_it() {
    struct Panics(u64);
    impl Clock for Panics {
        fn new() -> Panics {
            Panics(0)
        }
        fn tick(&mut self) -> u64 {
            self.0 += 1;
            self.0
        }
        fn send_timestamp(&mut self) -> u64 {
            self.tick()
        }
        fn receive(&mut self, _: u64) -> u64 {
            panic!("not now")
        }
    }
    let screen = screen_of::<Lamport>(Arc::new(|| Box::new(Panics(0))));
    for words in ["● 1 ─", "got               a panic ", "message           not now", "tests.rs:"]
    {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}
