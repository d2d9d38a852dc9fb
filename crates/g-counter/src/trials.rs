//! The counter put to the test by a reader, in worlds that a seed draws.

use std::io::Write;

use anyhow::{Context, bail};
use narration::{WithHint, number};

use crate::simulated::Broken;
use crate::{simulated, smallest};

/// Runs the world that a seed draws, and writes to `out` what was acknowledged and what the
/// replicas report in the end.
///
/// # Errors
/// If they disagree, or count less than was acknowledged, or more than was asked for.
pub fn simulate(seed: u64, out: &mut impl Write) -> anyhow::Result<()> {
    let outcome = simulated::run(simulated::drawn(seed))?;
    let values: Vec<_> = outcome.values.iter().map(u128::to_string).collect();
    writeln!(
        out,
        "{} asked for, {} acknowledged, the replicas report {}",
        simulated::ASKED,
        outcome.acknowledged,
        values.join(" ")
    )?;
    Ok(outcome.verdict()?)
}

/// Runs the worlds of `seeds` seeds, and writes to `out` that the counter did not break.
///
/// # Errors
/// The first in which it did, with its seed and the smallest schedule that breaks it, if there is a
/// small one.
pub fn soak(from: u64, seeds: u64, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(end) = from.checked_add(seeds) else {
        bail!("there are no seeds beyond {}; give fewer", u64::MAX);
    };
    for seed in from..end {
        let outcome = simulated::run(simulated::drawn(seed))?;
        if let Err(broken) = outcome.verdict() {
            return with_how_to_see_it(broken, seed, smallest::schedule().as_deref());
        }
    }
    let noun = if seeds == 1 { "seed" } else { "seeds" };
    Ok(writeln!(out, "{} {noun}: the counter did not break", number(seeds))?)
}

/// The error, and below it one command on each line.
fn with_how_to_see_it(broken: Broken, seed: u64, smallest: Option<&str>) -> anyhow::Result<()> {
    let broken = Err(broken)
        .with_context(|| format!("seed {seed}"))
        .hint(format!("run it again:      cargo run -p g-counter -- simulate --seed {seed}"));
    match smallest {
        None => broken,
        Some(schedule) => {
            broken.hint(format!("smallest schedule: cargo run -p g-counter -- draw {schedule}"))
        }
    }
}
