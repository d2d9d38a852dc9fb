//! A client of NTP: how far this machine's clock and a server's are apart.
//!
//! A reply counts if it repeats the timestamp that the request carried (RFC 5905, section 8): what
//! is late, copied or made up by someone who has not seen the request does not. All that comes
//! for one request has one deadline.

use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use common::datagram::{self, is_passing, is_refusal};
use common::error_chain;
use common::transport::{Deadline, Reason, TransportError, resolve_one};
use narration::{WithHint, exact, number, printable};

use super::{BUFFER, read_clocks};
use crate::packet::{CLIENT, NtpTime, Packet, SERVER, UNSYNCHRONISED};
use crate::sample::{Sample, SampleError, best};

/// How long the look-up of a name may take.
const LOOK_UP: Duration = Duration::from_secs(5);

/// How to ask.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// How many requests are sent, one after the other; at least one.
    pub samples: u32,
    /// How long to wait for the reply to each.
    pub timeout: Duration,
}

/// Why a request brought no sample.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No program has the server's port.
    #[error("{to} refuses datagrams: no program has that port")]
    Refused {
        /// Who was asked.
        to: SocketAddr,
    },
    /// No reply came in time.
    #[error("no reply from {to} within {}{}", exact(*within), but_others(*others))]
    NoReply {
        /// Who was asked.
        to: SocketAddr,
        /// The timeout.
        within: Duration,
        /// How many datagrams came that were not a reply to this request.
        others: u64,
    },
    /// The server refuses: a "kiss of death".
    #[error("{to} refuses, with the code {code}")]
    Kiss {
        /// Who was asked.
        to: SocketAddr,
        /// Four letters: RATE says that it is asked too often.
        code: String,
    },
    /// The server says that its own clock is not set.
    #[error("the clock of {to} is not set: {why}")]
    Unsynchronised {
        /// Who was asked.
        to: SocketAddr,
        /// By which field of its reply that shows.
        why: String,
    },
    /// The four timestamps are of no exchange.
    #[error("the timestamps of {to} make no sense")]
    Contradiction {
        /// Who was asked.
        to: SocketAddr,
        /// Why not.
        source: SampleError,
    },
    /// The socket failed.
    #[error("cannot exchange datagrams with {to}")]
    Io {
        /// Who was asked.
        to: SocketAddr,
        /// The system's reason.
        source: Reason,
    },
}

impl AskError {
    fn advice(&self) -> Option<&'static str> {
        match self {
            AskError::Refused { .. } => Some("start the server first, in another terminal"),
            AskError::NoReply { .. } => {
                Some("is it a server of NTP? --timeout waits longer, and a firewall may drop UDP")
            }
            AskError::Kiss { .. } => Some("ask less often, or ask another server"),
            AskError::Unsynchronised { .. } | AskError::Contradiction { .. } => {
                Some("ask another server")
            }
            AskError::Io { .. } => None,
        }
    }
}

/// Asks a server, logs each sample, and writes the one to trust to `out`.
///
/// # Errors
/// If the name has no address, or no request brought a sample: then why the last one did not.
///
/// # Panics
/// If not one request is to be sent.
pub fn ask(to: &str, how: Ask, out: &mut impl Write) -> anyhow::Result<()> {
    let to = resolve_one(to, Deadline::after(LOOK_UP)).hint_from(TransportError::advice)?;
    let socket = datagram::connect(to).map_err(|error| AskError::Io { to, source: Reason(error) });
    let client = Client { socket: socket.hint_from(AskError::advice)?, to, timeout: how.timeout };
    let Answer { sample, admitted } = client.ask(how.samples).hint_from(AskError::advice)?;
    // In a packet it is in parts of 2^16.
    let admitted = Duration::from_millis(admitted.as_micros().div_ceil(1_000) as u64);
    narration::log(format_args!(
        "the server admits that its clock may be off by {}",
        exact(admitted)
    ));
    let times = [sample.offset.unsigned_abs(), sample.bound()];
    let [offset, bound] = times.map(|time| seconds(time, 9));
    writeln!(out, "{} {offset}, bound {bound}", side(&sample))?;
    out.flush()?;
    Ok(())
}

/// Where the server's clock is.
fn side(sample: &Sample) -> &'static str {
    if sample.offset < 0 { "behind" } else { "ahead" }
}

/// A sample in words.
fn shown(sample: &Sample) -> String {
    let times = [sample.offset.unsigned_abs(), sample.delay, sample.bound()];
    let [offset, delay, bound] = times.map(|time| seconds(time, 6));
    format!("{} {offset}, delay {delay}, bound {bound}", side(sample))
}

/// Measured nanoseconds as seconds with `digits` digits behind the point.
fn seconds(nanos: u64, digits: u32) -> String {
    let (whole, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let (rest, width) = (rest / 10_u64.pow(9 - digits), digits as usize);
    format!("≈ {whole}.{rest:0width$} s")
}

fn but_others(others: u64) -> String {
    match others {
        0 => String::new(),
        1 => ", but a datagram that is not a reply to the request".to_owned(),
        _ => format!(", but {} datagrams that are not replies to the request", number(others)),
    }
}

/// What a datagram is for a client that waits for the reply to one request.
#[derive(Debug)]
enum Datagram {
    /// The reply.
    Reply(Packet),
    /// Something else: too short, not a reply, or a reply to another request.
    Other,
}

/// Reads what came while the reply to the request that was sent at `sent` is awaited.
fn read(datagram: &[u8], sent: NtpTime) -> Datagram {
    match Packet::parse(datagram) {
        Some(reply) if reply.mode == SERVER && reply.origin == sent => Datagram::Reply(reply),
        _ => Datagram::Other,
    }
}

/// What one reply says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    sample: Sample,
    /// How far the server admits to be off.
    admitted: Duration,
}

struct Client {
    /// Connected, so it takes datagrams from the server alone, and hears of a port without a
    /// program. Each request goes out by the same port: a late reply shows by its timestamp.
    socket: UdpSocket,
    to: SocketAddr,
    timeout: Duration,
}

impl Client {
    /// Sends up to `requests` requests, logs what came of each, and returns the answer to trust.
    /// The last failure is the error of the whole, unless a sample came.
    fn ask(&self, requests: u32) -> Result<Answer, AskError> {
        let mut answers = Vec::new();
        for nth in 1..=requests {
            let (line, is_last) = match self.sample() {
                Ok(answer) => {
                    let line = shown(&answer.sample);
                    answers.push(answer);
                    (line, false)
                }
                Err(error) => {
                    // A client that is refused does not ask again (RFC 5905, section 7.4).
                    let is_last = nth == requests || matches!(error, AskError::Kiss { .. });
                    if is_last && answers.is_empty() {
                        return Err(error);
                    }
                    (error_chain(&error), is_last)
                }
            };
            narration::log(format_args!("sample {nth}: {line}"));
            if is_last {
                break;
            }
        }
        Ok(trusted(&answers).expect("of at least one request there is a sample or an error"))
    }

    /// Sends one request.
    fn sample(&self) -> Result<Answer, AskError> {
        let to = self.to;
        let deadline = Deadline::after(self.timeout);
        let leaves = read_clocks();
        let sent = NtpTime::from_unix(leaves.wall);
        let request = Packet { version: 4, mode: CLIENT, transmit: sent, ..Packet::default() };
        datagram::send(&self.socket, &request.to_bytes()).map_err(|error| self.failed(error))?;
        let reply = self.receive(sent, deadline)?;
        // By the monotonic clock: t4 - t1 is right, even if the wall clock is set meanwhile.
        let waited = read_clocks().monotonic.duration_since(leaves.monotonic);
        let waited = i64::try_from(waited.as_nanos()).unwrap_or(i64::MAX);
        check(to, &reply)?;
        // Each is taken relative to t1, whatever the era.
        let timestamps = [0, reply.receive.since(sent), reply.transmit.since(sent), waited];
        let sample = Sample::new(timestamps);
        let sample = sample.map_err(|source| AskError::Contradiction { to, source })?;
        let admitted = reply.root_delay.duration() / 2 + reply.root_dispersion.duration();
        Ok(Answer { sample, admitted })
    }

    /// Waits for the reply to the request that was sent at `sent`.
    fn receive(&self, sent: NtpTime, deadline: Deadline) -> Result<Packet, AskError> {
        let (mut buffer, mut others) = ([0; BUFFER], 0_u64);
        while let Some(remaining) = deadline.remaining() {
            self.socket.set_read_timeout(Some(remaining)).map_err(|error| self.failed(error))?;
            match self.socket.recv(&mut buffer) {
                Ok(length) => match read(&buffer[..length], sent) {
                    Datagram::Reply(reply) => return Ok(reply),
                    Datagram::Other => others = others.saturating_add(1),
                },
                Err(error) if is_refusal(&error) => return Err(self.failed(error)),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Err(AskError::NoReply { to: self.to, within: self.timeout, others })
    }

    fn failed(&self, error: io::Error) -> AskError {
        let to = self.to;
        match is_refusal(&error) {
            true => AskError::Refused { to },
            false => AskError::Io { to, source: Reason(error) },
        }
    }
}

/// The answer with the best sample.
fn trusted(answers: &[Answer]) -> Option<Answer> {
    let samples: Vec<_> = answers.iter().map(|answer| answer.sample).collect();
    let best = best(&samples)?;
    answers.iter().copied().find(|answer| answer.sample == best)
}

/// What a server of stratum 0 says that does not refuse, but waits for its own clock to be set.
const NOT_YET: [[u8; 4]; 2] = [*b"INIT", *b"STEP"];

/// Whether a reply tells the time.
fn check(to: SocketAddr, reply: &Packet) -> Result<(), AskError> {
    let unset = |why| Err(AskError::Unsynchronised { to, why });
    let code = reply.reference_id;
    // Stratum 0 is that of a clock that is not set, too. A refusal has a code of four letters.
    let is_code = code.iter().all(u8::is_ascii_uppercase) && !NOT_YET.contains(&code);
    match (reply.leap, reply.stratum) {
        (_, 0) if is_code => Err(AskError::Kiss { to, code: printable(&code) }),
        (UNSYNCHRONISED, _) => unset(format!("its leap indicator is {UNSYNCHRONISED}")),
        (_, stratum @ (0 | 16..)) => unset(format!("its stratum is {stratum}")),
        // Zero is not a time, but says that there is none (RFC 5905, section 6).
        _ if [reply.receive, reply.transmit].contains(&NtpTime(0)) => {
            unset("its timestamps are zero".to_owned())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 123);
    const SENT: NtpTime = NtpTime(7);

    fn reply() -> Packet {
        let [receive, transmit] = [NtpTime(8), NtpTime(9)];
        let times = Packet { origin: SENT, receive, transmit, ..Packet::default() };
        Packet { version: 4, mode: SERVER, stratum: 1, ..times }
    }

    #[test]
    fn only_a_reply_to_this_request_counts() {
        let bytes = reply().to_bytes();
        assert!(matches!(read(&bytes, SENT), Datagram::Reply(_)));
        assert!(matches!(read(&bytes, NtpTime(8)), Datagram::Other));
        assert!(matches!(read(&bytes[..47], SENT), Datagram::Other));
        let request = Packet { mode: CLIENT, ..reply() };
        assert!(matches!(read(&request.to_bytes(), SENT), Datagram::Other));
    }

    #[test]
    fn a_server_without_the_time_is_named() {
        assert!(check(TO, &reply()).is_ok());
        let refused = |reply| check(TO, &reply).unwrap_err().to_string();
        let kiss = Packet { stratum: 0, reference_id: *b"RATE", ..reply() };
        assert_eq!(refused(kiss), "127.0.0.1:123 refuses, with the code RATE");
        for unset in [
            // As servers answer that have just started.
            Packet { leap: 3, reference_id: *b"INIT", ..kiss },
            Packet { leap: 3, reference_id: *b"STEP", ..kiss },
            Packet { leap: 3, reference_id: [0; 4], ..kiss },
            Packet { reference_id: [27, b'[', 0, 0], ..kiss },
            Packet { leap: 3, ..reply() },
            Packet { stratum: 16, ..reply() },
            Packet { receive: NtpTime(0), ..reply() },
            Packet { transmit: NtpTime(0), ..reply() },
        ] {
            assert!(refused(unset).starts_with("the clock of 127.0.0.1:123 is not set: its "));
        }
    }

    #[test]
    fn what_the_server_admits_belongs_to_the_trusted_sample() {
        let answers = [5, 3, 4].map(|delay| Answer {
            sample: Sample { offset: 0, delay },
            admitted: Duration::from_secs(delay),
        });
        assert_eq!(trusted(&answers), Some(answers[1]));
        assert_eq!(trusted(&[]), None);
    }

    #[test]
    fn datagrams_that_are_not_replies_are_counted() {
        assert_eq!(but_others(0), "");
        assert_eq!(but_others(1), ", but a datagram that is not a reply to the request");
        assert_eq!(but_others(2_000), ", but 2,000 datagrams that are not replies to the request");
    }

    #[test]
    fn a_sample_says_where_the_servers_clock_is() {
        let sides = [-1, 0, 1].map(|offset| side(&Sample { offset, delay: 1 }));
        assert_eq!(sides, ["behind", "ahead", "ahead"]);
        let behind = Sample { offset: -3_000_000_000, delay: 3_000 };
        let line = "behind ≈ 3.000000 s, delay ≈ 0.000003 s, bound ≈ 0.000001 s";
        assert_eq!(shown(&behind), line);
    }

    #[test]
    fn measured_seconds_are_cut_to_their_digits() {
        assert_eq!(seconds(250_013_421, 9), "≈ 0.250013421 s");
        assert_eq!(seconds(3_000_051_999, 6), "≈ 3.000051 s");
    }
}
