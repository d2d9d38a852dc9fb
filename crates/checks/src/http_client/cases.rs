//! Every method with every outcome, and what is right for each.

use std::ops::RangeInclusive;

use super::{Answer, Decision, Method, NoAnswer};

const METHODS: [Method; 6] =
    [Method::Get, Method::Head, Method::Put, Method::Delete, Method::Post, Method::Patch];

const IDEMPOTENT: [Method; 4] = [Method::Get, Method::Head, Method::Put, Method::Delete];

/// The statuses of the page, and those beside them: the last of each hundred is one that nobody
/// knows, and 600 is none.
const STATUSES: [u16; 24] = [
    200, 201, 204, 299, 301, 302, 307, 399, 400, 401, 403, 404, 409, 422, 428, 429, 499, 500, 501,
    502, 503, 504, 599, 600,
];

/// Statuses that come with a `Location` too. In a 201 it names what was created.
const LOCATED: [u16; 5] = [201, 301, 302, 307, 399];

const LOCATIONS: [&str; 2] = ["/users/octocat", "http://[::1]/b"];

/// Statuses that come with a `Retry-After` too.
const PATIENT: [u16; 2] = [429, 503];

/// What that says, and in how many seconds that is.
const RETRY_AFTERS: [(&str, Option<u64>); 8] = [
    ("2", Some(2)),
    ("0", Some(0)),
    ("86400", Some(86_400)),
    ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ("soon", None),
    ("-1", None),
    ("1.5", None),
    ("99999999999999999999", None),
];

const NO_ANSWERS: [NoAnswer; 3] = [NoAnswer::Connect, NoAnswer::TimedOut, NoAnswer::Broken];

/// A request's method, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub(super) method: Method,
    pub(super) outcome: Result<Came, NoAnswer>,
}

/// An answer of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) status: u16,
    /// Its name, and its value.
    pub(super) header: Option<(&'static str, &'static str)>,
}

/// What kind of outcome: those without a header are the simplest to think about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An answer without a header.
    Bare,
    /// An answer with one.
    WithHeader,
    /// None.
    NoAnswer,
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

/// All cases: bare answers, then those with a header, then none; each kind by status, and then by
/// method.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let bare = STATUSES.into_iter().map(|status| (status, None));
    let bare = bare.chain(with_header());
    let came = bare.map(|(status, header)| Ok(Came { status, header }));
    let outcomes = came.chain(NO_ANSWERS.into_iter().map(Err));
    let cases = outcomes.flat_map(|outcome| METHODS.map(|method| Case { method, outcome }));
    let mut cases: Vec<Case> = cases.collect();
    cases.sort_by_key(Case::measure);
    cases.into_iter()
}

type Header = (&'static str, &'static str);

fn with_header() -> impl Iterator<Item = (u16, Option<Header>)> {
    let names = ["Location", "location"];
    let locations = names.map(|name| LOCATIONS.map(|value| (name, value)));
    let names = ["Retry-After", "retry-after"];
    let waits = names.map(|name| RETRY_AFTERS.map(|(value, _)| (name, value)));
    let (locations, waits) = (locations.concat(), waits.concat());
    let statuses = LOCATED.into_iter().chain(PATIENT);
    statuses.flat_map(move |status| {
        let headers = match PATIENT.contains(&status) {
            true => &waits,
            false => &locations,
        };
        let headers = headers.clone().into_iter();
        headers.map(move |header| (status, Some(header)))
    })
}

impl Case {
    /// The outcome as the solution is told it.
    pub(super) fn outcome(&self) -> Result<Answer<'_>, NoAnswer> {
        match &self.outcome {
            Ok(Came { status, header }) => {
                Ok(Answer { status: *status, headers: header.as_slice() })
            }
            Err(why) => Err(*why),
        }
    }

    /// The decision that is right.
    pub(super) fn right(&self) -> Decision {
        let Ok(Came { status, header }) = self.outcome else {
            let unsent = self.outcome == Err(NoAnswer::Connect);
            return match unsent || IDEMPOTENT.contains(&self.method) {
                true => Decision::Retry,
                false => Decision::GiveUp,
            };
        };
        let fits = |row: &&(RangeInclusive<u16>, &[Method], Right)| {
            row.0.contains(&status) && row.1.contains(&self.method)
        };
        let value = header.map(|(_, value)| value);
        match (TABLE.iter().find(fits).map(|row| &row.2), value) {
            (Some(Right::Done), _) => Decision::Done,
            (Some(Right::Follow), Some(location)) => Decision::Follow(location.to_owned()),
            (Some(Right::Wait), value) => {
                value.and_then(seconds).map_or(Decision::Retry, Decision::RetryAfter)
            }
            (Some(Right::Follow) | None, _) => Decision::GiveUp,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.outcome {
            Ok(Came { header: None, .. }) => Kind::Bare,
            Ok(_) => Kind::WithHeader,
            Err(_) => Kind::NoAnswer,
        }
    }

    pub(super) fn measure(&self) -> (Kind, u16, Method) {
        let status = self.outcome.map_or(0, |came| came.status);
        (self.kind(), status, self.method)
    }

    pub(super) fn size(&self) -> String {
        let method = self.method.name();
        match self.outcome {
            Ok(Came { status, header }) => {
                let with = header.map(|(name, _)| format!(" with {name}"));
                format!("{method} and {status}{}", with.unwrap_or_default())
            }
            Err(why) => format!("{method} and no answer, {why:?}"),
        }
    }

    /// Method, and status or what came instead, and the header: `get.429.Retry-After.2`. Of the
    /// header's value only the first eight that a shell leaves alone.
    pub(super) fn code(&self) -> String {
        let method = self.method.name().to_ascii_lowercase();
        match self.outcome {
            Err(why) => format!("{method}.{why:?}"),
            Ok(Came { status, header: None }) => format!("{method}.{status}"),
            Ok(Came { status, header: Some((name, value)) }) => {
                let plain = |c: &char| c.is_ascii_alphanumeric() || ".-".contains(*c);
                let value: String = value.chars().filter(plain).take(8).collect();
                format!("{method}.{status}.{name}.{value}")
            }
        }
    }

    /// The case of this code.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let case = all().find(|case| case.code() == code);
        case.ok_or_else(|| {
            "it is not like get.200, get.503.Retry-After.2 or post.TimedOut".to_owned()
        })
    }
}

fn seconds(retry_after: &str) -> Option<u64> {
    let known = RETRY_AFTERS.iter().find(|(value, _)| *value == retry_after);
    known.and_then(|(_, seconds)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_decisions_are_those_of_the_page() {
        let right = |code| Case::parse(code).unwrap().right();
        let octocat = || Decision::Follow("/users/octocat".to_owned());
        for (code, decision) in [
            ("get.200", Decision::Done),
            ("post.201.Location.usersoct", Decision::Done),
            ("delete.404", Decision::Done),
            ("put.404", Decision::GiveUp),
            ("get.301", Decision::GiveUp),
            ("get.301.Location.usersoct", octocat()),
            ("head.399.location.usersoct", octocat()),
            ("post.302.Location.usersoct", Decision::GiveUp),
            ("post.429", Decision::Retry),
            ("patch.429.retry-after.2", Decision::RetryAfter(2)),
            ("get.429.Retry-After.Wed21Oct", Decision::Retry),
            ("get.500", Decision::GiveUp),
            ("put.503.Retry-After.0", Decision::RetryAfter(0)),
            ("put.503.Retry-After.-1", Decision::Retry),
            ("post.503.Retry-After.2", Decision::GiveUp),
            ("get.504", Decision::Retry),
            ("patch.502", Decision::GiveUp),
            ("get.600", Decision::GiveUp),
            ("post.Connect", Decision::Retry),
            ("post.TimedOut", Decision::GiveUp),
            ("delete.Broken", Decision::Retry),
        ] {
            assert_eq!(right(code), decision, "{code}");
        }
    }

    #[test]
    fn every_combination_is_a_case() {
        let cases: Vec<Case> = all().collect();
        // Locations: two names, two values. Retry-Afters: two names, eight values.
        let outcomes = 24 + 5 * 2 * 2 + 2 * 2 * 8 + 3;
        assert_eq!(cases.len(), 6 * outcomes);
    }

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        for code in ["", "get", "get.205", "get.200.", "GET.200", "get.Timeout", "é"] {
            let error = Case::parse(code).unwrap_err();
            assert!(error.starts_with("it is not like get.200"), "{error}");
        }
    }
}
