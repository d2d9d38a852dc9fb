//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{BadSample, Exchange, Sample, Sampled};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    NotHalved, "the sum is not halved":
        "It adds up what both ways show and does not halve it, but each of the two shows the whole \
         offset once.";
    | WrongSum, "halves the wrong sum":
        "It halves (t2 - t1) + (t4 - t3), but the offset lengthens the one and shortens the other, \
         and so it cancels out: what is left is half of the delay.";
    | RequestAlone, "t2 - t1 is the offset":
        "It takes t2 - t1 for the offset, but the time that the request took is in it as well.";
    | ReplyAlone, "t3 - t4 is the offset":
        "It takes the server's answer for what the time is now, but that is older by the time that \
         the reply took.";
    Sign, "the wrong sign":
        "It returns how far the client is ahead of the server, but the offset is what has to be \
         added to the client's clock.";
    RoundsDown, "rounds the offset down":
        "It rounds half a nanosecond down, as >> and div_euclid do, but halfway between two \
         numbers the one nearer to 0 is asked for.";
    ForgetsServer, "forgets the server's own time":
        "It takes t4 - t1 for the delay, but from t2 to t3 the server was at work, and how long \
         that took is known.";
    Exact, "the offset is exact":
        "It takes the offset for exact, but it is so only if both ways took the same time, and the \
         stamps do not say that.";
    | WholeDelay, "the bound is the whole delay":
        "It takes all of the delay for the bound, but the offset is in the middle of the range, \
         and from there it is half as far to each end.";
    | BoundRoundsDown, "rounds the bound down":
        "It rounds half of an odd delay down, but then one end of the range is not covered.";
    AcceptsSetBack, "a clock that is set back goes unseen":
        "It looks at the delay alone, but a server that sets its clock back between t2 and t3 \
         makes the delay longer, not negative.";
    NegativeIsZero, "a negative delay is 0":
        "It takes a delay below 0 for 0, but it shows that a clock was changed meanwhile, and then \
         the offset is worth nothing.";
    In64Bits, "differences in 64 bits":
        "It subtracts and adds in an i64, but the stamps may be as far apart as the two ends of \
         that type.";
    Latest, "the latest sample is the best":
        "It trusts the sample that came last, but each message may have waited in a queue, the \
         last one as well.";
    | Longest, "the longest round trip is the best":
        "It trusts the sample with the largest bound, but a longer round trip only leaves more \
         room for what is not known.";
    RefusedSpoils, "one refused sample spoils the others":
        "It returns nothing where any sample was refused, but the others are as good as before.";
}

/// What is right, but for the bugs.
pub(super) fn sample(bugs: Bugs<Bug>, [t1, t2, t3, t4]: Exchange) -> Sampled {
    let is_set_back = t4 < t1 || t3 < t2;
    let [t1, t2, t3, t4] = [t1, t2, t3, t4].map(i128::from);
    let (request, reply, round_trip, own) = (t2 - t1, t3 - t4, t4 - t1, t3 - t2);
    let delay = round_trip - if bugs.has(Bug::ForgetsServer) { 0 } else { own };
    if bugs.has(Bug::In64Bits) {
        let numbers = [request, reply, round_trip, own, request + reply, delay, delay + 1];
        // Some subtract the other way round, and i64::MIN has no opposite. The words are Rust's.
        let fit = numbers.iter().all(|number| i64::try_from(number.abs()).is_ok());
        assert!(fit, "attempt to subtract with overflow");
    }
    if is_set_back && !bugs.has(Bug::AcceptsSetBack) {
        return Err(BadSample::ClockSetBack);
    }
    if delay < 0 && !bugs.has(Bug::NegativeIsZero) {
        return Err(BadSample::NegativeDelay);
    }
    let delay = delay.max(0);
    let twice = match () {
        () if bugs.has(Bug::NotHalved) => 2 * (request + reply),
        () if bugs.has(Bug::WrongSum) => request - reply,
        () if bugs.has(Bug::RequestAlone) => 2 * request,
        () if bugs.has(Bug::ReplyAlone) => 2 * reply,
        () => request + reply,
    };
    let twice = if bugs.has(Bug::Sign) { -twice } else { twice };
    let offset = if bugs.has(Bug::RoundsDown) { twice.div_euclid(2) } else { twice / 2 };
    let offset = i64::try_from(offset).map_err(|_| BadSample::OffsetTooLarge)?;
    let bound = match () {
        () if bugs.has(Bug::Exact) => 0,
        () if bugs.has(Bug::WholeDelay) => delay,
        () if bugs.has(Bug::BoundRoundsDown) => delay / 2,
        () => (delay + 1) / 2,
    };
    Ok(Sample { offset, bound: bound.try_into().unwrap_or(u64::MAX) })
}

/// What is right, but for the bugs.
pub(super) fn best(bugs: Bugs<Bug>, samples: &[Sampled]) -> Option<Sample> {
    let mut good = samples.iter().flatten().copied();
    match () {
        () if bugs.has(Bug::RefusedSpoils) && samples.iter().any(Sampled::is_err) => None,
        () if bugs.has(Bug::Latest) => good.next_back(),
        () if bugs.has(Bug::Longest) => good.max_by_key(|sample| sample.bound),
        () => good.min_by_key(|sample| sample.bound),
    }
}
