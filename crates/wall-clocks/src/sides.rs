//! A time server and a client, as real processes: NTP over UDP.
//!
//! The server answers requests, and nothing else: other modes of NTP have longer answers, with
//! which attackers have flooded the addresses that they claimed to have. What holds of it: a reply
//! is never longer than its request; it keeps nothing of a client, its memory is a buffer of one
//! packet, and its log has a limit.
//!
//! The client is [`ask()`].

mod ask;

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use common::datagram;
use common::transport::{Reason, TransportError};
use narration::{Log, WithHint, number};

pub use ask::{Ask, AskError, ask};

use crate::packet::{CLIENT, LENGTH, NtpTime, Packet, SERVER, Short, unix_nanos};

/// How many datagrams a server logs: every sender can make it write.
const LOGGED: u64 = 1_000;

/// The longest datagram that is read whole: what follows the first 48 bytes is not looked at.
const BUFFER: usize = 1_500;

/// The stratum of a server that asks no other. There is no clock of stratum 1 above it, so it says
/// a large one, and a client that knows a better server takes that.
const STRATUM: u8 = 10;

/// How far this machine's clock may be off, as far as we know: the course does not know who set it.
const UNKNOWN: Duration = Duration::from_secs(1);

/// A reading of this machine's two clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Nanoseconds since 1970.
    pub(crate) wall: i128,
    /// For intervals.
    pub(crate) monotonic: Instant,
}

/// Reads the clocks of this machine: the only place of the lesson that does.
///
/// The process can be stopped between the two, so the monotonic clock is read first. Then what it
/// counts from here on is longer than what the wall clock would: t4 is too late, which makes a
/// sample worse and its bound larger. In the other order t4 would be too early, as if the reply had
/// come before it did, and the bound would not hold.
#[expect(clippy::disallowed_methods, reason = "the wall clock of this machine is the subject here")]
pub(crate) fn read_clocks() -> Reading {
    let monotonic = Instant::now();
    Reading { wall: unix_nanos(SystemTime::now()), monotonic }
}

/// Answers requests until a signal stops the process, with a clock that is wrong by `wrong_by`
/// nanoseconds.
///
/// # Errors
/// If the address cannot be bound, or the socket fails.
pub fn serve(listen: &str, wrong_by: i64) -> anyhow::Result<()> {
    let socket = datagram::bind(listen).hint_from(TransportError::advice)?;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let stopper = Arc::clone(&is_stopped);
    // Relaxed: the flag stands for nothing but itself.
    ctrlc::set_handler(move || stopper.store(true, Ordering::Relaxed))
        .context("cannot listen for signals")?;
    let addr = socket.local_addr()?;
    narration::listening(addr)?;
    let clock = || NtpTime::from_unix(read_clocks().wall + i128::from(wrong_by));
    let mut log = Log::up_to(LOGGED);
    let served = datagram::serve(&socket, BUFFER, &is_stopped, |datagram, from| {
        let received = clock();
        let request = request(datagram);
        // The last thing before it leaves: whatever comes later counts as time on the way.
        let reply = request.map(|request| reply(&request, received, clock(), wrong_by));
        log.line(format_args!("{from} {}", send(&socket, reply, from)));
    });
    served.with_context(|| format!("cannot receive on {addr}"))
}

/// Reads a datagram that is to be answered.
///
/// # Errors
/// Why it is not.
fn request(datagram: &[u8]) -> Result<Packet, String> {
    let Some(packet) = Packet::parse(datagram) else {
        return Err(format!("{} bytes, and a request has {LENGTH}", number(datagram.len() as u64)));
    };
    // Version 4 is understood by those from 1 on, and a reply to a reply would have no end.
    match (packet.version, packet.mode) {
        (1..=4, CLIENT) => Ok(packet),
        (1..=4, mode) => Err(format!("mode {mode}, and a request has {CLIENT}")),
        (version, _) => Err(format!("version {version}, which is unknown")),
    }
}

/// The reply to a request. It admits the error that it was told to make.
fn reply(request: &Packet, receive: NtpTime, transmit: NtpTime, wrong_by: i64) -> Packet {
    let admitted = UNKNOWN + Duration::from_nanos(wrong_by.unsigned_abs());
    Packet {
        leap: 0,
        version: request.version,
        mode: SERVER,
        stratum: STRATUM,
        poll: request.poll,
        // About a microsecond: most systems count finer.
        precision: -20,
        root_delay: Short::default(),
        root_dispersion: Short::at_least(admitted),
        // The address by which NTP servers name a machine's own clock.
        reference_id: [127, 127, 1, 1],
        reference: receive,
        origin: request.transmit,
        receive,
        transmit,
    }
}

/// Sends a reply, and returns the line about it.
fn send(socket: &UdpSocket, reply: Result<Packet, String>, to: SocketAddr) -> String {
    match reply.map(|reply| socket.send_to(&reply.to_bytes(), to)) {
        Err(dropped) => format!("dropped: {dropped}"),
        // A reply that cannot be sent is as good as one that is lost.
        Ok(Err(error)) => format!("not answered: {}", Reason(error)),
        Ok(Ok(_)) => "answered".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: NtpTime = NtpTime(7 << 32);

    fn bytes(version: u8, mode: u8) -> [u8; LENGTH] {
        Packet { version, mode, transmit: T, poll: 6, ..Packet::default() }.to_bytes()
    }

    #[test]
    fn requests_alone_are_answered() {
        for version in 0..8 {
            for mode in 0..8 {
                let is_request = mode == CLIENT && (1..=4).contains(&version);
                assert_eq!(request(&bytes(version, mode)).is_ok(), is_request, "{version} {mode}");
            }
        }
        let (short, whole) = (bytes(4, CLIENT), bytes(4, CLIENT));
        assert_eq!(request(&short[..47]), Err("47 bytes, and a request has 48".to_owned()));
        assert_eq!(request(&[]), Err("0 bytes, and a request has 48".to_owned()));
        // Extensions are not looked at, and the reply has none.
        assert_eq!(request(&[&whole[..], &[0; 100]].concat()), request(&whole));
    }

    #[test]
    fn a_reply_says_to_which_request_and_how_wrong_it_may_be() {
        let request = request(&bytes(3, CLIENT)).unwrap();
        let [receive, transmit] = [NtpTime(8 << 32), NtpTime(9 << 32)];
        let honest = reply(&request, receive, transmit, -3_000_000_000);
        assert_eq!((honest.version, honest.mode, honest.poll), (3, SERVER, 6));
        assert_eq!((honest.origin, honest.receive, honest.transmit), (T, receive, transmit));
        assert_eq!(honest.root_dispersion.duration(), Duration::from_secs(4));
        assert!(honest.precision < 0, "its clock counts finer than seconds");
        let years = reply(&request, receive, transmit, i64::MIN);
        assert_eq!(years.root_dispersion, Short(u32::MAX));
    }
}
