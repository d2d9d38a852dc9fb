use internet::packet::datagram;
use internet::{Fault, Internet, Link, NodeId, TcpConfig, TopologyError, What};
use pcap_parser::PcapError;
use pcap_parser::{Linktype, PcapBlockOwned, create_reader};

use crate::{line_of_routers, ms, seconds, two_taps};

/// A client asks a server for ten bytes over a lossy link.
fn exchange(seed: u64) -> Result<(Internet, NodeId, NodeId), TopologyError> {
    let mut net = Internet::new(seed);
    let client = net.host("client", "10.0.1.1")?;
    let server = net.host_with("server", "10.0.2.1", TcpConfig::default())?;
    net.link(client, server, Link { lost: 200, duplicated: 100, ..Link::default() })?;
    net.listen(server, 80);
    let tcp = net.connect(client, "10.0.2.1", 80)?;
    let mut is_asked = false;
    net.run(seconds(600), |net| {
        if !is_asked {
            is_asked = net.write(tcp, b"0123456789") > 0;
        }
        if let Some(accepted) = net.accept(server, 80) {
            net.write(accepted, &[7; 5000]);
            net.close(accepted);
        }
        true
    });
    Ok((net, client, server))
}

/// The packets of a pcap file, with their times in microseconds.
fn packets(file: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut reader = create_reader(65_536, file).expect("a pcap file");
    let mut packets = Vec::new();
    loop {
        match reader.next() {
            Ok((offset, block)) => {
                match block {
                    PcapBlockOwned::LegacyHeader(header) => {
                        assert_eq!(header.network, Linktype(101), "raw IP");
                    }
                    PcapBlockOwned::Legacy(packet) => {
                        assert_eq!(packet.caplen, packet.origlen);
                        let micros = u64::from(packet.ts_sec) * 1_000_000;
                        let micros = micros + u64::from(packet.ts_usec);
                        packets.push((micros, packet.data.to_vec()));
                    }
                    PcapBlockOwned::NG(_) => panic!("not the newer format"),
                }
                reader.consume(offset);
            }
            Err(PcapError::Eof) => return packets,
            Err(PcapError::Incomplete(_)) => reader.refill().expect("bytes in memory"),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn a_pcap_file_has_what_a_node_sent_and_received() -> Result<(), TopologyError> {
    let (net, client, server) = exchange(1)?;
    for node in [client, server] {
        let notes = net.record().notes.iter().filter(|note| match note.what {
            What::Sent => note.from == node,
            What::Arrived => note.to == node,
            _ => false,
        });
        let expected: Vec<_> =
            notes.map(|note| (note.time.as_micros() as u64, note.packet.bytes.to_vec())).collect();
        assert!(expected.len() > 8);
        assert_eq!(packets(&net.record().pcap(node)), expected);
    }
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_bytes() -> Result<(), TopologyError> {
    let (first, client, _) = exchange(7)?;
    let (second, ..) = exchange(7)?;
    assert_eq!(first.record(), second.record());
    assert_eq!(first.record().pcap(client), second.record().pcap(client));
    let (other, ..) = exchange(8)?;
    assert_ne!(first.record(), other.record());
    Ok(())
}

#[test]
fn a_handshake_reads_as_a_ladder_and_as_a_table() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let client = net.host("client", "10.0.1.1")?;
    let server = net.host("server", "10.0.2.1")?;
    net.link(client, server, Link::default())?;
    net.fault(server, client, 1, Fault::Lose)?;
    net.listen(server, 80);
    net.connect(client, "10.0.2.1", 80)?;
    net.run_until(seconds(3));
    let ladder = net.record().trace(&[client, server], |note| {
        let tcp = internet::packet::tcp(&note.packet.bytes).expect("a segment");
        match (tcp.syn(), tcp.ack()) {
            (true, false) => "SYN".to_owned(),
            (true, true) => "SYN ACK".to_owned(),
            _ => "ACK".to_owned(),
        }
    });
    let drawn = ladder.ladder(60);
    assert!(drawn.contains("● SYN ────") && drawn.contains("lost"), "{drawn}");

    let table = net.record().table();
    let lines: Vec<_> = table.lines().map(|line| line[..58].trim_end()).collect();
    assert_eq!(
        lines[..4],
        [
            "   0.000000  client > server   sent                        1",
            "   0.010005  client > server   arrived                     1",
            "   0.010005  server > client   sent                        2",
            "   0.020010  server > client   dropped: lost on the link   2",
        ]
        .map(|line| line[..58].trim_end()),
        "{table}"
    );
    Ok(())
}

#[test]
fn a_trace_shows_a_duplicate_that_a_router_sends_on() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    let line = line_of_routers(&mut net, [a, b], 1, &Link::default())?;
    net.fault(a, line[1], 1, Fault::Duplicate(ms(0)))?;
    net.inject(a, datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (1, 2), b"twice"));
    net.run_until(seconds(1));
    let trace = net.record().trace(&[a, b, line[1]], |note| note.what.to_string());
    let events: Vec<_> =
        trace.events().iter().map(|event| (event.node, event.label.as_str())).collect();
    let (r1, a, b) = (2, 0, 1);
    let expected = [
        (a, "sent"),
        (r1, "arrived"),
        (r1, "sent"),
        (r1, "arrived"),
        (r1, "sent"),
        (b, "arrived"),
        (b, "arrived"),
    ];
    assert_eq!(events, expected);
    assert_eq!(trace.messages()["1.2"].received.len(), 2);
    Ok(())
}

#[test]
fn a_packet_that_a_node_drops_has_arrived_there() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    let line = line_of_routers(&mut net, [a, b], 1, &Link::default())?;
    net.inject(a, datagram([10, 0, 1, 1], [10, 0, 2, 1], 1, (1, 2), b"old"));
    net.run_until(seconds(1));
    let trace = net.record().trace(&line, |note| note.what.to_string());
    let events: Vec<_> =
        trace.events().iter().map(|event| (event.node, event.label.as_str())).collect();
    let (a, r1) = (0, 1);
    // The error begins at the router.
    let expected =
        [(a, "sent"), (r1, "arrived"), (r1, "dropped: TTL used up"), (r1, "sent"), (a, "arrived")];
    assert_eq!(events, expected);
    assert!(!trace.messages()["1"].is_lost);
    Ok(())
}

#[test]
fn a_trace_leaves_out_the_loss_of_what_was_drained() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link::default())?;
    net.fault(a, b, 1, Fault::Lose)?;
    net.inject(a, datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (1, 2), b"lost"));
    assert_eq!(net.drain_notes().len(), 1);
    net.run_until(seconds(1));
    assert_eq!(net.record().notes.len(), 1);
    assert_eq!(net.record().trace(&[a, b], |_| String::new()).events(), []);
    Ok(())
}

#[test]
fn notes_can_be_drained() -> Result<(), TopologyError> {
    let (mut net, client, _) = exchange(1)?;
    let notes = net.drain_notes();
    assert!(!notes.is_empty() && net.record().notes.is_empty());
    net.connect(client, "10.0.2.1", 80)?;
    net.run_until(net.now() + ms(100));
    assert!(!net.record().notes.is_empty());
    Ok(())
}
