//! Draws the staleness over UDP and over TCP as the page shows it.
//!
//! `cargo run -p udp --example udp-plots -- FOLDER` writes `staleness.svg` there.

use std::process::ExitCode;

use anyhow::Result;
use plots::{FIRST, Line, Plot, SECOND};
use udp::staleness::{self, Played};

/// Of a thousand packets, how many are lost, as in the run.
const LOST: u64 = 20;

/// A point of the plot is the worst staleness within this many milliseconds.
const WITHIN: u32 = 100;

/// The time in milliseconds, and the worst staleness around it.
fn points(played: &Played) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = Vec::new();
    for (at, stale) in played.staleness() {
        let (at, stale) = ((at / WITHIN * WITHIN) as i32, stale as i32);
        match points.last_mut() {
            Some((time, worst)) if *time == at => *worst = stale.max(*worst),
            _ => points.push((at, stale)),
        }
    }
    points
}

fn staleness() -> Result<String> {
    let [udp, tcp] = staleness::both(1, LOST, None)?.map(|played| points(&played));
    let worst = udp.iter().chain(&tcp).map(|(_, stale)| *stale).max();
    let plot = Plot {
        title: "How old the drawn position is, at worst, in each tenth of a second",
        y: "milliseconds",
        // Above the lines there is room for their names.
        highest: worst.unwrap_or(0) * 3 / 2,
        seconds: (0, 20),
        lines: vec![
            Line { name: "over TCP", colour: SECOND, points: tcp },
            Line { name: "over UDP", colour: FIRST, points: udp },
        ],
    };
    plot.draw("The staleness over UDP and over TCP, over time")
}

fn main() -> ExitCode {
    plots::run(&[("staleness.svg", staleness)])
}
