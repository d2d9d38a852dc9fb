//! What is right, call by call from the faults of a case, without a network.

use super::cases::Case;
use super::network::{Action, CallEnd, LOOK_UP, Step};
use super::{Answer, BATCH, GaveUp, price};

/// What is waited for after each failed attempt at a batch but the last.
const WAITS: [u64; 3] = [100, 200, 400];

/// The right steps, and what is right to return.
pub(super) fn answer(case: &Case) -> Answer {
    let batches: Vec<&[u32]> = case.ids.chunks(BATCH).collect();
    let (mut steps, mut clock) = (Vec::new(), 0);
    let (mut answered, mut failed) = (0, 0);
    let mut address = case.address_at(LOOK_UP);
    let mut take = |action, ms: u64| {
        steps.push(Step { at: clock, action });
        clock += ms;
        clock
    };
    let mut now = 0;
    if !batches.is_empty() {
        now = take(Action::LookUp(address), LOOK_UP);
    }
    for call in 0.. {
        let Some(batch) = batches.get(answered) else { break };
        let end = case.end(call, address, now);
        now = take(Action::Call(address, batch.to_vec(), end), end.takes());
        if end == CallEnd::Answered {
            (answered, failed) = (answered + 1, 0);
            continue;
        }
        let Some(&wait) = WAITS.get(failed) else { break };
        failed += 1;
        now = take(Action::Wait(wait), wait);
        address = case.address_at(now + LOOK_UP);
        now = take(Action::LookUp(address), LOOK_UP);
    }
    let is_whole = answered == batches.len();
    let prices = || case.ids.iter().map(|&id| price(id)).collect();
    Answer { result: is_whole.then(prices).ok_or(GaveUp), steps }
}
