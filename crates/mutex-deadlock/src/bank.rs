//! Two servers and one account: what both read, decide and write over sockets, and which of it is
//! lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::frame::Framing;
use common::transport::{Connection, Deadline, Limits, Running, Server, TransportError};

use crate::EXPERIMENT_TIMEOUT;
use crate::account::{Account, OPENING};
use crate::teller::{Teller, Way};

/// What the customers of the two tellers ask, in the order in which it happens: both tellers have
/// read before one of them writes.
pub const ASKED: [(usize, &str); 4] =
    [(0, "read"), (1, "read"), (0, "withdraw 50"), (1, "withdraw 30")];

/// The tellers' names.
pub const TELLERS: [&str; 2] = ["north", "south"];

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Which server was asked what, and its answer. The account itself is asked last.
    pub exchanges: Vec<(&'static str, &'static str, String)>,
    /// What the account was asked by both tellers, and what it answered, in order.
    pub at_the_store: Vec<(String, String)>,
}

/// Starts an account and two tellers, each a server of its own on a real socket, and has both pay
/// from it.
///
/// # Errors
/// If one of them cannot be reached.
pub fn withdraw_from_both(way: Way) -> Result<Day, TransportError> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let store = start_store(Arc::clone(&asked))?;
    let mut tellers = Vec::new();
    for _ in TELLERS {
        let running = start_teller(&store, way)?;
        tellers.push((connect(&running)?, running));
    }
    let mut exchanges = Vec::new();
    for (teller, request) in ASKED {
        let answer = say(&mut tellers[teller].0, request)?;
        exchanges.push((TELLERS[teller], request, answer));
    }
    let at_the_store = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    exchanges.push(("store", "read", say(&mut connect(&store)?, "read")?));
    Ok(Day { exchanges, at_the_store })
}

fn start_store(asked: Arc<Mutex<Vec<(String, String)>>>) -> Result<Running, TransportError> {
    let account = Account::of(OPENING);
    let server = Server::bind("127.0.0.1:0", limits())?;
    Ok(server.spawn(Framing::Lines, move |request, reply| {
        let answer = account.answer(request);
        reply.extend_from_slice(answer.as_bytes());
        let request = String::from_utf8_lossy(request).into_owned();
        asked.lock().unwrap_or_else(PoisonError::into_inner).push((request, answer));
    }))
}

/// A teller serves one customer at a time: it is in a mutex.
fn start_teller(store: &Running, way: Way) -> Result<Running, TransportError> {
    let teller = Mutex::new(Teller::new(store.addr().to_string(), way));
    let server = Server::bind("127.0.0.1:0", limits())?;
    Ok(server.spawn(Framing::Lines, move |request, reply| {
        let mut teller = teller.lock().unwrap_or_else(PoisonError::into_inner);
        reply.extend_from_slice(teller.answer(request).as_bytes());
    }))
}

fn limits() -> Limits {
    Limits { idle: Duration::from_secs(5), ..Limits::default() }
}

fn connect(server: &Running) -> Result<Connection, TransportError> {
    let deadline = Deadline::after(EXPERIMENT_TIMEOUT);
    Connection::connect(&server.addr().to_string(), Framing::Lines, 1024, deadline)
}

fn say(connection: &mut Connection, request: &str) -> Result<String, TransportError> {
    let reply = connection.exchange(request.as_bytes(), Deadline::after(EXPERIMENT_TIMEOUT))?;
    Ok(String::from_utf8_lossy(reply).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(day: &Day) -> Vec<&str> {
        let answers = day.exchanges.iter();
        answers.map(|(_, _, answer)| answer.as_str()).collect()
    }

    fn at_the_store(day: &Day) -> Vec<(&str, &str)> {
        let asked = day.at_the_store.iter();
        asked.map(|(asked, answer)| (&**asked, &**answer)).collect()
    }

    #[test]
    fn read_then_write_loses_50_dollars() {
        let day = withdraw_from_both(Way::Write).unwrap();
        assert_eq!(
            answers(&day),
            ["balance 100", "balance 100", "paid 50, 50 left", "paid 30, 70 left", "balance 70",]
        );
        assert_eq!(
            at_the_store(&day)[2..],
            [("write 50", "written 50"), ("write 70", "written 70")]
        );
    }

    #[test]
    fn compare_and_set_notices_and_decides_again() {
        let day = withdraw_from_both(Way::CompareAndSet).unwrap();
        assert_eq!(
            answers(&day)[2..],
            ["paid 50, 50 left", "paid 30, 20 left, at attempt 2", "balance 20"]
        );
        assert_eq!(
            at_the_store(&day)[2..],
            [
                ("compare-and-set 100 50", "written 50"),
                ("compare-and-set 100 70", "conflict 50"),
                ("compare-and-set 50 20", "written 20"),
            ]
        );
    }
}
