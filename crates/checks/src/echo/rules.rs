//! What is wrong with an answer, and what helps: said of this call alone.

use super::cases::Case;
use super::{HEADER, Outcome};
use crate::exercise::Rule;

/// The rule that a call breaks which began at this place of the stream.
pub(super) fn broken(case: &Case, start: usize, got: &Outcome) -> Rule {
    use Outcome::*;
    let is_cut = |body: usize| case.piece_end(start) < start + HEADER + body;
    match (&case.right(start).0, got, case.claim(start)) {
        (TooLong, ..) => Rule::new(
            "A length over MAX_BODY, 5, is refused as soon as its four bytes came, and nothing \
             more is read: it can claim 4 GiB, and the peer may never send them.",
            "Compare all 32 bits of the length, `u32::from_be_bytes(header) as usize`, with \
             MAX_BODY right after the four bytes, above all that reads the body.",
        ),
        (_, ReadsPast, _) => Rule::new(
            "What follows a frame stays in the stream: those bytes are how the next frame begins.",
            "Read into a buffer of exactly the bytes that are still missing: four for the length, \
             then as many as it says.",
        ),
        (_, TooLong, Some(_)) => Rule::new(
            "A length of up to MAX_BODY, 5, is allowed, and 5 itself is. It stands in four bytes, \
             the most significant first, and counts the body alone.",
            "Make the number with `u32::from_be_bytes`, add nothing to it, and refuse it only \
             where it is greater than MAX_BODY.",
        ),
        (Failed(..), ..) => Rule::new(
            "A stream that fails has not ended: its error is passed on as it is, with its kind and \
             its words, and there is no frame.",
            "Hand on the error of each `read` with `?`, and change nothing in it. None and \
             CutShort are for a read that returns 0.",
        ),
        (End, ..) => Rule::new(
            "Between two frames the stream may end. That is neither an error nor a frame: the \
             answer is Ok(None).",
            "read_exact calls every end an error, so read the length in a loop of your own. Where \
             its first read returns 0, answer Ok(None).",
        ),
        (CutShort, Failed(..), _) => Rule::new(
            "Here the stream did not fail, it ended inside a frame: CutShort. The UnexpectedEof of \
             read_exact is an Io error once `?` has passed it on.",
            "Turn the ErrorKind::UnexpectedEof of read_exact into CutShort, or read in a loop and \
             see the 0 yourself.",
        ),
        (CutShort, _, None) => Rule::new(
            "A stream that ends after one to three bytes of a length has cut a frame short. Only \
             where none of them came is it a good end.",
            "How many bytes of the length had come when the read returned 0? With none of them \
             answer Ok(None), with one to three CutShort.",
        ),
        (CutShort, ..) => Rule::new(
            "A stream that ends inside a body has cut the frame short: the length promised more \
             than came, and what came is not a frame.",
            "The length counts the body alone: take nothing off it. And where a read returns 0 \
             before the body has that many bytes, answer CutShort.",
        ),
        (Frame(_, length), ..) if is_cut(*length) => Rule::new(
            "A frame may come in any number of pieces, and a read returns at most one of them. \
             Only a read of 0 bytes is the end.",
            "Use the number that `read` returns: read again until the four bytes are full, and \
             again until the body is, or a read returns 0.",
        ),
        (Frame(_, 0), ..) => Rule::new(
            "A length of 0 is a frame too, one with nothing in it, and its answer is Ok(Some) of \
             no bytes.",
            "A read into an empty buffer returns 0 as well. Where nothing is missing, do not read: \
             the frame is whole.",
        ),
        _ => Rule::new(
            "A frame is a length in four bytes, the most significant first, and then that many \
             bytes, whatever they are. They are the answer, all of them and unchanged.",
            "Make the length with `u32::from_be_bytes`, take nothing off, and return that many \
             bytes.",
        ),
    }
}
