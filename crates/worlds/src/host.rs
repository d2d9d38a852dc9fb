//! A node as a real process. What it writes down is a [`log`] of its own, on a [`disk`] that may fail and forgets what it
//! was not made to keep.

pub mod disk;
pub mod log;
