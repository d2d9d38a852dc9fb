//! "Add 1" over UDP: a client that tries again, and a server that recognises copies.
//!
//! A request has an id, and each attempt sends the same one. A server that executes each datagram
//! counts a request as often as it arrives. One with a [`Memory`] executes an id once, and answers
//! a copy with the reply of the first.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddrV4;
use std::num::NonZeroU32;
use std::time::Duration;

use internet::{Fault, Internet, Link, NodeId, Note, TopologyError, Udp, What, packet};
use trace::Trace;

use crate::attempts::Attempts;

/// How many calls the client makes, one after the other.
pub const CALLS: u64 = 20;

/// How many replies a server remembers.
pub const REMEMBERS: usize = 16;

/// How long a packet takes.
const DELAY: Duration = Duration::from_millis(20);

/// How the client tries: a reply takes 40 ms.
pub const ATTEMPTS: Attempts = Attempts {
    limit: NonZeroU32::new(8).expect("8 is not 0"),
    timeout: Duration::from_millis(100),
};

const PORT: u16 = 9000;

/// The replies to the last requests, by who asked and the request's id.
///
/// It holds at most `limit` replies: memory that any peer can fill must have a bound. A copy that
/// arrives after `limit` other requests is executed again.
#[derive(Clone, Debug)]
pub struct Memory {
    limit: usize,
    replies: BTreeMap<(SocketAddrV4, u64), Vec<u8>>,
    /// The same keys, the oldest first.
    order: VecDeque<(SocketAddrV4, u64)>,
}

impl Memory {
    /// An empty one.
    pub fn new(limit: usize) -> Memory {
        Memory { limit, replies: BTreeMap::new(), order: VecDeque::new() }
    }

    /// The reply to a request that is known, or the one that `execute` makes and this remembers.
    pub fn answer(
        &mut self,
        from: SocketAddrV4,
        id: u64,
        execute: impl FnOnce() -> Vec<u8>,
    ) -> Vec<u8> {
        if let Some(reply) = self.replies.get(&(from, id)) {
            return reply.clone();
        }
        let reply = execute();
        self.replies.insert((from, id), reply.clone());
        self.order.push_back((from, id));
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.replies.remove(&oldest);
        }
        debug_assert_eq!(self.order.len(), self.replies.len());
        reply
    }
}

/// What a server does with a request that it may have executed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// It executes it.
    ExecutesEach,
    /// It answers from its memory.
    Remembers,
}

/// A client, a server, and the link between them.
struct World {
    net: Internet,
    hosts: [NodeId; 2],
    client: Udp,
    server: Udp,
    count: u64,
    memory: Option<Memory>,
    /// How many requests arrived.
    arrived: u64,
}

impl World {
    fn new(server: Server, seed: u64, link: Link) -> Result<World, TopologyError> {
        let mut net = Internet::new(seed);
        let hosts = [net.host("client", "192.0.2.10")?, net.host("server", "203.0.113.80")?];
        net.link(hosts[0], hosts[1], Link { delay: DELAY, ..link })?;
        let (client, bound) = (net.udp_bind(hosts[0], 50_000), net.udp_bind(hosts[1], PORT));
        let memory = (server == Server::Remembers).then(|| Memory::new(REMEMBERS));
        Ok(World { net, hosts, client, server: bound, count: 0, memory, arrived: 0 })
    }

    /// Sends request `id` until its reply comes; `None` where the last timeout ends.
    fn call(&mut self, id: u64) -> Option<u64> {
        let to = SocketAddrV4::new(self.net.address(self.hosts[1]), PORT);
        for timeout in ATTEMPTS.timeouts() {
            self.net.send_to(self.client, to, &id.to_be_bytes());
            let until = self.net.now() + timeout;
            while self.net.step(until) {
                self.serve();
                if let Some(count) = self.reply_to(id) {
                    return Some(count);
                }
            }
        }
        None
    }

    /// The server answers what has arrived.
    fn serve(&mut self) {
        while let Some((from, request)) = self.net.receive(self.server) {
            let Some(id) = read(&request, 0) else { continue };
            self.arrived += 1;
            let mut add = || {
                self.count += 1;
                [id.to_be_bytes(), self.count.to_be_bytes()].concat()
            };
            let reply = match &mut self.memory {
                None => add(),
                Some(memory) => memory.answer(from, id, add),
            };
            self.net.send_to(self.server, from, &reply);
        }
    }

    /// What the reply to `id` says; replies to older requests are dropped.
    fn reply_to(&mut self, id: u64) -> Option<u64> {
        while let Some((_, reply)) = self.net.receive(self.client) {
            if read(&reply, 0) == Some(id) {
                return read(&reply, 1);
            }
        }
        None
    }

    fn sent(&self) -> u64 {
        let requests = |note: &&Note| note.what == What::Sent && note.from == self.hosts[0];
        self.net.record().notes.iter().filter(requests).count() as u64
    }
}

/// The number at this place of a message.
fn read(message: &[u8], place: usize) -> Option<u64> {
    Some(u64::from_be_bytes(*message.get(8 * place..)?.first_chunk()?))
}

/// What came of all calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// How many were answered.
    pub answered: u64,
    /// How many requests the client sent.
    pub sent: u64,
    /// How many the server received, copies included.
    pub arrived: u64,
    /// What the counter says in the end.
    pub count: u64,
}

/// Calls over a link that loses a fifth of the packets, each way, and copies a tenth.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn calls(server: Server, seed: u64) -> Result<Called, TopologyError> {
    let link = Link { lost: 200, duplicated: 100, ..Link::default() };
    let mut world = World::new(server, seed, link)?;
    // So nothing is in flight after a call.
    const { assert!(ATTEMPTS.timeout.as_nanos() > 2 * DELAY.as_nanos()) };
    let answered = (1..=CALLS).filter_map(|id| world.call(id)).count() as u64;
    let (sent, arrived, count) = (world.sent(), world.arrived, world.count);
    Ok(Called { answered, sent, arrived, count })
}

/// One call whose first reply is lost, as a diagram, and what the counter says then.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn reply_lost(server: Server) -> Result<(Trace, u64), TopologyError> {
    let mut world = World::new(server, 1, Link::default())?;
    world.net.fault(world.hosts[1], world.hosts[0], 1, Fault::Lose)?;
    world.call(1);
    let trace = world.net.record().trace(&world.hosts, |note| {
        let datagram = packet::udp(&note.packet.bytes);
        let message = datagram.map_or(&[][..], |datagram| datagram.payload());
        match (read(message, 0), read(message, 1)) {
            (Some(id), Some(count)) => format!("id {id}: count {count}"),
            (Some(id), None) => format!("id {id}: add 1"),
            _ => String::new(),
        }
    });
    Ok((trace, world.count))
}

/// What came of one call that no reply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What the client knows: how often it sent, and when it gave up.
    pub client: (u64, Duration),
    /// What the counter says.
    pub count: u64,
}

/// One call on a link that is cut from this moment on.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn cut_from(moment: Duration) -> Result<Unanswered, TopologyError> {
    let link = Link { cuts: vec![moment..Duration::MAX], ..Link::default() };
    let mut world = World::new(Server::Remembers, 1, link)?;
    let reply = world.call(1);
    debug_assert_eq!(reply, None, "the link carries no reply");
    Ok(Unanswered { client: (world.sent(), world.net.now()), count: world.count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_a_memory_each_request_is_executed_once() -> Result<(), TopologyError> {
        let mut gave_up = 0;
        for seed in 0..300 {
            let [each, once] = [Server::ExecutesEach, Server::Remembers]
                .map(|server| calls(server, seed).expect("a valid topology"));
            assert!(each.count > CALLS, "seed {seed}: {each:?}");
            assert!((once.answered..=CALLS).contains(&once.count), "seed {seed}: {once:?}");
            gave_up += CALLS - once.answered;
            // The same packets cross the link.
            assert_eq!((each.sent, each.arrived), (once.sent, once.arrived));
            assert_eq!(each.count, each.arrived);
        }
        assert!(gave_up < 20, "{gave_up}");
        Ok(())
    }

    #[test]
    fn a_lost_reply_counts_twice_or_once() -> Result<(), TopologyError> {
        assert_eq!(reply_lost(Server::ExecutesEach)?.1, 2);
        assert_eq!(reply_lost(Server::Remembers)?.1, 1);
        Ok(())
    }

    #[test]
    fn a_client_without_reply_cannot_know() -> Result<(), TopologyError> {
        let [before, after] = [0, 1].map(|ms| cut_from(Duration::from_millis(ms)));
        let (before, after) = (before?, after?);
        // 100 ms, and seven times twice as long.
        assert_eq!(before.client, (8, Duration::from_millis(25_500)));
        assert_eq!(before.client, after.client);
        assert_eq!((before.count, after.count), (0, 1));
        Ok(())
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let mut memory = Memory::new(3);
        let from = |port| SocketAddrV4::new([192, 0, 2, 10].into(), port);
        for id in 0..100 {
            assert_eq!(memory.answer(from(1), id, || vec![1]), [1]);
            assert!(memory.replies.len() <= 3);
        }
        // The last three are known, and not executed again.
        for id in 97..100 {
            assert_eq!(memory.answer(from(1), id, || vec![2]), [1]);
        }
        assert_eq!(memory.answer(from(1), 96, || vec![2]), [2]);
        // The same id of another client is another request.
        assert_eq!(memory.answer(from(2), 99, || vec![3]), [3]);
    }

    #[test]
    fn a_message_that_is_too_short_is_no_request() {
        assert_eq!(read(&[0; 7], 0), None);
        assert_eq!((read(&[0; 8], 0), read(&[0; 8], 1)), (Some(0), None));
    }
}
