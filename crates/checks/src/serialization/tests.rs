use super::*;
use crate::Verdict;
use crate::sound::{assert_sound, check, screen_of};

fn stub() -> Solution {
    Solution::of(stub::encode, stub::decode, stub::read_record)
}

#[test]
fn it_is_sound() {
    assert_sound::<Serialization>(stub());
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
  field   0a 02 68 69: number 1 with kind 2

          want              Err(WrongKind)
          got               id 0, text \"\", copies 1   ◀ first wrong answer

  rule    Fields 1 and 3 have kind 0, field 2 has kind 2. With another kind such
          a field is neither its value nor unknown: the answer is WrongKind,
          whatever follows the tag.
  looks   like \"a field of the wrong kind is skipped\": the same answers in all
          7,628 cases compared.
          It takes a field that it knows, but with another kind, for an unknown
          one. Then a value that was sent is silently replaced by the default.
  next    cargo run -- hint serialization
          cargo run -- replay serialization:record.0a026869
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn a_number_is_shown_in_sevens_of_bits() {
    let screen =
        screen_of::<Serialization>(Serialization::with_bugs(Bugs::one(bugs::Bug::OneByte128)));
    for words in ["  encode  128\n  bits    1 0000000\n", "want              80 01\n"] {
        assert!(screen.contains(words), "{screen}");
    }
}

#[test]
fn the_right_answers_are_those_of_the_page() {
    let largest = [[0xff; 9].as_slice(), &[1]].concat();
    for (number, bytes) in
        [(7, &[7][..]), (128, &[0x80, 1]), (300, &[0xac, 2]), (u64::MAX, &largest)]
    {
        assert_eq!(Case::Encode(number).answer(), Answer::Encoded(bytes.to_vec()));
        let decoded = Case::Decode([bytes, &[0xff]].concat()).answer();
        assert_eq!(decoded, Answer::Decoded(Ok((number, bytes.len()))));
    }
    let error = |bytes: &[u8]| match Case::Decode(bytes.to_vec()).answer() {
        Answer::Decoded(decoded) => decoded.unwrap_err(),
        answer => panic!("{answer:?}"),
    };
    for last in [2, 0x7f, 0x80, 0xff] {
        assert_eq!(error(&[&[0x80; 9][..], &[last]].concat()), VarintError::Overflow);
    }
    assert_eq!(error(&[0x80; 9]), VarintError::CutShort);
    assert_eq!(error(&[[0x80; 9].as_slice(), &[0]].concat()), VarintError::Padded);
}

#[test]
fn what_is_solved_in_part_is_counted() {
    let solution = Solution { read_record: stub().read_record, ..Serialization::reference() };
    let (verdict, screen) = check::<Serialization>(solution, 80);
    assert_eq!(verdict, Verdict::NotStarted);
    for words in ["NOT FINISHED   2 of 3 written", "missing the fields of a record"] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

#[test]
fn hostile_answers_are_shown_in_short() {
    let right = Serialization::reference();
    let encode = |number: u64| vec![number as u8 | 0xf0; 1_000_000];
    let read_record = |_: &[u8]| {
        let text = "\x1b[2J\n".repeat(99_999);
        Ok(Record { id: u64::MAX, text, copies: u64::MAX })
    };
    for (solution, words) in [
        (
            Solution { encode: Arc::new(encode), ..right.clone() },
            "got               f0 f0 f0 f0 f0 f0 f0 f0 f0 f0 f0 f0 .., 1,000,000",
        ),
        (
            Solution { decode: Arc::new(|_| Ok((u64::MAX, usize::MAX))), ..right.clone() },
            "got               Ok((18446744073709551615, 18446744073709551615))",
        ),
        (Solution { read_record: Arc::new(read_record), ..right }, ".., 499,995"),
    ] {
        let screen = screen_of::<Serialization>(solution);
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}
