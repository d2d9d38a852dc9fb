//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{Answer, Decision, Method, NoAnswer};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    Only200, "only 200 is a success":
        "It takes 200 for the one status of success, but 201, 204 and all to 299 are too.";
    RedirectIsDone, "a redirect is a success":
        "It takes every status under 400 for a success, but 3xx says to look elsewhere.";
    | IdempotentFollowed, "an idempotent method is followed":
        "It follows every idempotent method, but PUT and DELETE are not safe: they change \
         something, at an address that the caller has not chosen.";
    KnownRedirects, "only the known redirects are followed":
        "It lists 301, 302, 303, 307 and 308, but what counts is the first digit and the Location, \
         whether or not the code is known.";
    EmptyIsNone, "an empty Location is none":
        "It takes an empty Location for a missing one, but it is there, and is followed as it \
         stands: to the same address.";
    ExactNames, "header names are compared letter by letter":
        "It looks for the exact letters of a header's name, but upper or lower case makes no \
         difference there, and many servers write all names in lower case.";
    | LastCounts, "the last of two headers counts":
        "It collects the headers into a map, where the last of two with one name wins, but the \
         first one counts.";
    DeletedIsMissing, "404 is a failure for DELETE too":
        "It takes 404 to a DELETE for a failure, but the thing is gone, as was asked: the answer \
         to an earlier DELETE may have been lost.";
    TooManyIdempotent, "429 is for idempotent methods only":
        "It takes 429 for the like of 503, but what 429 refuses was not carried out.";
    | Every4xx, "tries every 4xx again":
        "It takes every 4xx for a 429, but with any other the request has to change.";
    Every5xx, "tries every 5xx again":
        "It takes every 5xx for trouble that passes, but only 502, 503 and 504 are counted as \
         that: a defect that answers 500 does so again.";
    IgnoresRetryAfter, "ignores Retry-After":
        "It waits by its own formula, but the server has said when to come again.";
    | RetryAfterOf503, "Retry-After comes with 429 and 503 alone":
        "It looks for a Retry-After with 429 and 503 alone, but any header may come with any \
         status, with 502 and 504 as well.";
    TimeoutAnyMethod, "POST again after a timeout":
        "It takes no answer for nothing done, but a POST may have been carried out.";
    ConnectIdempotent, "without a connection only idempotent methods again":
        "It fears to do twice what got no answer, but without a connection nothing was sent.";
    PatchIdempotent, "PATCH is idempotent":
        "It takes PATCH for a PUT, but a patch may be \"one more label\": the method alone does \
         not promise that it may be done twice.";
}

/// What is right, but for the bugs.
pub(super) fn decide(
    bugs: Bugs<Bug>,
    method: Method,
    outcome: Result<Answer<'_>, NoAnswer>,
) -> Decision {
    use Bug::*;
    let safe = matches!(method, Method::Get | Method::Head);
    let idempotent = safe
        || matches!(method, Method::Put | Method::Delete)
        || bugs.has(PatchIdempotent) && method == Method::Patch;
    let answer = match outcome {
        Ok(answer) => answer,
        Err(_) if idempotent => return Decision::Retry,
        Err(NoAnswer::Connect) if !bugs.has(ConnectIdempotent) => return Decision::Retry,
        Err(NoAnswer::TimedOut | NoAnswer::Broken) if bugs.has(TimeoutAnyMethod) => {
            return Decision::Retry;
        }
        Err(_) => return Decision::GiveUp,
    };
    let header = |wanted: &str| {
        let is_it = |&&(name, _): &&(&str, &str)| match bugs.has(ExactNames) {
            true => name == wanted,
            false => name.eq_ignore_ascii_case(wanted),
        };
        let mut found = answer.headers.iter().filter(is_it);
        let header = if bugs.has(LastCounts) { found.next_back() } else { found.next() };
        header.map(|(_, value)| *value)
    };
    let location = header("Location").filter(|value| !bugs.has(EmptyIsNone) || !value.is_empty());
    let wait = || {
        let ignored = bugs.has(IgnoresRetryAfter)
            || bugs.has(RetryAfterOf503) && !matches!(answer.status, 429 | 503);
        let seconds = header("Retry-After").filter(|_| !ignored).and_then(|text| text.parse().ok());
        seconds.map_or(Decision::Retry, Decision::RetryAfter)
    };
    let may_follow = safe || bugs.has(IdempotentFollowed) && idempotent;
    match (answer.status, location) {
        (201..=299, _) if bugs.has(Only200) => Decision::GiveUp,
        (200..=299, _) => Decision::Done,
        (300..=399, _) if bugs.has(RedirectIsDone) => Decision::Done,
        (300 | 304..=306 | 309..=399, _) if bugs.has(KnownRedirects) => Decision::GiveUp,
        (300..=399, Some(location)) if may_follow => Decision::Follow(location.to_owned()),
        (404, _) if method == Method::Delete && !bugs.has(DeletedIsMissing) => Decision::Done,
        (429, _) if idempotent || !bugs.has(TooManyIdempotent) => wait(),
        (400..=499, _) if bugs.has(Every4xx) => wait(),
        (502..=504, _) if idempotent => wait(),
        (500..=599, _) if idempotent && bugs.has(Every5xx) => wait(),
        _ => Decision::GiveUp,
    }
}
