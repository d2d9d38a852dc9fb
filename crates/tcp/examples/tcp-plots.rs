//! Draws the congestion window and two flows as the page shows them.
//!
//! `cargo run -p tcp --example tcp-plots -- FOLDER` writes `window.svg` and `flows.svg` there.

use std::process::ExitCode;

use anyhow::Result;
use plots::{FIRST, Line, Plot, SECOND};
use tcp::congestion::{self, SECOND_BEGINS};

/// The bytes in flight of one flow: the most in each tenth of a second.
fn window() -> Result<String> {
    const TENTH: u128 = 100;
    let flow = congestion::one_flow()?;
    let mut points: Vec<(i32, i32)> = Vec::new();
    for sample in flow.samples {
        let tenth = (sample.time.as_millis() / TENTH * TENTH) as i32;
        let packets = (sample.in_flight / 1_500) as i32;
        match points.last_mut() {
            Some((time, most)) if *time == tenth => *most = packets.max(*most),
            _ => points.push((tenth, packets)),
        }
    }
    points.retain(|(time, _)| *time <= 20_000);
    let plot = Plot {
        title: "One flow alone: packets in flight",
        y: "packets in flight",
        highest: 70,
        seconds: (0, 20),
        lines: vec![Line { name: "", colour: FIRST, points }],
    };
    plot.draw("The packets in flight of one flow, over time")
}

/// What two flows carry, in each second.
fn flows() -> Result<String> {
    let seconds = congestion::two_flows()?;
    let line = |flow: usize, from: usize| {
        let rate = move |(second, carried): (usize, &[u64; 2])| {
            (1000 * second as i32 + 500, (carried[flow] / 1000) as i32)
        };
        seconds.iter().enumerate().skip(from).map(rate).collect()
    };
    let begins = SECOND_BEGINS.as_secs() as usize;
    let plot = Plot {
        title: "Two flows on a link of 4,000 kbit/s",
        y: "kbit/s",
        highest: 5_000,
        seconds: (0, seconds.len() as i32),
        lines: vec![
            Line { name: "first", colour: FIRST, points: line(0, 0) },
            Line { name: "second", colour: SECOND, points: line(1, begins) },
        ],
    };
    plot.draw("What two flows carry, over time")
}

fn main() -> ExitCode {
    plots::run(&[("window.svg", window), ("flows.svg", flows)])
}
