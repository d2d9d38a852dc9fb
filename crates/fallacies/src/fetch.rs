//! One request and its answer over TCP.

use std::time::Duration;

use internet::{Internet, Link, TopologyError};

/// The request, in bytes.
const REQUEST: usize = 100;

/// By then an answer is there, or never.
const TIMEOUT: Duration = Duration::from_secs(600);

const PORT: u16 = 80;

/// How long it takes from the first packet of the handshake until the last of `bytes` bytes is
/// there; `None` if it never is.
///
/// # Errors
/// If the link is invalid.
pub fn fetch(link: Link, seed: u64, bytes: usize) -> Result<Option<Duration>, TopologyError> {
    let mut net = Internet::new(seed);
    let (client, server) = (net.host("client", "192.0.2.10")?, net.host("server", "203.0.113.80")?);
    net.link(client, server, link)?;
    net.listen(server, PORT);
    let asks = net.connect(client, "203.0.113.80", PORT)?;
    // Neither side waits for more to come before it sends.
    net.tcp(asks).set_ack_delay(None);
    net.tcp(asks).set_nagle_enabled(false);
    let (mut has_asked, mut answers, mut sent, mut arrived) = (false, None, 0, 0);
    net.run(TIMEOUT, |net| {
        if !has_asked && net.tcp(asks).may_send() {
            has_asked = net.write(asks, &[b'?'; REQUEST]) == REQUEST;
        }
        if answers.is_none()
            && let Some(tcp) = net.accept(server, PORT)
        {
            net.tcp(tcp).set_nagle_enabled(false);
            answers = Some(tcp);
        }
        if let Some(tcp) = answers
            && (sent > 0 || !net.read(tcp).is_empty())
        {
            sent += net.write(tcp, &vec![b'!'; bytes - sent]);
        }
        arrived += net.read(asks).len();
        arrived < bytes
    });
    Ok((arrived == bytes).then(|| net.now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{desk, ocean};

    #[test]
    fn a_short_answer_takes_two_round_trips() -> Result<(), TopologyError> {
        let time = fetch(ocean(), 1, 1_000)?.map(|time| time.as_millis());
        assert_eq!(time, Some(2 * 56));
        Ok(())
    }

    #[test]
    fn a_long_answer_takes_what_the_rate_allows() -> Result<(), TopologyError> {
        let slow = Link { rate: 10_000_000, ..desk() };
        let time = fetch(slow, 1, 1_000_000)?.map(|time| time.as_millis());
        // 800 ms, and the headers.
        assert!(time.is_some_and(|ms| (820..860).contains(&ms)), "{time:?}");
        Ok(())
    }

    #[test]
    fn over_a_link_that_is_cut_nothing_comes() -> Result<(), TopologyError> {
        let cut = Link { cuts: vec![Duration::ZERO..Duration::MAX], ..desk() };
        assert_eq!(fetch(cut, 1, 1_000)?, None);
        Ok(())
    }
}
