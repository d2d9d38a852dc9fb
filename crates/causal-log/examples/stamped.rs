//! A service that stamps its own log: what `causal-log` reads needs no more than this.
//!
//! Each service keeps a vector clock, writes the stamp of each event into its line, sends it along
//! with each message, and takes over the stamp of a message before it logs the receipt. Prints the
//! log of shop, and then that of payment.

use std::io::{self, Write};

use common::clock::{ClockError, VectorClock};
use serde_json::{Value, json};

/// The services, which all of them know: entry i of a vector is of service i.
const SERVICES: [&str; 2] = ["payment", "shop"];

struct Service {
    name: &'static str,
    clock: VectorClock,
    log: Vec<String>,
}

impl Service {
    fn log(&mut self, event: &str) {
        self.clock.tick();
        self.line(json!({ "event": event }));
    }

    fn send(&mut self, event: &str, message: &str) -> Vec<u64> {
        let stamp = self.clock.send_timestamp().to_vec();
        self.line(json!({ "event": event, "sent": message }));
        stamp // goes with the message, in a header of the request
    }

    fn receive(&mut self, event: &str, message: &str, stamp: &[u64]) -> Result<(), ClockError> {
        self.clock.receive(stamp)?; // before the line: the receipt comes after the sending
        self.line(json!({ "event": event, "received": message }));
        Ok(())
    }

    fn line(&mut self, mut line: Value) {
        for (service, count) in SERVICES.iter().zip(self.clock.current()) {
            line["vector"][*service] = (*count).into();
        }
        line["service"] = self.name.into();
        self.log.push(line.to_string());
    }
}

fn service(number: usize) -> Result<Service, ClockError> {
    let clock = VectorClock::new(number, SERVICES.len())?;
    Ok(Service { name: SERVICES[number], clock, log: Vec::new() })
}

/// Shop charges a card, and payment refuses: the log of shop, and that of payment.
pub(crate) fn logs() -> Result<[Vec<String>; 2], ClockError> {
    let (mut payment, mut shop) = (service(0)?, service(1)?);
    shop.log("order 7 arrives");
    let stamp = shop.send("charge 40", "m1");
    payment.receive("charge 40", "m1", &stamp)?;
    let stamp = payment.send("refused", "m2");
    payment.log("15 cards waiting");
    shop.receive("refused", "m2", &stamp)?;
    shop.log("order 7 fails");
    Ok([shop.log, payment.log])
}

#[cfg_attr(test, expect(dead_code, reason = "the tests include this file, and call no main"))]
fn main() -> io::Result<()> {
    let logs = logs().map_err(io::Error::other)?;
    let mut out = io::stdout();
    logs.concat().iter().try_for_each(|line| writeln!(out, "{line}"))
}
