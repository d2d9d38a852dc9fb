//! What is wrong with a decision, and what helps: said of this case alone.

use super::{Case, Decision, Headers, IN_TWO, NEAR, NoAnswer, OCTOCAT, TYPE};
use crate::Stopped;
use crate::exercise::Rule;

const NOT_TWICE: Rule = Rule::new(
    "After a timeout, a broken connection, 502, 503 or 504 the client cannot know whether the \
     request was carried out: it is sent again only if its method is idempotent, and may be done \
     twice.",
    "Ask there whether the method is idempotent: Get, Head, Put and Delete are, Post and Patch are \
     not.",
);

const UNREADABLE: Rule = Rule::new(
    "A Retry-After that `parse` does not read as a u64 counts as none: the request may be sent \
     again, after a wait of the caller's choice.",
    "Match on the Result of `parse`, of the first value as it stands: an error is Retry.",
);

/// The rule that is broken where there is no decision.
pub(super) fn of_stop(case: &Case, stopped: &Stopped) -> Rule {
    match &case.outcome {
        Ok((_, headers)) if asks_for_no_number(headers) => UNREADABLE,
        _ => stopped.rule(),
    }
}

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Decision, got: &Decision) -> Rule {
    let (status, headers) = match &case.outcome {
        Ok(answer) => answer,
        Err(NoAnswer::Connect) => {
            return Rule::new(
                "Where no connection came about nothing was sent, so nothing was done: any method \
                 may be sent again.",
                "Answer Retry for Connect before you ask for the method.",
            );
        }
        Err(NoAnswer::TimedOut | NoAnswer::Broken) => return NOT_TWICE,
    };
    let sends_again = matches!(got, Decision::Retry | Decision::RetryAfter(_));
    match (want, got) {
        (Decision::GiveUp, _) => give_up(*status, sends_again),
        (Decision::Done, _) if *status == 404 => Rule::new(
            "DELETE asks that the thing be gone, and 404 says that it is, whichever request \
             removed it. That is a success.",
            "Above the arm of the other statuses put one for 404, if the method is Delete.",
        ),
        (Decision::Done, Decision::Follow(_)) => Rule::new(
            "Only a 3xx sends elsewhere. With a 201, Location is the address of what was created.",
            "Look at the status first, and for a Location from 300 to 399 alone.",
        ),
        (Decision::Done, _) => Rule::new(
            "Every status from 200 to 299 says that it is done, with a body or without: a client \
             that does not know a code takes it for the first of its hundred.",
            "Match on the range 200..=299: both ends belong to it, and no list of codes is needed.",
        ),
        (Decision::Follow(_), Decision::Follow(_)) => Rule::new(
            "The address to follow is the value of the first Location, as it stands.",
            "Copy the value with to_owned: no trimming, no other case, no default.",
        ),
        (Decision::Follow(_) | Decision::RetryAfter(_), _) if has_odd_names(headers) => Rule::new(
            "Upper or lower case makes no difference in the name of a header.",
            "Compare the names with `eq_ignore_ascii_case`.",
        ),
        (Decision::Follow(_), _) => Rule::new(
            "A 3xx with a Location says where to look, whether or not its code is known, and a \
             safe method may look there.",
            "For 300..=399 with Get or Head answer Follow wherever there is a Location.",
        ),
        (Decision::RetryAfter(_), Decision::Retry | Decision::RetryAfter(_)) => Rule::new(
            "The server says that the same request may succeed later, and the first Retry-After in \
             how many seconds: any number that fits into a u64.",
            "Parse the first Retry-After as a u64, and answer RetryAfter with all of it.",
        ),
        (Decision::Retry, _) if asks_for_no_number(headers) => UNREADABLE,
        (Decision::Retry, Decision::RetryAfter(_)) => Rule::new(
            "Without a Retry-After the server has named no time: Retry leaves that to the caller.",
            "Answer RetryAfter only where the header is there; its name is the whole name.",
        ),
        (Decision::Retry | Decision::RetryAfter(_), _) if *status == 429 => Rule::new(
            "429 refuses a request because it came too soon. It was not carried out, so any method \
             may be sent again.",
            "Give 429 an arm above that of the other 4xx, without a condition on the method.",
        ),
        (Decision::Retry | Decision::RetryAfter(_), _) => Rule::new(
            "502, 503 and 504 may pass, and an idempotent method may be sent again.",
            "Match on 502..=504 where the method is Get, Head, Put or Delete.",
        ),
    }
}

fn give_up(status: u16, sends_again: bool) -> Rule {
    match status {
        300..=399 => Rule::new(
            "A 3xx says to look elsewhere, so it is not a success; and only a safe method may look \
             there unasked, where a Location says where that is.",
            "Done ends at 299. Answer Follow for Get and Head alone, and match on the header's \
             Option: without a Location the answer is GiveUp.",
        ),
        404 if !sends_again => Rule::new(
            "404 is not a success, but for DELETE: only that asks that the thing be gone.",
            "Put the condition `method == Method::Delete` on the arm of 404.",
        ),
        400..=499 => Rule::new(
            "With this status the request has to change: it is not a success, and the same one \
             will be refused again.",
            "Of 400 to 499 only 429 says to come again.",
        ),
        502..=504 if sends_again => NOT_TWICE,
        _ => Rule::new(
            "This status is not a success, and does not say that this request may succeed later.",
            "Of the rest only 429, 502, 503 and 504 say to come again: the last arm is GiveUp.",
        ),
    }
}

/// Whether a header that matters is not spelled as in the RFCs.
fn has_odd_names(headers: &Headers) -> bool {
    let usual = [OCTOCAT.0, IN_TWO.0, TYPE.0, NEAR.0];
    headers.sent.iter().any(|(name, _)| !usual.contains(name))
}

/// Whether there is a `Retry-After` that is not a number.
fn asks_for_no_number(headers: &Headers) -> bool {
    headers.seconds.is_none() && headers.sent.iter().any(|(name, _)| *name == IN_TWO.0)
}
