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
          got               the same, but reads past it ◀ first wrong answer

  rule    What follows a frame stays in the stream: those bytes are how the next
          frame begins.
  looks   like \"drops what follows the frame\": the same answers in all 8,764
          cases compared.
          It reads past the frame, as a BufReader does, and forgets the rest,
          but that is how the next frame begins.
  next    cargo run -- hint echo
          cargo run -- replay echo:0000000000.end
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_answers_are_those_of_the_page() {
    use Outcome::{CutShort, End, TooLong};
    let a = || Outcome::frame(b"a");
    let failed = || Outcome::Failed(FAILURES[0], true);
    let cases = cases::all();
    for (text, right) in [
        ("end", vec![End]),
        ("ConnectionReset", vec![failed()]),
        ("000000.0161.end", vec![a(), End]),
        ("0000000161.00.end", vec![a(), CutShort]),
        ("0000000261.end", vec![CutShort]),
        ("0000000261.ConnectionReset", vec![failed()]),
        ("00000000.end", vec![Outcome::frame(&[]), End]),
        ("00000006.ConnectionReset", vec![TooLong]),
    ] {
        let case = cases.iter().find(|case| Echo::replay_string(case).as_deref() == Some(text));
        assert_eq!(Echo::expected(case.expect("it is a case")), right, "{text}");
    }
}

#[test]
fn hostile_answers_and_other_errors_are_shown_in_short() {
    let long: Solution = Arc::new(|_| Ok(Some(vec![7; 100_000])));
    let endless: Solution = Arc::new(|stream| {
        while stream.read(&mut [0; 4]).is_ok() {}
        Ok(None)
    });
    let loud: Solution =
        Arc::new(|_| Err(FrameError::Io(io::Error::other("\x1b[2J\n".repeat(9_999)))));
    let of_the_same_kind: Solution = Arc::new(|stream| {
        reference::read_frame(stream).map_err(|error| match error {
            FrameError::Io(error) => FrameError::Io(error.kind().into()),
            error => error,
        })
    });
    for (solution, words) in [
        (long, ["call 1  reads nothing", "Some(07 07 07 .., 100,000)"]),
        (endless, ["reads up to 4     end", "does not terminate"]),
        (loud, ["got", "another Io(Other)"]),
        (of_the_same_kind, ["got", "another Io(ConnectionReset)"]),
    ] {
        let screen = screen_of::<Echo>(solution);
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}
