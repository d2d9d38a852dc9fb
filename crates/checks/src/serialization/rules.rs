//! What is wrong with an answer, and what helps: said of this case alone.

use super::cases::Case;
use super::record::{Field, Means, SMALL};
use super::{Answer, Decoded, Record, RecordError, VarintError};
use crate::exercise::Rule;

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    match (case, want, got) {
        (_, Answer::Encoded(want), Answer::Encoded(got)) => encoding(want, got),
        (_, Answer::Decoded(want), Answer::Decoded(got)) => decoding(*want, *got),
        (Case::ReadRecord(fields), Answer::Read(want), Answer::Read(got)) => match want {
            Ok(record) => readable(fields, record, got),
            Err(error) => unreadable(fields, *error, got),
        },
        _ => unreachable!("each case is for one function"),
    }
}

fn encoding(want: &[u8], got: &[u8]) -> Rule {
    let sevens = |bytes: &[u8]| -> Vec<u8> { bytes.iter().map(|byte| byte & 0x7f).collect() };
    let (want_sevens, got_sevens) = (sevens(want), sevens(got));
    let is_padded = got_sevens.starts_with(&want_sevens)
        && got_sevens[want.len()..].iter().all(|seven| *seven == 0);
    if got.is_empty() {
        Rule::new(
            "Every number takes one byte at least: a reader waits for a last one. 0 is the byte \
             00.",
            "Loop while the number is 0x80 or more, and push what is left after the loop, be it 0.",
        )
    } else if got_sevens == want_sevens {
        Rule::new(
            "The eighth bit says whether another byte follows: it is 1 in all bytes but the last, \
             and there it is 0.",
            "While the number is 0x80 or more push number as u8 | 0x80; then push the rest, which \
             is below 0x80, as it is.",
        )
    } else if is_padded {
        Rule::new(
            "A number takes as few bytes as it can: the last byte is the one after which nothing \
             is left of it.",
            "Stop as soon as what is left is below 0x80: that is the last byte.",
        )
    } else if got_sevens.iter().rev().eq(&want_sevens) {
        Rule::new(
            "The least significant seven bits come first.",
            "Push the lowest seven bits first, then shift the number right by seven.",
        )
    } else if want_sevens.starts_with(&got_sevens) {
        Rule::new(
            "All bits of the number are written: as many bytes as it has sevens, the last with \
             what is left.",
            "Go on while the number, a u64 all the time, is 0x80 or more; after the loop push what \
             is left.",
        )
    } else {
        Rule::new(
            "Each byte has the next seven bits of the number, from the least significant on, and \
             in the eighth whether another byte follows.",
            "While the number is 0x80 or more push number as u8 | 0x80 and shift it right by 7; \
             then push what is left. Keep it a u64 all the time.",
        )
    }
}

fn decoding(want: Decoded, got: Decoded) -> Rule {
    use VarintError::{CutShort, Overflow, Padded};
    match (want, got) {
        (Ok((number, _)), Ok((other, _))) if number == other => Rule::new(
            "The count is of the bytes that the number takes, its last one included, and none of \
             those that follow.",
            "Counted from 0, the byte `at` is the last of at + 1.",
        ),
        (Ok(_), Ok(_)) => Rule::new(
            "Each byte has seven bits of the number, seven places further up than those of the \
             byte before. The eighth bit is no part of the number.",
            "Widen before you shift: byte i adds u64::from(byte & 0x7f) << (7 * i).",
        ),
        (Ok(_), Err(CutShort)) => Rule::new(
            "The number ends with the first byte whose eighth bit is 0. Here that one is there, \
             and whatever follows is not looked at.",
            "Return from the loop at the first byte below 0x80, with that byte added.",
        ),
        (Ok(_), Err(Overflow)) => Rule::new(
            "Every number up to u64::MAX can be read: it takes ten bytes at most, and the tenth \
             may be 01.",
            "Refuse at the tenth byte alone, `at == 9` counted from 0, and only where it is over \
             1.",
        ),
        (Ok(_), Err(Padded)) => Rule::new(
            "A number is padded where its last byte is 00 and not its first. 00 alone is 0; other \
             bytes may be what they like, and what follows is not looked at.",
            "Compare with 00 the byte at which the loop stops, the first below 0x80, and only \
             where `at > 0`.",
        ),
        (Err(CutShort), Ok(_)) => Rule::new(
            "A number is whole when a byte came whose eighth bit is 0. Until then it is cut short, \
             and what came is no number.",
            "Where the bytes end before one below 0x80, even before the first, answer CutShort.",
        ),
        (Err(CutShort), _) => Rule::new(
            "Where there are fewer than ten bytes, and none whose eighth bit is 0, nothing is \
             wrong but that they end: CutShort.",
            "After the loop over the bytes answer CutShort. An overflow is known at the tenth \
             byte, padding at the first below 0x80.",
        ),
        (Err(Overflow), Ok(_)) => Rule::new(
            "Nine bytes have 63 bits, and the tenth has room for one. Where it is over 01, the \
             number does not fit in a u64, and to drop bits makes another number of it.",
            "Before you add the tenth byte compare all of it, the eighth bit too, with 1: over \
             that it is Overflow.",
        ),
        (Err(Overflow), _) => Rule::new(
            "A tenth byte over 01 is an overflow as soon as it is there, whatever follows it, and \
             even if nothing does.",
            "Test the tenth byte when you come to it, before you ask whether it is the last.",
        ),
        (Err(Padded), Ok(_)) => Rule::new(
            "A number has one varint, the shortest. A last byte 00 after others adds nothing, and \
             is refused, whatever the number is and also as the tenth.",
            "At the first byte below 0x80: where it is 00 and `at > 0`, answer Padded.",
        ),
        (Err(Padded), _) => Rule::new(
            "Here the number is whole, and fits in a u64. What is wrong is that its last byte is \
             00, and not its first: Padded.",
            "At the first byte below 0x80, a tenth one too: where it is 00 and `at > 0`, answer \
             Padded.",
        ),
    }
}

/// Where there is a record.
fn readable(fields: &[Field], want: &Record, got: &Result<Record, RecordError>) -> Rule {
    let has = |is: fn(&Means) -> bool| fields.iter().filter(|field| is(&field.means)).count();
    let unknown = has(|means| matches!(means, Means::Unknown(_)));
    let (count, is_default) = match got {
        Ok(got) if got.id != want.id => (has(|means| matches!(means, Means::Id(_))), false),
        Ok(got) if got.text != want.text => (has(|means| matches!(means, Means::Text(_))), false),
        Ok(_) => (has(|means| matches!(means, Means::Copies(_))), true),
        Err(_) if fields.is_empty() => (0, true),
        Err(_) => (1, false),
    };
    match (count, unknown) {
        _ if fields.len() > SMALL => Rule::new(
            "A record has any number of fields, and each of them is read as in a short one.",
            "Loop while bytes are left: count no fields, and do not recurse.",
        ),
        (0, _) if unknown == 0 || is_default => Rule::new(
            "A field that is absent has its default: id is 0, text is empty, copies is 1. No bytes \
             are a record in which all are absent.",
            "Begin with Record { id: 0, text: String::new(), copies: 1 }, and let each field that \
             comes replace its own value.",
        ),
        (1, 0) if matches!(got, Err(RecordError::CutShort)) => Rule::new(
            "Here all the bytes are there that a length asks for. It may ask for none, or for all \
             that is left.",
            "Refuse a length only where it is greater than the number of bytes that are left.",
        ),
        (2.., _) => Rule::new(
            "Of a field that comes more than once the last one counts, whatever came before.",
            "Assign the value each time: add nothing to the earlier one, and do not ask whether it \
             was set.",
        ),
        (_, 1..) => Rule::new(
            "A field with any other number is unknown: it is no error, and it is skipped whole. \
             Its kind says where it ends, and what is in it means nothing.",
            "Read the whole tag with `decode`, and compare tag / 8 as a u64. Else with kind 0 \
             decode a number, with kind 2 a length and pass over that many bytes.",
        ),
        _ => Rule::new(
            "A field is a tag, its number × 8 + its kind, and a value: with kind 0 a varint, with \
             kind 2 a length and that many bytes. The next field begins right behind.",
            "After each `decode` go on behind the `count` bytes that it took, after a text behind \
             its bytes. A value is all 64 bits, a text all its bytes.",
        ),
    }
}

/// Where there is none, with what is wrong.
fn unreadable(fields: &[Field], error: RecordError, got: &Result<Record, RecordError>) -> Rule {
    let is_ok = got.is_ok();
    match error {
        RecordError::Varint(VarintError::CutShort) if !is_ok => Rule::new(
            "Where a tag, a number or a length is cut itself, the error is that of `decode`: \
             Varint(CutShort). CutShort alone is for the bytes after a length.",
            "Pass on the error of `decode` with `?`, at a tag, a number and a length alike.",
        ),
        RecordError::Varint(_) => Rule::new(
            "Tags, numbers and lengths are varints, in unknown fields too. What `decode` refuses \
             is an error, and the first one is the answer.",
            "Read each of them with `decode(rest)?`, also where the number is not used.",
        ),
        RecordError::WrongKind if has_known_number(fields) => Rule::new(
            "Fields 1 and 3 have kind 0, field 2 has kind 2. With another kind such a field is \
             neither its value nor unknown: the answer is WrongKind, whatever follows the tag.",
            "Match on (tag / 8, tag % 8), and put `(1..=3, _) => return Err(WrongKind)` after the \
             three fields and before the arms that skip.",
        ),
        RecordError::WrongKind => Rule::new(
            "An unknown field is skipped by its kind. With another than 0 and 2 no one knows where \
             it ends: the answer is WrongKind, whatever follows the tag.",
            "Make the last arm of the match on the kind `_ => return Err(WrongKind)`.",
        ),
        RecordError::CutShort => Rule::new(
            "A length may say more than is left, up to u64::MAX, in an unknown field too. Then the \
             field is CutShort, and what is there of it is not its value.",
            "Use `rest.get(..length).ok_or(CutShort)?` with the length as a usize: it compares \
             before it takes, and adds nothing to the length.",
        ),
        RecordError::NotUtf8 => Rule::new(
            "A text is UTF-8, each that comes, even where another one follows. Other bytes are an \
             error, and nothing is put in their place.",
            "Each time, make the text with `String::from_utf8(…).map_err(|_| NotUtf8)?`.",
        ),
    }
}

/// Whether the field of the wrong kind is one that the record has.
fn has_known_number(fields: &[Field]) -> bool {
    let wrong = fields.iter().find(|field| matches!(field.means, Means::Wrong(..)));
    wrong.is_some_and(|field| (8..32).contains(&field.bytes[0]))
}
