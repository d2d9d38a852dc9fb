//! Worlds in which a small piece of a distributed system runs.
//!
//! | module | holds |
//! |---|---|
//! | [`explore`] | every small schedule, the shortest first |

pub mod explore;
