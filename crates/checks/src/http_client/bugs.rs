//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{Answer, Decision, Method, NoAnswer};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    [
        Only200, "only 200 is a success":
            "It takes 200 for the one status of success, but all of 200 to 299 are, 201 and 204 \
             among them.";
        RedirectIsDone, "a redirect is a success":
            "It takes every status under 400 for a success, but 3xx says to look elsewhere: \
             nothing is done yet.";
        AnyMethodFollowed, "every method is followed":
            "It follows a redirect of any method, but only GET and HEAD are safe: others may \
             change something, at an address that nobody has chosen.";
        IdempotentFollowed, "an idempotent method is followed":
            "It asks for an idempotent method before it follows, but following asks for a safe \
             one: PUT and DELETE change something, at an address that nobody has chosen.";
    ]
    [
        LocationUnwrapped, "every redirect has a Location":
            "It takes the Location for granted, but a peer may leave out any header, and the code \
             panics where it does.";
        ExactNames, "header names are compared letter by letter":
            "It looks for a header by the exact letters of its name, but upper or lower case makes \
             no difference there, and many servers write all names in lower case.";
        DeletedIsMissing, "404 is a failure for DELETE too":
            "It takes 404 to a DELETE for a failure, but the thing is gone, which is all that was \
             asked: the first DELETE may have been the one whose answer was lost.";
        TooManyIdempotent, "429 is for idempotent methods only":
            "It asks for an idempotent method after a 429 too, but 429 refuses a request before it \
             is carried out: there is nothing to do twice.";
        Every4xx, "tries every 4xx again":
            "It takes every 4xx for a 429, but with another 4xx the request has to change: the \
             same one is refused again.";
    ]
    [
        Every5xx, "tries every 5xx again":
            "It takes every 5xx for trouble that passes, but only 502, 503 and 504 are counted as \
             that: a defect that answers 500 does so again.";
        GatewayAnyMethod, "POST again after a 502, 503 or 504":
            "It takes a 5xx for a proof that nothing was done, but a server in between answers so \
             when it does not know what became of the request: a POST could be done twice.";
        IgnoresRetryAfter, "ignores Retry-After":
            "It waits by its own formula, but the server has said when to come again: a client \
             that comes sooner may be refused again, and costs it work.";
        UnreadableIsZero, "an unreadable Retry-After is 0":
            "It takes a Retry-After that it cannot read for one of 0 seconds, but a server that \
             asks for time would be asked again at once.";
    ]
    [
        TimeoutAnyMethod, "POST again after a timeout":
            "It sends every request again that got no answer, but one that timed out or broke may \
             have been carried out: a POST would be done twice.";
    ]
    [
        ConnectIdempotent, "without a connection only idempotent methods again":
            "It asks for an idempotent method wherever no answer came, but where no connection \
             came about nothing was sent: there is nothing to do twice.";
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
        Err(why) => {
            let any = match why {
                NoAnswer::Connect => !bugs.has(ConnectIdempotent),
                NoAnswer::TimedOut | NoAnswer::Broken => bugs.has(TimeoutAnyMethod),
            };
            return if any || idempotent { Decision::Retry } else { Decision::GiveUp };
        }
    };
    let header = |wanted: &str| {
        let is_it = |name: &str| match bugs.has(ExactNames) {
            true => name == wanted,
            false => name.eq_ignore_ascii_case(wanted),
        };
        answer.headers.iter().find(|(name, _)| is_it(name)).map(|(_, value)| *value)
    };
    let location = header("Location");
    let wait = || match header("Retry-After").map(str::parse) {
        Some(_) if bugs.has(IgnoresRetryAfter) => Decision::Retry,
        Some(Ok(seconds)) => Decision::RetryAfter(seconds),
        Some(Err(_)) if bugs.has(UnreadableIsZero) => Decision::RetryAfter(0),
        _ => Decision::Retry,
    };
    let may_follow =
        safe || bugs.has(AnyMethodFollowed) || bugs.has(IdempotentFollowed) && idempotent;
    match (answer.status, location) {
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
        (502..=504, _) if idempotent || bugs.has(GatewayAnyMethod) => wait(),
        (500..=599, _) if bugs.has(Every5xx) && (idempotent || bugs.has(GatewayAnyMethod)) => {
            wait()
        }
        _ => Decision::GiveUp,
    }
}
