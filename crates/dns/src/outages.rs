//! One of two servers fails, in each way: virtual time.

use std::time::Duration;

use crate::caching::{NS1, NS2, distant_tree, look_up, resolver};
use crate::fault::Fault;
use crate::resolver::{Failure, Said};
use crate::walk::WEB;

/// What is tried, with its name in a table.
pub const FAULTS: [(Fault, &str); 7] = [
    (Fault::None, "is well"),
    (Fault::Silent, "is down"),
    (Fault::ServFail, "has failed inside"),
    (Fault::Lame, "has lost the zone"),
    (Fault::WrongId, "sends another id"),
    (Fault::OtherQuestion, "sends another question"),
    (Fault::Garbage, "sends garbage"),
];

/// A look-up in which the first server had a fault.
#[derive(Clone, Debug)]
pub struct Outage {
    /// The fault, in words.
    pub fault: &'static str,
    /// What came of asking the first server.
    pub first: Option<Failure>,
    /// How many datagrams from it were ignored.
    pub ignored: usize,
    /// The address that was found, or the error.
    pub answer: String,
    /// How long it took.
    pub took: Duration,
    /// How long the next look-up took, for another name of the zone.
    pub next_took: Duration,
}

/// ns1.example.com fails; ns2 does not. The servers of the zone are known already.
pub fn first_server_fails() -> Vec<Outage> {
    FAULTS.iter().map(|(fault, words)| outage(*fault, words)).collect()
}

fn outage(fault: Fault, words: &'static str) -> Outage {
    let mut resolver = resolver(distant_tree());
    look_up(&mut resolver, Duration::ZERO, "api.example.com");
    resolver.network.servers.entry(NS1).or_default().fault = fault;
    let found = look_up(&mut resolver, Duration::from_secs(1), WEB);
    let asked = resolver.exchanges.first();
    let first = asked.and_then(|exchange| match &exchange.said {
        Said::Failed(failure) => Some(failure.clone()),
        _ => None,
    });
    let ignored = asked.map_or(0, |exchange| exchange.ignored);
    let next = look_up(&mut resolver, Duration::from_secs(3), "printer.office.example.com");
    Outage {
        fault: words,
        first,
        ignored,
        answer: found.answer,
        took: found.took,
        next_took: next.took,
    }
}

/// Both servers are down; they are known already. What the look-up comes to, and how long that
/// takes.
pub fn both_down() -> (String, Duration) {
    let mut resolver = resolver(distant_tree());
    look_up(&mut resolver, Duration::ZERO, "api.example.com");
    for server in [NS1, NS2] {
        resolver.network.servers.entry(server).or_default().fault = Fault::Silent;
    }
    let found = look_up(&mut resolver, Duration::from_secs(1), WEB);
    (found.answer, found.took)
}
