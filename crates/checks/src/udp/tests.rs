use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Udp>(Solution::new::<stub::ReorderBuffer>(stub::is_newer));
}

#[test]
fn the_screen_shows_each_window_and_the_first_wrong_answer() {
    let screen = screen_of::<Udp>(Udp::with_bugs(Bugs::one(bugs::Bug::SortsPlain)));
    let expected = "\
udp   WRONG   first failure: 3 datagrams, window 3; every case before it passes

  window  3 numbers, from 65534 on; a letter is kept, . is missing

  next    window            arrives
  65534   [. . .]           65535 b: gives nothing, keeps 1
  65534   [. b .]           0 c: gives nothing, keeps 2
  65534   [. b c]           4 g
          want              gives b c, keeps 1
          got               gives c b, keeps 1        ◀ first wrong payload

  rule    Payloads are given out in the order in which they were sent, and that
          goes on through 65,535 to 0.
  looks   like \"sorts without wrapping\": the same answers in all 7,385 cases
          compared.
          It gives out what falls out of the window in the order of a sorted
          map, but there 0 comes before 65,535.
  next    cargo run -- hint udp
          cargo run -- replay udp:first65534.window3.65535.0.4
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

fn words(first: u16, window: u16, datagrams: &[i64]) -> String {
    let case = Case::Receive(Arrivals { first, window, datagrams: datagrams.to_vec() });
    let Answer::Receive(steps) = Udp::expected(&case) else { unreachable!("it is a receiver's") };
    steps.iter().map(After::words).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_right_answers_are_those_of_the_example() {
    let example = "gives a, keeps 0; gives nothing, keeps 1; gives nothing, keeps 1; \
                   gives c, keeps 1; gives nothing, keeps 1; gives d e, keeps 0";
    assert_eq!(words(65_534, 3, &[0, 2, 2, 4, 1, 3]), example);
    assert_eq!(
        words(0, 2, &[2, 0, 1]),
        "gives nothing, keeps 1; gives nothing, keeps 1; gives b c, keeps 0"
    );
    assert_eq!(
        words(7, 32_768, &[HALF - 1, -HALF]),
        "gives nothing, keeps 1; gives nothing, keeps 1"
    );
}

#[test]
fn no_number_means_another_datagram() {
    for case in cases::all() {
        if let Case::Receive(case) = case {
            assert!(case.is_half_away() || case.is_near(), "{case:?}");
        }
    }
}

#[test]
fn a_panic_is_shown_at_its_datagram_and_an_overflow_has_its_rule() {
    struct Overflows(u16);
    impl Receiver for Overflows {
        fn new(first: u16, _: u16) -> Overflows {
            Overflows(first)
        }
        fn push(&mut self, number: u16, payload: Payload) -> Vec<Payload> {
            self.0 = number + 1;
            vec![payload]
        }
        fn kept(&self) -> usize {
            0
        }
    }
    let screen = screen_of::<Udp>(Solution::new::<Overflows>(reference::is_newer));
    for words in ["65535 -1\n", "got               a panic", "attempt to add", "0 is one more than"]
    {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

/// The screen's drawing and the rule, where the answers are right but for the last one.
fn broken(case: Arrivals, change: impl FnOnce(&mut After)) -> (String, &'static str) {
    let case = Case::Receive(case);
    let want = Udp::expected(&case);
    let Answer::Receive(mut steps) = want.clone() else { unreachable!("it is a receiver's") };
    change(steps.last_mut().expect("there is an answer"));
    let rule = Udp::rule(&case, &Answer::Receive(steps.clone()), &steps).text;
    let seen = Attempt { end: Ok(Answer::Receive(steps.clone())), observation: steps };
    let mut out = Vec::new();
    Udp::draw(&case, &want, Some(&seen), &mut Screen::utf8(&mut out, 80)).expect("a Vec");
    (String::from_utf8(out).expect("screens are text"), rule)
}

#[test]
fn many_payloads_are_shown_in_short() {
    let many = || Arrivals { first: 0, window: 40, datagrams: (0..40).rev().collect() };
    let wrong: [fn(&mut After); 3] = [
        |it| it.given.swap(30, 31),
        |it| it.given.truncate(12),
        |it| it.given[0] = b"\x1b[2J".to_vec(),
    ];
    for (change, words) in wrong.into_iter().zip([
        [
            "32 datagrams: all is right",
            "want              +30 as payload 31",
            "got               +31 as payload 31",
        ],
        ["0       keeps 39", "gives 40: a b c .., keeps 0", "gives 12: a b c .., keeps 0"],
        [
            "0       keeps 33",
            "gives 40: a b c .., keeps 0",
            "gives 40: 1b 5b 32 4a b c .., keeps 0",
        ],
    ]) {
        let (screen, _) = broken(many(), change);
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    let give: fn(&mut After) = |it| it.given.push(b"x".to_vec());
    let lose: fn(&mut After) = |it| it.given.clear();
    let keep: fn(&mut After) = |it| it.kept += 1;
    let wrong: [(&[i64], _, _); 12] = [
        (&[], keep, "Kept is each payload"),
        (&[-HALF], give, "exactly 32,768 away"),
        (&[0, 0], give, "A late datagram is dropped"),
        (&[2, -1], keep, "A late datagram is dropped"),
        (&[0, 30_000, 60_000, 65_536], keep, "A number comes again"),
        (&[1, 2, 0], |it| it.given.reverse(), "in the order in which they were sent"),
        (&[1, 1], keep, "A copy of a payload that is kept"),
        (&[1, 3], lose, "A number beyond the window"),
        (&[1, 0], lose, "The next datagram is given out"),
        (&[0], keep, "Kept is each payload"),
        (&[2], give, "A datagram in the window that comes before"),
        (&[2], |it| it.kept = 0, "Kept is each payload"),
    ];
    for (datagrams, change, words) in wrong {
        let case = Arrivals { first: 9, window: 3, datagrams: datagrams.to_vec() };
        let (screen, rule) = broken(case, change);
        assert!(rule.contains(words), "{datagrams:?}: {rule}\n{screen}");
    }
}

#[test]
fn half_of_all_numbers_away_hides_no_mistake() {
    struct AlsoHalf(bugs::Buggy, Option<u16>);
    impl Receiver for AlsoHalf {
        fn new(first: u16, window: u16) -> AlsoHalf {
            let bugs = Bugs::one(bugs::Bug::GivesOne);
            AlsoHalf(bugs::Buggy::new(bugs, first, window), Some(first ^ 1 << 15))
        }
        fn push(&mut self, number: u16, payload: Payload) -> Vec<Payload> {
            match self.1.take() {
                Some(far) if far == number => vec![payload],
                _ => self.0.push(number, payload),
            }
        }
        fn kept(&self) -> usize {
            self.0.kept()
        }
    }
    let screen = screen_of::<Udp>(Solution::new::<AlsoHalf>(reference::is_newer));
    assert!(screen.contains("like \"gives out one at a time\""), "{screen}");
}
