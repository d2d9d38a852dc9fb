//! What is wrong with an answer, and what helps: said of this case alone.

use std::collections::BTreeSet;

use super::cases::{Case, Is, Piece};
use super::{Damage, Recovered};
use crate::Stopped;
use crate::exercise::Rule;

const RIGHT: Rule = Rule::new(
    "A record is right if both its checksums are, its length is from 8 to MAX_BODY, and its log is \
     this one. `good` counts the bytes of all right records, up to the first that is not.",
    "Numbers have their most significant byte first: `u32::from_be_bytes`. Bodies of 8 bytes and \
     of MAX_BODY bytes are right, too. A record takes 8 + length + 4 bytes.",
);

/// The rule that is broken where there is no answer.
pub(super) fn of_stop(case: &Case, stopped: &Stopped) -> Rule {
    match (stopped, wrong(case, stop(&case.recovered()))) {
        (Stopped::Panicked(panic), Some((piece, is_last, _)))
            if panic.overflowed_operation().is_none() =>
        {
            of(&piece.is, is_last)
        }
        _ => stopped.rule(),
    }
}

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(
    case: &Case,
    want: &Result<Recovered, Damage>,
    got: &Result<Recovered, Damage>,
) -> Rule {
    match (want, got, wrong(case, stop(want))) {
        (Ok(want), Ok(got), _) if want.good == got.good => adding(case),
        (.., None) => RIGHT,
        _ if stop(got) < stop(want) => RIGHT,
        (Err(_), Err(got), Some((.., end))) if got.at < end => Rule::new(
            "Damage is reported where the first damaged record begins, and not at the field of it \
             that is wrong.",
            "Return the number of bytes of all records before this one: it is `good` so far.",
        ),
        (.., Some((piece, is_last, _))) => of(&piece.is, is_last),
    }
}

/// How far an answer goes.
fn stop(answer: &Result<Recovered, Damage>) -> usize {
    answer.map_or_else(|damage| damage.at, |recovered| recovered.good)
}

/// The piece that begins at this byte, whether it is the last, and where it ends.
fn wrong(case: &Case, at: usize) -> Option<(&Piece, bool, usize)> {
    let mut end = 0;
    let piece = case.pieces.iter().find(|piece| {
        end += piece.bytes.len();
        end > at
    })?;
    Some((piece, end == case.bytes().len(), end))
}

/// What holds where this is the first thing that is not right.
fn of(is: &Is, is_last: bool) -> Rule {
    match is {
        Is::Right(..) => RIGHT,
        Is::Cut => Rule::new(
            "A last record of which bytes are missing is torn: it adds nothing, and the log is \
             good up to where it begins. It is not damage, since a crash leaves such a record.",
            "Take bytes with `rest.split_off(..8)`, then `..length` and `..4`: where it is None, \
             return the total so far, and as `good` the place where this record begins.",
        ),
        Is::BadBody if is_last => Rule::new(
            "A last body that does not match its checksum is torn: a crash may leave that. It adds \
             nothing, and the log is good up to where its record begins.",
            "Where the checksum of a body is wrong, ask whether `rest` is empty behind it. Then it \
             is torn; it is damage only if a byte follows.",
        ),
        Is::BadBody => Rule::new(
            "A body that does not match its checksum is damage if at least one byte follows the \
             record: it was written before that byte, so it may have been acknowledged.",
            "Where the checksum of a body is wrong and `rest` is not empty behind it, return \
             Damage. Neither stop there nor go on.",
        ),
        Is::BadHeader => Rule::new(
            "A length is believed only if its checksum is right. If it is not, it is unknown where \
             the record ends and whether more follows: that is damage, even at the end.",
            "Where 8 bytes are there, compare `checksum` of the first 4 with the number in the \
             other 4, before you use the length.",
        ),
        Is::BadLength(_) => Rule::new(
            "No body has fewer than 8 bytes or more than MAX_BODY. A length that was never written \
             is damage, however few bytes follow: no crash leaves it, and no memory is reserved \
             for it.",
            "Right behind the checksum of the header ask for `(8..=MAX_BODY).contains(&length)`, \
             before you compare the length with the bytes that are left.",
        ),
        Is::Foreign(_) => Rule::new(
            "A record with right checksums and another log's number was written for another \
             replica. No crash leaves that, so it is damage, even at the end.",
            "Behind the checksum of the body compare the first number in the body with `log`, and \
             return Damage where they differ.",
        ),
    }
}

fn adding(case: &Case) -> Rule {
    let mut ids = BTreeSet::new();
    let is_retried =
        case.pieces.iter().any(|piece| matches!(&piece.is, Is::Right(id, _) if !ids.insert(id)));
    match is_retried {
        true => Rule::new(
            "Two records with the same request id are one add, which its client has sent again: \
             the first counts, and no later one adds anything, however far behind it is.",
            "Keep the ids in a BTreeSet, and add an amount only where `insert` returns true.",
        ),
        false => Rule::new(
            "The total is the sum of the amounts of all right records with different request ids, \
             and nothing of a torn one. Ids are the same only if all their bytes are.",
            "The amount is the second number in the body: add `u64::from` of it. Compare ids as \
             bytes, all of them from the 9th of the body on, and not as text.",
        ),
    }
}
