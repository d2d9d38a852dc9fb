//! Worlds in which a small piece of a distributed system runs.
//!
//! | module | holds |
//! |---|---|
//! | [`clocks`] | clocks that run along with a trace |
//! | [`node`] | what a node is |
//! | [`explore`] | every small schedule, the shortest first |

pub mod clocks;
pub mod explore;
pub mod node;
