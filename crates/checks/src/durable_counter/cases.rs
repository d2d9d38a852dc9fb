//! The logs that are tried, each made of pieces of which is known what they are: so the judge reads
//! no log.

use std::collections::BTreeMap;
use std::iter::repeat_n;
use std::slice::from_ref;

use super::{Damage, MAX_BODY, Recovered, checksum};
use crate::numbers::{EDGES, every_row};

/// Every log of up to this many records of four kinds is tried.
pub(super) const SMALL: usize = 3;

/// Records of a long log.
pub(super) const LONG: u16 = 1000;

/// The replica's own number in most cases.
const OWN: u32 = 7;

/// Ids of which each two are different requests, whatever text they would be.
const REQUESTS: [&[u8]; 9] = [b"", b"a", b"aa", b"A", b"a ", b"\0", b"\0\0", b"\xff", b"\xfe"];

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
    Right {
        request: Vec<u8>,
        amount: u32,
    },
    /// Bytes are missing: it is the last piece.
    Cut,
    /// The header is whole, and its checksum is wrong.
    BadHeader,
    /// The header's checksum is right, and a body never has this length.
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
                Is::Right { request, amount } => {
                    amounts.entry(request).or_insert(u64::from(*amount));
                }
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
        Piece::new(framed(&body), Is::Right { request: request.to_vec(), amount })
    }

    fn foreign(log: u32, request: &[u8], amount: u32) -> Piece {
        Piece { is: Is::Foreign(log), ..Piece::right(log, request, amount) }
    }

    /// A record whose body has this length: what is not left of one, or is put behind it, is `x`.
    fn long(length: usize, amount: u32) -> Piece {
        let request = vec![b'x'; length.saturating_sub(8)];
        let right = Piece::right(OWN, &request, amount);
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

    /// So many equal bytes.
    fn garbage(byte: u8, length: usize) -> Piece {
        let is = match (length, byte) {
            (..8, _) => Is::Cut,
            // Four bytes ff are their own checksum.
            (_, 0xff) => Is::BadLength(u32::MAX),
            _ => Is::BadHeader,
        };
        Piece::new(vec![byte; length], is)
    }

    fn cut(&self, length: usize) -> Piece {
        Piece::new(self.bytes[..length].to_vec(), Is::Cut)
    }

    fn flipped(&self, bit: usize) -> Piece {
        let is = if bit / 8 < 8 { Is::BadHeader } else { Is::BadBody };
        let mut piece = Piece { is, flipped: Some(bit / 8), ..self.clone() };
        piece.bytes[bit / 8] ^= 0x80 >> (bit % 8);
        piece
    }

    /// The same record with other bytes from its log on: a sector that was never written.
    fn lost(&self, byte: u8) -> Piece {
        let mut piece = Piece { is: Is::BadBody, ..self.clone() };
        piece.bytes[8..].fill(byte);
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
    let [one, two] = [Piece::right(OWN, b"a", 1), Piece::right(OWN, b"b", 2)];
    let again = Piece::right(OWN, b"a", 4);
    let few = [one.clone(), two.clone(), again, Piece::foreign(9, b"c", 8)];
    let small: Vec<_> = (0..=SMALL).flat_map(|records| every_row(&few, records)).collect();
    let cut: Vec<_> = small.iter().flat_map(|log| cuts(log)).collect();
    let right = [one, two, Piece::right(OWN, b"c", 8)];
    let flipped: Vec<_> = (1..=right.len()).flat_map(|records| flips(&right[..records])).collect();
    let logs = small.into_iter().chain(cut).chain(flipped);
    let logs = logs.chain(odd(&right)).chain(lengths(&right)).chain(requests()).chain(long());
    logs.map(|pieces| Case { log: OWN, pieces }).chain(numbers())
}

/// The log, with its last record cut anywhere.
fn cuts(log: &[Piece]) -> Vec<Vec<Piece>> {
    let Some((last, before)) = log.split_last() else { return Vec::new() };
    (1..last.bytes.len()).map(|length| [before, &[last.cut(length)]].concat()).collect()
}

/// The log, with each of its bits flipped.
fn flips(log: &[Piece]) -> Vec<Vec<Piece>> {
    let mut logs = Vec::new();
    for (place, piece) in log.iter().enumerate() {
        for bit in 0..piece.bytes.len() * 8 {
            let mut log = log.to_vec();
            log[place] = piece.flipped(bit);
            logs.push(log);
        }
    }
    logs
}

/// What is wrong in each way, with nothing or with each kind of thing before it and behind it.
fn odd([one, two, three]: &[Piece; 3]) -> Vec<Vec<Piece>> {
    let foreign = Piece::foreign(9, b"c", 8);
    let mut odd = vec![one.flipped(31), one.flipped(63), one.flipped(100), foreign.flipped(100)];
    odd.extend([one.lost(0), one.lost(0xff), foreign.clone()]);
    odd.extend([0, 7, MAX_BODY + 1].map(|length| Piece::long(length, 1)));
    odd.extend([Piece::garbage(0, 8), Piece::garbage(0, 30), Piece::garbage(0xff, 5000)]);
    let behind = [two.cut(1), two.cut(8), two.cut(two.bytes.len() - 1), two.clone(), foreign];
    let wrong_again = odd.clone();
    let behind = behind.into_iter().chain(wrong_again).map(|piece| vec![piece]);
    let behind: Vec<_> = [Vec::new()].into_iter().chain(behind).collect();
    let mut logs = Vec::new();
    for piece in &odd {
        for behind in &behind {
            logs.push([from_ref(piece), &behind[..]].concat());
            logs.push([&[three.clone(), piece.clone()], &behind[..]].concat());
        }
    }
    let garbage = (1..=12).flat_map(|length| [0, 0xff].map(|byte| Piece::garbage(byte, length)));
    logs.extend(garbage.flat_map(|garbage| [vec![garbage.clone()], vec![two.clone(), garbage]]));
    logs
}

/// Lengths around what a body may have, and those that a header claims.
fn lengths([one, ..]: &[Piece; 3]) -> Vec<Vec<Piece>> {
    let whole = (0..=20).chain(MAX_BODY - 2..=MAX_BODY + 2).chain([65_536 + 9]);
    let whole = whole.flat_map(|length| {
        let long = Piece::long(length, 2);
        [vec![long.clone()], vec![long.clone(), one.clone()], vec![one.clone(), long]]
    });
    let edges = EDGES.into_iter().filter_map(|length| u32::try_from(length).ok());
    let limits = [0, 7, 8, 9, MAX_BODY as u32 - 1, MAX_BODY as u32, MAX_BODY as u32 + 1];
    let claims = limits.into_iter().chain(edges).map(Piece::claim);
    let claims = claims.flat_map(|claim| [vec![claim.clone()], vec![one.clone(), claim]]);
    whole.chain(claims).collect()
}

/// Each two ids.
fn requests() -> Vec<Vec<Piece>> {
    let pair = |one, other| vec![Piece::right(OWN, one, 1), Piece::right(OWN, other, 2)];
    REQUESTS.iter().flat_map(|one| REQUESTS.map(|other| pair(one, other))).collect()
}

/// Long logs: of different requests, with all of them again, of one request; cut, and damaged.
fn long() -> Vec<Vec<Piece>> {
    let right = |number: u16| Piece::right(OWN, &number.to_be_bytes(), number.into());
    let all: Vec<_> = (0..LONG).map(right).collect();
    let torn = all[1].cut(20);
    let damaged = [&all[..], &[all[1].flipped(100)], &all[..1]].concat();
    let again = [&all[..], &all].concat();
    let same = repeat_n(all[1].clone(), LONG.into()).collect();
    vec![[&all[..], &[torn]].concat(), damaged, again, same, all]
}

/// Numbers of logs and amounts, up to the largest, and logs whose numbers differ in one bit.
fn numbers() -> Vec<Case> {
    let mut cases = Vec::new();
    for number in EDGES.into_iter().chain([0]).filter_map(|number| u32::try_from(number).ok()) {
        let mut add = |log, pieces| cases.push(Case { log, pieces });
        let largest = Piece::right(number, b"b", u32::MAX);
        add(number, vec![Piece::right(number, b"a", 1)]);
        add(OWN, vec![Piece::right(OWN, b"a", number)]);
        add(number, vec![Piece::right(number, b"a", number), largest]);
        for other in (0..u32::BITS).map(|bit| number ^ 1 << bit).chain([number.swap_bytes()]) {
            if other != number {
                add(number, vec![Piece::foreign(other, b"a", 1)]);
            }
        }
    }
    cases
}
