//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{Answer, Decision, Method, NoAnswer};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    [
        Only200, "only 200 is a success":
            "It takes 200 for the one status of success, but 201, 204 and all to 299 are too.";
        RedirectIsDone, "a redirect is a success":
            "It takes every status under 400 for a success, but 3xx says to look elsewhere.";
        AnyMethodFollowed, "every method is followed":
            "It follows every method, but only GET and HEAD are safe: others may change something.";
        IdempotentFollowed, "an idempotent method is followed":
            "It follows every idempotent method, but PUT and DELETE are not safe: they change \
             something, at an address that the caller has not chosen.";
    ]
    [
        LocationUnwrapped, "every redirect has a Location":
            "It takes the Location for granted, but a peer may leave out any header.";
        ExactNames, "header names are compared letter by letter":
            "It looks for the exact letters of a header's name, but upper or lower case makes no \
             difference there, and many servers write all names in lower case.";
        DeletedIsMissing, "404 is a failure for DELETE too":
            "It takes 404 to a DELETE for a failure, but the thing is gone, as was asked: the \
             answer to an earlier DELETE may have been lost.";
        TooManyIdempotent, "429 is for idempotent methods only":
            "It takes 429 for the like of 503, but what 429 refuses was not carried out.";
        Every4xx, "tries every 4xx again":
            "It takes every 4xx for a 429, but with any other the request has to change.";
    ]
    [
        Every5xx, "tries every 5xx again":
            "It takes every 5xx for trouble that passes, but only 502, 503 and 504 are counted as \
             that: a defect that answers 500 does so again.";
        GatewayAnyMethod, "POST again after a 502, 503 or 504":
            "It takes a 5xx for a proof that nothing was done, but a server in between answers so \
             when it does not know: a POST could be done twice.";
        IgnoresRetryAfter, "ignores Retry-After":
            "It waits by its own formula, but the server has said when to come again.";
        UnreadableIsZero, "an unreadable Retry-After is 0":
            "It takes a Retry-After that it cannot read for one of 0 seconds, but a server that \
             asks for time would be asked again at once.";
    ]
    [
        TimeoutAnyMethod, "POST again after a timeout":
            "It takes no answer for nothing done, but a POST may have been carried out.";
    ]
    [
        ConnectIdempotent, "without a connection only idempotent methods again":
            "It fears to do twice what got no answer, but without a connection nothing was sent.";
    ]
    [
        PatchIdempotent, "PATCH is idempotent":
            "It takes PATCH for a PUT, but a patch may be \"one more label\": the method alone \
             does not promise that it may be done twice.";
    ]
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
        let is_it = |name: &str| match bugs.has(ExactNames) {
            true => name == wanted,
            false => name.eq_ignore_ascii_case(wanted),
        };
        answer.headers.iter().find(|(name, _)| is_it(name)).map(|(_, value)| *value)
    };
    let wait = || match header("Retry-After").map(str::parse) {
        Some(Ok(seconds)) if !bugs.has(IgnoresRetryAfter) => Decision::RetryAfter(seconds),
        Some(Err(_)) if bugs.has(UnreadableIsZero) => Decision::RetryAfter(0),
        _ => Decision::Retry,
    };
    let may_follow =
        safe || bugs.has(AnyMethodFollowed) || bugs.has(IdempotentFollowed) && idempotent;
    let may_repeat = idempotent || bugs.has(GatewayAnyMethod);
    match (answer.status, header("Location")) {
        (201..=299, _) if bugs.has(Only200) => Decision::GiveUp,
        (200..=299, _) => Decision::Done,
        (300..=399, _) if bugs.has(RedirectIsDone) => Decision::Done,
        (300..=399, Some(location)) if may_follow => Decision::Follow(location.to_owned()),
        (300..=399, None) if may_follow && bugs.has(LocationUnwrapped) => {
            panic!("a redirect has a Location")
        }
        (404, _) if method == Method::Delete && !bugs.has(DeletedIsMissing) => Decision::Done,
        (429, _) if idempotent || !bugs.has(TooManyIdempotent) => wait(),
        (400..=499, _) if bugs.has(Every4xx) => wait(),
        (502..=504, _) if may_repeat => wait(),
        (500..=599, _) if bugs.has(Every5xx) && may_repeat => wait(),
        _ => Decision::GiveUp,
    }
}
