//! The reading half of the generator: which request an answer is for, and whether it came in time.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use common::frame::Decoder;
use common::transport::TransportError;
use hdrhistogram::Histogram;

use super::{Clock, DIGITS, Measured, Plan, SHORTEST, Sent, failed, new_histogram, record};

/// The longest answer: that of an echo, with some words around it.
const MAX_ANSWER: usize = 1024;

/// The answers so far.
pub(super) struct Answers<'a> {
    plan: &'a Plan,
    clock: Clock,
    decoder: Decoder,
    /// Of each request whether it was answered.
    seen: Vec<bool>,
    latencies: Histogram<u64>,
    late: u64,
    duplicates: u64,
    unexpected: u64,
}

impl<'a> Answers<'a> {
    pub(super) fn new(plan: &'a Plan, clock: Clock) -> Answers<'a> {
        Answers {
            plan,
            clock,
            decoder: Decoder::new(plan.framing, MAX_ANSWER),
            seen: vec![false; plan.requests() as usize],
            latencies: new_histogram(),
            late: 0,
            duplicates: 0,
            unexpected: 0,
        }
    }

    /// Reads until all requests of the plan are answered or the time is over. `sent` is how many
    /// have been sent, `since` the moment from which the latency of a request counts.
    pub(super) fn read_all(
        &mut self,
        stream: &TcpStream,
        end: Duration,
        sent: impl Fn() -> u64,
        since: impl Fn(u64) -> Duration,
    ) -> Option<TransportError> {
        while self.answered() < self.plan.requests() {
            let remaining = end.checked_sub(self.clock.now()).filter(|time| !time.is_zero())?;
            let read = self.read(stream, remaining, &sent, |request| Some(since(request)));
            if let Err(error) = read {
                return Some(error);
            }
        }
        None
    }

    /// Reads until the answer to this request, which was sent at that moment, or until its timeout.
    /// An answer to an earlier request is late.
    pub(super) fn read_one(
        &mut self,
        stream: &TcpStream,
        request: u64,
        sent_at: Duration,
    ) -> Option<TransportError> {
        let end = sent_at + self.plan.timeout;
        let since = |answered| (answered == request).then_some(sent_at);
        loop {
            // Once even when the time is over: late answers that stay in it fill the connection.
            let remaining = end.saturating_sub(self.clock.now());
            if let Err(error) = self.read(stream, remaining, || request + 1, since) {
                return Some(error);
            }
            if self.seen[request as usize] || self.clock.now() >= end {
                return None;
            }
        }
    }

    /// Reads once, and takes all answers that are whole then.
    fn read(
        &mut self,
        mut stream: &TcpStream,
        remaining: Duration,
        sent: impl Fn() -> u64,
        since: impl Fn(u64) -> Option<Duration>,
    ) -> Result<(), TransportError> {
        let doing = "reading answers";
        let timeout = remaining.max(SHORTEST);
        stream.set_read_timeout(Some(timeout)).map_err(|error| failed(doing, error))?;
        match self.decoder.read_from(&mut stream) {
            Ok(0) => {
                self.decoder.finish()?;
                return Err(TransportError::Closed);
            }
            Ok(_) => {}
            Err(error) if is_timeout(&error) => return Ok(()),
            Err(error) => return Err(failed(doing, error)),
        }
        // One look at the clock for all that came together.
        let (now, sent) = (self.clock.now(), sent());
        while let Some(answer) = self.decoder.decode()? {
            let request = number(answer).filter(|request| *request < sent);
            self.take(request, |request| since(request).map(|since| now.saturating_sub(since)));
        }
        Ok(())
    }

    /// Counts an answer to this request, or to none.
    fn take(&mut self, request: Option<u64>, latency: impl FnOnce(u64) -> Option<Duration>) {
        let Some(request) = request else {
            self.unexpected += 1;
            return;
        };
        if std::mem::replace(&mut self.seen[request as usize], true) {
            self.duplicates += 1;
            return;
        }
        match latency(request).filter(|latency| *latency <= self.plan.timeout) {
            Some(latency) => record(&mut self.latencies, latency),
            None => self.late += 1,
        }
    }

    fn answered(&self) -> u64 {
        self.latencies.len() + self.late
    }

    /// What came of the run. Of all that were `sent`, the first `expired` had their time.
    pub(super) fn sum_up(
        self,
        Sent { lateness, rate }: Sent,
        sent: u64,
        expired: u64,
        ended_by: Option<TransportError>,
    ) -> Measured {
        let unanswered = |from: u64, to: u64| {
            let seen = &self.seen[from as usize..to as usize];
            seen.iter().filter(|is_answered| !**is_answered).count() as u64
        };
        let measured = Measured {
            timed_out: self.late + unanswered(0, expired),
            failed: unanswered(expired, sent),
            not_sent: self.plan.requests() - sent,
            latencies: self.latencies,
            lateness,
            sent,
            rate,
            duplicates: self.duplicates,
            unexpected: self.unexpected,
            ended_by,
        };
        let outcomes = measured.latencies.len() + measured.timed_out + measured.failed;
        debug_assert_eq!(outcomes, sent, "each request is counted once");
        measured
    }
}

/// The number at the end of an answer.
fn number(answer: &[u8]) -> Option<u64> {
    let (_, digits) = answer.split_at_checked(answer.len().checked_sub(DIGITS)?)?;
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    digits.iter().try_fold(0, |number, byte| Some(10 * number + digit(byte)?))
}

/// Whether a read or a write ended because its time was over, or because a signal came.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    // A timeout with an error number of its own is the system's, for a dead connection.
    match error.kind() {
        WouldBlock | Interrupted => true,
        TimedOut => cfg!(windows) || error.raw_os_error().is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Loop;

    fn plan() -> Plan {
        Plan::new(Loop::Open, 1_000, Duration::from_millis(10), Duration::from_millis(5)).unwrap()
    }

    #[test]
    fn an_answer_ends_with_the_number_of_its_request() {
        assert_eq!(number(b"Echo: 00000012"), Some(12));
        assert_eq!(number(b"99999999"), Some(99_999_999));
        for wrong in [&b""[..], b"0000012", b"Echo: 0000001x", b"+0000012", b"\xff\xff0000001\xff"]
        {
            assert_eq!(number(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_timeout_of_ours_is_not_one_of_the_system() {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, Interrupted, TimedOut, WouldBlock};
        let is_ours = |kind: io::ErrorKind| is_timeout(&kind.into());
        assert_eq!([WouldBlock, Interrupted, TimedOut].map(is_ours), [true; 3]);
        assert_eq!([BrokenPipe, ConnectionReset].map(is_ours), [false; 2]);
        #[cfg(target_os = "linux")]
        assert!(!is_timeout(&io::Error::from_raw_os_error(110)), "ETIMEDOUT");
    }

    #[test]
    fn each_request_has_one_outcome() {
        let plan = plan();
        let mut answers = Answers::new(&plan, Clock::start());
        let took = |ms| move |_| Some(Duration::from_millis(ms));
        answers.take(Some(0), took(5));
        answers.take(Some(0), took(5));
        answers.take(Some(1), took(6));
        answers.take(Some(5), took(1));
        answers.take(None, took(1));
        let sent = Sent { lateness: new_histogram(), rate: 1.0 };
        assert_eq!(answers.answered(), 3);
        // Sent are 0 to 6, of which 0 to 3 had their time.
        let measured = answers.sum_up(sent, 7, 4, Some(TransportError::Closed));
        assert_eq!(measured.latencies.len(), 2);
        // 1 came too late, 2 and 3 never; 4 and 6 were cut off; 7 to 9 remained.
        let Measured { timed_out, failed, not_sent, duplicates, unexpected, .. } = measured;
        assert_eq!((timed_out, failed, not_sent), (3, 2, 3));
        assert_eq!((duplicates, unexpected), (1, 1));
    }

    #[test]
    fn a_latency_is_kept_to_three_digits() {
        let plan = plan();
        let mut answers = Answers::new(&plan, Clock::start());
        for (request, nanos) in [(0, 1_234_567), (1, 87)] {
            answers.take(Some(request), |_| Some(Duration::from_nanos(nanos)));
        }
        let latencies = answers.latencies;
        assert!(latencies.equivalent(latencies.max(), 1_234_567), "{}", latencies.max());
        assert!(latencies.max() - 1_234_567 < 1_234, "{}", latencies.max());
        assert_eq!(latencies.min(), 87);
    }
}
