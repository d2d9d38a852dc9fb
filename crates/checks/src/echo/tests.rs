use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Echo>(Arc::new(stub::read_frame));
}

#[test]
fn the_screen_shows_every_read_and_the_first_wrong_answer() {
    let screen = screen_of::<Echo>(Echo::with_bugs(Bugs::one(bugs::Bug::ReadsAhead)));
    let expected = "\
echo   WRONG   first failure: 5 bytes; every case before it passes

  stream  00 00 00 00 00 | end

  call 1  reads up to 9     00 00 00 00 00
          want              Some(no bytes)
          got               Some(no bytes), reads past it ◀ first wrong answer

  rule    What follows a frame stays in the stream: those bytes are how the next
          frame begins.
  looks   like \"drops what follows the frame\": the same answers in all 9,731
          cases compared.
          It reads past the frame, as a BufReader does, and forgets the rest,
          but those bytes are out of the stream now, and they are how the next
          frame begins.
  next    cargo run -- hint echo
          cargo run -- replay echo:0000000000.end
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_answers_are_those_of_the_page() {
    use Outcome::{CutShort, End, TooLong};
    let a = || Outcome::Frame(Body::of(b"a"));
    let failed = || Outcome::Failed(RESET, true);
    let cases: Vec<Case> = Echo::cases().collect();
    for (text, right) in [
        ("end", vec![End]),
        ("error", vec![failed()]),
        ("000000.0161.end", vec![a(), End]),
        ("0000000161.00.end", vec![a(), CutShort]),
        ("0000000261.end", vec![CutShort]),
        ("0000000261.error", vec![failed()]),
        ("00000000.end", vec![Outcome::Frame(Body::of(&[])), End]),
        ("00000006.error", vec![TooLong]),
    ] {
        let case = cases.iter().find(|case| Echo::replay_string(case).as_deref() == Some(text));
        let calls = Echo::expected(case.expect("it is a case"));
        let outcomes: Vec<Outcome> = calls.into_iter().map(|call| call.outcome).collect();
        assert_eq!(outcomes, right, "{text}");
    }
}

#[test]
fn each_cutting_holds_the_whole_stream() {
    for case in Echo::cases() {
        assert_eq!(case.pieces().collect::<Vec<_>>().concat(), case.bytes);
    }
}

#[test]
fn hostile_answers_are_shown_in_short() {
    for (solution, words) in [
        (
            Arc::new(|_: &mut dyn Read| Ok(Some(vec![7_u8; 100_000]))) as Solution,
            &["call 1  reads nothing", "Some(07 07 07 .., 100,000)"][..],
        ),
        (
            Arc::new(|stream: &mut dyn Read| {
                while stream.read(&mut [0; 4]).is_ok() {}
                Ok(None)
            }),
            &["and 89 times more", "does not terminate"],
        ),
        (
            Arc::new(|_| Err(FrameError::Io(io::Error::other("\x1b[2J\n".repeat(9_999))))),
            &["another Io(Other)"],
        ),
    ] {
        let screen = screen_of::<Echo>(solution);
        for words in words {
            assert!(screen.contains(words), "{words} is missing:\n{screen}");
        }
    }
}

#[test]
fn another_error_of_the_same_kind_is_wrong() {
    let screen = screen_of::<Echo>(Arc::new(|stream| {
        reference::read_frame(stream).map_err(|error| match error {
            FrameError::Io(error) => FrameError::Io(error.kind().into()),
            error => error,
        })
    }));
    assert!(screen.contains("got               another Io(ConnectionReset)"), "{screen}");
}
