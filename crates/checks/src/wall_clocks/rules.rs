//! What is wrong with an answer, and what helps: said of this case alone.

use super::cases::allowed;
use super::{BadSample, Exchange, Sample, Sampled};
use crate::Stopped;
use crate::exercise::Rule;

/// The rule that is broken by a panic, or by not coming to an end.
pub(super) fn of_stop(stopped: &Stopped) -> Rule {
    match stopped {
        Stopped::Panicked(panic) if panic.overflowed_operation().is_some() => Rule::new(
            "A stamp may be any i64, and the server's are not yours to choose. Two of them may be \
             further apart than an i64 can say.",
            "Turn all four stamps into i128 before you subtract: `i128::from(t1)`. At the end \
             `try_from` leads back to i64 and u64.",
        ),
        _ => stopped.rule(),
    }
}

/// The rule that `got` breaks, where `want` is right for an exchange.
pub(super) fn sampling(exchange: Exchange, want: Sampled, got: Sampled) -> Rule {
    match (want, got) {
        (Err(BadSample::ClockSetBack), _) => Rule::new(
            "A clock that shows less at the later of its two stamps was set back meanwhile: the \
             stamps say nothing of the offset, whatever the delay seems to be.",
            "Before all else return ClockSetBack where `t4 < t1 || t3 < t2`.",
        ),
        (Err(BadSample::NegativeDelay), _) => Rule::new(
            "The server cannot take longer than the whole exchange. Where the stamps say so, a \
             clock was changed meanwhile, and no offset fits them.",
            "Compute `(t4 - t1) - (t3 - t2)` with a sign, and return NegativeDelay where it is \
             below 0.",
        ),
        (Err(BadSample::OffsetTooLarge), _) => Rule::new(
            "An offset that does not fit into an i64 is refused: cut to 64 bits it would be \
             another number.",
            "Compute the offset in an i128, halve it, and only then use `i64::try_from`. Its error \
             is OffsetTooLarge.",
        ),
        (Ok(want), Ok(got)) if got.offset != want.offset => offset(exchange, want, got),
        (Ok(want), Ok(got)) => bound(exchange, want, got),
        (Ok(_), Err(BadSample::ClockSetBack)) => Rule::new(
            "Here no clock is set back. A stamp may be the same as the one before it, and the two \
             clocks may be apart as far as they like.",
            "Compare only stamps of one clock, `t4 < t1` and `t3 < t2`, and not with `<=`.",
        ),
        (Ok(_), Err(BadSample::NegativeDelay)) => Rule::new(
            "The delay, the time of the exchange without the server's own, is not below 0 here. \
             With a delay of 0 the offset is exact.",
            "The delay is `(t4 - t1) - (t3 - t2)`. Refuse it with `<` and not with `<=`; it goes \
             up to 2^64 - 1.",
        ),
        (Ok(_), Err(BadSample::OffsetTooLarge)) => Rule::new(
            "Every offset from i64::MIN to i64::MAX is returned, and half of the sum is what has \
             to fit, not the sum.",
            "Add up in an i128, halve, and use `i64::try_from` last, without a limit of your own.",
        ),
    }
}

fn offset(exchange: Exchange, want: Sample, got: Sample) -> Rule {
    let (low, high) = allowed(exchange);
    let offset = i128::from(got.offset);
    let is_allowed = (low..=high).contains(&offset);
    match () {
        () if (2 * offset).abs_diff(low + high) == 1 => Rule::new(
            "The middle of the range is halfway between two numbers here, and the one nearer to 0 \
             is asked for.",
            "Divide the sum with `/ 2`, which rounds toward 0. `>> 1` and `div_euclid` round down.",
        ),
        () if offset == -i128::from(want.offset) && !is_allowed => Rule::new(
            "The offset is what has to be added to the client's clock: above 0 where the server is \
             ahead.",
            "Subtract the client's stamps from the server's: t2 - t1 and t3 - t4.",
        ),
        () => Rule::new(
            "The offset is the middle of what the stamps allow: between t3 - t4, where the reply \
             took no time, and t2 - t1, where the request took none.",
            "Add up both ends, `(t2 - t1) + (t3 - t4)`, and then halve the sum.",
        ),
    }
}

fn bound(exchange: Exchange, want: Sample, got: Sample) -> Rule {
    let (low, high) = allowed(exchange);
    let [_, t2, t3, _] = exchange;
    match () {
        () if got.bound < want.bound && (high - low) % 2 != 0 && got.bound + 1 == want.bound => {
            Rule::new(
                "An odd delay is halved upwards, or else one end of the range is not covered.",
                "Halve with `div_ceil(2)` of a u64, or with `(delay + 1) / 2`.",
            )
        }
        () if got.bound < want.bound => Rule::new(
            "The true offset may be anywhere in the range, at its ends as well: the bound reaches \
             from the middle to both of them.",
            "The range is as wide as the delay, `(t4 - t1) - (t3 - t2)`. The bound is half of \
             that, rounded up.",
        ),
        () if t2 != t3 => Rule::new(
            "How long the server took is known, by its own clock. Only what remains of the \
             exchange is split between request and reply in a way that the stamps do not say.",
            "The delay is `(t4 - t1) - (t3 - t2)`, and the bound is half of it, rounded up.",
        ),
        () => Rule::new(
            "The bound is the least that covers the range: from the middle it is half as far to \
             each end as from one end to the other.",
            "The bound is half of the delay, `(t4 - t1) - (t3 - t2)`, rounded up.",
        ),
    }
}

/// The rule that `got` breaks, where `want` is the sample to trust.
pub(super) fn choosing(samples: &[Sampled], want: Option<Sample>, got: Option<Sample>) -> Rule {
    let has_refused = samples.iter().any(Sampled::is_err);
    match (want, got) {
        (None, _) => Rule::new(
            "Where no sample is left that was not refused, there is nothing to trust: the answer \
             is None.",
            "Use the Option of `min_by_key` on `samples.iter().flatten()`: it is None then.",
        ),
        (_, Some(got)) if !samples.contains(&Ok(got)) => Rule::new(
            "The answer is one of the samples, as it is. A mean of several is worse than the best \
             of them, for it mixes in what queues have done to the others.",
            "Return a copy of the sample, with the offset and the bound that it has.",
        ),
        (Some(_), None) if has_refused => Rule::new(
            "A refused sample says nothing about the others. The best of those is the answer.",
            "Skip the errors: `samples.iter().flatten()` has the good samples alone.",
        ),
        (Some(_), None) => Rule::new(
            "There is an answer as soon as there is one sample that was not refused, whatever its \
             bound is.",
            "Use the Option of `min_by_key`: it is None for no samples alone.",
        ),
        (Some(want), Some(got)) if got.bound == want.bound => Rule::new(
            "Of several samples with the smallest bound the first one is the answer, whatever its \
             offset is.",
            "Take another sample only where its bound is less, `<` and not `<=`. `min_by_key` does \
             so.",
        ),
        (Some(_), Some(_)) => Rule::new(
            "Queues only add to a delay, so the sample with the smallest bound knows most. The \
             others may have waited anywhere, and their offsets say nothing of that.",
            "Use `min_by_key(|sample| sample.bound)` on the samples that were not refused.",
        ),
    }
}
