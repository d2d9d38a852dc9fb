//! Every small stream, in every cutting, and what is right for each.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use super::{HEADER, MAX_BODY};
use crate::{Panic, hex, plural};

/// Bytes of the longest stream. It holds the longest frame, and two short ones.
pub(super) const LONGEST_STREAM: usize = HEADER + MAX_BODY;

/// Lengths that are claimed: all that are allowed, the first that is not, one in each of the other
/// bytes, and the greatest, to which nothing can be added.
const CLAIMS: [u32; MAX_BODY + 6] = [0, 1, 2, 3, 4, 5, 6, 0x100, 0x1_0000, 0x100_0000, 0xffff_ffff];

/// What a stream that fails fails with.
pub(super) const FAILURE: ErrorKind = ErrorKind::ConnectionReset;

/// A stream, how it is cut, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub(super) bytes: Vec<u8>,
    /// Bit `i` is set where a cut follows byte `i`.
    cuts: u32,
    pub(super) ending: Ending,
}

/// What the stream says after its last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// The end of the stream, from then on.
    End,
    /// [`FAILURE`], from then on.
    Failure,
}

/// What a call answers, and what the judge makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Frame(Vec<u8>),
    End,
    TooLong,
    /// Refused, but only after more was read.
    TooLongTooLate,
    CutShort,
    Failed(ErrorKind),
    Panicked(Panic),
    ReadsForEver,
}

/// All cases: those that end before those that fail, fewest bytes first, and then fewest cuts.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let endings = [Ending::End, Ending::Failure].into_iter();
    endings.flat_map(|ending| (0..=LONGEST_STREAM).flat_map(move |length| cases(ending, length)))
}

fn cases(ending: Ending, length: usize) -> impl Iterator<Item = Case> {
    let streams = streams(length);
    cuttings(length).into_iter().flat_map(move |cuts| {
        let case = move |bytes| Case { bytes, cuts, ending };
        streams.clone().into_iter().map(case)
    })
}

/// Every way to cut so many bytes, the fewest cuts first.
fn cuttings(length: usize) -> Vec<u32> {
    let places = length.saturating_sub(1);
    let mut cuttings: Vec<u32> = (0..1 << places).collect();
    cuttings.sort_by_key(|cuts| cuts.count_ones());
    cuttings
}

/// Every stream of exactly `length` bytes: frames of all [`CLAIMS`] one after the other, broken off
/// there.
fn streams(length: usize) -> BTreeSet<Vec<u8>> {
    if length == 0 {
        return BTreeSet::from([Vec::new()]);
    }
    CLAIMS
        .into_iter()
        .flat_map(|claim| {
            let first = frame(claim, length);
            let rest = streams(length - first.len());
            rest.into_iter().map(move |rest| [first.clone(), rest].concat())
        })
        .collect()
}

/// The first `length` bytes of a frame whose body is `a`, `b`, `c` and so on, so that a lost byte
/// shows.
fn frame(claim: u32, length: usize) -> Vec<u8> {
    let body = (b'a'..=b'z').cycle().take(claim as usize);
    claim.to_be_bytes().into_iter().chain(body).take(length).collect()
}

impl Case {
    /// The answers that are right, call by call. The last of them is no frame.
    pub(super) fn answers(&self) -> Vec<Answer> {
        let mut rest = &self.bytes[..];
        let mut answers = Vec::new();
        loop {
            let answer = self.next(&mut rest);
            let last = !matches!(answer, Answer::Frame(_));
            answers.push(answer);
            if last {
                return answers;
            }
        }
    }

    fn next(&self, rest: &mut &[u8]) -> Answer {
        let missing = match self.ending {
            Ending::Failure => Answer::Failed(FAILURE),
            Ending::End if rest.is_empty() => Answer::End,
            Ending::End => Answer::CutShort,
        };
        let Some((header, after)) = rest.split_first_chunk::<HEADER>() else {
            return missing;
        };
        let claim = u32::from_be_bytes(*header) as usize;
        if claim > MAX_BODY {
            return Answer::TooLong;
        }
        let Some((body, after)) = after.split_at_checked(claim) else {
            return missing;
        };
        *rest = after;
        Answer::Frame(body.to_vec())
    }

    /// Whether some frame claims 16 MiB or more, or may do so: the first byte of its length is not
    /// 0.
    pub(super) fn is_dangerous(&self) -> bool {
        let mut rest = &self.bytes[..];
        while let Some(&first) = rest.first() {
            let dangerous = first != 0;
            if dangerous || !matches!(self.next(&mut rest), Answer::Frame(_)) {
                return dangerous;
            }
        }
        false
    }

    /// How many bytes from `at` on one read can hand out.
    pub(super) fn piece(&self, at: usize) -> usize {
        let left = self.bytes.len() - at;
        let to_the_cut = (self.cuts >> at).trailing_zeros() as usize + 1;
        to_the_cut.min(left)
    }

    /// What each read can hand out.
    pub(super) fn pieces(&self) -> Vec<&[u8]> {
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < self.bytes.len() {
            let end = at + self.piece(at);
            pieces.push(&self.bytes[at..end]);
            at = end;
        }
        pieces
    }

    /// A stream that fails is harder to think about than any that ends.
    pub(super) fn measure(&self) -> (Ending, usize, u32) {
        (self.ending, self.bytes.len(), self.cuts.count_ones())
    }

    pub(super) fn size(&self) -> String {
        let bytes = match self.bytes.len() {
            0 => "no bytes".to_owned(),
            count => plural(count, "byte"),
        };
        let pieces = match self.cuts.count_ones() {
            0 => String::new(),
            cuts => format!(" in {} pieces", cuts + 1),
        };
        let ending = match self.ending {
            Ending::End => "",
            Ending::Failure => ", then an error",
        };
        format!("{bytes}{pieces}{ending}")
    }

    /// Pieces in hex with a dot after each, and `end` or `error`: `000000.0161.end`.
    pub(super) fn code(&self) -> String {
        let mut code = String::new();
        for piece in self.pieces() {
            code.push_str(&hex::dense(piece));
            code.push('.');
        }
        code.push_str(match self.ending {
            Ending::End => "end",
            Ending::Failure => "error",
        });
        code
    }

    /// What [`code`](Case::code) wrote, for any bytes.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let (pieces, ending) = code.rsplit_once('.').unwrap_or(("", code));
        let ending = match ending {
            "end" => Ending::End,
            "error" => Ending::Failure,
            _ => return Err("it ends with neither end nor error".to_owned()),
        };
        let mut case = Case { bytes: Vec::new(), cuts: 0, ending };
        if code.contains('.') {
            for piece in pieces.split('.') {
                case.append(piece)?;
            }
        }
        Ok(case)
    }

    fn append(&mut self, piece: &str) -> Result<(), String> {
        let piece =
            hex::parse(piece).ok_or_else(|| format!("\"{piece}\" is not pairs of hex digits"))?;
        if let Some(last) = self.bytes.len().checked_sub(1) {
            self.cuts |= 1 << last;
        }
        self.bytes.extend(piece);
        if self.bytes.len() > LONGEST_STREAM {
            return Err(format!("it has more than {LONGEST_STREAM} bytes"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cutting_comes_once_and_holds_the_whole_stream() {
        let cases: Vec<Case> = all().collect();
        for case in &cases {
            assert_eq!(case.pieces().concat(), case.bytes);
        }
        let codes: BTreeSet<String> = cases.iter().map(Case::code).collect();
        assert_eq!(codes.len(), cases.len());
        // Two bytes come in one piece or two, and three in four ways.
        let pieces = |length| cuttings(length).len();
        assert_eq!([pieces(0), pieces(1), pieces(2), pieces(3), pieces(9)], [1, 1, 2, 4, 256]);
    }

    #[test]
    fn the_small_streams_are_those_one_would_write_down() {
        let three: Vec<Vec<u8>> = streams(3).into_iter().collect();
        assert_eq!(three, [[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [255, 255, 255]]);
        assert_eq!(streams(4).len(), CLAIMS.len());
        assert!(streams(9).contains(&b"\0\0\0\x01a\0\0\0\0"[..]));
        assert!(streams(9).contains(&b"\0\0\0\x05abcde"[..]));
    }

    #[test]
    fn the_right_answers_are_those_of_the_page() {
        let answers = |code| Case::parse(code).unwrap().answers();
        let a = || Answer::Frame(b"a".to_vec());
        assert_eq!(answers("end"), [Answer::End]);
        assert_eq!(answers("error"), [Answer::Failed(FAILURE)]);
        assert_eq!(answers("000000.0161.end"), [a(), Answer::End]);
        assert_eq!(answers("0000000161.00.end"), [a(), Answer::CutShort]);
        assert_eq!(answers("0000000261.end"), [Answer::CutShort]);
        assert_eq!(answers("0000000261.error"), [Answer::Failed(FAILURE)]);
        assert_eq!(answers("00000000.end"), [Answer::Frame(vec![]), Answer::End]);
        assert_eq!(answers("00000006.error"), [Answer::TooLong]);
    }

    #[test]
    fn a_claim_of_much_memory_is_dangerous_wherever_it_stands() {
        let dangerous = |code| Case::parse(code).unwrap().is_dangerous();
        for code in ["01.end", "ffff.error", "01000000.end", "0000000161ff.end"] {
            assert!(dangerous(code), "{code}");
        }
        for code in ["end", "00010000.end", "0000000161.end", "00000006ff.end"] {
            assert!(!dangerous(code), "{code}");
        }
    }

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        let error = |code: &str| Case::parse(code).unwrap_err();
        let no_ending = "it ends with neither end nor error";
        assert_eq!(error(""), no_ending);
        assert_eq!(error("0000"), no_ending);
        assert_eq!(error(&"00".repeat(99_999)), no_ending);
        for piece in ["", "0", "000", "é0", "+1"] {
            let reason = format!("\"{piece}\" is not pairs of hex digits");
            assert_eq!(error(&format!("00.{piece}.end")), reason);
        }
        let too_long = "it has more than 9 bytes";
        assert_eq!(error(&format!("{}end", "00.".repeat(99_999))), too_long);
        assert_eq!(error(&format!("{}.end", "00".repeat(99_999))), too_long);
    }
}
