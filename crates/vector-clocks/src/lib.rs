//! Did one cause the other, or neither?
//!
//! A Lamport stamp says how deep the past of an event is, and not whose past it is. A vector clock
//! keeps a number for each node: how many events of that node are in the past. Then one event
//! happened before another exactly if its vector is nowhere larger and somewhere smaller, and two
//! whose vectors are each somewhere larger are concurrent.
//!
//! C. Fidge, "Timestamps in Message-Passing Systems That Preserve the Partial Ordering", 1988; F.
//! Mattern, "Virtual Time and Global States of Distributed Systems", 1989.
//!
//! | module | experiment |
//! |---|---|
//! | [`runs`] | two runs with the stamps of their clocks |
//! | [`comparisons`] | stamps against stamps |
//! | [`schedules`] | every small run: the order of the vectors is that of cause and effect |
//! | [`simulated`] | a long run on a bad network, every pair of its events judged |
//! | [`price`] | what a stamp costs in a message |
//! | [`refusals`] | stamps from peers, valid and invalid |
//! | [`talker`], [`sides`] | a node that does what its clients request, as a real process |
//!
//! The lines that are the idea stand in [`common::clock::VectorClock`]: how it receives, and how it
//! compares. Left out: nodes that come and go, and ways to send less than the whole vector.

pub mod comparisons;
pub mod price;
pub mod refusals;
pub mod runs;
pub mod schedules;
pub mod sides;
pub mod simulated;
pub mod story;
pub mod talker;
