//! Every small stream in every cutting, the boundaries, and what is right for each.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::iter;

use super::{HEADER, MAX_BODY, Outcome};

/// Bytes of the longest stream that is cut in every way: the longest frame, or two short ones.
pub(super) const SMALL: usize = HEADER + MAX_BODY;

/// Lengths of the small streams: all that are allowed, the first that is not, and the greatest.
const CLAIMS: [u32; MAX_BODY + 3] = [0, 1, 2, 3, 4, 5, 6, u32::MAX];

/// Lengths that are too long, but not for code that cuts them to fewer bits, takes them for
/// negative, or adds four.
pub(super) const TOO_LONG: [u32; 20] = [
    6, 7, 9, 10, 127, 128, 255, 0x100, 0x105, 0xffff, 0x10000, 0x10005, 0x1000000, 0x5000000,
    0x7fffffff, 0x80000000, 0x80000005, 0xfffffffb, 0xfffffffc, 0xffffffff,
];

/// What streams fail with, mostly with the first.
pub(super) const FAILURES: [ErrorKind; 5] = [
    ErrorKind::ConnectionReset,
    ErrorKind::TimedOut,
    ErrorKind::WouldBlock,
    ErrorKind::BrokenPipe,
    ErrorKind::Other,
];

/// Frames of the longest stream.
pub(super) const LONG_RUN: u32 = 300;

/// A stream, where its pieces end, and what it fails with then, if it does.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(super) bytes: Vec<u8>,
    /// In order; the last is the end of the stream.
    pub(super) ends: Vec<usize>,
    pub(super) failure: Option<ErrorKind>,
}

impl Case {
    fn cut(bytes: &[u8], is_end: impl Fn(usize) -> bool, failure: Option<ErrorKind>) -> Case {
        let is_end = |place: &usize| *place == bytes.len() || is_end(*place);
        Case { bytes: bytes.to_vec(), ends: (1..=bytes.len()).filter(is_end).collect(), failure }
    }

    /// Where the piece ends that has the byte at this place.
    pub(super) fn piece_end(&self, at: usize) -> usize {
        let place = self.ends.partition_point(|&end| end <= at);
        self.ends.get(place).copied().unwrap_or(self.bytes.len())
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let starts = iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }

    /// The length of the frame that begins here, if it is there.
    pub(super) fn claim(&self, start: usize) -> Option<usize> {
        let header = self.bytes[start..].first_chunk::<HEADER>()?;
        Some(u32::from_be_bytes(*header) as usize)
    }

    /// What is right for a call that begins here, and up to where it may read.
    pub(super) fn right(&self, start: usize) -> (Outcome, usize) {
        let over = match self.failure {
            Some(kind) => Outcome::Failed(kind, true),
            None if start == self.bytes.len() => Outcome::End,
            None => Outcome::CutShort,
        };
        let body = start + HEADER;
        match self.claim(start) {
            None => (over, usize::MAX),
            Some(claim) if claim > MAX_BODY => (Outcome::TooLong, body),
            Some(claim) => match self.bytes.get(body..body + claim) {
                None => (over, usize::MAX),
                Some(bytes) => (Outcome::frame(bytes), body + claim),
            },
        }
    }

    /// Where each call begins, if all before it are right.
    pub(super) fn starts(&self) -> impl Iterator<Item = usize> {
        iter::successors(Some(0), |&start| match self.right(start) {
            (Outcome::Frame(..), end) => Some(end),
            _ => None,
        })
    }
}

/// All cases: small streams that end, then those that fail, then the boundaries.
pub(super) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    // The shortest first, and then the fewest cuts.
    for length in 0..=SMALL {
        let mut cuttings: Vec<u32> = (0..1 << length.saturating_sub(1)).collect();
        cuttings.sort_by_key(|cuts| cuts.count_ones());
        let streams = streams(length);
        for cuts in cuttings {
            let is_end = |place| cuts >> (place - 1) & 1 == 1;
            cases.extend(streams.iter().map(|bytes| Case::cut(bytes, is_end, None)));
        }
    }
    for bytes in (0..=SMALL).flat_map(streams) {
        cases.extend(cut_in_some_ways(&bytes, Some(FAILURES[0])));
    }
    let others = TOO_LONG.into_iter().filter(|claim| !CLAIMS.contains(claim));
    let any_body = (0..=u8::MAX).map(|byte| vec![0, 0, 0, 1, byte, byte]);
    let short = others.map(|claim| claim.to_be_bytes().to_vec()).chain(any_body);
    cases.extend(short.map(|bytes| Case::cut(&bytes, |_| false, None)));
    for bytes in longer() {
        cases.extend(cut_in_some_ways(&bytes, None));
    }
    let mut run: Vec<u8> = (0..LONG_RUN).flat_map(|number| frame(number % 6, b'a')).collect();
    run.pop();
    cases.extend([1, 7, run.len()].map(|step| Case::cut(&run, |end| end % step == 0, None)));
    let whole = frame(1, b'a');
    for start in (0..=whole.len()).map(|length| &whole[..length]) {
        cases.extend(FAILURES[1..].iter().map(|&kind| Case::cut(start, |_| false, Some(kind))));
    }
    cases
}

/// Every stream of exactly `length` bytes: frames of all [`CLAIMS`] one after the other, broken off
/// there.
fn streams(length: usize) -> BTreeSet<Vec<u8>> {
    if length == 0 {
        return BTreeSet::from([Vec::new()]);
    }
    let streams = CLAIMS.into_iter().flat_map(|claim| {
        let mut first = frame(claim, b'a');
        first.truncate(length);
        let rest = streams(length - first.len()).into_iter();
        rest.map(move |rest| [&first[..], &rest].concat())
    });
    streams.collect()
}

/// A frame whose body counts up from a letter, so that a lost byte shows: no more of it than the
/// longest case has.
fn frame(claim: u32, letter: u8) -> Vec<u8> {
    let body = (letter..=b'z').take(claim as usize).take(10);
    claim.to_be_bytes().into_iter().chain(body).collect()
}

/// A stream in one piece, cut in one place, and cut everywhere.
fn cut_in_some_ways(bytes: &[u8], failure: Option<ErrorKind>) -> Vec<Case> {
    let once = (0..bytes.len().max(1)).map(|cut| Case::cut(bytes, |end| end == cut, failure));
    let all = (bytes.len() > 2).then(|| Case::cut(bytes, |_| true, failure));
    once.chain(all).collect()
}

/// Streams that are longer: lengths that are too long, two frames, unusual bodies.
fn longer() -> Vec<Vec<u8>> {
    let too_long = TOO_LONG.map(|claim| [frame(claim, b'a'), frame(1, b'z')].concat());
    let lengths = 0..=MAX_BODY as u32;
    let pairs = lengths.clone().flat_map(|one| lengths.clone().map(move |other| (one, other)));
    let two = pairs.map(|(one, other)| [frame(one, b'a'), frame(other, b'p'), vec![0, 0]].concat());
    let bodies = [[0; 5], [0xff; 5], [0, 0xff, b'\n', b'\r', 0x80], [0xc3, 0x28, 0, 0, 0]];
    let unusual = bodies.map(|body| [&[0, 0, 0, 5][..], &body, &[0]].concat());
    too_long.into_iter().chain(two).chain(unusual).collect()
}
