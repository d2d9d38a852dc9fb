//! The vector clock and the counter, beside the crates vec_clock and crdts and beside plain loops;
//! and the [hybrid clock](hybrid), beside uhlc.
//!
//! vec_clock keeps a vector of entries, as ours does, and checks its length and the node's own
//! entry; it has no bound on a jump. crdts keeps a B-tree from actors to entries, here with a
//! node's number for the actor, and checks nothing. The [plain loops](plain) do the work of ours
//! with the checks of ours.
//!
//! * Every subject gets the same entries, and is checked first to return the same result.
//! * Arguments and results pass through [`black_box`]: nothing is computed once and for all, and
//!   nothing is left out because its result is not used.
//! * A round repeats its work until it takes [`ROUND_SECONDS`], for each subject as often as that
//!   needs.
//! * Every function called may be inlined: the peers' code is generic or lies here, and ours asks
//!   for it.

mod compare;
mod hybrid;
mod merge;
mod plain;
mod subjects;

use std::hint::black_box;

pub(crate) use subjects::map;

use crate::{compare as in_turn, timed};

/// Entries of a vector.
pub(crate) const SIZES: [usize; 5] = [3, 16, 128, 1024, 8192];
const ROUNDS: usize = 21;
const ROUND_SECONDS: f64 = 0.002;

pub(crate) fn compare() -> anyhow::Result<()> {
    hybrid::table()?;
    compare::tables()?;
    merge::tables()
}

/// Measures two ways to do the same `calls` calls.
fn beside<A, B>(
    name: &str,
    calls: u64,
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> anyhow::Result<()> {
    let times = [times_a_round(&mut ours), times_a_round(&mut theirs)];
    in_turn(ROUNDS, [By::Ours, By::Theirs], |by| {
        let [ours_times, their_times] = times;
        Ok(match by {
            By::Ours => repeat(ours_times, &mut ours) * calls,
            By::Theirs => repeat(their_times, &mut theirs) * calls,
        })
    })?
    .print(name);
    Ok(())
}

#[derive(Clone, Copy)]
enum By {
    Ours,
    Theirs,
}

fn times_a_round<T>(work: &mut impl FnMut() -> T) -> u64 {
    let mut times = 1;
    while timed(|| repeat(times, work)).1 < ROUND_SECONDS {
        times *= 2;
    }
    times
}

fn repeat<T>(times: u64, work: &mut impl FnMut() -> T) -> u64 {
    for _ in 0..times {
        black_box(work());
    }
    times
}

/// Entries as nodes have them that have been up for a while, each `more` than that.
pub(crate) fn entries(size: usize, more: u64) -> Vec<u64> {
    (0..size as u64).map(|i| more + 1 + i % 100).collect()
}
