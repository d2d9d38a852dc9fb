//! Lesson 09: decide what to do with an answer over HTTP, or with none.
//!
//! The cases are every method with every status of the page and some beside them, with and without
//! the header that matters there, and with each way in which no answer comes. There are few, so all
//! of them are tried.
//!
//! What is right is read from a table of statuses and methods (`cases::TABLE`); what a header asks
//! for is written down beside its value. So the judge parses nothing, and does not lean on any code
//! that decides.
//!
//! Left out: what is counted over several attempts, for a caller bounds how often it follows and
//! how often it tries; and redirects of other methods than GET and HEAD, some of which change the
//! method (RFC 9110, section 15.4).

mod cases;
mod mistakes;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;

use crate::{Exercise, Mistake, Screen, Stopped, Unsolved, answer};
use cases::{Case, Kind};

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

impl Method {
    /// Its name as it is sent.
    fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Post => "POST",
            Method::Patch => "PATCH",
        }
    }
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
    /// Send the same request again, and not before so many seconds have passed.
    RetryAfter(u64),
    /// Send nothing more: tell whoever asked.
    GiveUp,
}

/// What the reader writes.
pub type Decide = fn(Method, Result<Answer<'_>, NoAnswer>) -> Decision;

/// The exercise of lesson 09.
#[derive(Clone, Copy, Debug)]
pub struct HttpClient;

impl Exercise for HttpClient {
    const NAME: &'static str = "http-client";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "For each line of the table: may the request have been carried out? Then who says that it \
         may be sent again, the method or the status?",
        "Trying again needs two yeses. The method says whether doing it twice does what doing it \
         once does, and the status whether the same request can succeed later. The page has this \
         under \"Twice\".",
        "First take the answer out of the Result, and decide for a NoAnswer there. Then one \
         `match` on the status, its arms in the order of the table, with `if \
         is_idempotent(method)` on the arms that need it. A function finds a header by its name, \
         whatever its case.",
    ];
    const WHY: &'static str = "A request is sent again only where the same one can succeed later, \
                               and where it was not carried out or may be carried out twice. All \
                               else is decided by the first digit of the status, known code or \
                               not.";
    const ORDER: &'static str =
        "answers without a header, then those with one, then no answer, by status and method";

    type Solution = Decide;
    type Case = Case;
    type Seen = Result<Decision, Stopped>;
    type Measure = (Kind, u16, Method);

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(_: &Case) -> bool {
        false
    }

    fn scope() -> String {
        "six methods, 24 statuses, with and without a Location or a Retry-After of eight kinds, \
         and three ways to get no answer"
            .to_owned()
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Self::Measure {
        case.measure()
    }

    fn observe(solution: Decide, case: &Case) -> Result<Self::Seen, Unsolved> {
        answer(|| solution(case.method, case.outcome()))
    }

    fn broken_rule(case: &Case, seen: &Self::Seen) -> Option<&'static str> {
        rules::broken(case, seen)
    }

    fn same_answers(one: &Self::Seen, other: &Self::Seen) -> bool {
        match (one, other) {
            // Two panics have two places and two messages, and mean the same.
            (Err(_), Err(_)) => true,
            _ => one == other,
        }
    }

    fn draw(case: &Case, seen: &Self::Seen, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<Decide>] {
        mistakes::ALL
    }
}

#[cfg(test)]
mod tests;
