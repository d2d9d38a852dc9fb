//! Lesson 09: decide what to do with an answer over HTTP, or with none.
//!
//! | argument | range | special |
//! |---|---|---|
//! | `method` | all six | safe, idempotent, neither |
//! | status | any `u16` | every one from 100 to 599; 0, 1, 99, 600, 999, 1000, 65535 |
//! | headers | any, in any order | none, one, among others, two of one name; three spellings |
//! | `Location` | any text | empty, not ASCII, 70,000 bytes long |
//! | `Retry-After` | any text | 0, leading zeros, around 2^32, 2^53, 2^63 and 2^64; a date, a sign |
//! | no answer | its three kinds | |
//!
//! Compared is the decision, with the address or the seconds in it.
//!
//! What is right is read from a [`TABLE`]; what a header asks for is written down beside its value.
//! So the judge parses nothing.

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
use crate::grouped;

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
    let outcome = outcome.map(|status| (status, Vec::new()));
    HttpClient::expected(&Case { method, outcome })
}

/// What the reader writes.
pub(crate) type Decide =
    Arc<dyn Fn(Method, Result<Answer<'_>, NoAnswer>) -> Decision + Send + Sync>;

/// A request's method, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    method: Method,
    outcome: Result<(u16, Vec<Header>), NoAnswer>,
}

/// A header, and what its value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    name: &'static str,
    value: &'static str,
    means: Means,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    Address,
    /// Of a `Retry-After`; `None` where it is not a number.
    Seconds(Option<u64>),
    Nothing,
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

/// A status of each row of the table, and neighbours: for what headers are tried with.
const WITH_HEADERS: [u16; 10] = [201, 299, 300, 301, 399, 404, 429, 500, 503, 504];

const LOCATIONS: [&str; 4] = ["http://[::1]/b", "", "/naïve path?q=漢", LONG];
const LONG: &str = match str::from_utf8(&[b'x'; 70_000]) {
    Ok(text) => text,
    Err(_) => panic!("ASCII is UTF-8"),
};

const RETRY_AFTERS: [(&str, Option<u64>); 20] = [
    ("0", Some(0)),
    ("86400", Some(86_400)),
    ("007", Some(7)),
    ("+7", Some(7)),
    ("255", Some(255)),
    ("256", Some(256)),
    ("65536", Some(65_536)),
    ("4294967295", Some(4_294_967_295)),
    ("4294967296", Some(4_294_967_296)),
    ("9007199254740993", Some(9_007_199_254_740_993)),
    ("9223372036854775808", Some(9_223_372_036_854_775_808)),
    ("18446744073709551615", Some(u64::MAX)),
    ("18446744073709551616", None),
    ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ("soon", None),
    ("-1", None),
    ("1.5", None),
    (" 7", None),
    ("", None),
    ("２", None),
];

const OCTOCAT: Header = Header { name: "Location", value: "/users/octocat", means: Means::Address };
const IN_TWO: Header = Header { name: "Retry-After", value: "2", means: Means::Seconds(Some(2)) };
const IN_NINE: Header = Header { name: "Retry-After", value: "9", means: Means::Seconds(Some(9)) };
const SOON: Header = Header { name: "Retry-After", value: "soon", means: Means::Seconds(None) };
const TYPE: Header = Header { name: "Content-Type", value: "7", means: Means::Nothing };
const NEAR: Header = Header { name: "X-Retry-After", value: "5", means: Means::Nothing };

/// More than one header at once: of two with one name the first counts.
const TOGETHER: [&[Header]; 6] = [
    &[TYPE],
    &[TYPE, OCTOCAT, NEAR],
    &[NEAR, TYPE, IN_TWO],
    &[IN_TWO, OCTOCAT],
    &[OCTOCAT, Header { value: "/second", ..OCTOCAT }, IN_NINE, IN_TWO],
    &[SOON, IN_TWO],
];

/// One header in each spelling and with each value, and more at once.
fn headers() -> Vec<Vec<Header>> {
    let spell = |header: Header, names: [&'static str; 3]| {
        names.map(|name| Header { name, ..header }).into_iter()
    };
    let locations = spell(OCTOCAT, ["Location", "location", "LOCATION"])
        .chain(LOCATIONS.into_iter().map(|value| Header { value, ..OCTOCAT }));
    let waits = spell(IN_TWO, ["Retry-After", "retry-after", "RETRY-AFTER"]).chain(
        RETRY_AFTERS.into_iter().map(|(value, seconds)| {
            let means = Means::Seconds(seconds);
            Header { value, means, ..IN_TWO }
        }),
    );
    let alone = locations.chain(waits).map(|header| vec![header]);
    alone.chain(TOGETHER.into_iter().map(<[Header]>::to_vec)).collect()
}

/// What is right, but for what only the header says.
enum Right {
    Done,
    Follow,
    Wait,
}

/// What is right for which statuses and methods. For what is not here, it is to give up.
const TABLE: [(RangeInclusive<u16>, &[Method], Right); 5] = [
    (200..=299, &METHODS, Right::Done),
    (404..=404, &[Method::Delete], Right::Done),
    (300..=399, &[Method::Get, Method::Head], Right::Follow),
    (429..=429, &METHODS, Right::Wait),
    (502..=504, &IDEMPOTENT, Right::Wait),
];

impl Case {
    /// The value of the first header that means one of these.
    fn first<T>(&self, of: impl Fn(&Header) -> Option<T>) -> Option<T> {
        let (_, headers) = self.outcome.as_ref().ok()?;
        headers.iter().find_map(of)
    }

    fn location(&self) -> Option<&'static str> {
        self.first(|header| (header.means == Means::Address).then_some(header.value))
    }

    /// What a `Retry-After` asks for, if there is one that can be read.
    fn seconds(&self) -> Option<u64> {
        self.first(|header| match header.means {
            Means::Seconds(seconds) => Some(seconds),
            _ => None,
        })?
    }
}

/// The exercise of lesson 09.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpClient;

impl Exercise for HttpClient {
    const ABOUT: About = About {
        name: "http-client",
        stub: include_str!("stub.rs"),
        reference: include_str!("reference.rs"),
        functions: 1,
        hints: [
            "For each line of the table: may the request have been carried out? Then who says that \
             it may be sent again, the method or the status?",
            "Trying again needs two yeses. The method says whether doing it twice does what doing \
             it once does, and the status whether the same request can succeed later. The page has \
             this under \"Twice\".",
            "First take the answer out of the Result, and decide for a NoAnswer there. Then one \
             `match` on the status, its arms in the order of the table, with `if \
             is_idempotent(method)` on the arms that need it. A function finds a header by its \
             name, whatever its case.",
        ],
        why: "A request is sent again only where the same one can succeed later, and where it was \
              not carried out or may be carried out twice. All else is decided by the first digit \
              of the status, known code or not.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Decide;
    type Case = Case;
    type Answer = Decision;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        let named = NAMED.into_iter().map(|(status, _)| Ok((status, Vec::new())));
        let none = NO_ANSWERS.into_iter().map(Err);
        let with_headers = WITH_HEADERS
            .into_iter()
            .flat_map(|status| headers().into_iter().map(move |headers| Ok((status, headers))));
        let all = STATUSES.chain(NO_STATUSES).flat_map(|status| {
            [vec![], vec![OCTOCAT], vec![IN_TWO]].map(|headers| Ok((status, headers)))
        });
        let outcomes = named.chain(none).chain(with_headers).chain(all);
        outcomes.flat_map(|outcome: Result<_, NoAnswer>| {
            METHODS.map(|method| Case { method, outcome: outcome.clone() })
        })
    }

    fn scope() -> String {
        format!(
            "six methods, every status from 100 to 599 and {} others, without headers, with a \
             Location or a Retry-After of {} kinds, alone and beside others; and no answer, in \
             three ways",
            NO_STATUSES.len(),
            grouped(LOCATIONS.len() + RETRY_AFTERS.len() + 2),
        )
    }

    fn call(solution: &Decide, case: &Case, (): &mut ()) -> Decision {
        match &case.outcome {
            Ok((status, headers)) => {
                let headers: Vec<_> = headers.iter().map(|one| (one.name, one.value)).collect();
                solution(case.method, Ok(Answer { status: *status, headers: &headers }))
            }
            Err(why) => solution(case.method, Err(*why)),
        }
    }

    fn expected(case: &Case) -> Decision {
        let status = match case.outcome {
            Ok((status, _)) => status,
            Err(NoAnswer::Connect) => return Decision::Retry,
            Err(_) if IDEMPOTENT.contains(&case.method) => return Decision::Retry,
            Err(_) => return Decision::GiveUp,
        };
        let mut rows = TABLE.iter();
        let row = rows.find(|row| row.0.contains(&status) && row.1.contains(&case.method));
        match (row.map(|row| &row.2), case.location()) {
            (Some(Right::Done), _) => Decision::Done,
            (Some(Right::Follow), Some(location)) => Decision::Follow(location.to_owned()),
            (Some(Right::Wait), _) => case.seconds().map_or(Decision::Retry, Decision::RetryAfter),
            (Some(Right::Follow) | None, _) => Decision::GiveUp,
        }
    }

    fn rule(case: &Case, got: &Decision, (): &()) -> Rule {
        rules::broken(case, &Self::expected(case), got)
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
                let names: Vec<&str> = headers.iter().map(|header| header.name).collect();
                let with = if names.is_empty() { "" } else { " with " };
                format!("{method} and {status}{with}{}", names.join(", "))
            }
            Err(why) => format!("{method} and no answer, {why:?}"),
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let mut lines = vec![("sent", name(case.method).to_owned())];
        let (status, headers) = match &case.outcome {
            Ok(answer) => answer,
            Err(why) => {
                lines.push(("came", format!("no answer: {}", reason(*why))));
                return lines;
            }
        };
        let known = NAMED.iter().find(|(known, _)| known == status);
        let name = known.map_or("(a status that the page does not name)", |(_, name)| name);
        lines.push(("came", format!("{status} {name}")));
        let headers = headers.iter();
        lines.extend(headers.map(|one| ("", format!("{}: {}", one.name, short(one.value)))));
        lines
    }

    fn words(decision: &Decision) -> String {
        match decision {
            Decision::Follow(location) => format!("Follow({})", short(location)),
            decision => format!("{decision:?}"),
        }
    }
}

fn reason(no_answer: NoAnswer) -> &'static str {
    match no_answer {
        NoAnswer::Connect => "no connection, nothing was sent",
        NoAnswer::TimedOut => "the deadline passed",
        NoAnswer::Broken => "the connection broke",
    }
}

/// A method's name as it is sent.
fn name(method: Method) -> String {
    format!("{method:?}").to_ascii_uppercase()
}

/// The start of a text, so that a hostile one stays within its line.
fn short(text: &str) -> String {
    const MOST: usize = 14;
    let start: String = text.chars().take(MOST).collect();
    match start.len() == text.len() {
        true => format!("{start:?}"),
        false => format!("{start:?} .., {}", grouped(text.len())),
    }
}

#[cfg(test)]
mod tests;
