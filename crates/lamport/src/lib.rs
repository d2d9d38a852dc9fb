//! Which came first, without clocks?
//!
//! Two machines have no common time. But an event can have caused those that follow it on its
//! machine, and a message's sending its receipt. A Lamport clock is one number a machine, so made
//! that what can have caused an event has a smaller number: it counts up at every event, travels
//! with every message, and the receiver goes past both its own number and the message's.
//!
//! L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", Communications
//! of the ACM 21(7), 1978.
//!
//! | module | experiment |
//! |---|---|
//! | [`runs`] | a run of two nodes with their stamps, and two clocks that receive |
//! | [`schedules`] | every small run: what the stamps promise, and what they do not |
//! | [`order`] | one order of all events, on which all nodes agree |
//! | [`mutex`], [`exclusion`] | a lock built on that order, and every state that it can reach |
//! | [`repaired`] | the same lock on links that lose, duplicate and reorder, repaired |
//! | [`sides`], [`judge`] | the lock between real processes, and whether it was exclusive |
//! | [`far_ahead`] | a stamp that would exhaust a clock |
//!
//! The lines that are the idea stand in [`common::clock::LamportClock::receive`]. Left out: a lock
//! that outlives a crash.

pub mod exclusion;
pub mod far_ahead;
pub mod judge;
pub mod mutex;
pub mod order;
pub mod repaired;
pub mod runs;
pub mod schedules;
pub mod sides;
pub mod story;
