//! Worlds in which a small piece of a distributed system runs.
//!
//! | module | holds |
//! |---|---|
//! | [`clocks`] | clocks that run along with a trace |
//! | [`node`] | what a node is |
//! | [`ordered`] | ordered, lossless links for a node |
//! | [`nodes`] | everything that can happen to a few nodes |
//! | [`sim`] | a simulated network, in virtual time |

pub mod clocks;
pub mod node;
pub mod nodes;
pub mod ordered;
pub mod sim;
