use super::*;
use crate::proofs::{assert_wrong, prove, screen_of, screen_of_mistake};
use crate::{Verdict, did_not_terminate};

const STUB: Solution = Solution { encode: stub::encode, decode: stub::decode };

const REFERENCE: Solution = Solution { encode: reference::encode, decode: reference::decode };

fn encoding(encode: fn(u64) -> Vec<u8>) -> Solution {
    Solution { encode, ..REFERENCE }
}

fn decoding(decode: fn(&[u8]) -> Decoded) -> Solution {
    Solution { decode, ..REFERENCE }
}

#[test]
fn it_is_sound() {
    prove::<Varints>(STUB, REFERENCE);
}

#[test]
fn the_screen_shows_the_bits_and_what_is_wrong() {
    let expected = "\
serialization   WRONG   first failure: decode 10 bytes; every case before it
          passes: encoding, then decoding, each the fewest bytes first

  decode  the bytes         80 80 80 80 80 80 80 80 80 02
          in bits           1_0000000 1_0000000 1_0000000 1_0000000 1_0000000
                            1_0000000 1_0000000 1_0000000 1_0000000 0_0000010
          want              Err(Overflow)
          got               Ok((0, 10))               ◀ first wrong answer

  rule    Nine bytes have 63 bits, and the tenth has room for one. Where it is
          over 01, the number does not fit in a u64, and to drop bits makes
          another number of it.
  looks   like \"overflow by the count alone\": your answers equal this mistake's
          on all 3,830 cases compared, not those of the other function.
          It refuses an eleventh byte and takes every tenth, but the tenth has
          room for the 64th bit alone, and the others of its bits are lost in
          silence.
  next    cargo run -- hint serialization
          cargo run -- replay serialization:decode.80808080808080808002
          shows this one case again, with your code as it is then
";
    assert_eq!(screen_of_mistake::<Varints>("overflow by the count alone"), expected);
}

#[test]
fn a_number_is_shown_in_sevens_of_bits() {
    let screen = screen_of_mistake::<Varints>("128 in one byte");
    assert!(screen.contains("in bits           1 0000000\n"), "{screen}");
    let largest = Case::Encode(u64::MAX);
    let mut out = Vec::new();
    let seen = Varints::observe(REFERENCE, &largest).unwrap();
    Varints::draw(&largest, &seen, &mut Screen::utf8(&mut out, 80)).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("in bits           1 1111111 1111111 "), "{out}");
    assert!(out.contains("answers           ff ff ff ff ff ff ff ff ff 01\n"), "{out}");
}

/// Each by a mistake that breaks it first, and words of the rule.
#[test]
fn the_rule_is_the_one_that_was_broken() {
    for (name, rule) in [
        ("the eighth bit marks the last byte", "The eighth bit says whether"),
        ("the most significant bits come first", "The least significant seven bits come"),
        ("0 has no bytes", "Every number takes one byte at least"),
        ("128 in one byte", "All bits of the number are written"),
        ("encode ends with a 00", "A number takes as few bytes as it can"),
        ("encode takes eight bits at a time", "Each byte has the next seven bits"),
        ("the eighth bit is part of the number", "Each byte has seven bits"),
        ("the count is of all bytes", "The count is of the bytes"),
        ("nine bytes are enough", "Here the number is whole"),
        ("0 is padding", "One byte 00 is the number 0"),
        ("accepts padding", "A number has one varint, the shortest."),
        ("the end of the bytes ends the number", "A number is whole when"),
        ("reads past the end", "The code has an answer to every case"),
        ("no overflow check", "Nine bytes have 63 bits"),
        ("waits for the end before it refuses", "A tenth byte over 01 is"),
    ] {
        let screen = screen_of_mistake::<Varints>(name);
        assert!(screen.contains(&format!("  rule    {rule}")), "{screen}");
    }
}

/// One error where another is right, and the rest of the rules.
#[test]
fn an_error_in_place_of_another_is_told_from_a_number() {
    use VarintError::{CutShort, Overflow, Padded};
    let always = |error| match error {
        CutShort => decoding(|_| Err(CutShort)),
        Overflow => decoding(|_| Err(Overflow)),
        Padded => decoding(|_| Err(Padded)),
    };
    assert_wrong::<Varints>(always(CutShort), &["rule    The number ends with the first byte"]);
    assert_wrong::<Varints>(always(Overflow), &["rule    Where there are fewer than ten bytes"]);
    assert_wrong::<Varints>(always(Padded), &["rule    Where there are fewer than ten bytes"]);
    let any_00 = |bytes: &[u8]| {
        let decoded = reference::decode(bytes)?;
        let has_00 = bytes[0] > 0 && bytes.contains(&0);
        if has_00 { Err(Padded) } else { Ok(decoded) }
    };
    assert_wrong::<Varints>(decoding(any_00), &["rule    A number is padded where"]);
    let in_63_bits = |bytes: &[u8]| match reference::decode(bytes) {
        Ok((_, 10)) => Err(Overflow),
        decoded => decoded,
    };
    assert_wrong::<Varints>(
        decoding(in_63_bits),
        &["rule    Every number up to u64::MAX can be read"],
    );
    let padded_is_cut_short = |bytes: &[u8]| match reference::decode(bytes) {
        Err(Padded) => Err(CutShort),
        decoded => decoded,
    };
    assert_wrong::<Varints>(decoding(padded_is_cut_short), &["rule    Here the number is whole"]);
}

/// The mistake panics on another line, and says something else where an index is another.
#[test]
fn a_panic_is_told_with_its_words_and_place_and_does_not_hide_the_mistake() {
    let trusts_the_eighth_bit = |bytes: &[u8]| {
        let mut count = 1;
        while *bytes.get(count - 1).expect("the next byte") >= 0x80 && count < 10 {
            count += 1;
        }
        reference::decode(bytes)
    };
    let (verdict, screen) = screen_of::<Varints>(decoding(trusts_the_eighth_bit));
    assert_eq!(verdict, Verdict::Wrong);
    for words in [
        "got               a panic",
        "it says           the next byte",
        "tests.rs:",
        "looks   like \"reads past the end\"",
    ] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

#[test]
fn nonsense_without_bound_is_wrong_and_shown_in_short() {
    assert_wrong::<Varints>(
        encoding(|number| vec![number as u8 | 0xf0; 1_000_000]),
        &["got               f0 f0 f0 f0 f0 f0 f0 f0 f0 f0 f0 f0 .., 1,000,000"],
    );
    assert_wrong::<Varints>(
        decoding(|_| Ok((u64::MAX, usize::MAX))),
        &["got               Ok((18446744073709551615, 18446744073709551615))"],
    );
    assert_wrong::<Varints>(
        encoding(|number| vec![(1 / number) as u8]),
        &[
            "it says           attempt to divide by zero",
            "rule    The code has an answer to every case; it does not panic.",
        ],
    );
    assert_wrong::<Varints>(
        encoding(|_| did_not_terminate()),
        &["got               no end", "rule    Every call comes to its end."],
    );
    assert_wrong::<Varints>(
        decoding(|bytes| match reference::decode(bytes) {
            Ok((number, _)) if number > u64::MAX / 2 => std::panic::panic_any(number),
            decoded => decoded,
        }),
        &["first failure: decode 10 bytes", "got               a panic"],
    );
}

#[test]
fn what_is_solved_in_part_is_not_started_but_counted() {
    let (verdict, screen) = screen_of::<Varints>(decoding(stub::decode));
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("still to be written: the number in the bytes"), "{screen}");
    assert!(screen.contains("so far  331 cases right"), "{screen}");
}
