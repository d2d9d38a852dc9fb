//! How do nodes share a lock with no one in charge?
//!
//! Lesson 15 leaves one order of all events, on which all nodes agree. With it a few nodes can
//! share a lock: each keeps the queue of requests in that order, and enters when its own is first
//! and no earlier one can still come. That needs links that do not reorder, lose or duplicate; it
//! costs an answer of every node each time; and a holder that crashes keeps the lock.
//!
//! L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", Communications
//! of the ACM 21(7), 1978, section "Ordering the Events Totally".
//!
//! | module | experiment |
//! |---|---|
//! | [`mutex`], [`exclusion`] | the lock, and every state that it can reach |
//! | [`repaired`] | the same lock on links that lose, duplicate and reorder, repaired |
//! | [`lease`], [`holders`] | leases and tokens; a holder that crashes, and one that is paused |
//! | [`sides`], [`judge`] | the lock between real processes, and whether it was exclusive |
//!
//! The lines that are the idea: rule 5 of [`mutex`], by which a node enters, and the check of a
//! token in [`lease`]. Left out: a lock that a majority of nodes grants, which needs consensus.

pub mod exclusion;
pub mod holders;
pub mod judge;
pub mod lease;
pub mod mutex;
pub mod repaired;
pub mod sides;
pub mod story;
