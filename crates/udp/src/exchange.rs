//! One question and one answer, over UDP and over TCP.

use std::net::SocketAddrV4;
use std::time::Duration;

use internet::{Internet, Link, NodeId, TopologyError, What};

/// How long a packet takes.
pub const DELAY: Duration = Duration::from_millis(50);

const PORT: u16 = 53;
const QUESTION: &[u8] = b"what time is it?";
const ANSWER: &[u8] = b"five past ten";

/// What one question and its answer took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// From the first packet to the answer.
    pub time: Duration,
    /// How many packets crossed the link, those that end a connection included.
    pub packets: usize,
    /// How many bytes they had, headers included.
    pub bytes: usize,
}

const SERVER: &str = "203.0.113.80";

/// A client and a server.
fn hosts() -> Result<(Internet, NodeId, NodeId), TopologyError> {
    let mut net = Internet::new(1);
    let (client, server) = (net.host("client", "192.0.2.10")?, net.host("server", SERVER)?);
    net.link(client, server, Link { delay: DELAY, ..Link::default() })?;
    Ok((net, client, server))
}

/// The cost of an answer that comes at this moment; what is sent after it counts as well.
fn cost(mut net: Internet) -> Cost {
    let time = net.now();
    net.run_until(time + Duration::from_secs(10));
    let sent = net.record().notes.iter().filter(|note| note.what == What::Sent);
    let sizes: Vec<usize> = sent.map(|note| note.packet.bytes.len()).collect();
    Cost { time, packets: sizes.len(), bytes: sizes.iter().sum() }
}

/// In two datagrams.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn over_udp() -> Result<Cost, TopologyError> {
    let (mut net, client, server) = hosts()?;
    let (asks, answers) = (net.udp_bind(client, 50_000), net.udp_bind(server, PORT));
    net.send_to(asks, SocketAddrV4::new(net.address(server), PORT), QUESTION);
    net.run(Duration::from_secs(60), |net| {
        if let Some((from, _)) = net.receive(answers) {
            net.send_to(answers, from, ANSWER);
        }
        net.receive(asks).is_none()
    });
    Ok(cost(net))
}

/// Over a connection, which the server closes after its answer, and then the client.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn over_tcp() -> Result<Cost, TopologyError> {
    let (mut net, client, server) = hosts()?;
    net.listen(server, PORT);
    let tcp = net.connect(client, SERVER, PORT)?;
    let (mut has_asked, mut accepted) = (false, None);
    net.run(Duration::from_secs(60), |net| {
        if !has_asked && net.tcp(tcp).may_send() {
            net.write(tcp, QUESTION);
            has_asked = true;
        }
        accepted = accepted.or_else(|| net.accept(server, PORT));
        if let Some(end) = accepted
            && !net.read(end).is_empty()
        {
            net.write(end, ANSWER);
            net.close(end);
        }
        net.read(tcp).is_empty()
    });
    net.close(tcp);
    Ok(cost(net))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcp_takes_a_round_trip_more_and_its_own_packets() -> Result<(), TopologyError> {
        let (udp, tcp) = (over_udp()?, over_tcp()?);
        let round_trips = |cost: Cost| cost.time.as_millis() / (2 * DELAY.as_millis());
        assert_eq!((round_trips(udp), udp.packets), (1, 2));
        assert_eq!((round_trips(tcp), tcp.packets), (2, 9));
        // The headers of IP and UDP.
        assert_eq!(udp.bytes, QUESTION.len() + ANSWER.len() + 2 * 28);
        Ok(())
    }
}
