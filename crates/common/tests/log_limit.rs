use std::time::{Duration, Instant};

use common::log_limit::LogLimit;

/// The lines that are written of `count`, all at `now`.
fn write(limit: &LogLimit, now: Instant, count: u32) -> Vec<String> {
    let mut log = Vec::new();
    (0..count).for_each(|number| limit.write_at(now, number, |line| log.push(line)));
    log
}

#[test]
#[expect(clippy::disallowed_methods, reason = "an Instant comes from the clock alone")]
fn a_flood_of_lines_is_counted_and_not_written() {
    let (limit, start) = (LogLimit::per_second(2), Instant::now());
    let after = |millis| start + Duration::from_millis(millis);
    assert_eq!(write(&limit, start, 5), ["0", "1"]);
    assert!(write(&limit, after(999), 10_000).is_empty());
    assert_eq!(write(&limit, after(1_000), 5), ["10003 more lines were left out", "0", "1"]);
    // A thread whose moment lies before the second that another has begun.
    assert!(write(&limit, after(500), 1).is_empty());
    assert_eq!(write(&limit, after(60_000), 1), ["4 more lines were left out", "0"]);
    assert_eq!(write(&limit, after(60_001), 1), ["0"], "what was reported is not repeated");
}
