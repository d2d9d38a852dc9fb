//! Draws how far a clock admits to be off, and how far it is, as the page shows it.
//!
//! `cargo run -p wall-clocks --example wall-clocks-plots -- FOLDER` writes `bound.svg` there.

use std::process::ExitCode;

use anyhow::Result;
use plots::{FIRST, Line, Plot, SECOND};
use wall_clocks::interval;

/// Values in nanoseconds, one a second, as points of a plot.
fn points(values: impl Iterator<Item = i64>) -> Vec<(i32, i32)> {
    values.zip(0..).map(|(nanos, second)| (1_000 * second, (nanos / 1_000) as i32)).collect()
}

fn bound() -> Result<String> {
    let course = interval::admitted(1, 121)?;
    let plot = Plot {
        title: "How far a clock may be off, and how far it is",
        y: "microseconds",
        highest: 10_000,
        seconds: (0, 120),
        lines: vec![
            Line {
                name: "the bound",
                colour: FIRST,
                points: points(course.iter().map(|at| at.bound)),
            },
            Line {
                name: "the real error",
                colour: SECOND,
                points: points(course.iter().map(|at| at.error)),
            },
        ],
    };
    plot.draw("The error bound of a clock that is set every 30 s, and its real error")
}

fn main() -> ExitCode {
    plots::run(&[("bound.svg", bound)])
}
