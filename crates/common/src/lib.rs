//! The parts that lessons share.
//!
//! | module | holds |
//! |---|---|
//! | [`frame`] | messages on a byte stream: lines and length-prefixed frames |
//! | [`random`] | the one source of randomness, seeded |
//! | [`retry`] | trying again: backoff, jitter, deadline, budget |
//! | [`timeline`] | virtual time: a clock and an event queue |
//! | [`transport`] | a TCP connection and server with deadlines and limits |

pub mod frame;
pub mod random;
pub mod retry;
pub mod timeline;
pub mod transport;
