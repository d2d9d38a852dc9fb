//! What is wrong with an answer, and what helps: said of this call alone.

use super::cases::Case;
use super::{Call, HEADER, MAX_BODY, Outcome};
use crate::exercise::Rule;

/// The rule that a call breaks which began at this place of the stream.
pub(super) fn broken(case: &Case, start: usize, want: &Call, got: &Call) -> Rule {
    use Outcome::*;
    match (&want.outcome, &got.outcome) {
        (want, got) if want == got => past(want),
        (TooLong, _) => too_long(),
        (_, TooLong) => allowed(case, start),
        (Failed(..), _) => Rule::new(
            "A stream that fails has not ended: its error is passed on as it is, with its kind and \
             its words, and there is no frame.",
            "Hand on the error of each `read` with `?`, and change nothing in it. None and \
             CutShort are for a read that returns 0.",
        ),
        (End, got) => end(got),
        (CutShort, got) => cut_short(case, start, got),
        (Frame(body), _) => frame(case, start, body.length),
    }
}

fn past(outcome: &Outcome) -> Rule {
    match outcome {
        Outcome::TooLong => Rule::new(
            "A length over MAX_BODY is refused as soon as it is known, and nothing more is read: \
             the peer may never send the rest.",
            "Put the comparison with MAX_BODY right after the four bytes, above all that reads the \
             body.",
        ),
        _ => Rule::new(
            "What follows a frame stays in the stream: those bytes are how the next frame begins.",
            "Read into a buffer of exactly the bytes that are still missing: four for the length, \
             then as many as it says.",
        ),
    }
}

fn too_long() -> Rule {
    Rule::new(
        "A length over MAX_BODY, 5, is refused as soon as its four bytes came: a peer that sends \
         four bytes can claim 4 GiB.",
        "Compare all 32 bits of the length, `u32::from_be_bytes(header) as usize`, with MAX_BODY \
         right after the four bytes, and answer TooLong.",
    )
}

/// Where a length was refused that is not too long.
fn allowed(case: &Case, start: usize) -> Rule {
    match case.claim(start) {
        None => Rule::new(
            "A length is known when its four bytes came. Here the stream is over before that.",
            "Look at how many bytes of the length came before you make a number of them.",
        ),
        Some(MAX_BODY) => Rule::new(
            "A length of MAX_BODY, 5, is the last that is allowed, and the first that is too long \
             is 6. The length counts the body alone.",
            "Refuse where the length is greater than MAX_BODY, not where it is equal, and add \
             nothing to it.",
        ),
        Some(_) => Rule::new(
            "A length of up to MAX_BODY, 5, is allowed. It stands in four bytes, the most \
             significant first.",
            "Make the number with `u32::from_be_bytes`, and refuse it only where it is greater \
             than MAX_BODY.",
        ),
    }
}

fn end(got: &Outcome) -> Rule {
    let rule = "Between two frames the stream may end. That is no error and no frame: the answer \
                is Ok(None).";
    match got {
        Outcome::Failed(..) => Rule::new(
            rule,
            "read_exact calls every end an error. Read the length in a loop of your own: where its \
             first read returns 0, answer Ok(None).",
        ),
        _ => Rule::new(
            rule,
            "Where the first read of the length returns 0, answer Ok(None) before you look at a \
             length.",
        ),
    }
}

fn cut_short(case: &Case, start: usize, got: &Outcome) -> Rule {
    match (got, case.claim(start)) {
        (Outcome::Failed(..), _) => Rule::new(
            "Here the stream did not fail, it ended inside a frame: CutShort. The UnexpectedEof of \
             read_exact is an Io error once `?` has passed it on.",
            "Turn the ErrorKind::UnexpectedEof of read_exact into CutShort, or read in a loop and \
             see the 0 yourself.",
        ),
        (_, None) => Rule::new(
            "A stream that ends after one to three bytes of a length has cut a frame short. Only \
             where none of them came is it a good end.",
            "How many bytes of the length had come when the read returned 0? With none of them \
             answer Ok(None), with one to three CutShort.",
        ),
        (_, Some(_)) => Rule::new(
            "A stream that ends inside a body has cut the frame short: the length promised more \
             than came, and what came is no frame.",
            "The length counts the body alone: take nothing off it. And where a read returns 0 \
             before the body has that many bytes, answer CutShort.",
        ),
    }
}

fn frame(case: &Case, start: usize, length: usize) -> Rule {
    let end = start + HEADER + length;
    match length {
        _ if case.is_cut_between(start, end) => Rule::new(
            "A frame may come in any number of pieces, and a read returns at most one of them. \
             Only a read of 0 bytes is the end.",
            "Use the number that `read` returns: read again until the four bytes are full, and \
             again until the body is, or a read returns 0.",
        ),
        0 => Rule::new(
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
