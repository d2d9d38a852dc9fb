use common::random::Rng;
use internet::smoltcp::socket::tcp::CongestionControl;
use internet::{Internet, Link, NodeId, Tcp, TcpConfig, TopologyError};

use crate::{line_of_routers, ms, seconds};

/// What came of a stream.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The receiver has the bytes that were sent, all of them.
    Complete,
    /// The connection ended with an error before.
    Failed,
}

/// A link with every fault, each at up to `most` of a thousand.
fn bad_link(rng: &mut Rng, most: u64) -> Link {
    Link {
        delay: ms(rng.within(0..=80)),
        rate: rng.within(50_000..=10_000_000),
        queue: rng.within(1..=30) as usize,
        mtu: rng.within(68..=1500) as usize,
        lost: rng.within(0..=most),
        duplicated: rng.within(0..=most),
        reordered: rng.within(0..=most),
        flipped: rng.within(0..=most),
        cuts: match rng.below(4) {
            0 => {
                let start = rng.within(0..=3_000);
                vec![ms(start)..ms(start + rng.within(1..=90_000))]
            }
            _ => Vec::new(),
        },
    }
}

fn tcp_config(rng: &mut Rng) -> TcpConfig {
    let controls = [CongestionControl::Reno, CongestionControl::Cubic];
    TcpConfig {
        receive_buffer: rng.within(1..=70_000) as usize,
        send_buffer: rng.within(1..=70_000) as usize,
        congestion_control: controls[rng.below(2) as usize],
        ..TcpConfig::default()
    }
}

/// Sends a stream whose first four bytes are its length, over one to three bad links.
fn stream(
    seed: u64,
    most: u64,
    longest: u64,
) -> Result<(Internet, NodeId, Outcome), TopologyError> {
    let mut rng = Rng::from_seed(seed);
    let mut net = Internet::new(seed);
    let (sends, receives) = (tcp_config(&mut rng), tcp_config(&mut rng));
    let client = net.host_with("client", "10.0.1.1", sends)?;
    let server = net.host_with("server", "10.0.2.1", receives)?;
    let (routers, link) = (rng.below(3) as usize, bad_link(&mut rng, most));
    line_of_routers(&mut net, [client, server], routers, &link)?;

    let length = rng.within(0..=longest) as u32;
    let body: Vec<u8> = (0..length).map(|_| rng.below(256) as u8).collect();
    let message = [&length.to_be_bytes()[..], &body].concat();

    net.listen(server, 80);
    let sender = net.connect(client, "10.0.2.1", 80)?;
    let mut sent = 0;
    let mut receiver = None;
    let mut received = Vec::new();
    // A peer that is gone is noticed by a program that asks.
    let ask = |net: &mut Internet, tcp: Tcp| net.tcp(tcp).set_keep_alive(Some(seconds(10).into()));
    ask(&mut net, sender);
    net.run(seconds(3600), |net| {
        if sent < message.len() {
            sent += net.write(sender, &message[sent..]);
            if sent == message.len() {
                net.close(sender);
            }
        }
        if let Some(tcp) = net.accept(server, 80) {
            ask(net, tcp);
            receiver = Some(tcp);
        }
        if let Some(tcp) = receiver {
            received.extend(net.read(tcp));
            if !net.tcp(tcp).may_recv() {
                net.close(tcp);
            }
        }
        true
    });
    assert!(!net.tcp(sender).is_open(), "seed {seed}: the sender hangs");
    if let Some(receiver) = receiver {
        assert!(!net.tcp(receiver).is_open(), "seed {seed}: the receiver hangs");
    }
    assert!(message.starts_with(&received), "seed {seed}: other bytes arrived");
    let is_complete = received.len() == message.len();
    let outcome = if is_complete { Outcome::Complete } else { Outcome::Failed };
    Ok((net, server, outcome))
}

#[test]
fn streams_over_bad_links_arrive_whole_or_fail() -> Result<(), TopologyError> {
    let (mut complete, mut failed) = (0, 0);
    for seed in 0..1000 {
        match stream(seed, 60, 20_000)?.2 {
            Outcome::Complete => complete += 1,
            Outcome::Failed => failed += 1,
        }
    }
    // Both happen, or the test would show nothing.
    assert!(complete > 500 && failed > 10, "{complete} complete, {failed} failed");
    Ok(())
}

#[test]
fn two_runs_of_a_bad_link_are_the_same_byte_for_byte() -> Result<(), TopologyError> {
    for seed in 0..20 {
        let (first, server, _) = stream(seed, 100, 5_000)?;
        let (second, ..) = stream(seed, 100, 5_000)?;
        assert_eq!(first.record().pcap(server), second.record().pcap(server));
        assert_eq!(first.record(), second.record());
    }
    Ok(())
}

#[test]
fn a_good_link_delivers_a_megabyte_in_its_own_time() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let client = net.host("client", "10.0.1.1")?;
    let server = net.host("server", "10.0.2.1")?;
    net.link(client, server, Link { rate: 8_000_000, ..Link::default() })?;
    net.listen(server, 80);
    let sender = net.connect(client, "10.0.2.1", 80)?;
    let (message, mut sent, mut received, mut receiver) = (vec![7; 1_000_000], 0, 0, None);
    net.run(seconds(60), |net| {
        sent += net.write(sender, &message[sent..]);
        receiver = receiver.or_else(|| net.accept(server, 80));
        received += receiver.map_or(0, |tcp| net.read(tcp).len());
        received < message.len()
    });
    assert_eq!(received, message.len());
    // A second for the bytes at 1 MB/s, 40 bytes of headers for each 1,460, and a slow start.
    assert!((ms(1027)..ms(1300)).contains(&net.now()), "{:?}", net.now());
    Ok(())
}
