//! Lesson 09: decide what to do with an answer over HTTP, or with none.
//!
//! | argument | range | special |
//! |---|---|---|
//! | `method` | all six | safe, idempotent, neither |
//! | status | any `u16` | every one from 100 to 599; 0, 1, 99, 600, 999, 1000, 65535 |
//! | headers | any, in any order | none, one, among others, two of one name; three spellings |
//! | `Location` | any text | empty, not ASCII, 70,000 bytes long |
//! | `Retry-After` | any text | 0, leading zeros, around 2^32 to 2^64; a date, a sign, not ASCII |
//! | no answer | its three kinds | |
//!
//! Compared is the decision, with the address or the seconds in it.
//!
//! What is right is read from a table of statuses and methods, and what headers ask for is written
//! down beside them: the judge parses nothing.

mod bugs;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Bugs, Exercise, Mistake, Rule};
use crate::numbers::EDGES;
use crate::{Stopped, short};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are the methods of HTTP")]
pub enum Method {
    Get,
    Head,
    Put,
    Delete,
    Post,
    Patch,
}

/// A whole answer, but for its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The three digits.
    pub status: u16,
    /// Names and values, as the server sent them.
    pub headers: &'a [(&'a str, &'a str)],
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// No connection came about: nothing was sent.
    Connect,
    /// The deadline passed after the request was on its way.
    TimedOut,
    /// The connection broke after the request was on its way.
    Broken,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: what was asked for is done.
    Done,
    /// Ask the same at this address.
    Follow(String),
    /// Send the same request again, after a wait of the caller's choice.
    Retry,
    /// Send the same request again, after at least this many seconds.
    RetryAfter(u64),
    /// Send nothing more: report it to the caller.
    GiveUp,
}

/// The program of the exercise.
pub fn main(decide: fn(Method, Result<Answer<'_>, NoAnswer>) -> Decision) -> ExitCode {
    crate::program::main::<HttpClient>(Arc::new(decide))
}

/// The decision that is right after such an answer without headers, or after none.
pub fn expected(method: Method, outcome: Result<u16, NoAnswer>) -> Decision {
    let outcome = outcome.map(|status| (status, Headers::default()));
    HttpClient::expected(&Case { method, outcome })
}

/// What the reader writes.
pub(crate) type Decide =
    Arc<dyn Fn(Method, Result<Answer<'_>, NoAnswer>) -> Decision + Send + Sync>;

/// A request's method, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    method: Method,
    outcome: Result<(u16, Headers), NoAnswer>,
}

/// Names and values as they are sent, and what is right to read from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Headers {
    sent: Vec<(&'static str, String)>,
    location: Option<String>,
    seconds: Option<u64>,
}

const METHODS: [Method; 6] =
    [Method::Get, Method::Head, Method::Put, Method::Delete, Method::Post, Method::Patch];

const IDEMPOTENT: [Method; 4] = [Method::Get, Method::Head, Method::Put, Method::Delete];

const NO_ANSWERS: [NoAnswer; 3] = [NoAnswer::Connect, NoAnswer::TimedOut, NoAnswer::Broken];

/// Every status that there may be, and some beside them.
const STATUSES: RangeInclusive<u16> = 100..=599;
const NO_STATUSES: [u16; 7] = [0, 1, 99, 600, 999, 1000, u16::MAX];

/// Those of the page, with their names in the RFCs; they come first.
const NAMED: [(u16, &str); 19] = [
    (200, "OK"),
    (201, "Created"),
    (204, "No Content"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (307, "Temporary Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (409, "Conflict"),
    (422, "Unprocessable Content"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
];

/// Values of `Retry-After` that no u64 is parsed from.
const NOT_SECONDS: [&str; 8] =
    ["18446744073709551616", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", "-1", "1.5", " 7", "", "２"];

const OCTOCAT: (&str, &str) = ("Location", "/users/octocat");
const IN_TWO: (&str, &str) = ("Retry-After", "2");
const TYPE: (&str, &str) = ("Content-Type", "7");
const NEAR: (&str, &str) = ("X-Retry-After", "5");

/// How many characters of a text one line shows.
const SHOWN: usize = 14;

impl Headers {
    fn of(sent: &[(&'static str, &str)], location: Option<&str>, seconds: Option<u64>) -> Headers {
        let sent = sent.iter().map(|&(name, value)| (name, value.to_owned())).collect();
        Headers { sent, location: location.map(str::to_owned), seconds }
    }
}

/// One header in each spelling and with each value, and more at once: of two with one name the
/// first counts.
fn headers() -> Vec<Headers> {
    let here = Some(OCTOCAT.1);
    let at = |name, value| Headers::of(&[(name, value)], Some(value), None);
    let wait = |name, value: &str, seconds| Headers::of(&[(name, value)], None, seconds);
    let long = "x".repeat(70_000);
    let mut all = Vec::new();
    all.extend(["Location", "location", "LOCATION"].map(|name| at(name, OCTOCAT.1)));
    all.extend(["http://[::1]/B", "", "/naïve path?q=漢", &long].map(|to| at("Location", to)));
    all.extend(["Retry-After", "retry-after", "RETRY-AFTER"].map(|name| wait(name, "2", Some(2))));
    all.extend(EDGES.map(|number| wait("Retry-After", &number.to_string(), Some(number))));
    all.extend([("0", 0), ("007", 7), ("+7", 7)].map(|(of, n)| wait("Retry-After", of, Some(n))));
    all.extend(NOT_SECONDS.map(|value| wait("Retry-After", value, None)));
    all.extend([
        Headers::of(&[TYPE], None, None),
        Headers::of(&[TYPE, OCTOCAT, NEAR], here, None),
        Headers::of(&[NEAR, TYPE, IN_TWO], None, Some(2)),
        Headers::of(&[IN_TWO, OCTOCAT], here, Some(2)),
        Headers::of(&[OCTOCAT, ("Location", "/b"), ("Retry-After", "9"), IN_TWO], here, Some(9)),
        Headers::of(&[("Retry-After", "soon"), IN_TWO], None, None),
    ]);
    all
}

/// What is right for which statuses and methods, but for what only a header says: where to, and
/// after how many seconds. For what is not here, it is to give up.
static TABLE: [(RangeInclusive<u16>, &[Method], Decision); 5] = [
    (200..=299, &METHODS, Decision::Done),
    (404..=404, &[Method::Delete], Decision::Done),
    (300..=399, &[Method::Get, Method::Head], Decision::Follow(String::new())),
    (429..=429, &METHODS, Decision::Retry),
    (502..=504, &IDEMPOTENT, Decision::Retry),
];

/// The exercise of lesson 09.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpClient;

impl Exercise for HttpClient {
    const ABOUT: About = About {
        name: "http-client",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "A request is sent again only where the same one can succeed later, and where it was \
              not carried out or may be carried out twice. Beyond that, and 404 to a DELETE, the \
              first digit decides, known code or not; a redirect also needs a safe method and a \
              Location.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Decide;
    type Case = Case;
    type Answer = Decision;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        let none = Headers::default();
        let found = Headers::of(&[OCTOCAT], Some(OCTOCAT.1), None);
        let wait = Headers::of(&[IN_TWO], None, Some(2));
        let few = [none.clone(), found, wait];
        let named = |headers: Headers| NAMED.map(|(status, _)| Ok((status, headers.clone())));
        let all = STATUSES.chain(NO_STATUSES);
        let all = all.flat_map(move |status| few.clone().map(|headers| Ok((status, headers))));
        let outcomes = named(none).into_iter().chain(NO_ANSWERS.map(Err));
        let outcomes = outcomes.chain(headers().into_iter().flat_map(named)).chain(all);
        outcomes.flat_map(|outcome: Result<_, NoAnswer>| {
            METHODS.map(|method| Case { method, outcome: outcome.clone() })
        })
    }

    fn scope() -> String {
        format!(
            "six methods, every status from 100 to 599 and {} others, without headers, with a \
             Location and with a Retry-After; {} kinds of headers with each status of the page; \
             and no answer, in three ways",
            NO_STATUSES.len(),
            headers().len(),
        )
    }

    fn call(solution: &Decide, case: &Case, (): &mut ()) -> Decision {
        match &case.outcome {
            Ok((status, headers)) => {
                let headers = headers.sent.iter().map(|(name, value)| (*name, value.as_str()));
                let headers: Vec<_> = headers.collect();
                solution(case.method, Ok(Answer { status: *status, headers: &headers }))
            }
            Err(why) => solution(case.method, Err(*why)),
        }
    }

    fn expected(case: &Case) -> Decision {
        let (status, headers) = match &case.outcome {
            Ok(answer) => answer,
            Err(NoAnswer::Connect) => return Decision::Retry,
            Err(_) if IDEMPOTENT.contains(&case.method) => return Decision::Retry,
            Err(_) => return Decision::GiveUp,
        };
        let mut rows = TABLE.iter();
        let row = rows.find(|row| row.0.contains(status) && row.1.contains(&case.method));
        match (row.map(|row| &row.2), &headers.location) {
            (Some(Decision::Done), _) => Decision::Done,
            (Some(Decision::Follow(_)), Some(location)) => Decision::Follow(location.clone()),
            (Some(Decision::Retry), _) => {
                headers.seconds.map_or(Decision::Retry, Decision::RetryAfter)
            }
            _ => Decision::GiveUp,
        }
    }

    fn rule(case: &Case, got: &Decision, (): &()) -> Rule {
        rules::broken(case, &Self::expected(case), got)
    }

    fn rule_of_stop(case: &Case, stopped: &Stopped, (): &()) -> Rule {
        rules::of_stop(case, stopped)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Decide {
        Arc::new(move |method, outcome| bugs::decide(bugs, method, outcome))
    }

    fn reference() -> Decide {
        Arc::new(reference::decide)
    }

    fn title(case: &Case) -> String {
        let method = name(case.method);
        match &case.outcome {
            Ok((status, headers)) => {
                let names: Vec<&str> = headers.sent.iter().map(|(name, _)| *name).collect();
                let with = if names.is_empty() { "" } else { " with " };
                format!("{method} and {status}{with}{}", names.join(", "))
            }
            Err(why) => format!("{method} and no answer, {why:?}"),
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let sent = ("sent", name(case.method));
        let (status, headers) = match &case.outcome {
            Ok(answer) => answer,
            Err(why) => return vec![sent, ("came", format!("no answer: {why:?}"))],
        };
        let named = NAMED.iter().find(|(named, _)| named == status);
        let name = named.map_or("(not on the page)", |(_, name)| name);
        let mut lines = vec![sent, ("came", format!("{status} {name}"))];
        let headers = headers.sent.iter();
        lines.extend(headers.map(|(name, value)| ("", format!("{name}: {}", short(value, SHOWN)))));
        lines
    }

    fn words(decision: &Decision) -> String {
        match decision {
            Decision::Follow(location) => format!("Follow({})", short(location, SHOWN)),
            decision => format!("{decision:?}"),
        }
    }
}

/// A method's name as it is sent.
fn name(method: Method) -> String {
    format!("{method:?}").to_ascii_uppercase()
}

#[cfg(test)]
mod tests;
