//! A position that is sent again and again: how old is the newest one that the receiver knows?
//!
//! Latest value wins: a position is worth something until the next one is there. So over UDP the
//! receiver keeps the highest number that has arrived, and what is lost is not sent again
//! ([`Latest`] is the idea). Over TCP it reads all of them, in order, and so each waits for those
//! before it.

use std::net::SocketAddrV4;
use std::time::Duration;

use internet::{Fault, Internet, Link, NodeId, Tcp, TopologyError, Udp};

/// The time between two positions.
pub const PACE: Duration = Duration::from_millis(PACE_MS as u64);

const PACE_MS: u32 = 50;

/// How long a packet takes.
pub const DELAY: Duration = Duration::from_millis(50);

/// How many positions are sent, in 20 seconds.
pub const SENT: u32 = 400;

/// A position on the wire: its number, and where x and y would stand.
const LENGTH: usize = 12;

/// What is measured begins at this millisecond, when the first positions have arrived.
const FROM: u32 = 1_000;

/// What is measured ends before this millisecond, when no more positions are sent.
const TO: u32 = SENT * PACE_MS;

const PORT: u16 = 4000;

/// What carries the positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// A datagram for each position.
    Udp,
    /// A connection, which sends what it is given at once (TCP_NODELAY).
    Tcp,
}

/// The newest position of a receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latest(Option<u32>);

impl Latest {
    /// Takes position `number`, and returns whether it is news: an old one that arrives late, and a
    /// copy, are not.
    pub fn take(&mut self, number: u32) -> bool {
        let is_news = self.0.is_none_or(|newest| number > newest);
        if is_news {
            self.0 = Some(number);
        }
        is_news
    }
}

/// What the receiver saw of the positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// When which position became the newest; the first was sent at 0.
    pub news: Vec<(Duration, u32)>,
    /// How many positions arrived that were older than the newest, or copies.
    pub ignored: u32,
    latest: Latest,
}

impl Played {
    fn arrived(&mut self, at: Duration, number: u32) {
        match self.latest.take(number) {
            true => self.news.push((at, number)),
            false => self.ignored += 1,
        }
    }

    /// How many positions the program never read, or read after a newer one.
    pub fn never_read(&self) -> u32 {
        SENT - self.news.len() as u32
    }

    /// When the program read this position as the newest; `None` if it never did.
    pub fn read_at(&self, number: u32) -> Option<Duration> {
        self.news.iter().find(|(_, each)| *each == number).map(|(time, _)| *time)
    }

    /// At each millisecond, how many milliseconds ago the newest known position was true.
    pub fn staleness(&self) -> impl Iterator<Item = (u32, u32)> {
        let mut news = self.news.iter().peekable();
        let mut newest = 0;
        (0..TO).filter_map(move |at| {
            while let Some((_, number)) =
                news.next_if(|(time, _)| time.as_micros() <= u128::from(at) * 1_000)
            {
                newest = *number;
            }
            (at >= FROM).then(|| (at, at - newest * PACE_MS))
        })
    }

    /// The staleness in three numbers.
    pub fn summary(&self) -> Summary {
        let mut counts = vec![0_usize; TO as usize];
        self.staleness().for_each(|(_, stale)| counts[stale as usize] += 1);
        let all: usize = counts.iter().sum();
        // Nearest rank: the smallest value that at least `wanted` values do not exceed.
        let rank = |percent: usize| {
            let wanted = (all * percent).div_ceil(100);
            let mut seen = 0;
            counts
                .iter()
                .position(|count| {
                    seen += count;
                    seen >= wanted
                })
                .unwrap_or(0) as u32
        };
        Summary { median: rank(50), p99: rank(99), worst: rank(100) }
    }
}

/// The staleness of a game, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Half of the time it is at most this.
    pub median: u32,
    /// 99 hundredths of the time it is at most this (by nearest rank).
    pub p99: u32,
    /// It is never more than this.
    pub worst: u32,
}

/// A link that loses this many of a thousand packets, each way.
fn link(lost: u64) -> Link {
    Link { delay: DELAY, lost, ..Link::default() }
}

/// Sends all positions over a link that loses position `missing`. Over TCP that holds where the
/// link loses nothing before it: a segment that is sent again counts as well.
fn play(over: Over, seed: u64, link: Link, missing: Option<u32>) -> Result<Played, TopologyError> {
    let mut game = Game::new(over, seed, link)?;
    if let Some(number) = missing {
        // Of a connection, two packets of the handshake were sent before.
        let before = if over == Over::Tcp { 2 } else { 0 };
        let nth = before + u64::from(number) + 1;
        game.net.fault(game.hosts[0], game.hosts[1], nth, Fault::Lose)?;
    }
    game.connect();
    for number in 0..SENT {
        game.run_until(PACE * number);
        game.send(number);
    }
    // A minute more, for what is in flight or has to be sent again.
    game.run_until(Duration::from_secs(80));
    Ok(game.played)
}

/// The game over UDP and over TCP. The link loses `lost` of a thousand packets, each way, and
/// position `missing`; for a `missing` over TCP, `lost` has to be 0.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn both(seed: u64, lost: u64, missing: Option<u32>) -> Result<[Played; 2], TopologyError> {
    let play = |over| play(over, seed, link(lost), missing);
    Ok([play(Over::Udp)?, play(Over::Tcp)?])
}

/// The least and the most of the 99th percentiles over the seeds from 1 to `seeds`, in
/// milliseconds: over UDP and over TCP, with `lost` of a thousand packets lost each way.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn spread(seeds: u64, lost: u64) -> Result<[(u32, u32); 2], TopologyError> {
    let mut spread = [(u32::MAX, 0); 2];
    for seed in 1..=seeds {
        for ((least, most), played) in spread.iter_mut().zip(both(seed, lost, None)?) {
            let p99 = played.summary().p99;
            (*least, *most) = (p99.min(*least), p99.max(*most));
        }
    }
    Ok(spread)
}

struct Game {
    net: Internet,
    hosts: [NodeId; 2],
    /// When the first position is sent.
    begins: Duration,
    ends: Ends,
    played: Played,
}

enum Ends {
    Udp([Udp; 2]),
    Tcp { sender: Tcp, receiver: Option<Tcp>, unread: Vec<u8> },
}

impl Game {
    fn new(over: Over, seed: u64, link: Link) -> Result<Game, TopologyError> {
        let mut net = Internet::new(seed);
        let hosts = [net.host("mover", "192.0.2.10")?, net.host("viewer", "203.0.113.80")?];
        net.link(hosts[0], hosts[1], link)?;
        let ends = match over {
            Over::Udp => Ends::Udp(hosts.map(|host| net.udp_bind(host, PORT))),
            Over::Tcp => {
                net.listen(hosts[1], PORT);
                let sender = net.connect(hosts[0], "203.0.113.80", PORT)?;
                net.tcp(sender).set_nagle_enabled(false);
                Ends::Tcp { sender, receiver: None, unread: Vec::new() }
            }
        };
        let (begins, played) = (Duration::ZERO, Played::default());
        Ok(Game { net, hosts, begins, ends, played })
    }

    fn connect(&mut self) {
        if let Ends::Tcp { sender, .. } = self.ends {
            while !self.net.tcp(sender).may_send() && self.net.step(Duration::from_secs(60)) {}
        }
        self.begins = self.net.now();
    }

    fn send(&mut self, number: u32) {
        let mut bytes = [0; LENGTH];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        match &self.ends {
            Ends::Udp([sender, _]) => {
                let to = SocketAddrV4::new(self.net.address(self.hosts[1]), PORT);
                self.net.send_to(*sender, to, &bytes);
            }
            Ends::Tcp { sender, .. } => {
                let taken = self.net.write(*sender, &bytes);
                assert_eq!(taken, LENGTH, "the send buffer holds seconds of positions");
            }
        }
    }

    /// Runs to this time after the beginning; the viewer reads what arrives.
    fn run_until(&mut self, time: Duration) {
        let until = self.begins + time;
        while self.net.step(until) {
            self.receive();
        }
    }

    fn receive(&mut self) {
        let at = self.net.now().saturating_sub(self.begins);
        match &mut self.ends {
            Ends::Udp([_, receiver]) => {
                while let Some((_, bytes)) = self.net.receive(*receiver) {
                    self.played.arrived(at, number(&bytes));
                }
            }
            Ends::Tcp { receiver, unread, .. } => {
                *receiver = receiver.or_else(|| self.net.accept(self.hosts[1], PORT));
                let Some(tcp) = *receiver else { return };
                unread.extend(self.net.read(tcp));
                let whole = unread.len() / LENGTH * LENGTH;
                for bytes in unread.drain(..whole).as_slice().chunks(LENGTH) {
                    self.played.arrived(at, number(bytes));
                }
            }
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    let first = bytes.first_chunk().expect("a position begins with its number");
    u32::from_be_bytes(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_positions_and_copies_are_not_news() {
        let mut latest = Latest::default();
        let news = [3, 3, 2, 5, 4, 6, 0].map(|number| latest.take(number));
        assert_eq!(news, [true, false, false, true, false, true, false]);
    }

    #[test]
    fn without_loss_both_are_equally_stale() -> Result<(), TopologyError> {
        for played in both(1, 0, None)? {
            assert_eq!(played.summary(), Summary { median: 75, p99: 100, worst: 100 });
            assert_eq!((played.never_read(), played.ignored), (0, 0));
        }
        Ok(())
    }

    #[test]
    fn a_lost_position_delays_those_behind_it_over_tcp_alone() -> Result<(), TopologyError> {
        let [udp, tcp] = both(1, 0, Some(40))?;
        let read = |played: &Played| {
            [39, 40, 41, 45, 46].map(|number| played.read_at(number).map(|at| at.as_millis()))
        };
        assert_eq!(read(&udp), [Some(2000), None, Some(2100), Some(2300), Some(2350)]);
        assert_eq!(read(&tcp), [Some(2000), Some(2300), Some(2300), Some(2300), Some(2350)]);
        assert_eq!((udp.summary().worst, tcp.summary().worst), (150, 350));
        Ok(())
    }

    #[test]
    fn udp_loses_positions_and_stays_fresh_whatever_the_seed() -> Result<(), TopologyError> {
        let mut lost = 0;
        for seed in 0..30 {
            let [udp, tcp] = both(seed, 20, None)?;
            lost += udp.never_read();
            assert_eq!(tcp.never_read(), 0, "seed {seed}");
            assert!(udp.summary().p99 < tcp.summary().p99, "seed {seed}");
        }
        // 2 % of the positions.
        assert!((180..300).contains(&lost), "{lost}");
        Ok(())
    }

    #[test]
    fn the_spread_over_one_seed_is_its_percentile() -> Result<(), TopologyError> {
        let p99 = both(1, 20, None)?.map(|played| played.summary().p99);
        assert_eq!(spread(1, 20)?, p99.map(|p99| (p99, p99)));
        Ok(())
    }

    #[test]
    fn what_is_overtaken_or_copied_is_ignored() -> Result<(), TopologyError> {
        let bad = Link { reordered: 100, duplicated: 100, ..link(0) };
        let udp = play(Over::Udp, 1, bad.clone(), None)?;
        assert!(udp.ignored > 40, "{}", udp.ignored);
        assert!(udp.news.is_sorted_by_key(|(_, number)| *number));
        // A stream has neither copies nor another order.
        let tcp = play(Over::Tcp, 1, bad, None)?;
        assert_eq!((tcp.ignored, tcp.never_read()), (0, 0));
        Ok(())
    }
}
