//! The account, its tellers and their customer, as real processes.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::log_limit::LogLimit;
use common::transport::{Connection, Deadline, Limits, Server, TransportError};
use narration::{WithHint, log, printable};

use crate::account::Account;
use crate::processes;
use crate::teller::{Teller, Way};

/// How long a customer waits for an answer: longer than a teller retries.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);

/// Keeps an account until a signal stops the process.
///
/// # Errors
/// If the address cannot be bound.
pub fn serve(listen: &str, balance: u64) -> anyhow::Result<()> {
    let account = Account::of(balance);
    serve_lines(listen, move |request| account.answer(request))
}

/// Pays from `account`, an address, until a signal stops the process. One customer is served at a
/// time.
///
/// # Errors
/// If the address cannot be bound. If the account is unreachable, the customers get an error.
pub fn teller(listen: &str, account: &str, way: Way) -> anyhow::Result<()> {
    let teller = Mutex::new(Teller::new(account, way));
    serve_lines(listen, move |request| {
        // What a panic leaves of it is at worst an old balance, and that is what the account guards
        // against.
        let mut teller = teller.lock().unwrap_or_else(PoisonError::into_inner);
        teller.answer(request)
    })
}

fn serve_lines(
    listen: &str,
    answer: impl Fn(&[u8]) -> String + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let server = Server::bind(listen, Limits::default()).hint_from(TransportError::advice)?;
    let stopper = server.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    narration::listening(server.local_addr())?;
    let limit = LogLimit::default();
    server.serve(Framing::Lines, move |request, reply| {
        let answer = answer(request);
        limit.write(format!("{}: {answer}", printable(request)), log);
        reply.extend_from_slice(answer.as_bytes());
    })?;
    Ok(())
}

/// Sends each request to an account or a teller, and writes each answer to `out`, one a line.
///
/// # Errors
/// If nothing listens there, or an answer does not arrive in time.
pub fn ask(to: &str, requests: &[String], out: &mut impl Write) -> anyhow::Result<()> {
    let deadline = Deadline::after(EXCHANGE_TIMEOUT);
    let mut server = Connection::connect(to, Framing::Lines, DEFAULT_MAX_MESSAGE, deadline)
        .hint_from(TransportError::advice)?;
    for request in requests {
        let answer = server.exchange(request.as_bytes(), Deadline::after(EXCHANGE_TIMEOUT))?;
        writeln!(out, "{}", printable(answer))?;
        out.flush()?;
    }
    Ok(())
}

/// The child of the first experiment: adds 1 to the variable, and prints what it holds then.
///
/// # Errors
/// If `out` cannot be written.
pub fn child(out: &mut impl Write) -> anyhow::Result<()> {
    Ok(writeln!(out, "{}", processes::add_one())?)
}
