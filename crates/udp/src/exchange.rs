//! One question and one answer, over UDP and over TCP.

use std::net::SocketAddrV4;
use std::time::Duration;

use internet::smoltcp::socket::tcp::State;
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

struct Pair {
    net: Internet,
    client: NodeId,
    server: NodeId,
}

impl Pair {
    fn new() -> Result<Pair, TopologyError> {
        let mut net = Internet::new(1);
        let (client, server) = (net.host("client", "192.0.2.10")?, net.host("server", SERVER)?);
        net.link(client, server, Link { delay: DELAY, ..Link::default() })?;
        Ok(Pair { net, client, server })
    }

    /// The answer has come; what else is to be sent is sent.
    fn cost(mut self, time: Duration) -> Cost {
        self.net.run_until(time + Duration::from_secs(10));
        let sent = self.net.record().notes.iter().filter(|note| note.what == What::Sent);
        let sizes: Vec<usize> = sent.map(|note| note.packet.bytes.len()).collect();
        Cost { time, packets: sizes.len(), bytes: sizes.iter().sum() }
    }
}

const SERVER: &str = "203.0.113.80";

/// In two datagrams.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn over_udp() -> Result<Cost, TopologyError> {
    let Pair { mut net, client, server } = Pair::new()?;
    let (asks, answers) = (net.udp_bind(client, 50_000), net.udp_bind(server, PORT));
    net.send_to(asks, SocketAddrV4::new(net.address(server), PORT), QUESTION);
    net.run(Duration::from_secs(60), |net| {
        if let Some((from, _)) = net.receive(answers) {
            net.send_to(answers, from, ANSWER);
        }
        net.receive(asks).is_none()
    });
    let answered = net.now();
    Ok(Pair { net, client, server }.cost(answered))
}

/// Over a connection, which the server closes after its answer.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn over_tcp() -> Result<Cost, TopologyError> {
    let Pair { mut net, client, server } = Pair::new()?;
    net.listen(server, PORT);
    let tcp = net.connect(client, SERVER, PORT)?;
    let (mut has_asked, mut accepted) = (false, None);
    net.run(Duration::from_secs(60), |net| {
        if !has_asked && net.tcp(tcp).may_send() {
            has_asked = net.write(tcp, QUESTION) > 0;
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
    let answered = net.now();
    net.close(tcp);
    debug_assert_ne!(net.tcp(tcp).state(), State::Established);
    Ok(Pair { net, client, server }.cost(answered))
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
