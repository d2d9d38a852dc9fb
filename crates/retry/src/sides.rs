//! A server that fails at first and a client that retries, as real processes.

use std::cell::RefCell;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use common::error_chain;
use common::frame::{FrameError, Framing};
use common::log_limit::LogLimit;
use common::random::Rng;
use common::retry::{Attempt, Env, Failure, Policy, Real, with_retry};
use common::transport::{Connection, Deadline, Limits, Server, TransportError};
use narration::WithHint;

/// The client's request. The server answers any request.
const REQUEST: &[u8] = b"call";

/// The server has too much to do, and has not executed the request: HTTP's 429.
const BUSY: &[u8] = b"busy";

/// The server has executed the request.
const DONE: &[u8] = b"done";

/// The longest answer that the client takes, in bytes.
const MAX_REPLY: usize = 1024;

/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves until a signal stops the process: `busy` to the first `fail_first` requests, `done` to
/// all others.
///
/// # Errors
/// If the address cannot be bound.
pub fn serve(listen: &str, fail_first: u64) -> anyhow::Result<()> {
    let server = Server::bind(listen, Limits::default()).hint_from(TransportError::advice)?;
    let stopper = server.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    narration::listening(server.local_addr())?;
    let (served, limit) = (AtomicU64::new(0), LogLimit::default());
    server.serve(Framing::Lines, move |_, reply| {
        let number = served.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = if number <= fail_first { BUSY } else { DONE };
        let line = format!("request {number}: {}", narration::printable(answer));
        limit.write(line, narration::log);
        reply.extend_from_slice(answer);
    })?;
    Ok(())
}

/// Calls the server, each time over a new connection, until it is done or the policy says stop;
/// then writes its answer to `out`.
///
/// # Errors
/// If it was not done in the end.
pub fn call(to: &str, policy: &Policy, rng: Rng, out: &mut impl Write) -> anyhow::Result<()> {
    let failure = RefCell::new(String::new());
    let mut env = LoggingEnv { real: Real::new(rng), failure: &failure };
    let called = with_retry(policy, &mut env, CallError::failure, |attempt| {
        call_once(to, attempt).inspect_err(|error| {
            *failure.borrow_mut() = format!("attempt {}: {}", attempt.number, error_chain(error));
        })
    });
    match called {
        Ok(answer) => Ok(writeln!(out, "{answer}")?),
        Err(gave_up) => Err(gave_up).hint_from(|gave_up| gave_up.last.advice()),
    }
}

/// Why one attempt failed.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("the server is busy")]
    Busy,
    #[error("the server answers {0:?}, which this client does not understand")]
    Unknown(String),
    #[error(transparent)]
    Connect(TransportError),
    #[error(transparent)]
    Exchange(TransportError),
}

impl CallError {
    fn advice(&self) -> Option<&'static str> {
        match self {
            CallError::Connect(error) | CallError::Exchange(error) => error.advice(),
            CallError::Busy | CallError::Unknown(_) => None,
        }
    }

    fn failure(&self) -> Failure {
        use TransportError::{Frame, Resolve};
        match self {
            CallError::Busy => Failure::Status { code: 429, retry_after: None },
            CallError::Unknown(_)
            | CallError::Connect(Resolve { .. })
            | CallError::Exchange(Frame(FrameError::TooLong { .. })) => Failure::Other,
            CallError::Connect(_) => Failure::NoConnection,
            CallError::Exchange(_) => Failure::NoAnswer,
        }
    }
}

fn call_once(to: &str, attempt: Attempt) -> Result<String, CallError> {
    let deadline =
        Deadline::after(attempt.remaining.unwrap_or(ATTEMPT_TIMEOUT).min(ATTEMPT_TIMEOUT));
    let mut server =
        Connection::connect(to, Framing::Lines, MAX_REPLY, deadline).map_err(CallError::Connect)?;
    match server.exchange(REQUEST, deadline).map_err(CallError::Exchange)? {
        BUSY => Err(CallError::Busy),
        DONE => Ok(narration::printable(DONE)),
        other => Err(CallError::Unknown(narration::printable(other))),
    }
}

/// The real [`Env`], with a log line before each wait.
struct LoggingEnv<'a> {
    real: Real,
    failure: &'a RefCell<String>,
}

impl Env for LoggingEnv<'_> {
    fn now(&self) -> Duration {
        self.real.now()
    }

    fn sleep(&mut self, wait: Duration) {
        let failure = self.failure.borrow();
        narration::log(format!("{failure}; trying again in {} ms", wait.as_millis()));
        self.real.sleep(wait);
    }

    fn rng(&mut self) -> &mut Rng {
        self.real.rng()
    }
}
