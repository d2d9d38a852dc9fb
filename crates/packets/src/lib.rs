//! stub
pub mod addresses;
pub mod anatomy;
pub mod checksums;
pub mod faults;
pub mod flows;
pub mod hops;
pub mod sizes;
pub mod world;
