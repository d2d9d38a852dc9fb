//! The code of the page's section "In production".

use std::time::Duration;

use hdrhistogram::Histogram;
use lesson_tests::Result;

/// Two servers' histograms as one, and what is said of both.
fn report(servers: &[Histogram<u64>]) -> Result<String> {
    // From a microsecond to a minute, three digits: about 140 KB, however much is recorded.
    let mut all = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    for server in servers {
        all.add(server)?;
    }
    let p = |quantile| Duration::from_micros(all.value_at_quantile(quantile));
    let max = Duration::from_micros(all.max());
    Ok(format!("n {} p50 {:?} p99 {:?} max {max:?}", all.len(), p(0.5), p(0.99)))
}

#[test]
fn histograms_are_added_and_then_asked() -> Result<()> {
    let mut servers = [Histogram::<u64>::new(3)?, Histogram::new(3)?];
    servers[0].record_n(1_000, 990)?;
    servers[0].record_n(2_000, 10)?;
    servers[1].record_n(50_000, 10)?;
    // The mean of both p99 would be 25.5 ms, and no request took that.
    assert_eq!(report(&servers)?, "n 1010 p50 1ms p99 2ms max 50.015ms");
    Ok(())
}
