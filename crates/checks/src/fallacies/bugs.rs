//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{ATTEMPTS, BATCH, CallError, FIRST_WAIT, GaveUp, Network};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    AsAtTheDesk, "as at the desk":
        "It still holds all three beliefs: it never retries, makes a call for each id, and keeps \
         one address for ever.";
    | NoRetry, "no retry":
        "It gives up at the first call without an answer, but networks lose messages all the \
         time, and the next attempt mostly arrives.";
    | OneTooMany, "one attempt too many":
        "It takes ATTEMPTS for the number of retries, but the first attempt counts, too.";
    | AttemptsOfList, "counts failures over the whole list":
        "It counts failures in one number for all batches, but then a long list fails on a network \
         on which each batch would arrive. Begin anew with each batch.";
    OneByOne, "a call for each id":
        "It still makes a call for each id, but a call takes a round trip, however little it asks \
         for.";
    | BatchTooLarge, "a batch of one too many":
        "It takes a batch for full one id too late, but the server refuses more than BATCH.";
    AddressKept, "an address kept for ever":
        "It retries at the address that it had, but a server that has moved never answers there.";
    | NewOneForgotten, "forgets the new address":
        "It retries at the new address and begins the next batch at the old one, as where a \
         function for a batch has its own copy, but the server does not move back.";
    | LooksUpEachTime, "looks up before each call":
        "It looks up the address before each call or each batch, but that takes 10 ms each time, \
         and an address is good until a call gets no answer.";
    | LooksUpFirst, "looks up before it waits":
        "It looks up the address and then waits, but the server may move while it waits.";
    StartsAgain, "starts again from the first batch":
        "It fetches the whole list anew after a failure, but the prices that have arrived are \
         still right.";
    WaitsAfterLast, "waits after the last attempt":
        "It prepares another attempt after each failure, but after the last no attempt follows: \
         its caller waits for nothing.";
    NoWait, "no wait":
        "It retries at once, but what has made the first attempt fail mostly lasts for a while.";
    | SameWait, "the same wait each time":
        "It waits for 100 ms each time, but the longer a fault lasts, the longer it will still \
         last.";
    ReturnsPart, "returns a part for the whole":
        "It returns the prices that it has where it ought to give up, but its caller takes them \
         for all of them.";
    LooksUpForNothing, "looks up for an empty list":
        "It begins with a look-up whatever the list is, but for an empty one no call follows.";
}

/// What is right, but for the bugs.
pub(super) fn fetch_all(
    bugs: Bugs<Bug>,
    network: &mut Network,
    ids: &[u32],
) -> Result<Vec<u32>, GaveUp> {
    use Bug::*;
    let is_old = bugs.has(AsAtTheDesk);
    let mut prices = Vec::new();
    if ids.is_empty() && !is_old && !bugs.has(LooksUpForNothing) {
        return Ok(prices);
    }
    let size = match () {
        () if is_old || bugs.has(OneByOne) => 1,
        () if bugs.has(BatchTooLarge) => BATCH + 1,
        () => BATCH,
    };
    let attempts = match () {
        () if is_old || bugs.has(NoRetry) => 1,
        () if bugs.has(OneTooMany) => ATTEMPTS + 1,
        () => ATTEMPTS,
    };
    let give_up = |prices| if bugs.has(ReturnsPart) { Ok(prices) } else { Err(GaveUp) };
    let first = network.look_up();
    let mut address = first;
    let mut is_fresh = true;
    let (mut begin, mut failed) = (0, 0);
    while begin < ids.len() {
        let batch = &ids[begin..ids.len().min(begin + size)];
        if bugs.has(LooksUpEachTime) && !is_fresh {
            address = network.look_up();
        }
        is_fresh = false;
        match network.call(address, batch) {
            Ok(found) => {
                prices.extend(found);
                begin += batch.len();
                if bugs.has(NewOneForgotten) {
                    address = first;
                }
                if !bugs.has(AttemptsOfList) && !bugs.has(StartsAgain) {
                    failed = 0;
                }
                continue;
            }
            Err(CallError::TooMany) => return give_up(prices),
            Err(CallError::NoAnswer) => failed += 1,
        }
        let is_last = failed == attempts;
        if is_last && !bugs.has(WaitsAfterLast) {
            return give_up(prices);
        }
        if bugs.has(LooksUpFirst) {
            address = network.look_up();
        }
        network.wait(match () {
            () if bugs.has(NoWait) => 0,
            () if bugs.has(SameWait) => FIRST_WAIT,
            () => FIRST_WAIT << (failed - 1),
        });
        if !bugs.has(AddressKept) && !bugs.has(LooksUpFirst) {
            address = network.look_up();
            is_fresh = true;
        }
        if is_last {
            return give_up(prices);
        }
        if bugs.has(StartsAgain) {
            prices.clear();
            begin = 0;
        }
    }
    Ok(prices)
}
