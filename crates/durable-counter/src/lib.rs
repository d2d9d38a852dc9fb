//! It said "counted". Is that still true after kill -9?
pub mod client;
pub mod cluster;
pub mod counted;
pub mod crash;
pub mod group;
pub mod lost;
pub mod recovery;
pub mod replica;
pub mod service;
pub mod sides;
pub mod simulated;
pub mod story;
pub mod twice;
