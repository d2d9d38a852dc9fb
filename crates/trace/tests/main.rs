//! The order of a trace and its ladder.

mod ladder;
mod order;
