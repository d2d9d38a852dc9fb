//! The counter put to the test by a reader, in worlds that a seed decides.

use std::io::Write;

use anyhow::{Context, bail};
use narration::{WithHint, number};

use crate::{simulated, smallest};

/// Runs the world of a seed, and writes to `out` what was acknowledged and what the replicas have
/// in the end.
///
/// # Errors
/// If they disagree, or have less than was acknowledged, or more than was asked for.
pub fn simulate(seed: u64, out: &mut impl Write) -> anyhow::Result<()> {
    let outcome = simulated::run(simulated::drawn(seed))?;
    let values: Vec<_> = outcome.values.iter().map(u128::to_string).collect();
    writeln!(
        out,
        "{} asked for, {} acknowledged, the replicas have {}",
        simulated::ASKED,
        outcome.acknowledged,
        values.join(" ")
    )?;
    Ok(outcome.verdict()?)
}

/// Runs the worlds of `seeds` seeds, and writes to `out` that none broke the counter.
///
/// # Errors
/// The first that did not, with its seed and a schedule that shows it, if a small one does.
pub fn soak(from: u64, seeds: u64, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(end) = from.checked_add(seeds) else {
        bail!("there are no seeds beyond {}; give fewer", u64::MAX);
    };
    for seed in from..end {
        let outcome = simulated::run(simulated::drawn(seed))?;
        if let Err(broken) = outcome.verdict() {
            return Err(broken).with_context(|| format!("seed {seed}")).hint(how_to_see_it(seed));
        }
    }
    Ok(writeln!(out, "{} seeds: the counter did not break", number(seeds))?)
}

fn how_to_see_it(seed: u64) -> String {
    match smallest::schedule() {
        None => format!("cargo run -p g-counter -- simulate --seed {seed} runs it again"),
        Some(schedule) => format!("the smallest: cargo run -p g-counter -- draw {schedule}"),
    }
}
