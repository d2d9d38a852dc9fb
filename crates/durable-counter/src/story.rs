//! Narrates the experiments: what is durable, and what is lost all the same.

mod disk;
mod promise;

use narration::Narrator;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("durable-counter", "It said \"counted\". Is that still true after kill -9?")?;
    disk::what_counted_means(narrator)?;
    disk::torn_anywhere(narrator)?;
    disk::one_flipped_bit(narrator)?;
    disk::group_commit(narrator)?;
    promise::asked_twice(narrator)?;
    promise::what_it_remembers(narrator)?;
    promise::three_ways_to_lose(narrator)?;
    narrator.remember(
        "Append, sync, answer: in this order \"counted\" stays true after a crash. It takes a \
         request id to stay true after a retry, and one process with the newest log for each \
         number.",
        "",
    )?;
    Ok(())
}
