use super::*;
use crate::Verdict;
use crate::sound::{assert_sound, check, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Latency>(solution(stub::percentile, stub::merge, stub::percentile_of_all));
}

#[test]
fn the_screen_shows_each_bucket_and_its_ranks() {
    let screen = screen_of::<Latency>(Latency::with_bugs(Bugs::one(bugs::Bug::Averages)));
    let expected = "\
latency   WRONG   first failure: p100 of 2 servers with 2 samples; every case
          before it passes

  counts  [1]
          [0,1]
  tenths  1000, p100: 100 % of 2 is 2, so rank 2

  bucket  values            samples
  0       0                 1 + 0: rank 1
  1       1                 0 + 1: rank 2

          want              Some(1)
          got               Some(0)                   ◀ first wrong answer

  rule    The percentile of all servers has its rank among the samples of all.
          The percentiles of the servers do not say how many samples each has,
          so they give it neither as their mean nor as their largest.
  looks   like \"averages the percentiles of the servers\": the same answers in
          all 7,838 cases compared.
          It takes the mean of the servers' percentiles, but these have lost how
          many samples each server has, and where they are: add the counts, then
          ask once.
  next    cargo run -- hint latency
          cargo run -- replay latency:6794
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

/// The page's requests: ninety-nine of 10 ms and one of 10,000.
#[test]
fn the_right_percentiles_are_those_of_the_page() {
    let page = Server(vec![(10, 99), (10_000, 1)]);
    let ten = |value: u64| (0..10).map(move |place| (value + place, 1));
    let unequal = Server(ten(10).chain([(10, 980)]).chain(ten(10_000)).collect());
    for (server, tenths, right) in [
        (&page, 0, Some(10)),
        (&page, 990, Some(10)),
        (&page, 991, Some(10_000)),
        (&page, 999, Some(10_000)),
        (&page, 1000, Some(10_000)),
        (&page, 1001, None),
        (&unequal, 990, Some(19)),
        (&unequal, 995, Some(10_004)),
        (&Server(vec![(7, 0)]), 500, None),
        (&Server(vec![(7, 0), (u64::MAX, 1)]), 0, Some(u64::MAX)),
    ] {
        assert_eq!(cases::right(server, tenths), right, "{tenths} of {server:?}");
    }
}

#[test]
fn a_value_is_between_the_ends_of_its_bucket() {
    for (value, right) in [(0, 0), (1, 1), (2, 3), (3, 3), (4, 7), (10_000, 16_383)] {
        assert_eq!(upper_end(bucket(value)), right, "{value}");
    }
    assert_eq!(upper_end(bucket(1 << 63)), u64::MAX);
    assert_eq!(Server(vec![(0, 2), (6, 1), (7, 0)]).histogram().counts, [2, 0, 0, 1]);
}

#[test]
fn zeros_at_the_end_of_a_merged_histogram_are_right() {
    let merge = |into: &mut Histogram, from: &Histogram| {
        into.counts.resize(65, 0);
        reference::merge(into, from);
    };
    let solution = solution(reference::percentile, merge, reference::percentile_of_all);
    assert_eq!(check::<Latency>(solution, 80).0, Verdict::Pass);
}

#[test]
fn wrong_answers_without_a_name_have_their_rule() {
    use reference::{merge, percentile, percentile_of_all};
    let of_samples = |change: fn(Vec<u64>, u16) -> Option<u64>| {
        let own = move |samples: &[u64], tenths| change(samples.to_vec(), tenths);
        solution(own, merge, percentile_of_all)
    };
    let of_all = |own: fn(&[Histogram], u16) -> Option<u64>| solution(percentile, merge, own);
    let merging =
        |own: fn(&mut Histogram, &Histogram)| solution(percentile, own, percentile_of_all);
    for (solution, words) in [
        (of_samples(|row, _| Some(row[0])), ["p50 of no samples", "Without a sample there is no"]),
        (
            of_samples(|row, tenths| percentile(&row, tenths.min(1000))),
            ["p100.1: over 100 %", "Without a sample there is no"],
        ),
        (
            of_samples(|row, tenths| percentile(&row, tenths).map(|sample| sample as i32 as u64)),
            ["got               Some(18446744071562067968)", "one of the samples"],
        ),
        (
            of_samples(|mut row, tenths| {
                row.sort_by_key(|&sample| sample as i64);
                let rank = (row.len() * usize::from(tenths)).div_ceil(1000).max(1);
                row.get(rank - 1).copied()
            }),
            ["sorted  0", "A rank is a place in sorted order"],
        ),
        (merging(|into, _| into.counts.push(1 << 63)), ["[9223372036854775808]", "After a merge"]),
        (
            of_all(|servers, _| Some(1 << servers[0].counts.len())),
            ["of no server", "Without a sample there is no"],
        ),
        (
            of_all(|servers, tenths| {
                percentile_of_all(servers, tenths).map(|end| (1 << bucket(end)) - 1)
            }),
            ["2^63 to 2^64 - 1", "A bucket has two ends"],
        ),
        (
            of_all(|servers, tenths| {
                let samples: u64 = servers.iter().flat_map(|server| &server.counts).sum();
                (samples as u32)
                    .checked_mul(u32::from(tenths))
                    .map_or(Some(7), |_| percentile_of_all(servers, tenths))
            }),
            ["ranks 1 to ", "There may be 10^14 of"],
        ),
    ] {
        let screen = screen_of::<Latency>(solution);
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}
