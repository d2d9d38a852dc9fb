//! Every failure of a few attempts under a few policies, and what is right after each.

use super::rng::Answer;
use super::{Failure, Policy};

/// The first attempts, those at which powers of two leave 32 and 64 bits, those at which the number
/// of the attempt leaves 8 and 16, and the two greatest. The very greatest has always reached what
/// a policy allows, so only the one before it shows which wait follows on so many.
const ATTEMPTS: [u32; 13] =
    [1, 2, 3, 4, 33, 64, 65, 256, 257, 65_536, 65_537, u32::MAX - 1, u32::MAX];

/// The first of the attempts that a loop over them is too slow for.
const MANY: u32 = 65_536;

/// All kinds. A server asks for no wait in so many words, for one among the drawn ones, for more
/// than the cap, and for ever.
const FAILURES: [Failure; 8] = [
    Failure::NotSent,
    Failure::Busy { retry_after: None },
    busy(0),
    busy(15),
    busy(70),
    busy(u64::MAX),
    Failure::Unanswered,
    Failure::Rejected,
];

/// How many attempts a policy allows.
const ALLOWED: [u32; 3] = [1, 3, u32::MAX];

/// Base and cap: a cap that is soon reached, and none to speak of.
const WAITS: [(u64, u64); 2] = [(10, 40), (50, u64::MAX)];

/// The deadline of every policy.
pub(super) const DEADLINE: u64 = 100;

/// Times that have passed. From each of those before the deadline, one of the waits ends right at
/// it.
const ELAPSED: [u64; 6] = [0, 30, 60, 80, 100, 200];

pub(super) const SHARES: [Share; 3] = [Share::All, Share::Half, Share::Nothing];

pub(super) const fn busy(retry_after: u64) -> Failure {
    Failure::Busy { retry_after: Some(retry_after) }
}

/// One failure, and all that the answer depends on. The order of its fields is the order of the
/// cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    pub(super) attempt: u32,
    pub(super) failure: Failure,
    pub(super) policy: Policy,
    pub(super) elapsed: u64,
    pub(super) share: Share,
}

/// Where in its range a random number falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Share {
    All,
    Half,
    Nothing,
}

/// What is right after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    GiveUp(Reason),
    Wait {
        wait: u64,
        /// What the server asked for, or 0.
        asked: u64,
    },
}

/// The first reason to give up. Others may hold as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Rejected,
    MayBeTwice,
    NoAttempt,
    Deadline,
}

/// All cases, in their order.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let places =
        ATTEMPTS.into_iter().flat_map(|attempt| FAILURES.map(|failure| (attempt, failure)));
    places.flat_map(|(attempt, failure)| {
        policies().flat_map(move |policy| {
            ELAPSED.into_iter().flat_map(move |elapsed| {
                SHARES.map(|share| Case { attempt, failure, policy, elapsed, share })
            })
        })
    })
}

fn policies() -> impl Iterator<Item = Policy> {
    ALLOWED.into_iter().flat_map(|attempts| {
        WAITS.into_iter().flat_map(move |(base, cap)| {
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

/// What all the cases are.
pub(super) fn scope() -> String {
    let busy = FAILURES.iter();
    let busy = busy.filter(|failure| matches!(failure, Failure::Busy { .. }));
    let ways = busy.count();
    let kinds = FAILURES.len() - ways + 1;
    let policies = policies().count();
    format!(
        "attempts 1 to 4, 33, 64, 65, 256, 257, 65536, 65537 and the two greatest, {kinds} kinds \
         of failure, Busy in {ways} ways, {policies} policies, {} times before and after the \
         deadline, and random numbers at both ends and in the middle",
        ELAPSED.len()
    )
}

impl Case {
    /// What is right.
    pub(super) fn answer(&self) -> Right {
        let Policy { attempts, deadline, .. } = self.policy;
        let asked = match self.failure {
            Failure::Busy { retry_after } => retry_after.unwrap_or(0),
            _ => 0,
        };
        let wait = self.share.of(self.longest()).max(asked);
        let begins = u128::from(self.elapsed) + u128::from(wait);
        let reasons = [
            (self.failure == Failure::Rejected, Reason::Rejected),
            (self.may_be_twice(), Reason::MayBeTwice),
            (self.attempt >= attempts, Reason::NoAttempt),
            (begins >= u128::from(deadline), Reason::Deadline),
        ];
        let reason = reasons.into_iter().find(|(holds, _)| *holds);
        match reason {
            Some((_, reason)) => Right::GiveUp(reason),
            None => Right::Wait { wait, asked },
        }
    }

    fn may_be_twice(&self) -> bool {
        self.failure == Failure::Unanswered && !self.policy.idempotent
    }

    /// A loop over so many attempts, in each of these cases, would take longer than anybody waits.
    pub(super) fn is_dangerous(&self) -> bool {
        self.attempt >= MANY
    }

    pub(super) fn server_names_a_wait(&self) -> bool {
        matches!(self.failure, Failure::Busy { retry_after: Some(_) })
    }

    /// The wait before the jitter.
    pub(super) fn longest(&self) -> u64 {
        let doublings = self.attempt.saturating_sub(1);
        // After 64 doublings of anything, a u64 is passed.
        let longest = u128::from(self.policy.base) << doublings.min(64);
        u64::try_from(longest).map_or(self.policy.cap, |longest| longest.min(self.policy.cap))
    }

    pub(super) fn size(&self) -> String {
        format!("attempt {}, {}", number(self.attempt.into()), self.kind())
    }

    /// The failure in a word or two.
    fn kind(&self) -> &'static str {
        match self.failure {
            Failure::NotSent => "NotSent",
            Failure::Busy { retry_after: None } => "Busy",
            Failure::Busy { .. } => "Busy with retry_after",
            Failure::Unanswered => "Unanswered",
            Failure::Rejected => "Rejected",
        }
    }
}

impl Share {
    /// The number that is drawn from 0 to `most`.
    pub(super) fn of(self, most: u64) -> u64 {
        match self {
            Share::All => most,
            Share::Half => most / 2,
            Share::Nothing => 0,
        }
    }

    /// Which number of a range it is.
    pub(super) fn words(self) -> &'static str {
        match self {
            Share::All => "the last",
            Share::Half => "the middle",
            Share::Nothing => "the first",
        }
    }
}

impl Right {
    pub(super) fn answer(self) -> Answer {
        match self {
            Right::GiveUp(_) => Answer::GiveUp,
            Right::Wait { wait, .. } => Answer::Wait(wait),
        }
    }
}

/// A number as the reader would write it.
pub(super) fn number(number: u64) -> String {
    const GREATEST: u64 = u32::MAX as u64;
    const BEFORE_IT: u64 = GREATEST - 1;
    match number {
        u64::MAX => "u64::MAX".to_owned(),
        GREATEST => "u32::MAX".to_owned(),
        BEFORE_IT => "u32::MAX - 1".to_owned(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(code: &str) -> Right {
        Case::parse(code).unwrap().answer()
    }

    #[test]
    fn the_cases_come_sorted_and_each_once() {
        let cases: Vec<Case> = all().collect();
        assert!(cases.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn the_right_waits_are_those_of_the_page() {
        let wait = |wait, asked| Right::Wait { wait, asked };
        let longest =
            [1, 2, 3, 4, 5].map(|attempt| right(&format!("{attempt}-9.notsent.10-40.0.once.all")));
        assert_eq!(longest, [10, 20, 40, 40, 40].map(|longest| wait(longest, 0)));
        assert_eq!(right("2-3.notsent.10-40.0.once.half"), wait(10, 0));
        assert_eq!(right("2-3.busy15.10-40.0.once.all"), wait(20, 15));
        assert_eq!(right("2-3.busy15.10-40.0.once.half"), wait(15, 15));
        assert_eq!(right("2-3.unanswered.10-40.79.twice.all"), wait(20, 0));
        for nothing in ["max1-max", "4294967294-4294967295"] {
            let nothing = format!("{nothing}.notsent.10-max.0.once.nothing");
            assert_eq!(right(&nothing), wait(0, 0));
        }
        assert_eq!(
            right("max1-max.notsent.10-40.0.once.all"),
            wait(40, 0),
            "right after very many, too"
        );
    }

    #[test]
    fn the_first_reason_to_give_up_is_told() {
        for (code, reason) in [
            ("3-3.rejected.10-40.100.once.all", Reason::Rejected),
            ("3-3.unanswered.10-40.100.once.all", Reason::MayBeTwice),
            ("3-3.unanswered.10-40.100.twice.all", Reason::NoAttempt),
            ("2-3.notsent.10-40.80.once.all", Reason::Deadline),
            ("2-3.busymax.10-40.80.once.all", Reason::Deadline),
            ("99-100.notsent.10-max.0.once.half", Reason::Deadline),
        ] {
            assert_eq!(right(code), Right::GiveUp(reason), "{code}");
        }
    }
}
