//! What is wrong with a decision, and what helps: said of this case alone.

use super::{Case, Decision, Means, Method, NoAnswer};
use crate::exercise::Rule;

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Decision, got: &Decision) -> Rule {
    match (&case.outcome, want) {
        (Err(why), _) => unanswered(*why, want),
        (Ok((status, _)), Decision::Done) => done(*status, got),
        (Ok(_), Decision::Follow(_)) => follow(case, got),
        (Ok((status, _)), Decision::Retry | Decision::RetryAfter(_)) => {
            again(case, *status, want, got)
        }
        (Ok((status, _)), Decision::GiveUp) => give_up(case, *status),
    }
}

fn unanswered(why: NoAnswer, want: &Decision) -> Rule {
    match (why, want) {
        (NoAnswer::Connect, _) => Rule::new(
            "Where no connection came about nothing was sent, so nothing was done: any method may \
             be sent again.",
            "Answer Retry for Connect before you ask for the method.",
        ),
        (_, Decision::Retry) => Rule::new(
            "The client cannot know whether the request was carried out. With an idempotent method \
             that makes no difference: it may be sent again.",
            "For TimedOut and Broken ask whether the method is idempotent: Get, Head, Put and \
             Delete are.",
        ),
        _ => Rule::new(
            "The client cannot know whether the request was carried out, and this method may not \
             be done twice: it is not sent again.",
            "For TimedOut and Broken ask whether the method is idempotent: Post and Patch are not.",
        ),
    }
}

fn done(status: u16, got: &Decision) -> Rule {
    match (status, got) {
        (404, _) => Rule::new(
            "DELETE asks that the thing be gone, and 404 says that it is, whichever request \
             removed it. That is a success.",
            "Above the arm of the other statuses put one for 404, if the method is Delete.",
        ),
        (_, Decision::Follow(_)) => Rule::new(
            "Only a 3xx sends elsewhere. With a 201, Location is the address of what was created.",
            "Look at the status first, and for a Location from 300 to 399 alone.",
        ),
        _ => Rule::new(
            "Every status from 200 to 299 says that it is done, with a body or without: a client \
             that does not know a code takes it for the first of its hundred.",
            "Match on the range 200..=299: both ends belong to it, and no list of codes is needed.",
        ),
    }
}

fn follow(case: &Case, got: &Decision) -> Rule {
    match got {
        Decision::Follow(_) => Rule::new(
            "The address to follow is the value of the first Location, as it stands.",
            "Copy the value with to_owned: no trimming, no other case, no default.",
        ),
        _ if !has_usual_names(case) => names(),
        _ => Rule::new(
            "A 3xx with a Location says where to look, whether or not its code is known, and a \
             safe method may look there.",
            "For 300..=399 and the methods Get and Head answer Follow wherever there is a \
             Location.",
        ),
    }
}

fn again(case: &Case, status: u16, want: &Decision, got: &Decision) -> Rule {
    let is_unread = case.first(|one| (one.means == Means::Seconds(None)).then_some(())).is_some();
    match (want, got) {
        (Decision::RetryAfter(_), _) if !has_usual_names(case) => names(),
        (Decision::RetryAfter(_), Decision::Retry | Decision::RetryAfter(_)) => Rule::new(
            "The server says that the same request may succeed later, and the first Retry-After in \
             how many seconds: any number that fits into a u64.",
            "After 429, 502, 503 and 504 find the first header Retry-After, parse it as a u64, and \
             answer RetryAfter with all of it.",
        ),
        (Decision::Retry, Decision::RetryAfter(_)) if !is_unread => Rule::new(
            "Without a Retry-After the server has named no time: Retry leaves that to the caller.",
            "Answer RetryAfter only where the header is there; its name is the whole name.",
        ),
        (Decision::Retry, _) if is_unread => Rule::new(
            "A Retry-After that `parse` does not read as a u64 counts as none: the request may be \
             sent again, after a wait of the caller's choice.",
            "Match on the Result of `parse`, of the first value as it stands: an error is Retry.",
        ),
        _ if status == 429 => Rule::new(
            "429 refuses a request because it came too soon. It was not carried out, so any method \
             may be sent again.",
            "Give 429 an arm above that of the other 4xx, without a condition on the method.",
        ),
        _ => Rule::new(
            "502, 503 and 504 may pass, and an idempotent method may be done twice: it is sent \
             again.",
            "Match on 502..=504 where the method is Get, Head, Put or Delete.",
        ),
    }
}

fn names() -> Rule {
    Rule::new(
        "Upper or lower case makes no difference in the name of a header.",
        "Compare the names with `eq_ignore_ascii_case`.",
    )
}

fn give_up(case: &Case, status: u16) -> Rule {
    match status {
        300..=399 if case.location().is_none() => Rule::new(
            "A 3xx says to look elsewhere, so it is no success; without a Location it does not say \
             where.",
            "Done ends at 299. Match on the header's Option: without a Location the answer is \
             GiveUp.",
        ),
        300..=399 => Rule::new(
            "A 3xx says to look elsewhere, so it is no success; and only a safe method may look \
             there unasked, for any other may change something.",
            "Ask whether the method is Get or Head before you answer Follow.",
        ),
        404 if case.method != Method::Delete => Rule::new(
            "404 is no success, but for DELETE: only that asks that the thing be gone.",
            "Put the condition `method == Method::Delete` on the arm of 404.",
        ),
        400..=499 => Rule::new(
            "With this status the request has to change: it is no success, and the same one will \
             be refused again.",
            "Of 400 to 499 only 429 says to come again.",
        ),
        502..=504 => Rule::new(
            "With 502, 503 and 504 the request may have been carried out all the same, and this \
             method may not be done twice: it is not sent again.",
            "For 502..=504 ask whether the method is idempotent: Post and Patch are not.",
        ),
        _ => Rule::new(
            "This status is no success, and it does not say that the same request may succeed \
             later.",
            "Success ends at 299, and of the rest only 429, 502, 503 and 504 say to come again: \
             the last arm of the match is GiveUp.",
        ),
    }
}

/// Whether the headers that matter are spelled as in the RFCs.
fn has_usual_names(case: &Case) -> bool {
    let odd = case.first(|one| {
        let is_usual = matches!(one.name, "Location" | "Retry-After");
        (one.means != Means::Nothing && !is_usual).then_some(())
    });
    odd.is_none()
}
