//! What does a web API exchange really look like?

pub mod server;
