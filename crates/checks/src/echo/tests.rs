use std::time::Duration;

use super::*;
use crate::Verdict;
use crate::old_program::Patience;
use crate::proofs::{assert_wrong, prove, screen_of, screen_of_mistake, screen_within};

#[test]
fn it_is_sound() {
    prove::<Echo>(stub::read_frame, reference::read_frame);
}

#[test]
fn the_screen_shows_every_read_and_the_first_wrong_answer() {
    let expected = "\
echo   WRONG   first failure: 5 bytes; every case before it passes: streams that
          end, then streams that fail, each the shortest first

  stream  00 00 00 00 00 | end

  call 1  reads up to 9     00 00 00 00 00
          answers           Some(no bytes)

  call 2  reads up to 9     end
          want              CutShort
          got               None                      ◀ first wrong answer

  rule    A stream that ends inside a frame, in its length or in its body, has
          cut it short. What came is no frame, and the end is not a good one.
  looks   like \"drops what follows the frame\": your answers equal this mistake's
          on all 22,100 cases compared, not those with a length whose first byte
          is not 0.
          It reads past the frame and forgets the rest, but those bytes are out
          of the stream now, and they are how the next frame begins.
  next    cargo run -- hint echo
          cargo run -- replay echo:0000000000.end
          shows this one case again, with your code as it is then
";
    assert_eq!(screen_of_mistake::<Echo>("drops what follows the frame"), expected);
}

#[test]
fn a_panic_is_wrong_and_told_with_its_words_and_place() {
    let trusts_the_stream: ReadFrame = |stream| {
        let mut header = [0; 4];
        stream.read_exact(&mut header).expect("four bytes\nat least");
        Ok(None)
    };
    let says =
        ["got               a panic ", "it says           four bytes at least: Error", "tests.rs:"];
    assert_wrong::<Echo>(trusts_the_stream, &says);
}

#[test]
fn reading_on_for_ever_is_wrong_and_soon_over() {
    let reads_on: ReadFrame = |stream| {
        let mut header = [0; 4];
        let mut have = 0;
        while have < 4 {
            have += stream.read(&mut header[have..]).unwrap_or(0);
        }
        Ok(None)
    };
    let says = ["and 89 times more", "got               reads on for ever "];
    assert_wrong::<Echo>(reads_on, &says);
}

#[test]
fn a_solution_that_does_not_return_from_later_cases_is_shown_at_the_first() {
    let patience =
        Patience { judge: Duration::from_secs(60), diagnosis: Duration::from_millis(50) };
    let (verdict, screen) = screen_within::<Echo>(patience, |stream| {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        while bytes.len() > 1 {
            std::thread::park();
        }
        Ok(None)
    });
    assert_eq!(verdict, Verdict::Wrong);
    assert!(screen.contains("first failure: 1 byte;"), "{screen}");
    assert!(!screen.contains("looks"), "{screen}");
}

#[test]
fn a_solution_that_does_not_return_is_shown_where_it_does_not() {
    let patience = Patience { judge: Duration::from_secs(1), diagnosis: Duration::from_secs(60) };
    let (verdict, screen) = screen_within::<Echo>(patience, |stream| {
        if stream.read(&mut [0])? == 1 {
            std::thread::park();
            unreachable!("nobody wakes it");
        }
        Ok(None)
    });
    assert_eq!(verdict, Verdict::TimedOut);
    assert!(
        screen.starts_with(
            "echo   TIMED OUT   after 1 s your code has not come back from this case: 1"
        ),
        "{screen}"
    );
    assert!(screen.contains("replay echo:00.end\n"), "{screen}");
}

#[test]
fn every_byte_of_the_length_counts_and_nothing_can_be_added_to_the_greatest() {
    let ignores_the_first_byte = |stream: &mut dyn Read| {
        length_by(stream, |[_, rest @ ..]| {
            rest.into_iter().fold(0, |length, byte| length << 8 | usize::from(byte))
        })
    };
    assert_wrong::<Echo>(ignores_the_first_byte, &["replay echo:01000000.end\n"]);
    let overflows = |stream: &mut dyn Read| {
        length_by(stream, |header| {
            let whole = u32::from_be_bytes(header).wrapping_add(HEADER as u32);
            whole.saturating_sub(HEADER as u32) as usize
        })
    };
    assert_wrong::<Echo>(overflows, &["replay echo:ffffffff.end\n"]);
}

/// Right but for what it takes for the length.
fn length_by(
    stream: &mut dyn Read,
    length: fn([u8; HEADER]) -> usize,
) -> Result<Option<Vec<u8>>, FrameError> {
    let mut first = [0; HEADER];
    let mut have = 0;
    while have < HEADER {
        match stream.read(&mut first[have..])? {
            0 if have == 0 => return Ok(None),
            0 => return Err(FrameError::CutShort),
            count => have += count,
        }
    }
    let length = u32::try_from(length(first)).expect("it came from four bytes");
    reference::read_frame(&mut length.to_be_bytes().chain(stream))
}

#[test]
fn where_a_length_is_too_long_the_screen_says_what_the_limit_is() {
    for (name, words) in [
        ("no limit", "want              TooLong: over MAX_BODY, 5"),
        ("the limit itself is refused", "A length of up to MAX_BODY, 5, is allowed."),
    ] {
        let screen = screen_of_mistake::<Echo>(name);
        assert!(screen.contains(words), "{screen}");
    }
}

#[test]
fn frames_without_end_and_without_bound_are_wrong_and_shown_in_short() {
    let says = ["call 1  reads nothing", "Some(07 07 07 .., 100,000)"];
    assert_wrong::<Echo>(|_| Ok(Some(vec![7; 100_000])), &says);
}

#[test]
fn what_is_solved_in_part_is_not_started_but_counted() {
    let (verdict, screen) = screen_of::<Echo>(|stream| match stream.read(&mut [0])? {
        0 => Ok(None),
        _ => crate::unsolved!("the frame", stream),
    });
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("still to be written: the frame"), "{screen}");
    assert!(screen.contains("so far  1 case right without it"), "{screen}");
}
