use std::time::Duration;

use internet::smoltcp::socket::tcp::State;
use internet::{Internet, Link, NodeId, Tcp, TcpConfig, TopologyError, What, Why, packet};

use crate::{drops, seconds};

#[test]
fn a_host_listens_and_connects_before_it_has_a_link() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tcp = TcpConfig { receive_buffer: 4000, ..TcpConfig::default() };
    let (a, b) = (net.host("a", "10.0.1.1")?, net.host_with("b", "10.0.2.1", tcp)?);
    net.listen(b, 80);
    let client = net.connect(a, "10.0.2.1", 80)?;
    assert_eq!(drops(&net), [Why::NoRoute]);
    net.link(a, b, Link { mtu: 1000, ..Link::default() })?;
    net.run_until(seconds(2));
    // The SYN was sent again, and all follows the link and the configuration.
    assert_eq!(net.write(client, &[7; 5000]), 5000);
    net.run_until(seconds(3));
    let server = net.accept(b, 80).expect("a connection");
    assert_eq!(net.read(server).len(), 4000);
    let largest = net.record().notes.iter().map(|note| note.packet.bytes.len()).max();
    assert_eq!(largest, Some(1000));
    Ok(())
}

#[test]
fn the_ports_of_connections_differ_and_are_used_again() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tcp = TcpConfig { receive_buffer: 1, send_buffer: 1, ..TcpConfig::default() };
    let host = net.host_with("host", "10.0.1.1", tcp)?;
    let mut connect = |keep: bool| -> Result<u16, TopologyError> {
        let tcp = net.connect(host, "10.0.2.1", 80)?;
        let port = net.tcp(tcp).local_endpoint().expect("it connects").port;
        if !keep {
            net.remove(tcp);
        }
        Ok(port)
    };
    let (first, second) = (connect(true)?, connect(false)?);
    let after = |port: u16| port.checked_add(1).unwrap_or(49_152);
    assert_eq!(second, after(first));
    // Once through the range that is for them.
    let mut last = second;
    for _ in 0..16_384 - 2 {
        let port = connect(false)?;
        assert_eq!(port, after(last));
        last = port;
    }
    assert_eq!(after(last), first);
    assert_eq!(connect(false)?, second);
    Ok(())
}

/// Two hosts, and both ends of a connection between them.
fn connection(link: Link) -> Result<(Internet, [NodeId; 2], [Tcp; 2]), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.host("a", "10.0.1.1")?, net.host("b", "10.0.2.1")?);
    net.link(a, b, link)?;
    net.listen(b, 80);
    let client = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(1));
    let server = net.accept(b, 80).expect("a connection");
    Ok((net, [a, b], [client, server]))
}

/// Whether a segment with RST was sent.
fn is_reset(net: &Internet) -> bool {
    let mut segments = net.record().notes.iter().filter_map(|note| packet::tcp(&note.packet.bytes));
    segments.any(|tcp| tcp.rst())
}

#[test]
fn reading_opens_the_window_at_once() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tcp = TcpConfig { receive_buffer: 1000, ..TcpConfig::default() };
    let (a, b) = (net.host("a", "10.0.1.1")?, net.host_with("b", "10.0.2.1", tcp)?);
    net.link(a, b, Link::default())?;
    net.listen(b, 80);
    let client = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(1));
    let server = net.accept(b, 80).expect("a connection");
    net.write(client, &[7; 1500]);
    net.run_until(seconds(2));
    let now = net.now();
    let sent = |net: &Internet| {
        net.record().notes.iter().filter(|note| note.from == b && note.time == now).count()
    };
    assert_eq!((net.read(server).len(), sent(&net)), (1000, 1));
    // With nothing to read, nothing is sent.
    assert_eq!((net.read(server).len(), sent(&net)), (0, 1));
    net.run_until(now + Duration::from_millis(30));
    assert_eq!(net.read(server).len(), 500);
    Ok(())
}

#[test]
fn a_timer_is_one_event_however_often_a_program_writes() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let host = net.host("host", "10.0.1.1")?;
    let client = net.connect(host, "10.0.2.1", 80)?;
    for _ in 0..10 {
        net.write(client, b"not open yet");
    }
    assert_eq!(net.next_time(), Some(seconds(1)));
    let mut events = 0;
    net.run(seconds(2), |_| {
        events += 1;
        true
    });
    // Before the retransmission, and after it.
    assert_eq!(events, 2);
    Ok(())
}

#[test]
fn an_idle_connection_is_closed_with_a_fin() -> Result<(), TopologyError> {
    let (mut net, _, [client, server]) = connection(Link::default())?;
    net.run_until(seconds(3600));
    net.close(client);
    net.run_until(seconds(3601));
    assert_eq!(net.tcp(client).state(), State::FinWait2);
    // A minute and more, as the other end may take for its answer.
    net.run_until(seconds(7200));
    net.write(server, b"answer");
    net.run_until(seconds(7201));
    assert_eq!(net.read(client), b"answer");
    net.run_until(seconds(10_800));
    net.close(server);
    net.run_until(seconds(10_801));
    assert_eq!(net.tcp(server).state(), State::Closed);
    assert_eq!(net.tcp(client).state(), State::TimeWait);
    assert!(!is_reset(&net));
    Ok(())
}

#[test]
fn a_short_timeout_does_not_reset_in_time_wait() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tcp = TcpConfig { timeout: seconds(2), ..TcpConfig::default() };
    let (a, b) = (net.host_with("a", "10.0.1.1", tcp)?, net.host("b", "10.0.2.1")?);
    net.link(a, b, Link::default())?;
    net.listen(b, 80);
    let client = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(1));
    net.close(client);
    let server = net.accept(b, 80).expect("a connection");
    net.close(server);
    net.run_until(seconds(9));
    assert_eq!(net.tcp(client).state(), State::TimeWait);
    net.run_until(seconds(60));
    assert_eq!(net.tcp(client).state(), State::Closed);
    assert!(!is_reset(&net));
    Ok(())
}

#[test]
fn a_fin_without_an_acknowledgement_times_out() -> Result<(), TopologyError> {
    let cuts = vec![seconds(10)..Duration::MAX];
    let (mut net, _, [client, _]) = connection(Link { cuts, ..Link::default() })?;
    net.run_until(seconds(3600));
    net.close(client);
    net.run_until(seconds(3660) - Duration::from_micros(1));
    assert_eq!(net.tcp(client).state(), State::FinWait1);
    assert!(!is_reset(&net));
    net.run_until(seconds(3660));
    assert_eq!(net.tcp(client).state(), State::Closed);
    assert!(is_reset(&net));
    // Nothing is left to do.
    assert_eq!(net.next_time(), None);
    Ok(())
}

#[test]
fn a_connection_that_is_removed_is_reset() -> Result<(), TopologyError> {
    let (mut net, _, [client, server]) = connection(Link::default())?;
    net.remove(client);
    net.run_until(seconds(2));
    assert!(!net.tcp(server).is_open());
    let mut sent = net.record().notes.iter().filter(|note| note.what == What::Sent);
    let last = sent.next_back().expect("a packet");
    assert!(packet::tcp(&last.packet.bytes).is_some_and(|tcp| tcp.rst()));
    assert_eq!(last.time, seconds(1));
    Ok(())
}

#[test]
fn a_connection_that_both_have_closed_is_removed_in_silence() -> Result<(), TopologyError> {
    let (mut net, _, [client, server]) = connection(Link::default())?;
    net.close(client);
    net.run_until(seconds(2));
    net.close(server);
    net.run_until(seconds(3));
    for tcp in [client, server] {
        assert!(!net.tcp(tcp).is_open());
        net.remove(tcp);
    }
    net.run_until(seconds(4));
    let resets = net
        .record()
        .notes
        .iter()
        .filter(|note| packet::tcp(&note.packet.bytes).is_some_and(|tcp| tcp.rst()));
    assert_eq!(resets.count(), 0);
    Ok(())
}

#[test]
fn a_host_that_restarts_knows_nothing_of_before() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tcp = TcpConfig { receive_buffer: 4000, ..TcpConfig::default() };
    let (a, b) = (net.host("a", "10.0.1.1")?, net.host_with("b", "10.0.2.1", tcp)?);
    net.link(a, b, Link { mtu: 1000, ..Link::default() })?;
    net.listen(b, 80);
    let first = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(1));
    net.restart(b);
    // What the host does not know, it resets; at a port where nothing listens, it refuses.
    net.write(first, b"still there?");
    let refused = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(2));
    assert!(!net.tcp(first).is_open() && !net.tcp(refused).is_open());
    // The size of its packets and its configuration are the same.
    net.listen(b, 80);
    let second = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(3));
    net.write(second, &[7; 5000]);
    let server = net.accept(b, 80).expect("a connection");
    assert_eq!(net.write(server, &[7; 5000]), 5000);
    net.run_until(seconds(4));
    assert_eq!((net.read(server).len(), net.read(second).len()), (4000, 5000));
    let largest = net.record().notes.iter().map(|note| note.packet.bytes.len()).max();
    assert_eq!(largest, Some(1000));
    Ok(())
}

#[test]
#[should_panic(expected = "lost in a restart")]
fn a_connection_of_before_a_restart_is_not_another() {
    let (mut net, [host, _], [client, _]) = connection(Link::default()).expect("a topology");
    net.restart(host);
    net.connect(host, "10.0.2.1", 80).expect("an address");
    net.write(client, b"to whom?");
}

#[test]
#[should_panic(expected = "the connection was removed")]
fn a_removed_connection_is_not_another() {
    let (mut net, [host, _], [client, _]) = connection(Link::default()).expect("a valid topology");
    net.remove(client);
    // smoltcp gives it the place of the first.
    let other = net.connect(host, "10.0.2.1", 80).expect("an address");
    assert_ne!(client, other);
    net.remove(client);
}
