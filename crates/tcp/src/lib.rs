//! stub
pub mod congestion;
pub mod corruption;
pub mod handshake;
pub mod limits;
pub mod pair;
pub mod ports;
pub mod reassembly;
pub mod resend;
pub mod sides;
pub mod story;
pub mod windows;
