//! An answer that is too slow, what may be sent again, and two requests that are.
//!
//! A timeout is only as good as what it covers. The one that a `reqwest` client is built with
//! restarts with every read of the body; the one of a single request covers all of it (the lesson
//! on timeouts calls that a deadline).

use std::io::Read;
use std::num::NonZeroU32;
use std::time::Duration;

use common::fault::{Fault, Proxy};
use common::random::Rng;
use common::retry::{Attempt, Failure, Jitter, Policy, RetryError, Virtual, with_retry};
use common::transport::{Deadline, free_addrs};
use reqwest::StatusCode;
use reqwest::blocking::Client;
use serde_json::Value;

use crate::client::{ApiClient, ApiError};
use crate::server::{ApiServer, DRIP_BYTES, STATUSES};
use crate::{EXPERIMENT_TIMEOUT, refused, timed};

/// What a client saw of a server that takes too long.
#[derive(Debug)]
pub struct Slow {
    /// The client's deadline.
    pub deadline: Duration,
    /// How long it waited for an answer that was longer in coming,
    pub waited: Duration,
    /// and its error then.
    pub error: ApiError,
    /// How long it took to read a body that comes drop by drop, with `deadline` as the timeout of
    /// the client,
    pub drip_per_read: Duration,
    /// the bytes that were read,
    pub drip_bytes: usize,
    /// and how long it took with `deadline` as the timeout of the request.
    pub drip_per_request: Duration,
}

/// Asks twice for an answer that takes longer than `deadline`.
///
/// # Errors
/// If the server cannot be started, or an answer came in time that should not.
pub fn too_slow(deadline: Duration) -> anyhow::Result<Slow> {
    let server = ApiServer::on_loopback()?;
    let client = ApiClient::new(&server.url(), deadline)?;
    let (answer, waited) = timed(|| client.get::<Value>("/slow"));
    let error = refused(answer)?;

    let drip = format!("{}/drip", server.url());
    let per_read =
        Client::builder().user_agent(ApiClient::USER_AGENT).no_proxy().timeout(deadline).build()?;
    let tries = Deadline::after(EXPERIMENT_TIMEOUT);
    let (drip_bytes, drip_per_read) = loop {
        let (read, took) = timed(|| read_body(&per_read, &drip));
        let bytes = read?;
        // Where the machine stalls for longer than `deadline`, it ends early; so then it is
        // repeated, for a while.
        if bytes as u64 == DRIP_BYTES || tries.remaining().is_none() {
            break (bytes, took);
        }
    };
    let (answer, drip_per_request) = timed(|| client.get::<Value>("/drip"));
    refused(answer)?;
    Ok(Slow { deadline, waited, error, drip_per_read, drip_bytes, drip_per_request })
}

/// How many bytes of a body come before the timeout of `client` ends it.
fn read_body(client: &Client, url: &str) -> reqwest::Result<usize> {
    let answer = match client.get(url).send() {
        Err(error) if error.is_timeout() => return Ok(0),
        answer => answer?,
    };
    let mut body = Vec::new();
    // The bytes show how it ended.
    let _ = answer.take(ApiClient::MAX_BODY as u64).read_to_end(&mut body);
    Ok(body.len())
}

/// What came back instead of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameBack {
    /// The status, or what there was instead of one.
    pub what: String,
    /// What the client makes of it.
    pub failure: Failure,
}

/// Sends a GET that fails in each way that the table of [`Failure`] distinguishes: no connection,
/// each status from 400 on, a timeout, and a reset.
///
/// # Errors
/// If the server cannot be started, or a request succeeds.
pub fn what_came_back() -> anyhow::Result<Vec<CameBack>> {
    let server = ApiServer::on_loopback()?;
    let fail = |what: &str, url: &str, path: &str, timeout| -> anyhow::Result<CameBack> {
        let error = refused(ApiClient::new(url, timeout)?.get::<Value>(path))?;
        Ok(CameBack { what: what.to_owned(), failure: error.failure() })
    };
    let nowhere = free_addrs(1)?.remove(0);
    let mut all = vec![fail("no connection", &nowhere, "/", EXPERIMENT_TIMEOUT)?];
    for code in STATUSES.into_iter().filter(|code| *code >= 400) {
        let (code, path) = (code.to_string(), format!("/status/{code}"));
        all.push(fail(&code, &server.url(), &path, EXPERIMENT_TIMEOUT)?);
    }
    // Half of it is for connecting, which on this machine takes next to nothing.
    all.push(fail("timeout", &server.url(), "/slow", Duration::from_millis(200))?);
    let proxy = Proxy::start(server.addr(), Fault::Pass, Fault::ResetAfter(0))?;
    all.push(fail("reset", &proxy.addr().to_string(), "/", EXPERIMENT_TIMEOUT)?);
    Ok(all)
}

/// A request that was sent until it was answered, or until a retry was of no use.
#[derive(Debug)]
pub struct Retried {
    /// What was asked for.
    pub path: &'static str,
    /// The status of each answer.
    pub answers: Vec<u16>,
    /// The wait before each but the first. The time is virtual: nothing slept.
    pub waits: Vec<Duration>,
    /// How it ended.
    pub result: Result<(), RetryError<ApiError>>,
}

/// How the requests are repeated: up to 4 attempts, waits of 100, 200, 400 ms. There is no jitter,
/// so that the waits can be read; the lesson on retries shows what that costs when clients are
/// many.
pub fn policy() -> Policy {
    Policy {
        base: Duration::from_millis(100),
        factor: 2,
        cap: Duration::from_secs(10),
        jitter: Jitter::None,
        attempts: NonZeroU32::MIN.saturating_add(3),
        deadline: None,
        // Each of them is a GET.
        idempotent: true,
    }
}

/// Requests a path that fails twice, one that answers 429 with a wait, and one that does not exist.
///
/// # Errors
/// If the server cannot be started.
pub fn until_answered() -> anyhow::Result<Vec<Retried>> {
    let server = ApiServer::on_loopback()?;
    let client = ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?;
    let paths = ["/flaky", "/limited", "/users/nobody"];
    Ok(paths.map(|path| retried(&client, path)).into())
}

fn retried(client: &ApiClient, path: &'static str) -> Retried {
    let mut answers = Vec::new();
    let mut env = Virtual::new(Rng::from_seed(1));
    let result = with_retry(&policy(), &mut env, ApiError::failure, |_: Attempt| {
        let answer = client.get::<Value>(path);
        let status = match &answer {
            Ok(_) => Some(StatusCode::OK),
            Err(error) => error.status(),
        };
        answers.extend(status.map(|status| status.as_u16()));
        answer.map(drop)
    });
    let waits = env.slept().to_vec();
    Retried { path, answers, waits, result }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::iter;
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::thread;

    use common::retry::Stopped;

    use super::*;

    fn failure(url: &str, path: &str, timeout: Duration) -> Failure {
        ApiClient::new(url, timeout).unwrap().get::<Value>(path).unwrap_err().failure()
    }

    #[test]
    fn what_may_be_sent_again_is_as_the_table_says() {
        let all = what_came_back().unwrap();
        let by_rule = |rule: [bool; 2]| -> Vec<&str> {
            let rule_of = |failure: Failure| [true, false].map(|twice| failure.may_retry(twice));
            let same = all.iter().filter(|came| rule_of(came.failure) == rule);
            same.map(|came| &*came.what).collect()
        };
        assert_eq!(by_rule([true, true]), ["no connection", "429"]);
        assert_eq!(by_rule([true, false]), ["502", "503", "504", "timeout", "reset"]);
        assert_eq!(by_rule([false, false]), ["400", "401", "403", "404", "422", "500"]);
    }

    #[test]
    fn a_timeout_while_connecting_is_no_connection() {
        // No thread accepts, and once the accept queue is full, a connect is not answered.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let connect = || TcpStream::connect_timeout(&addr, Duration::from_millis(200)).ok();
        let queued: Vec<_> = iter::from_fn(connect).take(5000).collect();
        let got = failure(&addr.to_string(), "/", Duration::from_millis(200));
        assert_eq!(got, Failure::NoConnection, "{} are queued", queued.len());
    }

    #[test]
    fn what_comes_instead_of_an_answer_has_a_name() {
        for (answer, expected) in [
            ("", Failure::NoAnswer),
            ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", Failure::NoAnswer),
            ("Echo: hello\r\n\r\n", Failure::Other),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = listener.local_addr().unwrap().to_string();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
                stream.write_all(answer.as_bytes()).unwrap();
                stream.shutdown(Shutdown::Write).unwrap();
                stream
            });
            assert_eq!(failure(&url, "/", EXPERIMENT_TIMEOUT), expected, "{answer:?}");
            drop(server.join().unwrap());
        }
        // A name with an empty label is invalid.
        assert_eq!(failure("nowhere..invalid", "/", EXPERIMENT_TIMEOUT), Failure::Other);
    }

    #[test]
    fn a_timeout_for_each_read_is_not_a_deadline() {
        let deadline = Duration::from_millis(200);
        let saw = too_slow(deadline).unwrap();
        assert!(matches!(saw.error, ApiError::TimedOut { .. }), "{:?}", saw.error);
        assert!(saw.waited >= deadline);
        assert_eq!(saw.drip_bytes as u64, DRIP_BYTES);
        assert!(saw.drip_per_read > deadline, "{saw:?}");
        assert!(saw.drip_per_request >= deadline);
    }

    #[test]
    fn each_status_is_retried_by_its_own_rule() {
        let saw = until_answered().unwrap();
        let seen: Vec<_> =
            saw.iter().map(|retried| (&retried.answers[..], &retried.waits[..])).collect();
        let ms = Duration::from_millis;
        assert_eq!(
            seen,
            [
                (&[503, 503, 200][..], &[ms(100), ms(200)][..]),
                (&[429, 200], &[ms(2000)]),
                (&[404], &[]),
            ]
        );
        assert!(saw[0].result.is_ok() && saw[1].result.is_ok());
        assert!(saw[2].result.as_ref().is_err_and(|error| error.stopped == Stopped::Failure));
    }
}
