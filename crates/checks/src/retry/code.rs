//! A case as a code that a shell leaves alone, and back.

use super::cases::{Case, DEADLINE, SHARES, Share, busy};
use super::{Failure, Policy};

impl Case {
    /// Attempt and attempts, failure, base and cap, elapsed, and two words:
    /// `1-3.busy15.10-40.0.once.half`.
    pub(super) fn code(&self) -> String {
        let failure = match self.failure {
            Failure::NotSent => "notsent".to_owned(),
            Failure::Busy { retry_after: None } => "busy".to_owned(),
            Failure::Busy { retry_after: Some(asked) } => format!("busy{}", word(asked)),
            Failure::Unanswered => "unanswered".to_owned(),
            Failure::Rejected => "rejected".to_owned(),
        };
        let Policy { attempts, base, cap, idempotent, .. } = self.policy;
        let twice = if idempotent { "twice" } else { "once" };
        format!(
            "{}-{}.{failure}.{base}-{}.{}.{twice}.{}",
            count_word(self.attempt),
            count_word(attempts),
            word(cap),
            self.elapsed,
            self.share.word()
        )
    }

    /// What [`code`](Case::code) wrote, for any numbers.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let fields: Vec<&str> = code.split('.').collect();
        let [attempts, kind, waits, elapsed, twice, share] = fields[..] else {
            return Err("it has not six parts".to_owned());
        };
        let (attempt, attempts) = pair(attempts, count)?;
        let (base, cap) = pair(waits, digits)?;
        if attempt == 0 || attempts == 0 {
            return Err("attempts are counted from 1".to_owned());
        }
        let policy =
            Policy { attempts, base, cap, deadline: DEADLINE, idempotent: twice_word(twice)? };
        Ok(Case {
            attempt,
            failure: failure(kind)?,
            policy,
            elapsed: digits(elapsed)?,
            share: Share::parse(share)?,
        })
    }
}

impl Share {
    fn word(self) -> &'static str {
        match self {
            Share::All => "all",
            Share::Half => "half",
            Share::Nothing => "nothing",
        }
    }

    fn parse(word: &str) -> Result<Share, String> {
        let share = SHARES.into_iter().find(|share| share.word() == word);
        share.ok_or_else(|| format!("\"{word}\" is none of all, half and nothing"))
    }
}

fn failure(word: &str) -> Result<Failure, String> {
    match word {
        "notsent" => Ok(Failure::NotSent),
        "busy" => Ok(Failure::Busy { retry_after: None }),
        "unanswered" => Ok(Failure::Unanswered),
        "rejected" => Ok(Failure::Rejected),
        _ => match word.strip_prefix("busy") {
            Some(asked) => Ok(busy(digits(asked)?)),
            None => Err(format!("\"{word}\" is no failure")),
        },
    }
}

fn twice_word(word: &str) -> Result<bool, String> {
    match word {
        "twice" => Ok(true),
        "once" => Ok(false),
        _ => Err(format!("\"{word}\" is neither once nor twice")),
    }
}

fn pair<T>(pair: &str, half: fn(&str) -> Result<T, String>) -> Result<(T, T), String> {
    let (one, other) =
        pair.split_once('-').ok_or_else(|| format!("\"{pair}\" is not two numbers"))?;
    Ok((half(one)?, half(other)?))
}

/// A number of attempts: `max` is the largest, `max1` the one before it.
fn count_word(count: u32) -> String {
    match u32::MAX - count {
        0 => "max".to_owned(),
        1 => "max1".to_owned(),
        _ => count.to_string(),
    }
}

/// The number that [`count_word`] wrote.
fn count(word: &str) -> Result<u32, String> {
    match word {
        "max" => Ok(u32::MAX),
        "max1" => Ok(u32::MAX - 1),
        _ => digits(word),
    }
}

/// Twenty digits would make the code too long for its line.
fn word(number: u64) -> String {
    match number {
        u64::MAX => "max".to_owned(),
        _ => number.to_string(),
    }
}

/// The number that [`word`] wrote.
fn digits<T: TryFrom<u64>>(digits: &str) -> Result<T, String> {
    let number = match digits {
        "max" => Some(u64::MAX),
        _ if digits.starts_with('+') => None,
        _ => digits.parse().ok(),
    };
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| format!("\"{digits}\" is no number, or too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        for (code, reason) in [
            ("", "it has not six parts"),
            ("1-3.busy.10-40.0.once", "it has not six parts"),
            ("0-3.busy.10-40.0.once.all", "attempts are counted from 1"),
            ("1-0.busy.10-40.0.once.all", "attempts are counted from 1"),
            ("3.busy.10-40.0.once.all", "\"3\" is not two numbers"),
            ("1-3.lost.10-40.0.once.all", "\"lost\" is no failure"),
            ("1-3.busyx.10-40.0.once.all", "\"x\" is no number, or too large"),
            ("1-3.busy.10-+4.0.once.all", "\"+4\" is no number, or too large"),
            ("4294967296-3.busy.10-4.0.once.all", "\"4294967296\" is no number, or too large"),
            ("max2-max.busy.10-4.0.once.all", "\"max2\" is no number, or too large"),
            ("1-3.busy.10-40.0.thrice.all", "\"thrice\" is neither once nor twice"),
            ("1-3.busy.10-40.0.once.some", "\"some\" is none of all, half and nothing"),
        ] {
            assert_eq!(Case::parse(code).unwrap_err(), reason);
        }
    }
}
