//! "Topology doesn't change": a server that moves.

use std::net::Ipv4Addr;
use std::time::Duration;

use internet::TopologyError;

use crate::world::{SERVER, Service, World, ocean};

/// How many calls a client makes, one a second.
pub const CALLS: u32 = 60;

/// When the server moves.
pub const MOVES_AT: Duration = Duration::from_secs(10);

/// No call waits longer for an answer: two of them fit between two calls.
const TIMEOUT: Duration = Duration::from_millis(400);

/// Where the server moves to.
const NEW: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 90);

/// The server that knows where the server is.
const NAMES: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 53);

/// What a client does about addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// It looks the address up once, and keeps it.
    KeepsTheAddress,
    /// After a failure it looks the address up again, and tries once more.
    LooksUpAgain,
}

/// The server and its name server, which are right about where it is at each moment.
struct Site {
    moves_at: Option<Duration>,
    ttl: Duration,
}

impl Service for Site {
    fn reply(&mut self, now: Duration, at: Ipv4Addr, _: &[u8]) -> Option<Vec<u8>> {
        let has_moved = self.moves_at.is_some_and(|moved| now >= moved);
        let server = if has_moved { NEW } else { SERVER };
        if at == NAMES {
            let ttl = self.ttl.as_secs() as u32;
            return Some([server.octets(), ttl.to_be_bytes()].concat());
        }
        (at == server).then(|| b"hello".to_vec())
    }
}

/// What came of the calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// How many were answered.
    pub answered: u32,
    /// How many seconds after the move the first call began that was answered.
    pub healed_after: Option<u32>,
}

/// The client's resolver: it keeps an address as long as its record says.
struct Resolver {
    kept: Option<(Ipv4Addr, Duration)>,
}

impl Resolver {
    /// The address of the server, from memory or from the name server.
    fn look_up(&mut self, world: &mut World<Site>) -> Option<Ipv4Addr> {
        if let Some((address, until)) = self.kept
            && world.now() < until
        {
            return Some(address);
        }
        let record = world.call(NAMES, b"where?", TIMEOUT, |reply| reply.len() == 8)?;
        let (address, ttl) = record.split_first_chunk::<4>()?;
        let ttl = u32::from_be_bytes(*ttl.first_chunk()?);
        let until = world.now() + Duration::from_secs(ttl.into());
        self.kept = Some(((*address).into(), until));
        self.kept.map(|(address, _)| address)
    }
}

/// Calls the server once a second; it moves at `moves_at`, and its record may be kept for `ttl`.
///
/// # Errors
/// None: the link is valid.
pub fn call(
    client: Client,
    moves_at: Option<Duration>,
    ttl: Duration,
) -> Result<Called, TopologyError> {
    let site = Site { moves_at, ttl };
    let mut world = World::new(1, ocean(), &[SERVER, NEW, NAMES], site)?;
    let (mut resolver, mut called) = (Resolver { kept: None }, Called::default());
    let mut address = resolver.look_up(&mut world);
    for second in 0..CALLS {
        let begins = Duration::from_secs(second.into());
        world.run_until(begins);
        let mut is_answered = is_answered_at(&mut world, address);
        if !is_answered && client == Client::LooksUpAgain {
            address = resolver.look_up(&mut world);
            is_answered = is_answered_at(&mut world, address);
        }
        called.answered += u32::from(is_answered);
        if let Some(since) = moves_at.and_then(|moved| begins.checked_sub(moved))
            && is_answered
        {
            called.healed_after = called.healed_after.or(Some(since.as_secs() as u32));
        }
    }
    Ok(called)
}

fn is_answered_at(world: &mut World<Site>, address: Option<Ipv4Addr>) -> bool {
    let call = |address| world.call(address, b"hello?", TIMEOUT, |reply| reply == b"hello");
    address.and_then(call).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENTS: [Client; 2] = [Client::KeepsTheAddress, Client::LooksUpAgain];

    fn called(client: Client, moves_at: Option<Duration>, ttl: u64) -> (u32, Option<u32>) {
        let called = call(client, moves_at, Duration::from_secs(ttl)).expect("a valid link");
        (called.answered, called.healed_after)
    }

    #[test]
    fn while_the_server_stays_every_call_is_answered() {
        for client in CLIENTS {
            assert_eq!(called(client, None, 30), (CALLS, None));
        }
    }

    #[test]
    fn a_kept_address_fails_for_ever() {
        for ttl in [0, 5, 30] {
            assert_eq!(called(CLIENTS[0], Some(MOVES_AT), ttl), (10, None));
        }
    }

    #[test]
    fn a_record_is_kept_for_less_than_its_ttl() -> Result<(), TopologyError> {
        for (ttl, packets) in [(0, 4), (1, 2)] {
            let site = Site { moves_at: None, ttl: Duration::from_secs(ttl) };
            let mut world = World::new(1, ocean(), &[SERVER, NEW, NAMES], site)?;
            let mut resolver = Resolver { kept: None };
            // Twice at the same moment: with a TTL of 0 the second asks again (RFC 1035, 3.2.1).
            assert_eq!([(); 2].map(|()| resolver.look_up(&mut world)), [Some(SERVER); 2]);
            assert_eq!(world.packets(), packets, "TTL {ttl}");
        }
        Ok(())
    }

    #[test]
    fn a_look_up_heals_once_the_record_may_no_longer_be_kept() {
        for (ttl, answered, healed) in [
            (0, 60, Some(0)),
            (5, 60, Some(0)),
            (30, 40, Some(20)),
            (45, 25, Some(35)),
            (90, 10, None),
        ] {
            let seen = called(CLIENTS[1], Some(MOVES_AT), ttl);
            assert_eq!(seen, (answered, healed), "TTL {ttl}");
        }
    }
}
