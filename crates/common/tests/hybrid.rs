//! The hybrid clock: the examples, what it refuses, and its two promises.

use std::time::{Duration, UNIX_EPOCH};

use common::clock::{
    CausalOrdering, ClockError, DEFAULT_MAX_AHEAD, HybridClock, HybridStamp, LAST_STAMP,
    VectorClock, wall_time,
};
use proptest::prelude::*;

fn at(wall: u64, count: u32) -> HybridStamp {
    HybridStamp { wall, count }
}

/// A clock whose latest stamp is this one.
fn clock_at(wall: u64, count: u32) -> HybridClock {
    let json = format!(r#"{{"latest":{{"wall":{wall},"count":{count}}},"max_ahead":10}}"#);
    serde_json::from_str(&json).expect("a valid clock")
}

/// A clock as a program gets it back that wrote it to its disk.
fn read_back(clock: &HybridClock) -> HybridClock {
    let json = serde_json::to_string(clock).expect("a clock can be written");
    serde_json::from_str(&json).expect("what was written can be read")
}

#[test]
fn each_case_of_a_receipt() {
    // The clock's latest stamp, the message's, the wall clock, and the stamp of the receipt.
    for (latest, stamp, wall, expected) in [
        (at(5, 3), at(7, 4), 9, at(9, 0)),
        (at(5, 3), at(7, 4), 6, at(7, 5)),
        (at(7, 3), at(5, 4), 6, at(7, 4)),
        (at(7, 3), at(7, 9), 6, at(7, 10)),
        (at(7, 9), at(7, 3), 7, at(7, 10)),
        (at(7, 0), at(7, 0), 8, at(8, 0)),
    ] {
        let mut clock = clock_at(latest.wall, latest.count);
        assert_eq!(clock.receive(stamp, wall), Ok(expected), "{latest:?} {stamp:?} {wall}");
        assert_eq!(clock.current(), expected);
    }
}

#[test]
fn a_wall_clock_that_steps_back_or_stands_does_not_stop_it() {
    let mut clock = HybridClock::new();
    let stamps = [100, 100, 40, 0, 99, 101, 7].map(|wall| clock.tick(wall));
    let counted = [at(100, 0), at(100, 1), at(100, 2), at(100, 3), at(100, 4)];
    assert_eq!(stamps[..5], counted);
    assert_eq!(stamps[5..], [at(101, 0), at(101, 1)]);
}

#[test]
fn a_stamp_from_the_future_is_refused_and_changes_nothing() {
    let mut clock = HybridClock::with_max_ahead(Duration::from_nanos(10));
    clock.tick(100);
    let [ahead, max_ahead] = [11, 10].map(Duration::from_nanos);
    let refused = ClockError::AheadOfWall { ahead, max_ahead };
    assert_eq!(clock.receive(at(111, 0), 100), Err(refused));
    for stamp in [at(u64::MAX, u32::MAX), at(LAST_STAMP + 1, 0), at(111, u32::MAX)] {
        assert!(clock.receive(stamp, 100).is_err(), "{stamp:?}");
        assert_eq!(clock.current(), at(100, 0));
    }
    assert_eq!(clock.receive(at(110, 0), 100), Ok(at(110, 1)));
    // Its own time does not justify a stamp: the wall clock does.
    assert!(clock.receive(at(111, 0), 100).is_err());

    let (day, half) = (86_400_000_000_000, DEFAULT_MAX_AHEAD.as_nanos() as u64);
    let mut clock = HybridClock::default();
    assert!(clock.receive(at(day + half + 1, 0), day).is_err());
    assert_eq!(clock.receive(at(day + half, 0), day), Ok(at(day + half, 1)));
    assert_eq!(
        clock.receive(at(day + 3_000_000_000, 0), day).unwrap_err().to_string(),
        "a stamp is 3s ahead of the wall clock, and at most 500ms are accepted: which of the two \
         clocks is wrong?"
    );
}

#[test]
fn a_full_count_moves_the_time_by_a_nanosecond() {
    let mut clock = clock_at(50, u32::MAX - 1);
    let stamps = [40, 40, 40, 51, 52].map(|wall| clock.tick(wall));
    let expected = [at(50, u32::MAX), at(51, 0), at(51, 1), at(51, 2), at(52, 0)];
    assert_eq!(stamps, expected);
    let mut clock = clock_at(50, 0);
    assert_eq!(clock.receive(at(60, u32::MAX), 50), Ok(at(61, 0)));
}

#[test]
fn no_wall_clock_makes_it_panic() {
    let mut clock = HybridClock::with_max_ahead(Duration::MAX);
    for wall in [0, 1 << 62, LAST_STAMP, LAST_STAMP + 1, u64::MAX, 0] {
        let before = clock.current();
        assert!(clock.tick(wall) > before);
    }
    assert_eq!(clock.current().wall, LAST_STAMP, "it stands in 2262, and counts");
    assert!(clock.receive(at(LAST_STAMP, u32::MAX), u64::MAX).is_ok());
    assert_eq!(clock.tick(u64::MAX), at(LAST_STAMP + 1, 1));
    assert_eq!(read_back(&clock), clock);

    let mut last = clock_at(13_835_058_055_282_163_710, u32::MAX);
    assert_eq!(last.tick(0), at(13_835_058_055_282_163_711, 0));
}

#[test]
fn an_error_never_says_that_the_bound_was_kept() {
    let mut clock = HybridClock::with_max_ahead(Duration::from_nanos(9));
    clock.tick(7);
    // The wall clock is after 2262, where no stamp of a peer is.
    let refused = ClockError::TooFarAhead { stamp: LAST_STAMP + 1, now: 7, latest: LAST_STAMP };
    for wall in [u64::MAX, LAST_STAMP + 1, LAST_STAMP - 8] {
        assert_eq!(clock.receive(at(LAST_STAMP + 1, 0), wall), Err(refused.clone()), "{wall}");
    }
    let [ahead, max_ahead] = [10, 9].map(Duration::from_nanos);
    let refused = ClockError::AheadOfWall { ahead, max_ahead };
    assert_eq!(clock.receive(at(LAST_STAMP + 1, 0), LAST_STAMP - 9), Err(refused));
}

#[test]
fn a_wall_clock_before_1970_or_far_after_2106_is_an_error() {
    let seconds = |count: u64| Duration::from_secs(count);
    for (time, nanos) in [
        (UNIX_EPOCH, Some(0)),
        (UNIX_EPOCH + Duration::from_nanos(1), Some(1)),
        // 32 bits of seconds end in 2106.
        (UNIX_EPOCH + seconds(1 << 32), Some((1 << 32) * 1_000_000_000)),
        (UNIX_EPOCH + Duration::from_nanos(u64::MAX), Some(u64::MAX)),
        (UNIX_EPOCH + Duration::from_nanos(u64::MAX) + Duration::from_nanos(1), None),
        (UNIX_EPOCH - Duration::from_nanos(1), None),
        (UNIX_EPOCH - seconds(1 << 32), None),
    ] {
        assert_eq!(wall_time(time).ok(), nanos, "{time:?}");
    }
    let error = wall_time(UNIX_EPOCH - seconds(1)).unwrap_err().to_string();
    assert_eq!(error, "the wall clock of this machine is before 1970 or after 2554: set it");
}

#[test]
fn it_is_read_back_as_it_was_written() {
    let mut clock = HybridClock::with_max_ahead(Duration::from_micros(1));
    clock.tick(7);
    clock.tick(7);
    let json = serde_json::to_string(&clock).unwrap();
    assert_eq!(json, r#"{"latest":{"wall":7,"count":1},"max_ahead":1000}"#);
    assert_eq!(serde_json::from_str::<HybridClock>(&json).unwrap(), clock);
    for json in [
        r#"{"latest":{"wall":13835058055282163711,"count":0},"max_ahead":9}"#,
        r#"{"latest":{"wall":1,"count":4294967296},"max_ahead":9}"#,
        r#"{"latest":{"wall":-1,"count":0},"max_ahead":9}"#,
        r#"{"latest":{"wall":1,"count":0,"more":1},"max_ahead":9}"#,
        r#"{"latest":{"wall":1},"max_ahead":9}"#,
        r#"{"latest":{"wall":1,"count":0}}"#,
        "[]",
    ] {
        assert!(serde_json::from_str::<HybridClock>(json).is_err(), "{json}");
    }
}

/// The nodes of the simulated runs.
const NODES: usize = 3;

/// What one node does, after `passes` nanoseconds, by a wall clock that is `off` by so much.
#[derive(Clone, Debug)]
struct Step {
    node: usize,
    does: Does,
    passes: u64,
    off: u64,
}

#[derive(Clone, Debug)]
enum Does {
    Local,
    Send,
    /// One of the messages that were sent, by its place modulo their number: late, early, twice.
    Receive(usize),
}

fn steps(most_off: u64) -> impl Strategy<Value = Vec<Step>> {
    let does = prop_oneof![
        1 => Just(Does::Local),
        3 => Just(Does::Send),
        4 => any::<prop::sample::Index>().prop_map(|index| Does::Receive(index.index(1_000))),
    ];
    let step = (0..NODES, does, 0..5_u64, 0..=most_off)
        .prop_map(|(node, does, passes, off)| Step { node, does, passes, off });
    prop::collection::vec(step, 0..60)
}

/// A node with the clock under test, and with one that knows exactly what happened before what.
struct Node {
    hybrid: HybridClock,
    vector: VectorClock,
}

proptest! {
    // Readers break this on purpose, and the failures they find are not to be kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A clock that is off by up to `epsilon`, differently at each event, drifts and steps: two of
    /// them never differ by more.
    #[test]
    fn it_respects_cause_and_effect_and_stays_within_the_bound(
        (epsilon, steps) in (0..30_u64).prop_flat_map(|most| (Just(most), steps(most))),
    ) {
        let max_ahead = Duration::from_nanos(epsilon);
        let mut nodes: Vec<Node> = (0..NODES)
            .map(|node| Node {
                hybrid: HybridClock::with_max_ahead(max_ahead),
                vector: VectorClock::new(node, NODES).unwrap(),
            })
            .collect();
        let (mut now, mut sent, mut events) = (1_000, Vec::new(), Vec::new());
        for Step { node, does, passes, off } in steps {
            now += passes;
            let wall = now + off;
            let Node { hybrid, vector } = &mut nodes[node];
            let event = match does {
                Does::Receive(place) if !sent.is_empty() => {
                    let (stamp, knows): &(HybridStamp, Vec<u64>) = &sent[place % sent.len()];
                    let received = hybrid.receive(*stamp, wall);
                    prop_assert!(received.is_ok(), "an honest stamp is refused: {:?}", received);
                    (received.unwrap(), vector.receive(knows).unwrap().to_vec())
                }
                Does::Send => {
                    let event = (hybrid.send_timestamp(wall), vector.send_timestamp().to_vec());
                    sent.push(event.clone());
                    event
                }
                _ => (hybrid.tick(wall), vector.tick().to_vec()),
            };
            prop_assert!(wall <= event.0.wall, "{:?} is behind {wall}", event.0);
            prop_assert!(event.0.wall <= wall + epsilon, "{:?} is ahead of {wall}", event.0);
            events.push(event);
        }
        for (a, knows_a) in &events {
            for (b, knows_b) in &events {
                if VectorClock::compare(knows_a, knows_b) == Ok(CausalOrdering::Before) {
                    prop_assert!(a < b, "{a:?} {knows_a:?} happened before {b:?} {knows_b:?}");
                }
            }
        }
    }

    #[test]
    fn it_only_grows_and_a_refusal_changes_nothing(
        max_ahead in prop_oneof![0..10_u64, any::<u64>()],
        stamps in prop::collection::vec((wild(), count(), wild()), 0..50),
    ) {
        let mut clock = HybridClock::with_max_ahead(Duration::from_nanos(max_ahead));
        for (stamp, count, wall) in stamps {
            let (stamp, before) = (at(stamp, count), clock.clone());
            match clock.receive(stamp, wall) {
                Ok(received) => {
                    prop_assert!(received > stamp && received > before.current());
                    prop_assert_eq!(received, clock.current());
                }
                Err(_) => {
                    let latest = wall.saturating_add(max_ahead).min(LAST_STAMP);
                    prop_assert!(stamp.wall > latest);
                    prop_assert_eq!(&clock, &before);
                }
            }
            let before = clock.current();
            prop_assert!(clock.tick(wall) > before);
            prop_assert_eq!(read_back(&clock), clock.clone());
        }
    }
}

/// Times that are often near each other, and sometimes absurd.
fn wild() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..20_u64, 1 => any::<u64>(), 1 => Just(u64::MAX), 1 => Just(LAST_STAMP)]
}

/// Counts, many of them full.
fn count() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), Just(u32::MAX)]
}
