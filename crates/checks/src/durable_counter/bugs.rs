//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use std::collections::BTreeMap;

use super::{Damage, MAX_BODY, Recovered, checksum};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    BelievesTorn, "a torn record is counted":
        "It takes what is there of the last record for all of it, but a record counts only if \
         every byte of it is there.";
    | TornIsDamage, "a record that is cut off is damage":
        "It takes missing bytes for damage, but a crash leaves them at the end, and the replica \
         has to start again.";
    | NotCut, "the torn record is kept":
        "It returns the length of the whole log, but what is appended behind a torn record turns \
         it into damage.";
    BadLastIsDamage, "a wrong body is damage, even the last":
        "It takes every wrong checksum for damage, but a crash may leave wrong bytes in the body \
         of the last record.";
    | StopsAtBad, "a wrong body is the end, wherever it is":
        "It calls the log ended at a wrong checksum, but records follow that may have been \
         acknowledged, and are lost without a word.";
    | NeverDamage, "all that is wrong is the end":
        "It stops at whatever is wrong and reports no damage, but then acknowledged records are \
         lost without a word.";
    | SkipsBad, "a wrong record is skipped":
        "It goes on with the next record behind a wrong one, but the add in that one may have been \
         acknowledged, and is lost without a word.";
    | NoChecksum, "the body is not checked":
        "It trusts the body, but its bits may have changed, and then another amount is added.";
    HeaderUnchecked, "the header is not checked":
        "It believes the length, but where a bit of it has changed, what follows looks like one \
         torn record, and is cut off.";
    NoLimit, "any length is believed":
        "It takes a length that was never written for a torn record, and may reserve gigabytes for \
         it, but over MAX_BODY it is damage.";
    CountsTwice, "a retried request is counted twice":
        "It adds every amount, but two records with one request id are one add: its client had \
         lost the answer and asked again.";
    | LastCounts, "the last record of a request counts":
        "It lets a later record replace an earlier one, but the first one was counted before the \
         second came.";
    AppliesForeign, "a record of another log is counted":
        "It looks at the checksums alone, but a right record may have been written to the log of \
         another replica.";
    | SkipsForeign, "a record of another log is skipped":
        "It passes over a record of another log, but then this file is not the one that the \
         replica wrote.";
}

/// Where to go on after a record.
enum Next {
    Torn,
    Damage,
    /// Behind this many bytes.
    Behind(usize),
}

/// What is right, but for the bugs: here and below.
pub(super) fn recover(bugs: Bugs<Bug>, bytes: &[u8], log: u32) -> Result<Recovered, Damage> {
    let mut amounts = BTreeMap::new();
    let mut total = 0;
    let mut good = 0;
    let mut add = |amount: u32, request: &[u8]| {
        total += u64::from(amount);
        let earlier = amounts.insert(request.to_vec(), amount).map(u64::from);
        match earlier {
            Some(earlier) if bugs.has(Bug::LastCounts) => total -= earlier,
            Some(_) if !bugs.has(Bug::CountsTwice) => total -= u64::from(amount),
            _ => {}
        }
    };
    while good < bytes.len() {
        match next(bugs, &bytes[good..], log, &mut add) {
            Next::Behind(length) => good += length,
            Next::Torn if bugs.has(Bug::NotCut) => good = bytes.len(),
            Next::Torn => break,
            Next::Damage if bugs.has(Bug::NeverDamage) => break,
            Next::Damage => return Err(Damage { at: good }),
        }
    }
    Ok(Recovered { total, good })
}

fn next(bugs: Bugs<Bug>, rest: &[u8], log: u32, add: &mut dyn FnMut(u32, &[u8])) -> Next {
    let cut = if bugs.has(Bug::TornIsDamage) { Next::Damage } else { Next::Torn };
    let Some((header, after)) = rest.split_at_checked(8) else { return cut };
    let length = number(header) as usize;
    let is_right = checksum(&header[..4]) == number(&header[4..]);
    let is_over = length > MAX_BODY && !bugs.has(Bug::NoLimit);
    if !is_right && !bugs.has(Bug::HeaderUnchecked) || length < 8 || is_over {
        return Next::Damage;
    }
    let end = length + 4;
    if after.len() < end {
        if !bugs.has(Bug::BelievesTorn) || after.len() < 8 {
            return cut;
        }
        add(number(&after[4..]), &after[8..length.min(after.len())]);
        return Next::Behind(rest.len());
    }
    let (body, sum) = after[..end].split_at(length);
    if checksum(body) != number(sum) && !bugs.has(Bug::NoChecksum) {
        return match after.len() == end {
            _ if bugs.has(Bug::StopsAtBad) => Next::Torn,
            _ if bugs.has(Bug::SkipsBad) => Next::Behind(8 + end),
            true if !bugs.has(Bug::BadLastIsDamage) => Next::Torn,
            _ => Next::Damage,
        };
    }
    match number(body) == log || bugs.has(Bug::AppliesForeign) {
        true => add(number(&body[4..]), &body[8..]),
        false if bugs.has(Bug::SkipsForeign) => {}
        false => return Next::Damage,
    }
    Next::Behind(8 + end)
}

/// The number that bytes begin with.
fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
