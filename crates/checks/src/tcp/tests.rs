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
            a[]         ack 1, window 0
  read 1    a
             [ . ]      ack 1, window 1
  push         b
               b[]
          want              ack 2, window 0
          got               ack 2, window 0, complete ◀ first wrong is_complete

  rule    An end whose index is over `ack + window` is dropped like the bytes
          before it, and without an end no stream is complete.
  looks   like \"keeps the end of a segment that is cut\": the same answers in all
          7,696 cases compared.
          It notes the end before it cuts the segment at the window, but an end
          beyond the window is dropped with the bytes before it.
  next    cargo run -- hint tcp
          cargo run -- replay tcp:cap1.0abF.r1.1b.r
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
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
        let case = cases.iter().find(|case| Tcp::replay_string(case).as_deref() == Some(text));
        let after = Tcp::expected(case.unwrap_or_else(|| panic!("{text} is not a case")));
        assert_eq!(after.last().map(After::words).as_deref(), Some(right), "{text}");
    }
}

#[test]
fn no_sender_contradicts_itself() {
    for case in Tcp::cases() {
        let last = case.actions.iter().filter(|action| action.is_last()).map(|last| last.end());
        let end = last.clone().min().unwrap_or(u128::MAX);
        assert!(last.into_iter().all(|last| last == end), "{case:?}");
        assert!(case.actions.iter().all(|action| action.end() <= end), "{case:?}");
        assert!(case.segments().all(|count| count <= MOST) && case.capacity <= MOST, "{case:?}");
    }
}

/// A buffer that is right, but for what it reads, and for memory that grows with all that comes.
struct Odd {
    inner: reference::ReceiveBuffer,
    reads: fn(Vec<u8>) -> Vec<u8>,
    taken: Arc<AtomicUsize>,
}

impl Odd {
    fn solution(reads: fn(Vec<u8>) -> Vec<u8>) -> Solution {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        let new = move |capacity| -> Box<dyn Receiver> {
            let inner = reference::ReceiveBuffer::new(capacity);
            Box::new(Odd { inner, reads, taken: Arc::clone(&taken) })
        };
        let allocated = move || counted.load(Ordering::Relaxed);
        Solution { new: Arc::new(new), allocated: Arc::new(allocated) }
    }
}

impl Receiver for Odd {
    fn new(_: usize) -> Odd {
        unreachable!("a solution makes it")
    }

    fn push(&mut self, first_index: u64, bytes: &[u8], is_last: bool) {
        self.taken.fetch_add(bytes.len(), Ordering::Relaxed);
        self.inner.push(first_index, bytes, is_last);
    }

    fn read(&mut self, at_most: usize) -> Vec<u8> {
        let bytes = (self.reads)(self.inner.read(at_most));
        // The judge keeps them, and takes them off.
        self.taken.fetch_add(bytes.len(), Ordering::Relaxed);
        bytes
    }

    fn ack(&self) -> u64 {
        self.inner.ack()
    }

    fn window(&self) -> usize {
        self.inner.window()
    }

    fn is_complete(&self) -> bool {
        self.inner.is_complete()
    }
}

#[test]
fn a_buffer_that_takes_too_much_memory_is_wrong() {
    let screen = screen_of::<Tcp>(Odd::solution(|bytes| bytes));
    for words in [
        "first failure: 300 segments, capacity 64",
        "  to 323  all is right\n",
        "want              at most 10,496 bytes taken\n",
        "got               10,560 bytes taken ",
        "The memory of a buffer is bounded by its capacity",
    ] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
    assert!(!screen.contains("looks"), "{screen}");
}

#[test]
fn wrong_reads_are_shown_in_short() {
    let endless = |_| vec![b'a'; 100_000];
    let no_zeros = |bytes: Vec<u8>| bytes.into_iter().map(|byte| byte.max(1)).collect();
    let at_most_99 = |bytes: Vec<u8>| bytes.into_iter().take(99).collect();
    let panics = |_| panic!("not now");
    for (reads, words) in [
        (endless as fn(Vec<u8>) -> Vec<u8>, ["61 61 61 .., 65,536; ack 0", "first wrong bytes"]),
        (no_zeros, ["want              00 at index 159", "got               01 at index 159"]),
        (at_most_99, ["3       read 255\n", "got               61 62 63 .., 99; ack 256"]),
        (panics, ["got               a panic", "it says           not now"]),
    ] {
        let screen = screen_of::<Tcp>(Odd::solution(reads));
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    let after = |read: Option<&[u8]>, ack, window, is_complete| After {
        read: read.map(<[u8]>::to_vec),
        ack,
        window,
        is_complete,
        takes_too_much: false,
    };
    let cases = cases::all();
    for (text, place, got, words) in [
        ("cap3.1bc.0a.r", 0, after(None, 3, 3, false), "The ack promises that every byte"),
        ("cap3.1bc.0a.r", 1, after(None, 1, 2, false), "What has come behind a hole is kept"),
        ("cap3.1bc.0a.r", 2, after(Some(b"bca"), 3, 3, false), "in the order of their indexes"),
        ("cap3.1bc.0a.r", 2, after(Some(b"ab"), 3, 1, false), "every byte that is ready, unless"),
        ("cap3.1bc.0a.r", 2, after(Some(b"abca"), 3, 3, false), "that were not read before"),
        ("cap3.1bc.0a.r", 2, after(Some(b"abc"), 0, 3, false), "The ack stays where it is"),
        ("cap3.1bc.0a.r", 2, after(Some(b"abc"), 3, 0, false), "The window is the room"),
        ("cap1.0a.0a.r", 1, after(None, 2, 0, false), "A byte counts once"),
        ("cap1.1b.r", 0, after(None, 1, 0, false), "What lies beyond the window"),
        ("cap1.0ab.r", 1, after(Some(b"a"), 2, 0, false), "What lies beyond the window"),
        ("cap1.0ab.r", 0, after(None, 0, 1, false), "Of a segment that goes beyond"),
        ("cap2.0a.0ab.r", 1, after(None, 1, 1, false), "Segments may overlap"),
        ("cap1.0a.r", 0, after(None, 0, 1, false), "A byte at the ack that comes"),
        ("cap1.1F.0a.r", 0, after(None, 0, 1, true), "The last segment may arrive before"),
        ("cap1.1F.0a.r", 1, after(None, 1, 0, false), "The stream is complete once"),
        ("cap1.2F.r", 0, after(None, 0, 1, true), "An end whose index is over"),
    ] {
        let case = cases.iter().find(|case| Tcp::replay_string(case).as_deref() == Some(text));
        let case = case.unwrap_or_else(|| panic!("{text} is not a case"));
        let mut answers = Tcp::expected(case);
        answers[place] = got;
        let rule = Tcp::rule(case, &answers, &Seen::default());
        assert!(rule.text.contains(words), "{text}: {}", rule.text);
    }
}
