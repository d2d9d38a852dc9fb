//! Every failure of the first attempts under a few policies, and then the boundaries.

use super::{Failure, Policy};

/// One failure, and all that the answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(super) failure: Failure,
    pub(super) attempt: u32,
    pub(super) elapsed: u64,
    pub(super) policy: Policy,
    pub(super) draw: u64,
}

/// Where a random number falls: last in its range, in the middle, first.
const DRAWS: [u64; 3] = [u64::MAX, 1 << 63, 0];

/// Where what is drawn shows how far the range goes; the end of one to the largest number would
/// pass every deadline.
const LAST_AND_MIDDLE: [u64; 2] = [u64::MAX, 1 << 63];

/// The small cases. A server asks for no wait in so many words, for one among the drawn ones, and
/// for more than a cap. From each time before the deadline, one of the waits ends right at it.
const FIRST_ATTEMPTS: [u32; 4] = [1, 2, 3, 4];
const FAILURES: [Failure; 7] = [
    Failure::NotSent,
    Failure::Busy { retry_after: None },
    busy(0),
    busy(15),
    busy(70),
    Failure::Unanswered,
    Failure::Rejected,
];
const ALLOWED: [u32; 3] = [3, 9, 1];
const BASES_AND_CAPS: [(u64, u64); 3] = [(10, 40), (50, u64::MAX), (20, 10)];
const ELAPSED: [u64; 6] = [0, 30, 60, 85, 100, 200];
const DEADLINE: u64 = 100;

/// Where powers of two leave 64 bits, whatever the base is.
const DOUBLED_OUT: u32 = 66;

/// The numbers of attempts that leave a type, on both sides.
const LATE_ATTEMPTS: [u32; 3] = [255, 256, 257];
pub(super) const MANY_ATTEMPTS: [u32; 8] =
    [65_535, 65_536, 65_537, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, u32::MAX - 1, u32::MAX];

/// The bases and caps of long growth.
const BASES: [u64; 8] = [10, 1, 3, 0, 1 << 31, (1 << 53) + 1, 1 << 63, u64::MAX];
const CAPS: [u64; 6] = [40, u64::MAX, 1 << 31, 1 << 32, (1 << 53) + 1, 0];

/// The times that leave a type, on both sides.
const TIMES: [u64; 23] = [
    0,
    1,
    2,
    255,
    256,
    257,
    65_535,
    65_536,
    65_537,
    (1 << 31) - 1,
    1 << 31,
    (1 << 31) + 1,
    (1 << 32) - 1,
    1 << 32,
    (1 << 32) + 1,
    (1 << 53) - 1,
    1 << 53,
    (1 << 53) + 1,
    (1 << 63) - 1,
    1 << 63,
    (1 << 63) + 1,
    u64::MAX - 1,
    u64::MAX,
];

/// Nothing was sent in the first of three attempts, and there is time.
const PLAIN: Case = Case {
    failure: Failure::NotSent,
    attempt: 1,
    elapsed: 0,
    policy: Policy { attempts: 3, base: 10, cap: 40, deadline: u64::MAX, idempotent: false },
    draw: u64::MAX,
};

/// All of them, and what they are.
pub(super) fn all() -> impl Iterator<Item = Case> {
    small().chain(growth()).chain(last_attempts()).chain(asked()).chain(deadlines())
}

pub(super) fn scope() -> String {
    format!(
        "the first {} attempts under {} policies, after {} failures, at {} times around the \
         deadline; every attempt up to {DOUBLED_OUT} and more up to the largest; every pair of a \
         wait, a time or a limit, {} of each from 0 to the largest; with random numbers at both \
         ends and in the middle",
        FIRST_ATTEMPTS.len(),
        policies().count(),
        FAILURES.len(),
        ELAPSED.len(),
        TIMES.len(),
    )
}

fn small() -> impl Iterator<Item = Case> {
    let failures = FIRST_ATTEMPTS
        .into_iter()
        .flat_map(|attempt| FAILURES.map(|failure| Case { attempt, failure, ..PLAIN }));
    let under = failures.flat_map(|case| policies().map(move |policy| Case { policy, ..case }));
    let at = under.flat_map(|case| ELAPSED.map(|elapsed| Case { elapsed, ..case }));
    at.flat_map(|case| DRAWS.map(|draw| Case { draw, ..case }))
}

fn policies() -> impl Iterator<Item = Policy> {
    ALLOWED.into_iter().flat_map(|attempts| {
        BASES_AND_CAPS.into_iter().flat_map(move |(base, cap)| {
            [false, true].map(|idempotent| Policy {
                attempts,
                base,
                cap,
                deadline: DEADLINE,
                idempotent,
            })
        })
    })
}

/// The longest wait after many attempts.
fn growth() -> impl Iterator<Item = Case> {
    let many = MANY_ATTEMPTS.into_iter().filter(|&attempt| attempt < u32::MAX);
    let attempts = (1..=DOUBLED_OUT).chain(LATE_ATTEMPTS).chain(many);
    let waits = BASES.into_iter().flat_map(|base| CAPS.map(|cap| (base, cap)));
    attempts.flat_map(move |attempt| {
        waits.clone().flat_map(move |(base, cap)| {
            let policy = Policy { attempts: u32::MAX, base, cap, ..PLAIN.policy };
            LAST_AND_MIDDLE.map(|draw| Case { attempt, policy, draw, ..PLAIN })
        })
    })
}

/// Which attempt is the last. An attempt that is too late for a solution whose growth overflows is
/// not among them, except where only that can show it.
fn last_attempts() -> impl Iterator<Item = Case> {
    let numbers = FIRST_ATTEMPTS.into_iter().chain(MANY_ATTEMPTS);
    numbers.clone().flat_map(move |attempt| {
        let allowed = [0].into_iter().chain(numbers.clone()).chain(LATE_ATTEMPTS);
        allowed.map(move |attempts| {
            let policy = Policy { attempts, ..PLAIN.policy };
            Case { attempt, policy, ..PLAIN }
        })
    })
}

/// What a server asks for, beside the drawn wait.
fn asked() -> impl Iterator<Item = Case> {
    TIMES.into_iter().flat_map(|longest| {
        let policy = Policy { base: longest, cap: longest, ..PLAIN.policy };
        TIMES.map(|asked| Case { failure: busy(asked), policy, ..PLAIN })
    })
}

/// Waits that end right before the deadline, at it and after it, drawn or asked for.
fn deadlines() -> impl Iterator<Item = Case> {
    let pairs = TIMES.into_iter().flat_map(|deadline| TIMES.map(|elapsed| (deadline, elapsed)));
    pairs.flat_map(|(deadline, elapsed)| {
        let left = deadline.saturating_sub(elapsed);
        let waits = [left.saturating_sub(1), left, left.saturating_add(1), u64::MAX];
        let before = Policy { deadline, ..PLAIN.policy };
        waits.into_iter().flat_map(move |wait| {
            let drawn = Policy { base: wait, cap: wait, ..before };
            let asked = Policy { base: 0, ..before };
            [
                Case { elapsed, policy: drawn, ..PLAIN },
                Case { elapsed, policy: asked, failure: busy(wait), ..PLAIN },
            ]
        })
    })
}

const fn busy(retry_after: u64) -> Failure {
    Failure::Busy { retry_after: Some(retry_after) }
}
