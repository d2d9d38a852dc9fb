//! A network in virtual time: the servers are called, and the clock moves by what that would take.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::{Network, NetworkError};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::message::Over;

/// Servers by their addresses, and a clock.
#[derive(Clone, Debug, Default)]
pub struct Virtual {
    /// The servers. At any other address nothing answers.
    pub servers: BTreeMap<Ipv4Addr, Simulated>,
    now: Duration,
}

/// A server, and the network before it.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    /// Its zones.
    pub authority: Authority,
    /// What is wrong with it.
    pub fault: Fault,
    /// How long a request and its answer are on the way together.
    pub round_trip: Duration,
    /// Datagrams of an attacker, that reach the resolver before the answer to each request.
    pub forged: Vec<Vec<u8>>,
}

impl Virtual {
    /// Servers at these addresses, the clock at zero.
    pub fn new(servers: BTreeMap<Ipv4Addr, Simulated>) -> Virtual {
        Virtual { servers, now: Duration::ZERO }
    }

    /// Moves the clock to this moment, unless it is later already.
    pub fn wait_until(&mut self, moment: Duration) {
        self.now = self.now.max(moment);
    }
}

impl Network for Virtual {
    fn now(&self) -> Duration {
        self.now
    }

    fn exchange(
        &mut self,
        server: Ipv4Addr,
        message: &[u8],
        over: Over,
        timeout: Duration,
        is_answer: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Vec<u8>, NetworkError> {
        let start = self.now;
        self.now += timeout;
        let timed_out = Err(NetworkError::TimedOut(timeout));
        let Some(server) = self.servers.get(&server) else {
            return timed_out;
        };
        for forged in server.forged.iter().filter(|_| over == Over::Udp) {
            if is_answer(forged) {
                self.now = start + server.round_trip / 2;
                return Ok(forged.clone());
            }
        }
        let honest = server.authority.respond(message, over);
        let answer = honest.and_then(|answer| server.fault.alter(answer));
        // A connection takes a round trip of its own.
        let trips = if over == Over::Tcp { 2 } else { 1 };
        let takes = trips * server.round_trip + server.fault.delay();
        match answer.filter(|answer| takes <= timeout && is_answer(answer)) {
            Some(answer) => {
                self.now = start + takes;
                Ok(answer)
            }
            None => timed_out,
        }
    }
}
