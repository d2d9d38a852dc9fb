//! The load generator of lesson 13: which rates it holds over one connection, and what it costs.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use common::frame::Framing;
use latency::load::{Loop, Plan, connect, run};
use latency::report::percentile;

use crate::median;
use crate::process::Process;

/// Rates that are asked for, in requests a second.
const RATES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Runs of each.
const ROUNDS: usize = 5;
/// Ticks of the system's clock for processor time, in a second (`getconf CLK_TCK`).
const TICKS: f64 = 100.0;

/// Against the echo server of lesson 06 in a process of its own, so that the processor time of this
/// one is the generator's.
pub(crate) fn measure() -> anyhow::Result<()> {
    let server = Process::start(["serve-echo", "threads"])?;
    println!(
        "{:>12} {:>12} {:>14} {:>14} {:>14}",
        "asked a s", "sent a s", "late, p99 µs", "p50, µs", "cost, ns"
    );
    for rate in RATES {
        let mut rows = [const { Vec::new() }; 4];
        for _ in 0..ROUNDS {
            let second = Duration::from_secs(1);
            let mut plan = Plan::new(Loop::Open, rate, second, 10 * second)?;
            plan.framing = Framing::Frames;
            let before = processor_seconds()?;
            let seen = run(&connect(server.addr)?, &plan);
            let cost = (processor_seconds()? - before) * 1e9 / seen.sent as f64;
            let us = |histogram, tenths| percentile(histogram, tenths).as_nanos() as f64 / 1e3;
            let row = [seen.rate, us(&seen.lateness, 990), us(&seen.latencies, 500), cost];
            rows.iter_mut().zip(row).for_each(|(row, value)| row.push(value));
        }
        let [sent, late, median_us, cost] = rows.map(|row| median(&row));
        println!("{rate:>12} {sent:>12.0} {late:>14.0} {median_us:>14.0} {cost:>14.0}");
    }
    Ok(())
}

/// The time for which processors have worked for this process, in user and in system code (Linux).
fn processor_seconds() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program may hold spaces; what follows it does not.
    let (_, rest) = stat.rsplit_once(')').context("the form of /proc/self/stat")?;
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
}
