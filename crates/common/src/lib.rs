//! The parts that lessons share.
//!
//! | module | holds |
//! |---|---|
//! | [`frame`] | messages on a byte stream: lines and length-prefixed frames |
//! | [`transport`] | a TCP connection and server with deadlines and limits |

pub mod frame;
pub mod transport;
