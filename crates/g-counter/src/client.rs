//! A client of one replica, which asks again where it has heard nothing.
//!
//! Each of its adds has a number, so that the replica counts it once however often it is asked.
//! That holds at this replica alone: another one has not heard of the number.

use std::num::NonZeroU32;
use std::time::Duration;

use common::random::Rng;
use common::retry::{Attempt, Jitter, Policy, Real, Verdict, with_retry};
use common::transport::Deadline;
use runtime::Code;
use runtime::client::{Client as Connection, Link, RequestError};
use serde::Deserialize;

use crate::replica::{Request, RequestId, Status};

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(5);

/// A client and its connection.
pub struct Client {
    line: Line,
    /// Its next add.
    once: RequestId,
    /// Whether that may have been counted already.
    in_doubt: bool,
    retries: Real,
    policy: Policy,
    /// How often it has asked again.
    asked_again: u64,
}

/// The way to the replica.
struct Line {
    addr: String,
    /// Closed after an error: what comes late must not be taken for the answer to something else.
    /// After a refusal the host may have closed it already.
    connection: Option<Connection>,
}

/// Why an add was not acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("{}", match .may_be_counted { true => "it may have been counted", false => "not counted" })]
pub struct AddError {
    /// Whether one of the attempts may have been counted, or may yet be; those of an earlier
    /// [`Client::add`] among them.
    pub may_be_counted: bool,
    /// What the last of them came to.
    #[source]
    pub last: RequestError,
}

impl AddError {
    /// Whether another attempt may come to something else.
    pub fn may_pass(&self) -> bool {
        may_pass(&self.last)
    }
}

impl Client {
    /// A client of the replica at `addr` (`host:port`), whose next add is this one. Waits between
    /// attempts are drawn from a seed, and `patience` is for all attempts of an add together.
    pub fn new(addr: impl Into<String>, once: RequestId, seed: u64, patience: Duration) -> Client {
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
                deadline: Some(patience),
            },
            asked_again: 0,
        }
    }

    /// The same client, where its next add may have been asked for before: by another process, say.
    pub fn in_doubt(self) -> Client {
        let in_doubt = true;
        Client { in_doubt, ..self }
    }

    /// Counts `delta` more. Once it may have been counted, it is asked for again until somebody
    /// knows; before that, an error is an error.
    ///
    /// # Errors
    /// [`AddError`] says whether it may have been counted. Asked for once more, it is the same add.
    pub fn add(&mut self, delta: u64) -> Result<(), AddError> {
        let request = Request::add_once(delta, self.once);
        let classify = |(error, in_doubt): &(RequestError, bool)| match *in_doubt && may_pass(error)
        {
            true => Verdict::Retry,
            false => Verdict::GiveUp,
        };
        let added = with_retry(&self.policy, &mut self.retries, classify, |attempt| {
            self.asked_again += u64::from(attempt.number > 1);
            let asked = self.line.exchange(within(attempt), |connection, within| {
                connection.ask::<Added>(&request, within)
            });
            asked.map_err(|error| {
                self.in_doubt |= error.may_have_been_done();
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

    /// How many are counted, as far as this replica has heard.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn read(&mut self) -> Result<u128, RequestError> {
        #[derive(Deserialize)]
        struct Read {
            value: u128,
        }
        self.line
            .exchange(ATTEMPT, |connection, within| connection.ask(&Request::Read, within))
            .map(|Read { value }| value)
    }

    /// How the replica stands with the others, and its connections to them.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn status(&mut self) -> Result<(Status, Vec<Link>), RequestError> {
        let status = self
            .line
            .exchange(ATTEMPT, |connection, within| connection.ask(&Request::Status, within))?;
        let links = self.line.exchange(ATTEMPT, Connection::links)?;
        Ok((status, links))
    }

    /// How often it has asked again for an add.
    pub fn asked_again(&self) -> u64 {
        self.asked_again
    }
}

impl Line {
    /// Asks over the connection, and makes one where there is none. Both together take no longer
    /// than `within`.
    fn exchange<A>(
        &mut self,
        within: Duration,
        ask: impl FnOnce(&mut Connection, Duration) -> Result<A, RequestError>,
    ) -> Result<A, RequestError> {
        let deadline = Deadline::after(within);
        let left = || deadline.remaining().unwrap_or_default();
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::connect(&self.addr, left())?,
        };
        let answer = ask(&mut connection, left())?;
        self.connection = Some(connection);
        Ok(answer)
    }
}

/// `{"type":"add_ok"}`, and nothing else: whoever sends back what it hears has not counted.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Added {
    AddOk,
}

/// Whether another attempt may come to something else. Most refusals would be the same again.
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
    attempt.remaining.unwrap_or(ATTEMPT).min(ATTEMPT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn connecting_and_asking_share_their_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let mut client = Client::new(addr, RequestId { client: 1, seq: 1 }, 1, ATTEMPT);
        let left = client.line.exchange(ATTEMPT, |_, within| Ok(within)).unwrap();
        assert!(left < ATTEMPT, "connecting takes some of it");
    }
}
