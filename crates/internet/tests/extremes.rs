use std::time::Duration;

use internet::packet::echo_request;
use internet::{Fault, Internet, Link, TcpConfig, TopologyError};

use crate::{seconds, two_taps};

/// A hundred years, where time ends.
const END: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

#[test]
fn time_ends_after_a_hundred_years() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.host("a", "10.0.1.1")?, net.host("b", "10.0.2.1")?);
    net.link(a, b, Link::default())?;
    net.listen(b, 80);
    let client = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(Duration::MAX);
    assert_eq!((net.now(), net.next_time()), (END, None));
    // What begins now never arrives.
    assert!(net.tcp(client).may_send());
    net.write(client, b"late");
    net.run_until(Duration::MAX);
    let server = net.accept(b, 80).expect("a connection");
    assert_eq!(net.read(server), b"");
    assert_eq!((net.now(), net.next_time()), (END, None));
    Ok(())
}

#[test]
fn a_packet_can_take_until_the_end_of_time_and_longer() -> Result<(), TopologyError> {
    for (delay, arrives) in [(END - seconds(1), true), (END, false), (Duration::MAX, false)] {
        let (mut net, a, b) = two_taps(Link { delay, ..Link::default() })?;
        net.fault(a, b, 2, Fault::Hold(Duration::MAX))?;
        net.fault(a, b, 3, Fault::Duplicate(Duration::MAX))?;
        for number in 1..=3 {
            net.inject(a, echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, number, b""));
        }
        net.run_until(Duration::MAX);
        assert_eq!(net.take(b).is_some(), arrives, "{delay:?}");
        assert_eq!(net.next_time(), None);
    }
    Ok(())
}

#[test]
fn a_packet_is_held_back_however_long_the_delay() -> Result<(), TopologyError> {
    for delay in [Duration::ZERO, Duration::MAX / 2, Duration::MAX] {
        let (mut net, a, b) = two_taps(Link { delay, reordered: 1000, ..Link::default() })?;
        net.inject(a, echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, b""));
        net.run_until(Duration::MAX);
        assert_eq!(net.take(b).is_some(), delay.is_zero(), "{delay:?}");
    }
    Ok(())
}

#[test]
fn a_host_behind_an_endless_link_or_timeout_retransmits() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tcp = TcpConfig { timeout: Duration::MAX, ..TcpConfig::default() };
    let (a, b) = (net.host_with("a", "10.0.1.1", tcp)?, net.host("b", "10.0.2.1")?);
    net.link(a, b, Link { delay: Duration::MAX, ..Link::default() })?;
    let client = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(3600));
    assert!(net.tcp(client).is_open());
    assert!(net.record().notes.len() > 10);
    Ok(())
}

#[test]
fn the_largest_packet_crosses_a_link() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link { mtu: 65_535, ..Link::default() })?;
    let largest = echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, &vec![7; 65_535 - 28]);
    net.inject(a, largest.clone());
    net.run_until(seconds(1));
    assert_eq!(net.take(b).as_deref(), Some(&largest[..]));
    Ok(())
}

#[test]
fn a_bit_a_second_and_a_queue_for_none_carry_a_packet() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link { rate: 1, queue: 0, ..Link::default() })?;
    for number in 1..=2 {
        net.inject(a, echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, number, b""));
    }
    // 28 bytes.
    net.run_until(seconds(8 * 28));
    assert_eq!(net.take(b), None);
    net.run_until(seconds(8 * 28 + 1));
    assert!(net.take(b).is_some() && net.take(b).is_none());
    Ok(())
}
