//! How people get it wrong: each misunderstanding as the code that it leads to.
//!
//! All but what it touches is as in a right solution, so that each is known by its own answers.

use super::{Answer, Decide, Decision, Method, NoAnswer};
use crate::Mistake;

pub(super) const ALL: &[Mistake<Decide>] = &[
    Mistake {
        name: "every answer is a success",
        misunderstanding: "It takes any answer for a success, as the library does, but an answer \
                           may say no: only 2xx says that it is done.",
        hint: "Look at the status before anything else, and answer Done for 200 to 299.",
        solution: every_answer_is_a_success,
    },
    Mistake {
        name: "only 200 is a success",
        misunderstanding: "It takes 200 for the one status of success, but all of 200 to 299 are, \
                           201 and 204 among them.",
        hint: "Match on the range 200..=299.",
        solution: only_200_is_a_success,
    },
    Mistake {
        name: "204 is an error",
        misunderstanding: "It takes an answer without a body for a failure, but 204 says that it \
                           is done and that there is nothing to add.",
        hint: "Give 204 no arm of its own: 200..=299 is Done.",
        solution: no_content_is_an_error,
    },
    Mistake {
        name: "only known successes count",
        misunderstanding: "It lists the successes that it knows, but a server may use others: a \
                           client takes a code that it does not know for the first of its hundred.",
        hint: "Match on the range 200..=299 and not on a list.",
        solution: only_known_successes_count,
    },
    Mistake {
        name: "a redirect is a success",
        misunderstanding: "It takes every status under 400 for a success, but 3xx says to look \
                           elsewhere: nothing is done yet.",
        hint: "Done ends at 299. From 300 to 399 look for a Location.",
        solution: redirect_is_a_success,
    },
    Mistake {
        name: "every method is followed",
        misunderstanding: "It follows a redirect of any method, but only GET and HEAD are safe: \
                           others may change something, at an address that nobody has chosen.",
        hint: "Ask whether the method is Get or Head before you answer Follow.",
        solution: every_method_is_followed,
    },
    Mistake {
        name: "an idempotent method is followed",
        misunderstanding: "It asks for a method that is idempotent before it follows, but \
                           following asks for one that is safe: PUT and DELETE change something, \
                           at an address that nobody has chosen.",
        hint: "Follow for Get and Head alone; that a method is idempotent matters for trying \
               again.",
        solution: idempotent_method_is_followed,
    },
    Mistake {
        name: "every Location is followed",
        misunderstanding: "It follows wherever there is a Location, but in a 201 that is the \
                           address of what was created, and the request is done.",
        hint: "Look at the status first, and for a Location from 300 to 399 alone.",
        solution: every_location_is_followed,
    },
    Mistake {
        name: "only 301 and 302 are redirects",
        misunderstanding: "It lists the redirects that it knows, but what counts is the first \
                           digit and the Location, whether or not the code is known.",
        hint: "Match on the range 300..=399.",
        solution: only_301_and_302_are_redirects,
    },
    Mistake {
        name: "every redirect has a Location",
        misunderstanding: "It takes the Location for granted, but a peer may leave out any header, \
                           and the code panics where it does.",
        hint: "Match on the header's Option: without a Location the answer is GiveUp.",
        solution: every_redirect_has_a_location,
    },
    Mistake {
        name: "header names are compared letter by letter",
        misunderstanding: "It looks for a header by the exact letters of its name, but upper or \
                           lower case makes no difference there, and many servers write all names \
                           in lower case.",
        hint: "Compare the names with `eq_ignore_ascii_case`.",
        solution: header_names_have_one_case,
    },
    Mistake {
        name: "tries a 4xx again",
        misunderstanding: "It tries every 4xx again, but with a 4xx the request has to change: the \
                           same one is refused again.",
        hint: "Of 400 to 499 only 429 says to come again.",
        solution: tries_a_4xx_again,
    },
    Mistake {
        name: "429 is final",
        misunderstanding: "It takes 429 for a client error like the others, but it refuses the \
                           moment and not the request.",
        hint: "Give 429 an arm above that of the other 4xx, for every method.",
        solution: too_many_requests_is_final,
    },
    Mistake {
        name: "tries every 5xx again",
        misunderstanding: "It takes every 5xx for trouble that passes, but only 502, 503 and 504 \
                           are counted as that: a defect that answers 500 does so again.",
        hint: "Match on 502..=504 and not on the hundred.",
        solution: tries_every_5xx_again,
    },
    Mistake {
        name: "an idempotent request is always tried again",
        misunderstanding: "It asks only whether the request may be done twice, but trying again \
                           needs a second yes: that the same request can succeed later.",
        hint: "Ask the status as well: only 429, 502, 503 and 504 say that it may.",
        solution: idempotent_is_always_tried_again,
    },
    Mistake {
        name: "404 is a failure for DELETE too",
        misunderstanding: "It takes 404 to a DELETE for a failure, but the thing is gone, which is \
                           all that was asked: the first DELETE may have been the one whose answer \
                           was lost.",
        hint: "Above the arm of the other 4xx put one for 404, if the method is Delete: it answers \
               Done.",
        solution: not_found_is_a_failure_for_delete,
    },
    Mistake {
        name: "404 is always done",
        misunderstanding: "It takes 404 for a success whatever was asked, but only DELETE asks \
                           that the thing be gone.",
        hint: "Put the condition `method == Method::Delete` on the arm of 404.",
        solution: not_found_is_always_done,
    },
    Mistake {
        name: "ignores Retry-After",
        misunderstanding: "It waits by its own formula, but the server has said when to come \
                           again: whoever comes sooner may be refused again, and costs it work.",
        hint: "Look for the header Retry-After and parse it; if that gives a number, answer \
               RetryAfter.",
        solution: ignores_retry_after,
    },
    Mistake {
        name: "Retry-After is always a number",
        misunderstanding: "It takes the value of Retry-After for a number, but it may be a date, \
                           and a peer may send anything; the code panics where it does.",
        hint: "Match on the Result of `parse`: an error is Retry.",
        solution: retry_after_is_always_a_number,
    },
    Mistake {
        name: "an unreadable Retry-After is 0",
        misunderstanding: "It takes a Retry-After that it cannot read for one of 0 seconds, but a \
                           server that asks for time would be asked again at once.",
        hint: "Do not put a 0 in the place of what `parse` could not read: answer Retry, and the \
               caller has its own wait.",
        solution: unreadable_retry_after_is_0,
    },
    Mistake {
        name: "an unreadable Retry-After is final",
        misunderstanding: "It gives up where it cannot read Retry-After, but the server has said \
                           to come again, only not in a way that this code can read.",
        hint: "Where `parse` fails, answer as if there were no Retry-After: Retry.",
        solution: unreadable_retry_after_is_final,
    },
    Mistake {
        name: "POST again after a timeout",
        misunderstanding: "It sends every request again that got no answer, but one that timed out \
                           may have been carried out: a POST would be done twice.",
        hint: "For TimedOut and Broken ask whether the method is idempotent.",
        solution: post_again_after_a_timeout,
    },
    Mistake {
        name: "POST again after a 502, 503 or 504",
        misunderstanding: "It takes every refusal for a proof that nothing was done, but a server \
                           in between answers so when it does not know what became of the request: \
                           a POST could be done twice.",
        hint: "For 502..=504 ask whether the method is idempotent.",
        solution: post_again_after_a_bad_gateway,
    },
    Mistake {
        name: "POST is never sent again",
        misunderstanding: "It never sends again what is not idempotent, but where nothing was \
                           carried out there is nothing to do twice: after 429, and where no \
                           connection came about.",
        hint: "Ask for an idempotent method only where the request may have been carried out.",
        solution: post_is_never_sent_again,
    },
    Mistake {
        name: "429 is for idempotent methods only",
        misunderstanding: "It asks for an idempotent method after a 429 too, but 429 refuses a \
                           request before it is carried out: there is nothing to do twice.",
        hint: "Take the condition on the method off the arm of 429.",
        solution: too_many_requests_is_for_idempotent_methods,
    },
    Mistake {
        name: "without a connection only idempotent methods again",
        misunderstanding: "It asks for an idempotent method wherever no answer came, but where no \
                           connection came about nothing was sent: there is nothing to do twice.",
        hint: "Answer Retry for Connect before you ask for the method.",
        solution: no_connection_is_for_idempotent_methods,
    },
    Mistake {
        name: "a broken connection is a refused one",
        misunderstanding: "It takes a connection that broke for one that never was, but it broke \
                           after the request was on its way, and that may have been carried out.",
        hint: "Treat Broken as TimedOut. Only with Connect was nothing sent.",
        solution: broken_is_like_connect,
    },
    Mistake {
        name: "no connection is final",
        misunderstanding: "It gives up where no connection came about, but that may pass, and no \
                           request is safer to repeat than one that was never sent.",
        hint: "Answer Retry for Connect, whatever the method.",
        solution: no_connection_is_final,
    },
    Mistake {
        name: "only safe methods are idempotent",
        misunderstanding: "It sends only GET and HEAD again, but PUT and DELETE done twice leave \
                           what they leave done once.",
        hint: "Count Put and Delete among the methods that may be sent again.",
        solution: only_safe_methods_are_idempotent,
    },
    Mistake {
        name: "DELETE is not idempotent",
        misunderstanding: "It takes DELETE for not idempotent because the second answer is \
                           another, but what counts is what the server has in the end.",
        hint: "Count Delete among the idempotent methods: after one and after two the thing is \
               gone.",
        solution: delete_is_not_idempotent,
    },
    Mistake {
        name: "PATCH is idempotent",
        misunderstanding: "It takes PATCH for a PUT, but a patch may be \"one more label\": the \
                           method alone does not promise that it may be done twice.",
        hint: "Leave Patch out of the idempotent methods.",
        solution: patch_is_idempotent,
    },
];

type Outcome<'a> = Result<Answer<'a>, NoAnswer>;

fn every_answer_is_a_success(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Ok(_) => Decision::Done,
        Err(_) => right(method, outcome),
    }
}

fn only_200_is_a_success(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 201..=299, |_| Decision::GiveUp)
}

fn no_content_is_an_error(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, [204], |_| Decision::GiveUp)
}

fn only_known_successes_count(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 205..=299, |_| Decision::GiveUp)
}

fn redirect_is_a_success(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 300..=399, |_| Decision::Done)
}

fn every_method_is_followed(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 300..=399, follow)
}

fn idempotent_method_is_followed(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 300..=399, |answer| {
        if is_idempotent(method) { follow(answer) } else { Decision::GiveUp }
    })
}

fn every_location_is_followed(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Ok(answer) if is_safe(method) => match follow(&answer) {
            Decision::GiveUp => right(method, outcome),
            follow => follow,
        },
        _ => right(method, outcome),
    }
}

fn only_301_and_302_are_redirects(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 303..=399, |_| Decision::GiveUp)
}

fn every_redirect_has_a_location(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 300..=399, |answer| match is_safe(method) {
        true => Decision::Follow(
            header(answer, "Location").expect("a redirect has a Location").to_owned(),
        ),
        false => Decision::GiveUp,
    })
}

fn header_names_have_one_case(method: Method, outcome: Outcome<'_>) -> Decision {
    let exact = |&&(name, _): &&(&str, &str)| name == "Location" || name == "Retry-After";
    let outcome = outcome.map(|answer| {
        let headers = match answer.headers.iter().find(exact) {
            Some(header) => std::slice::from_ref(header),
            None => &[],
        };
        Answer { headers, ..answer }
    });
    right(method, outcome)
}

fn tries_a_4xx_again(method: Method, outcome: Outcome<'_>) -> Decision {
    match right(method, outcome) {
        Decision::GiveUp => with(method, outcome, 400..=499, |_| Decision::Retry),
        decision => decision,
    }
}

fn too_many_requests_is_final(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, [429], |_| Decision::GiveUp)
}

fn tries_every_5xx_again(method: Method, outcome: Outcome<'_>) -> Decision {
    match is_idempotent(method) {
        true => with(method, outcome, 500..=599, wait),
        false => right(method, outcome),
    }
}

fn idempotent_is_always_tried_again(method: Method, outcome: Outcome<'_>) -> Decision {
    match right(method, outcome) {
        Decision::GiveUp if is_idempotent(method) => Decision::Retry,
        decision => decision,
    }
}

fn not_found_is_a_failure_for_delete(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, [404], |_| Decision::GiveUp)
}

fn not_found_is_always_done(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, [404], |_| Decision::Done)
}

fn ignores_retry_after(method: Method, outcome: Outcome<'_>) -> Decision {
    match right(method, outcome) {
        Decision::RetryAfter(_) => Decision::Retry,
        decision => decision,
    }
}

fn retry_after_is_always_a_number(method: Method, outcome: Outcome<'_>) -> Decision {
    on_unreadable_wait(method, outcome, |value| {
        Decision::RetryAfter(value.parse().expect("a number of seconds"))
    })
}

fn unreadable_retry_after_is_0(method: Method, outcome: Outcome<'_>) -> Decision {
    on_unreadable_wait(method, outcome, |_| Decision::RetryAfter(0))
}

fn unreadable_retry_after_is_final(method: Method, outcome: Outcome<'_>) -> Decision {
    on_unreadable_wait(method, outcome, |_| Decision::GiveUp)
}

fn post_again_after_a_timeout(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Ok(_) => right(method, outcome),
        Err(_) => Decision::Retry,
    }
}

fn post_again_after_a_bad_gateway(method: Method, outcome: Outcome<'_>) -> Decision {
    with(method, outcome, 502..=504, wait)
}

fn post_is_never_sent_again(method: Method, outcome: Outcome<'_>) -> Decision {
    match right(method, outcome) {
        Decision::Retry | Decision::RetryAfter(_) if !is_idempotent(method) => Decision::GiveUp,
        decision => decision,
    }
}

fn too_many_requests_is_for_idempotent_methods(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Ok(_) => post_is_never_sent_again(method, outcome),
        Err(_) => right(method, outcome),
    }
}

fn no_connection_is_for_idempotent_methods(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Ok(_) => right(method, outcome),
        Err(_) => post_is_never_sent_again(method, outcome),
    }
}

fn broken_is_like_connect(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Err(NoAnswer::Broken) => Decision::Retry,
        _ => right(method, outcome),
    }
}

fn no_connection_is_final(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Err(NoAnswer::Connect) => Decision::GiveUp,
        _ => right(method, outcome),
    }
}

fn only_safe_methods_are_idempotent(method: Method, outcome: Outcome<'_>) -> Decision {
    match method {
        Method::Put | Method::Delete => as_if_not_idempotent(method, outcome),
        _ => right(method, outcome),
    }
}

fn delete_is_not_idempotent(method: Method, outcome: Outcome<'_>) -> Decision {
    match method {
        Method::Delete => as_if_not_idempotent(method, outcome),
        _ => right(method, outcome),
    }
}

fn patch_is_idempotent(method: Method, outcome: Outcome<'_>) -> Decision {
    match method {
        Method::Patch => right(Method::Put, outcome),
        _ => right(method, outcome),
    }
}

/// Right, but that an idempotent method is taken for another.
fn as_if_not_idempotent(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Ok(answer) if answer.status == 404 => right(method, outcome),
        _ => right(Method::Post, outcome),
    }
}

/// Right, but for an answer with one of these statuses.
fn with(
    method: Method,
    outcome: Outcome<'_>,
    statuses: impl IntoIterator<Item = u16>,
    decide: impl Fn(&Answer<'_>) -> Decision,
) -> Decision {
    match outcome {
        Ok(answer) if statuses.into_iter().any(|status| status == answer.status) => decide(&answer),
        _ => right(method, outcome),
    }
}

/// Right, but where it is right to try again in spite of a Retry-After that is no number.
fn on_unreadable_wait(
    method: Method,
    outcome: Outcome<'_>,
    decide: impl Fn(&str) -> Decision,
) -> Decision {
    let value = outcome.ok().and_then(|answer| header(&answer, "Retry-After"));
    match (right(method, outcome), value) {
        (Decision::Retry, Some(value)) => decide(value),
        (decision, _) => decision,
    }
}

/// What a right solution does, in parts.
fn right(method: Method, outcome: Outcome<'_>) -> Decision {
    match outcome {
        Ok(answer) => match answer.status {
            200..=299 => Decision::Done,
            404 if method == Method::Delete => Decision::Done,
            300..=399 if is_safe(method) => follow(&answer),
            429 => wait(&answer),
            502..=504 if is_idempotent(method) => wait(&answer),
            _ => Decision::GiveUp,
        },
        Err(why) if why == NoAnswer::Connect || is_idempotent(method) => Decision::Retry,
        Err(_) => Decision::GiveUp,
    }
}

fn follow(answer: &Answer<'_>) -> Decision {
    let location = header(answer, "Location");
    location.map_or(Decision::GiveUp, |location| Decision::Follow(location.to_owned()))
}

fn wait(answer: &Answer<'_>) -> Decision {
    let seconds = header(answer, "Retry-After").and_then(|value| value.parse().ok());
    seconds.map_or(Decision::Retry, Decision::RetryAfter)
}

fn header<'a>(answer: &Answer<'a>, wanted: &str) -> Option<&'a str> {
    let mut headers = answer.headers.iter();
    let header = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    header.map(|&(_, value)| value)
}

fn is_safe(method: Method) -> bool {
    matches!(method, Method::Get | Method::Head)
}

fn is_idempotent(method: Method) -> bool {
    is_safe(method) || matches!(method, Method::Put | Method::Delete)
}
