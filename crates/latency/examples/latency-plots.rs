//! Draws one pause as the page shows it: what three clients say of the same second.
//!
//! `cargo run -p latency --example latency-plots -- FOLDER` writes `percentiles.svg` there.

use std::process::ExitCode;

use anyhow::Result;
use latency::omission::{PAUSE, closed_loop, corrected, histogram, open_loop};
use latency::report;

fn percentiles() -> Result<String> {
    let closed = closed_loop(PAUSE);
    let lines = [
        ("open loop", &histogram(&open_loop(PAUSE))),
        ("corrected", &corrected(&closed)),
        ("closed loop", &histogram(&closed)),
    ];
    report::svg("The same second, as three clients report it", &lines)
}

fn main() -> ExitCode {
    plots::run(&[("percentiles.svg", percentiles)])
}
