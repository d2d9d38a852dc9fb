use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Tcp>(Solution::new(|capacity| Box::new(stub::ReceiveBuffer::new(capacity))));
}

#[test]
fn the_screen_shows_the_stream_and_the_first_wrong_answer() {
    let screen = screen_of::<Tcp>(Tcp::with_bugs(Bugs::one(bugs::Bug::EndOfCut)));
    let expected = "\
tcp   WRONG   first failure: 2 segments, capacity 1; every case before it passes

  buffer  capacity 1; [ ] is its window, . a byte to come, F the end (FIN)

  index     0  1  2
  push      a  b  F
            a[]             ack 1, window 0
  read 1    a
             [ . ]          ack 1, window 1
  push         b
               b[]
          want              ack 2, window 0
          got               ack 2, window 0, complete ◀ first wrong is_complete

  rule    An end whose index is over `ack + window` is dropped like the bytes
          before it, and without an end no stream is complete.
  looks   like \"keeps the end of a segment that is cut\": the same answers in all
          7,735 cases compared.
          It notes the end before it cuts the segment at the window, but an end
          beyond the window is dropped with the bytes before it.
  next    cargo run -- hint tcp
          cargo run -- replay tcp:cap1.0abF.r1.1b.r
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

/// The small case with this replay string.
fn find<'a>(cases: &'a [Case], text: &str) -> &'a Case {
    let found = cases.iter().find(|case| Tcp::replay_string(case).as_deref() == Some(text));
    found.unwrap_or_else(|| panic!("{text} is not a case"))
}

#[test]
fn the_right_answers_follow_from_what_came_in_the_window() {
    let cases = cases::all();
    for (text, right) in [
        ("cap0.new", "ack 0, window 0"),
        ("cap3.1bc.0a.r", "\"abc\"; ack 3, window 3"),
        ("cap3.1bc.1b.0a.r", "\"abc\"; ack 3, window 3"),
        ("cap2.0ab.r1.1bcF.r", "\"bc\"; ack 3, window 2, complete"),
        ("cap1.0abF.r1.1b.r", "\"b\"; ack 2, window 1"),
        ("cap0.0F.r", "no bytes; ack 0, window 0, complete"),
        ("cap2.3F.0ab.r", "\"ab\"; ack 2, window 2"),
        ("cap4.4F.0abcd.r", "\"abcd\"; ack 4, window 4, complete"),
    ] {
        let after = Tcp::expected(find(&cases, text));
        assert_eq!(after.last().map(After::words).as_deref(), Some(right), "{text}");
    }
}

#[test]
fn no_sender_contradicts_itself() {
    for case in cases::all() {
        assert!(cases::agree(&case.actions), "{case:?}");
        assert!(case.capacity <= MOST, "{case:?}");
    }
}

#[test]
fn a_buffer_that_takes_too_much_memory_is_wrong() {
    // Each time it is asked, 96 bytes more.
    let taken = AtomicUsize::new(0);
    let allocated = Arc::new(move || taken.fetch_add(96, Ordering::Relaxed));
    let screen = screen_of::<Tcp>(Solution { allocated, ..Tcp::reference() });
    for words in [
        "first failure: 300 segments, capacity 64",
        "  to 159  all is right\n",
        "want              at most 10,496 bytes taken\n",
        "got               10,592 bytes taken ",
        "The memory of a buffer is bounded by its capacity",
    ] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
    assert!(!screen.contains("looks"), "{screen}");
}

#[test]
fn a_panic_is_shown_at_its_action() {
    let screen = screen_of::<Tcp>(Solution::new(|_| panic!("not now")));
    assert!(screen.contains("  new                       no bytes\n"), "{screen}");
    assert!(screen.contains("got               a panic"), "{screen}");
}

/// An attempt whose answers are right but for this change after one action.
fn attempt(case: &Case, place: usize, change: impl FnOnce(&mut After)) -> Attempt<Tcp> {
    let mut steps = Tcp::expected(case);
    change(&mut steps[place]);
    Attempt { end: Ok(steps.clone()), observation: Seen { steps, taken: 0 } }
}

#[test]
fn long_reads_are_shown_in_short() {
    let push = Action::Push { first: 0, count: 300, is_last: false };
    let case = Case { capacity: 300, actions: vec![push, READ_ALL] };
    let wrong: fn(&mut Vec<u8>) = |read| read[159] = 1;
    for (change, words) in [
        (wrong, ["want              00 at index 159", "got               01 at index 159"]),
        (|read| read.truncate(99), ["61 62 63 .., 300; ack 300", "61 62 63 .., 99; ack 300"]),
    ] {
        let seen = attempt(&case, 1, |after| change(after.read.as_mut().expect("a read")));
        let mut out = Vec::new();
        let mut screen = Screen::utf8(&mut out, 80);
        Tcp::draw(&case, &Tcp::expected(&case), Some(&seen), &mut screen).expect("a Vec");
        let drawn = String::from_utf8(out).expect("screens are text");
        assert!(words.iter().all(|words| drawn.contains(words)), "{words:?}:\n{drawn}");
    }
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    let cases = cases::all();
    let wrong: [(_, _, fn(&mut After), _); 15] = [
        ("cap3.1bc.0a.r", 0, |it| it.ack = 3, "The ack promises that every byte"),
        ("cap3.1bc.0a.r", 1, |it| it.ack = 1, "What has come behind a hole is kept"),
        ("cap3.1bc.0a.r", 2, |it| it.read = Some(b"bca".to_vec()), "in the order of their indexes"),
        ("cap3.1bc.0a.r", 2, |it| it.read = Some(b"ab".to_vec()), "every byte that is ready"),
        ("cap3.1bc.0a.r", 2, |it| it.ack = 0, "The ack stays where it is"),
        ("cap3.1bc.0a.r", 2, |it| it.window = 0, "The window is the room"),
        ("cap1.0a.0a.r", 1, |it| it.ack = 2, "A byte counts once"),
        ("cap1.1b.r", 0, |it| it.ack = 1, "What lies beyond the window"),
        ("cap1.0ab.r", 1, |it| it.ack = 2, "What lies beyond the window"),
        ("cap1.0ab.r", 0, |it| it.ack = 0, "Every byte that lies in the window"),
        ("cap2.0a.0ab.r", 1, |it| it.ack = 1, "Every byte that lies in the window"),
        ("cap1.0a.r", 0, |it| it.ack = 0, "Every byte that lies in the window"),
        ("cap1.1F.0a.r", 0, |it| it.is_complete = true, "The last segment may arrive before"),
        ("cap1.1F.0a.r", 1, |it| it.is_complete = false, "The stream is complete once"),
        ("cap1.2F.r", 0, |it| it.is_complete = true, "An end whose index is over"),
    ];
    for (text, place, change, words) in wrong {
        let case = find(&cases, text);
        let seen = attempt(case, place, change);
        let rule = Tcp::rule(case, &seen.observation.steps, &seen.observation);
        assert!(rule.text.contains(words), "{text}: {}", rule.text);
    }
}
