//! Every check of this crate can fail: small projects that are right pass, and each way to break
//! one is named.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "the helpers set up tests; what fails in them fails the test"
)]

mod contract;
mod page;
mod project;
mod script;
mod workspace;
