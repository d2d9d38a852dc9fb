//! Draws how long a packet waits against the load of its link, as the page shows it.
//!
//! `cargo run -p fallacies --example fallacies-plots -- FOLDER` writes `queue.svg` there.

use std::process::ExitCode;

use anyhow::Result;
use fallacies::queue::{self, Arrivals};
use plots::plotters::prelude::*;
use plots::{Area, FIRST, Line, SECOND, TEXT, draw_lines, figure, text};

/// Packets for each point: the nearer the load is to 1, the longer it takes until a mean settles.
const PACKETS: u64 = 1_000_000;

/// The loads of the points, in percent.
const LOADS: [u64; 13] = [1, 20, 40, 50, 60, 70, 80, 85, 90, 93, 95, 97, 98];

/// The highest wait that has room, in tenths of a millisecond.
const HIGHEST: i32 = 300;

/// The load in percent, and the wait in tenths of a millisecond.
fn waits(arrivals: Arrivals) -> Vec<(i32, i32)> {
    let point =
        |percent| (percent as i32, queue::mean_wait(percent, arrivals, PACKETS) as i32 / 100);
    LOADS.into_iter().map(point).collect()
}

fn draw(area: &Area<'_>) -> Result<()> {
    let mut chart = ChartBuilder::on(area)
        .caption("How long a packet of 1 ms waits for the link, on average", text(18))
        .margin(12)
        .x_label_area_size(46)
        .y_label_area_size(64)
        .build_cartesian_2d(0..100, 0..HIGHEST)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(TEXT)
        .label_style(text(16))
        .x_desc("load, percent")
        .y_desc("milliseconds")
        .x_labels(11)
        .y_labels(7)
        .y_label_formatter(&|tenths| (tenths / 10).to_string())
        .draw()?;
    let lines = [
        ("many programs, at random", SECOND, Arrivals::Random(1)),
        ("one program, evenly", FIRST, Arrivals::Even),
    ];
    let lines =
        lines.map(|(name, colour, arrivals)| Line { name, colour, points: waits(arrivals) });
    draw_lines(&mut chart, &lines, SeriesLabelPosition::UpperLeft)
}

fn wait_and_load() -> Result<String> {
    figure((720, 300), "The mean wait for a link, against its load", draw)
}

fn main() -> ExitCode {
    plots::run(&[("queue.svg", wait_and_load)])
}
