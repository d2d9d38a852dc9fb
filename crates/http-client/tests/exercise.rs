//! The exercise and the code that runs between machines retry by one table.

use checks::http_client::{Decision, Method, NoAnswer, expected};
use common::retry::Failure;

const METHODS: [(Method, reqwest::Method); 6] = [
    (Method::Get, reqwest::Method::GET),
    (Method::Head, reqwest::Method::HEAD),
    (Method::Put, reqwest::Method::PUT),
    (Method::Delete, reqwest::Method::DELETE),
    (Method::Post, reqwest::Method::POST),
    (Method::Patch, reqwest::Method::PATCH),
];

#[test]
fn the_exercise_retries_by_the_table_of_common() {
    let statuses =
        (0..=u16::MAX).map(|code| (Ok(code), Failure::Status { code, retry_after: None }));
    let none = [
        (Err(NoAnswer::Connect), Failure::NoConnection),
        (Err(NoAnswer::TimedOut), Failure::NoAnswer),
        (Err(NoAnswer::Broken), Failure::NoAnswer),
    ];
    for (outcome, failure) in statuses.chain(none) {
        for (method, http) in METHODS {
            let is_retried = expected(method, outcome) == Decision::Retry;
            let may_retry = failure.may_retry(http.is_idempotent());
            assert_eq!(is_retried, may_retry, "{method:?} {outcome:?}");
        }
    }
}
