//! What is wrong with an answer, and what helps: said of this case alone.

use super::cases::Case;
use super::record::{Field, Means, SMALL};
use super::{Answer, Decoded, Record, RecordError, VarintError};
use crate::exercise::Rule;

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    match (case, want, got) {
        (_, Answer::Encoded(want), Answer::Encoded(got)) => encoding(want, got),
        (_, Answer::Decoded(Ok(want)), Answer::Decoded(got)) => decoding(*want, *got),
        (Case::ReadRecord(fields), Answer::Read(Ok(want)), Answer::Read(got)) => {
            reading(fields, want, got)
        }
        _ => of_error(want).expect("each case is for one function"),
    }
}

fn encoding(want: &[u8], got: &[u8]) -> Rule {
    let sevens = |bytes: &[u8]| -> Vec<u8> { bytes.iter().map(|byte| byte & 0x7f).collect() };
    let (want, got) = (sevens(want), sevens(got));
    match got.strip_prefix(&want[..]) {
        _ if got.is_empty() => Rule::new(
            "Every number takes one byte at least: a reader waits for a last one. 0 is the byte \
             00.",
            "Loop while the number is 0x80 or more, and push what is left after the loop, be it 0.",
        ),
        Some([]) => Rule::new(
            "The eighth bit says whether another byte follows: it is 1 in all bytes but the last, \
             and there it is 0.",
            "While the number is 0x80 or more push number as u8 | 0x80; then push the rest, which \
             is below 0x80, as it is.",
        ),
        Some(more) if more.iter().all(|seven| *seven == 0) => Rule::new(
            "A number takes as few bytes as it can: the last byte is the one after which nothing \
             is left of it.",
            "Stop as soon as what is left is below 0x80: that is the last byte.",
        ),
        _ => Rule::new(
            "All bits of the number are written: each byte has the next seven, the least \
             significant first, and in the eighth whether another byte follows.",
            "While the number is 0x80 or more push number as u8 | 0x80 and shift it right by 7; \
             then push what is left. Keep it a u64 all the time.",
        ),
    }
}

fn decoding(want: (u64, usize), got: Decoded) -> Rule {
    match got {
        Ok((number, _)) if number == want.0 => Rule::new(
            "The count is of the bytes that the number takes, its last one included, and none of \
             those that follow.",
            "Counted from 0, the byte `at` is the last of at + 1.",
        ),
        Ok(_) => Rule::new(
            "Each byte has seven bits of the number, seven places further up than those of the \
             byte before. The eighth bit is not a part of the number.",
            "Widen before you shift: byte i adds u64::from(byte & 0x7f) << (7 * i).",
        ),
        Err(VarintError::CutShort) => Rule::new(
            "The number ends with the first byte whose eighth bit is 0. Here that one is there, \
             and whatever follows is not looked at.",
            "Return from the loop at the first byte below 0x80, with that byte added.",
        ),
        Err(VarintError::Overflow) => Rule::new(
            "Every number up to u64::MAX can be read: it takes ten bytes at most, and the tenth \
             may be 01.",
            "Refuse at the tenth byte alone, `at == 9` counted from 0, and only where it is over \
             1.",
        ),
        Err(VarintError::Padded) => Rule::new(
            "A number is padded where its last byte is 00 and not its first. 00 alone is 0; other \
             bytes may be what they like, and what follows is not looked at.",
            "Compare with 00 the byte at which the loop stops, the first below 0x80, and only \
             where `at > 0`.",
        ),
    }
}

fn reading(fields: &[Field], want: &Record, got: &Result<Record, RecordError>) -> Rule {
    let count = |is: fn(&Means) -> bool| fields.iter().filter(|field| is(&field.means)).count();
    let has_unknown = count(|means| matches!(means, Means::Unknown)) > 0;
    // How many fields there are of a value that is wrong.
    let sent = match got {
        Ok(got) if got.id != want.id => count(|means| matches!(means, Means::Id(_))),
        Ok(got) if got.text != want.text => count(|means| matches!(means, Means::Text(_))),
        Ok(_) => count(|means| matches!(means, Means::Copies(_))),
        Err(_) => fields.len().min(1),
    };
    match sent {
        _ if fields.len() > SMALL => Rule::new(
            "A record has any number of fields, and each of them is read as in a short one.",
            "Loop while bytes are left: count no fields, and do not recurse.",
        ),
        0 if !has_unknown => Rule::new(
            "A field that is absent has its default: id is 0, text is empty, copies is 1. No bytes \
             are a record in which all are absent.",
            "Begin with Record { id: 0, text: String::new(), copies: 1 }, and let each field that \
             comes replace its own value.",
        ),
        2.. => Rule::new(
            "Of a field that comes more than once the last one counts, whatever came before.",
            "Assign the value each time: add nothing to the earlier one, and do not ask whether it \
             was set.",
        ),
        _ if has_unknown => Rule::new(
            "A field with any other number is unknown: it is not an error, and is skipped whole. \
             Its kind says where it ends, and what is in it means nothing.",
            "Read the whole tag with `decode`, and compare tag / 8 as a u64. Else with kind 0 \
             decode a number, with kind 2 a length and pass over that many bytes.",
        ),
        _ if *got == Err(RecordError::CutShort) => Rule::new(
            "Here all the bytes are there that a length asks for. It may ask for none, or for all \
             that is left.",
            "Refuse a length only where it is greater than the number of bytes that are left.",
        ),
        _ => Rule::new(
            "A field is a tag, its number × 8 + its kind, and a value: with kind 0 a varint, with \
             kind 2 a length and that many bytes. The next field begins right behind.",
            "After each `decode` go on behind the `count` bytes that it took, after a text behind \
             its bytes. A value is all 64 bits, a text all its bytes.",
        ),
    }
}

/// The rule that asks for an error, if one is right: it is broken by whatever comes in its place,
/// be it a panic.
pub(super) fn of_error(want: &Answer) -> Option<Rule> {
    let rule = match want {
        Answer::Decoded(Err(VarintError::CutShort)) => Rule::new(
            "A number is whole when a byte came whose eighth bit is 0. Where there are fewer than \
             ten bytes and none such, or no bytes, it is CutShort.",
            "Loop over the bytes that are there, and after the loop answer CutShort. An overflow \
             is known at the tenth byte, padding at the first below 0x80.",
        ),
        Answer::Decoded(Err(VarintError::Overflow)) => Rule::new(
            "Nine bytes have 63 bits, and the tenth has room for one. Where it is over 01, the \
             number does not fit in a u64: Overflow, whatever follows, and even if nothing does.",
            "When you come to the tenth byte compare all of it, the eighth bit too, with 1, before \
             you add it or ask whether it is the last.",
        ),
        Answer::Decoded(Err(VarintError::Padded)) => Rule::new(
            "A number has one varint, the shortest. A last byte 00 after others adds nothing, and \
             is refused as Padded, whatever the number is and also as the tenth.",
            "At the first byte below 0x80, a tenth one too: where it is 00 and `at > 0`, answer \
             Padded.",
        ),
        Answer::Read(Err(RecordError::Varint(_))) => Rule::new(
            "Tags, numbers and lengths are varints, in unknown fields too. Where `decode` refuses \
             one, the answer is Varint with its error; CutShort alone is for the bytes after a \
             length.",
            "Read each of them with `decode(rest)?`, also where the number is not used.",
        ),
        Answer::Read(Err(RecordError::WrongKind)) => Rule::new(
            "Fields 1 and 3 have kind 0, field 2 has kind 2, and an unknown one either of these, \
             or where does it end? With another kind the answer is WrongKind, whatever follows the \
             tag.",
            "Match on (tag / 8, tag % 8): first the three fields, then `(1..=3, _)`, which is \
             WrongKind, then the two kinds that are skipped, and last `_`, WrongKind too.",
        ),
        Answer::Read(Err(RecordError::CutShort)) => Rule::new(
            "A length may say more than is left, up to u64::MAX, in an unknown field too. Then the \
             field is CutShort, and what is there of it is not its value.",
            "Use `rest.get(..length).ok_or(CutShort)?` with the length as a usize: it compares \
             before it takes, and adds nothing to the length.",
        ),
        Answer::Read(Err(RecordError::NotUtf8)) => Rule::new(
            "A text is UTF-8, each that comes, even where another one follows. Other bytes are an \
             error, and nothing is put in their place.",
            "Each time, make the text with `String::from_utf8(…).map_err(|_| NotUtf8)?`.",
        ),
        _ => return None,
    };
    Some(rule)
}
