//! Waits that are too long, too short, or the same for everybody.

use super::{Given, Right, Steps};
use crate::retry::{Failure, Rng};

pub(in crate::retry) struct ExponentIsTheAttempt;

impl Steps for ExponentIsTheAttempt {
    fn grown(given: &Given<'_>) -> u64 {
        let growth = 2_u64.saturating_pow(given.attempt);
        given.policy.base.saturating_mul(growth)
    }
}

pub(in crate::retry) struct GrowsEvenly;

impl Steps for GrowsEvenly {
    fn grown(given: &Given<'_>) -> u64 {
        given.policy.base.saturating_mul(given.attempt.into())
    }
}

pub(in crate::retry) struct DoesNotGrow;

impl Steps for DoesNotGrow {
    fn grown(given: &Given<'_>) -> u64 {
        given.policy.base
    }
}

pub(in crate::retry) struct NoCap;

impl Steps for NoCap {
    fn longest(given: &Given<'_>) -> u64 {
        Self::grown(given)
    }
}

pub(in crate::retry) struct CapAfterJitter;

impl Steps for CapAfterJitter {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        rng.within(0..=Self::grown(given)).min(given.policy.cap)
    }
}

pub(in crate::retry) struct ProductOverflows;

impl Steps for ProductOverflows {
    fn grown(given: &Given<'_>) -> u64 {
        given.policy.base * 2_u64.pow(given.attempt - 1)
    }
}

pub(in crate::retry) struct PowerIsAU32;

impl Steps for PowerIsAU32 {
    fn grown(given: &Given<'_>) -> u64 {
        let growth = 2_u32.pow(given.attempt - 1);
        given.policy.base.saturating_mul(growth.into())
    }
}

pub(in crate::retry) struct ShiftsTheBitsOut;

impl Steps for ShiftsTheBitsOut {
    fn grown(given: &Given<'_>) -> u64 {
        given.policy.base << (given.attempt - 1)
    }
}

pub(in crate::retry) struct NoJitter;

impl Steps for NoJitter {
    fn drawn(given: &Given<'_>, _rng: &mut Rng) -> u64 {
        Self::longest(given)
    }
}

pub(in crate::retry) struct JitterLengthens;

impl Steps for JitterLengthens {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        Self::longest(given).saturating_add(Right::drawn(given, rng))
    }
}

pub(in crate::retry) struct HalfIsFixed;

impl Steps for HalfIsFixed {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        let longest = Self::longest(given);
        rng.within(longest / 2..=longest)
    }
}

pub(in crate::retry) struct BaseIsTheShortest;

impl Steps for BaseIsTheShortest {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        let longest = Self::longest(given);
        rng.within(given.policy.base.min(longest)..=longest)
    }
}

pub(in crate::retry) struct IgnoresTheServer;

impl Steps for IgnoresTheServer {
    fn wait(given: &Given<'_>, rng: &mut Rng) -> u64 {
        Self::drawn(given, rng)
    }
}

pub(in crate::retry) struct ServersWaitReplaces;

impl Steps for ServersWaitReplaces {
    fn wait(given: &Given<'_>, rng: &mut Rng) -> u64 {
        match given.failure {
            Failure::Busy { retry_after: Some(asked) } => asked,
            _ => Self::drawn(given, rng),
        }
    }
}

pub(in crate::retry) struct AddsTheServersWait;

impl Steps for AddsTheServersWait {
    fn wait(given: &Given<'_>, rng: &mut Rng) -> u64 {
        Self::drawn(given, rng).saturating_add(Self::asked(given))
    }
}

pub(in crate::retry) struct CapCutsTheServersWait;

impl Steps for CapCutsTheServersWait {
    fn asked(given: &Given<'_>) -> u64 {
        Right::asked(given).min(given.policy.cap)
    }
}

pub(in crate::retry) struct JitterCutsTheServersWait;

impl Steps for JitterCutsTheServersWait {
    fn wait(given: &Given<'_>, rng: &mut Rng) -> u64 {
        let longest = Self::longest(given).max(Self::asked(given));
        rng.within(0..=longest)
    }
}

pub(in crate::retry) struct BaseIsTheJitter;

impl Steps for BaseIsTheJitter {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        let jitter = rng.within(0..=given.policy.base);
        Self::longest(given).saturating_add(jitter)
    }
}

pub(in crate::retry) struct JitterBeforeTheCap;

impl Steps for JitterBeforeTheCap {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        let grown = Self::grown(given);
        let lengthened = grown.saturating_add(rng.within(0..=grown));
        lengthened.min(given.policy.cap)
    }
}

pub(in crate::retry) struct NeverNothing;

impl Steps for NeverNothing {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        rng.within(1..=Self::longest(given))
    }
}

pub(in crate::retry) struct NeverTheLongest;

impl Steps for NeverTheLongest {
    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        rng.within(0..=Self::longest(given) - 1)
    }
}

pub(in crate::retry) struct ShorterOfTwo;

impl Steps for ShorterOfTwo {
    fn wait(given: &Given<'_>, rng: &mut Rng) -> u64 {
        let drawn = Self::drawn(given, rng);
        match given.failure {
            Failure::Busy { retry_after: Some(asked) } => drawn.min(asked),
            _ => drawn,
        }
    }
}

pub(in crate::retry) struct WaitsUntilAMoment;

impl Steps for WaitsUntilAMoment {
    fn answered(given: &Given<'_>, wait: u64) -> u64 {
        given.elapsed + wait
    }
}
