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
//! | [`far_ahead`] | a stamp that would exhaust a clock |
//!
//! The lines that are the idea stand in [`common::clock::LamportClock::receive`]. Left out: what is
//! built on that order, such as the lock of lesson 20.

pub mod far_ahead;
pub mod order;
pub mod runs;
pub mod schedules;
pub mod story;
