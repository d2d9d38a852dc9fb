//! One second of a server that pauses once, as three clients measure it.
//!
//! A **closed loop** sends the next request when the last one is answered. While the server pauses
//! it sends nothing, so it measures one slow request where real users, who do not wait for each
//! other, would have sent hundreds. Gil Tene calls that **coordinated omission**: the client leaves
//! out those measurements that would have been slow. A **correction** adds what the client should
//! have sent, at the rate that it was to keep. An **open loop** sends by a schedule, whatever
//! comes back.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Each client is to send a request this often.
pub const INTERVAL: Duration = Duration::from_millis(1);
/// How long the server works for one.
pub const SERVICE: Duration = Duration::from_micros(500);
/// How long each client measures.
pub const RUN: Duration = Duration::from_secs(1);

/// When the server begins to do nothing, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    /// Its beginning.
    pub at: Duration,
    /// Its length.
    pub length: Duration,
}

/// The pause of the experiment.
pub const PAUSE: Pause =
    Pause { at: Duration::from_millis(400), length: Duration::from_millis(200) };

/// A request: when it was sent, or was to be sent, and how long its answer took from then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When.
    pub at: Duration,
    /// How long.
    pub latency: Duration,
}

/// A server that serves one request after the other.
struct Server {
    pause: Pause,
    free_at: Duration,
}

impl Server {
    fn new(pause: Pause) -> Server {
        Server { pause, free_at: Duration::ZERO }
    }

    /// When a request that arrives at this moment is answered.
    fn answer(&mut self, arrival: Duration) -> Duration {
        let Pause { at, length } = self.pause;
        let mut begin = arrival.max(self.free_at);
        if (at..at + length).contains(&begin) {
            begin = at + length;
        }
        // What has begun before the pause goes on after it.
        let is_cut = begin < at && begin + SERVICE > at;
        self.free_at = begin + SERVICE + if is_cut { length } else { Duration::ZERO };
        self.free_at
    }
}

/// Sends when the interval is over and the last request is answered, whichever is later.
pub fn closed_loop(pause: Pause) -> Vec<Request> {
    let (mut server, mut at, mut requests) = (Server::new(pause), Duration::ZERO, Vec::new());
    while at < RUN {
        let answered = server.answer(at);
        requests.push(Request { at, latency: answered - at });
        at = answered.max(at + INTERVAL);
    }
    requests
}

/// Sends at each interval.
pub fn open_loop(pause: Pause) -> Vec<Request> {
    let mut server = Server::new(pause);
    let times = (0..).map(|request| INTERVAL * request).take_while(|at| *at < RUN);
    times.map(|at| Request { at, latency: server.answer(at) - at }).collect()
}

/// How many had to wait: what is longer than the work for one is waiting.
pub fn waited(requests: &[Request]) -> usize {
    requests.iter().filter(|request| request.latency > SERVICE).count()
}

/// The latencies in nanoseconds, to three digits.
pub fn histogram(requests: &[Request]) -> Histogram<u64> {
    record(requests, None)
}

/// The same, with those that a closed loop left out: for an answer that took ten intervals, nine
/// more that took nine, eight, … of them.
pub fn corrected(requests: &[Request]) -> Histogram<u64> {
    record(requests, Some(INTERVAL))
}

fn record(requests: &[Request], interval: Option<Duration>) -> Histogram<u64> {
    let mut histogram = Histogram::new(3).expect("three digits are allowed");
    // No interval is zero: no correction.
    let interval = interval.map_or(0, |interval| interval.as_nanos() as u64);
    for Request { latency, .. } in requests {
        let latency = latency.as_nanos() as u64;
        histogram.record_correct(latency, interval).expect("a second's requests fit into memory");
    }
    histogram
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: Pause = Pause { at: RUN, length: Duration::ZERO };

    #[test]
    fn without_a_pause_all_agree() {
        let closed = closed_loop(NEVER);
        assert_eq!(closed, open_loop(NEVER));
        assert_eq!((closed.len(), waited(&closed)), (1_000, 0));
        assert_eq!(histogram(&closed), corrected(&closed));
    }

    #[test]
    fn a_closed_loop_sees_one_slow_request_where_an_open_one_sees_400() {
        let (closed, open) = (closed_loop(PAUSE), open_loop(PAUSE));
        assert_eq!((closed.len(), waited(&closed)), (801, 1));
        // 200 come during the pause. Then two leave for each that comes.
        assert_eq!((open.len(), waited(&open)), (1_000, 400));
        let worst = PAUSE.length + SERVICE;
        assert_eq!(open.iter().map(|request| request.latency).max(), Some(worst));
        assert_eq!(closed.iter().map(|request| request.latency).max(), Some(worst));
    }

    #[test]
    fn the_correction_leaves_out_the_queue_after_the_pause() {
        let corrected = corrected(&closed_loop(PAUSE));
        assert_eq!(corrected.len(), 801 + 199);
        let slow = |histogram: &Histogram<u64>| histogram.count_between(1_000_000, u64::MAX);
        assert!(slow(&corrected) < slow(&histogram(&open_loop(PAUSE))) * 6 / 10);
    }

    #[test]
    fn a_request_that_has_begun_goes_on_after_the_pause() {
        let pause = Pause { at: Duration::from_micros(200), length: PAUSE.length };
        assert_eq!(Server::new(pause).answer(Duration::ZERO), PAUSE.length + SERVICE);
        assert_eq!(Server::new(pause).answer(pause.at), pause.at + PAUSE.length + SERVICE);
        // One that ends as the pause begins was there in time.
        let pause = Pause { at: SERVICE, ..pause };
        assert_eq!(Server::new(pause).answer(Duration::ZERO), SERVICE);
        let after = pause.at + pause.length;
        assert_eq!(Server::new(pause).answer(after), after + SERVICE);
    }
}
