//! A run of the reader's own, from its code.

use anyhow::Context;
use narration::WithHint;
use trace::Trace;
use worlds::clocks::lamport;
use worlds::explore::messages::{Messages, Schedule};

/// What happens in a schedule, with Lamport stamps.
///
/// # Errors
/// A code that says nothing, or something that cannot happen.
pub fn of(code: &str) -> anyhow::Result<Trace> {
    let schedule: Schedule = code
        .parse()
        .context("cannot read this schedule")
        .hint("a: node a acts; ab: a sends to b; 1: message 1 arrives, 1x: is lost, 1c: arrives, and a copy is still under way")?;
    let network = Messages::for_nodes_of(&schedule).losing().duplicating();
    let trace = network
        .trace(&schedule)
        .context("cannot draw this schedule")?;
    let stamps = lamport(&trace);
    Ok(trace.with_lamport(stamps))
}
