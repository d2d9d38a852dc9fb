//! Logical time: clocks that count events instead of seconds.
//!
//! The wall clocks of two machines do not show which of two events came first. What can be known is
//! whether one may have caused the other: `a` **happened before** `b` (`a → b`) if a node did `a`
//! and later `b`, or if `a` sent the message that `b` received, or over a chain of these. Where
//! neither happened before the other they are **concurrent**.
//!
//! The clocks here tick at every event and send their time with every message; what they promise
//! differs:
//!
//! | clock | a stamp | says |
//! |---|---|---|
//! | [`LamportClock`] | one number | if `a → b` then L(a) < L(b); nothing about the converse |
//! | [`HybridClock`] | a wall time and a count | the same, and it is near the wall clock |
//! | [`VectorClock`] | a number for each node | `a → b` exactly if V(a) is before V(b) |
//!
//! L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", 1978; C. Fidge,
//! "Timestamps in Message-Passing Systems That Preserve the Partial Ordering", 1988; F. Mattern,
//! "Virtual Time and Global States of Distributed Systems", 1989; S. Kulkarni and others, "Logical
//! Physical Clocks", 2014.
//!
//! What holds, whatever a peer sends:
//!
//! * A clock never goes back, and after each event it is later than before.
//! * A stamp that is refused leaves the clock as it was.
//! * A stamp is accepted only up to a bound ahead of what is known ([`DEFAULT_MAX_JUMP`]; of the
//!   wall clock: [`DEFAULT_MAX_AHEAD`]), so that one broken peer cannot push the time of all others
//!   to its end.
//!
//! Left out: nodes that join and leave. A vector has an entry for each node from the start on;
//! version vectors with names for keys, or interval tree clocks, would lift that at the price of
//! larger stamps.

mod hybrid;
mod lamport;
mod vector;

use std::time::Duration;

pub use hybrid::{DEFAULT_MAX_AHEAD, HybridClock, HybridStamp, wall_time};
pub use lamport::{LamportClock, Timestamp};
pub use vector::{CausalOrdering, VectorClock};

/// How far ahead of what is known a peer's stamp may be, in events, unless another bound is set. At
/// a million events a second a node is ahead by this much after more than an hour without a
/// message.
pub const DEFAULT_MAX_JUMP: u64 = 1 << 32;

/// The largest stamp that is accepted from a peer, whatever the bound. What is above it is reserved
/// for a node's own events: at one each nanosecond they last for 292 years, so that
/// [`tick`](LamportClock::tick) cannot overflow.
pub const LAST_STAMP: u64 = u64::MAX / 2;

/// The largest time that a serialized clock may have. A node whose peer sent [`LAST_STAMP`] is
/// above that by its own events, and is read back all the same; 2^62 more events fit after this.
const LAST_OWN: u64 = LAST_STAMP + LAST_STAMP / 2;

/// Why a clock refuses a stamp or a node. The clock is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// A stamp from a peer is further ahead than any number of honest events explains.
    #[error(
        "a stamp of {stamp} is too far ahead: this clock is at {now} and takes {latest} at most"
    )]
    TooFarAhead {
        /// The peer's stamp.
        stamp: u64,
        /// This clock's own time, or for a vector what it knows of that node.
        now: u64,
        /// The largest stamp that would have been accepted.
        latest: u64,
    },
    /// A stamp from a peer is further ahead of this node's wall clock than clocks may differ.
    #[error(
        "a stamp is {ahead:?} ahead of the wall clock, and at most {max_ahead:?} are accepted: \
         which of the two clocks is wrong?"
    )]
    AheadOfWall {
        /// By how much.
        ahead: Duration,
        /// By how much it may be.
        max_ahead: Duration,
    },
    /// A wall clock says a time that no stamp can have.
    #[error("the wall clock of this machine is before 1970 or after 2554: set it")]
    WallOutOfRange,
    /// A peer claims that this node has done more than it has. Two nodes with one id look like
    /// this, and a node that has forgotten its past.
    #[error(
        "a peer knows of {claimed} events of this node, which has had {own}: is there \
         another node {node}?"
    )]
    OwnEntryAhead {
        /// This node.
        node: usize,
        /// The peer's claim.
        claimed: u64,
        /// The true number.
        own: u64,
    },
    /// Two vectors of different lengths.
    #[error("a vector of {got} entries where each has {expected}")]
    WrongLength {
        /// The entries of the vector that was given.
        got: usize,
        /// The entries that it should have.
        expected: usize,
    },
    /// The vector has no entry for this node.
    #[error("there is no node {node}: there are {nodes}, counted from 0")]
    NoSuchNode {
        /// The node asked for.
        node: usize,
        /// The number of nodes.
        nodes: usize,
    },
}

/// The largest stamp to accept from a peer where `now` is known.
#[inline]
fn latest(now: u64, max_jump: u64) -> u64 {
    now.saturating_add(max_jump).min(LAST_STAMP)
}

/// One more event.
#[inline]
fn next(time: u64) -> u64 {
    time.checked_add(1).expect("a node has fewer than 2^63 events of its own")
}
