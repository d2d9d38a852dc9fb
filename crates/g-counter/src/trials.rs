//! The counter put to the test by a reader, in worlds that a seed draws.

use std::io::Write;

use anyhow::{Context, bail};
use narration::WithHint;

use crate::{simulated, smallest};

/// Runs the world that a seed draws, and writes to `out` what was acknowledged and what the
/// replicas say in the end.
///
/// # Errors
/// If they do not say the sum of what was acknowledged.
pub fn simulate(seed: u64, out: &mut impl Write) -> anyhow::Result<()> {
    let outcome = simulated::run(simulated::drawn(seed))?;
    let values: Vec<_> = outcome.values.iter().map(u128::to_string).collect();
    writeln!(
        out,
        "{} asked for, {} acknowledged, the replicas say {}",
        simulated::ASKED,
        outcome.acknowledged,
        values.join(" ")
    )?;
    Ok(outcome.verdict()?)
}

/// Runs the worlds of `seeds` seeds, and writes to `out` that all ended well.
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
    Ok(writeln!(out, "{seeds} worlds, and all ended well")?)
}

fn how_to_see_it(seed: u64) -> String {
    let again = format!("cargo run -p g-counter -- simulate --seed {seed} runs it again");
    match smallest::schedule() {
        None => again,
        Some(schedule) => {
            format!("{again}; the smallest that breaks: cargo run -p g-counter -- draw {schedule}")
        }
    }
}
