//! Should you try again? When, and how often?
//!
//! An attempt failed, and the failure may be gone a moment later. Trying again is the cheapest cure
//! there is, and it has three ways of doing harm. Clients that failed together come back together,
//! unless each waits a time of its own (jitter). Retries are load, and on a server that failed for
//! too much of it they keep it down, unless there is a bound on all of them together (a budget).
//! And an attempt that seemed to fail may have done its work, so that the next one does it twice,
//! unless twice has the effect of once (idempotency).
//!
//! | module | experiment |
//! |---|---|
//! | [`waits`] | the plain loop and its growing waits, and the edges of that growth |
//! | [`synchrony`] | a hundred clients that failed together, four ways of retrying |
//! | [`overload`] | a steady stream of calls, an outage, and what retries make of it |
//! | [`stopping`] | what not to retry, deadlines, a server that asks for time, retries in layers |
//! | [`operations`] | which operations may be executed twice |
//! | [`payments`] | "add $100" whose reply is lost, with and without an idempotency key |
//! | [`sides`] | a server that fails at first and a client that retries, as real processes |
//!
//! [`herd`] is the simulation that `synchrony` and `overload` run in, [`account`] the store of
//! `payments`. The lines that are the idea stand in [`common::retry`]:
//! [`Policy::wait`](common::retry::Policy::wait),
//! [`Policy::after_failure`](common::retry::Policy::after_failure), and the table of what is
//! retried, [`Failure::may_retry`](common::retry::Failure::may_retry). Backoff and jitter are Marc
//! Brooker's ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), the budget is that of
//! "Site Reliability Engineering" (Google, 2016), chapters 21 and 22. Left out: circuit breakers,
//! hedged requests, and servers that pace their clients.

pub mod account;
pub mod herd;
pub mod operations;
pub mod overload;
pub mod payments;
mod scratch;
pub mod sides;
pub mod stopping;
pub mod story;
pub mod synchrony;
pub mod waits;
