//! Forged answers: which are believed, and how many it takes to guess one.
//!
//! An attacker who does not see the requests sends answers and hopes that one of them has the id
//! of a request that waits, and reaches its port. The first that fits is believed, and the true
//! one comes too late. All of it happens inside this program; nothing is sent.

use std::time::Duration;

use common::random::Rng;
use simple_dns::PacketFlag;

use crate::caching::{LookUp, NS1, distant_tree, look_up, name, resolver};
use crate::fault::{ATTACKER, Fault, VICTIM};
use crate::message::{Packet, Question};
use crate::record::{Data, Kind, Record};
use crate::walk::WEB;

/// What 16 bits of id can be.
pub const IDS: u64 = 1 << 16;

/// The ports from which Linux draws, unless a setting says otherwise: 32768 to 60999.
pub const PORTS: u64 = 28_232;

/// The TTL that the attacker writes: a week.
const WEEK: u32 = 7 * 86_400;

/// An answer that says that a name has the attacker's address.
pub fn forge(question: &Question, id: u16) -> Vec<u8> {
    let record = Record { name: question.name.clone(), ttl: WEEK, data: Data::A(ATTACKER) };
    let request = question.encode(id, false);
    let mut packet = Packet::parse(&request).expect("our own request is valid").into_reply();
    packet.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    *packet.opt_mut() = None;
    packet.answers.push(record.to_wire());
    packet.build_bytes_vec().expect("a message in memory can be written")
}

/// A look-up under attack.
#[derive(Clone, Debug)]
pub struct Race {
    /// How many forged answers came before the true one and were ignored.
    pub ignored: usize,
    /// What was found.
    pub found: LookUp,
    /// The same name an hour later.
    pub later: LookUp,
}

/// A hundred forged answers reach the resolver before the true one. The id of its request is the
/// hundredth, or not among them.
pub fn race(one_fits: bool) -> Race {
    let question = Question { name: name(WEB), kind: Kind::A };
    let mut resolver = resolver(distant_tree());
    // Draws the ids that the resolver will draw; an attacker cannot.
    let mut ids = crate::walk::draw_ids(1);
    let [_, _, third] = [(); 3].map(|()| ids());
    let first = if one_fits { third.wrapping_sub(99) } else { third.wrapping_add(1) };
    let guesses = (0..100).map(|guess| first.wrapping_add(guess));
    let forged = guesses.map(|id| forge(&question, id)).collect();
    resolver.network.servers.entry(NS1).or_default().forged = forged;
    let found = look_up(&mut resolver, Duration::ZERO, WEB);
    let ignored = resolver.exchanges.iter().map(|exchange| exchange.ignored).sum();
    resolver.network.servers.entry(NS1).or_default().forged.clear();
    let later = look_up(&mut resolver, Duration::from_secs(3600), WEB);
    Race { ignored, found, later }
}

/// A server of example.com adds to all its answers an address of a name in shop.com. Then a
/// resolver asks it for an alias of that name, and afterwards for the name itself.
pub fn out_of_zone() -> [LookUp; 2] {
    let mut resolver = resolver(distant_tree());
    resolver.network.servers.entry(NS1).or_default().fault = Fault::OtherZone;
    ["store.example.com", VICTIM].map(|name| look_up(&mut resolver, Duration::ZERO, name))
}

/// A fraction from 0 to 1, as a number of 2^-63. Integers are the same on every machine; `ln` and
/// `exp` are not.
type Fixed = u128;
const ONE: Fixed = 1 << 63;

/// An attack: in each look-up some forged answers come before the true one.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// From how many pairs of id and port each request is drawn.
    pub possibilities: u64,
    /// How many of them are tried in each look-up.
    pub forged: u64,
}

impl Attack {
    /// After how many look-ups the attacker has succeeded with a chance of a half: the least k for
    /// which (1 - forged / possibilities)^k is at most a half.
    pub fn even_chance(self) -> u64 {
        let Attack { possibilities, forged } = self;
        let fails = ONE * u128::from(possibilities - forged) / u128::from(possibilities);
        // By doubling, then by halves.
        let mut above = 1;
        while power(fails, above) > ONE / 2 {
            above *= 2;
        }
        let mut below = above / 2;
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            let half_reached = power(fails, middle) <= ONE / 2;
            *(if half_reached { &mut above } else { &mut below }) = middle;
        }
        above
    }

    /// The median of so many attacks, in look-ups: each draws its ids and ports anew.
    pub fn simulate(self, attacks: usize, seed: u64) -> u64 {
        let mut rng = Rng::from_seed(seed);
        let mut look_ups: Vec<u64> = (0..attacks)
            .map(|_| {
                // Which of them the attacker tries makes no difference; let it be the first ones.
                let mut tries = (1..).map(|k| (k, rng.below(self.possibilities) < self.forged));
                tries.find_map(|(k, hit)| hit.then_some(k)).expect("one hits in the end")
            })
            .collect();
        look_ups.sort_unstable();
        look_ups[attacks / 2]
    }
}

/// `base` to the power of `exponent`.
fn power(base: Fixed, exponent: u64) -> Fixed {
    let mut result = ONE;
    for bit in (0..64 - exponent.leading_zeros()).rev() {
        result = result * result / ONE;
        if exponent >> bit & 1 == 1 {
            result = result * base / ONE;
        }
    }
    result
}
