use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Serialization>(solution(stub::encode, stub::decode, stub::read_record));
}

#[test]
fn the_screen_shows_each_field_of_a_record() {
    let screen = screen_of::<Serialization>(Serialization::with_bugs(Bugs::one(
        bugs::Bug::WrongKindSkipped,
    )));
    let expected = "\
serialization   WRONG   first failure: read a record of 4 bytes; every case
          before it passes

  record  0a 02 68 69
  field   0a 02 68 69: number 1, kind 2, the kind is not one of this number

          want              Err(WrongKind)
          got               id 0, text \"\", copies 1   ◀ first wrong answer

  rule    Fields 1 and 3 have kind 0, field 2 has kind 2, and an unknown one
          either of these, or where does it end? With another kind the answer is
          WrongKind, whatever follows the tag.
  looks   like \"a field of the wrong kind is skipped\": the same answers in all
          7,852 cases compared.
          It takes a known field of another kind for an unknown one, but then
          the default silently replaces a value that was sent.
  next    cargo run -- hint serialization
          cargo run -- replay serialization:record.0a026869
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn a_number_is_shown_in_sevens_of_bits() {
    let screen =
        screen_of::<Serialization>(Serialization::with_bugs(Bugs::one(bugs::Bug::OneByte128)));
    for words in ["  encode  128\n  bits    0000001 0000000\n", "want              80 01\n"] {
        assert!(screen.contains(words), "{screen}");
    }
}

#[test]
fn the_right_answers_are_those_of_the_page() {
    let largest = [[0xff; 9].as_slice(), &[1]].concat();
    for (number, bytes) in
        [(7, &[7][..]), (128, &[0x80, 1]), (300, &[0xac, 2]), (u64::MAX, &largest)]
    {
        assert_eq!(cases::varint(number), bytes);
        assert_eq!(cases::decoded(&[bytes, &[0xff]].concat()), Ok((number, bytes.len())));
    }
    for last in [2, 0x7f, 0x80, 0xff] {
        let bytes = [&[0x80; 9][..], &[last]].concat();
        assert_eq!(cases::decoded(&bytes), Err(VarintError::Overflow));
    }
    assert_eq!(cases::decoded(&[0x80; 9]), Err(VarintError::CutShort));
    let padded = [[0x80; 9].as_slice(), &[0]].concat();
    assert_eq!(cases::decoded(&padded), Err(VarintError::Padded));
}

#[test]
fn hostile_answers_are_shown_in_short() {
    use reference::{decode, encode, read_record};
    let long = |number: u64| vec![number as u8 | 0xf0; 1_000_000];
    let loud = |_: &[u8]| {
        let text = "\x1b[2J\n".repeat(99_999);
        Ok(Record { id: u64::MAX, text, copies: u64::MAX })
    };
    for (solution, words) in [
        (solution(long, decode, read_record), "got               f0 f0 f0 .., 1,000,000"),
        (
            solution(encode, |_| Ok((u64::MAX, usize::MAX)), read_record),
            "got               Ok((18446744073709551615, 18446744073709551615))",
        ),
        (solution(encode, decode, loud), ".., 499,995"),
    ] {
        let screen = screen_of::<Serialization>(solution);
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}
