//! What is wrong with a decision, in a sentence.

use super::cases::{Came, Case};
use super::{Decision, NoAnswer};
use crate::Stopped;

/// The rule that was broken, as a sentence about this case alone; `None` if the decision is right.
pub(super) fn broken(case: &Case, seen: &Result<Decision, Stopped>) -> Option<&'static str> {
    let want = case.right();
    match seen {
        Ok(got) if *got == want => None,
        Ok(got) => Some(match &case.outcome {
            Ok(came) => answered(case, came, &want, got),
            Err(why) => unanswered(*why, &want),
        }),
        Err(stopped) => Some(stopped.rule()),
    }
}

fn unanswered(why: NoAnswer, want: &Decision) -> &'static str {
    match (why, want) {
        (NoAnswer::Connect, _) => {
            "Where no connection came about nothing was sent, so nothing was done: any method may \
             be sent again."
        }
        (_, Decision::Retry) => {
            "Nobody knows whether the request was carried out. With an idempotent method that \
             makes no difference: it may be sent again."
        }
        _ => {
            "Nobody knows whether the request was carried out, and this method may not be done \
             twice: it is not sent again."
        }
    }
}

fn answered(case: &Case, came: &Came, want: &Decision, got: &Decision) -> &'static str {
    match want {
        Decision::Done => done(case, came, got),
        Decision::Follow(_) => follow(came, got),
        Decision::RetryAfter(_) if is_small(came) => {
            "Upper or lower case makes no difference in the name of a header: Retry-After tells \
             how many seconds to wait."
        }
        Decision::RetryAfter(_) => {
            "The server says that the same request may succeed later, and Retry-After in how many \
             seconds. It knows better than any formula."
        }
        Decision::Retry => retry(came, got),
        Decision::GiveUp => give_up(came),
    }
}

fn done(case: &Case, came: &Came, got: &Decision) -> &'static str {
    match (came.status, got) {
        (404, _) => {
            "DELETE asks that the thing be gone, and 404 says that it is, whoever removed it. That \
             is a success."
        }
        (_, Decision::Follow(_))
            if case.outcome().is_ok_and(|answer| !answer.headers.is_empty()) =>
        {
            "Only a 3xx sends elsewhere. With a 201, Location is the address of what was created."
        }
        _ => {
            "Every status from 200 to 299 says that it is done, with a body or without: a client \
             that does not know a code takes it for the first of its hundred."
        }
    }
}

fn follow(came: &Came, got: &Decision) -> &'static str {
    match got {
        Decision::Follow(_) => "The address to follow is the value of Location, as it stands.",
        _ if is_small(came) => {
            "Upper or lower case makes no difference in the name of a header: Location says where \
             to look."
        }
        _ => {
            "A 3xx with a Location says where to look, whether or not its code is known, and a \
             safe method may look there."
        }
    }
}

fn retry(came: &Came, got: &Decision) -> &'static str {
    match (came, got) {
        (Came { header: Some(_), .. }, _) => {
            "A Retry-After that is not a whole number of seconds that fits into a u64 counts as \
             none: the request may be sent again, after a wait of the caller's choice."
        }
        (_, Decision::RetryAfter(_)) => {
            "Without a Retry-After the server has named no time: Retry leaves that to the caller."
        }
        (Came { status: 429, .. }, _) => {
            "429 refuses a request because it came too soon. It was not carried out, so any method \
             may be sent again."
        }
        _ => {
            "502, 503 and 504 may pass, and an idempotent method may be done twice: it is sent \
             again."
        }
    }
}

fn give_up(came: &Came) -> &'static str {
    match (came.status, came.header) {
        (300..=399, None) => {
            "A 3xx says to look elsewhere, so it is no success; without a Location it does not say \
             where."
        }
        (300..=399, Some(_)) => {
            "A 3xx says to look elsewhere, so it is no success; and only a safe method may look \
             there unasked, for any other may change something."
        }
        (400..=499, _) => {
            "With this status the request has to change: it is no success, and the same one will \
             be refused again."
        }
        (502..=504, _) => {
            "With 502, 503 and 504 the request may have been carried out all the same, and this \
             method may not be done twice: it is not sent again."
        }
        _ => {
            "This status is no success, and it does not say that the same request may succeed \
             later."
        }
    }
}

fn is_small(came: &Came) -> bool {
    came.header.is_some_and(|(name, _)| name.starts_with(|c: char| c.is_ascii_lowercase()))
}
