//! Narrates a stamp that would exhaust a clock.

use common::clock::{DEFAULT_MAX_JUMP, LAST_STAMP};
use narration::{Narrator, Table, number};

use crate::far_ahead::{self, Received};

/// Sends a clock such stamps, and narrates the results.
pub(super) fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const TIME: u64 = 5;
    let tried = far_ahead::stamps_to_try(TIME);
    let received = tried.map(|stamp| far_ahead::receive(TIME, DEFAULT_MAX_JUMP, stamp));
    let last = &received[received.len() - 1];
    narrator.step("A stamp that is too large", "computed")?;
    narrator.say(&format!(
        "A stamp comes from another node, which may be broken or hostile. A clock at {TIME} \
         receives the largest 64-bit number, {}. No number is left for the receipt, so the clock \
         of this course refuses the stamp.",
        number(last.stamp)
    ))?;
    narrator.predict(
        "What is the value of that clock after the message?",
        last.ours_afterwards,
        "It stays as it was. The caller decides what to do with the message.",
    )?;
    let mut table = Table::new(["stamp", "a trusting clock", "its next event", "ours"]);
    for Received { stamp, trusting, ours, .. } in &received {
        let [heard, next] = trusting.map(|time| time.map_or("overflows".to_owned(), short));
        let ours = ours.as_ref().map_or("refuses".to_owned(), |time| short(*time));
        table = table.row([short(*stamp), heard, next, ours]);
    }
    narrator.table(&table)?;
    let tight = far_ahead::receive(TIME, 100, 106);
    narrator.say(&format!(
        "With 2^64 - 2 the receipt succeeds and the next event fails. Ours accepts a stamp at most \
         2^32 ahead, and never one above {}. The bound can be set. With 100, a clock at {TIME} \
         accepts {} and answers 106 with:",
        short(LAST_STAMP),
        100 + TIME,
    ))?;
    if let Err(refusal) = tight.ours {
        narrator.say(&format!("\"{refusal}\""))?;
    }
    narrator.say(
        "The bound is a compromise: a node that returns after a long time is far behind, and with \
         a small bound it refuses honest peers.",
    )?;
    Ok(())
}

/// A number that is near a large power of two is easier to read by its distance from that.
fn short(value: u64) -> String {
    let near = [32, 63, 64].map(|power| (power, i128::from(value) - (1 << power)));
    match near.iter().find(|(_, distance)| distance.abs() < 100) {
        None => number(value),
        Some((power, 0)) => format!("2^{power}"),
        Some((power, distance @ ..0)) => format!("2^{power} - {}", -distance),
        Some((power, distance)) => format!("2^{power} + {distance}"),
    }
}
