//! A client of one replica, which retries an add that was not answered.
//!
//! Each of its adds has a request id, by which the replica deduplicates retries. That holds at this
//! replica alone: another one does not know the id.

use std::num::NonZeroU32;
use std::time::Duration;

use common::random::Rng;
use common::retry::{Attempt, Failure, Jitter, Policy, Real, with_retry};
use common::transport::Deadline;
use runtime::Code;
use runtime::client::{Client as Connection, Link, RequestError};
use serde::Deserialize;

use crate::replica::{Request, RequestId, Status};

/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client and its connection.
pub struct Client {
    line: Line,
    /// The id of its next add.
    once: RequestId,
    /// Whether that add may have been counted already.
    in_doubt: bool,
    retries: Real,
    policy: Policy,
    /// How often it has retried.
    retry_count: u64,
}

/// The replica's address, and the connection to it.
struct Line {
    addr: String,
    /// Closed after an error: a late answer must not be taken for the answer to another request.
    /// After a refusal the replica may have closed it already.
    connection: Option<Connection>,
}

/// Why an add was not acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("{}", match (.may_be_counted, .last) {
    (true, RequestError::Unreachable(_)) => "an earlier attempt may have been counted, and then",
    (true, _) => "it may have been counted",
    (false, _) => "not counted",
})]
pub struct AddError {
    /// Whether one of the attempts may have been counted, or may yet be; including those of an
    /// earlier [`Client::add`].
    pub may_be_counted: bool,
    /// The error of the last attempt.
    #[source]
    pub last: RequestError,
}

impl AddError {
    /// Whether a retry may have another outcome.
    pub fn may_pass(&self) -> bool {
        may_pass(&self.last)
    }
}

impl Client {
    /// A client of the replica at `addr` (`host:port`), whose next add has the id `once`. Waits
    /// between attempts are drawn from a seed, and `timeout` bounds all attempts of an add
    /// together.
    pub fn new(addr: impl Into<String>, once: RequestId, seed: u64, timeout: Duration) -> Client {
        Client {
            line: Line { addr: addr.into(), connection: None },
            once,
            in_doubt: false,
            retries: Real::new(Rng::from_seed(seed)),
            policy: Policy {
                base: Duration::from_millis(20),
                factor: 2,
                cap: Duration::from_millis(500),
                jitter: Jitter::Full,
                attempts: NonZeroU32::MAX,
                deadline: Some(timeout),
                // Its request id is the idempotency key.
                idempotent: true,
            },
            retry_count: 0,
        }
    }

    /// The same client, where its next add may have been sent before: by another process, say.
    pub fn in_doubt(self) -> Client {
        let in_doubt = true;
        Client { in_doubt, ..self }
    }

    /// Counts `delta` more. Once the add may have been counted, it is retried until the outcome is
    /// known; before that, an error is returned at once.
    ///
    /// # Errors
    /// [`AddError`] says whether it may have been counted. The next call retries the same add.
    pub fn add(&mut self, delta: u64) -> Result<(), AddError> {
        let request = Request::add_once(delta, self.once);
        let classify = |(error, in_doubt): &(RequestError, bool)| match *in_doubt && may_pass(error)
        {
            true => Failure::NoAnswer,
            false => Failure::Other,
        };
        let added = with_retry(&self.policy, &mut self.retries, classify, |attempt| {
            self.retry_count += u64::from(attempt.number > 1);
            let asked = self.line.exchange(within(attempt), |connection, within| {
                connection.ask::<Added>(&request, within)
            });
            asked.map_err(|error| {
                self.in_doubt = match &error {
                    // Another add has this id. So this one was never counted under it.
                    RequestError::Refused { code, .. }
                        if *code == Code::PreconditionFailed as u16 =>
                    {
                        false
                    }
                    error => self.in_doubt || error.may_have_been_done(),
                };
                (error, self.in_doubt)
            })
        });
        match added {
            Ok(Added::AddOk) => {
                self.in_doubt = false;
                // After the last number comes 0, which is refused.
                self.once.seq = self.once.seq.wrapping_add(1);
                Ok(())
            }
            Err(gave_up) => {
                let (last, may_be_counted) = gave_up.last;
                Err(AddError { may_be_counted, last })
            }
        }
    }

    /// The value, as far as this replica knows.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn read(&mut self) -> Result<u128, RequestError> {
        #[derive(Deserialize)]
        struct Read {
            value: u128,
        }
        self.line
            .exchange(ATTEMPT_TIMEOUT, |connection, within| connection.ask(&Request::Read, within))
            .map(|Read { value }| value)
    }

    /// What the replica knows of the others, and its connections to them.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn status(&mut self) -> Result<(Status, Vec<Link>), RequestError> {
        let status = self.line.exchange(ATTEMPT_TIMEOUT, |connection, within| {
            connection.ask(&Request::Status, within)
        })?;
        let links = self.line.exchange(ATTEMPT_TIMEOUT, Connection::links)?;
        Ok((status, links))
    }

    /// How often it has retried an add.
    pub fn retry_count(&self) -> u64 {
        self.retry_count
    }
}

impl Line {
    /// Sends a request over the connection, and connects first where there is none. Both together
    /// take no longer than `within`.
    fn exchange<A>(
        &mut self,
        within: Duration,
        ask: impl FnOnce(&mut Connection, Duration) -> Result<A, RequestError>,
    ) -> Result<A, RequestError> {
        let deadline = Deadline::after(within);
        let remaining = || deadline.remaining().unwrap_or_default();
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::connect(&self.addr, remaining())?,
        };
        let answer = ask(&mut connection, remaining())?;
        self.connection = Some(connection);
        Ok(answer)
    }
}

/// `{"type":"add_ok"}`, and nothing else: a server that echoes the request has not counted it.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Added {
    AddOk,
}

/// Whether a retry may have another outcome. Most refusals would be the same again.
fn may_pass(error: &RequestError) -> bool {
    match error {
        RequestError::Refused { code, .. } => {
            let passing = [Code::Timeout, Code::TemporarilyUnavailable];
            passing.map(|code| code as u16).contains(code)
        }
        RequestError::Strange { .. } => false,
        RequestError::Unreachable(_) | RequestError::NoAnswer(_) => true,
    }
}

fn within(attempt: Attempt) -> Duration {
    attempt.remaining.unwrap_or(ATTEMPT_TIMEOUT).min(ATTEMPT_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn connecting_and_asking_share_one_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let mut client = Client::new(addr, RequestId { client: 1, seq: 1 }, 1, ATTEMPT_TIMEOUT);
        let remaining = client.line.exchange(ATTEMPT_TIMEOUT, |_, within| Ok(within)).unwrap();
        assert!(remaining < ATTEMPT_TIMEOUT, "connecting takes some of it");
    }
}
