use internet::packet::{self, echo_request};
use internet::{Fault, Link, TopologyError, What, Why};

use crate::{drops, ms, seconds, two_taps};

fn numbered(number: u16) -> Vec<u8> {
    echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, number, b"hello")
}

/// The numbers of the packets that `tap` received, in their order.
fn numbers(net: &mut internet::Internet, tap: internet::NodeId) -> Vec<u16> {
    let arrived = std::iter::from_fn(|| net.take(tap));
    arrived.filter_map(|bytes| Some(packet::icmp(&bytes)?.echo_seq_no())).collect()
}

#[test]
fn a_planned_fault_meets_its_packet_alone() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link::default())?;
    net.fault(a, b, 2, Fault::Lose)?;
    net.fault(a, b, 3, Fault::Duplicate(ms(0)))?;
    net.fault(a, b, 4, Fault::Hold(ms(5)))?;
    for number in 1..=6 {
        net.inject(a, numbered(number));
    }
    net.run_until(seconds(1));
    assert_eq!(numbers(&mut net, b), [1, 3, 3, 5, 6, 4]);
    assert_eq!(drops(&net), [Why::Lost]);
    Ok(())
}

#[test]
fn each_copy_of_a_packet_arrives_or_is_lost() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link::default())?;
    for fault in [Fault::Duplicate(ms(0)), Fault::Duplicate(ms(3))] {
        net.fault(a, b, 1, fault)?;
        net.fault(a, b, 2, fault)?;
    }
    net.fault(a, b, 2, Fault::Lose)?;
    for number in 1..=2 {
        net.inject(a, numbered(number));
    }
    net.run_until(seconds(1));
    assert_eq!(numbers(&mut net, b), [1, 1, 1]);
    assert_eq!(drops(&net), [Why::Lost; 3]);
    Ok(())
}

#[test]
fn a_flipped_bit_of_the_header_is_noticed_by_the_next_node() -> Result<(), TopologyError> {
    for bit in 0..160 {
        let (mut net, a, b) = two_taps(Link::default())?;
        net.fault(a, b, 1, Fault::Flip(bit))?;
        net.inject(a, numbered(1));
        net.run_until(seconds(1));
        assert_eq!(drops(&net), [Why::Damaged], "bit {bit}");
        assert_eq!(net.take(b), None);
    }
    Ok(())
}

#[test]
fn a_flipped_bit_of_the_rest_is_for_the_hosts_to_notice() -> Result<(), TopologyError> {
    for bit in 160..8 * 33 {
        let (mut net, a, b) = two_taps(Link::default())?;
        net.fault(a, b, 1, Fault::Flip(bit))?;
        net.inject(a, numbered(1));
        net.run_until(seconds(1));
        let arrived = net.take(b).expect("a router and a tap look at the header alone");
        assert!(!packet::transport_checksum_holds(&arrived), "bit {bit}");
    }
    Ok(())
}

#[test]
fn a_swap_of_two_words_gets_past_the_checksum() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link::default())?;
    net.fault(a, b, 1, Fault::Alter(|bytes| bytes[28..32].rotate_left(2)))?;
    net.inject(a, numbered(1));
    net.run_until(seconds(1));
    let arrived = net.take(b).expect("a packet");
    assert_eq!(&arrived[28..], b"llheo");
    assert!(packet::transport_checksum_holds(&arrived));
    Ok(())
}

#[test]
fn a_full_queue_drops_what_comes_last() -> Result<(), TopologyError> {
    // At 8 kbit/s a byte takes a millisecond, and a packet 33.
    let (mut net, a, b) = two_taps(Link { rate: 8_000, queue: 3, ..Link::default() })?;
    for number in 1..=6 {
        net.inject(a, numbered(number));
    }
    net.run_until(seconds(1));
    assert_eq!(numbers(&mut net, b), [1, 2, 3, 4]);
    assert_eq!(drops(&net), [Why::QueueFull; 2]);
    let queued = net.record().notes.iter().filter_map(|note| match note.what {
        What::Queued(ahead) => Some(ahead),
        _ => None,
    });
    assert_eq!(queued.collect::<Vec<_>>(), [1, 2, 3]);
    // The size of a packet, a byte a millisecond, and then 10 ms of delay.
    let arrivals = net.record().notes.iter().filter(|note| note.what == What::Arrived);
    assert_eq!(arrivals.map(|note| note.time).collect::<Vec<_>>(), [43, 76, 109, 142].map(ms));
    Ok(())
}

#[test]
fn a_cut_loses_what_is_sent_while_it_lasts() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link { cuts: vec![ms(15)..ms(35)], ..Link::default() })?;
    for number in 1..=5 {
        net.inject(a, numbered(number));
        net.run_until(net.now() + ms(10));
    }
    net.run_until(seconds(1));
    assert_eq!(numbers(&mut net, b), [1, 2, 5]);
    assert_eq!(drops(&net), [Why::Cut; 2]);
    Ok(())
}

#[test]
fn reordered_packets_are_overtaken_and_none_is_missing() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link { reordered: 300, ..Link::default() })?;
    for number in 1..=100 {
        net.inject(a, numbered(number));
        net.run_until(net.now() + ms(1));
    }
    net.run_until(seconds(1));
    let mut arrived = numbers(&mut net, b);
    assert!(!arrived.is_sorted());
    arrived.sort();
    assert_eq!(arrived, (1..=100).collect::<Vec<_>>());
    Ok(())
}
