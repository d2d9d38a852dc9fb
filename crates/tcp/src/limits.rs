//! What TCP cannot do: know of a peer that is gone.

use std::time::Duration;

use internet::smoltcp::socket::tcp::State;
use internet::{Internet, Link, Tcp, TcpConfig, TopologyError, What};

use crate::pair::Pair;

/// When the peer is gone.
pub const GONE_AT: Duration = Duration::from_secs(10);

/// What a client met whose peer was gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// How long after the first try each further one was sent.
    pub tries: Vec<Duration>,
    /// How long after the first try the stack gave up.
    pub gave_up_after: Duration,
}

/// The link is cut, or the peer's machine lost its power: the client sends something, and no answer
/// comes.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn partition() -> Result<Silence, TopologyError> {
    let never = Duration::from_secs(100_000);
    let link = Link { cuts: vec![GONE_AT..never], ..Link::default() };
    let mut pair = Pair::new(b"hello", link, TcpConfig::default(), &[])?;
    pair.run_until(GONE_AT);
    pair.count_from_here();
    pair.send(b"are you there?");
    let hour = Duration::from_secs(3600);
    let client = pair.tcp;
    while pair.net.tcp(client).is_open() && pair.net.step(hour) {}
    let gave_up_after = pair.net.now() - GONE_AT;
    let tries = pair
        .segments()
        .into_iter()
        .filter(|seen| seen.what == What::Sent && seen.is_clients && seen.segment.length > 0);
    let tries: Vec<_> = tries.map(|seen| seen.time - GONE_AT).skip(1).collect();
    Ok(Silence { tries, gave_up_after })
}

/// How long a connection on which no program sends stays open though the peer is gone: it is still
/// open after this time.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn still_open_after(time: Duration) -> Result<bool, TopologyError> {
    let never = Duration::from_secs(10_000_000);
    let link = Link { cuts: vec![GONE_AT..never], ..Link::default() };
    let mut pair = Pair::new(b"hello", link, TcpConfig::default(), &[])?;
    pair.run_until(GONE_AT + time);
    Ok(pair.net.tcp(pair.tcp).state() == State::Established)
}

/// How a client learns that its peer was switched off and on: what the server's machine answers to
/// the next segment.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn restarted() -> Result<String, TopologyError> {
    let mut pair = Pair::new(b"hello", Link::default(), TcpConfig::default(), &[])?;
    pair.run_until(GONE_AT);
    pair.net.restart(pair.server);
    pair.accepted = None;
    pair.count_from_here();
    pair.send(b"are you there?");
    pair.run_until(GONE_AT + Duration::from_secs(1));
    let answer = pair.segments().into_iter().find(|seen| !seen.is_clients);
    Ok(answer.map_or(String::new(), |seen| seen.segment.to_string()))
}

/// What both ends of an idle connection think of it after a firewall has forgotten it, and the
/// client has tried to use it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// How long neither side had sent.
    pub idle: Duration,
    /// Whether what the client then sent arrived.
    pub arrived: bool,
    /// Whether the client's end is still open a minute and a half later.
    pub client_open: bool,
    /// Whether the server's is.
    pub server_open: bool,
}

/// How long the firewall remembers.
pub const REMEMBERS: Duration = Duration::from_secs(300);

/// A connection is idle for `idle`, behind a firewall, and then used again.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn idle_behind_a_firewall(idle: Duration) -> Result<Forgotten, TopologyError> {
    let mut net = Internet::new(1);
    let client = net.host("client", "192.0.2.10")?;
    let server = net.host("server", "203.0.113.80")?;
    let firewall = net.firewall("firewall", "198.51.100.1", REMEMBERS)?;
    net.link(client, firewall, Link::default())?;
    net.link(firewall, server, Link::default())?;
    net.listen(server, 80);
    let tcp = net.connect(client, "203.0.113.80", 80)?;
    let second = Duration::from_secs(1);
    net.run_until(second);
    let accepted = net.accept(server, 80).expect("the server accepts");
    // The last segment of the handshake was seen a moment after the start.
    net.run_until(idle);
    net.write(tcp, b"are you there?");
    net.run_until(net.now() + 90 * second);
    let arrived = !net.read(accepted).is_empty();
    let is_open = |net: &mut Internet, tcp: Tcp| net.tcp(tcp).is_open();
    let (client_open, server_open) = (is_open(&mut net, tcp), is_open(&mut net, accepted));
    Ok(Forgotten { idle, arrived, client_open, server_open })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_double_until_the_stack_gives_up() -> Result<(), TopologyError> {
        let Silence { tries, gave_up_after } = partition()?;
        assert!(tries.len() >= 4, "{tries:?}");
        let gaps: Vec<_> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for pair in gaps.windows(2) {
            assert_eq!(pair[1].as_millis(), 2 * pair[0].as_millis(), "{gaps:?}");
        }
        assert!(gave_up_after >= Duration::from_secs(60), "{gave_up_after:?}");
        Ok(())
    }

    #[test]
    fn a_silent_connection_stays_open_for_ever() -> Result<(), TopologyError> {
        assert!(still_open_after(Duration::from_secs(24 * 3600))?);
        Ok(())
    }

    #[test]
    fn a_machine_that_restarted_answers_with_a_reset() -> Result<(), TopologyError> {
        assert_eq!(restarted()?, "reset");
        Ok(())
    }

    #[test]
    fn a_firewall_that_forgot_ends_one_side_alone() -> Result<(), TopologyError> {
        let idle = Duration::from_secs(299);
        let remembered = idle_behind_a_firewall(idle)?;
        assert!(remembered.arrived && remembered.client_open);
        let idle = Duration::from_secs(301);
        let forgotten = idle_behind_a_firewall(idle)?;
        assert_eq!(
            forgotten,
            Forgotten { idle, arrived: false, client_open: false, server_open: true }
        );
        Ok(())
    }
}
