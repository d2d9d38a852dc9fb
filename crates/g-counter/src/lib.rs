//! How can replicas count together with no one in charge?
//!
//! Several replicas count the same thing, each what happens at its own place, and push it to each
//! other when they can. Messages are lost, duplicated and reordered. A plain number does not
//! survive that: a replica that adds what it receives counts twice, and one that takes the larger
//! number loses what was counted at the same time. A **G-Counter** keeps a number for each replica,
//! which only that replica increments. Merging takes the larger of each two entries, and that may
//! happen in any order and any number of times.
//!
//! M. Shapiro, N. Preguiça, C. Baquero, M. Zawirski, "A Comprehensive Study of Convergent and
//! Commutative Replicated Data Types", 2011, section 3.1.1.
//!
//! | module | experiment |
//! |---|---|
//! | [`runs`] | two replicas count and merge |
//! | [`network`] | four counters under every small schedule that loses and duplicates messages |
//! | [`laws`] | the laws of a merge, checked over every small state |
//! | [`simulated`] | three replicas on a network with every fault |
//! | [`smallest`] | the smallest schedule that breaks it, if there is one |
//! | [`cannot`] | what this counter cannot do |
//! | [`refusals`] | invalid entries |
//! | [`replica`] | the counter as a node, for every world |
//! | [`trials`] | simulated worlds, as a reader asks for them |
//!
//! The lines that are the idea stand in [`common::crdt::GCounter::merge`]. Left out: the counter as
//! a service, with a disk that fails and clients that retry; and replicas that come and go.

pub mod cannot;
pub mod laws;
pub mod network;
pub mod refusals;
pub mod replica;
pub mod runs;
pub mod simulated;
pub mod smallest;
pub mod story;
pub mod trials;
