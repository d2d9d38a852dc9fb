//! How people get it wrong: each misunderstanding, in words.

use super::After;
use super::mistaken::{after, stops, waits};
use crate::Mistake;

pub(super) const ALL: &[Mistake<After>] = &[
    Mistake {
        name: "the exponent is the attempt",
        misunderstanding: "It doubles the first wait already, but before attempt 1 nothing had \
                           failed: the exponent is one less than the attempt.",
        hint: "After attempt 1 the factor is 1: raise 2 to `attempt - 1`.",
        solution: after::<waits::ExponentIsTheAttempt>,
    },
    Mistake {
        name: "the wait grows evenly",
        misunderstanding: "It adds a base for each attempt, but the wait is to double: an outage \
                           that lasts is to see few attempts.",
        hint: "Raise 2 to `attempt - 1` and multiply the base by that.",
        solution: after::<waits::GrowsEvenly>,
    },
    Mistake {
        name: "the wait does not grow",
        misunderstanding: "It waits equally long after every attempt, but the wait is to double: \
                           an outage that lasts is to see few attempts.",
        hint: "Raise 2 to `attempt - 1` and multiply the base by that.",
        solution: after::<waits::DoesNotGrow>,
    },
    Mistake {
        name: "no cap",
        misunderstanding: "It lets the wait grow on, but ten doublings make 1 s into 17 minutes, \
                           and the server may be up long before.",
        hint: "Draw from 0 up to the smaller of the grown wait and `policy.cap`.",
        solution: after::<waits::NoCap>,
    },
    Mistake {
        name: "the cap comes after the jitter",
        misunderstanding: "It cuts what was drawn, but then most of the long waits are the cap \
                           itself, and the clients are together again.",
        hint: "Take the smaller of the grown wait and `policy.cap` first, and draw from 0 up to \
               that.",
        solution: after::<waits::CapAfterJitter>,
    },
    Mistake {
        name: "the product overflows",
        misunderstanding: "It trusts the power and the product to fit, but 10 * 2^63 is over the \
                           largest u64, and whoever goes on for long gets there.",
        hint: "Use `saturating_pow` and `saturating_mul`: what would pass the largest number stays \
               there, and the cap cuts it.",
        solution: after::<waits::ProductOverflows>,
    },
    Mistake {
        name: "the power is a u32",
        misunderstanding: "It raises a u32, but the largest of those is 2^32 - 1, and attempt 33 \
                           needs 2^32.",
        hint: "Write `2_u64`, and use `saturating_pow`.",
        solution: after::<waits::PowerIsAU32>,
    },
    Mistake {
        name: "shifts the bits out",
        misunderstanding: "It takes a shift for a product, but bits that a shift moves over the \
                           edge are lost, and the longest wait becomes none.",
        hint: "Use `saturating_pow` and `saturating_mul`; a shift does not stop at the largest \
               number.",
        solution: after::<waits::ShiftsTheBitsOut>,
    },
    Mistake {
        name: "no jitter",
        misunderstanding: "It waits the longest wait each time, but clients that failed together \
                           then come back together.",
        hint: "Draw the wait with `rng.within(0..=longest)`.",
        solution: after::<waits::NoJitter>,
    },
    Mistake {
        name: "the jitter only lengthens",
        misunderstanding: "It adds a random time to the wait, but full jitter is drawn from 0 on: \
                           the time before the longest wait is room to spread, too.",
        hint: "What `rng.within(0..=longest)` returns is the whole wait; add it to nothing.",
        solution: after::<waits::JitterLengthens>,
    },
    Mistake {
        name: "a little jitter is added",
        misunderstanding: "It adds up to a base to the longest wait, but full jitter is drawn from \
                           0 on: clients that differ by a base at most come back nearly together.",
        hint: "What `rng.within(0..=longest)` returns is the whole wait; add it to nothing.",
        solution: after::<waits::BaseIsTheJitter>,
    },
    Mistake {
        name: "the jitter is added before the cap",
        misunderstanding: "It adds a random time to the grown wait and then cuts it, but full \
                           jitter is drawn from 0 on, and here most of the waits are the cap \
                           itself.",
        hint: "Cut the grown wait by `policy.cap`; what `rng.within(0..=longest)` returns is the \
               whole wait.",
        solution: after::<waits::JitterBeforeTheCap>,
    },
    Mistake {
        name: "the wait is never nothing",
        misunderstanding: "It draws from 1 on, but the range of full jitter begins at 0: one of \
                           the clients may come back at once.",
        hint: "Begin the range at 0: `rng.within(0..=longest)`.",
        solution: after::<waits::NeverNothing>,
    },
    Mistake {
        name: "the longest wait is never drawn",
        misunderstanding: "It leaves the end of the range out, but the longest wait is one of \
                           those that may be drawn.",
        hint: "End the range at the longest wait itself: `rng.within(0..=longest)`.",
        solution: after::<waits::NeverTheLongest>,
    },
    Mistake {
        name: "half the wait is fixed",
        misunderstanding: "It draws from the upper half of the wait alone, but full jitter spreads \
                           the clients over all of it.",
        hint: "Begin the range at 0: `rng.within(0..=longest)`.",
        solution: after::<waits::HalfIsFixed>,
    },
    Mistake {
        name: "the base is the shortest wait",
        misunderstanding: "It waits for the base at least, but the base is the longest wait after \
                           attempt 1, and full jitter goes down to 0.",
        hint: "Begin the range at 0: `rng.within(0..=longest)`.",
        solution: after::<waits::BaseIsTheShortest>,
    },
    Mistake {
        name: "ignores what the server asks for",
        misunderstanding: "It waits as it likes, but a busy server that asks for a longer wait \
                           knows better, and an attempt before that is in vain.",
        hint: "Take the larger of the drawn wait and `retry_after`.",
        solution: after::<waits::IgnoresTheServer>,
    },
    Mistake {
        name: "the server's wait replaces the drawn one",
        misunderstanding: "It waits for what the server asks and no longer, but that is the least \
                           it asks for, and the same for every client.",
        hint: "Take the larger of the drawn wait and `retry_after`.",
        solution: after::<waits::ServersWaitReplaces>,
    },
    Mistake {
        name: "the shorter of the two waits",
        misunderstanding: "It takes retry_after for the longest wait that the server asks for, but \
                           it is the least: an attempt before that is in vain.",
        hint: "Take the larger of the drawn wait and `retry_after`: max, not min.",
        solution: after::<waits::ShorterOfTwo>,
    },
    Mistake {
        name: "adds the server's wait",
        misunderstanding: "It waits for the server's time and its own, one after the other, but \
                           both begin now, and the longer one is the wait.",
        hint: "Take the larger of the drawn wait and `retry_after`, not their sum.",
        solution: after::<waits::AddsTheServersWait>,
    },
    Mistake {
        name: "the cap cuts the server's wait",
        misunderstanding: "It bounds the server's wait by the cap, but the cap is for its own \
                           waits: an attempt before the server's time is in vain.",
        hint: "Apply `policy.cap` before the jitter, and compare with `retry_after` after it.",
        solution: after::<waits::CapCutsTheServersWait>,
    },
    Mistake {
        name: "more than the cap is too much to ask",
        misunderstanding: "It gives up where the server asks for more than the cap, but here there \
                           is a deadline, and that bounds what a server may ask for.",
        hint: "Compare `retry_after` with nothing but the drawn wait; the deadline does the rest.",
        solution: after::<stops::OverTheCapIsTooMuch>,
    },
    Mistake {
        name: "jitter cuts the server's wait",
        misunderstanding: "It draws from 0 up to what the server asks for, but that is the least \
                           wait, and a smaller number is too early.",
        hint: "Draw first, and take the larger of that and `retry_after` after it.",
        solution: after::<waits::JitterCutsTheServersWait>,
    },
    Mistake {
        name: "retries what cannot be mended",
        misunderstanding: "It tries again whatever failed, but a request that is wrong is as wrong \
                           the next time.",
        hint: "Give up where the failure is `Failure::Rejected`.",
        solution: after::<stops::RetriesTheRejected>,
    },
    Mistake {
        name: "retries the rejected if it is idempotent",
        misunderstanding: "It takes what may be done twice for what may succeed the second time, \
                           but a request that is wrong is as wrong then.",
        hint: "Give up where the failure is `Failure::Rejected`, whatever `policy.idempotent` is.",
        solution: after::<stops::RetriesTheRejectedIfIdempotent>,
    },
    Mistake {
        name: "executes it twice",
        misunderstanding: "It takes a missing reply for a request that was not executed, but the \
                           reply may be what was lost, and a payment would be made twice.",
        hint: "Give up where the failure is `Failure::Unanswered`, unless `policy.idempotent`.",
        solution: after::<stops::ExecutesItTwice>,
    },
    Mistake {
        name: "no reply is final",
        misunderstanding: "It gives up whenever no reply came, but what is idempotent may be \
                           executed again.",
        hint: "Where `policy.idempotent`, treat `Failure::Unanswered` as you do \
               `Failure::NotSent`.",
        solution: after::<stops::NoReplyIsFinal>,
    },
    Mistake {
        name: "only what is idempotent is tried again",
        misunderstanding: "It asks of every failure whether the operation is idempotent, but after \
                           NotSent and Busy nothing was executed that could be done twice.",
        hint: "Ask for `policy.idempotent` only where the failure is `Failure::Unanswered`.",
        solution: after::<stops::OnlyTheIdempotent>,
    },
    Mistake {
        name: "a busy server may have executed it",
        misunderstanding: "It gives up after Busy unless the operation is idempotent, but a server \
                           that is busy says that it has not executed the request.",
        hint: "Ask for `policy.idempotent` only where the failure is `Failure::Unanswered`.",
        solution: after::<stops::BusyMayBeTwice>,
    },
    Mistake {
        name: "sleeps after the last attempt",
        misunderstanding: "It allows as many retries as there are attempts, but the first attempt \
                           counts, too: there is one wait less than there are attempts.",
        hint: "Give up where `attempt >= policy.attempts`.",
        solution: after::<stops::SleepsAfterTheLast>,
    },
    Mistake {
        name: "one attempt too few",
        misunderstanding: "It gives up before the last attempt, but while `attempt` is below \
                           `policy.attempts` there is one left.",
        hint: "Give up where `attempt >= policy.attempts`, and add nothing to `attempt`.",
        solution: after::<stops::OneAttemptTooFew>,
    },
    Mistake {
        name: "no limit on attempts",
        misunderstanding: "It trusts the deadline to end it, but with short waits very many \
                           attempts fit in before that.",
        hint: "Give up where `attempt >= policy.attempts`.",
        solution: after::<stops::NoLimitOnAttempts>,
    },
    Mistake {
        name: "ignores the deadline",
        misunderstanding: "It counts attempts alone, but whoever waits for all of this stops at \
                           the deadline.",
        hint: "Give up where `elapsed.saturating_add(wait) >= policy.deadline`.",
        solution: after::<stops::IgnoresTheDeadline>,
    },
    Mistake {
        name: "the wait does not count",
        misunderstanding: "It compares the deadline with the time that has passed, but the next \
                           attempt begins after the wait, and that may be too late.",
        hint: "Draw the wait first, and give up where `elapsed.saturating_add(wait) >= \
               policy.deadline`.",
        solution: after::<stops::WaitDoesNotCount>,
    },
    Mistake {
        name: "the time that has passed does not count",
        misunderstanding: "It compares the deadline with the wait alone, but the deadline is for \
                           all attempts and waits together.",
        hint: "Give up where `elapsed.saturating_add(wait) >= policy.deadline`.",
        solution: after::<stops::ElapsedDoesNotCount>,
    },
    Mistake {
        name: "sleeps until the deadline",
        misunderstanding: "It shortens the wait to what is left, but then nothing is left for the \
                           attempt, and a server's wait is cut short.",
        hint: "Where the wait does not end before the deadline, give up at once: nobody is helped \
               by a sleep.",
        solution: after::<stops::SleepsUntilTheDeadline>,
    },
    Mistake {
        name: "an attempt may begin at the deadline",
        misunderstanding: "It allows a wait that ends right at the deadline, but then no time is \
                           left for the attempt.",
        hint: "Compare with `>=`: give up where `elapsed.saturating_add(wait) >= policy.deadline`.",
        solution: after::<stops::BeginsAtTheDeadline>,
    },
    Mistake {
        name: "the longest wait decides",
        misunderstanding: "It gives up where the longest wait would reach the deadline, but the \
                           wait that was drawn may be shorter and end in time.",
        hint: "Draw first, and compare the deadline with what was drawn.",
        solution: after::<stops::LongestWaitDecides>,
    },
    Mistake {
        name: "the wait counts from the first attempt",
        misunderstanding: "It answers with the moment of the next attempt, but Wait is asked how \
                           long it is from now until then.",
        hint: "Compare `elapsed` plus the wait with the deadline, and answer \
               `Decision::Wait(wait)` without it.",
        solution: after::<waits::WaitsUntilAMoment>,
    },
    Mistake {
        name: "the server's wait overflows",
        misunderstanding: "It trusts the server to ask for a sensible wait, but what comes from \
                           outside can be any number, and the sum panics.",
        hint: "Use `elapsed.saturating_add(wait)`.",
        solution: after::<stops::ServersWaitOverflows>,
    },
];
