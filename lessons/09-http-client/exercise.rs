//! Exercise: what to do with an answer, or with none.
//!
//! | the type | what it has |
//! |---|---|
//! | `Method` | is `Get`, `Head`, `Put`, `Delete`, `Post` or `Patch` |
//! | `Answer` | `status: u16`, `headers: &[(&str, &str)]`: names and values |
//! | `NoAnswer` | is `Connect`, `TimedOut` or `Broken` |
//! | `Decision` | is `Done`, `Follow(String)`, `Retry`, `RetryAfter(u64)` or `GiveUp` |
//!
//! `decide` gets the method of a request and what came of it, and returns what to do next. The
//! first line that fits decides:
//!
//! | what came | the decision |
//! |---|---|
//! | a status from 200 to 299 | `Done` |
//! | 404, to a `Delete` | `Done` |
//! | 300 to 399 with a `Location`, safe method | `Follow` the value of `Location`, unchanged |
//! | 429, to any method: it was refused, not carried out | `RetryAfter` or `Retry`, see below |
//! | 502, 503 or 504, to an idempotent method | `RetryAfter` or `Retry`, see below |
//! | any other number, even one that is not a status | `GiveUp` |
//! | `NoAnswer::Connect`: nothing was sent | `Retry` |
//! | another `NoAnswer`, to an idempotent method | `Retry` |
//! | another `NoAnswer`, to any other method | `GiveUp` |
//!
//! `Get` and `Head` are safe. `Get`, `Head`, `Put` and `Delete` are idempotent; `Patch` is not, for
//! the method alone does not say what the patch does.
//!
//! Where the value of a header `Retry-After` is a number of seconds that `str::parse::<u64>` reads
//! ("+7" is 7; " 7" and "7.5" are none), it is `RetryAfter` that many. Where there is no such
//! header or anything else in it (a date is allowed, but takes a clock), it is `Retry`.
//!
//! Any header may come with any status, in any order, and with any value, even an empty one. Upper
//! or lower case makes no difference in its name. Of two headers with one name the first counts.
//!
//! To check it: `cargo run -- check http-client`

use checks::http_client::{Answer, Decision, Method, NoAnswer};

/// Decides what to do after a request with this method.
pub fn decide(method: Method, outcome: Result<Answer<'_>, NoAnswer>) -> Decision {
    checks::unsolved!("a decision for each line of the table", method, outcome)
}
