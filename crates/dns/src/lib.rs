//! How does a name become an address?
pub mod authority;
pub mod cache;
pub mod fault;
pub mod message;
pub mod name;
pub mod network;
pub mod record;
pub mod resolver;
pub mod server;
pub mod tree;
pub mod zone;
