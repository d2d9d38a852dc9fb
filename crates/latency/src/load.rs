//! A load generator: numbered requests over one connection to an echo server, by a schedule.
//!
//! Request *n* of a rate *r* is **due** at n / r seconds. In an open loop one thread sends whatever
//! is due, and another reads the answers; a request is sent whether the last one was answered or
//! not, and its latency counts from the moment at which it was due. So neither a server that
//! pauses nor a generator that falls behind makes a latency look shorter. A closed loop is here to
//! be compared with it: it waits for each answer before it sends again, and counts from there.
//!
//! What holds, whatever the server does:
//!
//! * A request is sent when it is due or later, never earlier, and in an open loop the schedule
//!   does not depend on answers.
//! * Each request that was to be sent is counted once: as answered in time, timed out, failed or
//!   not sent.
//! * An answer counts for the request whose number it ends with, once. A second one, and one to a
//!   request that was not sent, are counted apart and change no latency.
//! * A run ends when all is answered, and at the latest a timeout after the last request was due.
//! * Memory is bounded by [`MAX_REQUESTS`]: a byte for each, and two histograms.

mod answers;

use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::frame::{Framing, encode};
use common::transport::{Reason, TransportError};
use hdrhistogram::Histogram;

use answers::{Answers, is_timeout};

/// The highest rate, in requests a second.
pub const MAX_RATE: u32 = 1_000_000;
/// The longest run, and the longest timeout.
pub const MAX_TIME: Duration = Duration::from_secs(60);
/// The most requests of a run.
pub const MAX_REQUESTS: u64 = 10_000_000;

/// When the next request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loop {
    /// When it is due.
    Open,
    /// When it is due and the one before has been answered, or has timed out.
    Closed,
}

/// What to send, and when.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    rate: u32,
    length: Duration,
    timeout: Duration,
    /// Whether requests wait for answers.
    pub kind: Loop,
    /// How messages are marked.
    pub framing: Framing,
}

/// Why a plan is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No requests, or more a second than this program is for.
    #[error("a rate is 1 to 1,000,000 requests a second")]
    Rate,
    /// Zero, or longer than [`MAX_TIME`].
    #[error("a run and a timeout take more than zero and at most 60 s")]
    Time,
    /// Not even one interval between two requests, or too many of them.
    #[error("a run has 1 to 10,000,000 requests, and this one {}", narration::number(*.0))]
    Requests(u64),
}

impl Plan {
    /// As many requests a second as `rate`, for `length`; each is given up when it is not answered
    /// within `timeout` after it was due.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn new(
        kind: Loop,
        rate: u32,
        length: Duration,
        timeout: Duration,
    ) -> Result<Plan, PlanError> {
        if !(1..=MAX_RATE).contains(&rate) {
            return Err(PlanError::Rate);
        }
        if [length, timeout].iter().any(|time| time.is_zero() || *time > MAX_TIME) {
            return Err(PlanError::Time);
        }
        let plan = Plan { rate, length, timeout, kind, framing: Framing::Lines };
        match plan.requests() {
            1..=MAX_REQUESTS => Ok(plan),
            requests => Err(PlanError::Requests(requests)),
        }
    }

    /// Requests a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// How long requests are sent.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// How many requests the run has: those whose whole interval lies in it.
    pub fn requests(&self) -> u64 {
        (self.length.as_nanos() * u128::from(self.rate) / NANOS) as u64
    }

    /// When this request is due, from the start of the run on.
    pub fn due(&self, request: u64) -> Duration {
        // Rounded up, so that none is due before its time.
        let nanos = (u128::from(request) * NANOS).div_ceil(u128::from(self.rate));
        Duration::from_nanos(nanos as u64)
    }

    /// How many of all requests are due by then.
    fn due_by(&self, time: Duration) -> u64 {
        let due = time.as_nanos() * u128::from(self.rate) / NANOS;
        (due as u64).saturating_add(1).min(self.requests())
    }

    /// When the last request has timed out.
    fn end(&self) -> Duration {
        self.due(self.requests() - 1) + self.timeout
    }
}

const NANOS: u128 = 1_000_000_000;

/// What came of a run. All times in nanoseconds, to three digits.
#[derive(Debug)]
pub struct Measured {
    /// How long each answer took that came in time.
    pub latencies: Histogram<u64>,
    /// How much later than it was due each request was sent.
    pub lateness: Histogram<u64>,
    /// How many were sent.
    pub sent: u64,
    /// How many were sent in a second: of the time until the last one was sent, or of the whole
    /// run, where not all were.
    pub rate: f64,
    /// How many were sent and not answered in time.
    pub timed_out: u64,
    /// How many had neither an answer nor timed out when the connection ended.
    pub failed: u64,
    /// How many were due and not sent when the run ended: since the connection took no more or had
    /// ended, or since the generator was later than a timeout.
    pub not_sent: u64,
    /// Answers to what was answered already.
    pub duplicates: u64,
    /// Messages that answer no request.
    pub unexpected: u64,
    /// Why the connection ended before the run did.
    pub ended_by: Option<TransportError>,
}

/// Connects to a server.
///
/// # Errors
/// [`TransportError::Connect`].
pub fn connect(to: SocketAddr) -> Result<TcpStream, TransportError> {
    let connected = TcpStream::connect_timeout(&to, CONNECT_TIMEOUT).and_then(|stream| {
        // Each write holds all that is due: nothing is to wait for more.
        stream.set_nodelay(true)?;
        // Only a server that reads nothing makes a write take long. In an open loop the reading
        // side ends it then, and this is for systems where it cannot; a closed loop sets its own.
        stream.set_write_timeout(Some(2 * MAX_TIME))?;
        Ok(stream)
    });
    connected.map_err(|error| TransportError::Connect { addr: to, source: Reason(error) })
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Carries out the plan over this connection, and ends it.
pub fn run(stream: &TcpStream, plan: &Plan) -> Measured {
    let measured = match plan.kind {
        Loop::Open => open_loop(stream, plan),
        Loop::Closed => closed_loop(stream, plan),
    };
    // The server may have ended it before.
    let _ = stream.shutdown(Shutdown::Both);
    measured
}

fn open_loop(stream: &TcpStream, plan: &Plan) -> Measured {
    let clock = Clock::start();
    let (sent, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let sender = scope.spawn(|| send_what_is_due(stream, plan, clock, &sent, &is_over));
        let mut answers = Answers::new(plan, clock);
        let until = || sent.load(Ordering::Acquire);
        let ended_by = answers.read_all(stream, plan.end(), until, |request| plan.due(request));
        let ended_at = clock.now();
        // The end of the connection wakes a sender that waits for room in it, and `unpark` one that
        // waits for the next request.
        is_over.store(true, Ordering::Release);
        let _ = stream.shutdown(Shutdown::Both);
        sender.thread().unpark();
        let Sent { lateness, rate } = sender.join().expect("sending does not panic");
        let sent = sent.load(Ordering::Acquire);
        let expired = match ended_at.checked_sub(plan.timeout) {
            Some(time) => plan.due_by(time).min(sent),
            None => 0,
        };
        answers.sum_up(Sent { lateness, rate }, sent, expired, ended_by)
    })
}

/// What the sending side knows in the end.
struct Sent {
    lateness: Histogram<u64>,
    rate: f64,
}

/// The most requests in one write: where many are late, the first is not to wait until all of them
/// are encoded.
const BURST: u64 = 512;

/// Sends what is due, again and again, and looks at no answer. `sent` is how many were handed to
/// the system; it is set before they are, so that an answer cannot overtake it.
fn send_what_is_due(
    mut stream: &TcpStream,
    plan: &Plan,
    clock: Clock,
    sent: &AtomicU64,
    is_over: &AtomicBool,
) -> Sent {
    let (mut next, mut last_at) = (0, Duration::ZERO);
    let (mut outgoing, mut lateness) = (Vec::new(), new_histogram());
    while next < plan.requests() && !is_over.load(Ordering::Acquire) {
        let now = clock.now();
        let due = plan.due_by(now).min(next + BURST);
        if due <= next {
            thread::park_timeout(plan.due(next) - now);
            continue;
        }
        outgoing.clear();
        for request in next..due {
            put_request(plan, request, &mut outgoing);
            record(&mut lateness, now.saturating_sub(plan.due(request)));
        }
        sent.store(due, Ordering::Release);
        (next, last_at) = (due, now);
        // The reading side learns why, and counts what was cut off.
        if stream.write_all(&outgoing).is_err() {
            break;
        }
    }
    Sent { lateness, rate: rate(plan, next, last_at) }
}

fn closed_loop(mut stream: &TcpStream, plan: &Plan) -> Measured {
    let clock = Clock::start();
    let mut answers = Answers::new(plan, clock);
    let (mut sent, mut sent_at) = (0, Duration::ZERO);
    let (mut outgoing, mut lateness) = (Vec::new(), new_histogram());
    let mut ended_by = limit_writes(stream, plan.timeout).err();
    while sent < plan.requests() && ended_by.is_none() {
        // An interval after the last one: a loop that waited does not catch up.
        let due = if sent == 0 { Duration::ZERO } else { sent_at + plan.due(1) };
        if sent > 0 && due.max(clock.now()) >= plan.length {
            break;
        }
        while let Some(wait) = due.checked_sub(clock.now()).filter(|wait| !wait.is_zero()) {
            thread::park_timeout(wait);
        }
        outgoing.clear();
        put_request(plan, sent, &mut outgoing);
        sent_at = clock.now();
        record(&mut lateness, sent_at.saturating_sub(due));
        sent += 1;
        ended_by = match stream.write_all(&outgoing) {
            Ok(()) => answers.read_one(stream, sent - 1, sent_at),
            Err(error) => Some(failed("sending a request", error)),
        };
    }
    let expired = sent.saturating_sub(u64::from(ended_by.is_some()));
    let sending = Sent { lateness, rate: rate(plan, sent, sent_at) };
    let measured = answers.sum_up(sending, sent, expired, ended_by);
    // What a closed loop does not send is not due: that is its fault, and not the server's.
    let not_sent = if measured.ended_by.is_some() { measured.not_sent } else { 0 };
    Measured { not_sent, ..measured }
}

/// Has a write end at a timeout, too: a connection that is full would hold it until the server
/// reads.
fn limit_writes(stream: &TcpStream, timeout: Duration) -> Result<(), TransportError> {
    let limited = stream.set_write_timeout(Some(timeout.max(SHORTEST)));
    limited.map_err(|error| failed("setting a timeout", error))
}

/// The system counts timeouts in microseconds, and takes zero for no timeout.
const SHORTEST: Duration = Duration::from_micros(1);

/// How many requests were sent in a second, the last of them at this moment.
fn rate(plan: &Plan, sent: u64, last_at: Duration) -> f64 {
    // The last one has its interval, too: then a schedule that is kept gives its own rate.
    let mut time = last_at + plan.due(1);
    if sent < plan.requests() {
        time = time.max(plan.length);
    }
    sent as f64 / time.as_secs_f64()
}

/// A request is its number, in as many digits each time.
fn put_request(plan: &Plan, request: u64, outgoing: &mut Vec<u8>) {
    let body = format!("{request:0DIGITS$}");
    encode(plan.framing, body.as_bytes(), outgoing).expect("digits hold no newline, and are few");
}

/// Enough for [`MAX_REQUESTS`].
const DIGITS: usize = 8;

/// Up to twice what a run can take, so that nothing that is recorded is too large.
fn new_histogram() -> Histogram<u64> {
    let highest = 4 * MAX_TIME.as_nanos() as u64;
    Histogram::new_with_bounds(1, highest, 3).expect("three digits of such numbers are allowed")
}

fn record(histogram: &mut Histogram<u64>, time: Duration) {
    histogram.saturating_record(time.as_nanos() as u64);
}

fn failed(doing: &'static str, error: io::Error) -> TransportError {
    match is_timeout(&error) {
        true => TransportError::TimedOut { doing },
        false => TransportError::Io { doing, source: Reason(error) },
    }
}

/// The time since a run began.
#[derive(Clone, Copy)]
struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "latencies of real answers are measured")]
    fn start() -> Clock {
        Clock(Instant::now())
    }

    fn now(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn plan(rate: u32, length: Duration) -> Result<Plan, PlanError> {
        Plan::new(Loop::Open, rate, length, SECOND)
    }

    #[test]
    fn rates_and_times_without_sense_are_refused() {
        for rate in [0, MAX_RATE + 1, u32::MAX] {
            assert_eq!(plan(rate, SECOND).unwrap_err(), PlanError::Rate);
        }
        for time in [Duration::ZERO, MAX_TIME + Duration::from_nanos(1), Duration::MAX] {
            assert_eq!(plan(1, time).unwrap_err(), PlanError::Time);
            let timeout = Plan::new(Loop::Open, 1, SECOND, time);
            assert_eq!(timeout.unwrap_err(), PlanError::Time);
        }
        let millisecond = Duration::from_millis(1);
        assert_eq!(plan(999, millisecond).unwrap_err(), PlanError::Requests(0));
        assert_eq!(plan(1_000, millisecond).unwrap().requests(), 1);
        assert_eq!(plan(MAX_RATE, 10 * SECOND).unwrap().requests(), MAX_REQUESTS);
        let one_more = 10 * SECOND + Duration::from_micros(1);
        assert_eq!(plan(MAX_RATE, one_more).unwrap_err(), PlanError::Requests(MAX_REQUESTS + 1));
    }

    #[test]
    fn a_rate_is_of_the_whole_run_unless_all_were_sent() {
        let plan = plan(1_000, SECOND).unwrap();
        let ms = Duration::from_millis;
        // By its schedule; in twice the time; half of it, fast and late.
        for (sent, last_at, expected) in
            [(1_000, 999, 1_000.0), (1_000, 1_999, 500.0), (500, 9, 500.0), (500, 1_999, 250.0)]
        {
            assert_eq!(rate(&plan, sent, ms(last_at)), expected, "{sent} {last_at}");
        }
        assert_eq!(rate(&plan, 0, Duration::ZERO), 0.0);
        // All that there are, in less than the run: it has one and a half intervals.
        let plan = Plan::new(Loop::Open, 15, ms(100), SECOND).unwrap();
        assert!(rate(&plan, 1, Duration::ZERO) > 14.9);
    }

    #[test]
    fn a_histogram_holds_what_a_run_can_take() {
        assert!(u128::from(new_histogram().high()) >= (2 * MAX_TIME).as_nanos());
    }

    #[test]
    fn a_request_is_due_at_its_share_of_a_second_and_not_before() {
        for rate in [1, 3, 7, 1_000, 999_983, MAX_RATE] {
            let plan = plan(rate, Duration::from_millis(1_001)).unwrap();
            for request in (0..plan.requests()).step_by(997).chain([plan.requests() - 1]) {
                let due = plan.due(request);
                assert!(due.as_nanos() * u128::from(rate) >= u128::from(request) * NANOS);
                assert_eq!(plan.due_by(due), request + 1, "{rate} {request}");
                if let Some(before) = due.checked_sub(Duration::from_nanos(1)) {
                    assert_eq!(plan.due_by(before), request, "{rate} {request}");
                }
            }
        }
    }
}
