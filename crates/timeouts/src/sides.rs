//! The server with its faults and the client, as real processes.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, anyhow};
use common::fault::{Fault as ProxyFault, Proxy};
use common::frame::Framing;
use common::log_limit::LogLimit;
use common::transport::{Deadline, Limits, Server, TransportError};
use narration::{WithHint, printable};

use crate::bank::{Ledger, RECEIPT, REQUEST};
use crate::client::{RequestError, ask};

/// How long a slow server works.
const SLOW: Duration = Duration::from_secs(1);

/// How often a byte of a dripping reply comes.
const DRIP: Duration = Duration::from_millis(100);

/// The verdict of a client that has sent something, or may have.
const UNKNOWN: &str = "unknown whether it was executed; the server's ledger knows";

/// What is wrong with the server, or with the network before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Ok,
    /// The work takes a second.
    Slow,
    /// The reply comes a byte at a time.
    Drip,
    /// The network swallows every request.
    BlackHole,
    /// The work is done, and instead of the reply comes a reset.
    Reset,
    /// The process ends when it has read a request.
    CrashBefore,
    /// The process ends when it has done the work.
    CrashAfter,
}

impl Fault {
    /// What a network with this fault does on the way to the server, and on the way back.
    fn of_network(self) -> Option<(ProxyFault, ProxyFault)> {
        let pass = ProxyFault::Pass;
        match self {
            Fault::Drip => Some((pass, ProxyFault::Drip(DRIP))),
            Fault::BlackHole => Some((ProxyFault::BlackHole { after: 0 }, pass)),
            Fault::Reset => Some((pass, ProxyFault::ResetAfter(0))),
            Fault::Ok | Fault::Slow | Fault::CrashBefore | Fault::CrashAfter => None,
        }
    }
}

/// Serves until a signal stops the process, or its fault ends it. Where the fault is one of the
/// network, clients connect to a proxy that has it, and the server behind that has none.
///
/// # Errors
/// If the address cannot be bound.
pub fn serve(listen: &str, fault: Fault) -> anyhow::Result<()> {
    let network = fault.of_network();
    let behind = network.map_or(listen, |_| "127.0.0.1:0");
    let server = Server::bind(behind, Limits::default()).hint_from(TransportError::advice)?;
    let addr = server.local_addr();
    let proxy = network
        .map(|(to_server, to_client)| Proxy::listen(listen, addr, to_server, to_client))
        .transpose()
        .hint_from(TransportError::advice)?;
    let stopper = server.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    narration::listening(proxy.as_ref().map_or(addr, Proxy::addr))?;
    let (ledger, limit) = (Ledger::default(), LogLimit::default());
    Ok(server.serve(Framing::Lines, move |request, reply| {
        answer(fault, &ledger, &limit, request, reply);
    })?)
}

fn answer(fault: Fault, ledger: &Ledger, limit: &LogLimit, request: &[u8], reply: &mut Vec<u8>) {
    let shown = printable(request);
    match fault {
        Fault::CrashBefore => crash(&format!("crashes before it does \"{shown}\"")),
        Fault::Slow => work_slowly(),
        _ => {}
    }
    let line = match ledger.answer(request, reply) {
        Some(payments) => format!("did \"{shown}\", payments so far: {payments}"),
        None => format!("unknown request \"{shown}\""),
    };
    limit.write(line, narration::log);
    if fault == Fault::CrashAfter {
        crash("crashes before it replies");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "stands for work, which takes time even if no client waits"
)]
fn work_slowly() {
    std::thread::sleep(SLOW);
}

/// Ends the process at once. Its system closes its connections for it.
#[expect(clippy::disallowed_methods, reason = "a crash is what skips every destructor")]
fn crash(last_words: &str) {
    narration::log(last_words);
    std::process::exit(1)
}

/// Sends a payment request to a server, and writes its answer to `out`.
///
/// # Errors
/// If no answer came, or one that is not a receipt; the hint says whether the request may have been
/// executed.
pub fn ask_to_pay(
    to: &str,
    connect_timeout: Duration,
    deadline: Duration,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    match ask(to, REQUEST, connect_timeout, Deadline::after(deadline)) {
        Ok(reply) if reply == RECEIPT => Ok(writeln!(out, "{}", printable(&reply))?),
        Ok(reply) => {
            Err(anyhow!("expected a receipt, got \"{}\"", printable(&reply))).hint(UNKNOWN)
        }
        Err(error) => {
            let verdict = verdict(&error);
            Err(error).hint(verdict)
        }
    }
}

/// What the error proves, and what to do about it where something can be done.
fn verdict(error: &RequestError) -> String {
    match error {
        RequestError::Unanswered(_) => UNKNOWN.into(),
        RequestError::NotSent(error) => match error.advice() {
            Some(advice) => format!("not executed; {advice}"),
            None => "not executed: nothing was sent".into(),
        },
    }
}
