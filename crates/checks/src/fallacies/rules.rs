//! What is wrong with an answer, and what helps: said of the first step that is wrong.

use super::cases::Case;
use super::network::{Action, CallEnd, Step};
use super::{Answer, BATCH, right};
use crate::Stopped;
use crate::exercise::Rule;

/// The rule that `got` breaks.
pub(super) fn broken(case: &Case, got: &Answer) -> Rule {
    use Action::{Call, LookUp, Wait};
    let want = right::answer(case);
    let wrong = super::first_wrong(&want.steps, &got.steps);
    let action = |steps: &[Step]| steps.get(wrong).map(|step| step.action.clone());
    let call = want.steps[..wrong].iter().rev().find_map(|step| match step.action {
        Call(_, _, end) => Some(end),
        LookUp(_) | Wait(_) => None,
    });
    let is_retry = call.is_some_and(|end| end != CallEnd::Answered);
    match (action(&want.steps), action(&got.steps)) {
        _ if case.ids.is_empty() => Rule::new(
            "An empty list needs nothing from the network: no look-up, no call, no wait. Its \
             answer is Ok of no prices.",
            "Return `Ok(Vec::new())` where `ids.is_empty()`, before the look-up.",
        ),
        (_, Some(Call(_, ids, _))) if ids.len() > BATCH => Rule::new(
            "A call asks for BATCH ids at most: the server refuses more.",
            "`for batch in ids.chunks(BATCH)` makes batches of up to BATCH ids.",
        ),
        (Some(Call(_, want, _)), Some(Call(_, got, _)))
            if want != got && is_without_copies(&case.ids, &got) =>
        {
            Rule::new(
                "An id that is in the list twice is asked for twice, so that there is a price for \
                 each place in the list.",
                "Make the batches of `ids` as it is: do not drop what is equal.",
            )
        }
        (Some(Call(_, want, _)), Some(Call(_, got, _)))
            if got.len() < want.len() && want.starts_with(&got) =>
        {
            Rule::new(
                "Latency is not zero: a call takes a round trip, whether it asks for one price or \
                 for BATCH. So there are as few calls as batches allow.",
                "Loop over batches instead of ids: `for batch in ids.chunks(BATCH)`, and hand each \
                 to `call` whole.",
            )
        }
        (Some(Call(want, ..)), Some(Call(got, ..))) if want != got => Rule::new(
            "Topology changes: a new address replaces the one that did not answer, in this batch \
             and in those that follow.",
            "Keep one variable `address` outside both loops, and assign to it after each NoAnswer: \
             `address = network.look_up();`.",
        ),
        (Some(Call(_, want, _)), Some(Call(_, got, _))) if want != got => Rule::new(
            "Batches are asked for in the order of the list, each until it is answered, and none \
             again after that. A retry asks for the batch that failed, whole and unchanged.",
            "Put the loop over attempts inside the loop over `ids.chunks(BATCH)`, and leave it \
             with the prices of that one batch.",
        ),
        (Some(LookUp(_)), Some(Call(..))) => Rule::new(
            "Topology changes: the server may have moved, and then it never answers at the old \
             address. After NoAnswer and the wait, the address is looked up again.",
            "After `network.wait(wait)` write `address = network.look_up();`, and call with that.",
        ),
        (Some(Call(..)), Some(LookUp(_))) => Rule::new(
            "A look-up takes time, too. The address is looked up once before the first call, and \
             then only after NoAnswer.",
            "Look up before both loops. Inside them do so only after a call that returned an error \
             and its wait, once.",
        ),
        (Some(Wait(_)), Some(Wait(_))) => Rule::new(
            "The wait doubles from attempt to attempt: 100, 200, 400 ms. It begins anew with each \
             batch.",
            "Begin with `let mut wait = FIRST_WAIT;` inside the loop over batches, and after each \
             wait `wait *= 2;`.",
        ),
        (Some(Wait(_)), Some(_)) => Rule::new(
            "After NoAnswer comes the wait, and only then the look-up and the next attempt: a \
             fault lasts for a while, and the server may move meanwhile.",
            "Where a call returns an error and attempts remain: first `network.wait(wait)`, then \
             `address = network.look_up();`.",
        ),
        (Some(_), None) if is_retry => Rule::new(
            "The network is not reliable, so one NoAnswer proves nothing. Each batch has up to \
             ATTEMPTS attempts, the first included, however many other batches needed.",
            "Inside the loop over batches, let a loop run up to ATTEMPTS times, and return \
             `Err(GaveUp)` only after the last. Do not pass an earlier error on with `?`.",
        ),
        (Some(_), None) => Rule::new(
            "Each id of the list has a price, also those of the last batch, which may be smaller \
             than BATCH.",
            "`ids.chunks(BATCH)` has the rest of the list as its last batch. `chunks_exact` has \
             not.",
        ),
        (None, Some(_)) if want.result.is_err() => Rule::new(
            "After ATTEMPTS attempts without an answer the client gives up, at once: another wait \
             or look-up would prepare nothing, and another batch is of no use.",
            "Count the attempts at this batch, the first included. After the last return \
             `Err(GaveUp)` before you wait.",
        ),
        (None, Some(_)) => Rule::new(
            "Once the last batch is answered, every price is there, and nothing is left to do.",
            "Return `Ok(prices)` right after the loop over batches.",
        ),
        (None, None) if want.result.is_err() => Rule::new(
            "A part of the list is not its prices: the caller cannot tell which are missing. If \
             one batch gets no answer, the result is Err(GaveUp).",
            "After the last attempt at a batch return `Err(GaveUp)` from `fetch_all`, whatever \
             prices have arrived.",
        ),
        (None, None) => Rule::new(
            "The result is Ok of all prices, one for each id, in the order of the ids.",
            "`prices.extend(batch_prices)` after each batch that is answered, and `Ok(prices)` at \
             the end. Do not sort, and do not drop what is equal.",
        ),
        (Some(_), Some(_)) => Rule::new(
            "Every look-up, call and wait has a reason: the first look-up finds the server, and \
             only NoAnswer asks for a wait and another one.",
            "Wait only after a call that returned an error, and look up once before the first \
             call.",
        ),
    }
}

/// Whether `ids` has equal ones, and `asked` is a part of it without them.
fn is_without_copies(ids: &[u32], asked: &[u32]) -> bool {
    let mut unique: Vec<u32> = Vec::new();
    for id in ids {
        if !unique.contains(id) {
            unique.push(*id);
        }
    }
    unique.len() < ids.len() && !asked.is_empty() && unique.windows(asked.len()).any(|w| w == asked)
}

/// The rule that is broken by not coming to an end.
pub(super) fn of_stop(stopped: &Stopped) -> Rule {
    match stopped {
        Stopped::DidNotTerminate => Rule::new(
            "Some faults do not pass, so every loop over attempts has an end: after ATTEMPTS \
             attempts at one batch the client gives up.",
            "Count the attempts at each batch: `for attempt in 1..=ATTEMPTS`. After that return \
             `Err(GaveUp)`.",
        ),
        Stopped::Unsolved(_) | Stopped::Panicked(_) => stopped.rule(),
    }
}
