//! The records that are tried, each field with what it means: so the judge parses none.

use std::slice::from_ref;

use super::cases::{numbers, varint};
use super::{Record, RecordError, VarintError};
use crate::numbers::EDGES;

/// Fields of the records of which every one is tried.
pub(super) const SMALL: usize = 3;

/// Fields of the longest record.
pub(super) const LONG: usize = 10_000;

const VARINT: u64 = 0;
const BYTES: u64 = 2;

/// Numbers of unknown fields: around the ends of types, and those that become 1, 2 or 3 where they
/// are cut to fewer bits.
const UNKNOWN: [u64; 21] = [
    0, 4, 15, 16, 17, 18, 31, 32, 33, 34, 127, 128, 255, 256, 257, 258, 259, 0x10001, 0x1fffffff,
    0x20000000, 0x20000001,
];
const LARGE_UNKNOWN: [u64; 5] =
    [(1 << 32) + 1, (1 << 32) + 2, (1 << 32) + 3, (1 << 53) + 1, u64::MAX >> 3];

/// Lengths around which a length's varint grows, or leaves a type.
const LENGTHS: [usize; 9] = [126, 127, 128, 255, 256, 300, 16_383, 16_384, 70_000];

/// A field as it is written, or what is wrong in its place.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(super) bytes: Vec<u8>,
    /// Of them, those of varints: the tag, and a number or a length.
    varints: usize,
    pub(super) means: Means,
}

#[derive(Clone, Debug)]
pub(super) enum Means {
    Id(u64),
    Text(String),
    Copies(u64),
    Unknown,
    Wrong(RecordError),
}

impl Field {
    fn new(number: u64, kind: u64, value: &[u8], means: Means) -> Field {
        let bytes = [&varint(number * 8 + kind), value].concat();
        Field { varints: bytes.len(), bytes, means }
    }

    fn wrong(number: u64, kind: u64, value: &[u8], error: impl Into<RecordError>) -> Field {
        Field::new(number, kind, value, Means::Wrong(error.into()))
    }

    fn varint(number: u64, value: u64) -> Field {
        let means = match number {
            1 => Means::Id(value),
            3 => Means::Copies(value),
            _ => Means::Unknown,
        };
        Field::new(number, VARINT, &varint(value), means)
    }

    fn bytes(number: u64, value: &[u8]) -> Field {
        let means = match (number, str::from_utf8(value)) {
            (2, Ok(text)) => Means::Text(text.to_owned()),
            (2, Err(_)) => Means::Wrong(RecordError::NotUtf8),
            _ => Means::Unknown,
        };
        let mut field = Field::new(number, BYTES, &varint(value.len() as u64), means);
        field.bytes.extend(value);
        field
    }

    /// The first bytes of a field, and then the end.
    fn cut(&self, length: usize) -> Field {
        let error = match length < self.varints {
            true => VarintError::CutShort.into(),
            false => RecordError::CutShort,
        };
        let bytes = self.bytes[..length].to_vec();
        Field { bytes, varints: self.varints, means: Means::Wrong(error) }
    }
}

/// The bytes of a record.
pub(super) fn bytes(fields: &[Field]) -> Vec<u8> {
    fields.iter().flat_map(|field| &field.bytes).copied().collect()
}

/// What is right: the last field of each name, or the first error.
pub(super) fn read(fields: &[Field]) -> Result<Record, RecordError> {
    let mut record = Record { id: 0, text: String::new(), copies: 1 };
    for field in fields {
        match &field.means {
            Means::Id(id) => record.id = *id,
            Means::Text(text) => record.text.clone_from(text),
            Means::Copies(copies) => record.copies = *copies,
            Means::Unknown => {}
            Means::Wrong(error) => return Err(*error),
        }
    }
    Ok(record)
}

/// All records: every small one, those that are cut or wrong in one place, the boundaries.
pub(super) fn all() -> Vec<Vec<Field>> {
    let simple = simple();
    let mut records = vec![Vec::new()];
    let mut at = 0;
    while records[at].len() < SMALL {
        let longer = |one| [&records[at][..], from_ref(one)].concat();
        records.extend(simple.iter().map(longer).collect::<Vec<_>>());
        at += 1;
    }
    for wrong in cut(&simple) {
        records.push(vec![wrong.clone()]);
        records.extend(simple.iter().map(|before| vec![before.clone(), wrong.clone()]));
    }
    let [id, text] = [Field::varint(1, 7), Field::bytes(2, b"hi")];
    for wrong in wrong() {
        records.push(vec![wrong.clone()]);
        for one in [&id, &text] {
            records.push(vec![one.clone(), wrong.clone()]);
            records.push(vec![wrong.clone(), one.clone()]);
        }
    }
    records.extend(boundaries().into_iter().map(|field| vec![field, id.clone()]));
    records.extend(boundaries().into_iter().map(|field| vec![text.clone(), field]));
    records.push(simple.iter().cloned().cycle().take(LONG).collect());
    records
}

/// Two values or three of each field, and unknown ones whose value looks like a field or a tag.
pub(super) fn simple() -> Vec<Field> {
    let numbers = [(1, 0), (1, 7), (1, 300), (3, 0), (3, 1), (3, 5), (4, 8)];
    let texts: [(u64, &[u8]); 6] =
        [(2, b""), (2, b"hi"), (2, "é".as_bytes()), (5, b"\x08\x09"), (5, b"\xff"), (6, b"")];
    let numbers = numbers.map(|(number, value)| Field::varint(number, value));
    numbers.into_iter().chain(texts.map(|(number, value)| Field::bytes(number, value))).collect()
}

/// Fields that are cut anywhere, and lengths over what is left, however large.
fn cut(simple: &[Field]) -> Vec<Field> {
    let cut = simple.iter().flat_map(|field| (1..field.bytes.len()).map(|at| field.cut(at)));
    // The last two are 2 in 32 bits, and too much for a sum with what was read.
    let lengths = EDGES[1..].iter().copied().chain([(1 << 32) + 2, u64::MAX - 4]);
    let beyond = lengths.flat_map(|length| {
        let value = [&varint(length)[..], b"hi"].concat();
        [2, 5].map(|number| Field::wrong(number, BYTES, &value, RecordError::CutShort))
    });
    cut.chain(beyond).collect()
}

/// What is wrong in one place, so that bytes after it make no difference.
fn wrong() -> Vec<Field> {
    let mut fields = Vec::new();
    let over = [[0xff; 9].as_slice(), &[0x02]].concat();
    for (value, error) in [(&[0x88, 0x00][..], VarintError::Padded), (&over, VarintError::Overflow)]
    {
        let means = Means::Wrong(error.into());
        fields.push(Field { bytes: value.to_vec(), varints: value.len(), means });
        let tags = [(1, VARINT), (3, VARINT), (4, VARINT), (2, BYTES), (5, BYTES)];
        fields.extend(tags.map(|(number, kind)| Field::wrong(number, kind, value, error)));
    }
    for (number, kind) in (0..=16).flat_map(|number| (0..8).map(move |kind| (number, kind))) {
        let is_right = match number {
            1 | 3 => kind == VARINT,
            2 => kind == BYTES,
            _ => kind == VARINT || kind == BYTES,
        };
        // What the kind asks for first, then nothing, and what no value begins with.
        let value: &[u8] = if kind == VARINT { &[7] } else { b"\x02hi" };
        let values = if is_right { &[][..] } else { &[value, &[], &[0xff; 10]] };
        let wrong = |value: &&[u8]| Field::wrong(number, kind, value, RecordError::WrongKind);
        fields.extend(values.iter().map(wrong));
    }
    let not_utf8: [&[u8]; 6] =
        [b"\xff", b"h\xc3", b"\xc3\x28", b"\x80", b"\xed\xa0\x80", b"\xc0\x80"];
    fields.extend(not_utf8.map(|text| Field::bytes(2, text)));
    fields
}

/// Values, numbers of fields and lengths where something changes.
fn boundaries() -> Vec<Field> {
    let mut fields = Vec::new();
    for number in numbers() {
        fields.extend([1, 3, 4].map(|field| Field::varint(field, number)));
    }
    for number in UNKNOWN.into_iter().chain(LARGE_UNKNOWN) {
        fields.extend([0, 7, u64::MAX].map(|value| Field::varint(number, value)));
        fields.extend([&b""[..], b"\x08\x09", b"\xff"].map(|value| Field::bytes(number, value)));
    }
    for length in LENGTHS {
        fields.extend([2, 5].map(|number| Field::bytes(number, &vec![b'x'; length])));
    }
    fields.extend(["\0", "漢字 😀", "\u{feff}\r\n"].map(|text| Field::bytes(2, text.as_bytes())));
    fields
}
