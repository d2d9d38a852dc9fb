//! Every failure of the first attempts under a few policies, and then the boundaries.

use super::{Failure, Policy};
use crate::numbers::EDGES;

/// One failure, and all that the answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(super) failure: Failure,
    pub(super) attempt: u32,
    pub(super) elapsed: u64,
    pub(super) policy: Policy,
    pub(super) draw: u64,
}

impl Case {
    fn under(self, policy: Policy) -> Case {
        Case { policy, ..self }
    }
}

/// Where a random number falls: last in its range, in the middle, first.
const DRAWS: [u64; 3] = [u64::MAX, 1 << 63, 0];

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
pub(super) const DOUBLED_OUT: u32 = 66;

/// The numbers of attempts that leave a type, on both sides.
const LATE_ATTEMPTS: [u32; 3] = [255, 256, 257];
pub(super) const MANY_ATTEMPTS: [u32; 8] =
    [65_535, 65_536, 65_537, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, u32::MAX - 1, u32::MAX];

/// The bases and caps of long growth.
const BASES: [u64; 8] = [10, 1, 3, 0, 1 << 31, (1 << 53) + 1, 1 << 63, u64::MAX];
const CAPS: [u64; 6] = [40, u64::MAX, 1 << 31, 1 << 32, (1 << 53) + 1, 0];

/// Nothing was sent in the first of three attempts, and there is time.
const PLAIN: Case = Case {
    failure: Failure::NotSent,
    attempt: 1,
    elapsed: 0,
    policy: Policy { attempts: 3, base: 10, cap: 40, deadline: u64::MAX, idempotent: false },
    draw: u64::MAX,
};

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Case> {
    small().chain(growth()).chain(last_attempts()).chain(asked()).chain(deadlines())
}

fn small() -> impl Iterator<Item = Case> {
    let cases = FIRST_ATTEMPTS.into_iter().map(|attempt| Case { attempt, ..PLAIN });
    let cases = cases.flat_map(|case| FAILURES.map(|failure| Case { failure, ..case }));
    let cases = cases.flat_map(|case| policies().map(move |policy| Case { policy, ..case }));
    let cases = cases.flat_map(|case| ELAPSED.map(|elapsed| Case { elapsed, ..case }));
    cases.flat_map(|case| DRAWS.map(|draw| Case { draw, ..case }))
}

fn policies() -> impl Iterator<Item = Policy> {
    let plain = Policy { deadline: DEADLINE, ..PLAIN.policy };
    let policies = ALLOWED.into_iter().map(move |attempts| Policy { attempts, ..plain });
    let policies = policies
        .flat_map(|policy| BASES_AND_CAPS.map(|(base, cap)| Policy { base, cap, ..policy }));
    policies.flat_map(|policy| [false, true].map(|idempotent| Policy { idempotent, ..policy }))
}

/// The longest wait after many attempts.
fn growth() -> impl Iterator<Item = Case> {
    let plain = Policy { attempts: u32::MAX, ..PLAIN.policy };
    let attempts = (1..=DOUBLED_OUT).chain(LATE_ATTEMPTS).chain(MANY_ATTEMPTS);
    let cases = attempts.map(move |attempt| Case { attempt, policy: plain, ..PLAIN });
    let cases = cases.flat_map(|case| BASES.map(|base| case.under(Policy { base, ..case.policy })));
    let cases = cases.flat_map(|case| CAPS.map(|cap| case.under(Policy { cap, ..case.policy })));
    cases.flat_map(|case| DRAWS.map(|draw| Case { draw, ..case }))
}

/// Which attempt is the last. An attempt that is too late for a solution whose growth overflows is
/// not among them, except where only that can show it.
fn last_attempts() -> impl Iterator<Item = Case> {
    let attempts = FIRST_ATTEMPTS.into_iter().chain(MANY_ATTEMPTS);
    attempts.map(|attempt| Case { attempt, ..PLAIN }).flat_map(|case| {
        let allowed =
            [0].into_iter().chain(FIRST_ATTEMPTS).chain(LATE_ATTEMPTS).chain(MANY_ATTEMPTS);
        allowed.map(move |attempts| case.under(Policy { attempts, ..case.policy }))
    })
}

/// No time, and those at the edges of a type.
fn times() -> impl Iterator<Item = u64> {
    [0].into_iter().chain(EDGES)
}

/// What a server asks for, beside the drawn wait.
fn asked() -> impl Iterator<Item = Case> {
    times().flat_map(|longest| {
        let policy = Policy { base: longest, cap: longest, ..PLAIN.policy };
        times().map(move |asked| Case { failure: busy(asked), policy, ..PLAIN })
    })
}

/// Waits that end right before the deadline, at it and after it, drawn or asked for.
fn deadlines() -> impl Iterator<Item = Case> {
    let pairs = times().flat_map(|deadline| times().map(move |elapsed| (deadline, elapsed)));
    pairs.flat_map(|(deadline, elapsed)| {
        let left = deadline.saturating_sub(elapsed);
        let waits = [left.saturating_sub(1), left, left.saturating_add(1), u64::MAX];
        waits.into_iter().flat_map(move |wait| {
            let drawn = Policy { base: wait, cap: wait, deadline, ..PLAIN.policy };
            let asked = Policy { base: 0, deadline, ..PLAIN.policy };
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
