//! Worlds in which a small piece of a distributed system runs.
//!
//! | module | holds |
//! |---|---|
//! | [`stamps`] | clocks that run along with a trace |
//! | [`node`] | what a node is |
//! | [`fifo`] | ordered, lossless links for a node |
//! | [`nodes`] | everything that can happen to a few nodes |
//! | [`sim`] | a simulated network, in virtual time |

pub mod fifo;
pub mod node;
pub mod nodes;
pub mod sim;
pub mod stamps;
