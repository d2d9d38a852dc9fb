use std::collections::BTreeSet;

use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<WallClocks>(solution(stub::sample, stub::best));
}

#[test]
fn the_screen_shows_both_clocks_and_the_true_offset() {
    let screen = screen_of::<WallClocks>(WallClocks::with_bugs(Bugs::one(bugs::Bug::Exact)));
    let expected = "\
wall-clocks   WRONG   first failure: sample(100, 100, 100, 102); every case
          before it passes

  client            server
  t1 100 ─────────▶ t2 100
    │                 │
  t4 102 ◀───────── t3 100

  truth   offset 0; the request took 0 ns, the server 0 ns, the reply 2 ns
  range   -2 to 0: the stamps do not say how a delay of 2 ns is split

          want              offset -1, bound 1
          got               offset -1, bound 0        ◀ first wrong bound

  rule    The true offset may be anywhere in the range, at its ends as well: the
          bound reaches from the middle to both of them.
  looks   like \"the offset is exact\": the same answers in all 7,851 cases
          compared.
          It takes the offset for exact, but it is so only if both ways took the
          same time, and the stamps do not say that.
  next    cargo run -- hint wall-clocks
          cargo run -- replay wall-clocks:sample.100.100.100.102
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

fn ok(offset: i64, bound: u64) -> Sampled {
    Ok(Sample { offset, bound })
}

#[test]
fn the_right_answers_are_those_of_the_contract() {
    use BadSample::{ClockSetBack, NegativeDelay, OffsetTooLarge};
    const MIN: i64 = i64::MIN;
    const MAX: i64 = i64::MAX;
    for (exchange, right) in [
        ([100, 104, 107, 109], ok(1, 3)),
        ([100, 101, 101, 101], ok(0, 1)),
        ([100, 100, 100, 101], ok(0, 1)),
        ([-5, -10, -9, -4], ok(-5, 0)),
        ([100, 104, 107, 99], Err(ClockSetBack)),
        ([100, 107, 104, 109], Err(ClockSetBack)),
        ([100, 104, 107, 102], Err(NegativeDelay)),
        ([MIN, 0, 0, MAX], ok(0, 1 << 63)),
        ([MIN, MIN, MAX, MAX], ok(0, 0)),
        ([0, MAX, MAX, 0], ok(MAX, 0)),
        ([-1, MAX, MAX, 0], ok(MAX, 1)),
        ([-1, MAX, MAX, -1], Err(OffsetTooLarge)),
        ([0, MIN, MIN, 0], ok(MIN, 0)),
        ([0, MIN, MIN, 1], ok(MIN, 1)),
        ([1, MIN, MIN, 1], Err(OffsetTooLarge)),
    ] {
        let case = Case::Sample(exchange);
        assert_eq!(WallClocks::expected(&case), Answer::Sample(right), "{exchange:?}");
    }
    for (samples, best) in [
        (vec![], None),
        (vec![Err(NegativeDelay)], None),
        (vec![ok(7, 3), Err(NegativeDelay), ok(9, 2), ok(1, 2)], ok(9, 2).ok()),
    ] {
        assert_eq!(WallClocks::expected(&Case::Best(samples)), Answer::Best(best));
    }
}

/// Every offset and every split is tried: those that give the stamps are the allowed ones.
#[test]
fn the_range_is_that_which_counting_finds() {
    let exchanges: Vec<Exchange> = WallClocks::cases()
        .filter_map(|case| match case {
            Case::Sample(exchange) if exchange.iter().all(|at| (80..120).contains(at)) => {
                Some(exchange)
            }
            _ => None,
        })
        .collect();
    for &[t1, t2, t3, t4] in &exchanges {
        let fits = |offset: &i64| t1 + offset <= t2 && t3 - offset <= t4;
        let fitting: Vec<i64> = (-50..50).filter(fits).collect();
        let covers =
            |bound: u64, middle: i64| fitting.iter().all(|at| at.abs_diff(middle) <= bound);
        match right([t1, t2, t3, t4]) {
            Ok(Sample { offset, bound }) => {
                assert!(covers(bound, offset) && !fitting.is_empty());
                let is_less = |less: &u64| (-50..50).any(|middle| covers(*less, middle));
                assert!(!(0..bound).any(|less| is_less(&less)), "{t1} {t2} {t3} {t4}");
            }
            Err(BadSample::NegativeDelay) => assert_eq!(fitting, []),
            Err(error) => assert!(error == BadSample::ClockSetBack && (t4 < t1 || t3 < t2)),
        }
    }
    // What the screen of a pass says.
    let exchanges: BTreeSet<Exchange> = exchanges.into_iter().collect();
    let delays = 0..=SMALL;
    for offset in -SMALL..=SMALL {
        for (request, own, reply) in delays.clone().flat_map(|request| {
            delays.clone().flat_map(move |own| (0..=SMALL).map(move |reply| (request, own, reply)))
        }) {
            let t2 = 100 + request + offset;
            let exchange = [100, t2, t2 + own, 100 + request + own + reply];
            assert!(exchanges.contains(&exchange), "{exchange:?}");
        }
    }
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    use BadSample::{ClockSetBack, NegativeDelay, OffsetTooLarge};
    let broken = |case: Case, got: Answer| WallClocks::rule(&case, &got, &()).text;
    for (exchange, got, words) in [
        ([100, 104, 107, 99], ok(1, 3), "A clock that shows less"),
        ([100, 104, 107, 99], Err(NegativeDelay), "A clock that shows less"),
        ([100, 104, 107, 102], ok(3, 0), "The server cannot take longer"),
        ([i64::MIN, 1, 1, i64::MIN], ok(i64::MAX, 0), "An offset that does not fit"),
        ([100, 104, 107, 109], Err(ClockSetBack), "Here no clock is set back"),
        ([100, 104, 107, 109], Err(NegativeDelay), "The delay, the time of the exchange"),
        ([100, 104, 107, 109], Err(OffsetTooLarge), "Every offset from"),
        ([100, 104, 107, 109], ok(4, 3), "The offset is the middle"),
        ([100, 104, 104, 104], ok(-2, 2), "The offset is what has to be added"),
        ([100, 104, 107, 109], ok(-1, 3), "The offset is the middle"),
        ([100, 99, 99, 100], ok(0, 0), "The offset is the middle"),
        ([100, 100, 100, 101], ok(-1, 1), "The middle of the range is halfway"),
        ([100, 100, 100, 101], ok(0, 0), "An odd delay is halved upwards"),
        ([100, 104, 107, 109], ok(1, 0), "The true offset may be anywhere"),
        ([100, 104, 107, 109], ok(1, 5), "How long the server took"),
        ([100, 104, 104, 109], ok(0, 5), "The bound is the least"),
    ] {
        let text = broken(Case::Sample(exchange), Answer::Sample(got));
        assert!(text.starts_with(words), "{exchange:?}, {got:?}: {text}");
    }
    let few = [ok(7, 3), ok(9, 2), ok(1, 2)];
    let refused = [Err(NegativeDelay), ok(7, 3)];
    let samples: [(&[Sampled], Option<Sampled>, &str); 6] = [
        (&[], Some(ok(0, 0)), "Where no sample is left"),
        (&few, Some(ok(5, 2)), "The answer is one of the samples"),
        (&few, None, "There is an answer as soon as"),
        (&few, Some(ok(1, 2)), "Of several samples"),
        (&few, Some(ok(7, 3)), "Queues only add to a delay"),
        (&refused, None, "A refused sample says nothing"),
    ];
    for (samples, got, words) in samples {
        let got = Answer::Best(got.and_then(Result::ok));
        let text = broken(Case::Best(samples.to_vec()), got);
        assert!(text.starts_with(words), "{samples:?}, {got:?}: {text}");
    }
}

#[test]
fn what_does_not_fit_into_64_bits_is_explained() {
    let saturates = |t1: i64, t2: i64, t3: i64, t4: i64| {
        let right = reference::sample(t1, t2, t3, t4);
        let most = if t2 > t1 { i64::MAX } else { i64::MIN };
        match right {
            Err(BadSample::OffsetTooLarge) => ok(most, 0),
            right => right,
        }
    };
    let overflows = |t1: i64, t2: i64, t3: i64, t4: i64| {
        let far = t2 - t1;
        reference::sample(t1, t1 + far, t3, t4)
    };
    for (solution, words) in [
        (solution(saturates, reference::best), "want              OffsetTooLarge\n"),
        (solution(overflows, reference::best), "A stamp may be any i64"),
    ] {
        let screen = screen_of::<WallClocks>(solution);
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

/// In 64 bits all else fails at the extremes: a mistake is known all the same.
#[test]
fn a_mistake_in_64_bits_is_named() {
    let backwards = |t1: i64, t2: i64, t3: i64, t4: i64| {
        if t4 < t1 || t3 < t2 {
            return Err(BadSample::ClockSetBack);
        }
        match (t4 - t1) - (t3 - t2) {
            ..0 => Err(BadSample::NegativeDelay),
            delay => ok(((t1 - t2) + (t4 - t3)) / 2, (delay as u64).div_ceil(2)),
        }
    };
    let screen = screen_of::<WallClocks>(solution(backwards, reference::best));
    assert!(screen.contains("two mistakes: \"the wrong sign\" and \"differences in"), "{screen}");
}

#[test]
fn long_rows_are_shown_in_short() {
    let forgets = |samples: &[Sampled]| reference::best(&samples[..samples.len().min(256)]);
    let screen = screen_of::<WallClocks>(solution(reference::sample, forgets));
    for words in ["best of 300 samples", "and 294 more samples", "want              offset 106"] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}
