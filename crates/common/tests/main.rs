//! Each part of the crate against its promises, most of them with properties.

mod clock;
mod crdt;
mod fault;
mod frame;
mod gossip;
mod hybrid;
mod retry;
mod transport;
