//! The logs that are tried, each made of pieces of which is known what they are: so the judge reads
//! no log.

use std::collections::BTreeMap;
use std::slice::from_ref;

use super::{Damage, MAX_BODY, Recovered, checksum};
use crate::numbers::{EDGES, every_row};

/// Every log of up to this many records of four kinds is tried.
pub(super) const SMALL: usize = 3;

/// Different requests in a long log.
pub(super) const LONG: u16 = 300;

/// The replica's own number in most cases.
const OWN: u32 = 7;

/// All bytes of a log, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(super) log: u32,
    pub(super) pieces: Vec<Piece>,
}

/// A record, or what is in its place.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) is: Is,
    /// The byte of which a bit is flipped.
    pub(super) flipped: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Is {
    /// It has this request id and this amount.
    Right(Vec<u8>, u32),
    /// Bytes are missing: it is the last piece.
    Cut,
    /// The header is whole, and its checksum is wrong.
    BadHeader,
    /// The header's checksum is right, and no body has this length.
    BadLength(u32),
    /// It is whole, its header right, and the checksum of its body wrong.
    BadBody,
    /// It is whole and right, but for its log, which is this.
    Foreign(u32),
}

impl Case {
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| &piece.bytes).copied().collect()
    }

    /// What is right.
    pub(super) fn recovered(&self) -> Result<Recovered, Damage> {
        let mut amounts = BTreeMap::new();
        let mut good = 0;
        for (place, piece) in self.pieces.iter().enumerate() {
            let is_last = place + 1 == self.pieces.len();
            match &piece.is {
                Is::Right(id, amount) => drop(amounts.entry(id).or_insert(u64::from(*amount))),
                Is::Cut => break,
                Is::BadBody if is_last => break,
                _ => return Err(Damage { at: good }),
            }
            good += piece.bytes.len();
        }
        Ok(Recovered { total: amounts.values().sum(), good })
    }
}

impl Piece {
    fn new(bytes: Vec<u8>, is: Is) -> Piece {
        Piece { bytes, is, flipped: None }
    }

    fn right(log: u32, request: &[u8], amount: u32) -> Piece {
        let body = [&log.to_be_bytes()[..], &amount.to_be_bytes(), request].concat();
        Piece::new(framed(&body), Is::Right(request.to_vec(), amount))
    }

    fn foreign(log: u32) -> Piece {
        Piece { is: Is::Foreign(log), ..Piece::right(log, b"c", 8) }
    }

    /// A whole record whose body has this length.
    fn long(length: usize) -> Piece {
        let right = Piece::right(OWN, &vec![b'x'; length.saturating_sub(8)], 4);
        match length {
            8..=MAX_BODY => right,
            _ => Piece::new(framed(&right.bytes[8..8 + length]), Is::BadLength(length as u32)),
        }
    }

    /// A header with this length, and two bytes.
    fn claim(length: u32) -> Piece {
        let is_length = (8..=MAX_BODY as u32).contains(&length);
        let is = if is_length { Is::Cut } else { Is::BadLength(length) };
        Piece::new([&header(length)[..], b"hi"].concat(), is)
    }

    /// What a file system may show where nothing was written.
    fn zeros(length: usize) -> Piece {
        Piece::new(vec![0; length], if length < 8 { Is::Cut } else { Is::BadHeader })
    }

    fn cut(&self, length: usize) -> Piece {
        Piece::new(self.bytes[..length].to_vec(), Is::Cut)
    }

    fn flipped(&self, bit: usize) -> Piece {
        let is = if bit < 64 { Is::BadHeader } else { Is::BadBody };
        let mut piece = Piece { is, flipped: Some(bit / 8), ..self.clone() };
        piece.bytes[bit / 8] ^= 0x80 >> (bit % 8);
        piece
    }
}

fn header(length: u32) -> Vec<u8> {
    let length = length.to_be_bytes();
    [length, checksum(&length).to_be_bytes()].concat()
}

fn framed(body: &[u8]) -> Vec<u8> {
    [&header(body.len() as u32)[..], body, &checksum(body).to_be_bytes()].concat()
}

/// All cases: every small log, every cut, every flipped bit, then the boundaries.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let right = [(b"a", 1), (b"b", 2), (b"c", 8)].map(|(id, amount)| Piece::right(OWN, id, amount));
    let few = [&right[..2], &[Piece::right(OWN, b"a", 4), Piece::foreign(9)]].concat();
    let small: Vec<_> = (0..=SMALL).flat_map(|records| every_row(&few, records)).collect();
    let cut: Vec<_> = small.iter().flat_map(|log| cuts(log)).collect();
    let flipped: Vec<_> = (1..=right.len()).flat_map(|records| flips(&right[..records])).collect();
    let logs = small.into_iter().chain(cut).chain(flipped).chain(lengths(&right[0]));
    let logs = logs.chain(wrong(&right)).chain(requests()).chain(long(&right[0]));
    logs.map(|pieces| Case { log: OWN, pieces }).chain(numbers())
}

/// The log, with its last record cut anywhere.
fn cuts(log: &[Piece]) -> Vec<Vec<Piece>> {
    let Some((last, before)) = log.split_last() else { return Vec::new() };
    (1..last.bytes.len()).map(|length| [before, &[last.cut(length)]].concat()).collect()
}

/// The log, with each of its bits flipped: of each record first those from the amount on.
fn flips(log: &[Piece]) -> Vec<Vec<Piece>> {
    const AMOUNT: usize = 12 * 8;
    let mut logs = Vec::new();
    for (place, piece) in log.iter().enumerate() {
        for bit in (AMOUNT..piece.bytes.len() * 8).chain(0..AMOUNT) {
            let mut log = log.to_vec();
            log[place] = piece.flipped(bit);
            logs.push(log);
        }
    }
    logs
}

/// Lengths that a header claims, and those of bodies, around what a body may have.
fn lengths(right: &Piece) -> Vec<Vec<Piece>> {
    let edges = EDGES.into_iter().filter_map(|length| u32::try_from(length).ok());
    let claims = (0..=20).chain(MAX_BODY as u32 - 1..=MAX_BODY as u32 + 1).chain(edges);
    let claims = claims.map(Piece::claim).map(|claim| vec![right.clone(), claim]);
    let whole = (0..=20).chain(MAX_BODY - 1..=MAX_BODY + 1).map(Piece::long);
    let whole = whole.flat_map(|long| [vec![long.clone()], vec![long, right.clone()]]);
    claims.chain(whole).collect()
}

/// What is wrong in each way, at the end and with each thing behind it.
fn wrong(right: &[Piece; 3]) -> Vec<Vec<Piece>> {
    let mut wrong = [31, 63, 100].map(|bit| right[0].flipped(bit)).to_vec();
    wrong.extend([7, MAX_BODY + 1].map(Piece::long));
    wrong.extend([Piece::foreign(9).flipped(100), Piece::foreign(9), Piece::zeros(500)]);
    let cut = [1, 8, 20].map(|length| right[1].cut(length));
    let zeros: Vec<_> = (1..=12).map(Piece::zeros).collect();
    let behind = [&right[..1], &wrong, &cut, &zeros].concat();
    let after = |piece: &Piece| {
        let first = [right[2].clone(), piece.clone()];
        behind.iter().map(|behind| [&first[..], from_ref(behind)].concat()).collect::<Vec<_>>()
    };
    let at_the_end = wrong.iter().map(|piece| vec![piece.clone()]);
    at_the_end.chain(wrong.iter().chain(right).flat_map(after)).collect()
}

/// Each two of ids that differ, whatever text they would be, and each of them twice.
fn requests() -> Vec<Vec<Piece>> {
    const IDS: [&[u8]; 8] = [b"", b"a", b"aa", b"A", b"\0", b"\0\0", b"\xff", b"\xfe"];
    let pair = |one, other| vec![Piece::right(OWN, one, 1), Piece::right(OWN, other, 2)];
    IDS.iter().flat_map(|one| IDS.map(|other| pair(one, other))).collect()
}

/// Many different requests, with a torn record, with a damaged one, and with all of them again.
fn long(right: &Piece) -> [Vec<Piece>; 3] {
    let request = |number: u16| Piece::right(OWN, &number.to_be_bytes(), number.into());
    let all: Vec<_> = (0..LONG).map(request).collect();
    let damaged = [right.flipped(100), right.clone()];
    [&[right.cut(20)][..], &damaged, &all].map(|end| [&all, end].concat())
}

/// Numbers of logs and amounts, up to the largest, and logs whose numbers differ in one bit.
fn numbers() -> Vec<Case> {
    let mut cases = Vec::new();
    for number in EDGES.into_iter().chain([0]).filter_map(|number| u32::try_from(number).ok()) {
        let [one, largest] =
            [(b"a", number), (b"b", u32::MAX)].map(|(id, amount)| Piece::right(number, id, amount));
        cases.push(Case { log: number, pieces: vec![one, largest] });
        let foreign = (0..u32::BITS).map(|bit| Piece::foreign(number ^ 1 << bit));
        cases.extend(foreign.map(|foreign| Case { log: number, pieces: vec![foreign] }));
    }
    cases
}
