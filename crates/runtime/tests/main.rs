//! A node as a real process, here in threads; and its log.

mod host;
mod log;
